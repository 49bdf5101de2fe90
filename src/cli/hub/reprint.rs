//! `greengate-hub reprint`: write labels that were issued once more.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Place;
use super::media::{self, Media};
use super::output::Output;
use super::why::Why;
use crate::cli::{Exit, Failure};
use crate::hub::{Again, Registry, reprint};

/// Write labels that were issued once more, ready to print: a printer jammed, a sheet was lost.
///
/// They are as they were, with the same signature and the names of that day, and no label key is needed. Labels that a
/// kiosk would not let in any more are refused.
#[derive(Debug, clap::Args)]
pub struct Reprint {
    #[command(flatten)]
    which: Which,
    /// `FILE.pdf`, `.svg`, `.png`, `.csv`, or a folder for a picture of each label
    #[arg(short, long, value_name = "FILE|FOLDER")]
    output: PathBuf,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    media: Media,
}

/// Which labels.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// A label's index, or `FIRST..LAST`
    #[arg(value_name = "INDEXES", value_parser = indexes)]
    indexes: Option<Again>,
    /// All labels of a listing instead
    #[arg(long, value_name = "ID")]
    listing: Option<u32>,
}

fn indexes(text: &str) -> Result<Again, String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let range = first.parse().ok().zip(last.parse().ok()).filter(|(first, last): &(u32, u32)| first <= last);
    let wrong = || format!("`{text}` names no labels; write an index like `7`, or `7..9`");
    range.map(|(first, last)| Again::Indexes(first..=last)).ok_or_else(wrong)
}

impl Reprint {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        let output = Output::new(&self.output)?;
        let Some(again) = self.which.indexes.or(self.which.listing.map(Again::Listing)) else {
            return Err(Failure::new(Exit::Usage, "name labels by their indexes, or `--listing`"));
        };
        let mut registry = Registry::open(&place.folder)?;
        let author = place.author(self.why.why);
        let today = media::day_of(&author);
        let (batches, staged) = registry.change(&author, |changes| {
            let batches = reprint(changes, &again, today)?;
            let staged = self.media.stage(&output, &batches)?;
            Ok((batches, staged))
        })?;
        staged.keep()?;
        media::tell(&batches, &self.output);
        Ok(ExitCode::SUCCESS)
    }
}
