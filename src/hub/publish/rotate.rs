//! A key is replaced, because it is old, lost or in wrong hands.
//!
//! What an online key signs is first published with the signatures of the old key and the new one, which is good under
//! the old root and under the one that follows. Then the new root gets its name, and then the new key's file. Whoever
//! reads meanwhile finds a feed that verifies; after a crash, [`settle`] brings key files and registry into line with the
//! root. Who did it and why is kept before anything of it is published.

use std::fmt;
use std::num::NonZeroU64;
use std::path::Path;
use std::str::FromStr;

use serde::Serialize;
use tough::schema::{RoleType, Root};

use super::feed::Feed;
use super::sign::{self, Signing};
use super::stage::Stage;
use super::{keyring, mirror, root};
use crate::hub::keys::{Kept, KeyName, Keys};
use crate::hub::turn::Turn;
use crate::hub::{Author, Home, HubFault, NewAuditKey, NewRoot, Registry};
use crate::rules::hex;
use crate::rules::record::{Key, Record};

/// Which key is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// One that the feed's root names.
    Feed(KeyName),
    /// The one that signs labels; the old one stays valid in its slot.
    Label,
    /// The one that signs the audit log's checkpoints.
    Audit,
}

impl FromStr for Rotation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "label" => Ok(Self::Label),
            Ok(KeyName::Audit) => Ok(Self::Audit),
            Ok(name) if root::place_of(name).is_some() => Ok(Self::Feed(name)),
            Ok(_) | Err(_) => {
                Err("write `targets`, `snapshot`, `timestamp`, `root-1`, `root-2`, `root-3`, `label` or `audit`"
                    .to_owned())
            }
        }
    }
}

/// What took the key's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rotated {
    /// The feed's root has this number now.
    Root(u64),
    /// The new label key is in this slot; kiosks know it from the next publish on.
    Slot(u16),
    /// The next publish signs the audit log with the new key.
    Audit,
}

impl fmt::Display for Rotated {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(version) => write!(out, "root {version} names the new key"),
            Self::Slot(slot) => write!(out, "the new key is in slot {slot}; publish before labels are issued with it"),
            Self::Audit => write!(out, "the next publish signs the audit log with the new key"),
        }
    }
}

/// Makes a new key and puts it in the old one's place; `to` is a folder that has a copy of the feed.
///
/// # Errors
/// Another command is at it, too few root keys are at hand, or a file cannot be written. The old key is valid then.
pub fn rotate(
    authority: impl Into<Home>,
    keys: &mut Keys,
    author: &Author,
    rotation: Rotation,
    to: Option<&Path>,
) -> Result<Rotated, HubFault> {
    let authority = &authority.into();
    let mut registry = Registry::open(authority)?;
    let mut turn = Turn::take(authority)?;
    let feed = Feed::open(authority)?;
    to.map_or(Ok(()), |to| mirror::check(&feed, to))?;
    settle(&mut registry, keys, &feed.root, author)?;
    match rotation {
        Rotation::Label => rotate_label(&mut registry, keys, author),
        Rotation::Audit => rotate_audit(&mut registry, keys, author),
        Rotation::Feed(name) => {
            let rotated = rotate_feed(&mut registry, &feed, keys, name, author, &mut turn)?;
            let now = Feed::open(authority)?;
            settle(&mut registry, keys, &now.root, author)?;
            to.map_or(Ok(()), |to| mirror::carry(&feed, &now, to))?;
            Ok(rotated)
        }
    }
}

/// Key files that wait take their place if the root names them; else the rotation never happened, and they go. So does
/// what was kept of a root that never came.
pub fn settle(registry: &mut Registry, keys: &mut Keys, root: &Root, author: &Author) -> Result<(), HubFault> {
    for name in KeyName::OF_THE_FEED {
        let Some(next) = keys.open_next(name)? else { continue };
        if root::listed(root, name) == Some(&root::id(&next)?) {
            keys.take_next(name)?;
        } else {
            keys.drop_next(name)?;
        }
    }
    let why = "a command was broken off before it published this root".to_owned();
    registry.change(&Author { why, ..author.clone() }, |changes| changes.withdraw_root(number(root.version)))
}

/// A root's number, as the registry keeps it.
pub fn number(version: NonZeroU64) -> u32 {
    u32::try_from(version.get()).unwrap_or(u32::MAX)
}

fn rotate_label(registry: &mut Registry, keys: &mut Keys, author: &Author) -> Result<Rotated, HubFault> {
    let newest = keyring::slots(registry)?.last().map_or(0, |key| key.slot);
    let slot = newest + 1;
    let label = KeyName::Label(newest);
    let model = if keys.kept(label)? == Kept::Away { KeyName::Timestamp } else { label };
    let public = keys.create_beside(KeyName::Label(slot), model)?.verifying_key().to_bytes();
    registry.change(author, |changes| changes.put(&Record::Key(Key { slot, public, cut_off: None })))?;
    Ok(Rotated::Slot(slot))
}

/// The feed's list names the key of its checkpoint, so whoever believes the list follows.
fn rotate_audit(registry: &mut Registry, keys: &mut Keys, author: &Author) -> Result<Rotated, HubFault> {
    let key = hex::encode(&keys.create_next(KeyName::Audit, KeyName::Timestamp)?.verifying_key().to_bytes());
    registry.change(author, |changes| changes.note_audit_key(&NewAuditKey { key }))?;
    keys.take_next(KeyName::Audit)?;
    Ok(Rotated::Audit)
}

fn rotate_feed(
    registry: &mut Registry,
    feed: &Feed,
    keys: &mut Keys,
    name: KeyName,
    author: &Author,
    turn: &mut Turn,
) -> Result<Rotated, HubFault> {
    let now = author.at;
    let Some((role, _)) = root::place_of(name) else {
        return Err(HubFault::Refused(format!("the root has no place for the key `{name}`")));
    };
    let model = KeyName::OF_THE_FEED.into_iter().find(|name| keys.kept(*name).is_ok_and(|kept| kept != Kept::Away));
    let new = keys.create_next(name, model.unwrap_or(name))?;
    let root = root::replaced(&feed.root, name, &new, now)?;
    let version = root.version;
    let signer = (role == RoleType::Root).then(|| new.clone());
    let signed = root::sign(root, &feed.root, keys, signer)?;
    let by = Some(hex::encode(&root::id(&new)?));
    let file = format!("metadata/{version}.root.json");
    let bytes = sign::bytes(&signed)?;
    let mut stage = Stage::begin(&feed.folder)?;
    if role == RoleType::Root || feed.present.is_none() {
        stage.put(&file, &bytes)?;
    } else if keys.kept(name)? == Kept::Away {
        // Nobody can sign for the old root any more: for the moment between two names, the feed does not verify.
        let mut signing = Signing { keys, roots: vec![&signed.signed], with: Some((role, vec![new])) };
        stage.put(&file, &bytes)?;
        signing.sign_all(&mut stage, feed, None, &[role], now)?;
    } else {
        let with = Some((role, vec![keys.open(name)?, new]));
        let mut signing = Signing { keys, roots: vec![&feed.root, &signed.signed], with };
        signing.sign_all(&mut stage, feed, None, &[role], now)?;
        stage.put(&file, &bytes)?;
    }
    let noted = NewRoot { version: number(version), replaced: Some(name.to_string()), by };
    registry.change(author, |changes| changes.note_root(&noted))?;
    let stage = stage.settle()?;
    turn.finish(|| stage.commit())?;
    Ok(Rotated::Root(version.get()))
}
