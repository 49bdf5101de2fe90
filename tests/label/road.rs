//! The single road: nothing but the authority's own signature makes a label that counts.

use greengate::rules::code::{Code, Gtin, Header, Product, Refusal, Scope, SignedLabel};
use greengate::rules::demo::DemoKey;
use greengate::rules::gs1;
use greengate::rules::label::{sign, verify};
use greengate::rules::record::Key;

use super::{Dice, authority, item, judged, product, signed};

const HOST: &str = "QC.GATE.TEST";

#[test]
fn signed_label_comes_back_from_its_text() {
    let text = signed().to_text("qc.gate.test");
    assert_eq!(gs1::read(text.as_bytes()), Code::Signed(signed()));
    let label = judged(&text, &[authority()]).unwrap();
    assert_eq!((*label.header(), label.product().clone()), item());
}

#[test]
fn one_changed_digit_of_the_stem_never_verifies() {
    let text = signed().to_text(HOST);
    let stem = "https://QC.GATE.TEST/".len();
    for at in stem..stem + 176 {
        for digit in b'0'..=b'9' {
            let mut changed = text.clone().into_bytes();
            if changed[at] == digit {
                continue;
            }
            changed[at] = digit;
            let changed = String::from_utf8(changed).unwrap();
            assert!(judged(&changed, &[authority()]).is_err(), "{changed}");
        }
    }
}

#[test]
fn one_changed_byte_behind_the_host_never_verifies() {
    let text = signed().to_text(HOST);
    let mut dice = Dice(20_261_123);
    for _ in 0..4_000 {
        let mut changed = text.clone().into_bytes();
        let at = "https://QC.GATE.TEST/".len() + dice.below(text.len() - "https://QC.GATE.TEST/".len());
        changed[at] = u8::try_from(32 + dice.below(95)).unwrap();
        if changed == text.as_bytes() {
            continue;
        }
        if let Code::Signed(label) = gs1::read(&changed) {
            let refusal = verify(&label, Some(&authority())).expect_err("a byte was changed");
            assert!(matches!(refusal, Refusal::Signature | Refusal::KeyUnknown), "at byte {at}: {refusal}");
        }
    }
}

#[test]
fn host_may_move_and_be_written_either_way() {
    let text = signed().to_text(HOST);
    for host in ["qc.gate.test", "other.example:8443", "Q", "10.0.0.7"] {
        let moved = text.replace(HOST, host);
        assert_eq!(gs1::read(moved.as_bytes()), Code::Signed(signed()), "{moved}");
        let identity = gs1::read(moved.as_bytes()).identity(moved.as_bytes());
        assert_eq!(identity, gs1::read(text.as_bytes()).identity(text.as_bytes()));
    }
}

#[test]
fn damaged_signature_is_never_an_unsigned_product() {
    let text = signed().to_text(HOST);
    let stem = text.split('/').nth(3).unwrap();
    let encoded = format!("%3{}{}", &stem[..1], &stem[1..]);
    for (damaged, refusal) in [
        (text.replace(stem, &stem[..100]), Refusal::StemLength),
        (text.replace(stem, &encoded), Refusal::StemLength),
        (text.replace(stem, &format!("X{}", &stem[1..])), Refusal::StemLength),
        (text.replace("/01/", "/%301/"), Refusal::Address),
        (text.replace("https:", "http:"), Refusal::Address),
        (text.replace("https:", "HTTPS:"), Refusal::Address),
        (format!(" {text}"), Refusal::Address),
        (format!("{text}\n"), Refusal::Expiry),
        (text.replace(HOST, "QC.GATE.TEST/stem"), Refusal::Address),
        (format!("{text}#"), Refusal::Address),
    ] {
        assert_eq!(gs1::read(damaged.as_bytes()), Code::Broken(refusal), "{damaged}");
    }
}

#[test]
fn forger_and_cut_off_and_missing_keys_are_told_apart() {
    let (header, product) = item();
    let forged = sign(&header, &product, &DemoKey::Forger.signing_key()).unwrap();
    assert_eq!(verify(&forged, Some(&authority())), Err(Refusal::Signature));
    assert_eq!(verify(&signed(), None), Err(Refusal::KeyUnknown));
    assert_eq!(verify(&signed(), Some(&Key { slot: 2, ..authority() })), Err(Refusal::KeyUnknown));
    let cut_off = |index| Some(Key { cut_off: Some(index), ..authority() });
    assert_eq!(verify(&signed(), cut_off(0).as_ref()), Err(Refusal::KeyCutOff));
    assert_eq!(verify(&signed(), cut_off(header.index).as_ref()), Err(Refusal::KeyCutOff));
    assert_eq!(*verify(&signed(), cut_off(header.index + 1).as_ref()).unwrap().header(), header);
}

#[test]
fn weak_key_verifies_nothing() {
    // The neutral point as key and as half of the signature satisfies the plain equation for every text.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut signature = [0; 64];
    signature[0] = 1;
    let (header, product) = item();
    let label = SignedLabel { header, signature, product };
    assert_eq!(verify(&label, Some(&Key { public: neutral, ..authority() })), Err(Refusal::Signature));
}

#[test]
fn label_put_together_in_memory_cannot_hide_an_element_in_its_lot() {
    let (header, plain) = item();
    let header = Header { scope: Scope::Lot, ..header };
    let plain = Product { serial: None, ..plain };
    let label = sign(&header, &plain, &DemoKey::Authority.signing_key()).unwrap();
    let sly = Product { lot: Some("A-1(17)261231".to_owned()), expiry: None, ..plain };
    assert_eq!(sly.canonical(), label.product.canonical());
    assert_eq!(verify(&SignedLabel { product: sly, ..label }, Some(&authority())), Err(Refusal::Element));
}

#[test]
fn what_the_grammar_refuses_is_not_signed() {
    let key = DemoKey::Authority.signing_key();
    let (header, product) = item();
    let refusal = |header: Header, product: Product| sign(&header, &product, &key).unwrap_err();
    let lot = |lot: &str| Product { lot: Some(lot.to_owned()), ..product.clone() };
    for wrong in ["", "a", "A 1", "A/1", "A_1", "A%31", "批号", "ABCDEFGHIJKLMNOPQRSTU"] {
        assert_eq!(refusal(header, lot(wrong)), Refusal::Element, "{wrong}");
    }
    assert_eq!(refusal(header, Product { serial: None, ..product.clone() }), Refusal::Scope);
    assert_eq!(
        refusal(Header { scope: Scope::Lot, ..header }, Product { lot: None, ..product.clone() }),
        Refusal::Scope
    );
    assert_eq!(refusal(Header { key_slot: 4096, ..header }, product.clone()), Refusal::Header);
    let too_early = Header { valid_until: Some(jiff::civil::date(2019, 12, 31)), ..header };
    assert_eq!(refusal(too_early, product.clone()), Refusal::Header);
}

#[test]
fn every_field_survives_its_way_through_the_text() {
    let mut dice = Dice(7);
    let grades = ["green", "yellow", "red"];
    for round in 0..300 {
        let slot = u16::try_from(dice.below(4096)).unwrap();
        let header = Header {
            key_slot: slot,
            valid_until: (dice.below(4) > 0).then(|| {
                jiff::civil::date(2020, 1, 1) + jiff::Span::new().days(i64::try_from(dice.below(65535)).unwrap())
            }),
            index: u32::try_from(dice.below(1 << 16) << 16 | dice.below(1 << 16)).unwrap(),
            grade: serde_json::from_value(grades[dice.below(3)].into()).unwrap(),
            scope: [Scope::Product, Scope::Lot, Scope::Item][dice.below(3)],
        };
        let product = Product { gtin: random_gtin(&mut dice), lot: Some(random_name(&mut dice)), ..product() };
        let label = sign(&header, &product, &DemoKey::Authority.signing_key()).unwrap();
        let key = Key { slot, ..authority() };
        let read = judged(&label.to_text(HOST), &[key]).unwrap();
        assert_eq!((read.header(), read.product()), (&header, &product), "round {round}");
    }
}

fn random_gtin(dice: &mut Dice) -> Gtin {
    let digits = u64::try_from(dice.below(1_000_000_000) * 1000).unwrap();
    Gtin::with_check_digit(digits).unwrap()
}

fn random_name(dice: &mut Dice) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    (0..=dice.below(20)).map(|_| char::from(ALPHABET[dice.below(ALPHABET.len())])).collect()
}
