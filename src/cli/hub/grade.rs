//! `greengate-hub grade`: an officer's grade for a listing.

use std::process::ExitCode;

use super::Place;
use super::why::{self, Why};
use crate::cli::Failure;
use crate::cli::out::{put, say};
use crate::hub::Registry;
use crate::hub::grade::{self, Decision};
use crate::rules;

/// Grade a listing. Kiosks learn of it with the next release.
///
/// Of a listing that a rulebook assesses this is a person's word: red wins over the rulebook, yellow over its green, green
/// over its yellow as long as nothing else is found than now, and nothing over its red. `--lift` takes the word back.
///
/// Yellow needs the documents that would turn it green or a reason, red needs a reason; those from before are forgotten.
/// Codes of a red listing that were better turn red with it.
#[derive(Debug, clap::Args)]
pub struct Grade {
    /// The listing's number
    listing: u32,
    /// Its grade: green, yellow or red
    #[arg(value_name = "GRADE", value_parser = why::grade, required_unless_present = "lift")]
    becomes: Option<rules::code::Grade>,
    /// Take what was said of it back, so that the rulebook alone grades it
    #[arg(long, conflicts_with_all = ["becomes", "reason", "missing"])]
    lift: bool,
    /// The reason's number
    #[arg(long, value_name = "ID")]
    reason: Option<u32>,
    /// Numbers of the documents that are missing
    #[arg(long, value_name = "ID,ID", value_delimiter = ',')]
    missing: Vec<u32>,
    #[command(flatten)]
    why: Why,
}

impl Grade {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        let mut registry = Registry::open(&place.folder)?;
        let author = place.author(self.why.why);
        let listing = match self.becomes {
            Some(grade) => {
                let decision = Decision { grade, reason: self.reason, missing: self.missing };
                grade::grade(&mut registry, &author, self.listing, decision)?
            }
            None => grade::unsay(&mut registry, &author, self.listing)?,
        };
        if self.becomes.is_some_and(|said| said != listing.grade) {
            say(format_args!("the rulebook says otherwise; `greengate-hub assess {}` tells why", listing.id));
        }
        put(format_args!("listing {} is {}", listing.id, why::name(listing.grade)))?;
        Ok(ExitCode::SUCCESS)
    }
}
