//! `greengate-hub revoke`: a listing or a label turns red.

use std::process::ExitCode;

use super::Place;
use super::why::Why;
use crate::cli::Failure;
use crate::cli::out::put;
use crate::hub::{Registry, grade};
use crate::rules::code::Grade;

/// Turn a listing red with every code of it, or one label. Kiosks learn of it with the next release.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    #[command(flatten)]
    what: What,
    /// The reason's number
    #[arg(long, value_name = "ID")]
    reason: u32,
    #[command(flatten)]
    why: Why,
}

/// A listing or a label.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// The listing's number
    pub listing: Option<u32>,
    /// A label's index instead
    #[arg(long, value_name = "INDEX")]
    pub label: Option<u32>,
}

impl Revoke {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        let mut registry = Registry::open(&place.folder)?;
        let author = place.author(self.why.why);
        if let Some(listing) = self.what.listing {
            grade::revoke(&mut registry, &author, listing, self.reason)?;
            put(format_args!("listing {listing} is red"))?;
        }
        if let Some(index) = self.what.label {
            grade::except(&mut registry, &author, &[index], Grade::Red, Some(self.reason))?;
            put(format_args!("label {index} is red"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
