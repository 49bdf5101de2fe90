//! A server of PostgreSQL, or of what speaks its protocol: many processes, each with a connection of its own.

use std::collections::HashMap;
use std::fmt::Write;

use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{ToSql, Type};
use postgres::{Client, Statement};

use super::row::{Cell, Cells};
use super::server::Server;
use super::{Fault, HubFault, Kind, Value};

/// What this room keeps of its own: how far each part's steps were taken, and whose turn it is.
const OWN: &str = "
    SELECT pg_advisory_xact_lock(8470);
    CREATE TABLE IF NOT EXISTS schema (part TEXT COLLATE \"C\" PRIMARY KEY, version BIGINT NOT NULL);
    CREATE TABLE IF NOT EXISTS lease (
        name TEXT COLLATE \"C\" PRIMARY KEY, holder TEXT NOT NULL, until BIGINT NOT NULL, fence BIGINT NOT NULL
    );
";

/// A connection, and another one when it is lost.
pub struct Postgres {
    server: Server,
    client: Client,
    /// What was prepared on this connection, by what was asked.
    statements: HashMap<String, Statement>,
    within: bool,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Postgres({})", self.server)
    }
}

impl Postgres {
    pub fn open(server: &Server) -> Result<Self, Fault> {
        let client = server.connect()?;
        Ok(Self { server: server.clone(), client, statements: HashMap::new(), within: false })
    }

    /// A change sees at every statement what others have committed; the rows that it writes are its own until it ends.
    pub fn begin(&mut self, kind: Kind) -> Result<(), Fault> {
        let sql = match kind {
            Kind::Change => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Kind::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        // A connection that was lost while nobody used it shows only now.
        if let Err(error) = self.client.batch_execute(sql) {
            self.again(error)?;
            self.client.batch_execute(sql)?;
        }
        self.within = true;
        Ok(())
    }

    pub fn end(&mut self, sql: &str) -> Result<(), Fault> {
        self.within = false;
        Ok(self.client.batch_execute(sql)?)
    }

    /// Makes what is not there yet of this room's own tables.
    pub fn furnish(&mut self) -> Result<(), Fault> {
        Ok(self.client.batch_execute(OWN)?)
    }

    /// A statement that makes or changes tables.
    pub fn run(&mut self, sql: &str) -> Result<(), Fault> {
        self.statements.clear();
        Ok(self.client.batch_execute(&translated(sql, true))?)
    }

    pub fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        self.ready()?;
        let statement = self.prepared(sql)?;
        let parameters = parameters(&statement, values);
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|value| &**value as _).collect();
        Ok(self.client.execute(&statement, &parameters)?)
    }

    /// Outside of a transaction, what was asked on a connection that turns out to be lost is asked once more.
    pub fn visit(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(Cells<'_>) -> Result<bool, HubFault>,
        fault: &dyn Fn(Fault) -> HubFault,
    ) -> Result<(), HubFault> {
        self.ready().map_err(fault)?;
        let mut begun = false;
        let asked = self.ask(sql, values, &mut |cells| {
            begun = true;
            read(cells)
        });
        match asked {
            Ok(done) => done,
            Err(error) if !begun => {
                self.again(error).map_err(fault)?;
                self.ask(sql, values, read).map_err(|error| fault(error.into()))?
            }
            Err(error) => Err(fault(error.into())),
        }
    }

    /// Inside, what `read` says.
    fn ask(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(Cells<'_>) -> Result<bool, HubFault>,
    ) -> Result<Result<(), HubFault>, postgres::Error> {
        let statement = self.prepared(sql)?;
        let parameters = parameters(&statement, values);
        let parameters = parameters.iter().map(|value| &**value as &(dyn ToSql + Sync));
        let mut rows = self.client.query_raw(&statement, parameters)?;
        while let Some(row) = rows.next()? {
            match read(Cells::Postgres(&row)) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => return Ok(Err(fault)),
            }
        }
        Ok(Ok(()))
    }

    /// How far a part's steps were taken; not at all where there is no table of it.
    pub fn schema(&mut self, part: &str) -> Result<i64, Fault> {
        match self.client.query_opt("SELECT version FROM schema WHERE part = $1", &[&part]) {
            Ok(row) => Ok(row.map_or(Ok(0), |row| row.try_get(0))?),
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    pub fn set_schema(&mut self, part: &str, version: i64) -> Result<(), Fault> {
        let sql = "INSERT INTO schema VALUES ($1, $2) ON CONFLICT (part) DO UPDATE SET version = excluded.version";
        self.client.execute(sql, &[&part, &version])?;
        Ok(())
    }

    /// Until the transaction ends, no one else is in this part. It is a row and no advisory lock, for not every engine
    /// that speaks the protocol has those.
    pub fn lock(&mut self, part: &str) -> Result<(), Fault> {
        self.client.query_opt("SELECT version FROM schema WHERE part = $1 FOR UPDATE", &[&part])?;
        Ok(())
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&translated(sql, false))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Outside of a transaction, a connection that is known to be lost is followed by another one.
    fn ready(&mut self) -> Result<(), Fault> {
        if self.within || !self.client.is_closed() { Ok(()) } else { self.reconnect() }
    }

    /// Another connection, if it was lost with this error and nothing was begun on it.
    fn again(&mut self, error: postgres::Error) -> Result<(), Fault> {
        let is_lost = self.client.is_closed() || error.code().is_some_and(|code| code.code().starts_with("57P"));
        if self.within || !is_lost { Err(error.into()) } else { self.reconnect() }
    }

    fn reconnect(&mut self) -> Result<(), Fault> {
        self.statements.clear();
        self.client = self.server.connect()?;
        Ok(())
    }
}

fn parameters<'a>(statement: &Statement, values: &[Value<'a>]) -> Vec<Box<dyn ToSql + Sync + 'a>> {
    values.iter().zip(statement.params()).map(|(value, kind)| parameter(*value, kind)).collect()
}

/// A value as the server takes it; one that its place cannot take is refused when it is sent.
fn parameter<'a>(value: Value<'a>, kind: &Type) -> Box<dyn ToSql + Sync + 'a> {
    match value {
        Value::Null if *kind == Type::INT8 => Box::new(None::<i64>),
        Value::Null if *kind == Type::BYTEA => Box::new(None::<&[u8]>),
        Value::Null => Box::new(None::<&str>),
        Value::Integer(number) => Box::new(number),
        Value::Text(text) => Box::new(text),
        Value::Bytes(bytes) => Box::new(bytes),
    }
}

/// What stands in a column.
pub fn cell(row: &postgres::Row, column: usize) -> Result<Cell<'_>, Fault> {
    let missing = || Fault::Content { column, what: "is none of the answer's".to_owned() };
    let kind = row.columns().get(column).ok_or_else(missing)?.type_();
    let integer = |number: Option<i64>| number.map_or(Cell::Null, Cell::Integer);
    Ok(match *kind {
        Type::INT8 => integer(row.try_get(column)?),
        Type::INT4 => integer(row.try_get::<_, Option<i32>>(column)?.map(i64::from)),
        Type::BOOL => integer(row.try_get::<_, Option<bool>>(column)?.map(i64::from)),
        Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<&str>>(column)?.map_or(Cell::Null, Cell::Text),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(column)?.map_or(Cell::Null, Cell::Bytes),
        _ => Cell::Other(kind.name()),
    })
}

/// A statement of the common dialect in this one. Texts sort by their bytes, as they do in SQLite.
fn translated(sql: &str, makes_tables: bool) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let is_word = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        let end = match first {
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            _ if is_word(first) => rest.find(|sign| !is_word(sign)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        match piece {
            "?" => out.push('$'),
            "INTEGER" => out.push_str("BIGINT"),
            "BLOB" => out.push_str("BYTEA"),
            "TEXT" if makes_tables => out.push_str("TEXT COLLATE \"C\""),
            "WITHOUT" => rest = rest.trim_start().strip_prefix("ROWID").unwrap_or(rest),
            _ => out.push_str(piece),
        }
    }
    out
}

/// What the server says, with what is behind it, and nothing of how it was reached.
pub fn told(error: &postgres::Error) -> String {
    if let Some(refusal) = error.as_db_error() {
        let detail = refusal.detail().map_or_else(String::new, |detail| format!(" ({detail})"));
        return format!("{}{detail}", refusal.message());
    }
    let mut told = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_told = cause.to_string();
        if !told.contains(&cause_told) {
            // Writing into a text cannot fail.
            let _ = write!(told, ": {cause_told}");
        }
        source = cause.source();
    }
    told
}

/// What a person can do.
pub fn help(error: &postgres::Error) -> &'static str {
    let Some(code) = error.code() else {
        return if told(error).contains("certificate") {
            "let the server have a certificate that this system believes, or write `sslmode=disable` where nobody listens"
        } else {
            "see whether the database runs and can be reached from here; the next request connects anew"
        };
    };
    match code.code() {
        "28P01" | "28000" => "look at user and password in `GREENGATE_DATABASE`",
        "3D000" => "make the database with `createdb`, or name another one",
        "42501" => "give this user the right to make tables there",
        "53100" => "free some space on the database's disk",
        "53300" => "let the database have more connections, or stop a hub",
        "40001" | "40P01" | "55P03" => "another process was at the same rows, try again",
        code if code.starts_with("57P") || code.starts_with("08") => {
            "the database stops or starts; the next request connects anew"
        }
        _ => "look at the database's log",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_dialect_becomes_that_of_the_server() {
        let table = "CREATE TABLE a (n INTEGER PRIMARY KEY, t TEXT, b BLOB) WITHOUT ROWID";
        let made = "CREATE TABLE a (n BIGINT PRIMARY KEY, t TEXT COLLATE \"C\", b BYTEA) ";
        assert_eq!(translated(table, true), made);
        let query = "SELECT CAST(n AS TEXT), 'INTEGER ?1' FROM a WHERE n = ?1 AND b < ?12";
        let asked = "SELECT CAST(n AS TEXT), 'INTEGER ?1' FROM a WHERE n = $1 AND b < $12";
        assert_eq!(translated(query, false), asked);
    }
}
