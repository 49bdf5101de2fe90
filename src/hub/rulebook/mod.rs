//! Rulebooks: a folder of six tables that a quality officer writes in a spreadsheet, checked, tried, adopted.
//!
//! Cells are plain columns (least, most, days, names), not expressions: each cell has a meaning for every value, so no
//! rulebook fails while it assesses, and nobody has to read code to know what is asked.

mod check;
mod table;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Author, HubFault, Registry, WrongRow};
use crate::rules::assessment::Rulebook;
use crate::rules::dossier::{Adopted, Paper};
use crate::rules::text::Text;

/// The tables' files.
pub const TABLES: [&str; 6] =
    ["categories.csv", "kinds.csv", "documents.csv", "items.csv", "capacities.csv", "decisions.csv"];
/// Largest table, in bytes.
const SIZE_LIMIT: u64 = 1 << 20;
/// Most wrong rows that are told; the others are counted.
const WRONG_LIMIT: usize = 20;

/// A rulebook in a folder, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What it says.
    pub rulebook: Rulebook,
    tables: BTreeMap<String, String>,
}

/// Reads a rulebook from a folder.
///
/// # Errors
/// A table cannot be read, or rows are wrong.
pub fn read(folder: &Path) -> Result<Written, HubFault> {
    let mut tables = BTreeMap::new();
    for name in TABLES {
        tables.insert(name.to_owned(), text_of(&folder.join(name))?);
    }
    Ok(Written { rulebook: checked(folder, &tables)?, tables })
}

/// A rulebook that was adopted. It was checked then, but a newer program may ask for more.
pub(super) fn parsed(tables: &BTreeMap<String, String>) -> Result<Rulebook, HubFault> {
    checked(Path::new("adopted rulebook"), tables)
}

/// Adopts a rulebook: it holds from the next publish on. One that is the same as that which holds changes nothing.
///
/// # Errors
/// The database's.
pub fn adopt(registry: &mut Registry, author: &Author, written: &Written) -> Result<Adopted, HubFault> {
    registry.change(author, |changes| {
        if let Some(now) = changes.papers().rulebook(None)?.filter(|now| now.tables == written.tables) {
            return Ok(now);
        }
        let adopted = Adopted { version: changes.next_rulebook()?, tables: written.tables.clone() };
        changes.put_paper(&Paper::Rulebook(adopted.clone()))?;
        Ok(adopted)
    })
}

/// The rulebook that holds, or one of before, as it was written.
///
/// # Errors
/// There is none; the database's.
pub fn adopted(registry: &Registry, version: Option<u32>) -> Result<Adopted, HubFault> {
    let missing =
        || HubFault::Refused("there is no such rulebook; `greengate-hub rulebook adopt` takes one".to_owned());
    registry.papers().rulebook(version)?.ok_or_else(missing)
}

/// How the rulebook of this version names kinds of documents.
pub(super) fn document_names(registry: &Registry, version: Option<u32>) -> Result<BTreeMap<String, Text>, HubFault> {
    let adopted = version.map(|version| registry.papers().rulebook(Some(version))).transpose()?.flatten();
    adopted.map_or_else(|| Ok(BTreeMap::new()), |adopted| Ok(parsed(&adopted.tables)?.kinds))
}

fn checked(folder: &Path, tables: &BTreeMap<String, String>) -> Result<Rulebook, HubFault> {
    let mut wrong = Vec::new();
    let (rulebook, places) = table::read(tables, &mut wrong);
    if wrong.is_empty() {
        check::check(&rulebook, &places, &mut wrong);
    }
    if wrong.is_empty() {
        return Ok(rulebook);
    }
    let more = wrong.len().saturating_sub(WRONG_LIMIT) as u64;
    wrong.truncate(WRONG_LIMIT);
    let rows = wrong.into_iter().map(|row| WrongRow { path: folder.join(row.path), ..row }).collect();
    Err(HubFault::Rulebook { rows, more })
}

fn text_of(path: &Path) -> Result<String, HubFault> {
    let fault = |source| HubFault::file(path, "read", source);
    let mut bytes = Vec::new();
    File::open(path).map_err(fault)?.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(fault)?;
    let wrong = |line, message: &str| {
        let row = WrongRow { path: PathBuf::from(path), line, column: String::new(), message: message.to_owned() };
        HubFault::Rulebook { rows: vec![row], more: 0 }
    };
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(wrong(1, "the table is larger than 1 MiB; no officer reads so many rows"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count() as u64;
        wrong(line, "this is not UTF-8; save the file as `CSV UTF-8`")
    })?;
    Ok(text.trim_start_matches('\u{FEFF}').to_owned())
}
