//! One sync from end to end.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::download::{Download, missing, sweep};
use super::kept::{self, Kept};
use super::plan::{FeedFile, newest, ways};
use super::replace::remove;
use super::trust::{self, Feed, TIMESTAMP, TIMESTAMP_LIMIT, Trusted};
use super::{Settings, Source, SyncFault};
use crate::store::{self, Cache};

/// A newer root of trust is asked for at least this often, even while nothing else changes.
const ROOT_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Nothing is brought that would leave less room than this, in bytes: the journal is beside it. As long as verdicts are
/// written, a revocation has to come.
const ROOM_OF_OTHERS: u64 = 1 << 20;

/// What a sync did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The list before; 0 is none.
    pub before: u64,
    /// The list now.
    pub after: u64,
    /// When the authority last vouched for it, as its signed timestamp says.
    pub issued: Option<Timestamp>,
    /// How many files were asked for.
    pub requests: u64,
    /// How many bytes came.
    pub bytes: u64,
    /// What was done.
    pub did: Did,
    /// Where it came from.
    pub from: String,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Did {
    /// Nothing: the feed is as it was.
    Unchanged,
    /// The authority vouches anew for the same list.
    Confirmed,
    /// Loaded so many deltas.
    Deltas(usize),
    /// Loaded a snapshot, and so many deltas on it.
    Snapshot(usize),
}

/// What a sync is about to do, for those who watch.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// Asks this place.
    Asking(&'a str),
    /// So many bytes of a file have come.
    Downloading {
        /// The file.
        name: &'a str,
        /// Bytes that are there.
        done: u64,
        /// Bytes that it has.
        of: u64,
    },
    /// So many bytes of a file are loaded.
    Loading {
        /// The file.
        name: &'a str,
        /// Bytes that are done.
        done: u64,
        /// Bytes that it has.
        of: u64,
    },
    /// A file is left aside, and another way taken.
    Aside(&'a SyncFault),
}

/// Brings the newest list. `now` is the best time that the caller knows: what has expired by then is refused.
///
/// # Errors
/// No source leads to a list that can be believed; the one that is there goes on. If there are several sources, the
/// last one's fault is told and the others' are logged.
pub fn sync(settings: &Settings, progress: &mut dyn FnMut(Step<'_>), now: Timestamp) -> Result<Outcome, SyncFault> {
    let _lock = kept::lock(&settings.state)?;
    let there: Vec<&Source> = settings.sources.iter().filter(|source| source.is_there()).collect();
    // Where nothing is there, the last one tells what is missing.
    let asked = if there.is_empty() { settings.sources.last().into_iter().collect() } else { there };
    let (mut done, mut faults): (Option<Outcome>, Vec<SyncFault>) = (None, Vec::new());
    for source in asked {
        match (Work { settings, source, now }).run(progress) {
            Ok(outcome) => done = Some(outcome.after(done)),
            Err(fault) => faults.push(fault),
        }
    }
    let told = if done.is_none() { faults.pop() } else { None };
    for fault in faults {
        log::warn!("{fault}");
    }
    done.ok_or(told.unwrap_or(SyncFault::NoFeed))
}

impl Outcome {
    /// Both in one, if another source was asked earlier.
    fn after(self, earlier: Option<Self>) -> Self {
        let Some(earlier) = earlier else { return self };
        Self {
            before: earlier.before,
            requests: earlier.requests + self.requests,
            bytes: earlier.bytes + self.bytes,
            did: if self.did == Did::Unchanged { earlier.did } else { self.did },
            ..self
        }
    }
}

/// When the authority last vouched for the list in `state`, as the last sync verified it.
///
/// # Errors
/// What was kept of the feed cannot be read.
pub fn last_issued(state: &Path) -> Result<Option<Timestamp>, SyncFault> {
    let Some(kept) = Kept::read(state)? else { return Ok(None) };
    Ok(feed_of(&kept, state)?.issued)
}

/// When the list in `state` was last found to be its feed's newest, as far as the disk tells: up to a day too early, for a
/// sync that changes nothing writes nothing.
#[must_use]
pub fn last_synced(state: &Path) -> Option<Timestamp> {
    let kept = Kept::read(state).ok().flatten()?;
    let have = Cache::open(state).ok().flatten()?.facts().version;
    (newest(&feed_of(&kept, state).ok()?.files) == Some(have)).then_some(kept.root_asked)
}

/// How long to wait until the next sync: `every`, a fifth more or less, so that a thousand kiosks that were switched on
/// together do not ask together. `random` is any number.
#[must_use]
pub fn pause(every: Duration, random: u32) -> Duration {
    every.mul_f64(0.8 + 0.4 * f64::from(random) / f64::from(u32::MAX))
}

/// A sync with one source.
struct Work<'a> {
    settings: &'a Settings,
    source: &'a Source,
    now: Timestamp,
}

impl Work<'_> {
    fn run(&self, progress: &mut dyn FnMut(Step<'_>)) -> Result<Outcome, SyncFault> {
        let (requests, bytes) = self.source.spent();
        let from = self.source.shown();
        progress(Step::Asking(&from));
        let (feed, is_new, is_new_day) = self.verified()?;
        let before = self.have();
        let mark = self.folder()?.join("damaged");
        // A page that is damaged shows nowhere else before somebody holds up goods that stand on it.
        let is_damaged = (is_new_day || mark.exists()) && Cache::is_damaged(&self.settings.state);
        if is_damaged {
            fs::write(&mark, "").map_err(|error| SyncFault::file(&mark, "written", error))?;
        }
        let brought = self.bring(&feed.files, if is_damaged { 0 } else { before }, progress)?;
        remove(&mark)?;
        let after = self.vouched(&feed)?;
        let did = brought.unwrap_or(if is_new { Did::Confirmed } else { Did::Unchanged });
        let spent = self.source.spent();
        Ok(Outcome {
            before,
            after,
            issued: feed.issued,
            requests: spent.0 - requests,
            bytes: spent.1 - bytes,
            did,
            from,
        })
    }

    /// The feed's metadata, verified and kept; whether it is other than before, and whether that was kept on another day.
    /// What has not changed since is known by its timestamp, byte for byte.
    fn verified(&self) -> Result<(Feed, bool, bool), SyncFault> {
        let state = &self.settings.state;
        let kept = Kept::read(state)?;
        let known = kept.as_ref().map(|kept| feed_of(kept, state)).transpose()?;
        let timestamp = self.source.metadata(TIMESTAMP, TIMESTAMP_LIMIT)?.ok_or_else(|| self.nothing())?;
        if let (Some(kept), Some(feed)) = (&kept, known)
            && kept.timestamp.as_bytes() == timestamp
            && !self.is_root_due(kept)
        {
            feed.check_expiry(self.now)?;
            return Ok((feed, false, false));
        }
        let trusted = match (&kept, &self.settings.root) {
            (Some(kept), _) => Trusted::Kept(kept),
            (None, Some(root)) => Trusted::First(root),
            (None, None) => return Err(SyncFault::NoRoot),
        };
        let new = trust::update(self.source, trusted, &timestamp, &self.folder()?.join("trust"), self.now)?;
        let unreadable = |why| SyncFault::Unreadable { role: "the feed".to_owned(), why };
        let feed = Feed::of(&new).map_err(unreadable)?;
        feed.check_expiry(self.now)?;
        new.write(state)?;
        let day = |kept: &Kept| kept.root_asked.as_second().div_euclid(ROOT_EVERY.as_secs());
        let is_new_day = kept.as_ref().is_some_and(|kept| day(kept) != day(&new));
        let is_new = kept.is_none_or(|kept| kept.timestamp != new.timestamp);
        Ok((feed, is_new, is_new_day))
    }

    /// Why there is no feed.
    fn nothing(&self) -> SyncFault {
        if self.source.is_there() {
            return SyncFault::Missing { url: self.source.address("metadata", TIMESTAMP) };
        }
        SyncFault::NotPluggedIn { folder: self.source.shown() }
    }

    /// A clock that went back may have gone back by years.
    fn is_root_due(&self, kept: &Kept) -> bool {
        let since = self.now.duration_since(kept.root_asked);
        since >= ROOT_EVERY || since.is_negative()
    }

    /// Brings the list from version `have` up to the feed's newest one; `None` if it is that already.
    fn bring(
        &self,
        files: &[FeedFile],
        have: u64,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> Result<Option<Did>, SyncFault> {
        let to = newest(files).ok_or(SyncFault::NoWay { have, to: 0 })?;
        if have > to {
            return Err(SyncFault::Older { have, offered: to });
        }
        if have == to {
            // What a sync left behind that was cut off between loading and tidying up.
            sweep(&self.folder()?, &[])?;
            return Ok(None);
        }
        let folder = self.folder()?;
        let missing = |file| Ok((file, missing(&folder, file)?));
        let files = files.iter().map(missing).collect::<Result<Vec<_>, SyncFault>>()?;
        let mut first = None;
        for way in ways(&files, have, to) {
            match self.follow(&way, progress) {
                Ok(did) => return Ok(Some(did)),
                Err(fault) if fault.is_of_one_way() => {
                    progress(Step::Aside(&fault));
                    first.get_or_insert(fault);
                }
                Err(fault) => return Err(fault),
            }
        }
        Err(first.unwrap_or(SyncFault::NoWay { have, to }))
    }

    /// The list is as old as the newest moment at which the authority vouched for it. Gives its version.
    fn vouched(&self, feed: &Feed) -> Result<u64, SyncFault> {
        let Some(facts) = Cache::peek(&self.settings.state)? else { return Ok(0) };
        if let Some(issued) = feed.issued.filter(|issued| facts.issued < *issued)
            && Some(facts.version) == newest(&feed.files)
        {
            store::confirm(&self.settings.state, facts.version, issued)?;
        }
        Ok(facts.version)
    }

    /// All files of the way are here and are what was signed before the first one goes in: a way that leads nowhere leaves
    /// the list as it is.
    fn follow(&self, way: &[&FeedFile], progress: &mut dyn FnMut(Step<'_>)) -> Result<Did, SyncFault> {
        let folder = self.folder()?;
        sweep(&folder, way)?;
        let loaded = Self::room_for(&folder, way).and_then(|()| self.bring_and_load(&folder, way, progress));
        // What is still to be brought stays for the next sync, unless the disk is full: the journal needs the room.
        let is_kept = loaded.as_ref().is_err_and(|fault| !fault.is_of_a_full_disk());
        let swept = if is_kept { Ok(()) } else { sweep(&folder, &[]) };
        loaded.and(swept)?;
        let snapshots = way.iter().filter(|file| file.from == 0).count();
        let deltas = way.len() - snapshots;
        Ok(if snapshots > 0 { Did::Snapshot(deltas) } else { Did::Deltas(deltas) })
    }

    /// Whether what has to come leaves room for the journal. The list that is built from it is not counted: how long it gets
    /// shows then.
    fn room_for(folder: &Path, way: &[&FeedFile]) -> Result<(), SyncFault> {
        let needed = way.iter().try_fold(ROOM_OF_OTHERS, |sum: u64, file| {
            Ok::<_, SyncFault>(sum.saturating_add(missing(folder, file)?))
        })?;
        match free(folder) {
            Some(free) if free < needed => Err(SyncFault::DiskFull { path: folder.to_owned() }),
            Some(_) | None => Ok(()),
        }
    }

    fn bring_and_load(
        &self,
        folder: &Path,
        way: &[&FeedFile],
        progress: &mut dyn FnMut(Step<'_>),
    ) -> Result<(), SyncFault> {
        for file in way {
            let (name, of) = (file.name.as_str(), file.length);
            Download::new(self.source, folder, file).run(&mut |done| progress(Step::Downloading { name, done, of }))?;
        }
        // What is here is not brought again. Each is opened in its turn, for a way may have more files than may be open.
        let mut files = way.iter().map(|file| {
            let verified = Download::new(self.source, folder, file).run(&mut |_| ())?;
            Ok::<_, SyncFault>(verified.leading(file.from, file.to))
        });
        let to = way.last().map(|file| file.to);
        store::load_way(&self.settings.state, &mut files, to, &mut |nth, done| {
            progress(Step::Loading { name: &way[nth].name, done, of: way[nth].length });
        })?;
        Ok(())
    }

    /// The version of the list that is there; 0 is none. One that cannot be read is none: a snapshot takes its place.
    fn have(&self) -> u64 {
        Cache::peek(&self.settings.state).ok().flatten().map_or(0, |facts| facts.version)
    }

    /// Where downloads lie.
    fn folder(&self) -> Result<PathBuf, SyncFault> {
        let folder = self.settings.state.join("feed");
        fs::create_dir_all(&folder).map_err(|error| SyncFault::file(&folder, "made", error))?;
        Ok(folder)
    }
}

/// Reads what is kept in `state`.
fn feed_of(kept: &Kept, state: &Path) -> Result<Feed, SyncFault> {
    Feed::of(kept).map_err(|why| SyncFault::Damaged { path: Kept::path(state), why })
}

/// The bytes that can still be written where `folder` is, if the system tells.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let volume = rustix::fs::statvfs(folder).ok()?;
    Some(volume.f_bavail.saturating_mul(volume.f_frsize))
}

#[cfg(not(unix))]
const fn free(_folder: &Path) -> Option<u64> {
    None
}
