//! A crash at any moment leaves a feed that verifies, and the next publish finishes what was begun.

use std::fs;
use std::path::{Path, PathBuf};

use greengate::hub::Registry;

use super::{Authority, author, client, copy, names, supplier};
use crate::support::Seeded;

/// What changed from one folder of a feed to the other: new or different files, relative, in the order that they get
/// their names.
pub fn moves(before: &Path, after: &Path, order: &[&str]) -> Vec<PathBuf> {
    let mut moves = Vec::new();
    for part in ["targets", "metadata"] {
        for name in names(&after.join(part)) {
            let path = Path::new(part).join(name);
            if fs::read(before.join(&path)).ok() != fs::read(after.join(&path)).ok() {
                moves.push(path);
            }
        }
    }
    let place = |path: &PathBuf| {
        let text = path.to_string_lossy();
        order.iter().position(|part| text.contains(part)).expect("a file of the feed")
    };
    moves.sort_by_key(place);
    moves
}

/// Puts the first files of `moves` from `after` into `feed`.
pub fn begin(feed: &Path, after: &Path, moves: &[PathBuf]) {
    for path in moves {
        fs::copy(after.join(path), feed.join(path)).expect("copied");
    }
}

/// The order in which a publish names its files.
const ORDER: [&str; 5] = ["jsonl.zst", ".checkpoint", "targets.json", "snapshot.json", "timestamp.json"];

#[test]
fn a_publish_that_ended_anywhere_is_finished_by_the_next() {
    ends_anywhere(1, &["delta-1-2.jsonl.zst", "snapshot-1.jsonl.zst"], 5);
    ends_anywhere(60, &["delta-1-2.jsonl.zst", "snapshot-2.jsonl.zst"], 6);
}

/// With so many records changed, these files of records, and so many files that get their names.
fn ends_anywhere(count: u32, files: &[&str], expected: usize) {
    let mut authority = Authority::new();
    authority.put(1);
    authority.publish();
    let mut random = Seeded::new(9);
    let suppliers: Vec<_> = (2..2 + count).map(|id| supplier(id, &format!("{:x}", random.next()))).collect();
    authority.put_all(&suppliers);
    let rooms = tempfile::tempdir().expect("a folder");
    let (before, after) = (rooms.path().join("before"), rooms.path().join("after"));
    copy(&authority.feed(), &before);
    authority.publish();
    copy(&authority.feed(), &after);
    let moves = moves(&before, &after, &ORDER);
    assert_eq!(moves.len(), expected, "{moves:?}");
    for done in 0..moves.len() {
        fs::remove_dir_all(authority.feed()).expect("removed");
        copy(&before, &authority.feed());
        begin(&authority.feed(), &after, &moves[..done]);
        assert_eq!(authority.read().release(), 1, "{done} files have their names");
        let published = authority.publish();
        assert_eq!((published.release.version, published.news), (2, true));
        let view = authority.read();
        assert_eq!(view.names(), files, "{done} files had their names");
    }
}

#[test]
fn the_first_publish_may_end_anywhere_too() {
    let mut authority = Authority::new();
    let rooms = tempfile::tempdir().expect("a folder");
    let (before, after) = (rooms.path().join("before"), rooms.path().join("after"));
    copy(&authority.feed(), &before);
    authority.publish();
    copy(&authority.feed(), &after);
    let moves = moves(&before, &after, &ORDER);
    for done in 0..moves.len() {
        fs::remove_dir_all(authority.feed()).expect("removed");
        copy(&before, &authority.feed());
        begin(&authority.feed(), &after, &moves[..done]);
        authority.publish();
        assert_eq!(authority.read().release(), 1, "{done} files had their names");
    }
}

#[test]
fn a_file_that_cannot_be_written_stops_everything_after_it() {
    let mut authority = Authority::new();
    authority.publish();
    for (at, kind) in ["targets", "snapshot"].into_iter().enumerate() {
        authority.put(u32::try_from(at).expect("small") + 1);
        let metadata = authority.feed().join("metadata");
        let release = authority.read().release();
        let obstacle = metadata.join(format!("{}.{kind}.json", release + 1));
        fs::create_dir(&obstacle).expect("an obstacle");
        fs::write(obstacle.join("here"), "").expect("an obstacle");
        let fault = authority.try_publish().expect_err("it cannot be written").to_string();
        assert!(fault.contains(&format!("{kind}.json` cannot be written")), "{fault}");
        assert_eq!(authority.read().release(), release, "the feed of before");
        fs::remove_dir_all(&obstacle).expect("removed");
        authority.publish();
        assert_eq!(authority.read().release(), release + 1);
    }
    let targets = authority.feed().join("targets");
    authority.put(9);
    fs::rename(&targets, authority.path().join("away")).expect("renamed");
    fs::write(&targets, "").expect("an obstacle");
    authority.try_publish().expect_err("no place for files");
    fs::remove_file(&targets).expect("removed");
    fs::rename(authority.path().join("away"), &targets).expect("renamed");
    assert_eq!(authority.read().release(), 3);
    authority.publish();
    assert_eq!(authority.read().release(), 4);
}

#[test]
fn a_release_without_files_is_published_by_the_next() {
    let (mut authority, cache) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    authority.publish();
    authority.read().follow(cache.path());
    authority.put(1);
    Registry::open(authority.path()).expect("a registry").release(&author(0)).expect("a release");
    authority.put(2);
    authority.publish();
    // The feed never had release 2, so the delta leads over it.
    assert_eq!(authority.read().names(), ["delta-1-3.jsonl.zst", "snapshot-1.jsonl.zst"]);
    assert_eq!(authority.read().follow(cache.path()).0.version, 3);
}

#[test]
fn what_a_crash_left_on_the_stage_does_no_harm() {
    let mut authority = Authority::new();
    authority.publish();
    fs::create_dir(authority.feed().join(".stage")).expect("a stage");
    fs::write(authority.feed().join(".stage/snapshot-1.jsonl.zst"), "half").expect("written");
    fs::write(authority.feed().join(".stage/other"), "half").expect("written");
    authority.put(1);
    authority.publish();
    assert_eq!(authority.read().release(), 2);
    assert_eq!(names(&authority.feed()), ["audit", "metadata", "targets"]);
}

#[test]
fn a_lost_file_of_the_feed_is_made_again() {
    let mut authority = Authority::new();
    authority.put(1);
    authority.publish();
    let targets = names(&authority.feed().join("targets"));
    let lost = targets
        .iter()
        .find(|name| Path::new(name).extension().is_some_and(|end| end == "zst"))
        .expect("a file of records");
    let lost = authority.feed().join("targets").join(lost);
    fs::remove_file(&lost).expect("removed");
    assert!(client::read(&authority.first_root, &authority.feed()).is_err());
    assert!(!authority.publish().news);
    assert_eq!(authority.read().names(), ["snapshot-1.jsonl.zst"]);
}
