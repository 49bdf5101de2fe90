//! Old files leave the feed. Those of the release before stay, for kiosks in the middle of a download.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::feed::{Feed, Present, names_in, numbered};
use super::records::file_name;
use crate::hub::HubFault;

/// Removes what neither the feed of before nor the present one names. Roots stay: a kiosk follows them one by one.
pub fn sweep(before: &Feed, now: &Feed) -> Result<(), HubFault> {
    let kept: Vec<&Present> = before.present.iter().chain(&now.present).collect();
    let named = |present: &&Present| {
        let targets = present.targets.targets.iter();
        targets.map(|(name, target)| file_name(name, target)).collect::<Vec<_>>()
    };
    let targets: BTreeSet<String> = kept.iter().flat_map(named).collect();
    let oldest = kept.first().map_or((0, 0), |present| (present.targets.version.get(), present.snapshot.version.get()));
    let is_old = |name: &str| {
        numbered(name, "targets.json").is_some_and(|version| version < oldest.0)
            || numbered(name, "snapshot.json").is_some_and(|version| version < oldest.1)
    };
    remove(&now.folder.join("targets"), |name| is_of_the_feed(name) && !targets.contains(name))?;
    remove(&now.folder.join("metadata"), is_old)
}

/// Whether this is a name that the feed gives to files; others are not ours to remove.
pub fn is_of_the_feed(name: &str) -> bool {
    let digest = name.split_once('.').map_or("", |(digest, _)| digest);
    digest.len() == 64
        && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        && (name.ends_with(".jsonl.zst") || name.ends_with(".checkpoint"))
}

/// Removes the files in `folder` whose names are `unwanted`.
pub fn remove(folder: &Path, unwanted: impl Fn(&str) -> bool) -> Result<(), HubFault> {
    for name in names_in(folder)?.iter().filter(|name| unwanted(name)) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|source| HubFault::file(&path, "removed", source))?;
    }
    Ok(())
}
