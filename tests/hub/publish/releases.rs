//! Releases: the whole list and what changed, renewed in time, swept in time, copied.

use std::fs::{self, File};

use greengate::hub::keys::Keys;
use greengate::hub::{self, Did, HubFault, NewRoot, Of, Publishing, Registry};
use greengate::store::Cache;

use super::{Authority, author, client, copy, names, supplier};
use crate::support::Seeded;

#[test]
fn a_cache_takes_the_list_and_then_what_changed() {
    let (mut authority, cache) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    authority.put(1);
    let first = authority.publish();
    assert_eq!((first.release.version, first.news, first.deltas), (1, true, 0));
    let view = authority.read();
    assert_eq!((view.root, view.timestamp, view.snapshot, view.targets), (1, 1, 1, 1));
    assert_eq!(view.names(), ["snapshot-1.jsonl.zst"]);
    assert_eq!(view.follow(cache.path()).1, ["snapshot-1.jsonl.zst"]);

    for id in 2..=4 {
        authority.put(id);
        authority.publish();
    }
    let view = authority.read();
    let deltas = ["delta-1-2.jsonl.zst", "delta-2-3.jsonl.zst", "delta-3-4.jsonl.zst"];
    assert_eq!(view.names(), [&deltas[..], &["snapshot-3.jsonl.zst"]].concat());
    let (facts, taken) = view.follow(cache.path());
    assert_eq!((facts.version, taken), (4, deltas.map(str::to_owned).to_vec()));
    let info = Cache::open(cache.path()).expect("readable").expect("a cache").info().expect("counted");
    assert_eq!(info.suppliers, 4);
}

#[test]
fn without_news_only_the_timestamp_is_signed() {
    let mut authority = Authority::new();
    authority.publish();
    let before = authority.read();
    let again = authority.publish_with(1, &Publishing::default());
    assert_eq!((again.release.version, again.news, again.timestamp), (1, false, 2));
    let after = authority.read();
    assert_eq!((after.timestamp, after.snapshot, after.targets), (2, 1, 1));
    assert_eq!(after.files, before.files);
    assert_eq!(after.issued.as_second() / 60, author(1).at.as_second() / 60);
    assert_eq!(again.expires.as_second(), after.issued.as_second() + 7 * 86_400);
}

#[test]
fn what_is_about_to_expire_is_signed_anew() {
    let mut authority = Authority::new();
    authority.publish();
    assert_eq!(authority.publish_with(14, &Publishing::default()).timestamp, 2);
    assert_eq!((authority.read().snapshot, authority.read().targets), (1, 1));
    authority.publish_with(16, &Publishing::default());
    assert_eq!((authority.read().snapshot, authority.read().targets), (2, 2));
    let at = author(300).at;
    let late = authority.publish_with(300, &Publishing::default());
    assert_eq!((authority.read().root, late.warnings), (2, vec![]));
    let keys = Registry::open(authority.path()).and_then(|registry| registry.history(Of::Keys)).expect("readable");
    let renewed = keys.last().expect("a root");
    assert!(renewed.at >= at && renewed.who == "Li", "{renewed:?}");
    assert_eq!(renewed.did, Did::Root(NewRoot { version: 2, replaced: None, by: None }));
}

#[test]
fn a_root_that_cannot_be_renewed_warns_and_the_list_gets_out() {
    let mut authority = Authority::new();
    for name in ["root-1", "root-2"] {
        std::fs::remove_file(authority.path().join(format!("keys/{name}.pem"))).expect("a key");
    }
    authority.put(1);
    authority.keys = hub::keys::Keys::plain(authority.path());
    let published = authority.publish_with(300, &Publishing::default());
    assert_eq!((published.release.version, authority.read().root), (1, 1));
    assert!(published.warnings[0].contains("bring the files"), "{:?}", published.warnings);
}

#[test]
fn a_clock_that_went_back_is_told() {
    let mut authority = Authority::new();
    assert_eq!(authority.publish_with(2, &Publishing::default()).warnings, [""; 0]);
    let back = authority.publish_with(0, &Publishing::default()).warnings;
    assert!(back[0].starts_with("the clock says ") && back[0].ends_with(" before; look at the clock"), "{back:?}");
    assert_eq!(authority.publish_with(1, &Publishing::default()).warnings, [""; 0]);
}

#[test]
fn old_files_go_and_those_of_the_release_before_stay() {
    let mut authority = Authority::new();
    authority.publish();
    for id in 1..=3 {
        authority.put(id);
        authority.publish_with(0, &Publishing { keep: 1, ..Publishing::default() });
    }
    let targets = names(&authority.feed().join("targets"));
    let ends: Vec<&str> = targets.iter().map(|name| &name[65..]).collect();
    let mut ends = ends.clone();
    ends.sort_unstable();
    let audit = "audit.checkpoint";
    let expected = [audit, audit, "delta-2-3.jsonl.zst", "delta-3-4.jsonl.zst", "snapshot-3.jsonl.zst"];
    assert_eq!(ends, expected);
    let metadata = names(&authority.feed().join("metadata"));
    let expected =
        ["1.root.json", "3.snapshot.json", "3.targets.json", "4.snapshot.json", "4.targets.json", "timestamp.json"];
    assert_eq!(metadata, expected);
    assert_eq!(authority.read().names(), ["delta-3-4.jsonl.zst", "snapshot-3.jsonl.zst"]);
}

#[test]
fn a_delta_that_is_hardly_smaller_than_the_list_is_left_out() {
    let mut authority = Authority::new();
    let mut random = Seeded::new(7);
    let mut round = |ids: std::ops::Range<u32>| -> Vec<_> {
        ids.map(|id| supplier(id, &format!("{:x}{:x}", random.next(), random.next()))).collect()
    };
    authority.put_all(&round(1..8000));
    authority.publish();
    authority.put_all(&round(1..500));
    authority.publish();
    assert_eq!(authority.read().names(), ["delta-1-2.jsonl.zst", "snapshot-1.jsonl.zst"]);
    authority.put_all(&round(1..8000));
    authority.publish();
    // The delta before it leads nowhere now.
    assert_eq!(authority.read().names(), ["snapshot-3.jsonl.zst"]);
}

#[test]
fn a_copy_follows_the_feed() {
    let mut authority = Authority::new();
    let copy = tempfile::tempdir().expect("a folder");
    let to = Publishing { keep: 1, to: Some(copy.path().join("www")) };
    for id in 1..=4 {
        authority.put(id);
        authority.publish_with(0, &to);
        let view = client::read(&authority.first_root, &copy.path().join("www")).expect("a feed that verifies");
        assert_eq!(view, authority.read());
    }
    for part in ["metadata", "targets"] {
        assert_eq!(names(&copy.path().join("www").join(part)), names(&authority.feed().join(part)));
    }
    assert_eq!(names(&copy.path().join("www")), ["audit", "metadata", "targets"]);
}

#[test]
fn a_copy_of_another_feed_or_of_a_newer_one_is_not_written_over() {
    let (mut one, mut other) = (Authority::new(), Authority::new());
    let copy = tempfile::tempdir().expect("a folder");
    let to = Publishing { to: Some(copy.path().to_owned()), ..Publishing::default() };
    one.publish_with(0, &to);
    let refused = |authority: &mut Authority| {
        hub::publish(authority.folder.path(), &mut authority.keys, &author(0), &to).expect_err("refused").to_string()
    };
    assert!(refused(&mut other).contains("another authority's feed"));
    let feed = one.feed();
    super::copy(&feed, &one.path().join("backup"));
    one.publish_with(0, &to);
    one.publish_with(0, &to);
    std::fs::remove_dir_all(&feed).expect("removed");
    std::fs::rename(one.path().join("backup"), &feed).expect("restored");
    assert!(refused(&mut one).contains("newer feed"));
}

#[test]
fn two_commands_at_once_do_not_meet() {
    let mut authority = Authority::new();
    let other = File::create(authority.path().join("publish.lock")).expect("a file");
    other.lock().expect("a lock");
    let fault = authority.try_publish().expect_err("busy");
    assert!(matches!(fault, HubFault::Busy { .. }), "{fault}");
    assert!(Registry::open(authority.path()).expect("a registry").newest_release().expect("readable").is_none());
    other.unlock().expect("unlocked");
    authority.publish();
}

#[test]
fn an_older_registry_or_a_lost_timestamp_is_told() {
    let mut authority = Authority::new();
    authority.publish();
    authority.put(1);
    let registry = authority.path().join("registry.db");
    std::fs::copy(&registry, authority.path().join("backup.db")).expect("copied");
    authority.publish();
    authority.put(2);
    authority.publish();
    let newest = std::fs::read(authority.feed().join("metadata/timestamp.json")).expect("a timestamp");
    std::fs::remove_file(authority.feed().join("metadata/timestamp.json")).expect("removed");
    let fault = authority.try_publish().expect_err("damaged");
    assert!(matches!(fault, HubFault::Feed { .. }), "{fault}");
    std::fs::write(authority.feed().join("metadata/timestamp.json"), &newest[..newest.len() / 2]).expect("torn");
    assert!(matches!(authority.try_publish().expect_err("damaged"), HubFault::Feed { .. }));
    std::fs::write(authority.feed().join("metadata/timestamp.json"), newest).expect("brought back");
    std::fs::rename(authority.path().join("backup.db"), &registry).expect("an old copy");
    let fault = authority.try_publish().expect_err("an old registry").to_string();
    assert!(fault.contains("older copy"), "{fault}");
}

#[test]
fn an_old_copy_of_the_authority_signs_nothing_beside_a_newer_copy_of_its_feed() {
    let (mut authority, rooms) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let to = Publishing { to: Some(rooms.path().join("www")), ..Publishing::default() };
    authority.publish_with(0, &to);
    let old = rooms.path().join("old");
    copy(authority.path(), &old);
    authority.put(1);
    authority.publish_with(0, &to);
    let timestamp = || fs::read(old.join("feed/metadata/timestamp.json")).expect("a timestamp");
    let before = timestamp();
    let fault = hub::publish(&old, &mut Keys::plain(&old), &author(0), &to).expect_err("an old copy").to_string();
    assert!(fault.contains("has a newer feed"), "{fault}");
    assert!(timestamp() == before, "a timestamp was signed that kiosks know by another content");
}
