//! The power goes while a verdict is shown: what was shown is in the journal.

use greengate::kiosk::Shelf;
use greengate::store::{Cache, Journal, journal};
use tempfile::tempdir;

use super::running::Running;

#[test]
fn a_verdict_in_the_status_has_the_authoritys_reason_in_both_languages_after_a_kill_too() {
    let folder = tempdir().expect("a folder");
    for holds_up in [true, false] {
        let running = Running::start(folder.path());
        running.wait_for(|status| (status["scene"]["body"] == "ready").then_some(()));
        if holds_up {
            running.hold_up(&["revoked"]);
            running.wait_for(Running::shown);
        }
        let newest = running.status()["verdicts"][0].clone();
        assert_eq!(newest["reason"]["en"], "Cosmetics production licence was revoked", "{newest}");
        assert_eq!(newest["reason"]["zh"], "化妆品生产许可证已被吊销", "{newest}");
        assert_eq!(newest["name"]["en"], "Leave-in conditioner spray 200 ml", "{newest}");
        assert_eq!(newest["name"]["zh"], "免洗护发喷雾 200 ml", "{newest}");
    }
}

#[test]
fn every_verdict_that_was_shown_is_in_the_journal_after_a_kill() {
    let folder = tempdir().expect("a folder");
    let path = Shelf::journal_path(folder.path());
    let mut shown: Vec<(String, u64)> = Vec::new();
    for id in ["tea", "conditioner", "red", "sesame-item", "sesame-item"] {
        let running = Running::start(folder.path());
        running.wait_for(|status| (status["scene"]["body"] == "ready").then_some(()));
        running.hold_up(&[id]);
        shown.push(running.wait_for(Running::shown));
        drop(running);
        let report = journal::verify(&path).expect("a whole chain");
        assert!(report.rows >= shown.last().expect("one").1);
    }
    let journal = Journal::open_read_only(&path).expect("the journal");
    for (slug, seq) in &shown {
        let row = journal.row(*seq).expect("it can be read").expect("the row is there");
        let json = serde_json::to_value(&row.entry.what).expect("JSON");
        assert!(json["verdict"]["ruling"].to_string().contains(slug.as_str()), "{slug} is not what {json} says");
    }
    let slugs: Vec<&str> = shown.iter().map(|(slug, _)| slug.as_str()).collect();
    assert_eq!(slugs, ["accept", "missing-documents", "red", "accept", "already-taken-in"]);
    assert!(Cache::open(folder.path()).expect("the list is whole").is_some());
}
