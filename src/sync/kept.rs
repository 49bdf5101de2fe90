//! What is kept of the feed between two syncs: the newest verified metadata, in one file that is replaced whole.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::SyncFault;
use super::replace::replace;
use crate::store::Lock;

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
        let text = serde_json::to_vec(self).map_err(|error| SyncFault::Broken { why: error.to_string() })?;
        replace(&Self::path(state), &text)
    }
}

/// Held by the one sync or enrolment that is at work.
pub fn lock(state: &Path) -> Result<Lock, SyncFault> {
    Lock::take(&state.join("feed.lock"))?.ok_or_else(|| SyncFault::Busy { folder: state.to_owned() })
}
