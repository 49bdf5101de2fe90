//! `greengate-hub issue`: sign labels for a listing and write them ready to print.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::civil::Date;

use super::media::{self, Media};
use super::output::Output;
use super::passphrase::Secret;
use super::{Place, why};
use crate::cli::{Exit, Failure};
use crate::hub::{BATCH_LIMIT, LabelOrder, Registry, Serials, issue, label_key};

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
    /// Why, for the record
    #[arg(long, value_name = "TEXT", value_parser = why::why)]
    why: Option<String>,
    #[command(flatten)]
    media: Media,
    #[command(flatten)]
    secret: Secret,
}

impl Issue {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let output = Output::new(&self.output)?;
        let order = self.order()?;
        let mut registry = Registry::open(&place.folder)?;
        let key = label_key(&registry, &mut self.secret.keys(place), self.slot)?;
        let why = self.why.clone().unwrap_or_else(|| format!("issue labels of listing {}", self.listing));
        let author = place.author(why);
        let today = media::day_of(&author);
        // The file is written before the change is kept, and takes its name after it: neither is there without the other.
        let (batches, staged) = registry.change(&author, |changes| {
            let batches = [issue(changes, &key, &order, today)?];
            let staged = self.media.stage(&output, &batches)?;
            Ok((batches, staged))
        })?;
        staged.keep()?;
        media::tell(&batches, &self.output);
        Ok(ExitCode::SUCCESS)
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
    let mut text = String::new();
    File::open(file).and_then(|file| file.take(limit + 1).read_to_string(&mut text)).map_err(unread)?;
    if text.len() as u64 > limit {
        return Err(Failure::new(Exit::Data, format!("`{}` is larger than {limit} bytes", file.display())));
    }
    Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}
