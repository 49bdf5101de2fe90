//! Public registries: files of who holds which licence, as the registry published it, and those that are asked ([`ask()`]).
//!
//! A file's rows are kept and asked anew at every assessment, so that a document filed tomorrow is checked by today's file.

mod ask;
mod http;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use sha2::{Digest, Sha256};

pub use ask::{Adding, Heard, Which, add, ask};

use super::registry::{Licence, PaperKey};
use super::{Author, HubFault, Registry, WrongRow, document};
use crate::rules::credit_code::CreditCode;
use crate::rules::dossier::{Paper, Source, TEXT_LIMIT, is_name};

const COLUMNS: [&str; 4] = ["kind", "number", "holder", "state"];
/// Largest file, in bytes: a million licences take less.
const SIZE_LIMIT: u64 = 128 << 20;
/// Most wrong rows that are told.
const WRONG_LIMIT: usize = 20;

/// What was asked, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The registry's name.
    pub name: String,
    /// The date of its file.
    pub at: Date,
    /// How many days its confirmations count.
    pub days: u32,
}

/// Takes a registry's file in place of the one of before.
///
/// # Errors
/// The file cannot be read, rows are wrong, or it is older than the one of before; the database's.
pub fn import(registry: &mut Registry, author: &Author, asked: Asked, path: &Path) -> Result<Source, HubFault> {
    let Asked { name, at, days } = asked;
    if !is_name(&name) {
        let message = format!("`{name}` is no name; write 1 to 60 small letters, digits and hyphens");
        return Err(HubFault::Refused(message));
    }
    if at > document::date(author) {
        return Err(HubFault::Refused(format!("{at} has not come yet; write the date of the file")));
    }
    let bytes = read(path)?;
    let rows = rows(path, &bytes)?;
    let days: Span = i64::from(days).days();
    let until = at.checked_add(days).map_err(|error| HubFault::Refused(error.to_string()))?;
    let kinds: BTreeSet<String> = rows.iter().map(|row| row.kind.clone()).collect();
    if kinds.is_empty() {
        return Err(HubFault::Refused(format!("`{}` has no rows, so nothing would be genuine", path.display())));
    }
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let sha256 = Sha256::digest(&bytes).into();
    registry.change(author, |changes| {
        let known = changes.papers().sources()?;
        let before = known.iter().find(|source| source.name == name);
        if let Some(newer) = before.filter(|source| source.at > at) {
            let message = format!("the file of {} is here already; take a newer one than that", newer.at);
            return Err(HubFault::Refused(message));
        }
        if before.is_some_and(|source| source.asked.is_some()) {
            return Err(HubFault::Refused(format!("`{name}` is a registry that is asked; take another name")));
        }
        let id = before.map_or_else(|| changes.next_source(), |source| Ok(source.id))?;
        let source = Source { id, name, kinds, at, until, rows: count, sha256, asked: None };
        changes.put_licences(id, &rows)?;
        changes.put_paper(&Paper::Source(source.clone()))?;
        Ok(source)
    })
}

/// Removes a registry, and with it whatever it said: no listing is assessed by it any more. The history keeps its answers.
///
/// # Errors
/// There is none of this name; the database's.
pub fn remove(registry: &mut Registry, author: &Author, name: &str) -> Result<(), HubFault> {
    registry.change(author, |changes| {
        let known = changes.papers().sources()?;
        let none =
            || HubFault::Refused(format!("there is no registry `{name}`; `greengate-hub source list` tells them"));
        let id = known.iter().find(|source| source.name == name).ok_or_else(none)?.id;
        changes.stop_asking(id)?;
        changes.put_licences(id, &[])?;
        changes.drop_paper(PaperKey::Source(id)).map(drop)
    })
}

fn read(path: &Path) -> Result<Vec<u8>, HubFault> {
    use std::io::Read;
    let fault = |source| HubFault::file(path, "read", source);
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(fault)?.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(fault)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        let message = format!("`{}` is larger than {} MiB; split it by kinds", path.display(), SIZE_LIMIT >> 20);
        return Err(HubFault::Refused(message));
    }
    Ok(bytes)
}

fn rows(path: &Path, bytes: &[u8]) -> Result<Vec<Licence>, HubFault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(bytes);
    let (mut found, mut wrong, mut more) = (Vec::new(), Vec::new(), 0);
    let mut add = |line, column: &str, message: String| {
        if wrong.len() == WRONG_LIMIT {
            more += 1;
        } else {
            wrong.push(WrongRow { path: PathBuf::from(path), line, column: column.to_owned(), message });
        }
    };
    let mut cells = StringRecord::new();
    let mut is_header = true;
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut cells) {
            Ok(false) => break,
            Ok(true) => {}
            Err(_) => {
                add(line, "", "this is not UTF-8; save the file as `CSV UTF-8`".to_owned());
                break;
            }
        }
        let line = cells.position().map_or(line, csv::Position::line);
        if std::mem::take(&mut is_header) {
            if !cells.iter().eq(COLUMNS) {
                add(line, "", format!("the first line has to be `{}`", COLUMNS.join(",")));
                break;
            }
        } else if !cells.iter().all(str::is_empty) {
            match licence(&cells) {
                Ok(licence) => found.push(licence),
                Err((column, message)) => add(line, column, message),
            }
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(HubFault::Import { rows: wrong, more }) }
}

fn licence(cells: &StringRecord) -> Result<Licence, (&'static str, String)> {
    let mut cell = cells.iter();
    let [kind, number, holder, state] = [(); 4].map(|()| cell.next().unwrap_or_default());
    if cells.len() != COLUMNS.len() {
        return Err(("", format!("the row has {} cells and the header 4; quote a cell that has a comma", cells.len())));
    }
    if !is_name(kind) {
        return Err(("kind", format!("`{kind}` is no kind; write it as the rulebook does")));
    }
    if number.is_empty() || number.len() > TEXT_LIMIT {
        return Err(("number", format!("write 1 to {TEXT_LIMIT} bytes")));
    }
    let holder = match holder {
        "" => String::new(),
        code => CreditCode::try_from(code.to_owned()).map_err(|message| ("holder", message))?.into(),
    };
    let revoked = match state {
        "valid" => false,
        "revoked" => true,
        _ => return Err(("state", format!("`{state}` is neither `valid` nor `revoked`"))),
    };
    Ok(Licence { kind: kind.to_owned(), number: number.to_owned(), holder, revoked })
}
