//! Old rows go into an archive: the beginnings of journals, once, whole, and what is handed up afterwards still fits.

use std::fs;
use std::path::Path;

use greengate::hub::receiver::Receiver;
use greengate::rules::clock::ClockTrust;
use greengate::rules::entry::Entry;
use greengate::rules::hex;
use greengate::rules::ruling::Ruling;
use greengate::store::Journal;
use greengate::store::journal::{beginning, follows};
use jiff::{SignedDuration, Timestamp};

use super::service::{Hub, exported};
use crate::store::verdict;

const KIOSK: &str = "dock-3";
const EPOCH: u8 = 9;

fn now() -> Timestamp {
    "2026-11-28T12:00:00Z".parse().expect("a moment")
}

fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

/// Lines of a journal whose rows were written so many days ago; those without trust in the clock by 1970.
fn lines(days: &[Option<i64>]) -> Vec<String> {
    lines_of(EPOCH, days)
}

/// The same of the journal with this epoch.
fn lines_of(epoch: u8, days: &[Option<i64>]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::create(&path, KIOSK, [epoch; 16]).expect("a journal");
    for (nth, days) in (1..).zip(days) {
        let (at, trust) = match days {
            Some(days) => (days_ago(*days), ClockTrust::Trusted),
            None => (Timestamp::UNIX_EPOCH, ClockTrust::Behind(1_700_000_000)),
        };
        let entry = verdict(nth, &format!("S{nth}"), Ruling::Accept, None);
        journal.append(&Entry { at, trust, ..entry }).expect("a row");
    }
    drop(journal);
    exported(&path)
}

fn kept(receiver: &Receiver) -> u64 {
    receiver.kiosks().expect("kiosks").iter().map(|kiosk| kiosk.rows).sum()
}

/// The numbers in an archive, whose rows follow on each other.
fn archived(path: &Path) -> Vec<u64> {
    let mut last = beginning(KIOSK, &[EPOCH; 16]);
    let text = fs::read_to_string(path).expect("an archive");
    let row = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let hash = hex::decode(row["hash"].as_str().expect("a hash")).expect("its digits");
        let (body, _) = line.split_once(",\"hash\":").expect("a body");
        assert!(follows(&last, &format!("{body}}}"), &hash), "{line}");
        last = hash;
        row["seq"].as_u64().expect("a number")
    };
    text.lines().map(row).collect()
}

#[test]
pub fn old_rows_are_moved_and_the_rest_goes_on() {
    let hub = Hub::start();
    let token = hub.token(KIOSK);
    let all = lines(&[Some(50), Some(40), Some(20), Some(3), Some(1)]);
    assert_eq!(hub.hand_up(&token, KIOSK, EPOCH, &all[..4]).taken(), (4, vec![]));
    let to = hub.folder.path().join("archive.jsonl");
    assert_eq!(hub.receiver().prune(days_ago(30), &to).expect("pruned"), 2);
    assert_eq!((archived(&to), kept(&hub.receiver())), (vec![1, 2], 2));
    assert_eq!(hub.hand_up(&token, KIOSK, EPOCH, &all).taken(), (5, vec![]), "those that are gone are not taken anew");
    assert_eq!(kept(&hub.receiver()), 3);
    let again = hub.receiver().prune(days_ago(30), &to).expect("nothing to do");
    assert_eq!(again, 0, "nothing is old, so the file that is there does not matter");
}

#[test]
pub fn what_follows_on_a_row_that_is_gone_has_to_follow_on_it() {
    let hub = Hub::start();
    let token = hub.token(KIOSK);
    let all = lines(&[Some(50), Some(40), Some(3)]);
    assert_eq!(hub.hand_up(&token, KIOSK, EPOCH, &all[..2]).taken(), (2, vec![]));
    hub.receiver().prune(days_ago(30), &hub.folder.path().join("archive.jsonl")).expect("pruned");
    let other = lines(&[Some(50), Some(41), Some(3)]);
    let parked = vec![(3, "it does not follow on row 2".to_owned())];
    assert_eq!(hub.hand_up(&token, KIOSK, EPOCH, &other[2..]).taken(), (3, parked));
    assert_eq!(hub.hand_up(&token, KIOSK, EPOCH, &all[2..]).taken(), (3, vec![]));
}

#[test]
pub fn another_row_in_the_place_of_one_that_is_gone_is_not_taken_for_it() {
    let hub = Hub::start();
    let token = hub.token(KIOSK);
    let all = lines(&[Some(50), Some(40), Some(3)]);
    assert_eq!(hub.hand_up(&token, KIOSK, EPOCH, &all).taken(), (3, vec![]));
    hub.receiver().prune(days_ago(30), &hub.folder.path().join("archive.jsonl")).expect("pruned");
    // A journal that was put back to an older copy and went on: its rows are nowhere else.
    let other = lines(&[Some(50), Some(41)]);
    let parked = vec![(2, "another row with its number was here and is in an archive".to_owned())];
    assert_eq!(hub.hand_up(&token, KIOSK, EPOCH, &other).taken(), (3, parked));
    assert_eq!(hub.hand_up(&token, KIOSK, EPOCH, &all).taken(), (3, vec![]));
}

#[test]
pub fn a_clock_that_nobody_trusted_makes_no_row_old() {
    let hub = Hub::start();
    let token = hub.token(KIOSK);
    hub.hand_up(&token, KIOSK, EPOCH, &lines(&[None, Some(50), None, Some(3), None]));
    let to = hub.folder.path().join("archive.jsonl");
    hub.receiver().prune(days_ago(30), &to).expect("pruned");
    assert_eq!(archived(&to), [1, 2]);
}

#[test]
pub fn rows_behind_a_gap_stay() {
    let hub = Hub::start();
    let token = hub.token(KIOSK);
    let all = lines(&[Some(50), Some(49), Some(48)]);
    hub.hand_up(&token, KIOSK, EPOCH, &[&all[0], &all[2]]);
    let folder = hub.folder.path();
    assert_eq!(hub.receiver().prune(days_ago(30), &folder.join("a.jsonl")).expect("pruned"), 1);
    assert_eq!(hub.hand_up(&token, KIOSK, EPOCH, &all[1..2]).taken(), (3, vec![]));
    assert_eq!(hub.receiver().prune(days_ago(30), &folder.join("b.jsonl")).expect("pruned"), 2);
}

#[test]
pub fn what_cannot_be_archived_stays() {
    let hub = Hub::start();
    hub.hand_up(&hub.token(KIOSK), KIOSK, EPOCH, &lines(&[Some(50), Some(3)]));
    let there = hub.folder.path().join("there");
    fs::write(&there, "mine").expect("a file");
    for to in [&there, &hub.folder.path().join("no/folder")] {
        let fault = hub.receiver().prune(days_ago(30), to).expect_err("no archive").to_string();
        assert!(fault.contains(&to.display().to_string()), "{fault}");
        assert_eq!(kept(&hub.receiver()), 2);
    }
    assert_eq!(fs::read_to_string(&there).expect("a file"), "mine");
}

/// What the command says in a shell whose files cannot grow beyond 80 KiB, which is how a disk looks that is full.
#[cfg(target_os = "linux")]
fn pruned_on_a_full_disk(folder: &Path, to: &Path) -> String {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 160; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_greengate-hub")]);
    shell.arg("--folder").arg(folder).args(["kiosk", "prune", "--keep-days", "1", "--to"]).arg(to);
    let output = shell.env_remove("GREENGATE_DATABASE").output().expect("the program");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("cannot be written"), "{said}");
    said
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_tears_no_line_and_loses_no_row() {
    const ROWS: usize = 200;
    let hub = Hub::start();
    let token = hub.token(KIOSK);
    hub.hand_up(&token, KIOSK, EPOCH, &lines(&[Some(20_000), Some(19_000)]));
    let many = lines_of(EPOCH + 1, &[Some(18_000); ROWS]);
    assert!(many.iter().map(String::len).sum::<usize>() > 80 << 10, "they fit");
    hub.hand_up(&token, KIOSK, EPOCH + 1, &many);
    let folder = hub.stopped();
    let [first, second] = ["a.jsonl", "b.jsonl"].map(|name| folder.path().join(name));
    let said = pruned_on_a_full_disk(folder.path(), &first);
    assert!(said.contains("2 rows are in `") && said.contains("keep it, and go on with a new file"), "{said}");
    assert_eq!(archived(&first), [1, 2], "the lines that were not kept are gone from the archive");
    let mut receiver = Receiver::open(folder.path()).expect("a receiver");
    assert_eq!(kept(&receiver), ROWS as u64);
    pruned_on_a_full_disk(folder.path(), &second);
    assert!(!second.exists(), "an archive with nothing in it");
    let fault = receiver.prune(now(), &first).expect_err("it is there").to_string();
    assert!(fault.contains("is there already; keep it and name a new file"), "{fault}");
    assert_eq!(receiver.prune(now(), &second).expect("pruned"), ROWS as u64);
    assert_eq!((kept(&receiver), fs::read_to_string(&second).expect("an archive").lines().count()), (0, ROWS));
}
