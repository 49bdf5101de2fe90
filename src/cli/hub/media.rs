//! What labels are printed on, and the words about them that `issue` and `reprint` share.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::history;
use super::output::{Output, Staged};
use crate::cli::out::say;
use crate::hub::sheet::{Drawing, LabelFace, Paper, Sheet, Size, draw};
use crate::hub::{Author, Batch, BatchLabel, HubFault, Resolution};

/// The most labels on paper at once, copies too: they are drawn in memory.
const PRINT_LIMIT: usize = 20_000;

/// What labels are printed on.
#[derive(Debug, clap::Args)]
pub struct Media {
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
    /// Writes labels where `output` says, under another name for now.
    pub fn stage(&self, output: &Output, batches: &[Batch]) -> Result<Staged, HubFault> {
        if output.is_list() {
            let lines = labels(batches).map(|(_, label)| format!("{},{}\n", label.index, label.text));
            return output.stage_list(&format!("index,text\n{}", lines.collect::<String>()));
        }
        output.stage(&self.pages(batches)?)
    }

    /// The pages that these labels fill.
    fn pages(&self, batches: &[Batch]) -> Result<Vec<Drawing>, HubFault> {
        let count = labels(batches).count() * usize::from(self.copies);
        if count > PRINT_LIMIT {
            let message = format!("{count} labels on paper are too many at once; ask for {PRINT_LIMIT} or fewer");
            return Err(HubFault::Refused(message));
        }
        let sheet = self.sheet();
        let size = sheet.map_or(self.size, |sheet| sheet.label_size());
        let mut drawn = Vec::with_capacity(count);
        for (batch, label) in labels(batches) {
            let drawing = draw(&LabelFace::new(batch, label), size, self.dpi)?;
            drawn.extend(std::iter::repeat_n(drawing, self.copies.into()));
        }
        Ok(match sheet {
            Some(sheet) => sheet.sheets(&drawn),
            None => drawn,
        })
    }

    fn sheet(&self) -> Option<Sheet> {
        let paper = if self.paper.as_deref()? == "letter" { Paper::Letter } else { Paper::A4 };
        Some(Sheet { paper, columns: self.columns, rows: self.rows, margin_mm: self.margin })
    }
}

/// Every label, with the batch that it is of.
fn labels(batches: &[Batch]) -> impl Iterator<Item = (&Batch, &BatchLabel)> {
    batches.iter().flat_map(|batch| batch.labels.iter().map(move |label| (batch, label)))
}

/// Tells which labels were written.
pub fn tell(batches: &[Batch], output: &Path) {
    for batch in batches {
        let (listing, Some((first, last))) = (&batch.listing, batch.labels.first().zip(batch.labels.last())) else {
            continue;
        };
        let missing = LabelFace::new(batch, first).missing();
        if !missing.is_empty() {
            let missing: String = missing.iter().collect();
            say(format_args!("warning: the font lacks `{missing}`; labels of listing {} have boxes there", listing.id));
        }
        let labels = history::labels(first.index, last.index);
        say(format_args!("{labels} of listing {} in `{}`", listing.id, output.display()));
    }
}

/// The date in Greenwich: checks are against a mistyped year, not against an expiry of last night.
pub fn day_of(author: &Author) -> Date {
    TimeZone::UTC.to_datetime(author.at).date()
}
