//! `greengate-hub review`: what a review found, and how strictly a listing is reviewed from then on.

use std::process::ExitCode;

use super::Place;
use super::why::Why;
use crate::cli::Failure;
use crate::cli::out::put;
use crate::hub::{Registry, review};
use crate::rules::switching::Outcome;

/// Keep what a review of a listing found. Its level follows the switching rules of ISO 2859-1.
///
/// Two of five failed tighten, five passed in a row relax; five failed while tightened stop it; fifteen passed in a row
/// reduce. Tightened listings that the rulebook assesses are at most yellow, stopped ones red.
#[derive(Debug, clap::Args)]
pub struct Review {
    /// The listing's number
    listing: u32,
    /// What was found
    #[arg(value_enum)]
    found: Found,
    #[command(flatten)]
    why: Why,
}

/// What was found.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Found {
    /// An item was as it should be
    Passed,
    /// An item was not
    Failed,
    /// The cause of the failures is gone: a stopped listing is tightened
    Resumed,
    /// The supplier may do with no draw: a reduced listing skips
    Qualified,
    /// Production is not steady: a reduced or skipping listing is normal
    Irregular,
}

impl Review {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        let mut registry = Registry::open(&place.folder)?;
        let outcome = match self.found {
            Found::Passed => Outcome::Passed,
            Found::Failed => Outcome::Failed,
            Found::Resumed => Outcome::Resumed,
            Found::Qualified => Outcome::Qualified,
            Found::Irregular => Outcome::Irregular,
        };
        let state = review::review(&mut registry, &place.author(self.why.why), self.listing, outcome)?;
        put(format_args!("listing {} is at review level {}", self.listing, state.level.name()))?;
        Ok(ExitCode::SUCCESS)
    }
}
