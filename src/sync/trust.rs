//! Verifies the feed's metadata as The Update Framework asks, by `tough`.
//!
//! `tough` is given no clock and no folder that lasts: its checks of time are done here with the caller's time, and what
//! it keeps goes into a scratch folder that is filled from [`Kept`] and thrown away, because it overwrites files in place.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tough::error::Error;
use tough::schema::{Role, RoleType, Root, Signed, Snapshot, Target, Targets};
use tough::{
    ExpirationEnforcement, Limits, Repository, RepositoryLoader, Transport, TransportError, TransportErrorKind,
    TransportStream,
};
use url::Url;

use super::kept::Kept;
use super::plan::FeedFile;
use super::{Source, SyncFault};

/// The metadata that says which snapshot is the newest.
pub const TIMESTAMP: &str = "timestamp.json";
/// Most bytes of it.
pub const TIMESTAMP_LIMIT: u64 = 64 << 10;
/// Most bytes of a root of trust.
pub const ROOT_LIMIT: u64 = 512 << 10;
const LIST_LIMIT: u64 = 8 << 20;
/// New roots that are followed at once. (`tough` counts one more.)
const ROOTS_LIMIT: u64 = 1024;
/// The major version of TUF's specification that this program knows. `tough` leaves the comparison to us.
const SPECIFICATION: &str = "1";
/// Stands for the feed's folder of metadata; only the names after it are used.
const BASE: &str = "http://feed.invalid/metadata/";

/// What verified metadata says.
#[derive(Debug)]
pub struct Feed {
    /// When the authority last vouched for it.
    pub issued: Option<Timestamp>,
    /// Until when each role vouches for it.
    expires: [(&'static str, Timestamp); 4],
    /// The files of records that it has.
    pub files: Vec<FeedFile>,
}

impl Feed {
    /// Reads what was kept, and verifies it again: a damaged file must not become trust.
    pub fn of(kept: &Kept) -> Result<Self, String> {
        let root: Signed<Root> = parsed("root", &kept.root)?;
        let timestamp: Signed<tough::schema::Timestamp> = held(&root, "timestamp", &kept.timestamp)?;
        let snapshot: Signed<Snapshot> = held(&root, "snapshot", &kept.snapshot)?;
        let targets: Signed<Targets> = held(&root, "targets", &kept.targets)?;
        root.signed.verify_role(&root).map_err(|error| error.to_string())?;
        known("root", &root.signed.spec_version)?;
        known("timestamp", &timestamp.signed.spec_version)?;
        known("snapshot", &snapshot.signed.spec_version)?;
        known("targets", &targets.signed.spec_version)?;
        let issued = timestamp.signed._extra.get("x-issued").and_then(|issued| issued.as_str()?.parse().ok());
        let seconds = |second| Timestamp::from_second(second).map_err(|error| error.to_string());
        let expires = [
            ("the root of trust", seconds(root.signed.expires.as_second())?),
            ("the feed's timestamp", seconds(timestamp.signed.expires.as_second())?),
            ("the feed's snapshot", seconds(snapshot.signed.expires.as_second())?),
            ("the feed's list of files", seconds(targets.signed.expires.as_second())?),
        ];
        let files = targets.signed.targets.iter();
        let files = files.filter_map(|(name, target)| feed_file(name.raw(), target)).collect();
        Ok(Self { issued, expires, files })
    }

    /// Whether every role still vouches for it at `now`.
    pub fn check_expiry(&self, now: Timestamp) -> Result<(), SyncFault> {
        match self.expires.iter().filter(|(_, at)| *at <= now).min_by_key(|(_, at)| *at) {
            Some((role, at)) => Err(SyncFault::Expired { role, at: *at, now }),
            None => Ok(()),
        }
    }
}

fn parsed<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("its {what}: {error}"))
}

fn held<T: Role + DeserializeOwned>(root: &Signed<Root>, what: &str, text: &str) -> Result<Signed<T>, String> {
    let role: Signed<T> = parsed(what, text)?;
    root.signed.verify_role(&role).map_err(|error| format!("its {what}: {error}"))?;
    Ok(role)
}

/// Metadata of another major version may mean something else by the same words (TUF 1.0.33, 4.3).
fn known(what: &str, version: &str) -> Result<(), String> {
    if version.split('.').next() == Some(SPECIFICATION) {
        return Ok(());
    }
    Err(format!("its {what} has `spec_version` `{version}` and this program knows {SPECIFICATION}"))
}

/// Whether whoever is believed by one root of trust is behind another one too.
pub fn is_same_authority(known: &str, offered: &str) -> bool {
    let (Ok(known), Ok(offered)) = (parsed::<Signed<Root>>("root", known), parsed("root", offered)) else {
        return false;
    };
    known.signed.verify_role::<Root>(&offered).is_ok()
}

/// A target that is a file of records; others are for somebody else.
fn feed_file(name: &str, target: &Target) -> Option<FeedFile> {
    // A name goes into paths and addresses as it is.
    let is_flat = name.len() <= 200
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let number = |field| target.custom.get(field)?.as_u64();
    let (from, to) = (number("from")?, number("to")?);
    let sha256 = <[u8; 32]>::try_from(&target.hashes.sha256[..]).ok()?;
    is_flat.then(|| FeedFile { name: name.to_owned(), length: target.length, sha256, from, to })
}

/// Follows the feed from what is trusted to what it says now. `timestamp` was just asked for.
///
/// # Errors
/// It does not come, or does not hold. Nothing has changed.
pub fn update(
    source: &Source,
    trusted: Trusted<'_>,
    timestamp: &[u8],
    scratch: &Path,
    now: Timestamp,
) -> Result<Kept, SyncFault> {
    let kept = match trusted {
        Trusted::First(root) => return load(source, root, None, timestamp, scratch, false, now),
        Trusted::Kept(kept) => kept,
    };
    let root = kept.root.as_bytes();
    match load(source, root, Some(kept), timestamp, scratch, true, now) {
        // An authority that was set back may publish other files by the same names.
        Err(SyncFault::Mixed { .. }) => load(source, root, Some(kept), timestamp, scratch, false, now),
        loaded => loaded,
    }
}

/// Where trust begins.
#[derive(Clone, Copy, Debug)]
pub enum Trusted<'a> {
    /// At a root that came by hand.
    First(&'a [u8]),
    /// Where the last sync ended.
    Kept(&'a Kept),
}

/// `reuse` takes snapshot and targets from what is kept where their versions are still the ones asked for: their digests
/// are compared all the same.
fn load(
    source: &Source,
    root: &[u8],
    kept: Option<&Kept>,
    timestamp: &[u8],
    scratch: &Path,
    reuse: bool,
    now: Timestamp,
) -> Result<Kept, SyncFault> {
    let mut at_hand = BTreeMap::from([(TIMESTAMP.to_owned(), timestamp.to_vec())]);
    if let Some(kept) = kept.filter(|_| reuse) {
        let texts = [("snapshot", &kept.snapshot), ("targets", &kept.targets)];
        at_hand.extend(texts.into_iter().filter_map(|(role, text)| Some((name_of(role, text)?, text.clone().into()))));
    }
    let carrier =
        Carrier(Arc::new(Carried { source: source.clone(), at_hand, came: Mutex::default(), fault: Mutex::default() }));
    fill(scratch, kept)?;
    let loaded = wait_for(
        RepositoryLoader::new(&root, base()?, base()?)
            .transport(carrier.clone())
            .limits(LIMITS)
            .datastore(scratch)
            .expiration_enforcement(ExpirationEnforcement::Unsafe)
            .load(),
    );
    let removed = fs::remove_dir_all(scratch).map_err(|error| SyncFault::file(scratch, "removed", error));
    match loaded? {
        Ok(repository) => removed.and_then(|()| carrier.0.taken(&repository, root, now)),
        Err(error) => Err(carrier.0.fault().unwrap_or_else(|| told(&error))),
    }
}

const LIMITS: Limits = Limits {
    max_root_size: ROOT_LIMIT,
    max_targets_size: LIST_LIMIT,
    max_timestamp_size: TIMESTAMP_LIMIT,
    max_snapshot_size: LIST_LIMIT,
    max_root_updates: ROOTS_LIMIT + 1,
};

fn base() -> Result<Url, SyncFault> {
    Url::parse(BASE).map_err(|error| SyncFault::Broken { why: error.to_string() })
}

/// The only place where something is awaited: `tough` wants a runtime, and all that it waits for is done at once.
fn wait_for<T>(future: impl Future<Output = T>) -> Result<T, SyncFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    Ok(runtime.map_err(|error| SyncFault::Broken { why: error.to_string() })?.block_on(future))
}

/// Gives `tough` what it compares versions with. Its `latest_known_time.json` is never there: a clock that stepped back
/// must not stop a sync.
fn fill(scratch: &Path, kept: Option<&Kept>) -> Result<(), SyncFault> {
    if scratch.exists() {
        fs::remove_dir_all(scratch).map_err(|error| SyncFault::file(scratch, "removed", error))?;
    }
    fs::create_dir_all(scratch).map_err(|error| SyncFault::file(scratch, "made", error))?;
    let Some(kept) = kept else { return Ok(()) };
    for (name, text) in [(TIMESTAMP, &kept.timestamp), ("snapshot.json", &kept.snapshot)] {
        let path = scratch.join(name);
        fs::write(&path, text).map_err(|error| SyncFault::file(&path, "written", error))?;
    }
    Ok(())
}

/// The name that metadata has in the feed: `42.snapshot.json`.
fn name_of(role: &str, text: &str) -> Option<String> {
    let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(format!("{}.{role}.json", parsed.get("signed")?.get("version")?.as_u64()?))
}

/// Carries metadata from a source to `tough`, and remembers it as it came.
#[derive(Clone, Debug)]
struct Carrier(Arc<Carried>);

#[derive(Debug)]
struct Carried {
    source: Source,
    at_hand: BTreeMap<String, Vec<u8>>,
    came: Mutex<BTreeMap<String, Vec<u8>>>,
    /// `tough` turns faults into text, so the first one is kept here.
    fault: Mutex<Option<SyncFault>>,
}

impl Carried {
    fn bring(&self, name: &str) -> Result<Option<Vec<u8>>, SyncFault> {
        if let Some(bytes) = self.at_hand.get(name) {
            return Ok(Some(bytes.clone()));
        }
        let numbered = |role: &str| name.strip_suffix(role).is_some_and(|number| number.parse::<u64>().is_ok());
        let is_root = numbered(".root.json");
        if !is_root && !numbered(".snapshot.json") && !numbered(".targets.json") {
            let why = "it leads to metadata that a feed of this kind does not have".to_owned();
            return Err(SyncFault::Unreadable { role: format!("`{name}`"), why });
        }
        let bytes = self.source.metadata(name, if is_root { ROOT_LIMIT } else { LIST_LIMIT })?;
        if bytes.is_none() && !is_root {
            return Err(SyncFault::Missing { url: self.source.address("metadata", name) });
        }
        Ok(bytes)
    }

    fn fault(&self) -> Option<SyncFault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What was verified, as it came.
    fn taken(&self, repository: &Repository, root: &[u8], now: Timestamp) -> Result<Kept, SyncFault> {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let text = |name: &str, otherwise: &[u8]| {
            let bytes = came.get(name).map_or(otherwise, Vec::as_slice);
            let text = String::from_utf8(bytes.to_vec());
            text.map_err(|_| SyncFault::Unreadable { role: format!("`{name}`"), why: "it is not UTF-8".to_owned() })
        };
        Ok(Kept::new(
            text(&format!("{}.root.json", repository.root().signed.version), root)?,
            text(TIMESTAMP, b"")?,
            text(&format!("{}.snapshot.json", repository.snapshot().signed.version), b"")?,
            text(&format!("{}.targets.json", repository.targets().signed.version), b"")?,
            now,
        ))
    }
}

#[async_trait::async_trait]
impl Transport for Carrier {
    /// `tough` takes any error of this function for "no newer root", so only that is answered as one; other faults are
    /// in the stream, which ends the load.
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let name = url.path().rsplit('/').next().unwrap_or_default().to_owned();
        match self.0.bring(&name) {
            Ok(Some(bytes)) => {
                self.0.came.lock().unwrap_or_else(PoisonError::into_inner).insert(name, bytes.clone());
                Ok(Box::pin(stream::iter([Ok(bytes.into())])))
            }
            Ok(None) => Err(TransportError::new(TransportErrorKind::FileNotFound, name)),
            Err(fault) => {
                let error = TransportError::new_with_cause(TransportErrorKind::Other, name, fault.to_string());
                self.0.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
                Ok(Box::pin(stream::iter([Err(error)])))
            }
        }
    }
}

/// What `tough` says, in the kiosk's words.
fn told(error: &Error) -> SyncFault {
    use std::error::Error as _;
    let role = |role: &RoleType| format!("the feed's {role}");
    match Some(error) {
        Some(Error::VerifyTrustedMetadata { source, .. }) => SyncFault::BadRoot { why: source.to_string() },
        Some(Error::ParseTrustedMetadata { source, .. }) => SyncFault::BadRoot { why: source.to_string() },
        Some(Error::VerifyMetadata { role: which, source, .. }) => {
            SyncFault::Signature { role: role(which), why: source.to_string() }
        }
        Some(Error::ParseMetadata { role: which, source, .. }) => {
            SyncFault::Unreadable { role: role(which), why: source.to_string() }
        }
        // The carrier's own faults are told before this: what is left are lengths and digests.
        Some(Error::Transport { source, .. }) => {
            let why = source.source().map_or_else(|| source.to_string(), ToString::to_string);
            SyncFault::Mixed { why: why.replace(BASE, "") }
        }
        Some(Error::VersionMismatch { role, fetched, expected, .. }) => {
            SyncFault::Mixed { why: format!("{role} is version {fetched} and {expected} is asked for") }
        }
        Some(Error::MaxUpdatesExceeded { .. }) => SyncFault::TooManyRoots { limit: ROOTS_LIMIT },
        _ => older(error)
            .unwrap_or_else(|| SyncFault::Unreadable { role: "the feed".to_owned(), why: error.to_string() }),
    }
}

/// Versions that go back, or jump.
fn older(error: &Error) -> Option<SyncFault> {
    let (what, have, offered) = match Some(error) {
        Some(Error::OlderMetadata { role: RoleType::Root, current_version, new_version, .. })
            if new_version > current_version =>
        {
            return Some(SyncFault::SkippedRoot { have: *current_version, offered: *new_version });
        }
        Some(Error::OlderMetadata { role, current_version, new_version, .. }) => {
            (format!("the feed's {role}"), *current_version, *new_version)
        }
        Some(Error::OlderSnapshotInTimestamp { snapshot_new, snapshot_old, .. }) => {
            ("the feed's snapshot".to_owned(), *snapshot_old, *snapshot_new)
        }
        Some(Error::SnapshotRoleRollback { role, old_role_version, new_role_version, .. }) => {
            (format!("the feed's `{role}`"), *old_role_version, *new_role_version)
        }
        _ => return None,
    };
    Some(SyncFault::Rollback { what, have, offered })
}
