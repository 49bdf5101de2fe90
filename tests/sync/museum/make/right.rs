//! Feeds with which nothing is wrong, however odd they are.

use serde_json::{Value, json};

use super::{Exhibit, VERSION, edited, list, listing, versions, write};
use crate::sync::authority::Authority;

pub const EXHIBITS: &[Exhibit] = &[
    ("good", |a| published(a, VERSION - 1)),
    ("good-next", |a| published(a, VERSION + 1)),
    ("good-clock-of-1970", write),
    ("good-rotated", rotated),
    ("good-fast-forwarded", |a| {
        versions(a, 4_000_000_000);
        list(a, 2);
        write(a);
    }),
    ("good-recovered", |a| {
        for (role, key) in [("timestamp", 31), ("snapshot", 32)] {
            a.keys.insert(role, vec![key]);
            a.signers.insert(role, vec![key]);
        }
        a.publish_root();
        write(a);
    }),
    ("good-unknown-fields", unknown_fields),
    ("good-bare-meta", |a| {
        a.edits.insert("timestamp", |role| role["meta"]["snapshot.json"] = json!({"version": 3}));
        a.edits.insert("snapshot", |role| role["meta"]["targets.json"] = json!({"version": 3}));
        write(a);
    }),
    ("good-delta", |a| {
        a.add("delta-2-3.jsonl.zst", 2, 3, &[listing(3)]);
        write(a);
    }),
    ("good-delta-aside", |a| {
        list(a, 3);
        a.add("delta-2-3.jsonl.zst", 2, 3, &[listing(3), json!({"drop": {"listing": 77}})]);
        write(a);
    }),
];

/// This list, as the version of the same number.
fn published(a: &mut Authority, version: u64) {
    versions(a, version);
    list(a, version);
    write(a);
}

/// Root after root, each signed by the keys before and by its own; the last one's roles have other keys throughout.
fn rotated(a: &mut Authority) {
    a.keys.insert("timestamp", vec![31]);
    // That it has expired meanwhile matters only for the last one.
    let usual = a.expires.insert("root", "2026-11-01T00:00:00Z".to_owned()).expect("a time");
    a.publish_root();
    a.expires.insert("root", usual);
    (a.root_keys, a.root_signers) = (vec![2, 3, 4], vec![2, 3]);
    a.publish_root();
    (a.root_keys, a.root_signers) = (vec![4, 5, 6], vec![3, 4, 5]);
    a.publish_root();
    a.root_signers = vec![5, 6];
    a.keys = [("targets", vec![33, 34]), ("snapshot", vec![32]), ("timestamp", vec![31])].into();
    a.publish_root();
    a.signers = a.keys.clone();
    write(a);
}

/// What a later program may write besides: TUF asks to pass over it.
fn unknown_fields(a: &mut Authority) {
    fn more(role: &mut Value) {
        role["x-later"] = json!({"deep": [1, null, "文", {"more": true}]});
    }
    for role in ["root", "targets", "snapshot", "timestamp"] {
        a.edits.insert(role, more);
        a.forgeries.insert(role, |text| {
            edited(&text, |text| {
                text["x-beside"] = true.into();
                text["signatures"][0]["x-method"] = "later".into();
                let unknown = json!({"keyid": "00".repeat(32), "sig": "ff".repeat(64)});
                text["signatures"].as_array_mut().expect("signatures").push(unknown);
            })
        });
    }
    a.publish_root();
    list(a, 3);
    a.targets["snapshot-3.jsonl.zst"]["custom"]["x-later"] = 1.into();
    // A target that is for somebody else.
    let readme = json!({"length": 4, "hashes": {"sha256": "00".repeat(32)}});
    a.targets.insert("read me.txt".to_owned(), readme);
    write(a);
}
