//! `greengate-hub history`: who changed a listing or a label, when and why.

use std::process::ExitCode;

use super::revoke::What;
use super::{Place, why};
use crate::cli::out::{put, say};
use crate::cli::{Exit, Failure};
use crate::hub::{Change, Registry};
use crate::rules::code::Grade;
use crate::rules::record::{Record, RecordKey};

/// Tell who changed a listing or a label, when and why; the oldest change comes first.
#[derive(Debug, clap::Args)]
pub struct History {
    #[command(flatten)]
    what: What,
    /// As JSON, one change in each line, with the whole record
    #[arg(long)]
    json: bool,
}

impl History {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let registry = Registry::open(&place.folder)?;
        let label = self.what.label.map(RecordKey::Exception);
        let Some(key) = self.what.listing.map(RecordKey::Listing).or(label) else {
            return Err(Failure::new(Exit::Usage, "name a listing, or a label with `--label`"));
        };
        let changes = registry.history(Some(key))?;
        if let Some(index) = self.what.label {
            of_label(&registry, index)?;
        } else if changes.is_empty() {
            return Err(Failure::new(
                Exit::Data,
                "there never was such a listing; `greengate-hub status` counts those that are",
            ));
        }
        for change in &changes {
            if self.json {
                put(serde_json::json!(change))?;
            } else {
                put(told(change)?)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Whose label it is, as a remark.
fn of_label(registry: &Registry, index: u32) -> Result<(), Failure> {
    match registry.block_of(index)? {
        Some(block) => say(format_args!("label {index} is of listing {}", block.listing)),
        None => say(format_args!("label {index} belongs to no listing")),
    }
    Ok(())
}

/// `2026-11-24T01:00:00Z  mei  red, reason 20  failed a laboratory's check`.
fn told(change: &Change) -> Result<String, Failure> {
    let record = change.record.as_deref().map(serde_json::from_str).transpose();
    let record = record.map_err(|error| Failure::new(Exit::Software, format!("change {}: {error}", change.seq)))?;
    let standing = match record {
        Some(Record::Listing(listing)) => standing(listing.grade, listing.reason, &listing.missing),
        Some(Record::Exception(own)) => standing(own.grade, own.reason, &[]),
        Some(_) | None => "lifted".to_owned(),
    };
    Ok(harmless(&format!("{}  {}  {standing}  {}", change.at, change.who, change.why)))
}

fn standing(grade: Grade, reason: Option<u32>, missing: &[u32]) -> String {
    let mut told = why::name(grade).to_owned();
    if let Some(reason) = reason {
        told.extend([", reason ".to_owned(), reason.to_string()]);
    }
    if !missing.is_empty() {
        let missing: Vec<String> = missing.iter().map(u32::to_string).collect();
        told.extend([", missing ".to_owned(), missing.join(",")]);
    }
    told
}

/// Without characters that move a terminal's cursor.
fn harmless(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}
