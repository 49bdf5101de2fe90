//! The files that a feed offers: a whole list, and what changed from release to release.
//!
//! The whole list is not that of every release. A kiosk that has none takes an older one and the deltas from there, so a
//! release of few changes writes a delta alone, however long the list is.

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
use crate::store::{Expected, RecordsWriter, VerifiedFile};

/// A delta below this size is always worth it: it is one transaction, where a snapshot is a new database.
const SMALL: u64 = 64 << 10;

/// The name of a file on the disk: its digest stands before the name, so that a new file never takes an old one's place.
pub fn file_name(name: &TargetName, target: &Target) -> String {
    format!("{}.{}", hex::encode(&target.hashes.sha256), name.raw())
}

/// The files for `release`, those that are new on the stage: up to `keep` deltas that lead to it, and a snapshot from which
/// they do, or its own.
pub fn make(
    registry: &Registry,
    feed: &Feed,
    stage: &mut Stage,
    release: Release,
    keep: usize,
) -> Result<Files, HubFault> {
    let (mut deltas, snapshots): (Vec<_>, Vec<_>) = present(feed).into_iter().partition(|file| file.0.from > 0);
    let before = feed.release();
    if keep > 0 && before > 0 && before < release.version {
        deltas.push(write(registry, stage, Span { from: before, to: release.version })?);
    }
    let deltas = leading(release.version, deltas, keep);
    let kept = snapshots.into_iter().find(|snapshot| is_worth_keeping(snapshot, &deltas, release.version));
    let snapshot = kept.map_or_else(|| write(registry, stage, Span { from: 0, to: release.version }), Ok)?;
    let limit = (snapshot.2.length / 2).max(SMALL);
    let deltas = deltas.into_iter().take_while(|(_, _, target)| target.length <= limit);
    Ok(deltas.chain([snapshot]).map(|(_, name, target)| (name, target)).collect())
}

/// A file of records that the feed offers.
type File = (Span, TargetName, Target);

/// Whether the files of the newest release are where they belong.
pub fn are_there(feed: &Feed) -> bool {
    feed.present.as_ref().is_none_or(|present| {
        let targets = present.targets.targets.iter();
        targets.filter(|(_, target)| Span::of(target).is_some()).all(|(name, target)| is_there(feed, name, target))
    })
}

/// The files of records that are published and still there.
fn present(feed: &Feed) -> Vec<File> {
    let targets = feed.present.iter().flat_map(|present| &present.targets.targets);
    let there = targets.filter(|(name, target)| is_there(feed, name, target));
    there.filter_map(|(name, target)| Some((Span::of(target)?, name.clone(), target.clone()))).collect()
}

/// Whether a file is there, byte for byte: it may stay for months, and one that rots leaves new kiosks without a list.
fn is_there(feed: &Feed, name: &TargetName, target: &Target) -> bool {
    let path = feed.folder.join("targets").join(file_name(name, target));
    let sha256 = <[u8; 32]>::try_from(&target.hashes.sha256[..]);
    sha256.is_ok_and(|sha256| VerifiedFile::check(&path, Expected { length: target.length, sha256 }).is_ok())
}

/// Those of the deltas that lead to release `to` without a gap, the newest first, `keep` at most.
fn leading(mut to: u64, mut deltas: Vec<File>, keep: usize) -> Vec<File> {
    let mut found = Vec::new();
    while found.len() < keep
        && let Some(at) = deltas.iter().position(|(span, _, _)| span.to == to)
    {
        let delta = deltas.swap_remove(at);
        to = delta.0.from;
        found.push(delta);
    }
    found
}

/// Whether a snapshot stays: deltas lead from it to the release, and are together no longer than half of it. So a first sync
/// never brings more than one and a half times the snapshot, and what is written in its place follows on changes of at least
/// half its length.
fn is_worth_keeping((span, _, snapshot): &File, deltas: &[File], release: u64) -> bool {
    let after: Vec<&File> = deltas.iter().take_while(|(delta, _, _)| delta.to > span.to).collect();
    let leads_on = after.last().map_or(span.to == release, |(oldest, _, _)| oldest.from == span.to);
    leads_on && after.iter().map(|(_, _, delta)| delta.length).sum::<u64>() <= snapshot.length / 2
}

fn write(registry: &Registry, stage: &mut Stage, span: Span) -> Result<File, HubFault> {
    let Span { from, to } = span;
    let raw = if from == 0 { format!("snapshot-{to}.jsonl.zst") } else { format!("delta-{from}-{to}.jsonl.zst") };
    let name = TargetName::new(raw).map_err(|error| HubFault::Refused(error.to_string()))?;
    let (path, file) = stage.create(name.raw())?;
    let fault = |source| HubFault::file(&path, "written", source);
    let mut writer = RecordsWriter::new(BufWriter::new(file)).map_err(fault)?;
    let release = registry.lines(from, &mut |line| writer.line(line).map_err(fault))?;
    let (buffer, expected) = writer.finish().map_err(fault)?;
    buffer.into_inner().map_err(|error| fault(error.into_error()))?;
    if release.version != to {
        return Err(HubFault::Refused(format!("release {} came meanwhile; publish again", release.version)));
    }
    let custom: [(&str, Value); 3] =
        [("from", json!(from)), ("to", json!(to)), ("issued", json!(release.issued.to_string()))];
    let custom = custom.map(|(name, value)| (name.to_owned(), value)).into();
    let target = Target { length: expected.length, hashes: hashes(expected.sha256), custom, _extra: HashMap::new() };
    stage.name(path, format!("targets/{}", file_name(&name, &target)));
    Ok((span, name, target))
}
