//! The feed as it lies in the authority's folder, read back and verified before anything is added to it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use tough::schema::{Role, Root, Signed, Snapshot, Target, Targets, Timestamp};

use crate::hub::HubFault;

/// The published folder within the authority's.
pub fn folder_of(authority: &Path) -> PathBuf {
    authority.join("feed")
}

/// The feed of an authority.
#[derive(Debug)]
pub struct Feed {
    pub folder: PathBuf,
    /// The newest root.
    pub root: Root,
    /// What was published under it; nothing before the first time.
    pub present: Option<Present>,
}

/// What is published.
#[derive(Debug)]
pub struct Present {
    pub timestamp: Timestamp,
    pub snapshot: Snapshot,
    pub targets: Targets,
}

/// From which release a file leads to which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// 0 for a snapshot.
    pub from: u64,
    pub to: u64,
}

impl Span {
    /// What a file's entry says.
    pub fn of(target: &Target) -> Option<Self> {
        let number = |name| target.custom.get(name).and_then(serde_json::Value::as_u64);
        Some(Self { from: number("from")?, to: number("to")? })
    }
}

impl Feed {
    /// Reads the feed of the authority in `authority`.
    pub fn open(authority: &Path) -> Result<Self, HubFault> {
        let folder = folder_of(authority);
        let metadata = folder.join("metadata");
        let (_, root) = newest_root(&metadata)?;
        let present = if metadata.join("timestamp.json").exists() {
            Some(Present::read(&metadata, &root)?)
        } else if highest(&metadata, "snapshot.json")?.is_some_and(|version| version > 1) {
            return Err(damaged(&metadata.join("timestamp.json"), "it is not there"));
        } else {
            None
        };
        Ok(Self { folder, root, present })
    }

    /// The newest release that is published; 0 is none.
    pub fn release(&self) -> u64 {
        let spans = self.present.iter().flat_map(|present| present.targets.targets.values()).filter_map(Span::of);
        spans.map(|span| span.to).max().unwrap_or(0)
    }
}

impl Present {
    fn read(metadata: &Path, root: &Root) -> Result<Self, HubFault> {
        let timestamp: Timestamp = verified(&metadata.join("timestamp.json"), root)?;
        let version = timestamp.meta.get("snapshot.json").map_or(0, |meta| meta.version.get());
        let snapshot: Snapshot = verified(&metadata.join(format!("{version}.snapshot.json")), root)?;
        let version = snapshot.meta.get("targets.json").map_or(0, |meta| meta.version.get());
        let targets = verified(&metadata.join(format!("{version}.targets.json")), root)?;
        Ok(Self { timestamp, snapshot, targets })
    }
}

/// The newest root, and the bytes of its file.
pub fn newest_root(metadata: &Path) -> Result<(Vec<u8>, Root), HubFault> {
    let Some(version) = highest(metadata, "root.json")? else {
        return Err(damaged(&metadata.join("1.root.json"), "it is not there"));
    };
    let path = metadata.join(format!("{version}.root.json"));
    let bytes = read(&path)?;
    let signed: Signed<Root> = parsed(&path, &bytes)?;
    signed.signed.verify_role(&signed).map_err(|error| damaged(&path, error))?;
    Ok((bytes, signed.signed))
}

/// The number in `N.kind`.
pub fn numbered(name: &str, kind: &str) -> Option<u64> {
    name.strip_suffix(kind)?.strip_suffix('.')?.parse().ok()
}

/// The names in a folder.
pub fn names_in(folder: &Path) -> Result<Vec<String>, HubFault> {
    let fault = |source| HubFault::file(folder, "read", source);
    let entries = fs::read_dir(folder).map_err(fault)?;
    let names = entries.map(|entry| Ok(entry.map_err(fault)?.file_name().to_string_lossy().into_owned()));
    names.collect()
}

fn highest(metadata: &Path, kind: &str) -> Result<Option<u64>, HubFault> {
    if !metadata.exists() {
        return Ok(None);
    }
    Ok(names_in(metadata)?.iter().filter_map(|name| numbered(name, kind)).max())
}

fn verified<T: Role + DeserializeOwned>(path: &Path, root: &Root) -> Result<T, HubFault> {
    let signed: Signed<T> = parsed(path, &read(path)?)?;
    root.verify_role(&signed).map_err(|error| damaged(path, error))?;
    Ok(signed.signed)
}

fn read(path: &Path) -> Result<Vec<u8>, HubFault> {
    fs::read(path).map_err(|source| damaged(path, source))
}

fn parsed<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, HubFault> {
    serde_json::from_slice(bytes).map_err(|error| damaged(path, error))
}

fn damaged(path: &Path, what: impl std::fmt::Display) -> HubFault {
    HubFault::Feed { path: path.to_owned(), what: what.to_string() }
}
