//! QR codes to print.

use greengate::rules::code::{Expiry, Product, Scope, Symbol};
use greengate::rules::demo::DemoKey;
use greengate::rules::label::sign;
use greengate::rules::symbol::{encode, encode_bytes};

use super::{item, product};

fn version(symbol: &Symbol) -> usize {
    assert_eq!(symbol.dark.len(), symbol.size * symbol.size);
    (symbol.size - 17) / 4
}

fn label_version(host: &str, product: &Product, scope: Scope) -> usize {
    let (header, _) = item();
    let label = sign(&greengate::rules::code::Header { scope, ..header }, product, &DemoKey::Authority.signing_key());
    version(&encode(&label.unwrap().to_text(host)).unwrap())
}

#[test]
fn labels_are_symbols_of_version_7_to_9() {
    let shortest = Product { lot: None, serial: None, expiry: None, ..product() };
    assert_eq!(label_version("QUALITY.EXAMPLE.COM", &shortest, Scope::Product), 7);
    assert_eq!(label_version("Q.HZQC.CN", &product(), Scope::Item), 8);
    let longest = Product {
        lot: Some("ABCDEFGHIJKLMNOPQRST".to_owned()),
        serial: Some("A1B2C3D4E5F6G7H8J9K0".to_owned()),
        expiry: Expiry::parse("261231"),
        ..product()
    };
    assert_eq!(label_version("QUALITY.EXAMPLE.COM", &longest, Scope::Item), 9);
}

#[test]
fn segments_are_cut_where_that_is_shorter() {
    // Version 1-M holds 34 digits, 20 alphanumeric characters or 14 bytes.
    let size = |text: &str| encode(text).map(|symbol| version(&symbol));
    assert_eq!(size(&"1".repeat(34)), Some(1));
    assert_eq!(size(&"1".repeat(35)), Some(2));
    assert_eq!(size(&"A".repeat(20)), Some(1));
    assert_eq!(size(&"A".repeat(21)), Some(2));
    assert_eq!(size(&"a".repeat(14)), Some(1));
    assert_eq!(size(&"a".repeat(15)), Some(2));
    // 4 bytes take 44 bits and 21 digits 84: together the 128 bits of version 1-M, and one digit more does not fit.
    assert_eq!(size(&format!("abcd{}", "1".repeat(21))), Some(1));
    assert_eq!(size(&format!("abcd{}", "1".repeat(22))), Some(2));
}

#[test]
fn largest_symbol_is_filled_and_not_overfilled() {
    assert_eq!(encode(&"1".repeat(5596)).map(|symbol| version(&symbol)), Some(40));
    assert_eq!(encode(&"1".repeat(5597)), None);
    assert_eq!(encode(&"a".repeat(2331)).map(|symbol| version(&symbol)), Some(40));
    assert_eq!(encode(&"a".repeat(2332)), None);
    assert_eq!(encode(&"a".repeat(10_000)), None);
}

#[test]
fn empty_and_foreign_bytes_have_symbols() {
    assert_eq!(encode("").map(|symbol| version(&symbol)), Some(1));
    // "洗发水 12345678901234567890" in GBK: one byte segment of 27 bytes, which is more than version 2-M holds.
    let gbk = [&[0xCF, 0xB4, 0xB7, 0xA2, 0xCB, 0xAE], &b" 12345678901234567890"[..]].concat();
    assert_eq!(encode_bytes(&gbk).map(|symbol| version(&symbol)), Some(3));
}

#[test]
fn finder_patterns_stand_in_three_corners() {
    let symbol = encode("https://Q.HZQC.CN/").unwrap();
    let finder = |left: usize, top: usize| {
        let row = |y: usize| (0..7).map(|x| symbol.dark[(top + y) * symbol.size + left + x]).collect::<Vec<_>>();
        row(0) == [true; 7] && row(1) == [true, false, false, false, false, false, true]
    };
    let far = symbol.size - 7;
    assert_eq!([finder(0, 0), finder(far, 0), finder(0, far), finder(far, far)], [true, true, true, false]);
}
