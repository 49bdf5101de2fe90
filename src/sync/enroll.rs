//! Enrolment: with a one-time code the kiosk gets its hub, its token, its feed, and the root that its trust begins with.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SyncFault;
use super::link::Link;
use super::replace::replace;
use crate::rules::site::FeedSettings;

/// Where the trusted root stands in the state folder.
pub const ROOT_FILE: &str = "root.json";
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
}

/// How a kiosk enrols.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Terms<'a> {
    /// It may leave a hub that it is enrolled at.
    pub replace: bool,
    /// The way there may be without encryption.
    pub plain_http: bool,
    /// The site's proxy and certificates.
    pub way: Option<&'a FeedSettings>,
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
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| fault(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(SyncFault::NotEnrolled { path }),
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

/// Enrols `kiosk` at the hub at `url`: afterwards the state folder has `enrolment.json`, which only its owner can read, and
/// `root.json`. The code is spent as soon as the hub has answered; where the answer is lost, a new one is needed.
///
/// # Errors
/// The kiosk is enrolled already, the hub cannot be reached or refuses, or the files cannot be written.
pub fn enroll(url: &str, code: &str, kiosk: &str, state: &Path, terms: Terms<'_>) -> Result<Enrolment, SyncFault> {
    let link = Link::new(url, terms.plain_http, terms.way)?;
    match Enrolment::read(state) {
        Ok(present) if !terms.replace => return Err(SyncFault::Enrolled { hub: present.hub }),
        // One that cannot be read is replaced as well, but not by accident.
        Err(fault) if !terms.replace && !matches!(fault, SyncFault::NotEnrolled { .. }) => return Err(fault),
        Ok(_) | Err(_) => {}
    }
    let asked = serde_json::json!({ "code": code, "kiosk": kiosk }).to_string();
    let answer: Answer = link.post("enroll", None, asked.as_bytes())?;
    let nonsense = |why: String| SyncFault::Nonsense { url: link.hub().to_string(), why };
    if answer.kiosk != kiosk {
        return Err(SyncFault::OtherKiosk { journal: kiosk.to_owned(), enrolled: answer.kiosk });
    }
    if answer.root.pointer("/signed/_type").and_then(Value::as_str) != Some("root") {
        return Err(nonsense("its `root` is none".to_owned()));
    }
    let feed = link.hub().join(&answer.feed).map_err(|error| nonsense(format!("its feed is no address: {error}")))?;
    let enrolment =
        Enrolment { hub: link.hub().to_string(), kiosk: answer.kiosk, token: answer.token, feed: feed.to_string() };
    // The root first: where there is an enrolment, there is something to trust.
    replace(&state.join(ROOT_FILE), answer.root.to_string().as_bytes())?;
    enrolment.write(state)?;
    Ok(enrolment)
}
