//! Whatever is done to a journal's file, `verify` finds it.

use std::fs;
use std::path::{Path, PathBuf};

use greengate::rules::entry::What;
use greengate::rules::ruling::Ruling;
use greengate::store::{Journal, StoreFault, journal};
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

use super::{entry, verdict};
use crate::support::Seeded;

const ROWS: u64 = 40;

fn written(kiosk: &str, epoch: u8) -> (TempDir, PathBuf) {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::create(&path, kiosk, [epoch; 16]).expect("a journal");
    for second in 1..ROWS {
        let replaces = second.is_multiple_of(5).then_some(second - 1);
        let second = i64::try_from(second).expect("a small number");
        journal.append(&verdict(second, &format!("S{second}"), Ruling::Accept, replaces)).expect("a row");
    }
    journal.append(&entry(99, Some("D1"), What::DeliveryStarted)).expect("a row");
    drop(journal);
    (folder, path)
}

/// The row and the complaint after `sql` has run on the file.
fn after(sql: &str) -> (u64, String) {
    let (_folder, path) = written("dock-3", 1);
    Connection::open(&path).expect("a database").execute_batch(sql).expect("it runs");
    complaint(&path)
}

fn complaint(path: &Path) -> (u64, String) {
    match journal::verify(path).expect_err("it is not whole") {
        StoreFault::Broken { seq, what, .. } => (seq, what),
        other => panic!("{other}"),
    }
}

#[test]
fn a_whole_journal_is_told_with_its_newest_hash() {
    let (_folder, path) = written("dock-3", 1);
    let report = journal::verify(&path).expect("whole");
    let head = Journal::open_read_only(&path).expect("a reader").head();
    assert_eq!((report.rows, report.hash, report.kiosk.as_str(), report.epoch), (ROWS, head.hash, "dock-3", [1; 16]));
    let hash = greengate::rules::hex::encode(&head.hash);
    let wanted = format!("whole: 40 rows of kiosk dock-3, epoch {}, newest hash {hash}", "01".repeat(16));
    assert_eq!(report.to_string(), wanted);
}

#[test]
fn a_changed_row_is_found() {
    let chain = "its hash does not follow from it and the row before: one of them was changed";
    let cases = [
        ("UPDATE row SET body = replace(body, 'S17', 'S71') WHERE seq = 17", 17),
        ("UPDATE row SET body = body || ' ' WHERE seq = 1", 1),
        ("UPDATE row SET hash = zeroblob(32) WHERE seq = 20", 20),
        ("UPDATE row SET body = (SELECT body FROM row WHERE seq = 8) WHERE seq = 9", 9),
        ("UPDATE meta SET kiosk = 'dock-4'", 1),
        ("UPDATE meta SET epoch = zeroblob(16)", 1),
    ];
    for (sql, seq) in cases {
        assert_eq!(after(sql), (seq, chain.to_owned()), "{sql}");
    }
}

#[test]
fn a_changed_column_is_found() {
    let changes = [
        ("what", "'recovered'"),
        ("delivery", "'D9'"),
        ("outcome", "'reject'"),
        ("slug", "'red'"),
        ("gtin", "gtin + 1"),
        ("serial", "NULL"),
        ("code", "zeroblob(32)"),
        ("replaces", "3"),
    ];
    for (column, value) in changes {
        let found = after(&format!("UPDATE row SET {column} = {value} WHERE seq = 11"));
        assert_eq!(found, (11, format!("its column `{column}` was changed")));
    }
}

#[test]
fn missing_swapped_and_added_rows_are_found() {
    let chain = "its hash does not follow from it and the row before: one of them was changed";
    assert_eq!(after("DELETE FROM row WHERE seq = 20"), (20, "the row is missing; the next is 21".to_owned()));
    assert_eq!(after("DELETE FROM row WHERE seq = 1"), (1, "the row is missing; the next is 2".to_owned()));
    assert_eq!(after("DELETE FROM row WHERE seq > 37"), (38, "rows up to 40 are missing at the end".to_owned()));
    assert_eq!(after("DELETE FROM row"), (1, "rows up to 40 are missing at the end".to_owned()));
    let swapped = "UPDATE row SET seq = -1 WHERE seq = 5; UPDATE row SET seq = 5 WHERE seq = 6;
                   UPDATE row SET seq = 6 WHERE seq = -1;";
    assert_eq!(after(swapped), (5, chain.to_owned()));
    let closed_up = "DELETE FROM row WHERE seq = 20; UPDATE row SET seq = seq - 1 WHERE seq > 20;";
    assert_eq!(after(closed_up), (20, chain.to_owned()));
    let added = "INSERT INTO row SELECT 41, body, hash, what, delivery, outcome, slug, gtin, serial, code, replaces
                 FROM row WHERE seq = 40";
    assert_eq!(after(added), (41, chain.to_owned()));
    assert_eq!(
        after("UPDATE meta SET seq = 39, hash = (SELECT hash FROM row WHERE seq = 39)"),
        (40, "it is not the row that was written last".to_owned())
    );
    assert_eq!(after("UPDATE row SET seq = -7 WHERE seq = 7").0, 1);
}

#[test]
fn rows_of_another_journal_are_found() {
    let chain = "its hash does not follow from it and the row before: one of them was changed";
    for (kiosk, epoch) in [("dock-3", 2), ("dock-4", 1)] {
        let (_folder, path) = written("dock-3", 1);
        let (_other_folder, other) = written(kiosk, epoch);
        let database = Connection::open(&path).expect("a database");
        database.execute("ATTACH ? AS other", [other.to_str().expect("a plain name")]).expect("attached");
        let sql = "UPDATE row SET (body, hash) = (SELECT body, hash FROM other.row o WHERE o.seq = row.seq)";
        database.execute(&format!("{sql} WHERE seq >= 30"), []).expect("it runs");
        assert_eq!(complaint(&path), (30, chain.to_owned()));
    }
}

#[test]
fn a_row_that_only_pretends_to_belong_here_is_found() {
    // The chain over foreign bodies is made right, as a forger would who knows how it is made.
    let (_folder, path) = written("dock-3", 1);
    let (_other_folder, other) = written("dock-4", 1);
    let database = Connection::open(&path).expect("a database");
    let head = Journal::open_read_only(&other).expect("a journal").recent(1).expect("readable").remove(0);
    let before: [u8; 32] =
        database.query_row("SELECT hash FROM row WHERE seq = 39", [], |row| row.get(0)).expect("a row");
    let body: String = Connection::open(&other)
        .expect("a database")
        .query_row("SELECT body FROM row WHERE seq = 40", [], |row| row.get(0))
        .expect("a row");
    let hash: [u8; 32] = {
        use sha2::{Digest, Sha256};
        Sha256::new().chain_update("greengate journal 1").chain_update(before).chain_update(&body).finalize().into()
    };
    database.execute("UPDATE row SET body = ?, hash = ? WHERE seq = 40", (&body, hash)).expect("it runs");
    database.execute("UPDATE meta SET hash = ?", [hash]).expect("it runs");
    assert_eq!(head.kiosk, "dock-4");
    assert_eq!(complaint(&path), (40, "it belongs to another place or another journal".to_owned()));
}

#[test]
fn a_file_cut_short_is_found_at_every_page() {
    let (folder, path) = written("dock-3", 1);
    let whole = fs::read(&path).expect("the file");
    let torn = folder.path().join("torn.db");
    for length in (0..whole.len()).step_by(4096).chain([100, 5000, whole.len() - 1]) {
        fs::write(&torn, &whole[..length]).expect("a file");
        journal::verify(&torn).expect_err(&format!("cut to {length} of {} bytes", whole.len()));
    }
    fs::write(&torn, &whole).expect("a file");
    assert_eq!(journal::verify(&torn).expect("whole").rows, ROWS);
}

#[test]
fn an_overwritten_page_never_passes_with_other_rows() {
    let (folder, path) = written("dock-3", 1);
    let whole = fs::read(&path).expect("the file");
    let honest = journal::verify(&path).expect("whole");
    let torn = folder.path().join("torn.db");
    let mut seeded = Seeded::new(7);
    let (mut found, mut unharmed) = (0, 0);
    for page in (0..whole.len()).step_by(4096) {
        for _ in 0..3 {
            let mut bytes = whole.clone();
            let start = page + usize::try_from(seeded.below(4000)).expect("small");
            bytes[start..start + 96].fill(u8::try_from(seeded.below(256)).expect("a byte"));
            fs::write(&torn, bytes).expect("a file");
            match journal::verify(&torn) {
                // Only where nothing is kept: the free room within a page.
                Ok(report) => {
                    assert_eq!(report, honest, "bytes from {start}");
                    unharmed += 1;
                }
                Err(_) => found += 1,
            }
        }
    }
    assert!(found > unharmed, "{found} found, {unharmed} unharmed");
}

#[test]
fn a_changed_highest_time_is_found() {
    let (_, what) = after("UPDATE meta SET highest_ms = highest_ms - 1");
    assert_eq!(what, "the highest time that the journal remembers is not that of its rows");
}
