//! What carries statements out: a file of SQLite, or a connection to a server.

use std::time::Duration;

use super::postgres::Postgres;
use super::row::Cells;
use super::sqlite::Sqlite;
use super::{Fault, HubFault, Kind, Value};

/// One of the engines.
#[derive(Debug)]
pub enum Engine {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Engine {
    pub fn begin(&mut self, kind: Kind) -> Result<(), Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run(Sqlite::begin(kind)),
            Self::Postgres(postgres) => postgres.begin(kind),
        }
    }

    pub fn end(&mut self, sql: &str) -> Result<(), Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run(sql),
            Self::Postgres(postgres) => postgres.end(sql),
        }
    }

    /// How long nothing is to be changed if others are to have a turn. A server keeps whoever waits in order.
    pub const fn turn(&self) -> Option<Duration> {
        match self {
            Self::Sqlite(_) => Some(Sqlite::TURN),
            Self::Postgres(_) => None,
        }
    }

    /// Before steps are taken: what they are counted in is there.
    pub fn furnish(&mut self) -> Result<(), Fault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(postgres) => postgres.furnish(),
        }
    }

    pub fn run(&mut self, sql: &str) -> Result<(), Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run(sql),
            Self::Postgres(postgres) => postgres.run(sql),
        }
    }

    pub fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute(sql, values),
            Self::Postgres(postgres) => postgres.execute(sql, values),
        }
    }

    pub fn visit(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(Cells<'_>) -> Result<bool, HubFault>,
        fault: &dyn Fn(Fault) -> HubFault,
    ) -> Result<(), HubFault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.visit(sql, values, read, fault),
            Self::Postgres(postgres) => postgres.visit(sql, values, read, fault),
        }
    }

    pub fn schema(&mut self, part: &str) -> Result<i64, Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.schema(),
            Self::Postgres(postgres) => postgres.schema(part),
        }
    }

    pub fn set_schema(&mut self, part: &str, schema: i64) -> Result<(), Fault> {
        match self {
            Self::Sqlite(sqlite) => sqlite.set_schema(schema),
            Self::Postgres(postgres) => postgres.set_schema(part, schema),
        }
    }

    /// A change of SQLite has the whole file for itself.
    pub fn lock(&mut self, part: &str) -> Result<(), Fault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(postgres) => postgres.lock(part),
        }
    }
}
