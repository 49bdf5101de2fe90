//! What a sync would change, tried on a copy of the list.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::feed::{Outcome, Step, sync};
use super::kept::{self, Kept};
use super::{Settings, SyncFault};
use crate::rules::code::Grade;
use crate::rules::evidence::Found;
use crate::store::{Cache, Difference, Journal};

/// How far back scans are looked at.
const SCANNED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a sync would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// What the sync would do.
    pub outcome: Outcome,
    /// What the list would say otherwise.
    pub difference: Difference,
    /// Codes that were scanned within the last thirty days, by their grade before and after, where that is another one.
    pub scanned: Vec<(Grade, Grade, u64)>,
}

/// Syncs a copy of the list and compares; the list, and what is trusted, stay as they are. No other sync goes on meanwhile.
///
/// # Errors
/// Those of [`sync`], or the journal cannot be read.
pub fn dry_run(
    settings: &Settings,
    journal: &Path,
    progress: &mut dyn FnMut(Step<'_>),
    now: Timestamp,
) -> Result<Preview, SyncFault> {
    let _lock = kept::lock(&settings.state)?;
    let copy = Copy::of(&settings.state)?;
    let tried = Settings { state: copy.0.clone(), ..settings.clone() };
    let outcome = sync(&tried, progress, now)?;
    let (before, after) = (Cache::open(&settings.state)?, Cache::open(&copy.0)?);
    let (Some(before), Some(after)) = (before, after) else {
        return Ok(Preview { outcome, difference: Difference::default(), scanned: Vec::new() });
    };
    let difference = after.differences(&before)?;
    let scanned = if journal.exists() { scanned(journal, [&before, &after], now)? } else { Vec::new() };
    Ok(Preview { outcome, difference, scanned })
}

/// Each code of the journal's last thirty days, looked up in both lists.
fn scanned(journal: &Path, lists: [&Cache; 2], now: Timestamp) -> Result<Vec<(Grade, Grade, u64)>, SyncFault> {
    let since = now.saturating_sub(SCANNED).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut turned: BTreeMap<(Grade, Grade), u64> = BTreeMap::new();
    for code in Journal::open_read_only(journal)?.codes_since(since)? {
        let [before, after] = lists.map(|list| list.find(&code).map(|found| grade(&found)));
        if let (Some(before), Some(after)) = (before?, after?)
            && before != after
        {
            *turned.entry((before, after)).or_default() += 1;
        }
    }
    Ok(turned.into_iter().map(|((before, after), count)| (before, after, count)).collect())
}

/// A code's own grade, else its listing's; of several listings the best.
fn grade(found: &Found) -> Option<Grade> {
    let own = found.exception.as_ref().map(|exception| exception.grade);
    own.or_else(|| found.listings.iter().map(|listing| listing.grade).min())
}

/// A copy of list and trust, removed at the end.
struct Copy(PathBuf);

impl Copy {
    fn of(state: &Path) -> Result<Self, SyncFault> {
        let folder = state.join("feed").join("dry-run");
        let fault = |verb| {
            let folder = folder.clone();
            move |error| SyncFault::file(&folder, verb, error)
        };
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(fault("removed"))?;
        }
        fs::create_dir_all(&folder).map_err(fault("made"))?;
        let copy = Self(folder.clone());
        if let Some(cache) = Cache::open(state)? {
            cache.copy_to(&folder.join(format!("cache-{}.db", cache.facts().version)))?;
        }
        if Kept::path(state).exists() {
            fs::copy(Kept::path(state), Kept::path(&folder)).map_err(fault("written"))?;
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What is left is swept away by the next one.
        let _ = fs::remove_dir_all(&self.0);
    }
}
