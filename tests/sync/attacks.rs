//! Whoever holds the server, the network or the disk cannot make a kiosk believe another list.

use greengate::store::StoreFault;
use greengate::sync::SyncFault;

use super::authority::{Authority, reason};
use super::server::{Server, Trick};
use super::{Kiosk, time, write};

#[test]
fn an_older_feed_is_refused() {
    let mut authority = Authority::new();
    let old = std::fs::read(authority.path("metadata", "timestamp.json")).expect("a timestamp");
    authority.snapshot(2);
    authority.publish();
    let kiosk = Kiosk::synced(&authority);
    write(&authority.path("metadata", "timestamp.json"), old);
    assert!(matches!(kiosk.refuses(&authority.source()), SyncFault::Rollback { have: 2, offered: 1, .. }));
}

#[test]
fn an_older_snapshot_under_a_newer_timestamp_is_refused() {
    let mut authority = Authority::new();
    authority.publish();
    authority.publish();
    let kiosk = Kiosk::synced(&authority);
    authority.version = 2;
    authority.publish_timestamp(9);
    let fault = kiosk.refuses(&authority.source());
    assert!(matches!(fault, SyncFault::Rollback { have: 3, offered: 2, .. }), "{fault}");
}

#[test]
fn an_older_list_in_a_newer_feed_is_refused() {
    let mut authority = Authority::new();
    authority.snapshot(5);
    authority.publish();
    let kiosk = Kiosk::synced(&authority);
    authority.targets.clear();
    authority.snapshot(4);
    authority.publish();
    let fault = kiosk.sync(&authority.source()).expect_err("a fault");
    assert!(matches!(fault, SyncFault::Older { have: 5, offered: 4 }), "{fault}");
    assert_eq!(kiosk.version(), 5);
}

#[test]
fn each_role_that_has_expired_is_named() {
    let roles =
        [("root", "root of trust"), ("targets", "list of files"), ("snapshot", "snapshot"), ("timestamp", "timestamp")];
    for (role, name) in roles {
        let mut authority = Authority::new();
        authority.expires.insert(role, "2026-11-24T02:00:00Z".to_owned());
        authority.publish_root();
        authority.publish();
        let fault = Kiosk::of(&authority).refuses(&authority.source());
        assert!(matches!(fault, SyncFault::Expired { .. }) && fault.to_string().contains(name), "{fault}");
    }
}

#[test]
fn a_feed_that_is_held_back_expires() {
    let authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    let later = time("2026-12-24T00:00:00Z");
    let fault = kiosk.refuses_at(&authority.source(), later);
    assert!(matches!(fault, SyncFault::Expired { at, now, .. } if at == later && now == later), "{fault}");
}

#[test]
fn a_clock_in_1970_stops_no_sync() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.delta(1, 2);
    authority.publish();
    let past = time("1970-01-01T00:00:10Z");
    assert_eq!(kiosk.sync_at(&authority.source(), past).expect("a sync").after, 2);
    assert_eq!(Kiosk::of(&authority).sync_at(&authority.source(), past).expect("a sync").after, 2);
}

#[test]
fn files_of_different_publications_are_not_mixed() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.snapshot(2);
    authority.publish();
    for role in ["snapshot", "targets"] {
        let path = authority.path("metadata", &format!("2.{role}.json"));
        let right = std::fs::read(&path).expect("metadata");
        let other = std::fs::read(authority.path("metadata", &format!("1.{role}.json"))).expect("metadata");
        write(&path, other);
        let fault = kiosk.refuses(&authority.source());
        assert!(matches!(fault, SyncFault::Mixed { .. }), "{fault}");
        write(&path, right);
    }
    assert_eq!(kiosk.sync(&authority.source()).expect("a sync").after, 2);
}

#[test]
fn keys_of_other_roles_do_not_count() {
    for (role, other) in [("targets", "snapshot"), ("snapshot", "timestamp"), ("timestamp", "targets")] {
        let mut authority = Authority::new();
        let kiosk = Kiosk::synced(&authority);
        authority.signers.insert(role, authority.keys[other]);
        authority.publish();
        let fault = kiosk.refuses(&authority.source());
        let is_named = matches!(&fault, SyncFault::Signature { role: named, .. } if named.contains(role));
        assert!(is_named, "{role}: {fault}");
    }
}

#[test]
fn one_root_key_alone_is_too_few() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.root_signers = vec![1];
    authority.publish_root();
    authority.publish();
    let fault = kiosk.refuses(&authority.source());
    assert!(matches!(&fault, SyncFault::Signature { role, .. } if role.contains("root")), "{fault}");
}

#[test]
fn a_first_root_with_too_few_signatures_is_no_root() {
    let mut authority = Authority::new();
    authority.root_signers = vec![1];
    authority.publish_root_as(1, 1);
    let fault = Kiosk::of(&authority).refuses(&authority.source());
    assert!(matches!(fault, SyncFault::BadRoot { .. }), "{fault}");
    let mut kiosk = Kiosk::of(&authority);
    kiosk.root = None;
    assert!(matches!(kiosk.refuses(&authority.source()), SyncFault::NoRoot));
    kiosk.root = Some(b"{}".to_vec());
    assert!(matches!(kiosk.refuses(&authority.source()), SyncFault::BadRoot { .. }));
}

#[test]
fn a_root_cannot_be_skipped() {
    let authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.publish_root_as(3, 2);
    authority.publish_timestamp(2);
    let fault = kiosk.refuses(&authority.source());
    assert!(matches!(fault, SyncFault::SkippedRoot { have: 1, offered: 3 }), "{fault}");
}

#[test]
fn strangers_metadata_is_refused() {
    let (authority, mut stranger) = (Authority::new(), Authority::new());
    let kiosk = Kiosk::synced(&authority);
    stranger.signers = [("targets", 41), ("snapshot", 42), ("timestamp", 43)].into();
    stranger.publish();
    assert!(matches!(kiosk.refuses(&stranger.source()), SyncFault::Signature { .. }));
    write(&stranger.path("metadata", "timestamp.json"), "<html>log in to the guest network</html>");
    assert!(matches!(kiosk.refuses(&stranger.source()), SyncFault::Unreadable { .. }));
}

#[test]
fn a_file_of_another_length_or_digest_is_not_loaded() {
    let mut authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::synced(&authority);
    let name = authority.snapshot(2);
    authority.publish();
    let right = std::fs::read(authority.path("targets", &name)).expect("a file");
    let flipped = right.iter().enumerate().map(|(at, byte)| if at == 9 { byte ^ 1 } else { *byte }).collect();
    let cases = [("bytes", [&right[..], b"x"].concat()), ("bytes", right[1..].to_vec()), ("SHA-256", flipped)];
    for (what, bytes) in cases {
        server.once(&name, Trick::Instead(bytes));
        let fault = kiosk.sync(&server.source()).expect_err("a fault");
        assert!(matches!(&fault, SyncFault::Wrong { what: found, .. } if *found == what), "{fault}");
        assert_eq!((kiosk.version(), kiosk.parts()), (1, vec![]));
    }
    assert_eq!(kiosk.sync(&server.source()).expect("a sync").after, 2);
}

#[test]
fn a_signed_list_that_makes_no_sense_leaves_the_old_one() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.add("snapshot-2.jsonl.zst", 0, 2, &[reason(1)]);
    authority.publish();
    let fault = kiosk.sync(&authority.source()).expect_err("a list without keys");
    assert!(matches!(fault, SyncFault::Store(StoreFault::References { .. })), "{fault}");
    assert_eq!(kiosk.version(), 1);
}

#[test]
fn a_feed_whose_files_lead_nowhere_is_named() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.targets.clear();
    authority.delta(2, 3);
    authority.publish();
    assert!(matches!(kiosk.sync(&authority.source()), Err(SyncFault::NoWay { have: 1, to: 3 })));
    authority.targets.clear();
    authority.publish();
    assert!(matches!(kiosk.sync(&authority.source()), Err(SyncFault::NoWay { .. })));
    assert_eq!(kiosk.version(), 1);
}

#[test]
fn names_that_lead_out_of_the_folder_are_no_files_of_ours() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::of(&authority);
    let target = authority.targets.values().next().expect("a file").clone();
    authority.targets.clear();
    for name in ["x/y.zst", "a b", ".hidden", "x%2f..%2fy"] {
        authority.targets.insert(name.to_owned(), target.clone());
    }
    authority.publish();
    assert!(matches!(kiosk.sync(&authority.source()), Err(SyncFault::NoWay { .. })));
}

#[test]
fn torn_trust_is_not_taken_for_none() {
    let authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    let path = kiosk.state.path().join("feed.json");
    let whole = std::fs::read_to_string(&path).expect("what was kept");
    let torn = [whole[..whole.len() / 2].to_owned(), String::new(), whole.replace("\"form\":1", "\"form\":9")];
    for text in torn.into_iter().chain([whole.replace("\\\"version\\\":1", "\\\"version\\\":2")]) {
        write(&path, text);
        let fault = kiosk.refuses(&authority.source());
        assert!(matches!(fault, SyncFault::Damaged { .. }), "{fault}");
    }
    // What the message says helps.
    std::fs::remove_file(&path).expect("a file");
    assert_eq!(kiosk.sync(&authority.source()).expect("a sync").after, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_list_and_no_half_one() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    let name = authority.snapshot(2);
    authority.publish();
    let digest = name.split('.').next().expect("a digest");
    let part = kiosk.state.path().join("feed").join(format!("{digest}.part"));
    std::os::unix::fs::symlink("/dev/full", &part).expect("a link");
    let fault = kiosk.sync(&authority.source()).expect_err("a fault");
    assert!(matches!(fault, SyncFault::DiskFull { .. }), "{fault}");
    assert_eq!((kiosk.version(), kiosk.parts()), (1, vec![]));
    assert_eq!(kiosk.sync(&authority.source()).expect("a sync").after, 2);
}

#[test]
fn a_state_folder_that_cannot_be_written_is_named() {
    let authority = Authority::new();
    let kiosk = Kiosk::of(&authority);
    write(&kiosk.state.path().join("feed"), "in the way");
    assert!(matches!(kiosk.refuses(&authority.source()), SyncFault::File { .. }));
}
