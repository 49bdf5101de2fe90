//! Enrolment: with a one-time code the kiosk gets its hub, its token, its feed, and the root that its trust begins with.
//!
//! A kiosk that goes over to another authority takes its journal along and nothing else. Its list and all that was trusted
//! are removed before the new enrolment takes the old one's place: with a list of one authority and the feed of another, labels
//! of the first would go on being green, and a delta of the second could be loaded onto it. If the power goes in between, the
//! kiosk is still the old hub's, and brings that one's list again.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::kept::{self, Kept};
use super::link::Link;
use super::replace::{remove, replace};
use super::{SyncFault, trust};
use crate::rules::clock::Clock;
use crate::rules::entry::{Entry, What};
use crate::rules::site::FeedSettings;
use crate::store::{self, Journal};

const FILE: &str = "enrolment.json";

/// What a kiosk knows of its hub.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The hub's address, which ends with a slash.
    pub hub: String,
    /// The kiosk's name there, which is its journal's too.
    pub kiosk: String,
    /// What the kiosk shows the hub.
    pub token: String,
    /// Where its feed is.
    pub feed: String,
    /// The root that trust in the feed begins with. It stands here, so that hub and root change together.
    pub root: Value,
}

/// What came of an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// What the kiosk knows now.
    pub enrolment: Enrolment,
    /// Whether another authority's list was there, and is gone.
    pub left: bool,
}

/// How a kiosk enrols.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Terms<'a> {
    /// It may leave a hub that it is enrolled at.
    pub replace: bool,
    /// The way there may be without encryption.
    pub plain_http: bool,
    /// The site's proxy and certificates. Where it names a first root of trust, the hub's changes nothing.
    pub way: Option<&'a FeedSettings>,
    /// Where the kiosk's journal is, if it has one: it remembers that the kiosk has left an authority.
    pub journal: Option<&'a Path>,
}

/// What a hub answers.
#[derive(Deserialize)]
struct Answer {
    kiosk: String,
    token: String,
    feed: String,
    root: Value,
}

impl fmt::Debug for Enrolment {
    /// Without the token: what is printed ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hub, kiosk, feed, .. } = self;
        f.debug_struct("Enrolment").field("hub", hub).field("kiosk", kiosk).field("feed", feed).finish_non_exhaustive()
    }
}

impl Enrolment {
    /// The enrolment in the state folder.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(state: &Path) -> Result<Self, SyncFault> {
        let path = path(state);
        let fault = |error| SyncFault::file(&path, "read", error);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| fault(error.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(SyncFault::NotEnrolled { path }),
            Err(error) => Err(fault(error)),
        }
    }

    /// The same, for a hub that has moved to `url`. The token goes where it went before, encrypted if it was.
    ///
    /// # Errors
    /// It is no address, or the way there is worse than before.
    pub fn moved_to(&self, url: &str) -> Result<Self, SyncFault> {
        let link = Link::new(url, self.hub.starts_with("http://"), None)?;
        Ok(Self { hub: link.hub().to_string(), ..self.clone() })
    }

    fn write(&self, state: &Path) -> Result<(), SyncFault> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| SyncFault::Broken { why: error.to_string() })?;
        replace(&path(state), &text)
    }
}

fn path(state: &Path) -> PathBuf {
    state.join(FILE)
}

/// Enrols `kiosk` at the hub at `url`: afterwards the state folder has `enrolment.json`, which only its owner can read. The
/// code is spent as soon as the hub has answered; where the answer is lost, a new one is needed.
///
/// # Errors
/// The kiosk is enrolled already, is at work although it is to leave its hub, the hub cannot be reached or refuses, or the
/// files cannot be written. The former enrolment goes on.
pub fn enroll(url: &str, code: &str, kiosk: &str, state: &Path, terms: Terms<'_>) -> Result<Enrolled, SyncFault> {
    let link = Link::new(url, terms.plain_http, terms.way)?;
    // As long as a kiosk is at work it keeps its journal, and this ends here.
    let journal = terms.journal.filter(|path| terms.replace && path.exists());
    let journal = journal.map(|path| Journal::open(path, kiosk)).transpose()?;
    let _lock = kept::lock(state)?;
    let present = match Enrolment::read(state) {
        Ok(present) if terms.replace => Some(present),
        Ok(present) => return Err(SyncFault::Enrolled { hub: present.hub }),
        Err(SyncFault::NotEnrolled { .. }) => None,
        // One that cannot be read is replaced as well, but not by accident.
        Err(_) if terms.replace => None,
        Err(fault) => return Err(fault),
    };
    let believed = believed(state, present, &terms)?;
    let enrolment = ask(&link, code, kiosk)?;
    let left = believed.is_some_and(|known| !trust::is_same_authority(&known, &enrolment.root.to_string()));
    if left {
        if !terms.replace {
            return Err(SyncFault::OtherAuthority { hub: enrolment.hub });
        }
        leave(state, journal, &enrolment.hub)?;
    }
    enrolment.write(state)?;
    Ok(Enrolled { enrolment, left })
}

/// The root of trust that the list here comes from, if there is one and an enrolment can change it. What cannot be read
/// any more is nobody's.
fn believed(state: &Path, present: Option<Enrolment>, terms: &Terms<'_>) -> Result<Option<String>, SyncFault> {
    if terms.way.is_some_and(|way| way.root.is_some()) {
        return Ok(None);
    }
    match Kept::read(state) {
        Ok(Some(kept)) => Ok(Some(kept.root)),
        Ok(None) => Ok(present.map(|present| present.root.to_string())),
        Err(_) if terms.replace => Ok(Some(String::new())),
        Err(fault) => Err(fault),
    }
}

fn ask(link: &Link, code: &str, kiosk: &str) -> Result<Enrolment, SyncFault> {
    let asked = serde_json::json!({ "code": code, "kiosk": kiosk }).to_string();
    let Answer { kiosk: named, token, feed, root } = link.post("enroll", None, asked.as_bytes())?;
    let nonsense = |why: String| SyncFault::Nonsense { url: link.hub().to_string(), why };
    if named != kiosk {
        return Err(SyncFault::OtherKiosk { journal: kiosk.to_owned(), enrolled: named });
    }
    if root.pointer("/signed/_type").and_then(Value::as_str) != Some("root") {
        return Err(nonsense("its `root` is none".to_owned()));
    }
    let feed = link.hub().join(&feed).map_err(|error| nonsense(format!("its feed is no address: {error}")))?;
    Ok(Enrolment { hub: link.hub().to_string(), kiosk: named, token, feed: feed.to_string(), root })
}

/// Removes what another authority has signed. The journal comes first: a list of the new one may have a lower version than
/// those in its rows, and would else be taken for an old one that was put back.
fn leave(state: &Path, journal: Option<Journal>, hub: &str) -> Result<(), SyncFault> {
    if let Some(mut journal) = journal {
        let at = Timestamp::now();
        let trust = Clock::new(journal.highest_time().unwrap_or(Timestamp::UNIX_EPOCH)).trust(at);
        let what = What::Moved(hub.to_owned());
        journal.append(&Entry { at, trust, delivery: None, cache_version: None, cache_age_s: None, what })?;
    }
    remove(&Kept::path(state))?;
    let downloads = state.join("feed");
    if downloads.exists() {
        fs::remove_dir_all(&downloads).map_err(|error| SyncFault::file(&downloads, "removed", error))?;
    }
    Ok(store::clear(state)?)
}
