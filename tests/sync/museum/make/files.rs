//! Feeds whose metadata is right, and whose files are not.

use serde_json::{Value, json};

use super::{Exhibit, change, list, listing, records, remove, replaced, write};
use crate::sync::authority::Authority;

const SNAPSHOT: &str = "snapshot-3.jsonl.zst";
const DELTA: &str = "delta-2-3.jsonl.zst";

pub const EXHIBITS: &[Exhibit] = &[
    ("rollback-list", |a| {
        list(a, 1);
        write(a);
    }),
    ("file-missing", |a| {
        write(a);
        remove(a, "targets", SNAPSHOT);
    }),
    ("file-longer", |a| changed(a, |bytes| [bytes, b"x".to_vec()].concat())),
    ("file-shorter", |a| changed(a, |bytes| bytes[..bytes.len() - 1].to_vec())),
    ("file-changed", |a| {
        changed(a, |mut bytes| {
            bytes[20] ^= 1;
            bytes
        });
    }),
    ("file-digest-too-short", |a| {
        a.edits.insert("targets", |targets| targets["targets"][SNAPSHOT]["hashes"]["sha256"] = "00ff".into());
        write(a);
    }),
    ("files-none", |a| {
        a.targets = serde_json::Map::new();
        a.write();
    }),
    ("file-name-leads-out", |a| named(a, &["../../cache-9.db"])),
    ("file-names-odd", |a| named(a, &["lists/3.zst", "/etc/3.zst", "a b", ".hidden", "x%2f..%2fy", "x\\y", "列表"])),
    ("list-no-zstd", |a| packed(a, b"{\"meta\":{\"from\":0,\"to\":3,\"issued\":\"2026-11-24T01:00:00Z\"}}\n")),
    ("list-torn", |a| {
        let whole = zstd::encode_all(&*text(&records(3)), 3).expect("zstd");
        packed(a, &whole[..whole.len() - 9]);
    }),
    ("list-bomb", |a| packed(a, &bomb())),
    // A window of 2^31 bytes, and one block of one byte.
    ("list-window-too-large", |a| packed(a, &[&FRAME[..], &[0, 21 << 3, 0b0000_1001, 0, 0, b'x']].concat())),
    ("list-line-no-json", |a| {
        lines(a, &[records(3), vec![Value::Null]].concat(), |text| replaced(text, "null", "no JSON"));
    }),
    ("list-line-not-utf8", |a| {
        lines(a, &records(3), |mut text| {
            let at = text.windows(7).position(|part| part == b"product").expect("a name");
            text[at] = 0xff;
            text
        });
    }),
    ("list-record-unknown", |a| {
        lines(a, &[records(3), vec![json!({"put": {"ghost": {"id": 1}}})]].concat(), |text| text);
    }),
    ("list-field-unknown", |a| {
        lines(a, &records(3), |text| replaced(text, "\"supplier\":1", "\"supplier\":1,\"ghost\":1"));
    }),
    ("list-without-meta", |a| {
        lines(a, &records(3), |text| {
            let end = text.iter().position(|byte| *byte == b'\n').expect("a line");
            text[end + 1..].to_vec()
        });
    }),
    ("list-with-two-metas", |a| lines(a, &[records(3), vec![meta(0, 3)]].concat(), |text| text)),
    ("list-without-keys", |a| lines(a, &records(3)[1..], |text| text)),
    ("list-without-supplier", |a| lines(a, &[&records(3)[..1], &records(3)[2..]].concat(), |text| text)),
    ("list-from-lies", |a| {
        lines(a, &records(3), |text| replaced(text, "\"from\":0", "\"from\":2"));
    }),
    ("list-to-lies", |a| lines(a, &records(3), |text| replaced(text, "\"to\":3", "\"to\":9"))),
    ("delta-to-lies", |a| {
        let delta = text(&[meta(2, 9), listing(3)]);
        a.add_file(DELTA, 2, 3, &zstd::encode_all(&*delta, 3).expect("zstd"));
        write(a);
    }),
    ("delta-does-not-fit", |a| {
        a.add(DELTA, 2, 3, &[listing(3), json!({"drop": {"listing": 77}})]);
        write(a);
    }),
    ("delta-gap", |a| {
        a.add("delta-3-4.jsonl.zst", 3, 4, &[listing(4)]);
        write(a);
    }),
];

/// What a Zstandard frame begins with (RFC 8878, 3.1.1).
const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// 128 MiB of zeros in 4 KiB: blocks that repeat one byte 2^17 times (RFC 8878, 3.1.1.2).
fn bomb() -> Vec<u8> {
    const BLOCKS: usize = 1024;
    let mut frame = [&FRAME[..], &[0, 7 << 3]].concat();
    for at in 1..=BLOCKS {
        let header: u32 = (1 << 17) << 3 | 0b010 | u32::from(at == BLOCKS);
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

fn changed(a: &mut Authority, with: fn(Vec<u8>) -> Vec<u8>) {
    write(a);
    change(a, "targets", SNAPSHOT, with);
}

/// The list by these names only.
fn named(a: &mut Authority, names: &[&str]) {
    list(a, 3);
    let target = a.targets.remove(SNAPSHOT).expect("the list");
    a.targets.extend(names.iter().map(|name| ((*name).to_owned(), target.clone())));
    write(a);
}

/// These bytes as the list 3.
fn packed(a: &mut Authority, bytes: &[u8]) {
    a.add_file(SNAPSHOT, 0, 3, bytes);
    write(a);
}

/// These lines behind a right meta as the list 3, after something was done to their text.
fn lines(a: &mut Authority, lines: &[Value], change: fn(Vec<u8>) -> Vec<u8>) {
    let text = change(text(&[&[meta(0, 3)], lines].concat()));
    packed(a, &zstd::encode_all(&*text, 3).expect("zstd"));
}

fn meta(from: u64, to: u64) -> Value {
    json!({"meta": {"from": from, "to": to, "issued": "2026-11-24T01:00:00Z"}})
}

fn text(lines: &[Value]) -> Vec<u8> {
    lines.iter().map(|line| line.to_string() + "\n").collect::<String>().into_bytes()
}
