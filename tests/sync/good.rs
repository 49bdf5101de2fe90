//! What is right comes in, with few requests and no needless writing.

use greengate::sync::{Did, Source, Step, SyncFault, last_issued, pause, sync};

use super::authority::{Authority, reason};
use super::server::Server;
use super::{Kiosk, now, time};

#[test]
fn the_first_sync_brings_the_snapshot_from_a_folder_and_from_a_server() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    for source in [authority.source(), server.source()] {
        let kiosk = Kiosk::of(&authority);
        let outcome = kiosk.sync(&source).expect("a sync");
        assert_eq!((outcome.before, outcome.after, outcome.did), (0, 1, Did::Snapshot(0)));
        // timestamp, 2.root that is not there, snapshot, targets, the file
        assert_eq!(outcome.requests, 5);
        assert_eq!(kiosk.version(), 1);
        assert_eq!(kiosk.parts(), [""; 0]);
        let issued = last_issued(kiosk.state.path()).expect("what was kept");
        assert_eq!((issued, outcome.issued), (Some(time("2026-11-24T01:00:00Z")), issued));
    }
}

#[test]
fn an_unchanged_feed_costs_one_request_under_a_kilobyte_and_no_writing() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::of(&authority);
    kiosk.sync(&server.source()).expect("a sync");
    // A file that is made and removed again is noted in its folder.
    let folders =
        || ["", "feed"].map(|name| kiosk.state.path().join(name).metadata().and_then(|found| found.modified()));
    let folders = || folders().map(|time| time.expect("a time"));
    let before = (kiosk.files(), server.paths().len(), folders());
    let outcome = kiosk.sync(&server.source()).expect("a sync");
    assert_eq!((outcome.did, outcome.requests), (Did::Unchanged, 1));
    assert!(outcome.bytes < 1024, "{} bytes", outcome.bytes);
    assert_eq!(server.paths()[before.1..], ["/metadata/timestamp.json"]);
    assert_eq!(folders(), before.2, "a file came and went");
    assert!(kiosk.files() == before.0, "something was written");
}

#[test]
fn a_list_that_is_vouched_for_anew_costs_its_timestamp_and_the_question_for_a_root() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.issued = "2026-11-24T01:30:00Z".to_owned();
    authority.publish_timestamp(2);
    let outcome = kiosk.sync(&authority.source()).expect("a sync");
    assert_eq!((outcome.did, outcome.requests, outcome.after), (Did::Confirmed, 2, 1));
    assert_eq!(last_issued(kiosk.state.path()).expect("what was kept"), Some(time("2026-11-24T01:30:00Z")));
}

#[test]
fn a_newer_root_is_asked_for_once_a_day_even_while_nothing_changes() {
    let authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    let requests = |at| kiosk.sync_at(&authority.source(), time(at)).expect("a sync").requests;
    assert_eq!(requests("2026-11-25T01:59:59Z"), 1);
    assert_eq!(requests("2026-11-25T02:00:00Z"), 2);
    assert_eq!(requests("2026-11-25T02:00:01Z"), 1);
}

#[test]
fn deltas_are_taken_while_they_reach() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    for version in 2..=3 {
        authority.delta(version - 1, version);
        authority.snapshot(version);
        authority.publish();
    }
    let outcome = kiosk.sync(&authority.source()).expect("a sync");
    assert_eq!((outcome.before, outcome.after, outcome.did), (1, 3, Did::Deltas(2)));
    assert_eq!(Kiosk::of(&authority).sync(&authority.source()).expect("a sync").did, Did::Snapshot(0));
}

#[test]
fn the_snapshot_is_taken_where_deltas_do_not_reach() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.delta(2, 3);
    authority.snapshot(3);
    authority.publish();
    assert_eq!(kiosk.sync(&authority.source()).expect("a sync").did, Did::Snapshot(0));
    assert_eq!(kiosk.version(), 3);
}

#[test]
fn a_delta_that_cannot_be_loaded_gives_way_to_the_snapshot() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    let wrong = serde_json::json!({"drop": {"listing": 77}});
    authority.add("delta-1-2.jsonl.zst", 1, 2, &[reason(3), wrong]);
    authority.snapshot(2);
    authority.publish();
    let mut aside = Vec::new();
    let see = &mut |step: Step<'_>| {
        if let Step::Aside(fault) = step {
            aside.push(fault.to_string());
        }
    };
    let outcome = sync(&kiosk.settings(&[&authority.source()]), see, now()).expect("a sync");
    assert_eq!((outcome.did, kiosk.version()), (Did::Snapshot(0), 2));
    assert!(aside.len() == 1 && aside[0].contains("no listing 77 to drop"), "{aside:?}");
}

#[test]
fn a_damaged_cache_is_replaced_by_the_snapshot() {
    let authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    super::write(&kiosk.state.path().join("cache-1.db"), "no database");
    assert_eq!(kiosk.sync(&authority.source()).expect("a sync").did, Did::Snapshot(0));
    assert_eq!(kiosk.version(), 1);
}

#[test]
fn roots_are_followed_to_new_keys_and_the_old_feed_stays_refused() {
    let mut authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    authority.publish_timestamp(9);
    kiosk.sync(&authority.source()).expect("a sync");
    // Root 2 has another timestamp key and another root key; both roots' keys sign it.
    authority.root_keys = vec![2, 3, 4];
    authority.root_signers = vec![2, 3];
    authority.keys.insert("timestamp", vec![31]);
    authority.signers.insert("timestamp", vec![31]);
    authority.publish_root();
    authority.publish_timestamp(10);
    kiosk.sync(&authority.source()).expect("a sync");
    authority.publish_timestamp(4);
    assert!(matches!(kiosk.refuses(&authority.source()), SyncFault::Rollback { have: 10, offered: 4, .. }));
    // The key that was taken away counts no more.
    authority.signers.insert("timestamp", vec![13]);
    authority.publish_timestamp(11);
    assert!(matches!(kiosk.refuses(&authority.source()), SyncFault::Signature { .. }));
}

#[test]
fn a_forgotten_stick_does_not_hold_a_newer_list_back() {
    let (stick, mut authority) = (Authority::new(), Authority::new());
    let kiosk = Kiosk::of(&stick);
    let missing = Source::folder(kiosk.state.path().join("not-plugged-in"));
    let run = |sources: &[&Source]| sync(&kiosk.settings(sources), &mut |_| (), now());
    assert_eq!(run(&[&missing, &stick.source()]).expect("a sync").after, 1);
    authority.delta(1, 2);
    authority.publish();
    let outcome = run(&[&stick.source(), &authority.source()]).expect("a sync");
    assert_eq!((outcome.before, outcome.after), (1, 2));
    let outcome = run(&[&stick.source(), &authority.source()]).expect("the stick's fault is only logged");
    assert_eq!((outcome.after, outcome.did), (2, Did::Unchanged));
    assert!(matches!(run(&[&missing]), Err(SyncFault::NotPluggedIn { .. })));
    assert!(matches!(run(&[]), Err(SyncFault::NoFeed)));
}

#[test]
fn kiosks_that_were_switched_on_together_ask_apart() {
    let every = std::time::Duration::from_secs(1000);
    let seconds = [0, u32::MAX / 2, u32::MAX].map(|random| pause(every, random).as_secs_f64().round());
    assert_eq!(seconds.map(|seconds| format!("{seconds}")), ["800", "1000", "1200"]);
}
