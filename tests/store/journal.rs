//! Rows go in at the end, and what was asked of them is found again.

use greengate::rules::clock::ClockTrust;
use greengate::rules::code::{Code, Gtin};
use greengate::rules::delivery::Tally;
use greengate::rules::entry::{Checked, Entry, What};
use greengate::rules::evidence::{Reviewing, TakenIn};
use greengate::rules::ruling::{Outcome, Ruling};
use greengate::store::{Journal, StoreFault, journal};
use tempfile::tempdir;

use super::{TEA, at, entry, judgement, unsigned, verdict};

fn tea() -> Gtin {
    Gtin::from_number(TEA).expect("a GTIN")
}

#[test]
fn rows_are_numbered_chained_and_found_again_after_reopening() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::create(&path, "dock-3", [9; 16]).expect("a journal");
    let beginning = journal.head();
    assert_eq!((beginning.seq, journal.highest_time()), (0, None));
    let entries = [
        verdict(1, "S1", Ruling::Accept, None),
        entry(2, None, What::Recovered),
        entry(3, None, What::LampTest("start".to_owned())),
    ];
    let heads = entries.each_ref().map(|entry| journal.append(entry).expect("a row"));
    assert_eq!(heads.map(|head| head.seq), [1, 2, 3]);
    drop(journal);
    let journal = Journal::open(&path, "dock-3").expect("the same journal");
    assert_eq!((journal.head(), journal.epoch(), journal.highest_time()), (heads[2], [9; 16], Some(at(3))));
    let rows: Vec<_> = (1..=3).map(|seq| journal.row(seq).expect("readable").expect("a row")).collect();
    assert_eq!(rows.each_entry(), entries);
    assert_eq!(rows.iter().map(|row| row.hash).collect::<Vec<_>>(), heads.map(|head| head.hash));
    assert_eq!(rows.iter().map(|row| row.previous).collect::<Vec<_>>(), [beginning.hash, heads[0].hash, heads[1].hash]);
    let place = (rows[1].kiosk.as_str(), rows[1].epoch.as_str(), rows[1].seq);
    assert_eq!(place, ("dock-3", "09090909090909090909090909090909", 2));
    assert_eq!(journal.row(4).expect("readable"), None);
    let recent: Vec<u64> = journal.recent(2).expect("readable").iter().map(|row| row.seq).collect();
    assert_eq!(recent, [3, 2]);
}

trait EachEntry {
    fn each_entry(&self) -> Vec<Entry>;
}

impl EachEntry for Vec<journal::Row> {
    fn each_entry(&self) -> Vec<Entry> {
        self.iter().map(|row| row.entry.clone()).collect()
    }
}

#[test]
fn two_journals_of_one_kiosk_have_different_epochs() {
    let folder = tempdir().expect("a folder");
    let epoch = |name| Journal::open(&folder.path().join(name), "dock-3").expect("a journal").epoch();
    assert_ne!(epoch("one.db"), epoch("two.db"));
    assert_eq!(epoch("one.db"), epoch("one.db"));
}

#[test]
fn the_highest_time_is_that_of_a_trusted_clock() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::open(&path, "dock-3").expect("a journal");
    for (second, trust) in [(5, ClockTrust::Trusted), (900, ClockTrust::Ahead(800)), (3, ClockTrust::Trusted)] {
        journal.append(&Entry { trust, ..entry(second, None, What::Recovered) }).expect("a row");
    }
    assert_eq!(journal.highest_time(), Some(at(5)));
    drop(journal);
    assert_eq!(Journal::open(&path, "dock-3").expect("a journal").highest_time(), Some(at(5)));
}

#[test]
fn the_newest_list_is_remembered_until_the_kiosk_moves_to_another_authority() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::create(&path, "dock-3", [9; 16]).expect("a journal");
    assert_eq!(journal.newest_list().expect("readable"), None);
    let mut newest_after = |cache_version, what| {
        journal.append(&Entry { cache_version, ..entry(1, None, what) }).expect("a row");
        journal.newest_list().expect("readable")
    };
    let lamps = || What::LampTest("command".to_owned());
    assert_eq!(newest_after(Some(41), What::Recovered), Some(41));
    assert_eq!(newest_after(None, lamps()), Some(41), "a row that knows of no list says nothing");
    assert_eq!(newest_after(None, What::Moved("https://hub.example/".to_owned())), None);
    assert_eq!(newest_after(None, lamps()), None);
    assert_eq!(newest_after(Some(3), What::Recovered), Some(3));
    drop(journal);
    rusqlite::Connection::open(&path)
        .and_then(|rows| rows.execute("UPDATE row SET body = 'x' WHERE seq = 5", []))
        .expect("damage");
    let fault = Journal::open_read_only(&path).expect("a journal").newest_list().expect_err("damaged").to_string();
    assert!(fault.contains("row 5"), "{fault}");
}

#[test]
fn a_second_writer_is_refused_and_a_reader_is_not() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut first = Journal::open(&path, "dock-3").expect("a journal");
    let message = Journal::open(&path, "dock-3").expect_err("in use").to_string();
    assert_eq!(message, format!("`{}` is in use by another kiosk; stop that one first", path.display()));
    first.append(&entry(1, None, What::Recovered)).expect("a row");
    let reader = Journal::open_read_only(&path).expect("a reader");
    assert_eq!(reader.head(), first.head());
    first.append(&entry(2, None, What::Recovered)).expect("a row while another reads");
    assert_eq!(journal::verify(&path).expect("whole").rows, 2);
    drop(first);
    assert_eq!(Journal::open(&path, "dock-3").expect("free again").head().seq, 2);
}

#[test]
fn an_item_is_taken_in_by_the_newest_acceptance_that_stands() {
    let folder = tempdir().expect("a folder");
    let mut journal = Journal::open(&folder.path().join("journal.db"), "dock-3").expect("a journal");
    let mut append = |second, serial, ruling, replaces| {
        journal.append(&verdict(second, serial, ruling, replaces)).expect("a row");
        let taken_in = |serial| journal.taken_in(tea(), serial).expect("readable").map(|taken| taken.seq);
        (taken_in("S1"), taken_in("S2"))
    };
    assert_eq!(append(1, "S1", Ruling::Unsigned, None), (None, None));
    assert_eq!(append(2, "S1", Ruling::Accept, None), (Some(2), None));
    assert_eq!(append(3, "S1", Ruling::Red(None), Some(2)), (None, None));
    assert_eq!(append(4, "S1", Ruling::Accept, Some(3)), (Some(4), None));
    assert_eq!(append(5, "S2", Ruling::Accept, None), (Some(4), Some(5)));
    assert_eq!(append(6, "S1", Ruling::Clock, None), (Some(4), Some(5)));
    let taken = journal.taken_in(tea(), "S2").expect("readable");
    assert_eq!(taken, Some(TakenIn { at: at(5), kiosk: "dock-3".to_owned(), seq: 5 }));
    let other = Gtin::from_number(super::MASKS).expect("a GTIN");
    assert_eq!(journal.taken_in(other, "S2").expect("readable"), None);
}

#[test]
fn an_item_stays_drawn_and_a_label_without_a_serial_only_while_it_is_the_newest_verdict() {
    let folder = tempdir().expect("a folder");
    let mut journal = Journal::open(&folder.path().join("journal.db"), "dock-3").expect("a journal");
    let item = judgement("S1", Ruling::Review(None), None);
    let code = item.evidence.code.clone();
    journal.append(&entry(1, None, What::Verdict(Box::new(item)))).expect("a row");
    let mut plain = judgement("S2", Ruling::Review(None), None);
    plain.evidence.code = unsigned(TEA);
    journal.append(&entry(2, None, What::Verdict(Box::new(plain)))).expect("a row");
    journal.append(&entry(3, None, What::Recovered)).expect("a row");
    let drawn = |journal: &Journal, code: &Code| journal.reviewing(code).expect("readable").drawn;
    assert_eq!((drawn(&journal, &code), drawn(&journal, &unsigned(TEA))), (Some(1), Some(2)));
    journal.append(&verdict(4, "S3", Ruling::Accept, None)).expect("a row");
    assert_eq!((drawn(&journal, &code), drawn(&journal, &unsigned(TEA))), (Some(1), None));
    let accepted = judgement("S3", Ruling::Accept, None).evidence.code;
    assert_eq!(drawn(&journal, &accepted), None);
    for passed in [false, true] {
        let checked = Checked { row: 1, code: code.clone(), listing: Some(17), item: None, passed };
        let row = journal.append(&entry(5, None, What::Reviewed(Box::new(checked)))).expect("a row").seq;
        let nothing = Reviewing::default();
        let now = if passed {
            Reviewing { passed: Some(row), ..nothing }
        } else {
            Reviewing { failed: Some(row), ..nothing }
        };
        assert_eq!(journal.reviewing(&code).expect("readable"), now);
        assert_eq!(journal.reviewing(&accepted).expect("readable"), nothing);
    }
}

#[test]
fn an_open_delivery_is_counted_from_its_rows() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::open(&path, "dock-3").expect("a journal");
    let row = |second, serial, ruling, replaces| {
        entry(second, Some("D1"), What::Verdict(Box::new(judgement(serial, ruling, replaces))))
    };
    let rows = [
        row(1, "S0", Ruling::Accept, None),
        entry(2, Some("D1"), What::DeliveryStarted),
        row(3, "S1", Ruling::Accept, None),
        row(4, "S2", Ruling::Unsigned, None),
        row(5, "S3", Ruling::Accept, None),
        row(6, "S3", Ruling::Red(None), Some(5)),
        verdict(7, "S4", Ruling::Accept, None),
    ];
    for entry in rows {
        journal.append(&entry).expect("a row");
    }
    drop(journal);
    let mut journal = Journal::open(&path, "dock-3").expect("a journal");
    let delivery = journal.open_delivery().expect("readable").expect("it is open");
    assert_eq!((delivery.id.as_str(), delivery.started), ("D1", at(2)));
    assert_eq!(delivery.tally, Tally { accepted: 1, held: 1, rejected: 1 });
    journal.append(&entry(8, Some("D1"), What::DeliveryEnded)).expect("a row");
    assert_eq!(journal.open_delivery().expect("readable"), None);
}

#[test]
fn a_full_disk_refuses_rows_and_the_chain_goes_on_afterwards() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::open(&path, "dock-3").expect("a journal");
    let head = journal.append(&verdict(1, "S1", Ruling::Accept, None)).expect("a row");
    journal.limit_growth(true).expect("the limit");
    let message = journal.append(&verdict(2, "S2", Ruling::Accept, None)).expect_err("full").to_string();
    assert!(message.contains("database or disk is full"), "{message}");
    assert_eq!((journal.head(), journal.highest_time()), (head, Some(at(1))));
    assert_eq!(journal.taken_in(tea(), "S2").expect("readable"), None);
    journal.limit_growth(false).expect("no limit");
    journal.append(&entry(3, None, What::Recovered)).expect("a row");
    assert_eq!(journal::verify(&path).expect("whole").rows, 2);
}

#[test]
fn every_outcome_is_what_its_column_says() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::open(&path, "dock-3").expect("a journal");
    for ruling in [Ruling::Accept, Ruling::Clock, Ruling::Red(None)] {
        journal.append(&verdict(1, "S1", ruling, None)).expect("a row");
    }
    let database = rusqlite::Connection::open(&path).expect("a database");
    let mut query = database.prepare("SELECT outcome FROM row ORDER BY seq").expect("a query");
    let outcomes: Vec<String> =
        query.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("a row")).collect();
    let names = [Outcome::Accept, Outcome::Hold, Outcome::Reject].map(|outcome| format!("{outcome:?}").to_lowercase());
    assert_eq!(outcomes, names);
}

#[test]
fn a_journal_that_cannot_be_opened_says_why() {
    let folder = tempdir().expect("a folder");
    let newer = folder.path().join("newer.db");
    drop(Journal::open(&newer, "dock-3").expect("a journal"));
    rusqlite::Connection::open(&newer).expect("a database").pragma_update(None, "user_version", 4).expect("newer");
    let wanted = format!("`{}` has schema 4 and this program knows 3; update the program", newer.display());
    assert_eq!(Journal::open(&newer, "dock-3").expect_err("newer").to_string(), wanted);
    assert_eq!(Journal::open_read_only(&newer).expect_err("newer").to_string(), wanted);
    assert_eq!(journal::verify(&newer).expect_err("newer").to_string(), wanted);
    let rubbish = folder.path().join("rubbish.db");
    std::fs::write(&rubbish, "rubbish".repeat(1000)).expect("a file");
    let message = Journal::open(&rubbish, "dock-3").expect_err("no journal").to_string();
    let wanted = "file is not a database; the file is damaged: keep it for the authority, and start with another";
    assert_eq!(message, format!("`{}`: {wanted}", rubbish.display()));
    let nowhere = folder.path().join("nowhere.db");
    let message = Journal::open_read_only(&nowhere).expect_err("no file").to_string();
    assert!(message.starts_with(&format!("`{}`: unable to open database file", nowhere.display())), "{message}");
}

#[test]
fn a_read_only_folder_is_told_with_the_right_to_give() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().expect("a folder");
    let rights = |mode| std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).expect("our folder");
    rights(0o555);
    if std::fs::write(folder.path().join("probe"), "").is_ok() {
        println!("skipped: this user may write everywhere");
        return;
    }
    let path = folder.path().join("journal.db");
    let fault = Journal::open(&path, "dock-3").expect_err("read-only");
    rights(0o755);
    assert!(matches!(fault, StoreFault::File { verb: "opened", .. }), "{fault}");
    let wanted = format!("`{}.lock` cannot be opened: Permission denied (os error 13)", path.display());
    assert_eq!(fault.to_string(), wanted);
}
