//! All rows of a file's tables go to a server.

use super::row::Cell;
use super::{Database, Row, Value};
use crate::hub::HubFault;

/// Rows in one statement.
const BATCH: usize = 64;

/// A value that outlives its row.
enum Owned {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Owned {
    fn of(row: &Row<'_>, column: usize) -> Result<Self, HubFault> {
        Ok(match row.cell(column)? {
            Cell::Null => Self::Null,
            Cell::Integer(number) => Self::Integer(number),
            Cell::Text(text) => Self::Text(text.to_owned()),
            Cell::Bytes(bytes) => Self::Bytes(bytes.to_owned()),
            Cell::Other(name) => return Err(row.senseless(column, format!("has a value of type `{name}`"))),
        })
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

impl Database {
    /// Has a file of SQLite for this program alone, until it is closed.
    ///
    /// # Errors
    /// Another program has it open.
    pub fn seize(&self) -> Result<(), HubFault> {
        // Every connection that keeps a log beside the file has its share of it: without the log, there is no other one.
        self.run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE")
    }

    /// Puts the rows of a file's tables in place of those in the tables of the same names, and tells how many there were.
    /// What a row names is in a table that was made before.
    pub fn copy_into(&self, other: &Self) -> Result<u64, HubFault> {
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
        let tables: Vec<String> = self.all(sql, &[], |row| row.get(0))?;
        tables.iter().map(|table| self.copy_table(table, other)).sum()
    }

    fn copy_table(&self, table: &str, other: &Self) -> Result<u64, HubFault> {
        let sql = "SELECT name FROM pragma_table_info(?1) ORDER BY cid";
        let columns: Vec<String> = self.all(sql, &[table.into()], |row| row.get(0))?;
        let (width, names) = (columns.len(), columns.join(", "));
        let into = |rows: &[Owned]| {
            let row = |row: usize| {
                let places = (0..width).map(|column| format!("?{}", row * width + column + 1));
                format!("({})", places.collect::<Vec<_>>().join(", "))
            };
            let rows_of = (0..rows.len() / width).map(row).collect::<Vec<_>>().join(", ");
            let values: Vec<Value<'_>> = rows.iter().map(Owned::value).collect();
            other.execute(&format!("INSERT INTO {table} ({names}) VALUES {rows_of}"), &values).map(drop)
        };
        // What came with the making of it.
        other.execute(&format!("DELETE FROM {table}"), &[])?;
        let (mut all, mut batch) = (0, Vec::new());
        self.each(&format!("SELECT {names} FROM {table}"), &[], &mut |row| {
            for column in 0..width {
                batch.push(Owned::of(row, column)?);
            }
            all += 1;
            if batch.len() >= BATCH * width {
                into(&batch)?;
                batch.clear();
            }
            Ok(())
        })?;
        if batch.is_empty() { Ok(all) } else { into(&batch).map(|()| all) }
    }
}
