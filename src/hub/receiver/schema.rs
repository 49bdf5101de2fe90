//! The tables of what kiosks hand up.

use rusqlite::Connection;

pub const SCHEMA: i64 = 1;

/// A row's truth is its JSON as the kiosk wrote it. `journal` says how far each journal is here without a gap.
pub const TABLES: &str = "
    CREATE TABLE kiosk (name TEXT PRIMARY KEY, token BLOB UNIQUE, enrolled TEXT, last_seen TEXT, epoch TEXT) WITHOUT ROWID;
    CREATE TABLE code (
        digest BLOB PRIMARY KEY, kiosk TEXT NOT NULL REFERENCES kiosk (name), expires TEXT NOT NULL, used TEXT
    ) WITHOUT ROWID;
    CREATE TABLE journal (kiosk TEXT, epoch TEXT, seq INTEGER NOT NULL, PRIMARY KEY (kiosk, epoch)) WITHOUT ROWID;
    CREATE TABLE row (
        kiosk TEXT, epoch TEXT, seq INTEGER, body TEXT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (kiosk, epoch, seq)
    ) WITHOUT ROWID;
    CREATE TABLE parked (
        kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, why TEXT NOT NULL,
        digest BLOB NOT NULL, UNIQUE (kiosk, epoch, seq, digest)
    );
";

/// Sets a connection up: what is answered for is on disk.
pub fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Makes the tables where there are none; else the schema that was found.
pub fn create(connection: &mut Connection) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found != 0 {
        return Ok(found);
    }
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()?;
    Ok(SCHEMA)
}
