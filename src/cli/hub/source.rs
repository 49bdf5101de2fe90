//! `greengate-hub source`: files of public registries, which licences are checked against.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use jiff::civil::Date;

use super::Place;
use super::why::Why;
use crate::cli::Failure;
use crate::cli::out::put;
use crate::hub::{Registry, source};
use crate::rules::dossier;

/// Import files of public registries, which licences are checked against.
#[derive(Debug, Subcommand)]
pub enum Source {
    /// Take a registry's file in place of the one of before
    ///
    /// A `.csv` file begins with `kind,number,holder,state`; `holder` is a unified social credit code or nothing, `state`
    /// is `valid` or `revoked`. The file is taken for complete: a document of one of its kinds that it does not list, or
    /// that it lists for another holder, is not genuine, and listings that need it turn red.
    Import {
        /// The registry's name
        name: String,
        /// The file
        file: PathBuf,
        /// The date of the file
        #[arg(long, value_name = "DATE")]
        at: Date,
        /// How many days its confirmations count
        #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3660))]
        days: u32,
        #[command(flatten)]
        why: Why,
    },
    /// List the registries
    List,
}

impl Source {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        let mut registry = Registry::open(&place.folder)?;
        match self {
            Self::Import { name, file, at, days, why } => {
                let author = place.author(why.why);
                let asked = source::Asked { name, at, days };
                put(told(&source::import(&mut registry, &author, asked, &file)?))?;
            }
            Self::List => {
                for source in registry.sources()? {
                    put(told(&source))?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// `nmpa: 12 rows of cosmetics-filing, asked on 2026-11-01, confirms until 2027-01-30`.
pub(super) fn told(source: &dossier::Source) -> String {
    let dossier::Source { name, kinds, at, until, rows, .. } = source;
    let kinds = kinds.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    super::history::harmless(&format!("{name}: {rows} rows of {kinds}, asked on {at}, confirms until {until}"))
}
