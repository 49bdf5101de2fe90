//! The cache's tables.

use std::path::Path;

use rusqlite::{Connection, Row};

use super::StoreFault;
use crate::rules::evidence::CacheFacts;

/// A cache is replaceable: one of another schema is loaded again rather than migrated.
pub const SCHEMA: i64 = 1;

pub const TABLES: &str = "
    CREATE TABLE meta (
        one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, issued TEXT NOT NULL,
        index_end INTEGER NOT NULL, listings INTEGER NOT NULL, policy TEXT NOT NULL
    );
    CREATE TABLE supplier (id INTEGER PRIMARY KEY, zh TEXT NOT NULL, en TEXT NOT NULL);
    CREATE TABLE listing (
        id INTEGER PRIMARY KEY, supplier INTEGER NOT NULL, gtin INTEGER NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL,
        grade INTEGER NOT NULL, reason INTEGER, missing TEXT, review INTEGER NOT NULL, inspect TEXT
    );
    CREATE TABLE block (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, listing INTEGER NOT NULL);
    CREATE TABLE exception (idx INTEGER PRIMARY KEY, grade INTEGER NOT NULL, reason INTEGER);
    CREATE TABLE key (slot INTEGER PRIMARY KEY, public BLOB NOT NULL, cut_off INTEGER);
    CREATE TABLE reason (id INTEGER PRIMARY KEY, zh TEXT NOT NULL, en TEXT NOT NULL);
";

/// Built after the rows are in: that is faster, and the file is smaller.
pub const INDEXES: &str = "CREATE INDEX IF NOT EXISTS listing_gtin ON listing (gtin);";

/// Megabytes that SQLite may keep of a cache in memory.
const MEMORY: &str = "PRAGMA cache_size = -8000; PRAGMA temp_store = FILE; PRAGMA busy_timeout = 2000;";

/// Whether this program knows the schema.
pub fn check(connection: &Connection, path: &Path) -> Result<(), StoreFault> {
    let found: i64 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(StoreFault::database(path))?;
    if found == SCHEMA { Ok(()) } else { Err(StoreFault::Schema { path: path.to_owned(), found, known: SCHEMA }) }
}

/// Sets a connection up for reading.
pub fn prepare_reading(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(MEMORY)?;
    connection.execute_batch("PRAGMA query_only = ON;")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

/// Sets a connection up for changing a list that others read meanwhile.
pub fn prepare_changing(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(MEMORY)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
}

/// Sets a connection up for building a list that nobody sees before it is complete.
pub fn prepare_building(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(MEMORY)?;
    connection
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;")?;
    connection.execute_batch(TABLES)?;
    connection.pragma_update(None, "user_version", SCHEMA)
}

/// What the list says of itself, and how many listings it has.
pub fn facts(connection: &Connection) -> rusqlite::Result<(CacheFacts, u64)> {
    connection.query_row("SELECT version, issued, index_end, listings, policy FROM meta", [], |row| {
        let facts = CacheFacts {
            version: row.get(0)?,
            issued: parsed(row, 1, |text| text.parse().ok())?,
            index_end: row.get(2)?,
            policy: parsed(row, 4, |text| serde_json::from_str(text).ok())?,
        };
        Ok((facts, row.get(3)?))
    })
}

/// A column whose text means something else.
pub fn parsed<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    parse(text).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, 0))
}
