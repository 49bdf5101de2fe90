//! Rows leave the journal only when they are old and somewhere else, and nothing that matters is forgotten with them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use greengate::rules::clock::ClockTrust;
use greengate::rules::code::Gtin;
use greengate::rules::entry::{Entry, What};
use greengate::rules::ruling::Ruling;
use greengate::store::journal::{self, Confirmed, Format};
use greengate::store::{Journal, StoreFault};
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

use super::{TEA, at, entry, unsigned, verdict};
use crate::support::Seeded;

const EPOCH: [u8; 16] = [9; 16];

/// A journal of these rows.
fn written(rows: impl IntoIterator<Item = Entry>) -> (TempDir, PathBuf, Journal) {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::create(&path, "dock-3", EPOCH).expect("a journal");
    for row in rows {
        journal.append(&row).expect("a row");
    }
    (folder, path, journal)
}

/// A row for each second, and each of them takes another item in.
fn accepted(rows: i64) -> (TempDir, PathBuf, Journal) {
    written((1..=rows).map(|second| verdict(second, &format!("S{second}"), Ruling::Accept, None)))
}

const fn up_to(seq: u64) -> Confirmed {
    Confirmed { epoch: EPOCH, seq }
}

/// The row that took an item in, and when.
fn taken_in(journal: &Journal, serial: &str) -> Option<(u64, jiff::Timestamp)> {
    let tea = Gtin::from_number(TEA).expect("a GTIN");
    journal.taken_in(tea, serial).expect("readable").map(|taken| (taken.seq, taken.at))
}

fn seqs(path: &Path) -> Vec<u64> {
    let journal = Journal::open_read_only(path).expect("a journal");
    journal.lines(0, 10_000).expect("lines").into_iter().map(|(seq, _)| seq).collect()
}

#[test]
fn rows_leave_only_when_they_are_old_and_below_what_is_confirmed() {
    let (_folder, path, mut journal) = accepted(10);
    let mut prune = |confirmed, before, limit| journal.prune(confirmed, before, limit).expect("it is pruned");
    assert_eq!(prune(up_to(0), at(99), 100), 0, "nobody else has a row");
    assert_eq!(prune(up_to(1), at(99), 100), 0, "the newest row that is confirmed stays");
    assert_eq!(prune(Confirmed { epoch: [8; 16], seq: 10 }, at(99), 100), 0, "another journal is confirmed");
    assert_eq!(prune(up_to(10), at(1), 100), 0, "the first row is just young enough");
    assert_eq!(prune(up_to(10), at(4), 100), 3);
    assert_eq!(prune(up_to(7), at(99), 2), 2, "few at once");
    assert_eq!(seqs(&path), [6, 7, 8, 9, 10]);
    assert_eq!(prune(up_to(7), at(99), 100), 1);
    assert_eq!(prune(up_to(7), at(99), 100), 0);
    assert_eq!(prune(up_to(99), at(99), 100), 4, "what is confirmed beyond the journal's end is no harm");
    assert_eq!((journal.pruned(), journal.head().seq), (10, 10));
    journal.append(&verdict(11, "S11", Ruling::Accept, None)).expect("a row");
    assert_eq!(journal::verify(&path).expect("whole").rows, 1);
}

#[test]
fn the_chain_is_whole_from_the_first_row_that_is_kept() {
    let (_folder, path, mut journal) = accepted(10);
    let before = Journal::open_read_only(&path).expect("a journal").lines(0, 100).expect("lines");
    journal.prune(up_to(10), at(8), 100).expect("it is pruned");
    let report = journal::verify(&path).expect("whole");
    assert_eq!((report.rows, report.pruned, report.hash), (3, 7, journal.head().hash));
    let hash = greengate::rules::hex::encode(&report.hash);
    let whole = format!("whole: 3 rows of kiosk dock-3, epoch {}, newest hash {hash}", "09".repeat(16));
    let told = format!("{whole}; rows up to 7 were pruned");
    assert_eq!(report.to_string(), told);
    assert_eq!(
        Journal::open_read_only(&path).expect("a journal").lines(0, 100).expect("lines"),
        before[7..],
        "what goes up"
    );
    let mut out = Vec::new();
    let mut steps = Vec::new();
    let exported = journal::export(&path, Format::JsonLines, None, &mut out, &mut |done, of| steps.push((done, of)));
    assert_eq!((exported.expect("exported"), steps), (3, vec![(3, 3)]));
    let lines: Vec<String> = String::from_utf8(out).expect("text").lines().map(str::to_owned).collect();
    assert_eq!(lines, before[7..].iter().map(|(_, line)| line.clone()).collect::<Vec<_>>());
    drop(journal);
    let mut journal = Journal::open(&path, "dock-3").expect("the same journal");
    assert_eq!((journal.pruned(), journal.head().seq, journal.highest_time()), (7, 10, Some(at(10))));
    assert_eq!(journal.row(7).expect("readable"), None);
    journal.append(&verdict(11, "S11", Ruling::Accept, None)).expect("a row");
    journal.prune(up_to(11), at(9), 100).expect("it is pruned");
    assert_eq!(journal::verify(&path).expect("whole").pruned, 8);
}

#[test]
fn an_item_that_was_taken_in_is_never_forgotten() {
    let (_folder, path, mut journal) = written([
        verdict(1, "S1", Ruling::Accept, None),
        verdict(2, "S2", Ruling::Accept, None),
        verdict(3, "S2", Ruling::Red(None), Some(2)),
        verdict(4, "S3", Ruling::Unsigned, None),
        verdict(5, "S1", Ruling::Accept, None),
        verdict(6, "S4", Ruling::Accept, None),
        verdict(7, "S4", Ruling::Review(None), Some(6)),
        verdict(8, "S5", Ruling::Accept, None),
        entry(9, None, What::Recovered),
    ]);
    let know = |journal: &Journal| ["S1", "S2", "S3", "S4", "S5"].map(|serial| taken_in(journal, serial));
    let known = [Some((5, at(5))), None, None, None, Some((8, at(8)))];
    assert_eq!(know(&journal), known);
    // One by one, so that a row leaves before the one that replaces it.
    for gone in 1..=8 {
        assert_eq!(journal.prune(up_to(9), at(99), 1).expect("it is pruned"), 1);
        assert_eq!((know(&journal), journal.pruned()), (known, gone));
        assert_eq!(know(&Journal::open_read_only(&path).expect("a reader")), known);
    }
    journal.append(&verdict(10, "S5", Ruling::Accept, None)).expect("a row");
    assert_eq!(taken_in(&journal, "S5"), Some((10, at(10))), "the newest acceptance");
    assert_eq!(journal.reviewing(&unsigned(TEA)).expect("readable").drawn, None);
}

#[test]
fn a_wrong_clock_makes_no_row_old() {
    let with = |second, trust| Entry { trust, ..verdict(second, "S1", Ruling::Accept, None) };
    // A box that wakes up in the past, and one whose clock runs far ahead: both knew better, and nobody knows how much.
    let rows = [
        with(1, ClockTrust::Trusted),
        with(-1_000_000, ClockTrust::Behind(1_000_005)),
        with(9_000_000, ClockTrust::Ahead(8_999_993)),
        with(9, ClockTrust::Trusted),
        with(12, ClockTrust::Trusted),
    ];
    let (_folder, path, mut journal) = written(rows);
    assert_eq!(journal.prune(up_to(5), at(5), 100).expect("it is pruned"), 1, "the second row is of second 5 at least");
    assert_eq!(journal.prune(up_to(5), at(9), 100).expect("it is pruned"), 0, "both may be of second 9");
    assert_eq!(journal.prune(up_to(5), at(10), 100).expect("it is pruned"), 3);
    assert_eq!(journal::verify(&path).expect("whole").rows, 1);
}

#[test]
fn the_first_row_of_a_box_that_knows_of_no_time_stays_as_long_as_others() {
    let ahead =
        |second, off_s| Entry { trust: ClockTrust::Ahead(off_s), ..verdict(second, "S1", Ruling::Accept, None) };
    let rows =
        [ahead(1, 1_795_913_146), verdict(2, "S2", Ruling::Accept, None), verdict(3, "S3", Ruling::Accept, None)];
    let (_folder, path, mut journal) = written(rows);
    assert_eq!(journal.prune(up_to(3), at(1), 100).expect("it is pruned"), 0);
    assert_eq!(seqs(&path), [1, 2, 3]);
    // Rows that are all of such a box stop no others from going.
    let (_folder, path, mut journal) = written((1..=5).map(|second| ahead(second, 1_795_913_146)));
    assert_eq!(journal.prune(up_to(5), at(1), 2).expect("it is pruned"), 2);
    assert_eq!(seqs(&path), [3, 4, 5]);
}

#[test]
fn a_damaged_row_goes_with_the_next_one() {
    let (_folder, path, mut journal) = accepted(10);
    let damage = "DELETE FROM row WHERE seq = 2; UPDATE row SET body = 'rubbish' WHERE seq IN (4, 5); UPDATE row SET hash = 7 WHERE seq = 7";
    Connection::open(&path).expect("a database").execute_batch(damage).expect("damage");
    assert_eq!(journal.prune(up_to(10), at(99), 5).expect("it is pruned"), 5, "row 7 waits for the next one");
    assert_eq!(journal.pruned(), 6);
    assert!(matches!(journal::verify(&path), Err(StoreFault::Database { .. } | StoreFault::Broken { seq: 7, .. })));
    assert_eq!(journal.prune(up_to(10), at(99), 5).expect("it is pruned"), 3);
    assert_eq!(journal::verify(&path).expect("whole again").rows, 1);
}

#[test]
fn whatever_is_done_to_what_pruned_rows_left_is_found() {
    let cases = [
        (
            "UPDATE pruned SET hash = zeroblob(32)",
            6,
            "its hash does not follow from it and the row before: one of them was changed",
        ),
        ("UPDATE pruned SET seq = 4", 5, "the row is missing; the next is 6"),
        ("UPDATE pruned SET seq = 7", 8, "the row is missing; the next is 6"),
        ("DELETE FROM pruned", 1, "the row is missing; the next is 6"),
        ("DELETE FROM row WHERE seq = 6", 6, "the row is missing; the next is 7"),
        (
            "UPDATE pruned SET highest_ms = highest_ms + 100000",
            10,
            "the highest time that the journal remembers is not that of its rows",
        ),
    ];
    for (sql, seq, what) in cases {
        let (_folder, path, mut journal) = accepted(10);
        journal.prune(up_to(10), at(6), 100).expect("it is pruned");
        Connection::open(&path).expect("a database").execute_batch(sql).expect("it runs");
        match journal::verify(&path).expect_err("it is not whole") {
            StoreFault::Broken { seq: found, what: told, .. } => {
                assert_eq!((found, told.as_str()), (seq, what), "{sql}");
            }
            other => panic!("{sql}: {other}"),
        }
    }
}

#[test]
fn a_journal_of_an_older_program_is_read_as_it_is_and_pruned_after_it_was_opened() {
    let (folder, path, journal) = accepted(5);
    drop(journal);
    let older = "DROP TABLE pruned; DROP TABLE taken_in; PRAGMA user_version = 1;";
    Connection::open(&path).expect("a database").execute_batch(older).expect("an older journal");
    assert_eq!(journal::verify(&path).expect("whole").rows, 5);
    assert_eq!(taken_in(&Journal::open_read_only(&path).expect("a reader"), "S1"), Some((1, at(1))));
    let mut journal = Journal::open(&path, "dock-3").expect("it is brought up to date");
    assert_eq!(journal.prune(up_to(5), at(3), 100).expect("it is pruned"), 2);
    assert_eq!((taken_in(&journal, "S1"), journal::verify(&path).expect("whole").rows), (Some((1, at(1))), 3));
    let copy = folder.path().join("copy.db");
    journal.copy_to(&copy).expect("a copy");
    assert_eq!(journal::verify(&copy).expect("whole").pruned, 2);
}

#[test]
fn the_file_stops_growing() {
    let (_folder, path, mut journal) = accepted(200);
    let database = Connection::open(&path).expect("a database");
    let pages = || database.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0)).expect("a number");
    let full = pages();
    for second in 201..=1000_i64 {
        journal.append(&verdict(second, &format!("S{second}"), Ruling::Accept, None)).expect("a row");
        journal.prune(up_to(u64::try_from(second).expect("small")), at(second - 199), 100).expect("it is pruned");
    }
    let report = journal::verify(&path).expect("whole");
    assert_eq!((report.rows, report.pruned), (200, 800));
    // What is left of 800 rows are their items, some fifty bytes each.
    assert!(pages() < full + 800 * 100 / 4096, "{full} pages became {}", pages());
}

#[test]
fn of_pruning_any_first_part_on_disk_is_a_whole_journal() {
    let (folder, path, journal) = accepted(60);
    drop(journal);
    let mut journal = Journal::open(&path, "dock-3").expect("a journal");
    while journal.prune(up_to(60), at(51), 7).expect("it is pruned") > 0 {}
    let database = fs::read(&path).expect("a file");
    let log = fs::read(folder.path().join("journal.db-wal")).expect("a log");
    let state = tempdir().expect("a folder");
    let torn = state.path().join("journal.db");
    let mut seeded = Seeded::new(16);
    let mut found = Vec::new();
    for cut in (32..=log.len()).step_by(4096 + 24) {
        let cut = if cut == log.len() { cut } else { cut + usize::try_from(seeded.below(100)).expect("small") };
        for ending in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(state.path().join(format!("journal.db{ending}")));
        }
        fs::write(&torn, &database).expect("a file");
        fs::write(state.path().join("journal.db-wal"), &log[..cut.min(log.len())]).expect("a file");
        let opened = Journal::open(&torn, "dock-3").expect("it opens");
        let report = journal::verify(&torn).expect("whole");
        assert_eq!((report.rows + report.pruned, report.pruned), (60, opened.pruned()), "cut at {cut}");
        for second in 1..=60_i64 {
            let row = (u64::try_from(second).expect("small"), at(second));
            assert_eq!(taken_in(&opened, &format!("S{second}")), Some(row), "cut at {cut}");
        }
        found.push(report.pruned);
    }
    found.dedup();
    assert_eq!(found, [0, 7, 14, 21, 28, 35, 42, 49, 50]);
}

#[test]
fn a_kiosk_that_is_killed_while_it_prunes_forgets_nothing() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut seeded = Seeded::new(17);
    let mut rows = 0;
    for kill in 0..20 {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "store::prune::appends_and_prunes_until_it_is_killed", "--ignored", "--nocapture"])
            .env("GREENGATE_TEST_JOURNAL", &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this program starts");
        let mut said = BufReader::new(child.stdout.take().expect("piped")).lines().filter_map(|line| {
            let line = line.expect("text");
            let (_, told) = line.split_once("has ")?;
            let (rows, pruned) = told.split_once(" pruned ").expect("two numbers");
            Some([rows, pruned].map(|number| number.parse::<u64>().expect("a number")))
        });
        let wanted = rows + 1 + seeded.below(60);
        let last = said.by_ref().find(|[rows, _]| *rows >= wanted).expect("it works until it is killed");
        child.kill().expect("our child");
        child.wait().expect("our child");
        let [told, pruned] = said.last().unwrap_or(last);
        let report = journal::verify(&path).expect("whole");
        rows = report.rows + report.pruned;
        assert!((told..=told + 1).contains(&rows), "kill {kill}: {told} rows were told, {rows} are there");
        assert!((pruned..=pruned + 3).contains(&report.pruned), "kill {kill}: {pruned} were told, {}", report.pruned);
        let journal = Journal::open_read_only(&path).expect("a journal");
        for second in 1..=rows {
            let row = (second, at(i64::try_from(second).expect("small")));
            assert_eq!(taken_in(&journal, &format!("S{second}")), Some(row), "kill {kill}");
        }
    }
    assert!(journal::verify(&path).expect("whole").pruned > 100);
}

#[test]
#[ignore = "the other half of a_kiosk_that_is_killed_while_it_prunes_forgets_nothing"]
fn appends_and_prunes_until_it_is_killed() {
    let Some(path) = std::env::var_os("GREENGATE_TEST_JOURNAL") else { return };
    let mut journal = Journal::create(Path::new(&path), "dock-3", EPOCH).expect("a journal");
    loop {
        let seq = journal.head().seq + 1;
        let second = i64::try_from(seq).expect("small");
        journal.append(&verdict(second, &format!("S{seq}"), Ruling::Accept, None)).expect("a row");
        println!("has {seq} pruned {}", journal.pruned());
        journal.prune(up_to(seq), at(second - 20), 3).expect("it is pruned");
        println!("has {seq} pruned {}", journal.pruned());
    }
}
