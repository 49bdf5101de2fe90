//! A file of records goes in: whole, or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use super::find::{grade_number, review_number};
use super::schema::Layer;
use super::{Cache, newest, place, references, schema};
use crate::rules::evidence::CacheFacts;
use crate::rules::policy::Policy;
use crate::rules::record::{Line, Listing, Meta, Record, RecordKey};
use crate::store::file::Lines;
use crate::store::{RecordsWriter, StoreFault, VerifiedFile};

/// How many lines pass between two reports of progress.
const PROGRESS_STEP: u64 = 1 << 12;

/// Brings a snapshot or a delta into the cache of `folder`; `progress` is told how many bytes of the file are done.
///
/// # Errors
/// The file is not what was promised, has a wrong line, or does not follow on what is there. The cache is as before.
pub fn load(folder: &Path, file: VerifiedFile, progress: &mut dyn FnMut(u64)) -> Result<CacheFacts, StoreFault> {
    load_way(folder, &mut std::iter::once(Ok(file)), None, &mut |_, done| progress(done))
}

/// Brings files into the cache of `folder`, each of which follows on the one before; `progress` is told how many bytes of
/// which of them are done. A file is asked for when the ones before it are loaded. `to` is the version that the last one
/// leads to, if that was promised.
///
/// A snapshot takes the place of what is there once everything behind it is loaded too, for the list on the way may be
/// older than one that cannot be read any more. Deltas go one after the other into the list that is there: each leads to a
/// newer one.
///
/// # Errors
/// A file does not come, is not what was promised, has a wrong line, or does not follow on what is there. The cache is as
/// before, or as the deltas before that file left it.
pub fn load_way<E: From<StoreFault>>(
    folder: &Path,
    files: &mut dyn Iterator<Item = Result<VerifiedFile, E>>,
    to: Option<u64>,
    progress: &mut dyn FnMut(usize, u64),
) -> Result<CacheFacts, E> {
    let _lock = place::lock(folder)?;
    let mut files = files.enumerate();
    let none = || StoreFault::NoCache { path: folder.to_owned() };
    let (_, first) = files.next().ok_or_else(none)?;
    let mut lines = first?.lines()?;
    let meta = lines.meta()?;
    let current = newest(folder)?;
    let whole = Meta { to: to.unwrap_or(meta.to), ..meta };
    follows(&whole, have(folder, &whole, current.as_ref().map(|(generation, _)| *generation)))?;
    match current {
        Some((_, path)) if meta.from > 0 => {
            apply(&path, lines, meta, &mut |done| progress(0, done))?;
            for (nth, file) in files {
                let mut lines = file?.lines()?;
                let meta = lines.meta()?;
                apply(&path, lines, meta, &mut |done| progress(nth, done))?;
            }
        }
        Some(_) | None => build(folder, (lines, meta), &mut files, progress)?,
    }
    Ok(Cache::peek(folder)?.ok_or_else(none)?)
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
/// the one that it came from will do. If only a part of it cannot be read, its version is known, and the same list takes
/// its place.
fn have(folder: &Path, meta: &Meta, generation: Option<u64>) -> u64 {
    let is_lost = |version: u64| meta.from == 0 && meta.to == version && Cache::is_damaged(folder);
    let readable = Cache::peek(folder).ok().flatten().map(|facts| facts.version).filter(|version| !is_lost(*version));
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
    change(&mut connection, path, (lines, meta), progress)
}

/// A delta changes a list in one transaction.
fn change(
    connection: &mut Connection,
    path: &Path,
    (lines, meta): (Lines, Meta),
    progress: &mut dyn FnMut(u64),
) -> Result<(), StoreFault> {
    let fault = StoreFault::database(path);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&fault)?;
    let (facts, listings) = schema::facts(&transaction).map_err(&fault)?;
    follows(&meta, facts.version)?;
    transaction.execute_batch(references::PUT).map_err(&fault)?;
    let load = Load { listings, policy: facts.policy, ..Load::new(&transaction, path, Layer::Delta) };
    load.run(lines, meta, progress)?;
    transaction.commit().map_err(&fault)
}

/// Files behind the first one, with their numbers.
type Behind<'a, E> = dyn Iterator<Item = (usize, Result<VerifiedFile, E>)> + 'a;

/// Builds a list beside the old one; a half-built one is not left behind.
fn build<E: From<StoreFault>>(
    folder: &Path,
    (lines, meta): (Lines, Meta),
    behind: &mut Behind<'_, E>,
    progress: &mut dyn FnMut(usize, u64),
) -> Result<(), E> {
    place::sweep(folder, 0)?;
    let part = place::part(folder, meta.to);
    let built = fill(&part, (lines, meta), behind, progress);
    if let Err(fault) = built.and_then(|to| Ok(place::put_in_place(folder, &part, to)?)) {
        // What went wrong first is what a person must know.
        let _ = place::sweep(folder, 0);
        return Err(fault);
    }
    Ok(())
}

/// Fills a list with a snapshot and with what is behind it, and tells its version.
fn fill<E: From<StoreFault>>(
    part: &Path,
    (lines, meta): (Lines, Meta),
    behind: &mut Behind<'_, E>,
    progress: &mut dyn FnMut(usize, u64),
) -> Result<u64, E> {
    let fault = StoreFault::database(part);
    let mut connection = Connection::open(part).map_err(&fault)?;
    schema::prepare_building(&connection).map_err(&fault)?;
    let transaction = connection.transaction().map_err(&fault)?;
    let load = Load::new(&transaction, part, Layer::Snapshot);
    load.run(lines, meta, &mut |done| progress(0, done))?;
    transaction.commit().map_err(&fault)?;
    let mut to = meta.to;
    for (nth, file) in behind {
        let mut lines = file?.lines()?;
        let meta = lines.meta()?;
        change(&mut connection, part, (lines, meta), &mut |done| progress(nth, done))?;
        to = meta.to;
    }
    connection.execute_batch("PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL;").map_err(&fault)?;
    connection.close().map_err(|(_, source)| fault(source))?;
    Ok(to)
}

/// One file on its way into one transaction.
struct Load<'a> {
    connection: &'a Connection,
    path: &'a Path,
    policy: Policy,
    layer: Layer,
    /// As told by the list that is changed, and counted on.
    listings: u64,
    /// The tables from which a delta has dropped a record.
    dropped: BTreeSet<&'static str>,
    put_listing: String,
    put_exception: String,
}

impl<'a> Load<'a> {
    fn new(connection: &'a Connection, path: &'a Path, layer: Layer) -> Self {
        Self {
            connection,
            path,
            policy: Policy::default(),
            layer,
            listings: 0,
            dropped: BTreeSet::new(),
            put_listing: format!(
                "INSERT OR REPLACE INTO {} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                layer.table("listing")
            ),
            put_exception: format!("INSERT OR REPLACE INTO {} VALUES (?, ?, ?)", layer.table("exception")),
        }
    }

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
        if self.layer == Layer::Snapshot {
            self.connection.execute_batch(schema::INDEXES).map_err(&fault)?;
        }
        references::check(self.connection, self.path, self.layer, &self.dropped)?;
        self.finish(meta).map_err(&fault)
    }

    fn put(&mut self, record: &Record) -> Result<(), Refused> {
        match record {
            Record::Supplier(s) => {
                self.run_sql("INSERT OR REPLACE INTO supplier VALUES (?, ?, ?)", params![s.id, s.name.zh, s.name.en])?;
            }
            Record::Listing(listing) => self.put_listing(listing)?,
            Record::Block(b) => {
                self.run_sql("INSERT OR REPLACE INTO block VALUES (?, ?, ?)", params![b.first, b.last, b.listing])?;
                self.remember("block", b.first)?;
            }
            Record::Exception(e) => {
                self.run_sql(&self.put_exception, params![e.index, grade_number(e.grade), e.reason])?;
                self.remember("exception", e.index)?;
            }
            Record::Key(k) => {
                self.run_sql("INSERT OR REPLACE INTO key VALUES (?, ?, ?)", params![k.slot, k.public, k.cut_off])?;
            }
            Record::Reason(r) => {
                self.run_sql("INSERT OR REPLACE INTO reason VALUES (?, ?, ?)", params![r.id, r.text.zh, r.text.en])?;
            }
            Record::Policy(policy) => self.policy = *policy,
        }
        Ok(())
    }

    fn put_listing(&mut self, l: &Listing) -> Result<(), Refused> {
        // Only a whole list can be counted at its end.
        if self.layer == Layer::Delta && !self.has("listing", "id", l.id)? {
            self.listings += 1;
        }
        self.run_sql(
            &self.put_listing,
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
        )?;
        self.remember("listing", l.id)
    }

    /// A delta's rows are checked at its end.
    fn remember(&self, table: &str, key: u32) -> Result<(), Refused> {
        if self.layer == Layer::Delta {
            self.run_sql(&format!("INSERT OR IGNORE INTO temp.put_{table} VALUES (?)"), params![key])?;
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
        if !self.has(table, column, id)? {
            return Err(Refused::Message(format!("there is no {table} {id} to drop")));
        }
        let layer = self.layer.table(table);
        self.run_sql(&format!("DELETE FROM {layer} WHERE {column} = ?"), params![id])?;
        if self.layer == Layer::Delta {
            self.dropped.insert(table);
            self.listings = self.listings.saturating_sub(u64::from(table == "listing"));
            if schema::LAYERED.contains(&table) {
                // The snapshot's row is hidden by one that has nothing but its key.
                let sql =
                    format!("INSERT INTO {layer} ({column}) SELECT {column} FROM snapshot_{table} WHERE {column} = ?");
                self.run_sql(&sql, params![id])?;
            }
        }
        Ok(())
    }

    fn has(&self, table: &str, column: &str, key: u32) -> Result<bool, Refused> {
        let sql = format!("SELECT EXISTS (SELECT * FROM {table} WHERE {column} = ?)");
        Ok(self.connection.prepare_cached(&sql)?.query_row([key], |row| row.get(0))?)
    }

    fn run_sql(&self, sql: &str, params: &[&dyn rusqlite::ToSql]) -> Result<usize, Refused> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }

    fn finish(&self, meta: Meta) -> rusqlite::Result<()> {
        let listings = match self.layer {
            Layer::Snapshot => {
                self.connection.query_row("SELECT count(*) FROM snapshot_listing", [], |row| row.get(0))?
            }
            Layer::Delta => self.listings,
        };
        let policy = serde_json::to_string(&self.policy).unwrap_or_default();
        // Blocks do not overlap, so the last one ends last.
        let sql = "INSERT OR REPLACE INTO meta VALUES
            (1, ?, ?, coalesce((SELECT last + 1 FROM block ORDER BY first DESC LIMIT 1), 0), ?, ?)";
        self.connection.execute(sql, params![meta.to, meta.issued.to_string(), listings, policy])?;
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
