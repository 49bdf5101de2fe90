//! Files that do not go in, what each is told, and that the cache is then as before.

use std::fs;
use std::io::Write;
use std::path::Path;

use greengate::store::{self, Expected, StoreFault, VerifiedFile};
use sha2::{Digest, Sha256};
use tempfile::{TempDir, tempdir};

use super::{LIST, files, load, records, told};

const META: &str = r#"{"meta":{"from":7,"to":8,"issued":"2026-11-23T01:00:00Z"}}"#;
const KEY: &str =
    r#"{"put":{"key":{"slot":2,"public":"0202020202020202020202020202020202020202020202020202020202020202"}}}"#;

fn loaded() -> TempDir {
    let folder = tempdir().expect("a folder");
    load(folder.path(), 0, 7, LIST).expect("it loads");
    folder
}

fn expected(bytes: &[u8]) -> Expected {
    Expected { length: bytes.len() as u64, sha256: Sha256::digest(bytes).into() }
}

/// Loads these very bytes, promised as they are.
fn load_bytes(folder: &Path, bytes: &[u8]) -> Result<(), StoreFault> {
    let path = folder.join("records");
    fs::write(&path, bytes).expect("a file");
    store::load(folder, VerifiedFile::check(&path, expected(bytes))?, &mut |_| ()).map(drop)
}

fn packed(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 3).expect("it packs")
}

/// What a file is told; before and after it the cache says the same.
fn refused(load: impl FnOnce(&Path) -> Result<(), StoreFault>) -> String {
    let folder = loaded();
    let before = (told(folder.path()), files(folder.path()));
    let message = load(folder.path()).expect_err("it must not load").to_string();
    assert_eq!((told(folder.path()), files(folder.path())), before, "after `{message}`");
    message.replace(&folder.path().display().to_string(), "…")
}

fn delta(text: &str) -> String {
    refused(|folder| load(folder, 7, 8, text).map(drop))
}

#[test]
fn versions_that_do_not_follow_are_refused() {
    let version = |from, to| refused(|folder| load(folder, from, to, LIST).map(drop));
    let old = "it is older than the list or the same";
    let gap = "load the snapshot, or the deltas between";
    for (from, to, help) in [(0, 7, old), (0, 3, old), (7, 7, old), (7, 5, old), (6, 8, gap), (8, 9, gap), (1, 9, gap)]
    {
        let wanted = format!("the file leads from version {from} to {to} and the cache has 7; {help}");
        assert_eq!(version(from, to), wanted);
    }
}

#[test]
fn a_delta_without_a_list_is_refused() {
    let folder = tempdir().expect("a folder");
    let message = load(folder.path(), 3, 4, LIST).expect_err("nothing to follow on").to_string();
    let wanted = "the file leads from version 3 to 4 and the cache has 0; load the snapshot, or the deltas between";
    assert_eq!(message, wanted);
    assert_eq!(files(folder.path()), Vec::<String>::new());
}

#[test]
fn records_that_name_what_is_not_there_are_refused() {
    let listing = |rest: &str| {
        format!(
            r#"{{"put":{{"listing":{{"id":13,"supplier":1,"gtin":"06901234567892","name":{{"zh":"茶","en":"Tea"}},"grade":"red"{rest}}}}}}}"#
        )
    };
    let cases = [
        (listing("").replace(r#""supplier":1"#, r#""supplier":9"#), "listing 13 names a supplier that is not there"),
        (listing(r#","reason":9"#), "listing 13 names a reason that is not there"),
        (listing(r#","missing":[1,9]"#), "listing 13 names a missing document that is not there"),
        (listing(r#","inspect":[9]"#), "listing 13 names an inspection item that is not there"),
        (
            r#"{"put":{"exception":{"index":3,"grade":"red","reason":9}}}"#.to_owned(),
            "exception 3 names a reason that is not there",
        ),
        (
            r#"{"put":{"block":{"first":50,"last":51,"listing":9}}}"#.to_owned(),
            "block 50 names a listing that is not there",
        ),
        (r#"{"drop":{"listing":12}}"#.to_owned(), "block 30 names a listing that is not there"),
        (r#"{"drop":{"supplier":1}}"#.to_owned(), "listing 11 names a supplier that is not there"),
        (r#"{"drop":{"key":1}}"#.to_owned(), "the list has no key at all"),
    ];
    for (text, wanted) in cases {
        assert_eq!(delta(&text), format!("{wanted}; the list is as before"));
    }
}

#[test]
fn blocks_that_overlap_are_refused() {
    for (first, last) in [(19, 25), (5, 10), (0, 4_000_000_000_u32), (12, 13), (30, 40)] {
        let text = format!(r#"{{"put":{{"block":{{"first":{first},"last":{last},"listing":11}}}}}}"#);
        if first == 30 {
            let folder = loaded();
            load(folder.path(), 7, 8, &text).expect("the same first index replaces the block");
        } else {
            assert_eq!(delta(&text), format!("block {first} overlaps another block; the list is as before"));
        }
    }
}

#[test]
fn lines_that_make_no_sense_are_refused_by_number() {
    let ok = r#"{"drop":{"exception":16}}"#;
    let cases = [
        (r#"{"drop":{"exception":99}}"#, "there is no exception 99 to drop"),
        (r#"{"drop":{"listing":99}}"#, "there is no listing 99 to drop"),
        (r#"{"drop":{"exception":16}}"#, "there is no exception 16 to drop"),
        (r#"{"put":{"block":{"first":9,"last":8,"listing":11}}}"#, "block 9 ends before it begins"),
        (r#"{"put":{"supplier":{"id":3,"name":{"zh":"","en":""}}}}"#, "supplier 3 has no text"),
        (META, "a second `meta`"),
    ];
    for (line, wanted) in cases {
        assert_eq!(
            refused(|folder| load_bytes(folder, &packed(&format!("{META}\n{ok}\n{line}\n")))),
            format!("`…/records` line 3: {wanted}")
        );
    }
    let long = format!(r#"{{"put":{{"reason":{{"id":3,"text":{{"zh":"{}","en":""}}}}}}}}"#, "长".repeat(201));
    assert_eq!(delta(&long), "`…/records-7-8` line 2: reason 3 has a text longer than 600 bytes");
    let many = format!(
        r#"{{"put":{{"listing":{{"id":13,"supplier":1,"gtin":"06901234567892","name":{{"zh":"茶","en":"Tea"}},"grade":"red","missing":{:?}}}}}}}"#,
        [1; 65]
    );
    assert_eq!(delta(&many), "`…/records-7-8` line 2: listing 13 has more than 64 documents or items");
    let slot = KEY.replace(r#""slot":2"#, r#""slot":4096"#);
    assert_eq!(delta(&slot), "`…/records-7-8` line 2: key slot 4096 is above 4095");
}

#[test]
fn a_file_that_does_not_begin_with_its_meta_is_refused() {
    let message = refused(|folder| load_bytes(folder, &packed(&format!("{KEY}\n"))));
    assert_eq!(message, "`…/records` line 1: a file of records begins with its `meta`");
    let message = refused(|folder| load_bytes(folder, &packed("")));
    assert_eq!(message, "`…/records` line 0: a file of records begins with its `meta`");
    let message = refused(|folder| load_bytes(folder, &packed("{\"meta\":{}}\n")));
    assert_eq!(message, "`…/records` line 1: missing field `from` at line 1 column 10");
    let message = refused(|folder| load_bytes(folder, &packed(&format!("{META}\nwhat?\n"))));
    assert_eq!(message, "`…/records` line 2: expected value at line 1 column 1");
}

#[test]
fn a_torn_file_is_refused_at_every_length() {
    let text = format!("{META}\n{KEY}\n");
    let whole = packed(&text);
    for length in 1..whole.len() {
        let message = refused(|folder| load_bytes(folder, &whole[..length]));
        assert_eq!(message, "`…/records` cannot be unpacked: incomplete frame", "{length} bytes");
    }
    let message = refused(|folder| load_bytes(folder, &packed(text.trim_end())));
    assert_eq!(message, "`…/records` line 2: the line has no end within 65536 bytes; the file is torn");
    let mut more = whole;
    more.extend_from_slice(b"more");
    let message = refused(|folder| load_bytes(folder, &more));
    assert!(message.starts_with("`…/records` cannot be unpacked: "), "{message}");
}

#[test]
fn a_line_that_is_too_long_is_refused() {
    let long = format!("{META}\n{}\n", " ".repeat(70_000));
    let message = refused(|folder| load_bytes(folder, &packed(&long)));
    assert_eq!(message, "`…/records` line 2: the line has no end within 65536 bytes; the file is torn");
}

#[test]
fn a_file_that_asks_for_more_memory_than_a_kiosk_has_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("an encoder");
    encoder.window_log(27).expect("a large window");
    encoder.write_all(format!("{META}\n").as_bytes()).expect("it packs");
    let bytes = encoder.finish().expect("it packs");
    let message = refused(|folder| load_bytes(folder, &bytes));
    assert_eq!(message, "`…/records` cannot be unpacked: Frame requires too much memory for decoding");
}

#[test]
fn a_file_that_is_not_what_was_promised_is_refused_before_it_is_parsed() {
    let folder = loaded();
    let (path, promised) = records(folder.path(), 7, 8, KEY);
    let check = |expected| VerifiedFile::check(&path, expected).expect_err("not as promised").to_string();
    let name = path.display();
    let length = promised.length;
    assert_eq!(
        check(Expected { length: length + 1, ..promised }),
        format!("`{name}` has bytes `less ({length})` and `{}` was promised; get the file again", length + 1)
    );
    assert_eq!(
        check(Expected { length: length - 1, ..promised }),
        format!("`{name}` has bytes `more ({length})` and `{}` was promised; get the file again", length - 1)
    );
    let digest = greengate::rules::hex::encode(&promised.sha256);
    assert_eq!(
        check(Expected { sha256: [0; 32], ..promised }),
        format!("`{name}` has SHA-256 `{digest}` and `{}` was promised; get the file again", "0".repeat(64))
    );
    let missing = folder.path().join("nowhere");
    let message = VerifiedFile::check(&missing, promised).expect_err("no file").to_string();
    assert_eq!(message, format!("`{}` cannot be read: No such file or directory (os error 2)", missing.display()));
}

#[test]
fn a_file_that_changes_between_check_and_load_is_refused() {
    let message = refused(|folder| {
        let reason =
            format!(r#"{{"put":{{"reason":{{"id":9,"text":{{"zh":"","en":"{}"}}}}}}}}"#, "keeps it long, 0123456789");
        let (path, promised) = records(folder, 7, 8, &format!("{KEY}\n{reason}"));
        let file = VerifiedFile::check(&path, promised).expect("as promised");
        // The same length and a valid list, so that only the second look at the digest can tell.
        let text = format!("{}\n{}\n", serde_json::json!(super::meta(7, 8)), KEY.replace("0202", "0303"));
        let mut other = packed(&text);
        let length = usize::try_from(promised.length).expect("a small file");
        assert!(other.len() <= length - 8, "the other list must be shorter");
        // A skippable frame (RFC 8878, 3.1.2) fills it up.
        other.extend_from_slice(&0x184d_2a50_u32.to_le_bytes());
        let rest = length - other.len() - 4;
        other.extend_from_slice(&u32::try_from(rest).expect("a small file").to_le_bytes());
        other.resize(length, 0);
        fs::write(&path, &other).expect("the file is swapped");
        let loaded = store::load(folder, file, &mut |_| ()).map(drop);
        fs::remove_file(path).expect("the file is there");
        loaded
    });
    assert!(message.starts_with("`…/records-7-8` has SHA-256 `"), "{message}");
    assert!(message.ends_with("` was promised; get the file again"), "{message}");
}

#[test]
fn a_snapshot_that_is_refused_leaves_no_file_behind() {
    let message = refused(|folder| load(folder, 0, 8, r#"{"drop":{"exception":1}}"#).map(drop));
    assert_eq!(message, "`…/records-0-8` line 2: there is no exception 1 to drop");
    let message = refused(|folder| load(folder, 0, 8, "").map(drop));
    assert_eq!(message, "the list has no key at all; the list is as before");
}
