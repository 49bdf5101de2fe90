//! The authority's database, one narrow type over it: [`Database`].
//!
//! What is asked of it is written once, in a dialect that every engine understands:
//!
//! - placeholders are `?1`, `?2` and so on, values are integers, texts, bytes and null ([`values!`]);
//! - `ON CONFLICT … DO …` and `RETURNING`, never `INSERT OR …`; `IS DISTINCT FROM`, never `IS` between columns;
//! - no JSON operators, no `rowid`, no `PRAGMA`: what a query asks for stands in a column of its own;
//! - types of columns are `INTEGER` (64 bits), `TEXT` and `BLOB`.
//!
//! SQLite takes it as it is; for PostgreSQL a few words are others (`postgres.rs`).
//!
//! Rows are read by the place of their columns, each with its type ([`Row::get`]). While rows are read, nothing else can
//! be asked: what a reader wants to write, it keeps until it is through.

mod copy;
mod engine;
mod fault;
mod lease;
mod postgres;
mod row;
mod server;
mod sqlite;
mod steps;
mod value;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::thread;

pub use fault::Fault;
pub use lease::{Fence, Lease};
pub use row::Row;
pub use server::Server;
pub use steps::Step;
pub use value::Value;
pub(in crate::hub) use value::values;

use super::HubFault;
use engine::Engine;
use postgres::Postgres;
use sqlite::Sqlite;

/// An open database.
#[derive(Debug)]
pub struct Database {
    /// How it is told to a person.
    name: String,
    engine: RefCell<Engine>,
    /// Whether a transaction is open.
    within: Cell<bool>,
}

impl Database {
    /// Opens a file of SQLite, or begins one, with this much of it kept in memory at most.
    pub fn open_file(path: &Path, cache_kib: u32) -> Result<Self, HubFault> {
        let name = path.display().to_string();
        let engine = Sqlite::open(path, cache_kib).map_err(HubFault::database(&name))?;
        Ok(Self { name, engine: RefCell::new(Engine::Sqlite(engine)), within: Cell::new(false) })
    }

    /// Connects to a server.
    pub fn open_server(server: &Server) -> Result<Self, HubFault> {
        let name = server.to_string();
        let engine = Postgres::open(server).map_err(HubFault::database(&name))?;
        Ok(Self { name, engine: RefCell::new(Engine::Postgres(Box::new(engine))), within: Cell::new(false) })
    }

    /// Carries a statement out, and tells how many rows it changed.
    pub fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, HubFault> {
        self.engine.borrow_mut().execute(sql, values).map_err(HubFault::database(&self.name))
    }

    /// The first row, if there is one.
    pub fn one<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, HubFault>,
    ) -> Result<Option<T>, HubFault> {
        let (mut read, mut found) = (Some(read), None);
        self.visit(sql, values, &mut |row| {
            found = read.take().map(|read| read(row)).transpose()?;
            Ok(false)
        })?;
        Ok(found)
    }

    /// Whether there is a row.
    pub fn exists(&self, sql: &str, values: &[Value<'_>]) -> Result<bool, HubFault> {
        Ok(self.one(sql, values, |_| Ok(()))?.is_some())
    }

    /// Every row, in memory.
    pub fn all<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, HubFault>,
    ) -> Result<Vec<T>, HubFault> {
        let mut found = Vec::new();
        self.each(sql, values, &mut |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Every row, one after the other: a million of them take no memory.
    pub fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), HubFault>,
    ) -> Result<(), HubFault> {
        self.visit(sql, values, &mut |row| read(row).map(|()| true))
    }

    /// Makes changes: all of them, or none if `make` fails or panics.
    pub fn change<T>(&mut self, make: impl FnOnce(&Self) -> Result<T, HubFault>) -> Result<T, HubFault> {
        let open = Open::begin(self, Kind::Change)?;
        let made = make(self)?;
        open.commit()?;
        Ok(made)
    }

    /// As [`change`](Self::change), and until it ends no one else makes one of this part of the authority.
    pub fn change_alone<T>(
        &mut self,
        part: &str,
        make: impl FnOnce(&Self) -> Result<T, HubFault>,
    ) -> Result<T, HubFault> {
        self.change(|inside| {
            inside.engine.borrow_mut().lock(part).map_err(HubFault::database(&inside.name))?;
            make(inside)
        })
    }

    /// Between two of many changes: whoever waits for one of its own gets it.
    pub fn let_others(&self) {
        if let Some(turn) = self.engine.borrow().turn() {
            thread::sleep(turn);
        }
    }

    /// Reads what belongs together: what others write meanwhile is not seen.
    pub fn snapshot<T>(&self, read: impl FnOnce(&Self) -> Result<T, HubFault>) -> Result<T, HubFault> {
        let open = Open::begin(self, Kind::Snapshot)?;
        let seen = read(self)?;
        open.commit()?;
        Ok(seen)
    }

    /// Row by row, until `read` says that it has enough.
    fn visit(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<bool, HubFault>,
    ) -> Result<(), HubFault> {
        let fault = HubFault::database(&self.name);
        self.engine.borrow_mut().visit(sql, values, &mut |cells| read(&Row::new(cells, &self.name)), &fault)
    }

    /// What a server keeps of its own is there.
    fn furnish(&mut self) -> Result<(), HubFault> {
        self.change(|inside| inside.engine.borrow_mut().furnish().map_err(HubFault::database(&inside.name)))
    }

    fn run(&self, sql: &str) -> Result<(), HubFault> {
        self.engine.borrow_mut().run(sql).map_err(HubFault::database(&self.name))
    }
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Change,
    Snapshot,
}

/// An open transaction, taken back when it goes without a commit.
struct Open<'a> {
    database: &'a Database,
    committed: bool,
}

impl<'a> Open<'a> {
    fn begin(database: &'a Database, kind: Kind) -> Result<Self, HubFault> {
        assert!(!database.within.get(), "a transaction within a transaction");
        database.engine.borrow_mut().begin(kind).map_err(HubFault::database(&database.name))?;
        database.within.set(true);
        Ok(Self { database, committed: false })
    }

    fn commit(mut self) -> Result<(), HubFault> {
        self.end("COMMIT")?;
        self.committed = true;
        Ok(())
    }

    fn end(&self, sql: &str) -> Result<(), HubFault> {
        self.database.engine.borrow_mut().end(sql).map_err(HubFault::database(&self.database.name))
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.database.within.set(false);
        if !self.committed {
            // Where even this fails, the engine has taken everything back already.
            let _ = self.end("ROLLBACK");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> (tempfile::TempDir, Database) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut database = Database::open_file(&folder.path().join("a.db"), 1024).expect("a database");
        let table = Step { statements: &["CREATE TABLE number (n INTEGER PRIMARY KEY, name TEXT)"], then: None };
        database.bring_up("numbers", &[table]).expect("a table");
        (folder, database)
    }

    fn sum(database: &Database) -> i64 {
        database.one("SELECT coalesce(max(n), 0) FROM number", &[], |row| row.get(0)).expect("readable").expect("a row")
    }

    const PUT: &str = "INSERT INTO number VALUES (?1, ?2) ON CONFLICT (n) DO NOTHING";

    #[test]
    fn what_fails_or_panics_changes_nothing() {
        let (_folder, mut database) = numbers();
        assert_eq!(database.execute(PUT, values![1_u32, "one"]).expect("a row"), 1);
        assert_eq!(database.execute(PUT, values![1_u32, "another"]).expect("no row"), 0);
        let failed = database.change(|inside| {
            inside.execute(PUT, values![2_u32, "two"])?;
            Err::<(), _>(HubFault::Refused("no".to_owned()))
        });
        assert!(failed.is_err());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            database.change::<()>(|inside| {
                inside.execute(PUT, values![3_u32, None::<&str>])?;
                panic!("a bug")
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(sum(&database), 1);
        database.change(|inside| inside.execute(PUT, values![4_u32, None::<&str>])).expect("a change");
        assert_eq!(sum(&database), 4);
    }

    #[test]
    fn a_column_of_another_type_is_told_with_its_place() {
        let (_folder, database) = numbers();
        database.execute(PUT, values![300_u32, None::<&str>]).expect("a row");
        let told = |fault: HubFault| fault.to_string().split_once(": ").expect("a name").1.to_owned();
        let sql = "SELECT n, name FROM number";
        let fault = database.one(sql, &[], |row| row.get::<String>(0)).expect_err("no text");
        let help = "bring a copy of the database back, or update the program";
        assert_eq!(told(fault), format!("column 0 has the number 300 and should have a text; {help}"));
        let fault = database.one(sql, &[], |row| row.get::<u8>(0)).expect_err("too large");
        assert_eq!(
            told(fault),
            format!("column 0 has the number 300 and should have an integer from 0 to 255; {help}")
        );
        let fault = database.one(sql, &[], |row| row.get::<String>(1)).expect_err("nothing");
        assert_eq!(told(fault), format!("column 1 has nothing and should have a text; {help}"));
        assert_eq!(database.one(sql, &[], |row| row.get::<Option<String>>(1)).expect("readable"), Some(None));
    }

    #[test]
    fn a_schema_of_a_newer_program_is_refused() {
        let (_folder, mut database) = numbers();
        let fault = database.bring_up("numbers", &[]).expect_err("newer").to_string();
        assert!(fault.ends_with("has schema 1 and this program knows 0; update the program"), "{fault}");
    }
}
