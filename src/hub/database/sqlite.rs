//! A file of SQLite: one machine, nothing to set up.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params_from_iter};

use super::row::{Cell, Cells};
use super::{Fault, HubFault, Kind, Value};

/// Statements that are kept ready.
const STATEMENTS: usize = 64;

/// An open file.
#[derive(Debug)]
pub struct Sqlite(Connection);

impl Sqlite {
    /// Whoever waits for a change to end looks this often, at least; nobody keeps a place for it.
    pub const TURN: Duration = Duration::from_millis(100);

    /// What is answered for is on disk; another command at work is waited for.
    pub fn open(path: &Path, cache_kib: u32) -> Result<Self, Fault> {
        let connection = Connection::open(path)?;
        connection
            .execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Else a statement that is kept ready may be planned anew for every value that it is asked with.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self(connection))
    }

    /// A change waits for its turn before it reads, so that nothing that it read is old when it writes.
    pub const fn begin(kind: Kind) -> &'static str {
        match kind {
            Kind::Change => "BEGIN IMMEDIATE",
            Kind::Snapshot => "BEGIN",
        }
    }

    pub fn run(&mut self, sql: &str) -> Result<(), Fault> {
        Ok(self.0.execute_batch(sql)?)
    }

    pub fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        Ok(self.0.prepare_cached(sql)?.execute(params_from_iter(values))? as u64)
    }

    pub fn visit(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(Cells<'_>) -> Result<bool, HubFault>,
        fault: &dyn Fn(Fault) -> HubFault,
    ) -> Result<(), HubFault> {
        let sqlite = |error: rusqlite::Error| fault(error.into());
        let mut statement = self.0.prepare_cached(sql).map_err(sqlite)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            if !read(Cells::Sqlite(row))? {
                break;
            }
        }
        Ok(())
    }

    /// The file's schema; 0 where there is none.
    pub fn schema(&mut self) -> Result<i64, Fault> {
        Ok(self.0.query_row("PRAGMA user_version", [], |row| row.get(0))?)
    }

    pub fn set_schema(&mut self, schema: i64) -> Result<(), Fault> {
        Ok(self.0.pragma_update(None, "user_version", schema)?)
    }
}

/// What stands in a column.
pub fn cell<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> Result<Cell<'a>, Fault> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or(Cell::Bytes(bytes), Cell::Text),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
        ValueRef::Real(_) => Cell::Other("real"),
    })
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
