//! The feed's root: which keys sign what. Two of three people's keys sign it.

use std::collections::HashMap;
use std::num::NonZeroU64;

use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::{Ed25519Key, Ed25519Scheme, Key};
use tough::schema::{RoleKeys, RoleType, Root, Signed};

use super::sign::{self, ROOT_LIFE, after};
use crate::hub::HubFault;
use crate::hub::keys::{Kept, KeyName, Keys, RootKey};

/// How many of the root's three keys have to sign it.
const THRESHOLD: u64 = 2;

/// Which role a key signs, and where it stands among the role's keys; a label key signs none.
pub const fn place_of(name: KeyName) -> Option<(RoleType, usize)> {
    match name {
        KeyName::Root(RootKey::First) => Some((RoleType::Root, 0)),
        KeyName::Root(RootKey::Second) => Some((RoleType::Root, 1)),
        KeyName::Root(RootKey::Third) => Some((RoleType::Root, 2)),
        KeyName::Targets => Some((RoleType::Targets, 0)),
        KeyName::Snapshot => Some((RoleType::Snapshot, 0)),
        KeyName::Timestamp => Some((RoleType::Timestamp, 0)),
        KeyName::Audit | KeyName::Label(_) => None,
    }
}

/// The public half as the feed writes it.
pub fn public(key: &SigningKey) -> Key {
    let public = key.verifying_key().to_bytes().to_vec().into();
    let keyval = Ed25519Key { public, _extra: HashMap::new() };
    Key::Ed25519 { keyval, scheme: Ed25519Scheme::Ed25519, _extra: HashMap::new() }
}

/// What the feed calls a key.
pub fn id(key: &SigningKey) -> Result<Decoded<Hex>, HubFault> {
    public(key).key_id().map_err(sign::unsigned)
}

/// What the root calls the key of this name.
pub fn listed(root: &Root, name: KeyName) -> Option<&Decoded<Hex>> {
    let (role, place) = place_of(name)?;
    root.roles.get(&role)?.keyids.get(place)
}

/// The first root, of keys that are new.
pub fn first(keys: &mut Keys, now: Timestamp) -> Result<Root, HubFault> {
    let mut root = Root {
        spec_version: sign::SPEC_VERSION.to_owned(),
        consistent_snapshot: true,
        version: NonZeroU64::MIN,
        expires: after(now, ROOT_LIFE)?,
        keys: HashMap::new(),
        roles: HashMap::new(),
        _extra: HashMap::new(),
    };
    for name in KeyName::OF_THE_FEED {
        let key = keys.open(name)?;
        root.keys.insert(id(&key)?, public(&key));
        let Some((role, _)) = place_of(name) else { continue };
        let threshold = if role == RoleType::Root { THRESHOLD } else { 1 };
        let threshold = NonZeroU64::new(threshold).unwrap_or(NonZeroU64::MIN);
        let none = || RoleKeys { keyids: Vec::new(), threshold, _extra: HashMap::new() };
        root.roles.entry(role).or_insert_with(none).keyids.push(id(&key)?);
    }
    Ok(root)
}

/// The root that follows, with the same keys.
pub fn renewed(root: &Root, now: Timestamp) -> Result<Root, HubFault> {
    let version = root.version.saturating_add(1);
    Ok(Root { version, expires: after(now, ROOT_LIFE)?, ..root.clone() })
}

/// The root that follows, with another key in this one's place.
pub fn replaced(root: &Root, name: KeyName, by: &SigningKey, now: Timestamp) -> Result<Root, HubFault> {
    let mut root = renewed(root, now)?;
    let at = place_of(name).and_then(|(role, place)| root.roles.get_mut(&role)?.keyids.get_mut(place));
    let Some(at) = at else {
        return Err(HubFault::Refused(format!("the root has no place for the key `{name}`")));
    };
    let old = std::mem::replace(at, id(by)?);
    root.keys.remove(&old);
    root.keys.insert(id(by)?, public(by));
    Ok(root)
}

/// Signs a root with every root key that is at hand, and with `also`; it must satisfy `before` as well as itself.
pub fn sign(root: Root, before: &Root, keys: &mut Keys, also: Option<SigningKey>) -> Result<Signed<Root>, HubFault> {
    let mut with: Vec<SigningKey> = also.into_iter().collect();
    for name in RootKey::ALL.map(KeyName::Root) {
        if keys.kept(name)? != Kept::Away {
            with.push(keys.open(name)?);
        }
    }
    let signed = sign::with_keys(root, &with)?;
    let enough = before.verify_role(&signed).and_then(|()| signed.signed.verify_role(&signed));
    enough.map_err(|error| {
        HubFault::Refused(format!(
            "a new root needs {THRESHOLD} of the keys `root-1`, `root-2` and `root-3` ({error}); \
             bring the files of those that are away back into `keys`"
        ))
    })?;
    Ok(signed)
}
