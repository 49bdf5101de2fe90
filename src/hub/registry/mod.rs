//! What the authority knows: its records as the feed carries them, every change of them, and the releases.
//!
//! A change belongs to the release that follows it. So the list of any release, and the difference between any two, can
//! be told at any time, and a release is nothing but its number and its moment.

mod changes;
mod history;
mod labels;
mod papers;
mod schema;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::HubFault;
use crate::rules::record::{Block, Line, Listing, Meta, Record, RecordKey};

pub use changes::Changes;
pub use history::{Change, Did, NewRoot, Of, Reprint};
pub use labels::IssuedLabel;
pub use papers::PaperKey;
pub(super) use papers::{Licence, Papers};
pub(super) use schema::place;

/// The registry's file in the authority's folder.
const FILE: &str = "registry.db";

/// The authority's registry.
#[derive(Debug)]
pub struct Registry {
    path: PathBuf,
    connection: Connection,
}

/// Who makes a change, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub who: String,
    /// Why, in words.
    pub why: String,
    /// When.
    pub at: Timestamp,
}

/// A list that was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Release {
    /// Counting from 1.
    pub version: u64,
    /// When.
    pub issued: Timestamp,
    /// Records that changed since the one before.
    pub changed: u64,
}

/// How many records of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Suppliers.
    pub suppliers: u64,
    /// Listings.
    pub listings: u64,
    /// Reasons, missing documents and inspection items.
    pub reasons: u64,
    /// Blocks of label indexes.
    pub blocks: u64,
    /// Codes with a grade of their own.
    pub exceptions: u64,
    /// Label keys.
    pub keys: u64,
}

impl Registry {
    /// Begins an empty registry in `folder`.
    ///
    /// # Errors
    /// There is one already, or the folder cannot be written.
    pub fn create(folder: &Path) -> Result<Self, HubFault> {
        let path = folder.join(FILE);
        if path.exists() {
            return Err(HubFault::Exists { folder: folder.to_owned() });
        }
        let fault = HubFault::database(&path);
        let mut connection = Connection::open(&path).map_err(&fault)?;
        schema::prepare(&connection).map_err(&fault)?;
        let transaction = connection.transaction().map_err(&fault)?;
        transaction.execute_batch(schema::TABLES).map_err(&fault)?;
        transaction.execute_batch(schema::PAPERS).map_err(&fault)?;
        transaction.pragma_update(None, "user_version", schema::SCHEMA).map_err(&fault)?;
        transaction.commit().map_err(&fault)?;
        Ok(Self { path, connection })
    }

    /// Opens the registry of `folder`.
    ///
    /// # Errors
    /// There is none, or it is of a newer program.
    pub fn open(folder: &Path) -> Result<Self, HubFault> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Err(HubFault::NoAuthority { folder: folder.to_owned() });
        }
        let fault = HubFault::database(&path);
        let mut connection = Connection::open(&path).map_err(&fault)?;
        schema::prepare(&connection).map_err(&fault)?;
        let found = brought_up(&mut connection).map_err(&fault)?;
        if found != schema::SCHEMA {
            return Err(HubFault::Schema { path, found, known: schema::SCHEMA });
        }
        Ok(Self { path, connection })
    }

    /// Makes changes: all of them, or none if `make` fails.
    ///
    /// # Errors
    /// Those of `make`, or the database's.
    pub fn change<T>(
        &mut self,
        author: &Author,
        make: impl FnOnce(&mut Changes<'_>) -> Result<T, HubFault>,
    ) -> Result<T, HubFault> {
        let fault = HubFault::database(&self.path);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&fault)?;
        let version = newest(&transaction).map_err(&fault)?.map_or(0, |release| release.version) + 1;
        let made = make(&mut Changes::new(&transaction, &self.path, author, version))?;
        transaction.commit().map_err(&fault)?;
        Ok(made)
    }

    /// A record as it is now; `None` asks for the policy.
    ///
    /// # Errors
    /// The database's.
    pub fn record(&self, key: Option<RecordKey>) -> Result<Option<Record>, HubFault> {
        record(&self.connection, key).map_err(HubFault::database(&self.path))
    }

    /// The newest release, if there is one.
    ///
    /// # Errors
    /// The database's.
    pub fn newest_release(&self) -> Result<Option<Release>, HubFault> {
        newest(&self.connection).map_err(HubFault::database(&self.path))
    }

    /// How many records are not as in the newest release.
    ///
    /// # Errors
    /// The database's.
    pub fn pending(&self) -> Result<u64, HubFault> {
        let version = self.newest_release()?.map_or(0, |release| release.version);
        changed_since(&self.connection, version).map_err(HubFault::database(&self.path))
    }

    /// How many records of each kind there are.
    ///
    /// # Errors
    /// The database's.
    pub fn counts(&self) -> Result<Counts, HubFault> {
        schema::counts(&self.connection).map_err(HubFault::database(&self.path))
    }

    /// The block that a label's index belongs to.
    ///
    /// # Errors
    /// The database's.
    pub fn block_of(&self, index: u32) -> Result<Option<Block>, HubFault> {
        block_of(&self.connection, index).map_err(HubFault::database(&self.path))
    }

    /// The listings with this GTIN, as it stands in records.
    ///
    /// # Errors
    /// The database's.
    pub fn listings_of(&self, gtin: &str) -> Result<Vec<Listing>, HubFault> {
        let fault = HubFault::database(&self.path);
        let sql = "SELECT body FROM record WHERE kind = 3 AND body ->> '$.listing.gtin' = ?";
        let mut query = self.connection.prepare_cached(sql).map_err(&fault)?;
        let rows = query.query_map([gtin], |row| body(row, 0)).map_err(&fault)?;
        let records: Vec<Record> = rows.collect::<Result<_, _>>().map_err(&fault)?;
        let listing = |record| if let Record::Listing(listing) = record { Some(listing) } else { None };
        Ok(records.into_iter().filter_map(listing).collect())
    }

    /// The listings of a supplier, by their numbers.
    ///
    /// # Errors
    /// The database's.
    pub fn listings_by(&self, supplier: u32) -> Result<Vec<Listing>, HubFault> {
        let fault = HubFault::database(&self.path);
        let sql = "SELECT body FROM record WHERE kind = 3 AND body ->> '$.listing.supplier' = ? ORDER BY key";
        let mut query = self.connection.prepare_cached(sql).map_err(&fault)?;
        let rows = query.query_map([supplier], |row| body(row, 0)).map_err(&fault)?;
        let records: Vec<Record> = rows.collect::<Result<_, _>>().map_err(&fault)?;
        let listing = |record| if let Record::Listing(listing) = record { Some(listing) } else { None };
        Ok(records.into_iter().filter_map(listing).collect())
    }

    /// Ends the present changes: they are a release from now on.
    ///
    /// # Errors
    /// The database's.
    pub fn release(&mut self, author: &Author) -> Result<Release, HubFault> {
        let fault = HubFault::database(&self.path);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&fault)?;
        let version = newest(&transaction).map_err(&fault)?.map_or(0, |release| release.version) + 1;
        let changed = changed_since(&transaction, version - 1).map_err(&fault)?;
        let values = params![version, author.at.to_string(), author.who, changed];
        transaction.execute("INSERT INTO release VALUES (?, ?, ?, ?)", values).map_err(&fault)?;
        let release = newest(&transaction).map_err(&fault)?;
        transaction.commit().map_err(&fault)?;
        release.ok_or_else(|| HubFault::Refused("the release is not there".to_owned()))
    }

    /// The lines of a file of records that leads from release `from` to the newest one; from 0 it is the whole list.
    ///
    /// # Errors
    /// There is no release after `from`, the database's, or those of `each`.
    pub fn lines(&self, from: u64, each: &mut dyn FnMut(&Line) -> Result<(), HubFault>) -> Result<Release, HubFault> {
        let fault = HubFault::database(&self.path);
        // One transaction, so that changes made meanwhile are not half in it.
        let transaction = self.connection.unchecked_transaction().map_err(&fault)?;
        let Some(release) = newest(&transaction).map_err(&fault)? else {
            return Err(HubFault::Refused("there is no release yet".to_owned()));
        };
        if from >= release.version {
            let message = format!("nothing leads from release {from} to the newest one, which is {}", release.version);
            return Err(HubFault::Refused(message));
        }
        each(&Line::Meta(Meta { from, to: release.version, issued: release.issued }))?;
        // What changed after the newest release, and what changed and is again as it was, belongs into no delta.
        let sql = format!(
            "SELECT kind, key, CASE WHEN version <= ?2 THEN body ELSE {} END, {}
             FROM record r WHERE version > ?1 ORDER BY kind, key",
            body_at("?2"),
            body_at("?1")
        );
        let mut query = transaction.prepare(&sql).map_err(&fault)?;
        let mut rows = query.query(params![from, release.version]).map_err(&fault)?;
        while let Some(row) = rows.next().map_err(&fault)? {
            if let Some(line) = line(row).map_err(&fault)? {
                each(&line)?;
            }
        }
        Ok(release)
    }
}

fn record(connection: &Connection, key: Option<RecordKey>) -> rusqlite::Result<Option<Record>> {
    let (kind, key) = key.map_or((0, 0), schema::place_of);
    let sql = "SELECT body FROM record WHERE kind = ? AND key = ? AND body IS NOT NULL";
    connection.prepare_cached(sql)?.query_row(params![kind, key], |row| body(row, 0)).optional()
}

/// The schema, after one that is older was brought up to this program's.
fn brought_up(connection: &mut Connection) -> rusqlite::Result<i64> {
    let schema_of = |connection: &Connection| connection.query_row("PRAGMA user_version", [], |row| row.get(0));
    if schema_of(connection)? != 1 {
        return schema_of(connection);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another program may have done it meanwhile.
    if schema_of(&transaction)? == 1 {
        transaction.execute_batch(schema::PAPERS)?;
        papers::words_of_red(&transaction)?;
        transaction.pragma_update(None, "user_version", schema::SCHEMA)?;
    }
    transaction.commit()?;
    Ok(schema::SCHEMA)
}

fn newest(connection: &Connection) -> rusqlite::Result<Option<Release>> {
    let sql = "SELECT version, issued, changed FROM release ORDER BY version DESC LIMIT 1";
    connection
        .query_row(sql, [], |row| Ok(Release { version: row.get(0)?, issued: time(row, 1)?, changed: row.get(2)? }))
        .optional()
}

/// The body that record `r` had in a release, as SQL.
fn body_at(version: &str) -> String {
    format!(
        "(SELECT body FROM change c WHERE c.kind = r.kind AND c.key = r.key AND c.version <= {version}
          ORDER BY seq DESC LIMIT 1)"
    )
}

/// How many records are not as in release `version`.
fn changed_since(connection: &Connection, version: u64) -> rusqlite::Result<u64> {
    let sql = format!("SELECT count(*) FROM record r WHERE version > ?1 AND body IS NOT {}", body_at("?1"));
    connection.query_row(&sql, [version], |row| row.get(0))
}

/// Blocks do not overlap, so only the last one that begins at or before `index` can have it.
fn block_of(connection: &Connection, index: u32) -> rusqlite::Result<Option<Block>> {
    let sql = "SELECT body FROM record WHERE kind = 5 AND key <= ? AND body IS NOT NULL ORDER BY key DESC LIMIT 1";
    let record = connection.prepare_cached(sql)?.query_row([index], |row| body(row, 0)).optional()?;
    let block = record.and_then(|record| if let Record::Block(block) = record { Some(block) } else { None });
    Ok(block.filter(|block| index <= block.last))
}

/// The line that leads a record from its older body, in column 3, to its newer one in column 2; none if they are the same.
fn line(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Line>> {
    let (new, old) = (row.get_ref(2)?, row.get_ref(3)?);
    if new == old {
        return Ok(None);
    }
    if new != rusqlite::types::ValueRef::Null {
        return Ok(Some(Line::Put(Box::new(body(row, 2)?))));
    }
    Ok(schema::key_at(row.get(0)?, row.get(1)?).map(Line::Drop))
}

fn body<T: DeserializeOwned>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

fn time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error: jiff::Error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}
