//! The append-only record of every verdict shown.
//!
//! A row's truth is its JSON; the hash of each row covers the one before. The other columns are found in that JSON and
//! only make it searchable, and [`verify()`] compares them with it.

mod chain;
mod export;
mod exported;
mod find;
mod prune;
mod schema;
mod sealed;
mod verify;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

pub use chain::Row;
pub use export::{Format, export};
pub use exported::exported;
pub use prune::Confirmed;
pub use sealed::{Sealed, beginning, follows};
pub use verify::{Verified, verify};

use self::prune::Anchor;
use super::StoreFault;
use super::file::file_number;
use super::lock::Lock;
use crate::rules::clock::ClockTrust;
use crate::rules::entry::Entry;
use crate::rules::status::JournalStatus;

/// A row that is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its number, counting from 1.
    pub seq: u64,
    /// Its hash; before the first row that of the journal's beginning.
    pub hash: [u8; 32],
}

/// A journal, open for writing by this program alone, or for reading.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// Tells this file from one that was put in its place.
    file: u64,
    kiosk: String,
    epoch: [u8; 16],
    connection: Connection,
    head: Committed,
    highest: Option<Timestamp>,
    /// The last row that was pruned.
    pruned: u64,
    /// Held as long as this journal may write.
    _lock: Option<Lock>,
}

impl Journal {
    /// Opens the journal of `kiosk`, or begins one with a random epoch.
    ///
    /// # Errors
    /// It is in use, damaged, of a newer program, or cannot be written.
    pub fn open(path: &Path, kiosk: &str) -> Result<Self, StoreFault> {
        let mut epoch = [0; 16];
        getrandom::fill(&mut epoch)
            .map_err(|error| StoreFault::file(path, "begun", std::io::Error::other(error.to_string())))?;
        Self::create(path, kiosk, epoch)
    }

    /// Opens the journal of `kiosk`, or begins one with this epoch. A real journal's epoch is random, see
    /// [`Journal::open`]; a replayed one repeats it.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn create(path: &Path, kiosk: &str, epoch: [u8; 16]) -> Result<Self, StoreFault> {
        let lock = lock(path)?;
        let fault = StoreFault::database(path);
        let mut connection = Connection::open(path).map_err(&fault)?;
        schema::prepare(&mut connection, path, kiosk, &epoch)?;
        Self::with(connection, path, Some(lock))
    }

    /// Opens an existing journal for reading, also while a kiosk writes it.
    ///
    /// # Errors
    /// It does not exist, is damaged, or of a newer program.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreFault> {
        let fault = StoreFault::database(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(&fault)?;
        connection.busy_timeout(schema::PATIENCE).map_err(&fault)?;
        schema::check(&connection, path)?;
        Self::with(connection, path, None)
    }

    fn with(connection: Connection, path: &Path, lock: Option<Lock>) -> Result<Self, StoreFault> {
        let fault = StoreFault::database(path);
        let meta = schema::Meta::read(&connection).map_err(&fault)?;
        let pruned = Anchor::read(&connection, &meta.kiosk, &meta.epoch).map_err(&fault)?.seq;
        drop(fault);
        Ok(Self {
            file: file_number(path)?,
            path: path.to_owned(),
            head: meta.head,
            highest: meta.highest(),
            pruned,
            kiosk: meta.kiosk,
            epoch: meta.epoch,
            connection,
            _lock: lock,
        })
    }

    /// Appends a row; when this returns, it is on disk.
    ///
    /// # Errors
    /// The row is not on disk, and the journal is as before.
    pub fn append(&mut self, entry: &Entry) -> Result<Committed, StoreFault> {
        let row = Row::next(&self.kiosk, &self.epoch, self.head, entry.clone());
        let body = row.body();
        let fault = StoreFault::database(&self.path);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&fault)?;
        schema::insert(&transaction, &row, &body).map_err(&fault)?;
        let trusted = entry.trust == ClockTrust::Trusted;
        let highest = if trusted { self.highest.max(Some(entry.at)) } else { self.highest };
        transaction
            .prepare_cached("UPDATE meta SET seq = ?, hash = ?, highest_ms = ?")
            .and_then(|mut update| update.execute(params![row.seq, row.hash, highest.map(Timestamp::as_millisecond)]))
            .map_err(&fault)?;
        transaction.commit().map_err(&fault)?;
        self.head = Committed { seq: row.seq, hash: row.hash };
        self.highest = highest;
        Ok(self.head)
    }

    /// Whether its file is still the one at its place. Rows that go into a file that was moved or removed are lost.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        file_number(&self.path).is_ok_and(|file| file == self.file)
    }

    /// What it holds, and how many bytes it takes on the disk with what is not yet in its place.
    #[must_use]
    pub fn status(&self) -> JournalStatus {
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        let sizes = [self.path.as_path(), Path::new(&log)].map(std::fs::metadata);
        JournalStatus { pruned: self.pruned, bytes: sizes.into_iter().flatten().map(|found| found.len()).sum() }
    }

    /// The newest row; number 0 and the beginning's hash if there is none.
    #[must_use]
    pub const fn head(&self) -> Committed {
        self.head
    }

    /// Tells this journal from the one that the same kiosk had before it was set up anew.
    #[must_use]
    pub const fn epoch(&self) -> [u8; 16] {
        self.epoch
    }

    /// The newest time of a row whose clock was trusted.
    #[must_use]
    pub const fn highest_time(&self) -> Option<Timestamp> {
        self.highest
    }

    /// Refuses every row as a full disk would, or takes rows again; for replays and tests.
    ///
    /// # Errors
    /// The database refuses.
    pub fn limit_growth(&mut self, limited: bool) -> Result<(), StoreFault> {
        self.connection.execute_batch(schema::full_disk(limited)).map_err(StoreFault::database(&self.path))
    }

    /// Copies the journal as it is now into a new file.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreFault> {
        copy(&self.connection, path)
    }
}

/// Copies a database, consistent even while it is written.
pub(super) fn copy(connection: &Connection, path: &Path) -> Result<(), StoreFault> {
    let name = path.to_string_lossy();
    connection.execute("VACUUM INTO ?", [name]).map(drop).map_err(StoreFault::database(path))
}

/// One program writes: two would each remember another head.
fn lock(path: &Path) -> Result<Lock, StoreFault> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    Lock::take(Path::new(&name))?.ok_or_else(|| StoreFault::InUse { path: path.to_owned() })
}
