//! The registry's tables.

use rusqlite::Connection;

use super::Counts;
use crate::rules::record::{Record, RecordKey};

pub const SCHEMA: i64 = 2;

/// Kinds of changes that are none of a record, and go out with no release: a root that the feed gets, with its number as
/// its key, and labels that are printed again, with the first one's index.
pub const ROOT: u8 = 7;
pub const REPRINT: u8 = 8;

/// Kinds of papers, which stand in their own table and go out with no release either.
pub const FIRM: u8 = 16;
pub const PRODUCT: u8 = 17;
pub const DOCUMENT: u8 = 18;
pub const WORD: u8 = 19;
pub const REVIEW: u8 = 20;
pub const RULEBOOK: u8 = 21;
pub const SOURCE: u8 = 22;

/// Reasons that the authority words by itself have this number or a higher one.
pub const FIRST_REASON: u32 = 1_000_000;

/// `version` is the release that a change goes out with; a record without a body is gone.
pub const TABLES: &str = "
    CREATE TABLE record (
        kind INTEGER NOT NULL, key INTEGER NOT NULL, body TEXT, version INTEGER NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE INDEX record_version ON record (version);
    CREATE UNIQUE INDEX record_product ON record (body ->> '$.listing.gtin', body ->> '$.listing.supplier') WHERE kind = 3;
    CREATE INDEX record_listing ON record (body ->> '$.block.listing') WHERE kind = 5;
    CREATE TABLE change (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
        kind INTEGER NOT NULL, key INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT
    );
    CREATE INDEX change_record ON change (kind, key, seq);
    CREATE INDEX change_last ON change (body ->> '$.block.last') WHERE kind = 5;
    CREATE TABLE release (version INTEGER PRIMARY KEY, issued TEXT NOT NULL, who TEXT NOT NULL, changed INTEGER NOT NULL);
    CREATE TABLE label (
        idx INTEGER PRIMARY KEY, listing INTEGER NOT NULL, slot INTEGER NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL
    );
    CREATE INDEX label_listing ON label (listing);
";

/// What came with schema 2: papers, and what public registries list.
pub const PAPERS: &str = "
    CREATE TABLE paper (
        kind INTEGER NOT NULL, key INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE INDEX paper_document ON paper (body ->> '$.document.listing') WHERE kind = 18;
    CREATE INDEX change_document ON change (body ->> '$.document.listing') WHERE kind = 18;
    CREATE TABLE licence (
        source INTEGER NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL, holder TEXT NOT NULL, revoked INTEGER NOT NULL,
        PRIMARY KEY (source, kind, number)
    ) WITHOUT ROWID;
";

/// Sets a connection up: durable, and patient with another command at work.
pub fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    // 64 MiB, so that an import of a million listings does not write a page again and again.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Where a record stands: the number of its kind and its key. Kinds are in an order in which a list may be read.
pub fn place(record: &Record) -> (u8, u32) {
    record.key().map_or((0, 0), place_of)
}

/// Where the record with this key stands.
pub const fn place_of(key: RecordKey) -> (u8, u32) {
    match key {
        RecordKey::Key(slot) => (1, slot as u32),
        RecordKey::Reason(id) => (2, id),
        RecordKey::Listing(id) => (3, id),
        RecordKey::Supplier(id) => (4, id),
        RecordKey::Block(first) => (5, first),
        RecordKey::Exception(index) => (6, index),
    }
}

/// The key of what stands there; the policy has none.
pub fn key_at(kind: u8, key: u32) -> Option<RecordKey> {
    match kind {
        1 => u16::try_from(key).ok().map(RecordKey::Key),
        2 => Some(RecordKey::Reason(key)),
        3 => Some(RecordKey::Listing(key)),
        4 => Some(RecordKey::Supplier(key)),
        5 => Some(RecordKey::Block(key)),
        6 => Some(RecordKey::Exception(key)),
        _ => None,
    }
}

/// How many records of each kind there are.
pub fn counts(connection: &Connection) -> rusqlite::Result<Counts> {
    let mut counts = Counts::default();
    let mut query =
        connection.prepare("SELECT kind, min(key), count(*) FROM record WHERE body IS NOT NULL GROUP BY kind")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let count = match key_at(row.get(0)?, row.get(1)?) {
            Some(RecordKey::Supplier(_)) => &mut counts.suppliers,
            Some(RecordKey::Listing(_)) => &mut counts.listings,
            Some(RecordKey::Reason(_)) => &mut counts.reasons,
            Some(RecordKey::Block(_)) => &mut counts.blocks,
            Some(RecordKey::Exception(_)) => &mut counts.exceptions,
            Some(RecordKey::Key(_)) => &mut counts.keys,
            None => continue,
        };
        *count = row.get(2)?;
    }
    Ok(counts)
}
