//! The files that a feed offers: the whole list, and what changed from release to release.

use std::collections::HashMap;
use std::io::BufWriter;

use serde_json::{Value, json};
use tough::TargetName;
use tough::schema::Target;

use super::feed::{Feed, Span};
use super::sign::{Files, hashes};
use super::stage::Stage;
use crate::hub::{HubFault, Registry, Release};
use crate::rules::hex;
use crate::store::RecordsWriter;

/// A delta below this size is always worth it: it is one transaction, where a snapshot is a new database.
const SMALL: u64 = 64 << 10;

/// The name of a file on the disk: its digest stands before the name, so that a new file never takes an old one's place.
pub fn file_name(name: &TargetName, target: &Target) -> String {
    format!("{}.{}", hex::encode(&target.hashes.sha256), name.raw())
}

/// The files for `release`, those that are new on the stage: its snapshot, and up to `keep` deltas that lead to it.
pub fn make(
    registry: &Registry,
    feed: &Feed,
    stage: &mut Stage,
    release: Release,
    keep: usize,
) -> Result<Files, HubFault> {
    let (name, snapshot) = write(registry, stage, Span { from: 0, to: release.version })?;
    let limit = (snapshot.length / 2).max(SMALL);
    let mut deltas: Vec<(TargetName, Target)> = present(feed);
    let before = feed.release();
    if keep > 0 && before > 0 && before < release.version {
        deltas.push(write(registry, stage, Span { from: before, to: release.version })?);
    }
    let mut files = reaching(release.version, deltas, limit, keep);
    files.insert(name, snapshot);
    Ok(files)
}

/// Whether the files of the newest release are where they belong.
pub fn are_there(feed: &Feed) -> bool {
    let targets = feed.present.iter().flat_map(|present| &present.targets.targets);
    let snapshots = targets.filter(|(_, target)| Span::of(target).is_some_and(|span| span.from == 0));
    snapshots.map(|(name, target)| feed.folder.join("targets").join(file_name(name, target))).all(|path| path.exists())
}

/// The deltas that are published and still there.
fn present(feed: &Feed) -> Vec<(TargetName, Target)> {
    let targets = feed.present.iter().flat_map(|present| &present.targets.targets);
    let deltas = targets.filter(|(_, target)| Span::of(target).is_some_and(|span| span.from > 0));
    let there = deltas.filter(|(name, target)| feed.folder.join("targets").join(file_name(name, target)).exists());
    there.map(|(name, target)| (name.clone(), target.clone())).collect()
}

/// Those of the deltas that lead to release `to` without a gap, the last `keep` of them, none above `limit`.
fn reaching(mut to: u64, mut deltas: Vec<(TargetName, Target)>, limit: u64, keep: usize) -> Files {
    let mut files = Files::new();
    while files.len() < keep {
        let leads_there = |(_, target): &(_, Target)| Span::of(target).is_some_and(|span| span.to == to);
        let Some(at) = deltas.iter().position(leads_there) else { break };
        let (name, target) = deltas.swap_remove(at);
        if target.length > limit {
            break;
        }
        to = Span::of(&target).map_or(0, |span| span.from);
        files.insert(name, target);
    }
    files
}

fn write(registry: &Registry, stage: &mut Stage, span: Span) -> Result<(TargetName, Target), HubFault> {
    let Span { from, to } = span;
    let raw = if from == 0 { format!("snapshot-{to}.jsonl.zst") } else { format!("delta-{from}-{to}.jsonl.zst") };
    let name = TargetName::new(raw).map_err(|error| HubFault::Refused(error.to_string()))?;
    let (path, file) = stage.create(name.raw())?;
    let fault = |source| HubFault::file(&path, "written", source);
    let mut writer = RecordsWriter::new(BufWriter::new(file)).map_err(fault)?;
    let release = registry.lines(from, &mut |line| writer.line(line).map_err(fault))?;
    let (buffer, expected) = writer.finish().map_err(fault)?;
    let file = buffer.into_inner().map_err(|error| fault(error.into_error()))?;
    if release.version != to {
        return Err(HubFault::Refused(format!("release {} came meanwhile; publish again", release.version)));
    }
    let custom: [(&str, Value); 3] =
        [("from", json!(from)), ("to", json!(to)), ("issued", json!(release.issued.to_string()))];
    let custom = custom.map(|(name, value)| (name.to_owned(), value)).into();
    let target = Target { length: expected.length, hashes: hashes(expected.sha256), custom, _extra: HashMap::new() };
    stage.name(path, &file, format!("targets/{}", file_name(&name, &target)))?;
    Ok((name, target))
}
