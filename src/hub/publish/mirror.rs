//! A copy of the feed for a web server or a stick: complete before its timestamp names it, as the feed itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::feed::{Feed, names_in, numbered};
use super::log;
use super::stage::Stage;
use super::sweep::{is_of_the_feed, remove};
use crate::hub::HubFault;

/// The one thing of a timestamp that is asked of a copy.
#[derive(Deserialize)]
struct Stamp {
    signed: Version,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

/// Brings the copy in `to`, which [`check`] has looked at, up to the feed as it is `now`.
pub fn carry(before: &Feed, now: &Feed, to: &Path) -> Result<(), HubFault> {
    let from = &now.folder;
    fs::create_dir_all(to).map_err(|source| HubFault::file(to, "made", source))?;
    let same = |path: &Path| path.canonicalize().map_err(|source| HubFault::file(path, "read", source));
    if same(from)? == same(to)? {
        return Ok(());
    }
    let mut stage = Stage::begin(to)?;
    let files = names_in(&from.join("targets"))?;
    for name in files.iter().filter(|name| is_of_the_feed(name)) {
        let name = format!("targets/{name}");
        // The digest is in the name, and a file has its name only when it is whole. On a stick it may be cut short since.
        let length = |folder: &Path| fs::metadata(folder.join(&name)).map(|file| file.len()).ok();
        if length(to) < length(from) {
            stage.copy(&from.join(&name), name)?;
        }
    }
    let mut metadata = names_in(&from.join("metadata"))?;
    metadata.sort_by_key(|name| place(name));
    let differs = |name: &String| fs::read(from.join(name)).ok() != fs::read(to.join(name)).ok();
    let audit = log::lacking(before, now, to)?;
    let others = audit.iter().cloned().chain(metadata.iter().map(|name| format!("metadata/{name}")));
    for name in others.filter(differs) {
        stage.copy(&from.join(&name), name)?;
    }
    stage.settle()?.commit()?;
    let (files, metadata): (BTreeSet<_>, BTreeSet<_>) = (files.into_iter().collect(), metadata.into_iter().collect());
    remove(&to.join("targets"), |name| is_of_the_feed(name) && !files.contains(name))?;
    log::sweep_of(to, &audit)?;
    let is_role = |name: &str| ["targets.json", "snapshot.json"].into_iter().any(|kind| numbered(name, kind).is_some());
    remove(&to.join("metadata"), |name| is_role(name) && !metadata.contains(name))
}

/// When a file gets its name: roles, the timestamp that names them, then roots one by one. After a rotation the roles have
/// the signatures of the old root's key too, and the new root finds them there.
fn place(name: &str) -> (u8, u64) {
    match numbered(name, "root.json") {
        Some(version) => (2, version),
        None => (u8::from(name == "timestamp.json"), 0),
    }
}

/// A copy of another authority's feed, or of a newer one, is not ours to write over. To be asked before anything is signed:
/// what an old copy of the authority signs has numbers that kiosks know with another content.
pub fn check(feed: &Feed, to: &Path) -> Result<(), HubFault> {
    let from = &feed.folder;
    let root = "metadata/1.root.json";
    if to.join(root).exists() && fs::read(to.join(root)).ok() != fs::read(from.join(root)).ok() {
        return Err(HubFault::Refused(format!("`{}` has another authority's feed; give another folder", to.display())));
    }
    let version = |folder: &Path| {
        let text = fs::read(folder.join("metadata/timestamp.json")).ok()?;
        Some(serde_json::from_slice::<Stamp>(&text).ok()?.signed.version)
    };
    if version(to) > version(from) {
        let shown = to.display();
        return Err(HubFault::Refused(format!(
            "`{shown}` has a newer feed; bring the newest copy of this authority back, or give another folder"
        )));
    }
    Ok(())
}
