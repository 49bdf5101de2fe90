//! `greengate sync` as a person runs it.

use std::path::Path;
use std::process::{Command, Output};

use super::authority::Authority;
use super::server::Server;

/// A configuration whose site ends with these lines.
pub fn config(more: &str) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().expect("a folder");
    let site = "name = \"Dock\"\nkiosk = \"dock\"\nlanguages = [\"en\"]\ntime_zone = \"UTC\"\nstate = \"state\"\n";
    super::write(&folder.path().join("site.toml"), format!("{site}{more}"));
    let board = greengate::config::builtin_board("sim-headless").expect("a board");
    super::write(&folder.path().join("board.toml"), board);
    folder
}

fn run(config: &Path, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
    let Output { status, stdout, stderr } =
        command.args(["sync", "--config"]).arg(config).args(more).output().expect("the program");
    (status.code(), [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat())
}

/// The program's clock is the machine's, so these never expire.
pub fn authority() -> Authority {
    let mut authority = Authority::new();
    for expires in authority.expires.values_mut() {
        "2126-01-01T00:00:00Z".clone_into(expires);
    }
    authority.publish_root_as(1, 1);
    authority.publish();
    authority
}

#[test]
fn the_sites_feed_is_brought_and_told() {
    let authority = authority();
    let server = Server::of(authority.folder.path());
    let config =
        config(&format!("[feed]\nurl = \"{}\"\nroot = \"root.json\"\ntoken_file = \"token\"\n", server.address));
    super::write(&config.path().join("root.json"), authority.root(1));
    super::write(&config.path().join("token"), "hidden-token\n");
    let (code, told) = run(config.path(), &[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("version 0 → 1, issued 2026-11-24T01:00:00Z: loaded the snapshot"), "{told}");
    assert!(server.heads()[0].contains("hidden-token") && !told.contains("hidden"));
    std::fs::remove_file(config.path().join("root.json")).expect("a file that is needed once");
    let (code, told) = run(config.path(), &[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("version 1, issued 2026-11-24T01:00:00Z: the list is the newest"), "{told}");
}

#[test]
fn what_would_change_is_told_and_nothing_changes() {
    let mut authority = authority();
    let config = config("");
    let (from, root) = (authority.folder.path().to_owned(), authority.path("metadata", "1.root.json"));
    let told = |more: &[&str]| {
        let named = ["--from", from.to_str().expect("a path"), "--root", root.to_str().expect("a path")];
        let (code, told) = run(config.path(), &[&named, more].concat());
        assert_eq!(code, Some(0), "{told}");
        told
    };
    assert!(told(&["--dry-run"]).contains("version 1 would be the first list here"));
    assert!(!config.path().join("state/cache-1.db").exists());
    told(&[]);
    assert!(told(&["--dry-run"]).contains("nothing would change: the list is version 1"));
    authority.delta(1, 2);
    authority.publish();
    let files = || std::fs::read(config.path().join("state/feed.json")).expect("what is trusted");
    let before = files();
    let would = told(&["--dry-run"]);
    assert!(would.contains("version 1 → 2\n0 listings change\n0 codes change by themselves\n"), "{would}");
    assert!(would.contains("of the codes scanned here within 30 days none changes its grade"), "{would}");
    assert_eq!(files(), before);
    assert!(told(&[]).contains("version 1 → 2"), "the delta still waits");
}

#[test]
fn another_feed_can_be_named() {
    let authority = authority();
    let config = config("");
    let from = authority.folder.path().to_str().expect("a path");
    let (code, told) = run(config.path(), &[]);
    assert!(code == Some(78) && told.contains("the site names no feed"), "{code:?} {told}");
    let (code, told) = run(config.path(), &["--from", from]);
    assert!(code == Some(78) && told.contains("no first root of trust"), "{code:?} {told}");
    let root = authority.path("metadata", "1.root.json");
    let (code, told) = run(config.path(), &["--from", from, "--root", root.to_str().expect("a path")]);
    assert!(code == Some(0) && told.contains("loaded the snapshot"), "{code:?} {told}");
    let (code, told) = run(config.path(), &["--from", "http://127.0.0.1:1"]);
    assert!(code == Some(69) && told.contains("cannot be reached"), "{code:?} {told}");
}

#[test]
fn an_enrolled_kiosk_needs_no_feed_in_its_site_and_its_token_is_for_the_hub_alone() {
    let authority = authority();
    let server = Server::of(authority.folder.path());
    let config = config("");
    let state = config.path().join("state");
    std::fs::create_dir(&state).expect("a folder");
    let (hub, feed) = ("https://hub.example/", &server.address);
    let root: serde_json::Value = serde_json::from_slice(&authority.root(1)).expect("JSON");
    let enrolment =
        serde_json::json!({"hub": hub, "kiosk": "dock", "token": "hidden-token", "feed": feed, "root": root});
    super::write(&state.join("enrolment.json"), enrolment.to_string());
    let (code, told) = run(config.path(), &[]);
    assert!(code == Some(0) && told.contains("loaded the snapshot"), "{code:?} {told}");
    assert!(!server.heads().concat().contains("hidden"));
}
