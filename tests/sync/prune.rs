//! What a hub has, or a file, may leave the kiosk once it is old; nothing else does.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use greengate::rules::entry::Entry;
use greengate::rules::record::{Line, Meta};
use greengate::rules::ruling::Ruling;
use greengate::store::journal::{self, Confirmed};
use greengate::store::{self, Journal, RecordsWriter, VerifiedFile};
use greengate::sync::{self, Enrolment, HandedUp, SyncFault, Terms};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::command::config;
use super::follow::Running;
use crate::hub::service::{Hub, exported};
use crate::store::{LIST, lines, verdict};

/// A kiosk that keeps rows for as short as it may, with `old` rows of forty days ago and `young` ones of today, and today's
/// list.
pub struct Dock {
    pub config: TempDir,
}

impl Dock {
    pub fn new(old: u64, young: u64) -> Self {
        let config = config("[journal]\nkeep_days = 31\n[panel]\nlisten = \"127.0.0.1:8080\"\n");
        let dock = Self { config };
        std::fs::create_dir(dock.state()).expect("a folder");
        dock.load_list();
        let mut journal = Journal::create(&dock.journal(), "dock", [9; 16]).expect("a journal");
        for row in 1..=old + young {
            let days = if row <= old { 40 } else { 0 };
            let at = Timestamp::now() - SignedDuration::from_hours(days * 24);
            journal.append(&Entry { at, ..verdict(0, &format!("S{row}"), Ruling::Accept, None) }).expect("a row");
        }
        dock
    }

    pub fn load_list(&self) {
        let path = self.config.path().join("records");
        let mut writer = RecordsWriter::new(File::create(&path).expect("a file")).expect("a writer");
        let meta = Line::Meta(Meta { from: 0, to: 7, issued: Timestamp::now() });
        for line in [meta].iter().chain(&lines(LIST)) {
            writer.line(line).expect("a line");
        }
        let (_, expected) = writer.finish().expect("an end");
        let verified = VerifiedFile::check(&path, expected).expect("what was written");
        store::load(&self.state(), verified, &mut |_| ()).expect("a list");
    }

    pub fn state(&self) -> PathBuf {
        self.config.path().join("state")
    }

    pub fn journal(&self) -> PathBuf {
        self.state().join("journal.db")
    }

    pub fn enroll(&self, hub: &Hub) -> Enrolment {
        let terms = Terms { replace: true, ..Terms::default() };
        sync::enroll(&hub.url("/"), &hub.code("dock"), "dock", &self.state(), terms).expect("an enrolment").enrolment
    }

    pub fn hand_up(&self) -> Result<HandedUp, SyncFault> {
        let to = Enrolment::read(&self.state()).expect("an enrolment");
        sync::hand_up(&self.journal(), &self.state(), &to, None, &mut |_, _| ())
    }

    /// What `greengate journal` says and how it ends.
    fn says(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greengate"));
        command.args(["journal"]).args(arguments).arg("--config").arg(self.config.path());
        let output = command.output().expect("the program");
        (String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(), output.status.code())
    }

    /// The numbers of the rows that are here.
    pub fn rows(&self) -> Vec<u64> {
        journal::verify(&self.journal()).expect("whole");
        let journal = Journal::open_read_only(&self.journal()).expect("a journal");
        journal.lines(0, 10_000).expect("lines").into_iter().map(|(seq, _)| seq).collect()
    }
}

/// The hub's rows, and its notes.
fn at(hub: &Hub) -> (u64, Vec<(u64, String)>) {
    let receiver = hub.receiver();
    let rows = receiver.kiosks().expect("kiosks").swap_remove(0).rows;
    let parked = receiver.parked("dock").expect("what was parked");
    (rows, parked.into_iter().map(|parked| (parked.seq, parked.why)).collect())
}

fn export(dock: &Dock, to: &Path) {
    std::fs::write(to, exported(&dock.journal()).join("\n") + "\n").expect("a file");
}

#[test]
fn old_rows_leave_when_the_hub_has_them_and_not_before() {
    let (hub, dock) = (Hub::start(), Dock::new(5, 3));
    let (told, code) = dock.says(&["prune"]);
    assert!(code == Some(66) && told.contains("the kiosk is not enrolled"), "{code:?} {told}");
    let to = dock.enroll(&hub);
    let (told, code) = dock.says(&["prune"]);
    let none = "0 rows pruned; the hub has all up to 0, and rows are kept 31 days\n";
    assert_eq!((told.as_str(), code), (none, Some(0)));
    assert_eq!(dock.hand_up().expect("handed up").sent, 8);
    let journal = Journal::open_read_only(&dock.journal()).expect("a journal");
    assert_eq!(sync::confirmed(&journal, &dock.state(), &to), Confirmed { epoch: [9; 16], seq: 8 });
    let (told, code) = dock.says(&["prune"]);
    let some = "5 rows pruned; the hub has all up to 8, and rows are kept 31 days\n";
    assert_eq!((told.as_str(), code), (some, Some(0)));
    assert_eq!(dock.rows(), [6, 7, 8]);
    assert_eq!(dock.hand_up().expect("nothing to do").sent, 0);
    let (told, _) = dock.says(&["export", "--format", "jsonl", "--output", "/dev/null"]);
    assert_eq!(told, "3 rows\nrows up to 5 were pruned and are not in it\n");
    let (told, _) = dock.says(&["verify"]);
    assert!(told.ends_with("; rows up to 5 were pruned\n"), "{told}");
    let mut explain = Command::new(env!("CARGO_BIN_EXE_greengate"));
    let output = explain.args(["explain", "5", "--config"]).arg(dock.config.path()).output().expect("the program");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.ends_with("was pruned, like all up to 5; look for it at the hub\n"), "{told}");
}

#[test]
fn a_running_kiosk_prunes_by_itself_and_nobody_else_may() {
    let (hub, dock) = (Hub::start(), Dock::new(100, 3));
    dock.enroll(&hub);
    let running = Running::start(dock.config.path());
    running.wait_for(|status| status["journal"]["pruned"] == 100);
    let (told, code) = dock.says(&["prune"]);
    assert!(code == Some(69) && told.contains("is in use by another kiosk; stop that one first"), "{code:?} {told}");
    drop(running);
    // The lamp test of its start is a row too.
    assert_eq!(dock.rows(), [101, 102, 103, 104]);
}

#[test]
fn another_hub_gets_what_is_left_and_one_note_of_what_is_not() {
    let (first, second, dock) = (Hub::start(), Hub::start(), Dock::new(700, 3));
    dock.enroll(&first);
    dock.hand_up().expect("handed up");
    assert_eq!(dock.says(&["prune"]).1, Some(0));
    dock.enroll(&second);
    // The first hub's list went with it.
    dock.load_list();
    let (told, _) = dock.says(&["prune"]);
    assert!(told.starts_with("0 rows pruned; the hub has all up to 0"), "the new hub has none: {told}");
    let handed = dock.hand_up().expect("handed up");
    assert_eq!((handed.seq, handed.sent, handed.parked), (703, 3, vec![]));
    let note = "rows 1 to 700 were pruned on the kiosk and never came here".to_owned();
    assert_eq!(at(&second), (3, vec![(700, note.clone())]));
    // Rows that the mark forgot are sent again, and the note stays one.
    std::fs::remove_file(dock.state().join("handed-up.json")).expect("a mark");
    assert_eq!(dock.hand_up().expect("again").sent, 3);
    assert_eq!(at(&second), (3, vec![(700, note)]));
}

#[test]
fn a_hub_that_was_put_back_misses_only_what_is_gone_everywhere() {
    let (hub, dock) = (Hub::start(), Dock::new(5, 3));
    dock.enroll(&hub);
    dock.hand_up().expect("handed up");
    assert_eq!(dock.says(&["prune"]).1, Some(0));
    hub.database().execute_batch("DELETE FROM row WHERE seq > 2; UPDATE journal SET seq = 2").expect("an older copy");
    let mut journal = Journal::open(&dock.journal(), "dock").expect("a journal");
    journal.append(&verdict(9, "S9", Ruling::Accept, None)).expect("a row");
    let handed = dock.hand_up().expect("handed up");
    assert_eq!((handed.seq, handed.parked), (9, vec![]));
    let note = "rows 3 to 5 were pruned on the kiosk and never came here".to_owned();
    assert_eq!(at(&hub), (2 + 4, vec![(5, note)]));
}

#[test]
fn a_kiosk_without_a_hub_prunes_what_was_exported_and_proves_it() {
    let dock = Dock::new(5, 3);
    let file = dock.config.path().join("rows.jsonl");
    let prune = || dock.says(&["prune", "--exported", file.to_str().expect("a path")]);
    let refused = |why: &str| {
        let (told, code) = prune();
        assert!(code == Some(65) && told.contains(why), "{code:?} {told}");
        assert_eq!(dock.rows().len(), 8);
    };
    export(&dock, &file);
    let whole = std::fs::read_to_string(&file).expect("rows");
    let lines: Vec<&str> = whole.lines().collect();
    let write = |lines: &[&str]| std::fs::write(&file, lines.join("\n")).expect("a file");
    write(&[lines[0], lines[2]]);
    refused("line 2: row 2 is missing; export again with `greengate journal export --format jsonl`");
    write(&[lines[0], &lines[1].replace("\"S2\"", "\"X2\"")]);
    refused("line 2: row 2 was changed after it was written");
    write(&["seq,time", "1,2"]);
    refused("line 1: it does not end with `previous` and `hash` as a journal writes them");
    write(&["x".repeat(3 << 20).as_str()]);
    refused("line 1: it does not end with");
    let other = crate::hub::service::rows("dock", 8, ["S1"]);
    write(&[&other[0]]);
    refused("line 1: it is another journal's row");
    let forged = crate::hub::service::rows("dock", 9, ["S1"]);
    write(&[&forged[0]]);
    refused("line 1: the journal has another row 1");
    write(&lines[..4]);
    let (told, code) = prune();
    let some = "3 rows pruned; the file has all up to 4, and rows are kept 31 days\n";
    assert_eq!((told.as_str(), code), (some, Some(0)), "the last row that is confirmed stays");
    std::fs::write(&file, &whole).expect("a file");
    let (told, _) = prune();
    assert!(told.starts_with("2 rows pruned; the file has all up to 8"), "{told}");
    assert_eq!(dock.rows(), [6, 7, 8]);
}

#[test]
fn without_a_list_nobody_knows_what_is_old() {
    let (hub, dock) = (Hub::start(), Dock::new(5, 3));
    dock.enroll(&hub);
    dock.hand_up().expect("handed up");
    std::fs::remove_file(dock.state().join("cache-7.db")).expect("a list");
    let (told, code) = dock.says(&["prune"]);
    assert!(code == Some(66) && told.contains("there is no list here"), "{code:?} {told}");
    assert_eq!(dock.rows().len(), 8);
}
