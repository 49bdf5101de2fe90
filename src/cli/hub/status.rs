//! `greengate-hub status`: what there is, what waits for a release, and what was last done with the keys.

use std::process::ExitCode;

use super::{Place, history};
use crate::cli::Failure;
use crate::cli::out::put;
use crate::hub::{Of, Registry};

/// Tell what there is, what waits for a release, and what was last done with the keys.
#[derive(Debug, clap::Args)]
pub struct Status {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let registry = Registry::open(&place.folder)?;
        let (records, pending, release) = (registry.counts()?, registry.pending()?, registry.newest_release()?);
        let keys = registry.history(Of::Keys)?.pop();
        if self.json {
            put(serde_json::json!({ "records": records, "pending": pending, "release": release, "keys": keys }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let rows = [
            ("suppliers", records.suppliers),
            ("listings", records.listings),
            ("reasons", records.reasons),
            ("blocks", records.blocks),
            ("exceptions", records.exceptions),
            ("label keys", records.keys),
            ("pending", pending),
        ];
        for (name, count) in rows {
            put(format_args!("{name:<11} {count}"))?;
        }
        let newest =
            release.map_or_else(|| "none".to_owned(), |newest| format!("{} of {}", newest.version, newest.issued));
        put(format_args!("{:<11} {newest}", "release"))?;
        if let Some(keys) = keys {
            put(format_args!("{:<11} {}", "keys", history::told(&keys, None)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
