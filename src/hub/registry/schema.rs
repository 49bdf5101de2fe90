//! The registry's tables.

use rusqlite::Connection;

use crate::rules::record::{Record, RecordKey};

pub const SCHEMA: i64 = 1;

/// `version` is the release that a change goes out with; a record without a body is gone.
pub const TABLES: &str = "
    CREATE TABLE record (
        kind INTEGER NOT NULL, key INTEGER NOT NULL, body TEXT, version INTEGER NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE INDEX record_version ON record (version);
    CREATE INDEX record_gtin ON record (body ->> '$.listing.gtin') WHERE kind = 3;
    CREATE TABLE change (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
        kind INTEGER NOT NULL, key INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT
    );
    CREATE INDEX change_record ON change (kind, key, seq);
    CREATE TABLE release (version INTEGER PRIMARY KEY, issued TEXT NOT NULL, who TEXT NOT NULL, changed INTEGER NOT NULL);
    CREATE TABLE label (
        idx INTEGER PRIMARY KEY, listing INTEGER NOT NULL, slot INTEGER NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL
    );
    CREATE INDEX label_listing ON label (listing);
";

/// Sets a connection up: durable, and patient with another command at work.
pub fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
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
