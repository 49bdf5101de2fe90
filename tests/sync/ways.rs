//! A way of several files leads to its end or nowhere: a list that the authority has gone on from is not put in the place
//! of a newer one.

use greengate::store::{Cache, StoreFault};
use greengate::sync::{Did, SyncFault};
use serde_json::json;

use super::Kiosk;
use super::authority::{Authority, reason};

/// An authority whose newest list is a snapshot and a delta, and the name of the delta's file.
fn by_delta() -> (Authority, String) {
    let mut authority = Authority::new();
    let delta = authority.delta(1, 2);
    authority.publish();
    (authority, delta)
}

/// Takes a file out of the feed, or brings it back.
fn carry(authority: &Authority, name: &str, ways: [&str; 2]) {
    let [from, to] = ways.map(|ending| authority.path("targets", &format!("{name}{ending}")));
    std::fs::rename(from, to).expect("renamed");
}

/// The lists in a kiosk's folder, whole or half, readable or not.
fn lists(kiosk: &Kiosk) -> Vec<String> {
    crate::store::files(kiosk.state.path())
}

#[test]
fn a_new_kiosk_has_no_list_before_it_has_the_newest_one_and_brings_no_file_twice() {
    let (authority, delta) = by_delta();
    let kiosk = Kiosk::of(&authority);
    carry(&authority, &delta, ["", ".away"]);
    let fault = kiosk.sync(&authority.source()).expect_err("a fault");
    assert!(matches!(&fault, SyncFault::Missing { url } if url.ends_with(&delta)), "{fault}");
    assert_eq!(lists(&kiosk), [""; 0]);
    carry(&authority, &delta, [".away", ""]);
    let snapshot = authority.targets["snapshot-1.jsonl.zst"]["hashes"]["sha256"].as_str().expect("a digest");
    carry(&authority, &format!("{snapshot}.snapshot-1.jsonl.zst"), ["", ".away"]);
    let outcome = kiosk.sync(&authority.source()).expect("the snapshot is here already");
    assert_eq!((outcome.after, outcome.did, kiosk.version()), (2, Did::Snapshot(1), 2));
    assert_eq!((lists(&kiosk), kiosk.parts()), (vec!["cache-2.db".to_owned()], vec![]));
}

#[test]
fn a_delta_that_makes_no_sense_puts_no_older_list_in_place() {
    let mut authority = Authority::new();
    authority.add("delta-1-2.jsonl.zst", 1, 2, &[reason(3), json!({"drop": {"listing": 77}})]);
    authority.publish();
    let kiosk = Kiosk::of(&authority);
    let fault = kiosk.sync(&authority.source()).expect_err("a fault").to_string();
    assert!(fault.contains("no listing 77 to drop"), "{fault}");
    assert_eq!(lists(&kiosk), [""; 0]);
}

#[test]
fn a_damaged_list_is_not_followed_by_an_older_one() {
    let (authority, delta) = by_delta();
    let kiosk = Kiosk::synced(&authority);
    assert_eq!(kiosk.version(), 2);
    super::write(&kiosk.state.path().join("cache-2.db"), "no database");
    for beside in ["cache-2.db-wal", "cache-2.db-shm"] {
        let _ = std::fs::remove_file(kiosk.state.path().join(beside));
    }
    carry(&authority, &delta, ["", ".away"]);
    let fault = kiosk.sync(&authority.source()).expect_err("a fault");
    assert!(matches!(fault, SyncFault::Missing { .. }), "{fault}");
    let read = Cache::open(kiosk.state.path());
    assert!(matches!(read, Err(StoreFault::Database { .. })), "{read:?}");
    carry(&authority, &delta, [".away", ""]);
    assert_eq!(kiosk.sync(&authority.source()).expect("a sync").did, Did::Snapshot(1));
    assert_eq!(kiosk.version(), 2);
}

#[test]
fn a_list_that_is_sound_stays_when_the_way_by_a_snapshot_breaks() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.snapshot(2);
    let delta = authority.delta(2, 3);
    authority.publish();
    carry(&authority, &delta, ["", ".away"]);
    assert!(matches!(kiosk.sync(&authority.source()), Err(SyncFault::Missing { .. })));
    assert_eq!((kiosk.version(), lists(&kiosk)), (1, vec!["cache-1.db".to_owned()]));
}

#[test]
fn deltas_are_all_here_before_the_first_one_goes_in() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.delta(1, 2);
    let second = authority.add("delta-2-3.jsonl.zst", 2, 3, &[reason(501)]);
    authority.publish();
    carry(&authority, &second, ["", ".away"]);
    assert!(matches!(kiosk.sync(&authority.source()), Err(SyncFault::Missing { .. })));
    assert_eq!(kiosk.version(), 1);
    carry(&authority, &second, [".away", ""]);
    assert_eq!(kiosk.sync(&authority.source()).expect("a sync").did, Did::Deltas(2));
}

#[test]
fn deltas_before_one_that_makes_no_sense_have_led_to_a_newer_list() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.delta(1, 2);
    authority.add("delta-2-3.jsonl.zst", 2, 3, &[json!({"drop": {"listing": 77}})]);
    authority.publish();
    assert!(kiosk.sync(&authority.source()).is_err());
    assert_eq!(kiosk.version(), 2);
}

#[test]
fn a_file_for_which_there_is_no_room_is_not_begun() {
    let (mut authority, delta) = by_delta();
    let kiosk = Kiosk::synced(&authority);
    let old = authority.snapshot(3);
    authority.targets["snapshot-3.jsonl.zst"]["length"] = json!(1_u64 << 50);
    authority.publish();
    let fault = kiosk.sync(&authority.source()).expect_err("a fault");
    assert!(matches!(fault, SyncFault::DiskFull { .. }), "{fault}");
    assert!(fault.to_string().ends_with("free some space where the kiosk's state is"), "{fault}");
    assert_eq!((kiosk.version(), kiosk.parts()), (2, vec![]), "{old} {delta}");
}
