//! The audit log in the feed: `audit/` has its checkpoint and its tiles, as c2sp.org/tlog-tiles lays them out, and the feed's
//! list names the checkpoint, so that a sync brings it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tough::TargetName;
use tough::schema::Target;

use super::feed::{Feed, folder_of, names_in};
use super::records::file_name;
use super::sign::{Files, hashes};
use super::stage::Stage;
use crate::hub::audit::{Checkpoint, Log, NoteKey, Signed, Tile, sign};
use crate::hub::keys::{Kept, KeyName, Keys};
use crate::hub::{HubFault, Registry};
use crate::rules::hex;

/// What the list calls the checkpoint.
const TARGET: &str = "audit.checkpoint";
/// Where the log is in the feed.
pub const FOLDER: &str = "audit";
/// The checkpoint's name there.
const NAME: &str = "checkpoint";
/// Bytes of a digest that a log's name has.
const ORIGIN: usize = 8;

/// The log's folder in the feed of an authority.
pub fn tiles_folder(authority: &Path) -> PathBuf {
    folder_of(authority).join(FOLDER)
}

/// The checkpoint in the feed of an authority.
pub fn checkpoint_of(authority: &Path) -> Result<Option<Signed>, HubFault> {
    published(&Feed::open(authority)?)
}

/// The checkpoint that the list names, and the key that it says it is of.
fn published(feed: &Feed) -> Result<Option<Signed>, HubFault> {
    let listed = feed.present.iter().flat_map(|present| &present.targets.targets);
    let Some((name, target)) = listed.into_iter().find(|(name, _)| name.raw() == TARGET) else { return Ok(None) };
    let places = [feed.folder.join("targets").join(file_name(name, target)), feed.folder.join(FOLDER).join(NAME)];
    let damaged = |what: String| HubFault::Feed { path: places[0].clone(), what };
    let is_it = |bytes: &Vec<u8>| Sha256::digest(bytes)[..] == target.hashes.sha256[..];
    let bytes = places.iter().filter_map(|path| fs::read(path).ok()).find(is_it);
    let note = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let note = note.ok_or_else(|| damaged("it is not there".to_owned()))?;
    let key = target.custom.get("key").and_then(Value::as_str).unwrap_or_default();
    let key: NoteKey = key.parse().map_err(damaged)?;
    let checkpoint = Checkpoint::open(&note, &key).map_err(damaged)?;
    Ok(Some(Signed { note, key, checkpoint }))
}

/// Puts what the log has grown by on the stage, and its checkpoint into the list of files. Nothing is signed if the history
/// is not as it was when the checkpoint of before was.
pub fn offer(
    registry: &Registry,
    feed: &Feed,
    keys: &mut Keys,
    stage: &mut Stage,
    files: Option<Files>,
) -> Result<Option<Files>, HubFault> {
    let before = published(feed)?;
    let folder = feed.folder.join(FOLDER);
    let mut put = |tile: Tile, bytes: &[u8]| {
        if fs::read(folder.join(tile.to_string())).ok().as_deref() == Some(bytes) {
            return Ok(());
        }
        stage.put(&format!("{FOLDER}/{tile}"), bytes)
    };
    let log = match &before {
        Some(before) => Log::read_on(registry, &before.checkpoint, &folder, number_of(feed), &mut put)?,
        None => Log::read_away(registry, &mut put)?,
    };
    log.tree.tiles().try_for_each(|tile| put(tile, &log.tree.bytes(tile)))?;
    let origin = origin(&feed.folder)?;
    let secret = match keys.kept(KeyName::Audit)? {
        Kept::Away if before.is_none() => keys.create_beside(KeyName::Audit, KeyName::Timestamp)?,
        Kept::Away | Kept::Plain | Kept::Sealed => keys.open(KeyName::Audit)?,
    };
    let key = NoteKey::of(&origin, &secret);
    let size = log.tree.size();
    let checkpoint = Checkpoint { origin: origin.clone(), size, root: log.tree.root(size) };
    let same = before.filter(|before| before.checkpoint == checkpoint && before.key == key);
    let is_new = same.is_none();
    let note = same.map_or_else(|| sign(&checkpoint.text(), &origin, &secret), |same| same.note);
    let (name, target) = listed(&note, &key)?;
    let file = format!("targets/{}", file_name(&name, &target));
    for place in [&file, &format!("{FOLDER}/{NAME}")] {
        if fs::read(feed.folder.join(place)).ok().as_deref() != Some(note.as_bytes()) {
            stage.put(place, note.as_bytes())?;
        }
    }
    let present = || feed.present.as_ref().map(|present| present.targets.targets.clone()).unwrap_or_default();
    let files = if is_new { files.or_else(|| Some(present())) } else { files };
    Ok(files.map(|mut files| {
        files.insert(name, target);
        files
    }))
}

/// Which publish this is.
fn number_of(feed: &Feed) -> u64 {
    feed.present.as_ref().map_or(0, |present| present.timestamp.version.get())
}

fn listed(note: &str, key: &NoteKey) -> Result<(TargetName, Target), HubFault> {
    let name = TargetName::new(TARGET).map_err(|error| HubFault::Refused(error.to_string()))?;
    let custom = HashMap::from([("key".to_owned(), Value::from(key.to_string()))]);
    let hashes = hashes(Sha256::digest(note).into());
    Ok((name, Target { length: note.len() as u64, hashes, custom, _extra: HashMap::new() }))
}

/// What the log is called, for ever: after the authority's first root.
fn origin(feed: &Path) -> Result<String, HubFault> {
    let path = feed.join("metadata/1.root.json");
    let root = fs::read(&path).map_err(|error| HubFault::Feed { path, what: error.to_string() })?;
    Ok(format!("greengate/{}", hex::encode(&Sha256::digest(root)[..ORIGIN])))
}

/// The files of the log that a copy of the feed in `to` lacks, relative to the feed's folder; the checkpoint is the last. Of a
/// copy that has the log of before those alone that it has grown by.
pub fn lacking(before: &Feed, now: &Feed, to: &Path) -> Result<Vec<String>, HubFault> {
    let old = published(before)?.map(|old| old.note.into_bytes());
    if old.is_some() && old == fs::read(to.join(FOLDER).join(NAME)).ok() {
        grown(before, now)
    } else {
        all(&now.folder)
    }
}

fn grown(before: &Feed, now: &Feed) -> Result<Vec<String>, HubFault> {
    let [before, size] =
        [published(before)?, published(now)?].map(|signed| signed.map_or(0, |signed| signed.checkpoint.size));
    let tiles = Tile::since(before, size).map(|tile| format!("{FOLDER}/{tile}"));
    Ok(tiles.chain((size > 0).then(|| format!("{FOLDER}/{NAME}"))).collect())
}

fn all(feed: &Path) -> Result<Vec<String>, HubFault> {
    let mut folders = vec![format!("{FOLDER}/tile")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop().filter(|_| feed.join(FOLDER).exists()) {
        for name in names_in(&feed.join(&folder))? {
            let path = format!("{folder}/{name}");
            if feed.join(&path).is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    let checkpoint = format!("{FOLDER}/{NAME}");
    found.extend(feed.join(&checkpoint).exists().then_some(checkpoint));
    Ok(found)
}

/// Of the log's files that came since `before`, those that are whole replace those that were cut short.
pub fn sweep(before: &Feed, now: &Feed) -> Result<(), HubFault> {
    sweep_of(&now.folder, &grown(before, now)?)
}

/// The same of these files in a folder.
pub fn sweep_of(feed: &Path, files: &[String]) -> Result<(), HubFault> {
    for whole in files.iter().filter(|file| !file.contains(".p/")) {
        let folder = feed.join(format!("{whole}.p"));
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|source| HubFault::file(&folder, "removed", source))?;
        }
    }
    Ok(())
}
