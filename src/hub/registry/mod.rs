//! What the authority knows: its records as the feed carries them, every change of them, and the releases.
//!
//! A change belongs to the release that follows it. So the list of any release, and the difference between any two, can
//! be told at any time, and a release is nothing but its number and its moment.

mod changes;
mod columns;
mod due;
mod history;
mod labels;
mod log;
mod papers;
mod question;
mod schema;
mod told;

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::database::{Database, Fence, Row, values};
use super::publish::has_published;
use super::relocate::is_broken_off;
use super::{Home, HubFault};
use crate::rules::record::{Block, Line, Listing, Meta, Record, RecordKey};

pub use changes::Changes;
pub use history::{Change, Did, NewAuditKey, NewRoot, Of, Reprint};
pub use labels::IssuedLabel;
pub use papers::PaperKey;
pub(super) use papers::{Licence, Papers};
pub(super) use schema::{ACCOUNT, DOCUMENT, place, place_of};

/// The registry's file in the authority's folder.
pub(super) const FILE: &str = "registry.db";
/// So that an import of a million listings does not write a page again and again.
const CACHE_KIB: u32 = 32 << 10;
/// What a listing's body has that is in no list. Within a text the second quotation mark would have a backslash before it.
const UNSEEN: &str = "\"unseen\":true";
/// What each of several connections keeps.
const SHARED_CACHE_KIB: u32 = 4 << 10;

/// The authority's registry.
#[derive(Debug)]
pub struct Registry {
    database: Database,
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
    /// Begins an empty registry.
    ///
    /// # Errors
    /// There is one already, or the folder or the database cannot be written.
    pub fn create(home: impl Into<Home>) -> Result<Self, HubFault> {
        let home = home.into();
        Self::expect_none(&home)?;
        let mut database = home.open(FILE, CACHE_KIB, true)?.ok_or_else(|| Self::none(&home))?;
        database.bring_up(schema::PART, schema::STEPS)?;
        Ok(Self { database })
    }

    /// Opens the registry of an authority.
    ///
    /// # Errors
    /// There is none, or it is of a newer program.
    pub fn open(home: impl Into<Home>) -> Result<Self, HubFault> {
        Self::open_with(&home.into(), CACHE_KIB)
    }

    /// The one in a file, whatever that is called.
    pub(super) fn in_file(path: &Path) -> Result<Self, HubFault> {
        Ok(Self { database: Database::open_file(path, CACHE_KIB)? })
    }

    /// The same, as one of several connections of a program.
    pub(in crate::hub) fn open_beside_others(home: impl Into<Home>) -> Result<Self, HubFault> {
        Self::open_with(&home.into(), SHARED_CACHE_KIB)
    }

    fn open_with(home: &Home, cache_kib: u32) -> Result<Self, HubFault> {
        // Some of the files may have their names back already.
        if home.server().is_none() && is_broken_off(home) {
            return Err(Self::none(home));
        }
        let mut database = home.open(FILE, cache_kib, false)?.ok_or_else(|| Self::none(home))?;
        if database.schema(schema::PART)? == 0 {
            return Err(Self::none(home));
        }
        database.bring_up(schema::PART, schema::STEPS)?;
        Ok(Self { database })
    }

    /// There is no registry here, and perhaps somewhere else.
    fn none(home: &Home) -> HubFault {
        Self::elsewhere(home).unwrap_or_else(|| HubFault::NoAuthority { folder: home.to_path_buf() })
    }

    /// Why the registry of the folder's authority may be somewhere else: it is on its way, or the feed alone is here.
    pub(super) fn elsewhere(home: &Home) -> Option<HubFault> {
        let folder = home.to_path_buf();
        if is_broken_off(home) {
            return Some(HubFault::Moving { folder });
        }
        has_published(home).then_some(HubFault::Away { folder })
    }

    /// Refuses where there is one.
    pub(super) fn expect_none(home: &Home) -> Result<(), HubFault> {
        if !Self::is_there(home)? {
            return Ok(());
        }
        let folder = || (home.display().to_string(), "folder");
        let (place, kind) = home.server().map_or_else(folder, |(server, _)| (server.to_string(), "database"));
        Err(HubFault::Exists { place, kind })
    }

    /// Whether there is an authority: a file, or on a server something that was done. Tables alone are what a command
    /// left that was broken off.
    fn is_there(home: &Home) -> Result<bool, HubFault> {
        if home.server().is_none() {
            return Ok(home.join(FILE).exists());
        }
        let Some(database) = home.open(FILE, CACHE_KIB, false)? else { return Ok(false) };
        Ok(database.schema(schema::PART)? > 0 && database.exists("SELECT seq FROM change LIMIT 1", &[])?)
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
        self.database.change_alone(schema::PART, |inside| make(&mut Changes::begin(inside, author)?))
    }

    /// What it is kept in.
    pub(in crate::hub) fn database(&self) -> &Database {
        &self.database
    }

    /// The same, for changes that no history tells: sessions, secrets.
    pub(in crate::hub) fn database_mut(&mut self) -> &mut Database {
        &mut self.database
    }

    /// A record as it is now; `None` asks for the policy.
    ///
    /// # Errors
    /// The database's.
    pub fn record(&self, key: Option<RecordKey>) -> Result<Option<Record>, HubFault> {
        record(&self.database, key)
    }

    /// The newest release, if there is one.
    ///
    /// # Errors
    /// The database's.
    pub fn newest_release(&self) -> Result<Option<Release>, HubFault> {
        newest(&self.database)
    }

    /// How many records are not as in the newest release.
    ///
    /// # Errors
    /// The database's.
    pub fn pending(&self) -> Result<u64, HubFault> {
        let version = self.newest_release()?.map_or(0, |release| release.version);
        changed_since(&self.database, version)
    }

    /// How many records of each kind there are.
    ///
    /// # Errors
    /// The database's.
    pub fn counts(&self) -> Result<Counts, HubFault> {
        schema::counts(&self.database)
    }

    /// The block that a label's index belongs to.
    ///
    /// # Errors
    /// The database's.
    pub fn block_of(&self, index: u32) -> Result<Option<Block>, HubFault> {
        block_of(&self.database, index)
    }

    /// The listings with this GTIN, as it stands in records.
    ///
    /// # Errors
    /// The database's.
    pub fn listings_of(&self, gtin: &str) -> Result<Vec<Listing>, HubFault> {
        let sql = "SELECT body FROM record WHERE kind = 3 AND gtin = ?1";
        let records: Vec<Record> = self.database.all(sql, values![gtin], |row| row.json(0))?;
        let listing = |record| if let Record::Listing(listing) = record { Some(listing) } else { None };
        Ok(records.into_iter().filter_map(listing).collect())
    }

    /// The listings of a supplier, by their numbers.
    ///
    /// # Errors
    /// The database's.
    pub fn listings_by(&self, supplier: u32) -> Result<Vec<Listing>, HubFault> {
        let sql = "SELECT body FROM record WHERE kind = 3 AND supplier = ?1 ORDER BY key";
        let records: Vec<Record> = self.database.all(sql, values![supplier], |row| row.json(0))?;
        let listing = |record| if let Record::Listing(listing) = record { Some(listing) } else { None };
        Ok(records.into_iter().filter_map(listing).collect())
    }

    /// Ends the present changes: they are a release from now on.
    ///
    /// # Errors
    /// The database's.
    pub fn release(&mut self, author: &Author) -> Result<Release, HubFault> {
        self.release_in(author, None)
    }

    /// As [`release`](Self::release), in a turn that may have gone to another one.
    pub(super) fn release_in(&mut self, author: &Author, fence: Option<Fence>) -> Result<Release, HubFault> {
        self.database.change_alone(schema::PART, |inside| {
            fence.map_or(Ok(()), |fence| inside.check(fence))?;
            let version = newest(inside)?.map_or(0, |release| release.version) + 1;
            let changed = changed_since(inside, version - 1)?;
            let sql = "INSERT INTO release (version, issued, who, changed) VALUES (?1, ?2, ?3, ?4)";
            inside.execute(sql, values![version, &author.at.to_string(), &author.who, changed])?;
            newest(inside)?.ok_or_else(|| HubFault::Refused("the release is not there".to_owned()))
        })
    }

    /// The lines of a file of records that leads from release `from` to the newest one; from 0 it is the whole list.
    ///
    /// # Errors
    /// There is no release after `from`, the database's, or those of `each`.
    pub fn lines(&self, from: u64, each: &mut dyn FnMut(&Line) -> Result<(), HubFault>) -> Result<Release, HubFault> {
        // One transaction, so that changes made meanwhile are not half in it.
        self.database.snapshot(|inside| {
            let Some(release) = newest(inside)? else {
                return Err(HubFault::Refused("there is no release yet".to_owned()));
            };
            let to = release.version;
            if from >= to {
                let message = format!("nothing leads from release {from} to the newest one, which is {to}");
                return Err(HubFault::Refused(message));
            }
            each(&Line::Meta(Meta { from, to, issued: release.issued }))?;
            // What changed after the newest release, and what changed and is again as it was, belongs into no delta.
            let now = format!("SELECT kind, key, CASE WHEN version <= ?1 THEN body ELSE {} END", body_at("?1"));
            let mut put = |row: &Row<'_>| line(row)?.map_or(Ok(()), |line| each(&line));
            if from == 0 {
                inside.each(&format!("{now}, NULL FROM record r ORDER BY kind, key"), values![to], &mut put)?;
            } else {
                // `+ 0`: in the order of the table itself, all of it would be read.
                let then = body_at("?2");
                let sql = format!("{now}, {then} FROM record r WHERE version > ?2 ORDER BY kind + 0, key");
                inside.each(&sql, values![to, from], &mut put)?;
            }
            Ok(release)
        })
    }
}

fn record(database: &Database, key: Option<RecordKey>) -> Result<Option<Record>, HubFault> {
    let (kind, key) = key.map_or((0, 0), schema::place_of);
    let sql = "SELECT body FROM record WHERE kind = ?1 AND key = ?2 AND body IS NOT NULL";
    database.one(sql, values![kind, key], |row| row.json(0))
}

fn newest(database: &Database) -> Result<Option<Release>, HubFault> {
    let sql = "SELECT version, issued, changed FROM release ORDER BY version DESC LIMIT 1";
    database.one(sql, &[], |row| Ok(Release { version: row.get(0)?, issued: row.time(1)?, changed: row.get(2)? }))
}

/// The body that record `r` had in a release, as SQL.
fn body_at(version: &str) -> String {
    format!(
        "(SELECT body FROM change c WHERE c.kind = r.kind AND c.key = r.key AND c.version <= {version}
          ORDER BY seq DESC LIMIT 1)"
    )
}

/// How many records are not as in release `version`.
fn changed_since(database: &Database, version: u64) -> Result<u64, HubFault> {
    let sql = format!("SELECT count(*) FROM record r WHERE version > ?1 AND body IS DISTINCT FROM {}", body_at("?1"));
    Ok(database.one(&sql, values![version], |row| row.get(0))?.unwrap_or_default())
}

/// Blocks do not overlap, so only the last one that begins at or before `index` can have it.
fn block_of(database: &Database, index: u32) -> Result<Option<Block>, HubFault> {
    let sql = "SELECT body FROM record WHERE kind = 5 AND key <= ?1 AND body IS NOT NULL ORDER BY key DESC LIMIT 1";
    let record = database.one(sql, values![index], |row| row.json(0))?;
    let block = record.and_then(|record| if let Record::Block(block) = record { Some(block) } else { None });
    Ok(block.filter(|block| index <= block.last))
}

/// The line that leads a record from its older body, in column 3, to its newer one in column 2; none if they are the same.
fn line(row: &Row<'_>) -> Result<Option<Line>, HubFault> {
    let listed = |body: Option<&str>| body.is_some_and(|body| !body.contains(UNSEEN));
    let [new, old] = [row.text_or_null(2)?, row.text_or_null(3)?].map(|body| body.filter(|_| listed(body)));
    if new == old {
        return Ok(None);
    }
    if new.is_some() {
        return Ok(Some(Line::Put(Box::new(row.json(2)?))));
    }
    Ok(schema::key_at(row.get(0)?, row.get(1)?).map(Line::Drop))
}
