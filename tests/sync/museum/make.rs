//! The workshop of the museum: writes the files of every feed in it.
//!
//! `cargo test --test main museum::make -- --ignored` writes them anew, each byte as before. For another one write its
//! `case.json` by hand into a folder of its own, add a line to a table here, and run it. Feeds that come from elsewhere
//! need no line: their files are put beside their `case.json`.

mod files;
mod metadata;
mod right;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{GTIN, grade, museum};
use crate::sync::authority::Authority;

/// A feed's folder, and what makes it from an authority that has published its first root.
type Exhibit = (&'static str, fn(&mut Authority));

/// All that is wrong is published as this version, after the kiosk has seen the one before.
const VERSION: u64 = 3;

/// An authority whose keys are made from small numbers: they are for tests and for nothing else.
fn authority() -> Authority {
    let mut authority = Authority::silent();
    authority.expires.insert("root", "2027-11-24T00:00:00Z".to_owned());
    authority.publish_root();
    versions(&mut authority, VERSION);
    authority
}

fn versions(authority: &mut Authority, version: u64) {
    authority.versions.values_mut().for_each(|role| *role = version);
}

/// Publishes, with the list 3 where no other was added.
fn write(authority: &mut Authority) {
    if authority.targets.is_empty() {
        list(authority, VERSION);
    }
    authority.write();
}

/// A whole list.
fn list(authority: &mut Authority, to: u64) -> String {
    authority.add(&format!("snapshot-{to}.jsonl.zst"), 0, to, &records(to))
}

/// One product's listing, and what belongs to it.
fn records(version: u64) -> Vec<Value> {
    let text = |text: &str| json!({"zh": "样品", "en": text});
    let supplier = json!({"put": {"supplier": {"id": 1, "name": text("supplier")}}});
    let reason = json!({"put": {"reason": {"id": 1, "text": text("reason")}}});
    let key = json!({"put": {"key": {"slot": 1, "public": "01".repeat(32)}}});
    vec![key, supplier, reason, listing(version)]
}

/// What a delta to this list changes.
fn listing(version: u64) -> Value {
    let gtin = format!("{GTIN:014}");
    let name = json!({"zh": "样品", "en": "product"});
    json!({"put": {"listing": {"id": 1, "supplier": 1, "gtin": gtin, "name": name, "grade": grade(version), "reason": 1}}})
}

/// A file of metadata or a list that is changed after it was published.
fn change(authority: &Authority, folder: &str, ending: &str, change: fn(Vec<u8>) -> Vec<u8>) {
    for entry in fs::read_dir(authority.folder.path().join(folder)).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.to_string_lossy().ends_with(ending) {
            fs::write(&path, change(fs::read(&path).expect("a file"))).expect("a file");
        }
    }
}

fn remove(authority: &Authority, folder: &str, ending: &str) {
    for entry in fs::read_dir(authority.folder.path().join(folder)).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.to_string_lossy().ends_with(ending) {
            fs::remove_file(path).expect("a file");
        }
    }
}

/// Changes signed metadata as JSON.
fn edited(text: &[u8], edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::from_slice(text).expect("JSON");
    edit(&mut value);
    serde_json::to_vec(&value).expect("JSON")
}

/// The same text with something else in a place that it has.
fn replaced(text: Vec<u8>, old: &str, new: &str) -> Vec<u8> {
    let text = String::from_utf8(text).expect("text");
    assert!(text.contains(old), "no `{old}` in {text}");
    text.replacen(old, new, 1).into_bytes()
}

#[test]
#[ignore = "writes tests/sync/museum anew"]
fn the_museum_is_written() {
    for (name, make) in [metadata::EXHIBITS, files::EXHIBITS, right::EXHIBITS].concat() {
        let mut authority = authority();
        make(&mut authority);
        let folder = museum().join(name);
        for part in ["metadata", "targets"] {
            copy(&authority.folder.path().join(part), &folder.join(part));
        }
        assert!(folder.join("case.json").exists(), "write {}", folder.join("case.json").display());
    }
}

/// Puts the files of a folder in the place of another's. A folder without files is none: git keeps no empty ones.
fn copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).expect("a folder that can be removed");
    }
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        fs::create_dir_all(to).expect("a folder");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a file");
    }
}
