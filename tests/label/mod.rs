//! Labels and other product codes: the frozen vectors, the shared ones, and texts that try to be what they are not.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod forms;
mod road;
mod symbols;
mod vectors;

use greengate::rules::code::{Code, Expiry, Grade, Gtin, Header, Product, Refusal, Scope};
use greengate::rules::demo::DemoKey;
use greengate::rules::label::{self, VerifiedLabel};
use greengate::rules::record::Key;
use greengate::rules::{code::SignedLabel, gs1};

/// What the kiosk does with a text: reads it, and verifies it if it claims a signature.
fn judged(text: &str, keys: &[Key]) -> Result<VerifiedLabel, Refusal> {
    match gs1::read(text.as_bytes()) {
        Code::Signed(label) => {
            let key = keys.iter().find(|key| key.slot == label.header.key_slot);
            label::verify(&label, key)
        }
        Code::Broken(refusal) => Err(refusal),
        code @ (Code::Unsigned(_) | Code::Delivery(_) | Code::Other) => panic!("`{text}` became {code:?}"),
    }
}

fn authority() -> Key {
    Key { slot: DemoKey::Authority.slot(), public: DemoKey::Authority.public(), cut_off: None }
}

fn item() -> (Header, Product) {
    let header = Header {
        key_slot: DemoKey::Authority.slot(),
        valid_until: Some(jiff::civil::date(2027, 5, 31)),
        index: 305_419_896,
        grade: Grade::Green,
        scope: Scope::Item,
    };
    (header, product())
}

fn product() -> Product {
    Product {
        gtin: Gtin::parse("06901234567892").unwrap(),
        lot: Some("A-1".to_owned()),
        serial: Some("S.9".to_owned()),
        expiry: Expiry::parse("261231"),
    }
}

fn signed() -> SignedLabel {
    let (header, product) = item();
    label::sign(&header, &product, &DemoKey::Authority.signing_key()).unwrap()
}

/// Small, seeded and good enough to stir texts (xorshift64*, Vigna 2016).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let roll = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(roll).unwrap() % limit
    }
}
