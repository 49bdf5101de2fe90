//! The feed's metadata, signed (TUF specification 1.0): targets says which files there are, snapshot which targets, and
//! timestamp which snapshot.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp as Moment;
use sha2::{Digest, Sha256};
use tough::TargetName;
use tough::schema::{Hashes, Metafile, Role, RoleType, Root, Signature, Signed, Snapshot, Target, Targets, Timestamp};

use super::feed::Feed;
use super::root;
use super::stage::Stage;
use crate::hub::HubFault;
use crate::hub::keys::{KeyName, Keys};

/// The only one that tough takes.
pub const SPEC_VERSION: &str = "1.0.0";
/// Seconds.
const DAY: u64 = 86_400;
/// Days that a root is good for.
pub const ROOT_LIFE: u64 = 365;
/// Days that targets and snapshot are good for.
const LIST_LIFE: u64 = 30;
/// Days that a timestamp is good for: as long as a kiosk serves with an old list.
const TIMESTAMP_LIFE: u64 = 7;

/// The files that a feed offers.
pub type Files = HashMap<TargetName, Target>;

/// Signs roles, each with its own key or with those of `with`, so that every one of `roots` is satisfied.
pub struct Signing<'a> {
    pub keys: &'a mut Keys,
    pub roots: Vec<&'a Root>,
    pub with: Option<(RoleType, Vec<SigningKey>)>,
}

/// What the newest timestamp says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    pub version: NonZeroU64,
    pub expires: Moment,
}

/// The moment `days` after `now`, in whole seconds: other readers of metadata know no fractions. Tough's moments are of
/// an older jiff, so it is whichever is asked for.
pub fn after<T: TryFrom<SystemTime>>(now: Moment, days: u64) -> Result<T, HubFault> {
    let second = u64::try_from(now.as_second()).ok().map(|second| Duration::from_secs(second + days * DAY));
    let moment = second.and_then(|second| SystemTime::UNIX_EPOCH.checked_add(second)?.try_into().ok());
    moment.ok_or_else(|| HubFault::Refused(format!("the clock says `{now}`; set it")))
}

/// Whether half of a life of `days` is over.
fn due(expires_s: i64, days: u64, now: Moment) -> bool {
    let left_s = u64::try_from(expires_s.saturating_sub(now.as_second())).unwrap_or(0);
    left_s < days * DAY / 2
}

/// Metadata could not be put into the form that is signed.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub fn unsigned(error: tough::schema::Error) -> HubFault {
    HubFault::Refused(format!("metadata cannot be signed: {error}"))
}

/// Signs a role with these keys.
pub fn with_keys<T: Role>(role: T, keys: &[SigningKey]) -> Result<Signed<T>, HubFault> {
    let text = role.canonical_form().map_err(unsigned)?;
    let sign =
        |key: &SigningKey| Ok(Signature { keyid: root::id(key)?, sig: key.sign(&text).to_bytes().to_vec().into() });
    Ok(Signed { signatures: keys.iter().map(sign).collect::<Result<_, HubFault>>()?, signed: role })
}

/// A signed role as a file, its names in order.
pub fn bytes<T: Role>(signed: &Signed<T>) -> Result<Vec<u8>, HubFault> {
    let text = serde_json::to_value(signed).and_then(|value| serde_json::to_vec_pretty(&value));
    text.map_err(|error| HubFault::Refused(format!("metadata cannot be written: {error}")))
}

/// The SHA-256 of bytes, as metadata has it.
pub fn hashes(sha256: [u8; 32]) -> Hashes {
    Hashes { sha256: sha256.to_vec().into(), _extra: HashMap::new() }
}

impl Signing<'_> {
    fn sign<T: Role>(&mut self, role: T) -> Result<Vec<u8>, HubFault> {
        let signed = match &self.with {
            Some((of, keys)) if *of == T::TYPE => with_keys(role, keys)?,
            Some(_) | None => with_keys(role, &[self.keys.open(key_of(T::TYPE)?)?])?,
        };
        for root in &self.roots {
            root.verify_role(&signed).map_err(|error| {
                let role = T::TYPE;
                let version = root.version;
                HubFault::Refused(format!(
                    "the key `{role}` is not the one that root {version} names ({error}); bring that one back, or rotate it"
                ))
            })?;
        }
        bytes(&signed)
    }

    /// Signs a timestamp, and before it what changed, is due or is named in `anew`; all of it goes onto the stage.
    pub fn sign_all(
        &mut self,
        stage: &mut Stage,
        feed: &Feed,
        files: Option<Files>,
        anew: &[RoleType],
        now: Moment,
    ) -> Result<Newest, HubFault> {
        let targets = self.sign_targets(stage, feed, files, anew.contains(&RoleType::Targets), now)?;
        let snapshot = self.sign_snapshot(stage, feed, targets, anew.contains(&RoleType::Snapshot), now)?;
        let present = feed.present.as_ref().map(|present| &present.timestamp);
        let version = next(present.map(|timestamp| timestamp.version));
        let mut timestamp = Timestamp::new(SPEC_VERSION.to_owned(), version, after(now, TIMESTAMP_LIFE)?);
        let snapshot = snapshot.or_else(|| present?.meta.get("snapshot.json").cloned());
        timestamp.meta.extend(snapshot.map(|meta| ("snapshot.json".to_owned(), meta)));
        let issued = after::<Moment>(now, 0)?.to_string();
        timestamp._extra.insert("x-issued".to_owned(), issued.into());
        stage.put("metadata/timestamp.json", &self.sign(timestamp)?)?;
        Ok(Newest { version, expires: after(now, TIMESTAMP_LIFE)? })
    }

    fn sign_targets(
        &mut self,
        stage: &mut Stage,
        feed: &Feed,
        files: Option<Files>,
        anew: bool,
        now: Moment,
    ) -> Result<Option<Metafile>, HubFault> {
        let present = feed.present.as_ref().map(|present| &present.targets);
        let is_due = present.is_some_and(|targets| due(targets.expires.as_second(), LIST_LIFE, now));
        if files.is_none() && !anew && !is_due {
            return Ok(None);
        }
        let version = next(present.map(|targets| targets.version));
        let mut targets = Targets::new(SPEC_VERSION.to_owned(), version, after(now, LIST_LIFE)?);
        targets.delegations = None;
        targets.targets = files.or_else(|| Some(present?.targets.clone())).unwrap_or_default();
        self.put(stage, version, "targets", targets).map(Some)
    }

    fn sign_snapshot(
        &mut self,
        stage: &mut Stage,
        feed: &Feed,
        targets: Option<Metafile>,
        anew: bool,
        now: Moment,
    ) -> Result<Option<Metafile>, HubFault> {
        let present = feed.present.as_ref().map(|present| &present.snapshot);
        let is_due = present.is_some_and(|snapshot| due(snapshot.expires.as_second(), LIST_LIFE, now));
        if targets.is_none() && !anew && !is_due {
            return Ok(None);
        }
        let version = next(present.map(|snapshot| snapshot.version));
        let mut snapshot = Snapshot::new(SPEC_VERSION.to_owned(), version, after(now, LIST_LIFE)?);
        let targets = targets.or_else(|| present?.meta.get("targets.json").cloned());
        snapshot.meta.extend(targets.map(|meta| ("targets.json".to_owned(), meta)));
        self.put(stage, version, "snapshot", snapshot).map(Some)
    }

    fn put<T: Role>(
        &mut self,
        stage: &mut Stage,
        version: NonZeroU64,
        name: &str,
        role: T,
    ) -> Result<Metafile, HubFault> {
        let bytes = self.sign(role)?;
        stage.put(&format!("metadata/{version}.{name}.json"), &bytes)?;
        let hashes = Some(hashes(Sha256::digest(&bytes).into()));
        Ok(Metafile { length: Some(bytes.len() as u64), hashes, version, _extra: HashMap::new() })
    }
}

fn next(version: Option<NonZeroU64>) -> NonZeroU64 {
    version.map_or(NonZeroU64::MIN, |version| version.saturating_add(1))
}

fn key_of(role: RoleType) -> Result<KeyName, HubFault> {
    match role {
        RoleType::Targets => Ok(KeyName::Targets),
        RoleType::Snapshot => Ok(KeyName::Snapshot),
        RoleType::Timestamp => Ok(KeyName::Timestamp),
        RoleType::Root | RoleType::DelegatedTargets => {
            Err(HubFault::Refused(format!("no single key signs the role `{role}`")))
        }
    }
}

/// Whether a root should be followed by another one: a quarter of its life is left.
pub fn root_is_due(root: &Root, now: Moment) -> bool {
    due(root.expires.as_second(), ROOT_LIFE / 2, now)
}
