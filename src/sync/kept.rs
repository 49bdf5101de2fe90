//! What is kept of the feed between two syncs: the newest verified metadata, in one file that is replaced whole.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SyncFault;

/// The form of `feed.json` that this program writes.
const FORM: u32 = 1;
/// Metadata within its limits is never longer, even if every byte of it is escaped.
const LIMIT: u64 = 64 << 20;

/// The newest verified metadata, each as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    form: u32,
    /// `N.root.json`: whom to believe.
    pub root: String,
    /// `timestamp.json`: which snapshot is the newest.
    pub timestamp: String,
    /// `N.snapshot.json`: which targets belong together.
    pub snapshot: String,
    /// `N.targets.json`: the files of the feed.
    pub targets: String,
    /// When a newer root was asked for.
    pub root_asked: Timestamp,
}

impl Kept {
    /// Metadata that was verified.
    pub const fn new(
        root: String,
        timestamp: String,
        snapshot: String,
        targets: String,
        root_asked: Timestamp,
    ) -> Self {
        Self { form: FORM, root, timestamp, snapshot, targets, root_asked }
    }

    /// Where it stands.
    pub fn path(state: &Path) -> PathBuf {
        state.join("feed.json")
    }

    /// What is kept in `state`, if anything is.
    pub fn read(state: &Path) -> Result<Option<Self>, SyncFault> {
        let path = Self::path(state);
        let damaged = |why: String| SyncFault::Damaged { path: path.clone(), why };
        let text = match fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.len() > LIMIT => return Err(damaged(format!("it has more than {LIMIT} bytes"))),
            Ok(_) | Err(_) => fs::read(&path).map_err(|error| SyncFault::file(&path, "read", error))?,
        };
        let kept: Self = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if kept.form != FORM {
            return Err(damaged(format!("it has form {} and this program knows {FORM}", kept.form)));
        }
        Ok(Some(kept))
    }

    /// Takes the place of what was kept before: after a power cut it is the old or the new one.
    pub fn write(&self, state: &Path) -> Result<(), SyncFault> {
        let path = Self::path(state);
        let part = path.with_extension("json.part");
        let text = serde_json::to_vec(self).map_err(|error| SyncFault::Broken { why: error.to_string() })?;
        let written = File::create(&part).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        if let Err(error) = written {
            // Half a file would take the room that is missing.
            let _ = fs::remove_file(&part);
            return Err(SyncFault::file(&part, "written", error));
        }
        fs::rename(&part, &path).map_err(|error| SyncFault::file(&path, "put in place", error))?;
        File::open(state).and_then(|folder| folder.sync_all()).map_err(|error| SyncFault::file(state, "synced", error))
    }
}

/// Held by the one sync that is at work; the system lets go of it even after a crash.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes it.
    pub fn take(state: &Path) -> Result<Self, SyncFault> {
        let path = state.join("feed.lock");
        let fault = |source| SyncFault::file(&path, "opened", source);
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(SyncFault::Busy { folder: state.to_owned() }),
            Err(TryLockError::Error(source)) => Err(fault(source)),
        }
    }
}

impl Drop for Lock {
    /// Closing is not enough: a child that is being started has a copy until it runs its program.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}
