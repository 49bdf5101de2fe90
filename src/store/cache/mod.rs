//! The kiosk's copy of the authority's records: one database per generation.
//!
//! A snapshot builds `cache-VERSION.db` beside the old one and takes its place by a rename; a delta changes the newest
//! one in one transaction. So a power cut at any moment leaves the old list or the new one.

mod differ;
mod find;
mod load;
mod place;
mod references;
mod schema;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

pub use differ::Difference;
pub use load::{confirm, load, load_lines, load_way};
pub use place::clear;

use super::StoreFault;
use super::file::file_number;
use crate::rules::evidence::CacheFacts;

/// The newest complete list, open for reading. Other programs may load another meanwhile: [`Cache::refresh`] takes it up.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    path: PathBuf,
    /// The file's number on its device: a list that replaces a damaged one may have the same name.
    file: u64,
    connection: Connection,
    data_version: i64,
    facts: CacheFacts,
    listings: u64,
}

/// What is loaded, for people.
#[derive(Clone, Debug, Serialize)]
pub struct CacheInfo {
    /// The feed's version.
    pub version: u64,
    /// When the authority issued it.
    pub issued: Timestamp,
    /// How many suppliers.
    pub suppliers: u64,
    /// How many listings.
    pub listings: u64,
    /// How many blocks of label indexes.
    pub blocks: u64,
    /// How many exceptions.
    pub exceptions: u64,
    /// How many keys.
    pub keys: u64,
    /// How many texts.
    pub reasons: u64,
    /// The database's size.
    pub size_bytes: u64,
    /// The database.
    pub path: PathBuf,
}

impl Cache {
    /// The newest complete list in `folder`, if there is one.
    ///
    /// # Errors
    /// There is one and it cannot be read: an older one is not taken in its place.
    pub fn open(folder: &Path) -> Result<Option<Self>, StoreFault> {
        let Some((_, path)) = newest(folder)? else { return Ok(None) };
        let file = file_number(&path)?;
        let fault = StoreFault::database(&path);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(&fault)?;
        schema::check(&connection, &path)?;
        schema::prepare_reading(&connection).map_err(&fault)?;
        let data_version = data_version(&connection).map_err(&fault)?;
        let (facts, listings) = schema::facts(&connection).map_err(&fault)?;
        drop(fault);
        let folder = folder.to_owned();
        Ok(Some(Self { folder, path, file, connection, data_version, facts, listings }))
    }

    /// What the newest complete list in `folder` says of itself, if there is one. Nothing is written: to open a list that
    /// nobody has open, SQLite makes two files beside it, and removes them in the end.
    ///
    /// # Errors
    /// As [`Cache::open`].
    pub fn peek(folder: &Path) -> Result<Option<CacheFacts>, StoreFault> {
        let Some((_, path)) = newest(folder)? else { return Ok(None) };
        match facts_at_rest(&path) {
            Some(facts) => Ok(Some(facts)),
            None => Ok(Self::open(folder)?.map(|cache| cache.facts)),
        }
    }

    /// Whether the newest complete list in `folder` is not as it was written, as far as SQLite sees that; all of it is read.
    #[must_use]
    pub fn is_damaged(folder: &Path) -> bool {
        let check = |cache: Option<Self>| {
            let Some(Self { path, connection, .. }) = cache else { return Ok(false) };
            let said = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
            said.map(|said| said != "ok").map_err(StoreFault::database(&path))
        };
        Self::open(folder).and_then(check).unwrap_or_else(|fault| fault.is_of_damage())
    }

    /// Takes up whatever was loaded since; `true` if the list is another one.
    ///
    /// # Errors
    /// The newest list cannot be read.
    pub fn refresh(&mut self) -> Result<bool, StoreFault> {
        let same = match newest(&self.folder)? {
            Some((_, path)) => path == self.path && file_number(&path)? == self.file,
            None => false,
        };
        if !same {
            let cache = Self::open(&self.folder)?.ok_or_else(|| StoreFault::NoCache { path: self.folder.clone() })?;
            *self = cache;
            return Ok(true);
        }
        let fault = StoreFault::database(&self.path);
        let data_version = data_version(&self.connection).map_err(&fault)?;
        if data_version == self.data_version {
            return Ok(false);
        }
        let (facts, listings) = schema::facts(&self.connection).map_err(&fault)?;
        let changed = facts != self.facts;
        (self.data_version, self.facts, self.listings) = (data_version, facts, listings);
        Ok(changed)
    }

    /// What the list says of itself, as of the last [`Cache::refresh`].
    #[must_use]
    pub const fn facts(&self) -> CacheFacts {
        self.facts
    }

    /// How many listings it has.
    #[must_use]
    pub const fn listings(&self) -> u64 {
        self.listings
    }

    /// What is loaded, counted.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn info(&self) -> Result<CacheInfo, StoreFault> {
        let count = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table}");
            self.connection.query_row(&sql, [], |row| row.get::<_, u64>(0)).map_err(StoreFault::database(&self.path))
        };
        let size = std::fs::metadata(&self.path).map_err(|source| StoreFault::file(&self.path, "read", source))?;
        Ok(CacheInfo {
            version: self.facts.version,
            issued: self.facts.issued,
            suppliers: count("supplier")?,
            listings: self.listings,
            blocks: count("block")?,
            exceptions: count("exception")?,
            keys: count("key")?,
            reasons: count("reason")?,
            size_bytes: size.len(),
            path: self.path.clone(),
        })
    }

    /// One that may attach and make other files: a connection that only asks may not.
    fn another_connection(&self) -> Result<Connection, StoreFault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(&self.path, flags).map_err(StoreFault::database(&self.path))
    }

    /// Copies the list as it is now into a new file.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreFault> {
        super::journal::copy(&self.another_connection()?, path)
    }
}

impl std::fmt::Display for CacheInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "version     {} of {}", self.version, self.issued)?;
        writeln!(f, "suppliers   {}", self.suppliers)?;
        writeln!(f, "listings    {}", self.listings)?;
        writeln!(f, "blocks      {}", self.blocks)?;
        writeln!(f, "exceptions  {}", self.exceptions)?;
        writeln!(f, "keys        {}", self.keys)?;
        writeln!(f, "texts       {}", self.reasons)?;
        write!(f, "file        {} ({} bytes)", self.path.display(), self.size_bytes)
    }
}

/// What a list says of itself that nobody has open or changes meanwhile: then SQLite may take the file for one that never
/// changes.
fn facts_at_rest(path: &Path) -> Option<CacheFacts> {
    let at_rest = || {
        let is_open = place::beside(path).iter().any(|beside| beside.exists());
        if is_open { None } else { std::fs::metadata(path).and_then(|about| about.modified()).ok() }
    };
    let before = at_rest()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(unchanging(path)?, flags).ok()?;
    schema::check(&connection, path).ok()?;
    let (facts, _) = schema::facts(&connection).ok()?;
    (at_rest()? == before).then_some(facts)
}

/// The address of a file for SQLite, with the promise that it does not change.
fn unchanging(path: &Path) -> Option<String> {
    let path = path.to_str().filter(|_| cfg!(unix))?;
    // RFC 3986, 2.3: these need no escape. A folder may have any name.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let escaped = path.bytes().map(|byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") });
    Some(format!("file:{}?immutable=1", escaped.collect::<String>()))
}

/// Counts up whenever another connection has changed the database.
fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA data_version", [], |row| row.get(0))
}

/// The complete generation with the highest version.
fn newest(folder: &Path) -> Result<Option<(u64, PathBuf)>, StoreFault> {
    Ok(generations(folder)?.into_iter().max())
}

fn generations(folder: &Path) -> Result<Vec<(u64, PathBuf)>, StoreFault> {
    let fault = |source| StoreFault::file(folder, "read", source);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let version = name.strip_prefix("cache-").and_then(|rest| rest.strip_suffix(".db")?.parse().ok());
        found.extend(version.map(|version| (version, path.clone())));
    }
    Ok(found)
}
