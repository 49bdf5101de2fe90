//! A file of records goes in: whole, or not at all.

use std::fs::{self, File};
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::find::{grade_number, review_number};
use super::{Cache, newest, place, schema};
use crate::rules::evidence::CacheFacts;
use crate::rules::policy::Policy;
use crate::rules::record::{Line, Meta, Record, RecordKey};
use crate::store::file::Lines;
use crate::store::{RecordsWriter, StoreFault, VerifiedFile};

/// What is wrong, the table, its key, and the condition of a wrong row `r`.
const REFERENCES: [(&str, &str, &str, &str); 7] = [
    ("listing {} names a supplier that is not there", "listing", "id", "supplier NOT IN (SELECT id FROM supplier)"),
    (
        "listing {} names a reason that is not there",
        "listing",
        "id",
        "reason IS NOT NULL AND reason NOT IN (SELECT id FROM reason)",
    ),
    (
        "listing {} names a missing document that is not there",
        "listing",
        "id",
        "missing IS NOT NULL AND EXISTS (SELECT * FROM json_each(missing) m WHERE m.value NOT IN (SELECT id FROM reason))",
    ),
    (
        "listing {} names an inspection item that is not there",
        "listing",
        "id",
        "inspect IS NOT NULL AND EXISTS (SELECT * FROM json_each(inspect) m WHERE m.value NOT IN (SELECT id FROM reason))",
    ),
    (
        "exception {} names a reason that is not there",
        "exception",
        "idx",
        "reason IS NOT NULL AND reason NOT IN (SELECT id FROM reason)",
    ),
    ("block {} names a listing that is not there", "block", "first", "listing NOT IN (SELECT id FROM listing)"),
    (
        "block {} overlaps another block",
        "block",
        "first",
        "(first <= (SELECT last FROM block a WHERE a.first < r.first ORDER BY a.first DESC LIMIT 1)
          OR last >= (SELECT first FROM block a WHERE a.first > r.first ORDER BY a.first LIMIT 1))",
    ),
];
/// Where the keys of a delta's rows are kept until they are checked.
const CHANGED: &str = "
    CREATE TEMP TABLE changed_listing (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE changed_exception (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE changed_block (id INTEGER PRIMARY KEY);
";
/// How many lines pass between two reports of progress.
const PROGRESS_STEP: u64 = 1 << 12;

/// Brings a snapshot or a delta into the cache of `folder`; `progress` is told how many bytes of the file are done.
///
/// # Errors
/// The file is not what was promised, has a wrong line, or does not follow on what is there. The cache is as before.
pub fn load(folder: &Path, file: VerifiedFile, progress: &mut dyn FnMut(u64)) -> Result<CacheFacts, StoreFault> {
    let _lock = place::lock(folder)?;
    let mut lines = file.lines()?;
    let meta = lines.meta()?;
    let current = newest(folder)?;
    follows(&meta, have(folder, &meta, current.as_ref().map(|(generation, _)| *generation)))?;
    match current {
        Some((_, path)) if meta.from > 0 => apply(&path, lines, meta, progress)?,
        Some(_) | None => build(folder, lines, meta, progress)?,
    }
    let cache = Cache::open(folder)?.ok_or_else(|| StoreFault::NoCache { path: folder.to_owned() })?;
    Ok(cache.facts())
}

/// Notes that the authority vouched for the list of `version` at a later moment; a list of another version, or of a
/// later moment, stays as it is. The caller has verified that the authority did.
///
/// # Errors
/// Another program is loading, or the database refuses.
pub fn confirm(folder: &Path, version: u64, issued: Timestamp) -> Result<(), StoreFault> {
    let _lock = place::lock(folder)?;
    let Some((_, path)) = newest(folder)? else { return Ok(()) };
    let fault = StoreFault::database(&path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(&path, flags).map_err(&fault)?;
    schema::check(&connection, &path)?;
    schema::prepare_changing(&connection).map_err(&fault)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&fault)?;
    let (facts, _) = schema::facts(&transaction).map_err(&fault)?;
    if facts.version == version && facts.issued < issued {
        transaction.execute("UPDATE meta SET issued = ?", [issued.to_string()]).map_err(&fault)?;
    }
    transaction.commit().map_err(&fault)
}

/// Writes `lines` into a file as an authority would, and loads it: for the demo world, replays and tests, which make
/// their records themselves.
///
/// # Errors
/// As [`load`].
pub fn load_lines(folder: &Path, lines: &[Line]) -> Result<CacheFacts, StoreFault> {
    let path = folder.join("records.part");
    let fault = |source| StoreFault::file(&path, "written", source);
    let mut writer = RecordsWriter::new(File::create(&path).map_err(fault)?).map_err(fault)?;
    for line in lines {
        writer.line(line).map_err(fault)?;
    }
    let (_, expected) = writer.finish().map_err(fault)?;
    let loaded = load(folder, VerifiedFile::check(&path, expected)?, &mut |_| ());
    fs::remove_file(&path).map_err(fault)?;
    loaded
}

/// The version of what is there. A list that cannot be read had at least its file's version; only a snapshot helps, and
/// the one that it came from will do.
fn have(folder: &Path, meta: &Meta, generation: Option<u64>) -> u64 {
    let readable = Cache::open(folder).ok().flatten().map(|cache| cache.facts().version);
    let lost = generation.map(|generation| if meta.from == 0 { generation.saturating_sub(1) } else { generation });
    readable.or(lost).unwrap_or(0)
}

/// A version never goes back.
fn follows(meta: &Meta, have: u64) -> Result<(), StoreFault> {
    let help = if meta.to <= have {
        "it is older than the list or the same"
    } else if meta.from == 0 || meta.from == have {
        return Ok(());
    } else {
        "load the snapshot, or the deltas between"
    };
    Err(StoreFault::Version { from: meta.from, to: meta.to, have, help })
}

fn apply(path: &Path, lines: Lines, meta: Meta, progress: &mut dyn FnMut(u64)) -> Result<(), StoreFault> {
    let fault = StoreFault::database(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(&fault)?;
    schema::check(&connection, path)?;
    schema::prepare_changing(&connection).map_err(&fault)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&fault)?;
    let (facts, _) = schema::facts(&transaction).map_err(&fault)?;
    follows(&meta, facts.version)?;
    transaction.execute_batch(CHANGED).map_err(&fault)?;
    let load = Load { connection: &transaction, path, policy: facts.policy, changed: Changed { everything: false } };
    load.run(lines, meta, progress)?;
    transaction.commit().map_err(&fault)
}

/// Builds a list beside the old one; a half-built one is not left behind.
fn build(folder: &Path, lines: Lines, meta: Meta, progress: &mut dyn FnMut(u64)) -> Result<(), StoreFault> {
    place::sweep(folder, 0)?;
    let built = fill(&place::part(folder, meta.to), lines, meta, progress);
    if let Err(fault) = built.and_then(|()| place::put_in_place(folder, meta.to)) {
        // What went wrong first is what a person must know.
        let _ = place::sweep(folder, 0);
        return Err(fault);
    }
    Ok(())
}

fn fill(part: &Path, lines: Lines, meta: Meta, progress: &mut dyn FnMut(u64)) -> Result<(), StoreFault> {
    let fault = StoreFault::database(part);
    let mut connection = Connection::open(part).map_err(&fault)?;
    schema::prepare_building(&connection).map_err(&fault)?;
    let transaction = connection.transaction().map_err(&fault)?;
    let changed = Changed { everything: true };
    Load { connection: &transaction, path: part, policy: Policy::default(), changed }.run(lines, meta, progress)?;
    transaction.commit().map_err(&fault)?;
    connection.execute_batch("PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL;").map_err(&fault)?;
    connection.close().map_err(|(_, source)| fault(source))
}

/// One file on its way into one transaction.
struct Load<'a> {
    connection: &'a Connection,
    path: &'a Path,
    policy: Policy,
    changed: Changed,
}

/// Which rows may name what is not there. Those of a delta are in the tables of [`CHANGED`].
struct Changed {
    everything: bool,
}

impl Load<'_> {
    fn run(mut self, mut lines: Lines, meta: Meta, progress: &mut dyn FnMut(u64)) -> Result<(), StoreFault> {
        let mut count = 0_u64;
        while let Some(line) = lines.next()? {
            let changed = match &line {
                Line::Meta(_) => Err(Refused::Message("a second `meta`".to_owned())),
                Line::Put(record) => record.check().map_err(Refused::Message).and_then(|()| self.put(record)),
                Line::Drop(key) => self.remove(*key),
            };
            changed.map_err(|refused| refused.fault(&lines, self.path))?;
            count += 1;
            if count.is_multiple_of(PROGRESS_STEP) {
                progress(lines.position());
            }
        }
        lines.finish()?;
        let fault = StoreFault::database(self.path);
        self.connection.execute_batch(schema::INDEXES).map_err(&fault)?;
        self.check_references()?;
        self.finish(meta).map_err(&fault)
    }

    fn put(&mut self, record: &Record) -> Result<(), Refused> {
        match record {
            Record::Supplier(s) => {
                self.run_sql("INSERT OR REPLACE INTO supplier VALUES (?, ?, ?)", params![s.id, s.name.zh, s.name.en])?
            }
            Record::Listing(l) => self.run_sql(
                "INSERT OR REPLACE INTO listing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    l.id,
                    l.supplier,
                    l.gtin.number(),
                    l.name.zh,
                    l.name.en,
                    grade_number(l.grade),
                    l.reason,
                    ids(&l.missing),
                    review_number(l.review),
                    ids(&l.inspect)
                ],
            )?,
            Record::Block(b) => {
                self.run_sql("INSERT OR REPLACE INTO block VALUES (?, ?, ?)", params![b.first, b.last, b.listing])?
            }
            Record::Exception(e) => self.run_sql(
                "INSERT OR REPLACE INTO exception VALUES (?, ?, ?)",
                params![e.index, grade_number(e.grade), e.reason],
            )?,
            Record::Key(k) => {
                self.run_sql("INSERT OR REPLACE INTO key VALUES (?, ?, ?)", params![k.slot, k.public, k.cut_off])?
            }
            Record::Reason(r) => {
                self.run_sql("INSERT OR REPLACE INTO reason VALUES (?, ?, ?)", params![r.id, r.text.zh, r.text.en])?
            }
            Record::Policy(policy) => {
                self.policy = *policy;
                1
            }
        };
        self.remember(record)
    }

    fn remember(&self, record: &Record) -> Result<(), Refused> {
        let (table, key) = match record {
            Record::Listing(listing) => ("listing", listing.id),
            Record::Block(block) => ("block", block.first),
            Record::Exception(exception) => ("exception", exception.index),
            Record::Supplier(_) | Record::Key(_) | Record::Reason(_) | Record::Policy(_) => return Ok(()),
        };
        if !self.changed.everything {
            self.run_sql(&format!("INSERT OR IGNORE INTO temp.changed_{table} VALUES (?)"), params![key])?;
        }
        Ok(())
    }

    fn remove(&mut self, key: RecordKey) -> Result<(), Refused> {
        let (table, column, id) = match key {
            RecordKey::Supplier(id) => ("supplier", "id", id),
            RecordKey::Listing(id) => ("listing", "id", id),
            RecordKey::Block(first) => ("block", "first", first),
            RecordKey::Exception(index) => ("exception", "idx", index),
            RecordKey::Key(slot) => ("key", "slot", u32::from(slot)),
            RecordKey::Reason(id) => ("reason", "id", id),
        };
        self.changed.everything |= matches!(key, RecordKey::Supplier(_) | RecordKey::Listing(_) | RecordKey::Reason(_));
        match self.run_sql(&format!("DELETE FROM {table} WHERE {column} = ?"), params![id])? {
            0 => Err(Refused::Message(format!("there is no {table} {id} to drop"))),
            _ => Ok(()),
        }
    }

    fn run_sql(&self, sql: &str, params: &[&dyn rusqlite::ToSql]) -> Result<usize, Refused> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }

    /// What a record names must be there, and a label index belongs to one listing. Of a delta only what it changed is
    /// asked, unless it dropped something that others may name.
    fn check_references(&self) -> Result<(), StoreFault> {
        for (message, table, key, wrong) in REFERENCES {
            let scope =
                if self.changed.everything { String::new() } else { format!("{key} IN temp.changed_{table} AND") };
            let sql = format!("SELECT {key} FROM {table} r WHERE {scope} {wrong} LIMIT 1");
            let id: Option<u32> = self
                .connection
                .query_row(&sql, [], |row| row.get(0))
                .optional()
                .map_err(StoreFault::database(self.path))?;
            if let Some(id) = id {
                return Err(StoreFault::References { message: message.replace("{}", &id.to_string()) });
            }
        }
        let keys: bool = self
            .connection
            .query_row("SELECT EXISTS (SELECT * FROM key)", [], |row| row.get(0))
            .map_err(StoreFault::database(self.path))?;
        let message = "the list has no key at all".to_owned();
        if keys { Ok(()) } else { Err(StoreFault::References { message }) }
    }

    fn finish(&self, meta: Meta) -> rusqlite::Result<()> {
        let policy = serde_json::to_string(&self.policy).unwrap_or_default();
        self.connection.execute(
            "INSERT OR REPLACE INTO meta VALUES (1, ?, ?,
                (SELECT coalesce(max(last) + 1, 0) FROM block), (SELECT count(*) FROM listing), ?)",
            params![meta.to, meta.issued.to_string(), policy],
        )?;
        Ok(())
    }
}

/// Why a line cannot go in.
enum Refused {
    Message(String),
    Database(rusqlite::Error),
}

impl Refused {
    fn fault(self, lines: &Lines, database: &Path) -> StoreFault {
        match self {
            Self::Message(message) => lines.wrong(message),
            Self::Database(error) => StoreFault::database(database)(error),
        }
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// A list of ids as JSON, or nothing.
fn ids(ids: &[u32]) -> Option<String> {
    (!ids.is_empty()).then(|| serde_json::Value::from(ids).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::code::Grade;

    #[test]
    fn grades_are_stored_as_labels_write_them() {
        assert_eq!([Grade::Green, Grade::Yellow, Grade::Red].map(grade_number), [1, 2, 3]);
    }
}
