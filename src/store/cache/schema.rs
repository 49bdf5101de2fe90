//! The cache's tables.

use std::cmp::Ordering;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Row};

use super::StoreFault;
use crate::rules::evidence::CacheFacts;

/// A cache is replaceable: one of another schema is loaded again rather than migrated.
pub const SCHEMA: i64 = 2;

/// The two long tables have two layers: the snapshot's rows, which never change, and what deltas say instead. A row there
/// that has nothing but its key is one that was dropped. Views show the list as it is now: what is `changed`, what is
/// `unchanged`, and both.
///
/// Ten thousand changes all over a million rows would dirty ten thousand pages, each written to the log and then at its
/// place; side by side they fill two hundred.
pub const TABLES: &str = "
    CREATE TABLE meta (
        one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, issued TEXT NOT NULL,
        index_end INTEGER NOT NULL, listings INTEGER NOT NULL, policy TEXT NOT NULL
    );
    CREATE TABLE supplier (id INTEGER PRIMARY KEY, zh TEXT NOT NULL, en TEXT NOT NULL);
    CREATE TABLE snapshot_listing (
        id INTEGER PRIMARY KEY, supplier INTEGER NOT NULL, gtin INTEGER NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL,
        grade INTEGER NOT NULL, reason INTEGER, missing TEXT, review INTEGER NOT NULL, inspect TEXT
    );
    CREATE TABLE delta_listing (
        id INTEGER PRIMARY KEY, supplier INTEGER, gtin INTEGER, zh TEXT, en TEXT,
        grade INTEGER, reason INTEGER, missing TEXT, review INTEGER, inspect TEXT
    );
    CREATE INDEX delta_listing_gtin ON delta_listing (gtin);
    CREATE VIEW changed_listing AS SELECT * FROM delta_listing WHERE grade IS NOT NULL;
    CREATE VIEW unchanged_listing AS
        SELECT * FROM snapshot_listing s WHERE NOT EXISTS (SELECT * FROM delta_listing d WHERE d.id = s.id);
    CREATE VIEW listing AS SELECT * FROM changed_listing UNION ALL SELECT * FROM unchanged_listing;
    CREATE TABLE block (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, listing INTEGER NOT NULL);
    CREATE TABLE snapshot_exception (idx INTEGER PRIMARY KEY, grade INTEGER NOT NULL, reason INTEGER);
    CREATE TABLE delta_exception (idx INTEGER PRIMARY KEY, grade INTEGER, reason INTEGER);
    CREATE VIEW changed_exception AS SELECT * FROM delta_exception WHERE grade IS NOT NULL;
    CREATE VIEW unchanged_exception AS
        SELECT * FROM snapshot_exception s WHERE NOT EXISTS (SELECT * FROM delta_exception d WHERE d.idx = s.idx);
    CREATE VIEW exception AS SELECT * FROM changed_exception UNION ALL SELECT * FROM unchanged_exception;
    CREATE TABLE key (slot INTEGER PRIMARY KEY, public BLOB NOT NULL, cut_off INTEGER);
    CREATE TABLE reason (id INTEGER PRIMARY KEY, zh TEXT NOT NULL, en TEXT NOT NULL);
";

/// What the views of a table with layers begin with: looked up one after the other they are quicker than both in one.
pub const HALVES: [&str; 2] = ["changed", "unchanged"];

/// The tables that have layers.
pub const LAYERED: [&str; 2] = ["listing", "exception"];

/// Where rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Into a list that is being built.
    Snapshot,
    /// Beside the snapshot's.
    Delta,
}

impl Layer {
    /// What a table is called in it; a short one is the same in both.
    pub fn table(self, table: &str) -> String {
        if !LAYERED.contains(&table) {
            return table.to_owned();
        }
        match self {
            Self::Snapshot => format!("snapshot_{table}"),
            Self::Delta => format!("delta_{table}"),
        }
    }
}

/// Built after the rows are in: that is faster, and the file is smaller.
pub const INDEXES: &str = "CREATE INDEX snapshot_listing_gtin ON snapshot_listing (gtin);";

/// Megabytes that SQLite may keep of a cache in memory.
const MEMORY: &str = "PRAGMA cache_size = -8000; PRAGMA temp_store = FILE; PRAGMA busy_timeout = 2000;";

/// What all connections to a cache have in common.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    // Plans that depend on a parameter's value would be made anew for every single question.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.execute_batch(MEMORY)
}

/// Whether this program knows the schema.
pub fn check(connection: &Connection, path: &Path) -> Result<(), StoreFault> {
    let found: i64 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(StoreFault::database(path))?;
    match found.cmp(&SCHEMA) {
        Ordering::Equal => Ok(()),
        Ordering::Less => Err(StoreFault::OldList { path: path.to_owned() }),
        Ordering::Greater => Err(StoreFault::Schema { path: path.to_owned(), found, known: SCHEMA }),
    }
}

/// Sets a connection up for reading.
pub fn prepare_reading(connection: &Connection) -> rusqlite::Result<()> {
    prepare(connection)?;
    connection.execute_batch("PRAGMA query_only = ON;")
}

/// Sets a connection up for changing a list that others read meanwhile.
pub fn prepare_changing(connection: &Connection) -> rusqlite::Result<()> {
    prepare(connection)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
}

/// Sets a connection up for building a list that nobody sees before it is complete.
pub fn prepare_building(connection: &Connection) -> rusqlite::Result<()> {
    prepare(connection)?;
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
