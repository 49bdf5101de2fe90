//! `greengate-hub grade`: an officer's grade for a listing.

use std::process::ExitCode;

use super::Place;
use super::why::{self, Why};
use crate::cli::Failure;
use crate::cli::out::put;
use crate::hub::Registry;
use crate::hub::grade::{self, Decision};
use crate::rules;

/// Grade a listing. Kiosks learn of it with the next release.
///
/// Yellow needs the documents that would turn it green or a reason, red needs a reason; those from before are forgotten.
/// Codes of a red listing that were better turn red with it.
#[derive(Debug, clap::Args)]
pub struct Grade {
    /// The listing's number
    listing: u32,
    /// Its grade: green, yellow or red
    #[arg(value_name = "GRADE", value_parser = why::grade)]
    becomes: rules::code::Grade,
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
        let decision = Decision { grade: self.becomes, reason: self.reason, missing: self.missing };
        let listing = grade::grade(&mut registry, &place.author(self.why.why), self.listing, decision)?;
        put(format_args!("listing {} is {}", listing.id, why::name(listing.grade)))?;
        Ok(ExitCode::SUCCESS)
    }
}
