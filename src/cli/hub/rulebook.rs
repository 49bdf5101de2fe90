//! `greengate-hub rulebook`: look whether a rulebook is right, what it would change, and let it hold.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use jiff::civil::Date;

use super::why::{self, Why};
use super::{Place, assess};
use crate::cli::Failure;
use crate::cli::out::{counted, put};
use crate::hub::{Registry, assess as hub, rulebook};
use crate::rules::assessment::Asks;

/// Check, try, adopt and show rulebooks: folders of tables that say what is asked of a category and what follows.
#[derive(Debug, Subcommand)]
pub enum Rulebook {
    /// Tell what is wrong with a rulebook, by table, line and column
    Check {
        /// The folder with its tables
        #[arg(value_name = "TABLES")]
        tables: PathBuf,
    },
    /// Tell which grades a rulebook would change, and change nothing
    Try {
        /// The folder with its tables
        #[arg(value_name = "TABLES")]
        tables: PathBuf,
        /// On this date instead of today
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
    /// Let a rulebook hold from the next publish on
    Adopt {
        /// The folder with its tables
        #[arg(value_name = "TABLES")]
        tables: PathBuf,
        #[command(flatten)]
        why: Why,
    },
    /// Print the rulebook that holds, as it was written
    Show {
        /// An older version
        #[arg(long, value_name = "N")]
        version: Option<u32>,
    },
}

impl Rulebook {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        match self {
            Self::Check { tables } => {
                let rulebook = rulebook::read(&tables)?.rulebook;
                let count = |is: fn(&Asks) -> bool| rulebook.rules.iter().filter(|rule| is(&rule.asks)).count();
                let categories = match rulebook.categories.len() {
                    1 => "1 category asks".to_owned(),
                    many => format!("{many} categories ask"),
                };
                let documents = counted(count(|asks| matches!(asks, Asks::Document(_))), "document");
                let items = counted(count(|asks| matches!(asks, Asks::Item(_))), "item");
                let capacities = match count(|asks| matches!(asks, Asks::Capacity(_))) {
                    1 => "1 capacity".to_owned(),
                    many => format!("{many} capacities"),
                };
                let decisions = counted(rulebook.decisions.len(), "decision");
                put(format_args!("{categories} for {documents}, {items}, {capacities}; {decisions}"))?;
            }
            Self::Try { tables, on } => try_it(place, &tables, on)?,
            Self::Adopt { tables, why } => {
                let written = rulebook::read(&tables)?;
                let mut registry = Registry::open(&place.folder)?;
                let adopted = rulebook::adopt(&mut registry, &place.author(why.why), &written)?;
                put(format_args!("rulebook {} holds from the next publish on", adopted.version))?;
            }
            Self::Show { version } => {
                let adopted = rulebook::adopted(&Registry::open(&place.folder)?, version)?;
                put(format_args!("# rulebook {}", adopted.version))?;
                for name in rulebook::TABLES {
                    let table = adopted.tables.get(name).map(String::as_str).unwrap_or_default();
                    put(format_args!("\n# {name}\n{}", table.trim_end()))?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn try_it(place: &Place, tables: &std::path::Path, on: Option<Date>) -> Result<(), Failure> {
    let new = rulebook::read(tables)?.rulebook;
    let registry = Registry::open(&place.folder)?;
    let today = on.unwrap_or_else(|| hub::today(&place.author("")));
    let (assessed, changed) = hub::compare(&registry, &new, today)?;
    for difference in &changed {
        let (before, after) = (why::name(difference.before), why::name(difference.after.standing.grade));
        let decided = assess::decided(&difference.after.assessment);
        put(format_args!("listing {}: {before} → {after}  {decided}", difference.listing))?;
    }
    put(format_args!("{} of {} would change", changed.len(), counted(assessed, "listing")))?;
    Ok(())
}
