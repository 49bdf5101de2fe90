//! A publish hashes what the history has grown by, and a part of what was there: nothing that it signs is otherwise for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use greengate::hub::keys::Keys;
use greengate::hub::{self, HubFault, Publishing, audit};
use rusqlite::Connection;
use tempfile::TempDir;

use super::publish::{Authority, author, copy, supplier};
use crate::support::Seeded;

/// More than one window, so that some rows have not their turn: the first 32,768 have it at every second publish.
const ROWS: u32 = 40_000;

/// Suppliers 1 to so many, by somebody who is quicker than the program.
fn many(authority: &Authority, count: u32) {
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO change (seq, at, who, why, kind, key, version, body)
             SELECT 3 + i, '2026-11-24T01:00:00Z', 'Li', 'many', 4, i, 1,
                 '{{\"supplier\":{{\"id\":' || i || ',\"name\":{{\"zh\":\"T' || i || '\",\"en\":\"T' || i || '\"}}}}}}' FROM n;
         INSERT INTO record (kind, key, body, version) SELECT kind, key, body, version FROM change WHERE kind = 4;"
    );
    tampered(authority.path(), &sql);
}

/// An authority with a long history, published once: the next publish has the second window, the one after it the first.
fn authority() -> Authority {
    let mut authority = Authority::new();
    many(&authority, ROWS);
    authority.publish();
    authority
}

fn tampered(authority: &Path, sql: &str) {
    Connection::open(authority.join("registry.db")).expect("a database").execute_batch(sql).expect("it can be done");
}

fn publish(authority: &Path) -> Result<(), HubFault> {
    hub::publish(authority, &mut Keys::plain(authority), &author(0), &Publishing::default()).map(drop)
}

#[track_caller]
fn refused(authority: &Path, expected: &str) {
    let HubFault::Audit(said) = publish(authority).expect_err("found out") else { panic!("another fault") };
    assert!(said.starts_with(expected), "{said}");
}

fn verify(authority: &Path) -> String {
    let HubFault::Audit(said) = audit::verify(authority, None, None).expect_err("found out") else {
        panic!("another fault")
    };
    said
}

fn another(authority: &Path) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy(authority, folder.path());
    folder
}

fn put(authority: &Path, id: u32) {
    let mut registry = hub::Registry::open(authority).expect("a registry");
    registry.change(&author(0), |changes| changes.put(&supplier(id, "Tea Works"))).expect("a change");
}

/// The log's files, byte for byte.
fn log(authority: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut open, mut found) = (vec![authority.join("feed/audit")], BTreeMap::new());
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(authority).expect("within").display().to_string();
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

#[test]
fn a_row_that_was_changed_is_found_when_its_turn_comes_and_by_verify_at_once() {
    let authority = authority();
    let change = |row: u32| format!("UPDATE change SET who = 'Mei' WHERE seq = {row}");
    let says =
        |row: u32, size: u32| format!("row {row} is not as it was when the checkpoint of {size} rows was signed");
    let (rows, window) = (ROWS + 3, another(authority.path()));
    tampered(window.path(), &change(35_000));
    assert!(verify(window.path()).starts_with(&says(35_000, rows)));
    refused(window.path(), &says(35_000, rows));
    // Before its turn a publish goes by it, and what it signs is over the row as it was.
    let outside = another(authority.path());
    tampered(outside.path(), &change(100));
    assert!(verify(outside.path()).starts_with(&says(100, rows)));
    put(outside.path(), 1);
    publish(outside.path()).expect("published");
    assert!(verify(outside.path()).starts_with(&says(100, rows + 1)));
    refused(outside.path(), &says(100, rows + 1));
    tampered(outside.path(), "UPDATE change SET who = 'Li' WHERE seq = 100");
    publish(outside.path()).expect("published");
    audit::verify(outside.path(), None, None).expect("it holds again");
}

#[test]
fn rows_that_are_gone_are_missed() {
    let authority = authority();
    let rows = ROWS + 3;
    for (sql, expected) in [
        ("DELETE FROM change WHERE seq > 39000", format!("rows 39001 to {rows} are gone, which a checkpoint is of")),
        ("DELETE FROM change WHERE seq = 35000", "row 35000 is gone".to_owned()),
        ("DELETE FROM change", format!("rows 1 to {rows} are gone")),
    ] {
        let folder = another(authority.path());
        tampered(folder.path(), sql);
        refused(folder.path(), &expected);
    }
    // An older copy of the database that grew on is found out by the last row, whoever has the turn.
    let folder = another(authority.path());
    publish(folder.path()).expect("published");
    tampered(folder.path(), "DELETE FROM change WHERE seq > 40000");
    (1..10).for_each(|id| put(folder.path(), id));
    refused(folder.path(), "row 40001 is not as it was");
}

#[test]
fn the_log_is_byte_for_byte_that_of_a_publish_that_hashes_everything() {
    let mut authority = Authority::new();
    many(&authority, 700);
    authority.publish();
    let folder = another(authority.path());
    for (round, count) in [1, 200, 300, 60, 1].into_iter().enumerate() {
        let mut registry = hub::Registry::open(folder.path()).expect("a registry");
        let name = format!("Works {round}");
        let changed =
            registry.change(&author(0), |changes| (1..=count).try_for_each(|id| changes.put(&supplier(id, &name))));
        changed.expect("changes");
        drop(registry);
        publish(folder.path()).expect("published");
        let whole = another(folder.path());
        fs::remove_dir_all(whole.path().join("feed/audit/tile")).expect("removed");
        publish(whole.path()).expect("published");
        let (mut grown, whole) = (log(folder.path()), log(whole.path()));
        // Tiles that were cut short stay until they are whole.
        grown.retain(|name, _| whole.contains_key(name) || !name.contains(".p/"));
        assert!(grown == whole, "round {round}");
        audit::verify(folder.path(), None, None).expect("it holds");
    }
}

#[test]
fn damaged_tiles_are_made_anew_from_a_history_that_is_right() {
    let authority = authority();
    let before = log(authority.path());
    // The edge, a tile of the window, and what leads from that to the edge.
    for (tile, length) in [("0/156.p/67", 67 * 32), ("1/000.p/156", 0), ("0/130", 5), ("0/155", 8192)] {
        let folder = another(authority.path());
        fs::write(folder.path().join("feed/audit/tile").join(tile), vec![7; length]).expect("written");
        publish(folder.path()).expect("published");
        assert!(log(folder.path()) == before, "{tile}");
    }
    let folder = another(authority.path());
    fs::write(folder.path().join("feed/audit/tile/0/130"), vec![7; 8192]).expect("written");
    tampered(folder.path(), "UPDATE change SET who = 'Mei' WHERE seq = 5");
    refused(folder.path(), &format!("the first {} rows are not those of the checkpoint", ROWS + 3));
}

/// What somebody may do to the history or to its tiles, in SQL or by hand; `GREENGATE_ROUNDS=40` tries so often.
fn tamper(folder: &Path, random: &mut Seeded) -> String {
    let row = 1 + random.below(u64::from(ROWS));
    let sql = match random.below(6) {
        0 => format!("UPDATE change SET who = 'Mei' WHERE seq = {row}"),
        1 => format!("UPDATE change SET body = replace(body, 'T', 'U') WHERE seq = {row}"),
        2 => format!("DELETE FROM change WHERE seq = {row}"),
        3 => format!("DELETE FROM change WHERE seq > {row}"),
        4 => "UPDATE audit SET salt = replace(salt, 'a', 'b')".to_owned(),
        _ => String::new(),
    };
    tampered(folder, &sql);
    let tiles: Vec<String> = log(folder).into_keys().filter(|name| name.contains("/tile/")).collect();
    let mut told = sql;
    for _ in 0..random.below(4) {
        let [one, other] = [0, 1].map(|_| folder.join(random.pick(&tiles)));
        let bytes = fs::read(&one).unwrap_or_default();
        match random.below(4) {
            0 => fs::rename(&one, &other).unwrap_or_default(),
            1 => fs::remove_file(&one).unwrap_or_default(),
            2 => fs::write(&one, &bytes[..bytes.len() / 2]).expect("written"),
            _ => fs::write(&one, bytes.iter().map(|byte| byte ^ 1).collect::<Vec<_>>()).expect("written"),
        }
        told.push_str("; a tile");
    }
    told
}

#[test]
fn whatever_was_done_to_it_nothing_is_signed_but_the_history_as_it_was() {
    let authority = authority();
    let note = fs::read_to_string(authority.path().join("feed/audit/checkpoint")).expect("a checkpoint");
    let rounds = std::env::var("GREENGATE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    let (random, mut signed) = (&mut Seeded::new(3), 0);
    for round in 0..rounds {
        let folder = another(authority.path());
        let told = tamper(folder.path(), random);
        if publish(folder.path()).is_ok() {
            signed += 1;
            // The history as it was, and what was signed of the other one.
            let whole = another(authority.path());
            fs::remove_dir_all(whole.path().join("feed")).expect("removed");
            copy(&folder.path().join("feed"), &whole.path().join("feed"));
            audit::verify(whole.path(), Some(&note), None).unwrap_or_else(|fault| panic!("{round}: {told}: {fault}"));
        }
    }
    println!("{signed} of {rounds} were signed");
}

#[test]
fn a_copy_gets_what_the_log_has_grown_by_and_everything_if_it_is_another_one() {
    let mut authority = Authority::new();
    many(&authority, 600);
    let copy = tempfile::tempdir().expect("a folder");
    let to = Publishing { to: Some(copy.path().to_owned()), ..Publishing::default() };
    authority.publish_with(0, &to);
    let whole = copy.path().join("audit/tile/0/000");
    for (id, is_kept) in [(1, true), (2, false)] {
        fs::write(&whole, "ours").expect("written");
        if !is_kept {
            fs::remove_file(copy.path().join("audit/checkpoint")).expect("removed");
        }
        authority.put(id);
        authority.publish_with(0, &to);
        assert_eq!(fs::read(&whole).expect("a file") == b"ours", is_kept);
        let checkpoint = |folder: &Path| fs::read(folder.join("audit/checkpoint")).expect("a checkpoint");
        assert_eq!(checkpoint(copy.path()), checkpoint(&authority.feed()));
        assert!(copy.path().join(format!("audit/tile/0/002.p/{}", 603 + id - 512)).exists());
    }
}

#[test]
fn a_tile_that_became_whole_replaces_what_was_cut_short_without_a_release_too() {
    let mut authority = Authority::new();
    many(&authority, 200);
    authority.publish();
    let tile = |name: &str| authority.feed().join("audit/tile/0").join(name);
    assert!(tile("000.p/203").exists());
    let sql = "INSERT INTO change (seq, at, who, why, kind, key, version, body)
                   SELECT seq + 200, at, who, why, kind, key, version, body FROM change WHERE seq BETWEEN 4 AND 203";
    tampered(authority.path(), sql);
    publish(authority.path()).expect("published");
    assert!(tile("000").exists() && !tile("000.p").exists());
    assert!(tile("001.p/147").exists());
}
