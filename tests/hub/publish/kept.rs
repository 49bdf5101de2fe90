//! A release of few changes writes no snapshot, and every kiosk gets to the newest list all the same.

use std::fs;
use std::path::Path;

use greengate::hub::{self, Publishing};
use greengate::rules::code::{Grade, Gtin};
use greengate::rules::record::{Block, Exception, Listing, Record, RecordKey, ReviewLevel};
use greengate::rules::text::Text;
use greengate::store::Cache;
use greengate::sync::{self, Did, Outcome, Settings, Source};
use jiff::Timestamp;
use rusqlite::Connection;

use super::{Authority, author, copy, names, supplier};
use crate::support::Seeded;

const SUPPLIERS: u32 = 400;

pub fn named(id: u32, random: &mut Seeded) -> Record {
    supplier(id, &format!("{:x}{:x}", random.next(), random.next()))
}

pub fn listing(id: u32, grade: Grade) -> Record {
    Record::Listing(Listing {
        id,
        supplier: id,
        gtin: Gtin::parse("6901234567892").expect("a product"),
        name: Text::new("龙井", "Longjing"),
        grade,
        reason: None,
        missing: Vec::new(),
        review: ReviewLevel::Normal,
        inspect: Vec::new(),
        unseen: false,
    })
}

/// An authority whose whole list has some fifteen kilobytes, published.
pub fn authority(random: &mut Seeded) -> Authority {
    let mut authority = Authority::new();
    let suppliers: Vec<Record> = (1..=SUPPLIERS).map(|id| named(id, random)).collect();
    authority.put_all(&suppliers);
    let listings: Vec<Record> = (1..=40).map(|id| listing(id, Grade::Green)).collect();
    authority.put_all(&listings);
    let block = |id| Record::Block(Block { first: id * 100, last: id * 100 + 99, listing: id });
    authority.put_all(&(1..=40).map(block).collect::<Vec<_>>());
    authority.publish();
    authority
}

/// What may happen between two releases: records come, change, go and come back.
fn change(authority: &Authority, random: &mut Seeded) {
    let mut registry = hub::Registry::open(authority.path()).expect("a registry");
    let changed = registry.change(&author(0), |changes| {
        for _ in 0..=random.below(12) {
            let id = 1 + u32::try_from(random.below(40)).expect("small");
            match random.below(4) {
                0 => changes.put(&named(40 + id, random))?,
                1 => {
                    let key = RecordKey::Supplier(300 + id);
                    if changes.has(key)? { changes.drop(key)? } else { changes.put(&named(300 + id, random))? }
                }
                2 => {
                    let key = RecordKey::Exception(id * 100);
                    let own = Exception { index: id * 100, grade: Grade::Yellow, reason: None };
                    if changes.has(key)? { changes.drop(key)? } else { changes.put(&Record::Exception(own))? }
                }
                _ => {
                    let grade = *random.pick(&[Grade::Green, Grade::Yellow]);
                    changes.put(&listing(id, grade))?;
                }
            }
        }
        changes.put(&named(1, random))
    });
    changed.expect("records that make sense");
}

/// A kiosk syncs from the feed.
pub fn sync(authority: &Authority, feed: &Path, state: &Path) -> Outcome {
    fs::create_dir_all(state).expect("a folder");
    let root = Some(authority.first_root.clone());
    let settings = Settings { state: state.to_owned(), sources: vec![Source::folder(feed)], root };
    sync::sync(&settings, &mut |_| (), Timestamp::now()).expect("a good sync")
}

/// Everything that a kiosk's list says, but for the moment at which it was last confirmed.
pub fn list(state: &Path) -> Vec<String> {
    let file = state.join("list.db");
    Cache::open(state).expect("readable").expect("a list").copy_to(&file).expect("copied");
    let database = Connection::open(&file).expect("a database");
    let mut rows = Vec::new();
    let tables = ["supplier", "listing", "block", "exception", "key", "reason"].map(|table| (table, "*"));
    for (table, columns) in tables.into_iter().chain([("meta", "version, index_end, listings, policy")]) {
        let mut query = database.prepare(&format!("SELECT {columns} FROM {table} ORDER BY 1")).expect("a query");
        let count = query.column_count();
        let found = query.query_map([], |row| {
            let cells: Vec<rusqlite::types::Value> = (0..count).map(|at| row.get(at)).collect::<Result<_, _>>()?;
            Ok(format!("{table} {cells:?}"))
        });
        rows.extend(found.expect("rows").map(|row| row.expect("a row")));
    }
    fs::remove_file(file).expect("removed");
    rows
}

/// The list that a whole snapshot of the newest release gives.
fn whole(authority: &Authority) -> Vec<String> {
    let other = tempfile::tempdir().expect("a folder");
    copy(authority.path(), other.path());
    let targets = other.path().join("feed/targets");
    for name in names(&targets).iter().filter(|name| name.contains("snapshot")) {
        fs::remove_file(targets.join(name)).expect("removed");
    }
    let none = Publishing { keep: 0, to: None };
    hub::publish(other.path(), &mut hub::keys::Keys::plain(other.path()), &author(0), &none).expect("published");
    let state = tempfile::tempdir().expect("a folder");
    assert_eq!(sync(authority, &other.path().join("feed"), state.path()).did, Did::Snapshot(0));
    list(state.path())
}

/// The files of records in the feed, with the releases that they lead from and to, and their lengths.
fn files(authority: &Authority) -> Vec<(u64, u64, u64)> {
    authority.read().files.values().map(|file| (file.from, file.to, file.bytes.len() as u64)).collect()
}

fn snapshot(authority: &Authority) -> (u64, u64) {
    let files = files(authority);
    let snapshots: Vec<_> = files.iter().filter(|(from, _, _)| *from == 0).collect();
    assert_eq!(snapshots.len(), 1, "{files:?}");
    (snapshots[0].1, snapshots[0].2)
}

/// How long the deltas are together that lead on from a release.
fn behind(authority: &Authority, release: u64) -> u64 {
    files(authority).iter().filter(|(from, _, _)| *from > 0 && *from >= release).map(|(_, _, length)| length).sum()
}

#[test]
fn every_kiosk_comes_to_the_list_that_a_whole_snapshot_gives() {
    for (seed, keep) in [(1, 30), (2, 3), (3, 1)] {
        let random = &mut Seeded::new(seed);
        let mut authority = authority(random);
        let rooms = tempfile::tempdir().expect("a folder");
        let state = |release: u64| rooms.path().join(release.to_string());
        sync(&authority, &authority.feed(), &state(1));
        let mut snapshots = vec![1];
        for release in 2..=14 {
            change(&authority, random);
            authority.publish_with(0, &Publishing { keep, to: None });
            snapshots.push(snapshot(&authority).0);
            // One that follows, and is left behind here.
            copy(&state(release - 1), &state(release));
            assert_eq!(sync(&authority, &authority.feed(), &state(release)).after, release);
        }
        let expected = whole(&authority);
        for release in 0..=14 {
            let outcome = sync(&authority, &authority.feed(), &state(release));
            assert_eq!((outcome.before, outcome.after), (release, 14));
            assert!(list(&state(release)) == expected, "seed {seed}: from release {release}, {:?}", outcome.did);
        }
        snapshots.dedup();
        assert!(snapshots.len() < 14 && (keep > 5 || snapshots.len() > 14 / (keep + 2)), "seed {seed}: {snapshots:?}");
    }
}

#[test]
fn a_snapshot_stays_until_the_deltas_behind_it_are_half_as_long() {
    let random = &mut Seeded::new(4);
    let mut authority = authority(random);
    let length = snapshot(&authority).1;
    let mut release = 1;
    while snapshot(&authority).0 == 1 {
        assert!(behind(&authority, 1) <= length / 2, "{} of {length}", behind(&authority, 1));
        let suppliers: Vec<Record> = (1..=30).map(|id| named(id, random)).collect();
        authority.put_all(&suppliers);
        authority.publish();
        release += 1;
    }
    assert!((4..12).contains(&release), "{release}");
    assert!(behind(&authority, 1) > length / 2, "it was too early");
    // Deltas that led to the new snapshot stay, for kiosks that have the lists of before.
    assert_eq!(snapshot(&authority).0, release);
    assert_eq!(files(&authority).len() as u64, release);
}

#[test]
fn a_release_of_few_changes_writes_a_delta_alone() {
    let random = &mut Seeded::new(5);
    let mut authority = authority(random);
    let targets = authority.feed().join("targets");
    let records =
        |targets: &Path| names(targets).into_iter().filter(|name| name.contains(".jsonl")).collect::<Vec<_>>();
    let first = records(&targets);
    for release in 2..=5 {
        authority.put_all(&[named(7, random)]);
        authority.publish();
        let now = records(&targets);
        assert_eq!(now.len() as u64, release, "one file more each time");
        assert!(first.iter().all(|name| now.contains(name)), "what is named is not swept");
        let state = tempfile::tempdir().expect("a folder");
        let deltas = usize::try_from(release - 1).expect("few");
        assert_eq!(sync(&authority, &authority.feed(), state.path()).did, Did::Snapshot(deltas));
    }
}

#[test]
fn without_deltas_every_release_is_a_snapshot() {
    let random = &mut Seeded::new(6);
    let mut authority = authority(random);
    for release in 2..=4 {
        authority.put_all(&[named(7, random)]);
        authority.publish_with(0, &Publishing { keep: 0, to: None });
        assert_eq!(authority.read().names(), [format!("snapshot-{release}.jsonl.zst")]);
    }
    // Nothing changed, so nothing is written.
    authority.publish_with(0, &Publishing { keep: 0, to: None });
    assert_eq!(authority.read().names(), ["snapshot-4.jsonl.zst"]);
    authority.put_all(&[named(7, random)]);
    authority.publish();
    assert_eq!(authority.read().names(), ["delta-4-5.jsonl.zst", "snapshot-4.jsonl.zst"]);
}

#[test]
fn a_lost_or_torn_file_is_made_up_for() {
    for (lost, torn) in [("delta-2-3", false), ("delta-2-3", true), ("snapshot-1", false), ("snapshot-1", true)] {
        let random = &mut Seeded::new(7);
        let mut authority = authority(random);
        for id in 1..=3 {
            authority.put_all(&[named(id, random)]);
            authority.publish();
        }
        let targets = authority.feed().join("targets");
        let name = names(&targets).into_iter().find(|name| name.contains(lost)).expect("it is there");
        let bytes = fs::read(targets.join(&name)).expect("a file");
        fs::remove_file(targets.join(&name)).expect("removed");
        if torn {
            fs::write(targets.join(&name), &bytes[..bytes.len() / 2]).expect("written");
        }
        assert!(!authority.publish().news);
        assert_eq!(snapshot(&authority).0, 4, "{lost}");
        let kept: &[&str] = if lost.starts_with("delta") {
            &["delta-3-4.jsonl.zst"]
        } else {
            &["delta-1-2.jsonl.zst", "delta-2-3.jsonl.zst", "delta-3-4.jsonl.zst"]
        };
        assert_eq!(authority.read().names(), [kept, &["snapshot-4.jsonl.zst"]].concat(), "{lost}");
        let state = tempfile::tempdir().expect("a folder");
        assert_eq!(sync(&authority, &authority.feed(), state.path()).after, 4);
    }
}
