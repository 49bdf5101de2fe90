//! A new authority.

use std::fs;
use std::path::Path;

use super::feed::folder_of;
use super::stage::Stage;
use super::{root, sign};
use crate::hub::disk::sync_folder;
use crate::hub::keys::{KeyName, Keys, Passphrase, prepare_folder};
use crate::hub::turn::Turn;
use crate::hub::{Author, Home, HubFault, NewRoot, Registry};
use crate::rules::policy::Policy;
use crate::rules::record::{Key, Record};

/// The slot of the first label key.
const FIRST_SLOT: u16 = 1;

/// Begins an authority: keys, sealed if there is a passphrase, the feed's first root, and a registry with the policy and
/// the first label key. The registry comes last: without it there is no authority, and `init` may be given again.
///
/// # Errors
/// There is one already, its registry is somewhere else, or the folder or the database cannot be written.
pub fn init(home: impl Into<Home>, passphrase: Option<&Passphrase>, author: &Author) -> Result<Keys, HubFault> {
    let folder = &home.into();
    prepare_folder(folder)?;
    let _turn = Turn::take(folder)?;
    Registry::expect_none(folder)?;
    // Its kiosks believe a root that another one would take the place of.
    Registry::elsewhere(folder).map_or(Ok(()), Err)?;
    let mut keys = Keys::plain(folder);
    for name in KeyName::OF_THE_FEED {
        keys.open_or_create(name, passphrase)?;
    }
    keys.open_or_create(KeyName::Audit, passphrase)?;
    let label = keys.open_or_create(KeyName::Label(FIRST_SLOT), passphrase)?;
    write_root(folder, &mut keys, author)?;
    let key = Key { slot: FIRST_SLOT, public: label.verifying_key().to_bytes(), cut_off: None };
    if folder.server().is_some() {
        fill(&mut Registry::create(folder)?, key, author)?;
    } else {
        write_registry(folder, key, author)?;
    }
    Ok(keys)
}

fn write_root(folder: &Path, keys: &mut Keys, author: &Author) -> Result<(), HubFault> {
    let root = root::first(keys, author.at)?;
    let signed = root::sign(root.clone(), &root, keys, None)?;
    let mut stage = Stage::begin(&folder_of(folder))?;
    stage.put("metadata/1.root.json", &sign::bytes(&signed)?)?;
    stage.settle()?.commit()
}

/// The file is made elsewhere, so that it is there with its first records or not at all.
fn write_registry(folder: &Path, key: Key, author: &Author) -> Result<(), HubFault> {
    let registry = &folder.join("registry.db");
    let part = folder.join("init-part");
    if part.exists() {
        fs::remove_dir_all(&part).map_err(|source| HubFault::file(&part, "removed", source))?;
    }
    fs::create_dir(&part).map_err(|source| HubFault::file(&part, "made", source))?;
    fill(&mut Registry::create(&part)?, key, author)?;
    fs::rename(part.join("registry.db"), registry).map_err(|source| HubFault::file(registry, "written", source))?;
    sync_folder(folder)?;
    fs::remove_dir_all(&part).map_err(|source| HubFault::file(&part, "removed", source))
}

/// The first records.
fn fill(registry: &mut Registry, key: Key, author: &Author) -> Result<(), HubFault> {
    registry.change(author, |changes| {
        changes.note_root(&NewRoot { version: 1, replaced: None, by: None })?;
        changes.put(&Record::Policy(Policy::default()))?;
        changes.put(&Record::Key(key))
    })
}
