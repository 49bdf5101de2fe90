//! The kiosk's side of the feed and of its hub: what is right comes in, and whatever is wrong leaves the last good list
//! and is named.

mod attacks;
mod authority;
mod command;

mod follow;
mod good;
mod hand_up;
mod moved;
mod museum;
mod network;
mod power;
mod proxy;
mod prune;
mod python_tuf;
mod reflash;
mod secrets;
mod server;
mod status;
mod storm;
mod tls;
mod ways;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use greengate::store::Cache;
use greengate::sync::{Outcome, Pace, Settings, Source, SyncFault};
use jiff::Timestamp;
use tempfile::TempDir;

use authority::Authority;

/// When these tests play.
pub fn now() -> Timestamp {
    time("2026-11-24T02:00:00Z")
}

pub fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Nothing is slow on loopback, but the machine may be busy.
pub fn patient() -> Pace {
    Pace { stall: Duration::from_secs(60), ..Pace::default() }
}

/// A kiosk's state folder.
pub struct Kiosk {
    pub state: TempDir,
    root: Option<Vec<u8>>,
}

impl Kiosk {
    /// One that was given the authority's first root.
    pub fn of(authority: &Authority) -> Self {
        Self { state: TempDir::new().expect("a folder"), root: Some(authority.root(1)) }
    }

    /// One that has the authority's newest list.
    pub fn synced(authority: &Authority) -> Self {
        let kiosk = Self::of(authority);
        kiosk.sync(&authority.source()).expect("a good sync");
        kiosk
    }

    pub fn sync(&self, source: &Source) -> Result<Outcome, SyncFault> {
        self.sync_at(source, now())
    }

    pub fn sync_at(&self, source: &Source, now: Timestamp) -> Result<Outcome, SyncFault> {
        greengate::sync::sync(&self.settings(&[source]), &mut |_| (), now)
    }

    pub fn settings(&self, sources: &[&Source]) -> Settings {
        let sources = sources.iter().map(|source| (*source).clone()).collect();
        Settings { state: self.state.path().to_owned(), sources, root: self.root.clone() }
    }

    pub fn version(&self) -> u64 {
        Cache::open(self.state.path()).expect("a readable list").map_or(0, |cache| cache.facts().version)
    }

    /// Syncs, which must fail: list and trust are as before. Gives the fault.
    #[track_caller]
    pub fn refuses(&self, source: &Source) -> SyncFault {
        self.refuses_at(source, now())
    }

    #[track_caller]
    pub fn refuses_at(&self, source: &Source, now: Timestamp) -> SyncFault {
        let trust = || std::fs::read(self.state.path().join("feed.json")).ok();
        let before = (self.version(), trust());
        let fault = self.sync_at(source, now).expect_err("a fault");
        assert!((self.version(), trust()) == before, "list or trust has changed at: {fault}");
        fault
    }

    /// Every file with when it was written and what is in it.
    pub fn files(&self) -> BTreeMap<String, (std::time::SystemTime, Vec<u8>)> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.state.path().to_owned()];
        while let Some(folder) = open.pop() {
            for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if path.is_dir() {
                    open.push(path);
                } else {
                    let written = path.metadata().and_then(|found| found.modified()).expect("a time");
                    found.insert(path.display().to_string(), (written, std::fs::read(&path).expect("a file")));
                }
            }
        }
        found
    }

    /// The parts of downloads that lie about.
    pub fn parts(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.state.path().join("feed")).into_iter().flatten();
        let mut names: Vec<String> =
            names.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

pub fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    std::fs::write(path, bytes).expect("a file that can be written");
}
