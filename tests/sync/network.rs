//! A network as it is at a dock: cut, slow, refused, redirected; and a server that means harm.

use std::time::Duration;

use greengate::sync::{Did, Http, Pace, Secret, Source, SyncFault};

use super::Kiosk;
use super::authority::Authority;
use super::server::{Server, Trick, waiting};

#[test]
fn a_download_goes_on_where_it_was_cut() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::of(&authority);
    server.once(".jsonl.zst", Trick::Cut(1000));
    assert!(matches!(kiosk.sync(&server.source()), Err(SyncFault::Cut { .. })));
    assert_eq!(kiosk.parts().len(), 2, "the part and its ETag");
    let outcome = kiosk.sync(&server.source()).expect("a sync");
    assert_eq!((outcome.requests, kiosk.version()), (2, 1));
    let head = server.heads().pop().expect("a request").to_ascii_lowercase();
    assert!(head.contains("range: bytes=1000-\r\n") && head.contains("if-range: \""), "{head}");
    assert_eq!(kiosk.parts(), [""; 0]);
}

#[test]
fn what_has_come_is_kept_when_a_newer_list_appears() {
    let mut authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::of(&authority);
    server.once(".jsonl.zst", Trick::Cut(1000));
    assert!(matches!(kiosk.sync(&server.source()), Err(SyncFault::Cut { .. })));
    authority.snapshot(2);
    authority.delta(1, 2);
    authority.publish();
    let outcome = kiosk.sync(&server.source()).expect("a sync");
    assert_eq!((outcome.after, outcome.did), (2, Did::Snapshot(1)));
    let heads = server.heads();
    let resumed = |head: &&String| head.to_ascii_lowercase().contains("range: bytes=1000-\r\n");
    assert_eq!(heads.iter().filter(resumed).count(), 1, "{heads:?}");
    assert_eq!(kiosk.parts(), [""; 0]);
}

#[test]
fn a_folder_with_a_pipe_in_it_holds_nobody_up() {
    let authority = Authority::new();
    let kiosk = Kiosk::synced(&authority);
    let timestamp = authority.path("metadata", "timestamp.json");
    std::fs::remove_file(&timestamp).expect("a file");
    let made = std::process::Command::new("mkfifo").arg(&timestamp).status().expect("mkfifo");
    assert!(made.success());
    let fault = kiosk.refuses(&authority.source());
    assert!(matches!(fault, SyncFault::File { verb: "read", .. }), "{fault}");
}

#[test]
fn a_part_that_a_power_cut_spoilt_is_brought_again() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::of(&authority);
    server.once(".jsonl.zst", Trick::Cut(1000));
    assert!(matches!(kiosk.sync(&server.source()), Err(SyncFault::Cut { .. })));
    let part = kiosk.parts().pop().expect("a part behind its ETag");
    super::write(&kiosk.state.path().join("feed").join(part), [0; 1000]);
    kiosk.sync(&server.source()).expect("a sync");
    assert_eq!(kiosk.version(), 1);
}

#[test]
fn the_part_of_a_list_that_nobody_wants_any_more_is_swept_away() {
    let mut authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::of(&authority);
    server.once(".jsonl.zst", Trick::Cut(1000));
    assert!(matches!(kiosk.sync(&server.source()), Err(SyncFault::Cut { .. })));
    authority.targets.clear();
    authority.snapshot(2);
    authority.publish();
    kiosk.sync(&server.source()).expect("a sync");
    assert_eq!((kiosk.version(), kiosk.parts()), (2, vec![]));
}

#[test]
fn a_server_that_sends_nothing_is_given_up() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::of(&authority);
    server.once(".jsonl.zst", Trick::Stall(1000));
    let hasty = Pace { stall: Duration::from_millis(500), ..Pace::default() };
    let fault = kiosk.sync(&server.source().with_pace(hasty)).expect_err("a fault");
    assert!(matches!(fault, SyncFault::Slow { .. }), "{fault}");
    assert_eq!(kiosk.sync(&server.source()).expect("a sync").after, 1);
}

#[test]
fn a_server_that_sends_too_little_is_given_up() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::synced(&authority);
    let demanding = Pace { window: Duration::ZERO, least_per_s: u64::MAX, ..super::patient() };
    let fault = kiosk.refuses(&server.source().with_pace(demanding));
    assert!(matches!(fault, SyncFault::Slow { .. }), "{fault}");
}

#[test]
fn data_without_end_is_cut_off() {
    let mut authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::synced(&authority);
    let snapshot = authority.snapshot(2);
    authority.publish();
    for name in ["timestamp.json", "2.root.json", "2.snapshot.json", "2.targets.json"] {
        server.once(name, Trick::Endless);
        let fault = kiosk.refuses(&server.source());
        let is_bounded = matches!(fault, SyncFault::TooLarge { .. } | SyncFault::Mixed { .. });
        assert!(is_bounded, "{name}: {fault}");
    }
    server.once(&snapshot, Trick::Endless);
    assert!(matches!(kiosk.sync(&server.source()), Err(SyncFault::Wrong { what: "bytes", .. })));
    assert_eq!((kiosk.version(), kiosk.parts()), (1, vec![]));
}

#[test]
fn a_file_that_is_missing_in_the_middle_is_named() {
    let mut authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::synced(&authority);
    let snapshot = authority.snapshot(2);
    authority.publish();
    for name in ["timestamp.json", "2.snapshot.json", "2.targets.json"] {
        server.once(name, Trick::Status(404));
        let fault = kiosk.refuses(&server.source());
        assert!(matches!(&fault, SyncFault::Missing { url } if url.ends_with(name)), "{fault}");
    }
    server.once(&snapshot, Trick::Status(404));
    let fault = kiosk.sync(&server.source()).expect_err("a fault");
    assert!(matches!(&fault, SyncFault::Missing { url } if url.ends_with(&snapshot)), "{fault}");
    assert_eq!(kiosk.version(), 1);
}

#[test]
fn a_server_that_cannot_tell_of_a_newer_root_is_not_believed() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::synced(&authority);
    authority.publish_timestamp(2);
    server.once("2.root.json", Trick::Status(503));
    let fault = kiosk.refuses(&server.source());
    assert!(matches!(fault, SyncFault::Status { status: 503, .. }), "{fault}");
    // A bucket that does not list its files answers so for one that is not there.
    server.once("2.root.json", Trick::Status(403));
    assert_eq!(kiosk.sync(&server.source()).expect("a sync").did, Did::Confirmed);
}

#[test]
fn refusals_and_other_answers_are_told_apart() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::synced(&authority);
    server.once("timestamp.json", Trick::Status(401));
    assert!(matches!(kiosk.refuses(&server.source()), SyncFault::Refused { status: 401, .. }));
    server.once("timestamp.json", Trick::Status(500));
    assert!(matches!(kiosk.refuses(&server.source()), SyncFault::Status { status: 500, .. }));
    let nobody = Source::http(Http::new("http://127.0.0.1:1").expect("an address"));
    assert!(matches!(kiosk.refuses(&nobody), SyncFault::Unreachable { .. }));
}

#[test]
fn a_feed_that_moved_is_followed_but_not_in_circles() {
    let authority = Authority::new();
    let (old, new) = (Server::of(authority.folder.path()), Server::of(authority.folder.path()));
    let kiosk = Kiosk::synced(&authority);
    old.once("timestamp.json", Trick::Redirect(format!("{}/metadata/timestamp.json", new.address)));
    assert_eq!(kiosk.sync(&old.source()).expect("a sync").did, Did::Unchanged);
    for _ in 0..10 {
        old.once("timestamp.json", Trick::Redirect("/metadata/timestamp.json".to_owned()));
    }
    assert!(matches!(kiosk.refuses(&old.source()), SyncFault::Unreachable { .. }));
}

#[test]
fn the_token_goes_to_the_server_alone() {
    let authority = Authority::new();
    let (server, other) = (Server::of(authority.folder.path()), Server::of(authority.folder.path()));
    let kiosk = Kiosk::synced(&authority);
    let address = server.address.replace("http://", "http://me:hidden@");
    let http = Http::new(&format!("{address}/?key=hidden")).expect("an address");
    let source = Source::http(http.with_token(Secret::new("hidden-token").expect("a token")));
    server.once("timestamp.json", Trick::Redirect(format!("{}/metadata/timestamp.json", other.address)));
    kiosk.sync(&source).expect("a sync");
    assert!(server.heads()[0].to_ascii_lowercase().contains("authorization: bearer hidden-token"));
    let elsewhere = other.heads().concat().to_ascii_lowercase();
    assert!(!elsewhere.contains("hidden") && elsewhere.contains("user-agent: greengate/"), "{elsewhere}");
    server.once("timestamp.json", Trick::Status(401));
    let shown = format!("{source:?} {} {}", source.shown(), kiosk.refuses(&source));
    assert!(!shown.contains("hidden"), "{shown}");
}

#[test]
fn addresses_and_tokens_that_make_no_sense_are_refused() {
    for address in ["feed.example.org", "ftp://feed.example.org", "https://", "me:hidden@x"] {
        let fault = Http::new(address).expect_err("no address").to_string();
        assert!(fault.contains("https://") && !fault.contains("hidden"), "{fault}");
    }
    assert!(Secret::new("two words").is_err() && Secret::new("").is_err());
}

#[test]
fn two_syncs_at_once_do_no_harm() {
    let authority = Authority::new();
    let server = Server::of(authority.folder.path());
    let kiosk = Kiosk::of(&authority);
    let (trick, is_there, go) = waiting();
    server.once("timestamp.json", trick);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| kiosk.sync(&server.source()));
        is_there.recv().expect("the first one's request");
        assert!(matches!(kiosk.sync(&server.source()), Err(SyncFault::Busy { .. })));
        go.send(()).expect("the first one waits");
        assert_eq!(first.join().expect("no panic").expect("a sync").after, 1);
    });
}
