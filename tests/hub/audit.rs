//! The audit log: what was decided cannot be changed, removed or slipped in without being found out, and a third party can
//! check what it is shown.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use greengate::hub::audit::{self, Checkpoint, NoteKey, Proof, Which};
use greengate::hub::{HubFault, Publishing, Rotation, rotate};
use greengate::rules::hex;
use rusqlite::Connection;

use super::publish::{Authority, author, supplier};
use super::{failure, hub, success};

/// An authority that published twice: suppliers 1 to 20, then 21 to 40.
fn authority() -> (Authority, audit::Signed) {
    let mut authority = Authority::new();
    (1..=20).for_each(|id| authority.put(id));
    authority.publish();
    let first = audit::published(authority.path()).expect("a checkpoint");
    (21..=40).for_each(|id| authority.put(id));
    authority.publish();
    (authority, first)
}

/// Somebody with the database's password.
fn tampered(authority: &Authority, sql: &str) {
    let database = Connection::open(authority.path().join("registry.db")).expect("a database");
    database.execute_batch(sql).expect("it can be done");
}

#[track_caller]
fn found_out(authority: &Authority) -> String {
    told(audit::verify(authority.path(), None, None).expect_err("found out"))
}

#[track_caller]
fn told(fault: HubFault) -> String {
    let HubFault::Audit(what) = fault else { panic!("{fault}") };
    what
}

/// What somebody does to the database, and what is said then. The history has three rows from the beginning, and one for
/// each supplier.
const TAMPERED: &[(&str, &str)] = &[
    ("UPDATE change SET body = replace(body, 'Tea', 'Sea') WHERE seq = 12", "row 12 is not as it was"),
    ("UPDATE change SET who = 'Mei' WHERE seq = 4", "row 4 is not as it was"),
    ("UPDATE change SET why = 'because' WHERE seq = 43", "row 43 is not as it was"),
    ("UPDATE change SET at = '2020-01-01T00:00:00Z' WHERE seq = 1", "row 1 is not as it was"),
    ("UPDATE change SET version = 7 WHERE seq = 9", "row 9 is not as it was"),
    ("UPDATE change SET body = NULL WHERE seq = 9", "row 9 is not as it was"),
    ("DELETE FROM change WHERE seq = 17", "row 17 is gone"),
    ("DELETE FROM change WHERE seq = 1", "row 1 is gone"),
    ("DELETE FROM change WHERE seq > 40", "rows 41 to 43 are gone, which a checkpoint is of"),
    (
        "UPDATE change SET seq = 99 WHERE seq = 10; UPDATE change SET seq = 10 WHERE seq = 11; \
         UPDATE change SET seq = 11 WHERE seq = 99",
        "row 10 is not as it was",
    ),
    (
        "DELETE FROM change WHERE seq = 17; UPDATE change SET seq = seq - 1 WHERE seq > 17; \
         INSERT INTO change (seq, at, who, why, kind, key, version, body) SELECT 43, at, who, why, kind, key, version, body FROM change WHERE seq = 42",
        "row 17 is not as it was",
    ),
    (
        "UPDATE record SET body = replace(body, 'Tea', 'Sea') WHERE kind = 4 AND key = 5",
        "supplier 5 is not as the last row",
    ),
    ("DELETE FROM record WHERE kind = 4 AND key = 6", "supplier 6 is not as the last row"),
    (
        "INSERT INTO record (kind, key, body, version) SELECT 4, 99, body, version FROM record WHERE kind = 4 AND key = 6",
        "supplier 99 is not as the last",
    ),
];

#[test]
fn whatever_is_done_to_the_history_is_found_out_and_told_by_its_row() {
    let (authority, _) = authority();
    let verified = audit::verify(authority.path(), None, None).expect("it holds");
    assert_eq!((verified.rows(), verified.published.checkpoint.size), (43, 43));
    drop(verified);
    let whole = fs::read(authority.path().join("registry.db")).expect("a file");
    for (sql, expected) in TAMPERED {
        tampered(&authority, sql);
        let said = found_out(&authority);
        assert!(said.starts_with(expected), "{sql}: {said}");
        for name in ["registry.db-wal", "registry.db-shm"] {
            let _ = fs::remove_file(authority.path().join(name));
        }
        fs::write(authority.path().join("registry.db"), &whole).expect("a file");
        audit::verify(authority.path(), None, None).expect("it holds again");
    }
}

#[test]
fn no_checkpoint_is_signed_over_a_changed_history() {
    let (mut authority, _) = authority();
    let before = (authority.read().timestamp, audit::published(authority.path()).expect("a checkpoint"));
    tampered(&authority, TAMPERED[0].0);
    authority.put(41);
    let fault = authority.try_publish().expect_err("refused");
    let said = fault.to_string();
    assert!(said.contains("row 12 is not as it was when the checkpoint of 43 rows was signed; find out who"), "{said}");
    assert_eq!((authority.read().timestamp, audit::published(authority.path()).expect("a checkpoint")), before);
    tampered(&authority, "UPDATE change SET body = replace(body, 'Sea', 'Tea') WHERE seq = 12");
    authority.publish();
    assert_eq!(audit::verify(authority.path(), None, None).expect("it holds").rows(), 44);
}

#[test]
fn a_checkpoint_that_somebody_kept_binds_the_authority() {
    let (mut authority, first) = authority();
    let verify = |authority: &Authority, note: &str| audit::verify(authority.path(), Some(note), None);
    let (kept, path) = verify(&authority, &first.note).expect("it holds").kept.expect("it was given");
    assert_eq!((kept, path.is_empty()), (first.checkpoint.clone(), false));
    // The authority itself forges its history: tiles, checkpoint and all. Who kept the old checkpoint finds out.
    tampered(&authority, TAMPERED[0].0);
    tampered(&authority, "UPDATE record SET body = replace(body, 'Tea', 'Sea') WHERE kind = 4 AND key = 9");
    fs::remove_dir_all(authority.feed().join("audit/tile")).expect("removed");
    for name in super::publish::names(&authority.feed().join("metadata")) {
        if !name.ends_with("root.json") {
            fs::remove_file(authority.feed().join("metadata").join(name)).expect("removed");
        }
    }
    authority.publish();
    audit::verify(authority.path(), None, None).expect("it holds by itself");
    let said = told(verify(&authority, &first.note).expect_err("found out"));
    let tiles = authority.feed().join("audit");
    let expected = format!(
        "the first 23 rows are not those of the checkpoint, and the hashes of then are not in `{}`, \
         so which row was changed cannot be told",
        tiles.display()
    );
    assert!(said.starts_with(&expected), "{said}");
}

#[test]
fn a_checkpoint_of_another_key_proves_nothing() {
    let (authority, first) = authority();
    let (_other, others) = self::authority();
    let said = told(audit::verify(authority.path(), Some(&others.note), None).expect_err("another log"));
    assert!(said.starts_with("the kept checkpoint: another key than `greengate/"), "{said}");
    let said = told(audit::verify(authority.path(), None, Some(&others.key)).expect_err("another key"));
    assert!(said.starts_with("the published checkpoint: another key than `greengate/"), "{said}");
    let forged = first.note.replacen("\n23\n", "\n22\n", 1);
    let said = told(audit::verify(authority.path(), Some(&forged), None).expect_err("forged"));
    assert_eq!(said, "the kept checkpoint: its signature is wrong: somebody changed it");
    assert!(audit::verify(authority.path(), Some("nothing"), Some(&first.key)).is_err());
}

#[test]
fn a_new_key_signs_from_the_next_publish_on() {
    let (mut authority, first) = authority();
    let why = greengate::hub::Author { why: "lost".to_owned(), ..author(0) };
    rotate(authority.folder.path(), &mut authority.keys, &why, Rotation::Audit, None).expect("a new key");
    assert_eq!(audit::published(authority.path()).expect("a checkpoint").key, first.key);
    authority.publish();
    let second = audit::published(authority.path()).expect("a checkpoint");
    assert_ne!(second.key, first.key);
    assert_eq!((second.key.name(), second.checkpoint.size), (first.key.name(), 44));
    audit::verify(authority.path(), None, Some(&second.key)).expect("it holds");
    assert!(audit::verify(authority.path(), None, Some(&first.key)).is_err());
    // A key that is away is no reason to sign with another one.
    fs::remove_file(authority.path().join("keys/audit.pem")).expect("removed");
    authority.keys = greengate::hub::keys::Keys::plain(authority.path());
    let said = authority.try_publish().expect_err("no key").to_string();
    assert!(said.ends_with("audit.pem` is not there; bring the file back, or rotate the key"), "{said}");
}

#[test]
fn nothing_new_is_signed_without_a_new_row() {
    let (mut authority, _) = authority();
    let before = (authority.read(), audit::published(authority.path()).expect("a checkpoint"));
    authority.publish();
    let after = (authority.read(), audit::published(authority.path()).expect("a checkpoint"));
    assert_eq!((after.0.targets, after.1), (before.0.targets, before.1));
    // A lost tile and a lost checkpoint are made again, as long as one of its two places has it.
    fs::remove_dir_all(authority.feed().join("audit")).expect("removed");
    authority.publish();
    audit::verify(authority.path(), None, None).expect("it holds");
    assert!(authority.feed().join("audit/tile/0/000.p/43").exists());
}

fn proof_of(authority: &Authority, which: Which) -> Proof {
    audit::verify(authority.path(), None, None).expect("it holds").prove(which).expect("it is in it").1
}

#[test]
fn proofs_hold_at_the_edges_of_tiles_and_by_an_independent_judge() {
    let mut authority = Authority::new();
    let copy = tempfile::tempdir().expect("a folder");
    let publishing = Publishing { to: Some(copy.path().to_owned()), ..Publishing::default() };
    let mut size = 3;
    for wanted in [255, 256, 257, 600] {
        let suppliers: Vec<_> = (size..wanted).map(|id| supplier(id + 1, &format!("Works {id}"))).collect();
        authority.put_all(&suppliers);
        authority.publish_with(0, &publishing);
        size = wanted;
        for seq in [1, 2, 128, u64::from(size) / 2, u64::from(size) - 1, u64::from(size)] {
            let proof = proof_of(&authority, Which::Row(seq));
            let key = audit::published(authority.path()).expect("a checkpoint").key;
            let checkpoint: Checkpoint = proof.check(&key).expect("it holds");
            assert_eq!(checkpoint.size, size as usize);
            assert_eq!(Proof::parse(&proof.text()), Ok(proof.clone()));
            for wrong in [
                Proof { index: proof.index ^ 1, ..proof.clone() },
                Proof { entry: [&proof.entry[..], b" "].concat(), ..proof.clone() },
                Proof { path: proof.path.iter().skip(1).copied().collect(), ..proof.clone() },
            ] {
                assert!(wrong.check(&key).is_err(), "{seq} of {size}");
            }
        }
    }
    let tiles = |folder: &Path| {
        let mut files: Vec<PathBuf> = walk(&folder.join("audit/tile"));
        files.sort();
        files
            .into_iter()
            .map(|file| file.strip_prefix(folder).expect("within").display().to_string())
            .collect::<Vec<_>>()
    };
    // Tiles that were cut short stay until they are whole.
    let expected = ["tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/1", "tile/1/000.p/2"];
    let expected: Vec<String> = expected.iter().map(|tile| format!("audit/{tile}")).collect();
    assert_eq!(tiles(&authority.feed()), expected);
    assert_eq!(tiles(copy.path()), expected);
    let proof = authority.path().join("row.tlog-proof");
    fs::write(&proof, proof_of(&authority, Which::Row(300)).text()).expect("a file");
    let key = audit::published(authority.path()).expect("a checkpoint").key.to_string();
    let judge = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hub/audit.py");
    let Ok(output) = Command::new("python3").arg(judge).arg(copy.path().join("audit")).arg(&key).arg(&proof).output()
    else {
        println!("skipped: no python3");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("root of 600 leaves right\ntiles of level 1 right\n"), "{said}");
    assert!(said.contains("leaf 299 proven: [\"greengate-change-1\",\""), "{said}");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn an_entry_tells_nothing_of_another_one() {
    let (authority, _) = authority();
    let salt = |seq| {
        let entry = String::from_utf8(proof_of(&authority, Which::Row(seq)).entry).expect("text");
        let cells: serde_json::Value = serde_json::from_str(&entry).expect("JSON");
        assert_eq!((&cells[0], &cells[2], &cells[4]), (&"greengate-change-1".into(), &seq.into(), &"Li".into()));
        assert!(cells[9].as_str().is_some_and(|body| body.contains("Tea Works")), "{entry}");
        hex::decode::<32>(cells[1].as_str().expect("text")).expect("a salt")
    };
    assert_ne!(salt(10), salt(11));
}

#[test]
fn officers_and_third_parties_use_the_commands() {
    let (authority, _) = authority();
    let said = |arguments: &[&str]| {
        let output = hub(authority.path(), arguments);
        success(&output);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let file = |name: &str| authority.path().join(name).display().to_string();
    let kept = said(&["audit", "checkpoint"]);
    fs::write(file("kept"), &kept).expect("a file");
    let key = said(&["audit", "key"]);
    assert!(key.trim().parse::<NoteKey>().is_ok(), "{key}");
    let verified = said(&["audit", "verify", "--checkpoint", &file("kept"), "--seq", "12", "--key", key.trim()]);
    assert!(verified.starts_with("43 rows; the published checkpoint of 43 rows is theirs\n"), "{verified}");
    assert!(verified.contains("\nrow 12  ") && verified.contains("\nleaf 11  "), "{verified}");
    assert!(verified.contains("\nwith  ") && verified.ends_with("\nit holds\n"), "{verified}");
    let none = failure(&hub(authority.path(), &["audit", "verify", "--listing", "17"]), 65);
    assert!(none.contains("there is no listing 17 in the history"), "{none}");
    said(&["audit", "prove", "--seq", "12", "--output", &file("proof")]);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let checked = hub(elsewhere.path(), &["audit", "check", &file("proof"), "--key", key.trim()]);
    success(&checked);
    let checked = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.contains("\nis leaf 11 of the log `greengate/"), "{checked}");
    let proof = fs::read_to_string(file("proof")).expect("a proof");
    fs::write(file("forged"), proof.replacen("index 11", "index 12", 1)).expect("a file");
    let forged = failure(&hub(elsewhere.path(), &["audit", "check", &file("forged"), "--key", key.trim()]), 65);
    assert!(forged.contains("the entry is not in the log that the checkpoint is of"), "{forged}");
    tampered(&authority, TAMPERED[0].0);
    let found = failure(&hub(authority.path(), &["audit", "verify"]), 65);
    assert!(found.contains("row 12 is not as it was"), "{found}");
    let listed = said(&["keys", "list"]);
    assert!(listed.contains(key.trim()), "{listed}");
}
