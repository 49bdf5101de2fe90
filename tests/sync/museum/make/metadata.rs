//! Feeds whose metadata is wrong: old, mixed, signed by the wrong keys, or no metadata at all.

use serde_json::{Value, json};

use super::{Exhibit, VERSION, authority, change, edited, list, remove, replaced, versions, write};
use crate::sync::authority::{Authority, key_id};

/// A second before the kiosk's clock.
const PAST: &str = "2026-11-24T01:59:59Z";

pub const EXHIBITS: &[Exhibit] = &[
    ("rollback-timestamp", |a| older(a, "timestamp")),
    ("rollback-snapshot", |a| older(a, "snapshot")),
    ("rollback-targets", |a| older(a, "targets")),
    ("rollback-root", |a| {
        a.publish_root_as(1, 2);
        write(a);
    }),
    ("freeze-root", |a| {
        expired(a, "root");
        a.publish_root();
        write(a);
    }),
    ("freeze-timestamp", |a| {
        expired(a, "timestamp");
        write(a);
    }),
    ("freeze-snapshot", |a| {
        expired(a, "snapshot");
        write(a);
    }),
    ("freeze-targets", |a| {
        expired(a, "targets");
        write(a);
    }),
    ("freeze-held-back", |a| {
        versions(a, VERSION - 1);
        list(a, VERSION - 1);
        write(a);
    }),
    ("mixed-snapshot", |a| mixed(a, "3.snapshot.json")),
    ("mixed-targets", |a| mixed(a, "3.targets.json")),
    ("snapshot-longer", |a| {
        write(a);
        change(a, "metadata", "3.snapshot.json", |text| [text, b" ".to_vec()].concat());
    }),
    ("snapshot-shorter", |a| {
        write(a);
        change(a, "metadata", "3.snapshot.json", |text| text[..text.len() - 1].to_vec());
    }),
    ("snapshot-changed", |a| {
        write(a);
        change(a, "metadata", "3.snapshot.json", |text| replaced(text, "2026-12-24", "2027-12-24"));
    }),
    ("snapshot-other-version", |a| {
        a.edits.insert("timestamp", |timestamp| timestamp["meta"]["snapshot.json"]["version"] = 4.into());
        write(a);
        rename(a, "3.snapshot.json", "4.snapshot.json");
    }),
    ("missing-timestamp", |a| missing(a, "timestamp.json")),
    ("missing-snapshot", |a| missing(a, "3.snapshot.json")),
    ("missing-targets", |a| missing(a, "3.targets.json")),
    ("swapped-timestamp", |a| signed_by(a, "timestamp", "snapshot")),
    ("swapped-snapshot", |a| signed_by(a, "snapshot", "targets")),
    ("swapped-targets", |a| signed_by(a, "targets", "timestamp")),
    ("swapped-and-disguised", |a| {
        a.forgeries.insert("targets", |text| edited(&text, |text| text["signatures"][0]["keyid"] = key_id(11).into()));
        signed_by(a, "targets", "timestamp");
    }),
    ("targets-changed-after-signing", |a| {
        a.forgeries.insert("targets", |text| replaced(text, "\"from\":0", "\"from\":2"));
        write(a);
    }),
    ("timestamp-unsigned", |a| {
        a.forgeries.insert("timestamp", |text| edited(&text, |text| text["signatures"] = json!([])));
        write(a);
    }),
    ("strangers-feed", |a| {
        a.signers = [("targets", vec![41]), ("snapshot", vec![42]), ("timestamp", vec![43])].into();
        write(a);
    }),
    ("targets-too-few-signatures", |a| two_for_targets(a, vec![11])),
    ("targets-signed-twice-by-one", |a| two_for_targets(a, vec![11, 11])),
    ("root-skipped", |a| {
        a.publish_root_as(3, 2);
        write(a);
    }),
    ("root-hole", |a| {
        a.keys.insert("timestamp", vec![31]);
        a.signers.insert("timestamp", vec![31]);
        a.publish_root_as(3, 3);
        write(a);
    }),
    ("root-one-signature", |a| root(a, &[1, 2, 3], &[1])),
    ("root-signed-twice-by-one", |a| root(a, &[1, 2, 3], &[1, 1])),
    ("root-taken-over", |a| root(a, &[4, 5, 6], &[1, 4, 5, 6])),
    ("root-without-its-new-keys", |a| root(a, &[4, 5, 6], &[1, 2])),
    ("root-first-one-signature", |a| {
        a.root_signers = vec![1];
        a.publish_root_as(1, 1);
        write(a);
    }),
    ("spec-version-root", |a| {
        a.edits.insert("root", future);
        a.publish_root();
        write(a);
    }),
    ("spec-version-timestamp", |a| of_the_future(a, "timestamp")),
    ("spec-version-snapshot", |a| of_the_future(a, "snapshot")),
    ("spec-version-targets", |a| of_the_future(a, "targets")),
    ("role-of-another-type", |a| {
        write(a);
        let targets = std::fs::read(a.path("metadata", "3.targets.json")).expect("metadata");
        std::fs::write(a.path("metadata", "3.snapshot.json"), targets).expect("a file");
        a.publish_timestamp(VERSION);
    }),
    ("role-unknown", |a| {
        a.edits.insert("snapshot", |snapshot| snapshot["meta"]["other.json"] = json!({"version": 1}));
        a.edits.insert("targets", |targets| {
            let role = json!({"name": "other", "keyids": [], "threshold": 1, "terminating": false, "paths": ["*"]});
            targets["delegations"] = json!({"keys": {}, "roles": [role]});
        });
        write(a);
    }),
    ("timestamp-of-two", |a| {
        a.edits.insert("timestamp", |timestamp| timestamp["meta"]["other.json"] = json!({"version": 1}));
        write(a);
    }),
    ("timestamp-empty", |a| forged(a, "timestamp", |_| Vec::new())),
    ("timestamp-is-a-page", |a| forged(a, "timestamp", |_| b"<html>log in to the guest network</html>".to_vec())),
    ("timestamp-not-utf8", |a| {
        forged(a, "timestamp", |mut text| {
            let at = text.windows(8).position(|part| part == b"x-issued").expect("a field");
            text[at] = 0xff;
            text
        });
    }),
    ("timestamp-too-deep", |a| {
        a.edits.insert("timestamp", |timestamp| {
            timestamp["x-deep"] = (0..200).fold(json!([]), |deep, _| json!([deep]));
        });
        write(a);
    }),
    ("timestamp-too-large", |a| {
        forged(a, "timestamp", |mut text| {
            text.resize((64 << 10) + 1, b' ');
            text
        });
    }),
    ("timestamp-version-too-large", |a| {
        forged(a, "timestamp", |text| replaced(text, "\"version\":3}", "\"version\":18446744073709551616}"));
    }),
    ("targets-garbage", |a| forged(a, "targets", |_| b"no metadata".to_vec())),
];

fn older(a: &mut Authority, role: &'static str) {
    a.versions.insert(role, 1);
    write(a);
}

fn expired(a: &mut Authority, role: &'static str) {
    a.expires.insert(role, PAST.to_owned());
}

/// A file by the same name and with the same version and keys, out of another publication.
fn mixed(a: &mut Authority, name: &str) {
    let mut other = authority();
    list(&mut other, 5);
    write(&mut other);
    write(a);
    std::fs::copy(other.path("metadata", name), a.path("metadata", name)).expect("a file");
}

fn rename(a: &Authority, from: &str, to: &str) {
    std::fs::rename(a.path("metadata", from), a.path("metadata", to)).expect("a file");
}

fn missing(a: &mut Authority, name: &str) {
    write(a);
    remove(a, "metadata", name);
}

fn signed_by(a: &mut Authority, role: &'static str, other: &'static str) {
    a.signers.insert(role, a.keys[other].clone());
    write(a);
}

/// The next root asks for two keys of targets.
fn two_for_targets(a: &mut Authority, signers: Vec<u8>) {
    a.keys.insert("targets", vec![11, 14]);
    a.publish_root();
    a.signers.insert("targets", signers);
    write(a);
}

/// The next root, with these keys and signed by those.
fn root(a: &mut Authority, keys: &[u8], signers: &[u8]) {
    a.root_keys = keys.to_vec();
    a.root_signers = signers.to_vec();
    a.publish_root();
    write(a);
}

fn future(role: &mut Value) {
    role["spec_version"] = "2.0.0".into();
}

fn of_the_future(a: &mut Authority, role: &'static str) {
    a.edits.insert(role, future);
    write(a);
}

fn forged(a: &mut Authority, role: &'static str, forgery: fn(Vec<u8>) -> Vec<u8>) {
    a.forgeries.insert(role, forgery);
    write(a);
}
