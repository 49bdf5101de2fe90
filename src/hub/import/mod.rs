//! Suppliers, reasons, listings and policy come in from files: all of them, or none.
//!
//! A file is CSV with a header row, as spreadsheets write it, or JSON Lines of records. Every wrong row is told with its
//! place and what to write instead. What is the same already changes nothing, so a file may be imported again.

mod columns;
mod json_lines;
mod slips;
mod table;

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::checks::{Part, check_text, shown};
use super::grade::{self, Contradiction};
use super::registry::place;
use super::{Author, Changes, HubFault, Registry, WrongRow};
use crate::rules::code::Grade;
use crate::rules::record::{Listing, Record, RecordKey};
use crate::rules::text::Text;

use json_lines::JsonLines;
use slips::Slip;
pub(super) use table::Piece;
use table::Table;

/// Largest file, in bytes: a million listings take a fifth of it.
const FILE_LIMIT: u64 = 1 << 30;
/// Longest row, in bytes.
const ROW_LIMIT: u64 = 64 << 10;
/// Most wrong rows that are told; the others are counted.
const WRONG_LIMIT: usize = 20;
/// How many rows pass between two reports of progress.
const PROGRESS_STEP: u64 = 1 << 10;

/// What came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that were read.
    pub rows: u64,
    /// Records that are not as before.
    pub changed: u64,
}

/// What is red may become better only if a person says so: an old file must not undo a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Red {
    /// A row that makes it better is wrong.
    Stays,
    /// A row may make it better.
    MayBeLifted,
}

/// Imports `files` in an order in which their records name each other; `progress` is told how many bytes are done.
///
/// # Errors
/// A file cannot be read, or rows are wrong; nothing was changed.
pub fn import(
    registry: &mut Registry,
    author: &Author,
    files: &[PathBuf],
    red: Red,
    progress: &mut dyn FnMut(u64),
) -> Result<Imported, HubFault> {
    let mut sources = files.iter().map(|path| Source::open(path)).collect::<Result<Vec<_>, _>>()?;
    sources.sort_by_key(Source::rank);
    let paths: Vec<PathBuf> = sources.iter().map(|source| source.path.clone()).collect();
    registry.change(author, |changes| {
        let mut import = Import { changes, red, paths, seen: HashMap::new(), rows: 0, wrong: Vec::new(), more: 0 };
        let mut done = 0;
        for (file, source) in sources.iter_mut().enumerate() {
            import.file(file, source, &mut |position| progress(done + position))?;
            done += source.position();
        }
        import.finish()
    })
}

/// One import on its way into one transaction.
struct Import<'a, 'b> {
    changes: &'a mut Changes<'b>,
    red: Red,
    paths: Vec<PathBuf>,
    /// File and line in which each record stood.
    seen: HashMap<(u8, u32, String), (usize, u64)>,
    rows: u64,
    wrong: Vec<WrongRow>,
    more: u64,
}

impl Import<'_, '_> {
    fn file(&mut self, file: usize, source: &mut Source, progress: &mut dyn FnMut(u64)) -> Result<(), HubFault> {
        while let Some(row) = source.next()? {
            let Row { line, entry } = row;
            let here = (file, line);
            let done = match entry {
                Ok(Entry::Record(record)) => self.row(here, &record)?,
                Ok(Entry::Slip(slip)) => match self.is_first(here, slip.place(), slip.column()) {
                    Ok(()) => slip.put(self.changes)?,
                    Err(wrong) => Err(wrong),
                },
                Err(wrong) => Err(wrong),
            };
            if let Err(wrong) = done {
                self.wrong(file, line, wrong);
            }
            self.rows += 1;
            if self.rows.is_multiple_of(PROGRESS_STEP) {
                progress(source.position());
            }
        }
        Ok(())
    }

    /// Outside is what ends the import, inside what is wrong with the row.
    fn row(&mut self, here: (usize, u64), record: &Record) -> Result<Result<(), Wrong>, HubFault> {
        let (kind, key) = place(record);
        let place = (kind, key, String::new());
        if let Err(wrong) = check(record).and_then(|()| self.is_first(here, place, column_of_key(record))) {
            return Ok(Err(wrong));
        }
        if let Some(wrong) = self.lifted(record)? {
            return Ok(Err(wrong));
        }
        let put = match record {
            Record::Listing(listing) => grade::import_listing(self.changes, listing, self.red == Red::MayBeLifted),
            Record::Exception(exception) => grade::put_exception(self.changes, exception),
            Record::Block(block) => {
                // Kiosks refuse a list whose labels are of a listing that is not in it.
                self.changes.put(record).and_then(|()| grade::see(self.changes, block.listing))
            }
            Record::Supplier(_) | Record::Reason(_) | Record::Key(_) | Record::Policy(_) => self.changes.put(record),
        };
        match put {
            Err(HubFault::Refused(message)) => {
                // A listing that names nothing that is not there is the second one of its product.
                let second = matches!(record, Record::Listing(_)).then_some("gtin");
                let column = self.dangling(record)?.or(second).unwrap_or_default();
                Ok(Err(Wrong::new(column, message)))
            }
            other => other.map(Ok),
        }
    }

    /// A record that stands twice would be another one after each import.
    fn is_first(&mut self, here: (usize, u64), place: (u8, u32, String), column: &str) -> Result<(), Wrong> {
        let Some((file, line)) = self.seen.insert(place, here) else { return Ok(()) };
        let path = if file == here.0 { String::new() } else { format!("`{}` ", self.paths[file].display()) };
        let message = format!("this is in {path}line {line} already; remove one of them");
        Err(Wrong::new(column, message))
    }

    /// A red listing or code that the row would make better.
    fn lifted(&self, record: &Record) -> Result<Option<Wrong>, HubFault> {
        let (new, now, what) = match record {
            _ if self.red == Red::MayBeLifted => return Ok(None),
            // What the rulebook assesses, or a person said of it, no file's grade undoes.
            Record::Listing(listing) if self.changes.papers().product(listing.id)?.is_some() => return Ok(None),
            Record::Listing(listing) if listing.grade != Grade::Red => {
                let now = self.changes.record(Some(RecordKey::Listing(listing.id)))?;
                let now = now.and_then(|now| if let Record::Listing(now) = now { Some(now.grade) } else { None });
                (listing.grade, now, format!("listing {}", listing.id))
            }
            Record::Exception(own) if own.grade != Grade::Red => {
                (own.grade, grade::own_grade(self.changes, own.index)?, format!("label {}", own.index))
            }
            Record::Listing(_)
            | Record::Exception(_)
            | Record::Supplier(_)
            | Record::Reason(_)
            | Record::Block(_)
            | Record::Key(_)
            | Record::Policy(_) => return Ok(None),
        };
        let lifted = now == Some(Grade::Red) && new != Grade::Red;
        let message = format!("{what} was turned red; leave it red, or import with `--lift-red`");
        Ok(lifted.then(|| Wrong::new("grade", message)))
    }

    /// The column of a number that names nothing.
    fn dangling(&mut self, record: &Record) -> Result<Option<&'static str>, HubFault> {
        for (column, key) in references(record) {
            if !self.changes.has(key)? {
                return Ok(Some(column));
            }
        }
        Ok(None)
    }

    fn wrong(&mut self, file: usize, line: u64, wrong: Wrong) {
        if self.wrong.len() == WRONG_LIMIT {
            self.more += 1;
            return;
        }
        let Wrong { column, message } = wrong;
        self.wrong.push(WrongRow { path: self.paths[file].clone(), line, column, message });
    }

    fn finish(self) -> Result<Imported, HubFault> {
        if self.wrong.is_empty() {
            Ok(Imported { rows: self.rows, changed: self.changes.made() })
        } else {
            Err(HubFault::Import { rows: self.wrong, more: self.more })
        }
    }
}

/// A row of a file.
struct Row {
    /// Where it begins, counting from 1.
    line: u64,
    entry: Result<Entry, Wrong>,
}

/// What a row is.
enum Entry {
    /// What the feed carries.
    Record(Record),
    /// What the authority keeps besides.
    Slip(Slip),
}

/// What is wrong with a row.
pub(super) struct Wrong {
    pub column: String,
    pub message: String,
}

impl Wrong {
    pub fn new(column: impl Into<String>, message: impl Into<String>) -> Self {
        Self { column: column.into(), message: message.into() }
    }
}

impl From<Part> for Wrong {
    fn from((part, message): Part) -> Self {
        Self::new(part, message)
    }
}

impl From<Contradiction> for Wrong {
    fn from(wrong: Contradiction) -> Self {
        Self::new(wrong.part, wrong.message)
    }
}

/// A file that is imported.
struct Source {
    path: PathBuf,
    rows: Rows,
}

enum Rows {
    Table(Table),
    JsonLines(JsonLines),
}

impl Source {
    fn open(path: &Path) -> Result<Self, HubFault> {
        let fault = |source| HubFault::file(path, "read", source);
        let file = File::open(path).map_err(fault)?;
        let found = file.metadata().map_err(fault)?;
        if !found.is_file() || found.len() > FILE_LIMIT {
            let path = path.display();
            let message =
                format!("`{path}` is no file or is larger than {FILE_LIMIT} bytes; split it in several files");
            return Err(HubFault::Refused(message));
        }
        let wrong_row = |line, wrong: Wrong| {
            let Wrong { column, message } = wrong;
            let row = WrongRow { path: path.to_owned(), line, column, message };
            HubFault::Import { rows: vec![row], more: 0 }
        };
        let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        let rows = match extension.as_deref().and_then(|extension| extension.to_str()) {
            Some("csv") => match Table::open(file).map_err(fault)? {
                Ok(table) => Rows::Table(table),
                Err(wrong) => return Err(wrong_row(1, wrong)),
            },
            Some("jsonl") => Rows::JsonLines(JsonLines::new(file)),
            _ => {
                let message = "the name ends neither in `.csv` nor in `.jsonl`, so what is in it is unknown";
                return Err(HubFault::Refused(format!("`{}`: {message}", path.display())));
            }
        };
        Ok(Self { path: path.to_owned(), rows })
    }

    /// Rows come behind those that they name; files of records, of which each is in such an order itself, behind the
    /// tables that name nothing.
    fn rank(&self) -> usize {
        match &self.rows {
            Rows::Table(table) => 2 * table.rank(),
            Rows::JsonLines(_) => 3,
        }
    }

    fn next(&mut self) -> Result<Option<Row>, HubFault> {
        let next = match &mut self.rows {
            Rows::Table(table) => table.next(),
            Rows::JsonLines(lines) => lines.next(),
        };
        next.map_err(|source: io::Error| HubFault::file(&self.path, "read", source))
    }

    /// How many bytes were read.
    fn position(&self) -> u64 {
        match &self.rows {
            Rows::Table(table) => table.position(),
            Rows::JsonLines(lines) => lines.position(),
        }
    }
}

/// What a record must keep to that the registry does not ask of it.
fn check(record: &Record) -> Result<(), Wrong> {
    match record {
        Record::Supplier(supplier) => check_text(&supplier.name, ["name_zh", "name_en"]).map_err(Wrong::from),
        Record::Reason(reason) => check_text(&reason.text, ["text_zh", "text_en"]).map_err(Wrong::from),
        Record::Listing(listing) => {
            check_text(&listing.name, ["name_zh", "name_en"])?;
            grade::check_listing(listing).map_err(Wrong::from)
        }
        Record::Exception(exception) => grade::check_exception(exception).map_err(Wrong::from),
        Record::Policy(policy) => grade::check_policy(policy).map_err(Wrong::from),
        Record::Key(_) => {
            // Whoever hands a file in must not thereby say whose labels are genuine.
            Err(Wrong::new("key", "keys are not imported; the authority makes its own"))
        }
        Record::Block(_) => Ok(()),
    }?;
    record.check().map_err(|message| Wrong::new(column_of_excess(record), message))
}

/// The column of what a record has too much of.
fn column_of_excess(record: &Record) -> &'static str {
    let longer = |text: &Text, zh, en| if text.zh.len() > text.en.len() { zh } else { en };
    match record {
        Record::Supplier(supplier) => longer(&supplier.name, "name_zh", "name_en"),
        Record::Reason(reason) => longer(&reason.text, "text_zh", "text_en"),
        Record::Listing(listing) => {
            let bare = Listing { missing: Vec::new(), inspect: Vec::new(), ..listing.clone() };
            match Record::Listing(bare).check() {
                Err(_) => longer(&listing.name, "name_zh", "name_en"),
                Ok(()) if listing.missing.len() > listing.inspect.len() => "missing",
                Ok(()) => "inspect",
            }
        }
        Record::Block(_) => "last",
        Record::Exception(_) | Record::Key(_) | Record::Policy(_) => "",
    }
}

/// The column that names a record.
fn column_of_key(record: &Record) -> &'static str {
    match record {
        Record::Supplier(_) => "supplier",
        Record::Reason(_) => "reason",
        Record::Listing(_) => "listing",
        Record::Block(_) => "first",
        Record::Exception(_) => "index",
        Record::Key(_) => "slot",
        Record::Policy(_) => "policy",
    }
}

/// What a record names, and in which column.
fn references(record: &Record) -> Vec<(&'static str, RecordKey)> {
    match record {
        Record::Listing(listing) => {
            let texts = |column, ids: &[u32]| {
                ids.iter().map(|id| (column, RecordKey::Reason(*id))).collect::<Vec<(&'static str, RecordKey)>>()
            };
            let mut named = vec![("supplier", RecordKey::Supplier(listing.supplier))];
            named.extend(listing.reason.map(|id| ("reason", RecordKey::Reason(id))));
            named.extend(texts("missing", &listing.missing));
            named.extend(texts("inspect", &listing.inspect));
            named
        }
        Record::Block(block) => vec![("listing", RecordKey::Listing(block.listing))],
        Record::Exception(own) => own.reason.map(|id| ("reason", RecordKey::Reason(id))).into_iter().collect(),
        Record::Supplier(_) | Record::Key(_) | Record::Reason(_) | Record::Policy(_) => Vec::new(),
    }
}
