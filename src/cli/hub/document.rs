//! `greengate-hub document`: documents of a listing come in, are judged, and are looked up.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;
use jiff::civil::Date;

use super::Place;
use super::why::Why;
use crate::cli::Failure;
use crate::cli::out::put;
use crate::hub::Registry;
use crate::hub::document::{self, Filing, Seen};
use crate::hub::source::Which;
use crate::rules::amount::Measure;
use crate::rules::dossier::{self, DocumentState, Item};
use crate::rules::hex;

/// How long registries are asked about what was filed.
const ASKING: Duration = Duration::from_secs(10);
/// How much of a file's digest tells it from others.
const DIGEST_SHOWN: usize = 12;

/// File documents of listings, say what became of them, list them.
#[derive(Debug, Subcommand)]
pub enum Document {
    /// File a document: a PDF, JPEG or PNG of at most 10 MiB
    File(Box<FileIt>),
    /// List the documents of a listing, or all
    List {
        /// The listing's number
        listing: Option<u32>,
        /// As JSON, one document in each line
        #[arg(long)]
        json: bool,
    },
    /// Say that a document is what it says
    Accept(Judged),
    /// Say that a document is not what it should be; it counts for nothing then
    Refuse(Judged),
    /// Say that its issuer took a document back; listings that need it turn red
    Revoke(Judged),
    /// Keep that somebody looked a document up at its issuer and found it there
    Confirm(Captured),
    /// Keep that somebody looked a document up at its issuer and did not find it; listings that need it turn red
    Deny(Captured),
}

/// What is filed.
#[derive(Debug, clap::Args)]
pub struct FileIt {
    /// The listing's number
    listing: u32,
    /// The file
    file: PathBuf,
    /// What it is, as the rulebook names it
    #[arg(long)]
    kind: String,
    /// The number that its issuer gave it
    #[arg(long)]
    number: String,
    /// Who issued it; of a report, the laboratory
    #[arg(long)]
    issuer: String,
    /// When, like 2026-11-24
    #[arg(long, value_name = "DATE")]
    issued: Date,
    /// The last day on which it holds
    #[arg(long, value_name = "DATE")]
    expires: Option<Date>,
    /// An inspection item of a report: `lead=2.1 mg/kg`, `<` before a value below what the method can tell; repeat it for each
    #[arg(long = "item", value_name = "ITEM=VALUE UNIT", value_parser = item)]
    items: Vec<Item>,
    #[command(flatten)]
    why: Why,
}

/// Which document, and why.
#[derive(Debug, clap::Args)]
pub struct Judged {
    /// The document's number
    document: u32,
    #[command(flatten)]
    why: Why,
}

/// What somebody saw.
#[derive(Debug, clap::Args)]
pub struct Captured {
    /// The document's number
    document: u32,
    /// A picture of the screen: PNG, JPEG or PDF
    #[arg(long, value_name = "FILE")]
    screenshot: PathBuf,
    /// Where it was looked up
    #[arg(long, value_name = "PLACE")]
    source: String,
    /// The last day on which the answer counts
    #[arg(long, value_name = "DATE")]
    until: Date,
    #[command(flatten)]
    why: Why,
}

impl Document {
    pub(super) fn execute(self, place: &Place) -> Result<ExitCode, Failure> {
        let mut registry = Registry::open(&place.folder)?;
        match self {
            Self::File(filed) => {
                let FileIt { listing, file, kind, number, issuer, issued, expires, items, why } = *filed;
                let filing = Filing { listing, kind, number, issuer, issued, expires, items };
                let author = place.author(why.why);
                let document = document::file(&place.folder, &mut registry, &author, filing, Some(&file))?;
                put(told(&document))?;
                // That a registry does not answer is no fault of who files.
                super::source::ask(&mut registry, place, Which::Document(document.id), ASKING)?;
            }
            Self::List { listing, json } => {
                for document in registry.documents(listing)? {
                    if json {
                        put(serde_json::json!(document))?;
                    } else {
                        put(told(&document))?;
                    }
                }
            }
            Self::Accept(judged) => judge(&mut registry, place, judged, |_| DocumentState::Accepted)?,
            Self::Refuse(judged) => judge(&mut registry, place, judged, DocumentState::Refused)?,
            Self::Revoke(judged) => judge(&mut registry, place, judged, DocumentState::Revoked)?,
            Self::Confirm(captured) => capture(&mut registry, place, captured, true)?,
            Self::Deny(captured) => capture(&mut registry, place, captured, false)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn judge(
    registry: &mut Registry,
    place: &Place,
    judged: Judged,
    state: impl Fn(String) -> DocumentState,
) -> Result<(), Failure> {
    let why = judged.why.why;
    let document = document::judge(registry, &place.author(why.clone()), judged.document, state(why))?;
    Ok(put(told(&document))?)
}

fn capture(registry: &mut Registry, place: &Place, captured: Captured, genuine: bool) -> Result<(), Failure> {
    let Captured { document, screenshot, source, until, why } = captured;
    let seen = Seen { genuine, source, until };
    let author = place.author(why.why);
    let document = document::capture(&place.folder, registry, &author, document, seen, &screenshot)?;
    Ok(put(told(&document))?)
}

/// `document 7 of listing 1001: food-licence SC10633010001, 2025-03-01 to 2030-02-28, accepted, pdf 0f3a…`.
pub(super) fn told(document: &dossier::Document) -> String {
    let dossier::Document { id, listing, kind, number, issued, expires, file, items, state, capture, .. } = document;
    let last = expires.map(|last| format!(" to {last}")).unwrap_or_default();
    let state = match state {
        DocumentState::Filed => "filed".to_owned(),
        DocumentState::Accepted => "accepted".to_owned(),
        DocumentState::Refused(why) => format!("refused: {why}"),
        DocumentState::Revoked(why) => format!("revoked: {why}"),
        DocumentState::Settled(why) => format!("revoked and settled: {why}"),
        DocumentState::Replaced(by) => format!("replaced by document {by}"),
    };
    let mut told = format!("document {id} of listing {listing}: {kind} {number}, {issued}{last}, {state}");
    for item in items {
        told.extend([format!(", {} {} {}", item.item, item.value, item.unit)]);
    }
    if let Some(capture) = capture {
        let found = if capture.genuine { "confirmed" } else { "denied" };
        told.extend([format!(", {found} by {} until {}", capture.source, capture.until)]);
    }
    if let Some(file) = file {
        told.extend([format!(", {} {}", file.form.ending(), &hex::encode(&file.sha256)[..DIGEST_SHOWN])]);
    }
    super::history::harmless(&told)
}

fn item(text: &str) -> Result<Item, String> {
    let wrong = || format!("`{text}` is no item; write it like `lead=2.1 mg/kg`");
    let (name, rest) = text.split_once('=').ok_or_else(wrong)?;
    let (value, unit) = rest.trim().split_once(' ').ok_or_else(wrong)?;
    let value = Measure::try_from(value.to_owned())?;
    let (item, unit) = (name.trim().to_owned(), unit.trim().to_owned());
    Ok(Item { item, method: String::new(), limit: String::new(), value, unit })
}
