//! Vectors made by other implementations: `vectors.jsonl` is the project's own and frozen, the shared ones are read in
//! place where they are.

use std::collections::BTreeSet;
use std::path::PathBuf;

use greengate::rules::code::{Code, Expiry, Grade, Header, Product, Refusal, Scope};
use greengate::rules::gs1;
use greengate::rules::record::Key;
use jiff::civil::Date;
use serde::Deserialize;

use super::judged;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Key(KeyLine),
    Valid(Valid),
    Invalid(Invalid),
}

#[derive(Deserialize)]
struct KeyLine {
    slot: u16,
    public: String,
    cut_off: Option<u32>,
}

#[derive(Deserialize)]
struct Valid {
    about: String,
    text: String,
    header: Header,
    product: Product,
    last_day: Option<Date>,
}

#[derive(Deserialize)]
struct Invalid {
    slug: String,
    about: String,
    text: String,
}

fn frozen() -> (Vec<Key>, Vec<Valid>, Vec<Invalid>) {
    let (mut keys, mut valid, mut invalid) = (Vec::new(), Vec::new(), Vec::new());
    for line in include_str!("vectors.jsonl").lines() {
        match serde_json::from_str(line).unwrap() {
            Line::Key(line) => keys.push(key(line.slot, &line.public, line.cut_off)),
            Line::Valid(line) => valid.push(line),
            Line::Invalid(line) => invalid.push(line),
        }
    }
    (keys, valid, invalid)
}

fn key(slot: u16, public: &str, cut_off: Option<u32>) -> Key {
    Key { slot, public: greengate::rules::hex::decode(public).unwrap(), cut_off }
}

#[test]
fn frozen_labels_say_what_was_signed() {
    let (keys, valid, _) = frozen();
    assert_eq!(valid.len(), 13);
    for vector in valid {
        let label = judged(&vector.text, &keys).unwrap_or_else(|refusal| panic!("{}: {refusal}", vector.about));
        assert_eq!((label.header(), label.product()), (&vector.header, &vector.product), "{}", vector.about);
        assert_eq!(label.product().expiry.map(Expiry::last_day), vector.last_day, "{}", vector.about);
    }
}

#[test]
fn frozen_texts_are_refused_for_their_reason() {
    let (keys, _, invalid) = frozen();
    for vector in &invalid {
        let refusal = judged(&vector.text, &keys).map_err(Refusal::slug);
        assert_eq!(refusal, Err(vector.slug.as_str()), "{}: {}", vector.about, vector.text);
    }
    let tried: BTreeSet<_> = invalid.iter().map(|vector| vector.slug.as_str()).collect();
    assert_eq!(tried, Refusal::ALL.into_iter().map(Refusal::slug).collect());
}

#[test]
fn frozen_labels_are_printed_as_they_were_read() {
    for vector in frozen().1 {
        let Code::Signed(label) = gs1::read(vector.text.as_bytes()) else { panic!("{}", vector.about) };
        let host = vector.text.split('/').nth(2).unwrap();
        assert_eq!(label.to_text(host), vector.text.replace(host, &host.to_uppercase()), "{}", vector.about);
    }
}

#[derive(Deserialize)]
struct Shared {
    keys: Vec<SharedKey>,
    valid: Vec<SharedValid>,
    invalid: Vec<SharedInvalid>,
}

#[derive(Deserialize)]
struct SharedKey {
    slot: u16,
    public_hex: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct SharedValid {
    url: String,
    slot: u16,
    index: u32,
    grade: Grade,
    scope: Scope,
    gtin: String,
    lot: Option<String>,
    serial: Option<String>,
    expiry: Option<String>,
    valid_until: Option<Date>,
}

#[derive(Deserialize)]
struct SharedInvalid {
    url: String,
    why: String,
}

/// `None`, and a line that says so, where there are none.
fn shared() -> Option<Shared> {
    let folder = std::env::var_os("GREENGATE_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let file = folder.join("vectors/labels.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("skipped: there is no `{}`", file.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

impl Shared {
    fn keys(&self) -> Vec<Key> {
        self.keys.iter().map(|shared| key(shared.slot, &shared.public_hex, None)).collect()
    }
}

#[test]
fn shared_labels_say_what_was_signed() {
    let Some(shared) = shared() else { return };
    let keys = shared.keys();
    for vector in &shared.valid {
        let label = judged(&vector.url, &keys).unwrap_or_else(|refusal| panic!("{}: {refusal}", vector.url));
        let (header, product) = (label.header(), label.product().clone());
        let read = SharedValid {
            url: vector.url.clone(),
            slot: header.key_slot,
            index: header.index,
            grade: header.grade,
            scope: header.scope,
            gtin: product.gtin.to_string(),
            lot: product.lot,
            serial: product.serial,
            expiry: product.expiry.map(|expiry| expiry.to_string()),
            valid_until: header.valid_until,
        };
        assert_eq!(&read, vector);
    }
}

#[test]
fn shared_forgeries_do_not_verify() {
    let Some(shared) = shared() else { return };
    let keys = shared.keys();
    for vector in &shared.invalid {
        let refusal = judged(&vector.url, &keys).expect_err(&vector.why);
        let expected = match vector.why.as_str() {
            "the stem is one digit short" => Refusal::StemLength,
            "the stem is larger than 73 bytes hold" => Refusal::StemRange,
            "the GTIN check digit is wrong" => Refusal::Gtin,
            why if why.starts_with("another lot") && refusal == Refusal::Element => Refusal::Element,
            _ => Refusal::Signature,
        };
        assert_eq!(refusal, expected, "{}: {}", vector.why, vector.url);
    }
}
