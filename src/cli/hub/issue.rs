//! `greengate-hub issue`: sign labels for a listing and write them ready to print.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Place;
use super::output::{Output, Staged};
use super::passphrase::Secret;
use crate::cli::out::say;
use crate::cli::{Exit, Failure};
use crate::hub::sheet::{Drawing, LabelFace, Paper, Sheet, Size, draw};
use crate::hub::{BATCH_LIMIT, Batch, HubFault, LabelOrder, Registry, Resolution, Serials, Unreadable};
use crate::hub::{issue, label_key};

/// The largest file of serials, in bytes.
const SERIALS_LIMIT: u64 = 1 << 20;

/// Sign labels for a listing and write them ready to print.
///
/// With serials there is a label for each item; without, one for the lot, or for the product. Nothing is issued if the
/// file cannot be written.
#[derive(Debug, clap::Args)]
pub struct Issue {
    /// The listing's number
    listing: u32,
    /// Where the labels lead: a host name, and a port if it needs one
    #[arg(long, value_name = "HOST")]
    host: String,
    /// `FILE.pdf`, `.svg`, `.png`, `.csv`, or a folder for a picture of each label
    #[arg(short, long, value_name = "FILE|FOLDER")]
    output: PathBuf,
    /// The lot that the labels are for
    #[arg(long, value_name = "LOT")]
    lot: Option<String>,
    /// The goods' last good day
    #[arg(long, value_name = "YYYY-MM-DD")]
    expiry: Option<Date>,
    /// The labels' own last valid day [default: no end]
    #[arg(long, value_name = "YYYY-MM-DD")]
    valid_until: Option<Date>,
    /// Labels for so many items, their serials numbered on
    #[arg(long, value_name = "N", conflicts_with = "serials", value_parser = clap::value_parser!(u32).range(1..=i64::from(BATCH_LIMIT)))]
    count: Option<u32>,
    /// What numbered serials begin with
    #[arg(long, value_name = "PREFIX", default_value = "S-", conflicts_with = "serials")]
    prefix: String,
    /// Labels for the items with these serials: a text file, one a line
    #[arg(long, value_name = "FILE")]
    serials: Option<PathBuf>,
    /// The key to sign with [default: the newest one that is not cut off]
    #[arg(long, value_name = "SLOT")]
    slot: Option<u16>,
    #[command(flatten)]
    media: Media,
    #[command(flatten)]
    secret: Secret,
}

/// What labels are printed on.
#[derive(Debug, clap::Args)]
struct Media {
    /// A label printer's labels, one a page
    #[arg(long, value_name = "WxHmm", default_value = "50x30mm", conflicts_with = "paper")]
    size: Size,
    /// Sheets for an office printer
    #[arg(long, value_name = "PAPER", value_parser = ["a4", "letter"])]
    paper: Option<String>,
    /// Labels beside each other on a sheet
    #[arg(long, value_name = "N", default_value_t = 3, requires = "paper", value_parser = clap::value_parser!(u16).range(1..=20))]
    columns: u16,
    /// Labels below each other on a sheet
    #[arg(long, value_name = "N", default_value_t = 8, requires = "paper", value_parser = clap::value_parser!(u16).range(1..=40))]
    rows: u16,
    /// White around a sheet in millimetres; marks to cut along need 9.5
    #[arg(long, value_name = "MM", default_value_t = 10.0, requires = "paper", value_parser = margin)]
    margin: f32,
    /// Each label so many times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    copies: u16,
    /// The printer's resolution: 203, 300 or 600
    #[arg(long, value_name = "N", default_value = "300")]
    dpi: Resolution,
}

fn margin(text: &str) -> Result<f32, String> {
    let mm = text.parse().ok().filter(|mm| (0.0..=50.0).contains(mm));
    mm.ok_or_else(|| format!("`{text}` is not a margin of 0 to 50 mm"))
}

impl Media {
    /// The pages that these labels fill.
    fn pages(&self, batch: &Batch) -> Result<Vec<Drawing>, Unreadable> {
        let sheet = self.sheet();
        let size = sheet.map_or(self.size, |sheet| sheet.label_size());
        let mut labels = Vec::with_capacity(batch.labels.len());
        for label in &batch.labels {
            let drawing = draw(&LabelFace::new(batch, label), size, self.dpi)?;
            labels.extend(std::iter::repeat_n(drawing, self.copies.into()));
        }
        Ok(sheet.map_or_else(|| labels.clone(), |sheet| sheet.sheets(&labels)))
    }

    fn sheet(&self) -> Option<Sheet> {
        let paper = if self.paper.as_deref()? == "letter" { Paper::Letter } else { Paper::A4 };
        Some(Sheet { paper, columns: self.columns, rows: self.rows, margin_mm: self.margin })
    }
}

impl Issue {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let output = Output::new(&self.output)?;
        let order = self.order()?;
        let mut registry = Registry::open(&place.folder)?;
        let key = label_key(&registry, &mut self.secret.keys(place), self.slot)?;
        let author = place.author(format!("issue labels of listing {}", self.listing));
        // The date in Greenwich: the check is against a mistyped year, not against an expiry of last night.
        let today = TimeZone::UTC.to_datetime(author.at).date();
        // The file is written before the change is kept, and takes its name after it: neither is there without the other.
        let (batch, staged) = registry.change(&author, |changes| {
            let batch = issue(changes, &key, &order, today)?;
            let staged = self.stage(&output, &batch)?;
            Ok((batch, staged))
        })?;
        staged.keep()?;
        say(format_args!("{} of listing {} in `{}`", in_words(&batch), self.listing, self.output.display()));
        Ok(ExitCode::SUCCESS)
    }

    fn stage(&self, output: &Output, batch: &Batch) -> Result<Staged, HubFault> {
        if output.is_list() {
            let lines = batch.labels.iter().map(|label| format!("{},{}\n", label.index, label.text));
            return output.stage_list(&format!("index,text\n{}", lines.collect::<String>()));
        }
        output.stage(&self.media.pages(batch)?)
    }

    fn order(&self) -> Result<LabelOrder, Failure> {
        let serials = match (&self.serials, self.count) {
            (Some(file), _) => Serials::Given(serials(file)?),
            (None, Some(count)) => Serials::Next { prefix: self.prefix.clone(), count },
            (None, None) => Serials::None,
        };
        let (lot, host) = (self.lot.clone(), self.host.clone());
        let (expiry, valid_until) = (self.expiry, self.valid_until);
        Ok(LabelOrder { listing: self.listing, lot, expiry, valid_until, serials, host })
    }
}

/// The lines of a file that are not empty.
fn serials(file: &Path) -> Result<Vec<String>, Failure> {
    let text = text_of(file, SERIALS_LIMIT)?;
    let serials: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if serials.is_empty() {
        return Err(Failure::new(Exit::Data, format!("`{}` has no serials; write one a line", file.display())));
    }
    Ok(serials)
}

/// A text file of at most `limit` bytes.
pub(super) fn text_of(file: &Path, limit: u64) -> Result<String, Failure> {
    let unread =
        |error: std::io::Error| Failure::new(Exit::NoInput, format!("`{}` cannot be read: {error}", file.display()));
    if std::fs::metadata(file).map_err(unread)?.len() > limit {
        return Err(Failure::new(Exit::Data, format!("`{}` is larger than {limit} bytes", file.display())));
    }
    let text = std::fs::read_to_string(file).map_err(unread)?;
    Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}

fn in_words(batch: &Batch) -> String {
    match batch.labels.as_slice() {
        [] => "no label".to_owned(),
        [only] => format!("label {}", only.index),
        [first, .., last] => format!("labels {} to {}", first.index, last.index),
    }
}
