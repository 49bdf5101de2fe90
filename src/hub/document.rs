//! Documents of a listing: filed, then accepted, refused or found to be revoked; and what a person saw who looked one up.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::checks::Part;
use super::{Author, Changes, HubFault, Registry, assess, files, grade, shown};
use crate::rules::dossier::Item;
use crate::rules::dossier::{Capture, Document, DocumentState, ITEMS_LIMIT, Paper, StoredFile, TEXT_LIMIT, is_name};

/// Documents are dated in China, which has one time zone.
pub(super) const OFFSET_HOURS: i8 = 8;

/// The date of a moment, as documents and rulebooks mean it.
#[must_use]
pub fn date(author: &Author) -> Date {
    date_at(author.at)
}

/// The date of a moment where documents are dated.
pub(super) fn date_at(at: Timestamp) -> Date {
    local(at).date()
}

/// Date and time of a moment where documents are dated.
pub(super) fn local(at: Timestamp) -> DateTime {
    jiff::tz::offset(OFFSET_HOURS).to_datetime(at)
}

/// What is filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// The listing.
    pub listing: u32,
    /// What it is, as the rulebook names it.
    pub kind: String,
    /// The number that its issuer gave it.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued: Date,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Inspection items of a report.
    pub items: Vec<Item>,
}

/// Files a document with its file, and gives it its number.
///
/// # Errors
/// There is no such listing, a part is wrong, or the file is none that is taken; the database's.
pub fn file(
    authority: &Path,
    registry: &mut Registry,
    author: &Author,
    filing: Filing,
    path: Option<&Path>,
) -> Result<Document, HubFault> {
    // What makes no sense is refused before its file is taken.
    let document = begun(filing, date(author))?;
    let whole = path.map(|path| files::read(authority, path)).transpose()?;
    registry.change(author, |changes| match whole {
        Some(whole) => {
            files::keep(authority, whole, |file| put_new(changes, Document { file: Some(file), ..document }))
        }
        None => put_new(changes, document),
    })
}

/// Without its number and its file, if it makes sense by itself.
pub(super) fn begun(filing: Filing, today: Date) -> Result<Document, HubFault> {
    let document = document_of(filing);
    check(&document, today).map_err(refused)?;
    Ok(document)
}

fn document_of(filing: Filing) -> Document {
    let Filing { listing, kind, number, issuer, issued, expires, items } = filing;
    let state = DocumentState::Filed;
    Document { id: 0, listing, kind, number, issuer, issued, expires, file: None, items, state, capture: None }
}

pub(super) fn put_new(changes: &mut Changes<'_>, document: Document) -> Result<Document, HubFault> {
    let document = Document { id: changes.next_document()?, ..document };
    changes.put_paper(&Paper::Document(document.clone()))?;
    Ok(document)
}

pub(super) fn refused((part, message): Part) -> HubFault {
    HubFault::Refused(format!("`{part}`: {message}"))
}

/// Whether a document makes sense by itself; else the part that does not, and what to write.
pub(super) fn check(document: &Document, today: Date) -> Result<(), Part> {
    let Document { kind, number, issuer, issued, expires, items, .. } = document;
    if !is_name(kind) {
        return Err((
            "kind",
            format!("`{kind}` is no kind; write it as the rulebook does, in small letters and hyphens"),
        ));
    }
    for (part, text) in [("number", number), ("issuer", issuer)] {
        check_line(text).map_err(|message| (part, message))?;
        if text.is_empty() {
            return Err((part, "it is empty; write what the document says".to_owned()));
        }
    }
    if *issued > today {
        return Err(("issued", format!("{issued} has not come yet; write the date of the document")));
    }
    if expires.is_some_and(|last| last < *issued) {
        return Err(("expires", format!("it ends before {issued}, when it was issued; write its last day")));
    }
    if items.len() > ITEMS_LIMIT {
        return Err(("items", format!("there are more than {ITEMS_LIMIT}; file a second report")));
    }
    for (at, item) in items.iter().enumerate() {
        let Item { item, method, limit, unit, .. } = item;
        if !is_name(item) {
            return Err((
                "item",
                format!("`{item}` is no item; write it as the rulebook does, in small letters and hyphens"),
            ));
        }
        if items[..at].iter().any(|other| other.item == *item) {
            return Err(("item", format!("`{item}` stands twice; write it once")));
        }
        for (part, text) in [("method", method), ("limit", limit), ("unit", unit)] {
            check_line(text).map_err(|message| (part, message))?;
        }
    }
    Ok(())
}

/// One line that is not too long.
pub(super) fn check_line(text: &str) -> Result<(), String> {
    if text.len() > TEXT_LIMIT {
        return Err(format!("it is longer than {TEXT_LIMIT} bytes; shorten it"));
    }
    if text.contains(char::is_control) {
        return Err("it has a line break or the like; write one line".to_owned());
    }
    Ok(())
}

/// Says what became of a document; the author's reason is why. One that was revoked and is refused is settled.
///
/// # Errors
/// There is no such document, or from where it stands nothing leads there ([`DocumentState::may_become`]); the database's.
pub fn judge(registry: &mut Registry, author: &Author, id: u32, state: DocumentState) -> Result<Document, HubFault> {
    registry.change(author, |changes| {
        let document = document(changes, id)?;
        let document = put_judged(changes, document, state)?;
        if assess::counts(&document.state) {
            grade::see(changes, document.listing)?;
        }
        Ok(document)
    })
}

/// The same of a document that a page showed, of which `digest` is the digest; its listing's grade follows.
///
/// # Errors
/// Those of [`judge`], or the document is another one by now.
pub(super) fn judge_shown(
    registry: &mut Registry,
    author: &Author,
    (id, digest): (u32, &str),
    state: DocumentState,
) -> Result<Document, HubFault> {
    registry.change(author, |changes| {
        let document = document(changes, id)?;
        shown::check(&document, digest)?;
        let document = put_judged(changes, document, state)?;
        assess::refresh(changes, document.listing)?;
        Ok(document)
    })
}

pub(super) fn put_judged(
    changes: &mut Changes<'_>,
    document: Document,
    state: DocumentState,
) -> Result<Document, HubFault> {
    let state = match (&document.state, state) {
        (DocumentState::Revoked(_), DocumentState::Refused(why)) => DocumentState::Settled(why),
        (_, state) => state,
    };
    if !document.state.may_become(&state) {
        return Err(HubFault::Refused(stays(&document)));
    }
    let document = Document { state, ..document };
    changes.put_paper(&Paper::Document(document.clone()))?;
    Ok(document)
}

/// Why a document stays what it is.
fn stays(Document { id, state, .. }: &Document) -> String {
    match state {
        DocumentState::Filed | DocumentState::Accepted | DocumentState::Refused(_) => {
            format!("document {id} cannot go back to where nobody has looked; refuse it, or have a new one filed")
        }
        DocumentState::Revoked(_) => {
            format!("document {id} was revoked; file the new one, and refuse this one when it is settled")
        }
        DocumentState::Settled(_) => format!("document {id} was revoked, and that is settled; judge the new one"),
        DocumentState::Replaced(by) => format!("document {by} was filed in place of document {id}; judge that one"),
    }
}

/// What a person saw who looked a document up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether it is there, as it was filed.
    pub genuine: bool,
    /// Where.
    pub source: String,
    /// The last day on which it counts.
    pub until: Date,
}

/// Keeps what a person saw, with the picture of the screen.
///
/// # Errors
/// There is no such document, the picture is none that is taken, or the last day is over; the database's.
pub fn capture(
    authority: &Path,
    registry: &mut Registry,
    author: &Author,
    id: u32,
    seen: Seen,
    screenshot: &Path,
) -> Result<Document, HubFault> {
    let Seen { genuine, source, until } = seen;
    let at = date(author);
    if until < at {
        return Err(HubFault::Refused(format!("{until} is over; say until when it counts")));
    }
    check_line(&source).map_err(HubFault::Refused)?;
    let whole = files::read(authority, screenshot)?;
    registry.change(author, |changes| {
        let mut document = document(changes, id)?;
        let who = author.who.clone();
        files::keep(authority, whole, |StoredFile { sha256: screenshot, .. }| {
            document.capture = Some(Capture { genuine, source, who, at, until, screenshot });
            changes.put_paper(&Paper::Document(document.clone()))?;
            Ok(document)
        })
    })
}

fn document(changes: &Changes<'_>, id: u32) -> Result<Document, HubFault> {
    let found = changes.papers().document(id)?;
    let missing = || HubFault::Refused(format!("there is no document {id}; `greengate-hub document list` has them"));
    found.ok_or_else(missing)
}
