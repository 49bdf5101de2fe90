//! How a code is told from another: its product's elements in their one order, and the bytes that make it the same.

use super::code::{Code, Product};
use super::label;

/// Ends every element of an unsigned code's identity: brackets may stand in a lot that nobody signed.
const GROUP_SEPARATOR: &str = "\u{1D}";

impl Product {
    /// The elements as a signature covers them, for example `(01)06901234567892(10)A-1(17)261231(21)S.9`.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.spelled("", "")
    }

    /// The elements for people, for example `(01)06901234567892 (10)A-1 (17)261231 (21)S.9`.
    #[must_use]
    pub fn elements(&self) -> String {
        self.spelled(" ", "")
    }

    /// In the order of the signed bytes: 01, 10, 17, 21, those that are there.
    fn spelled(&self, between: &str, after: &str) -> String {
        let elements = [
            Some(format!("(01){}{after}", self.gtin)),
            self.lot.as_ref().map(|lot| format!("(10){lot}{after}")),
            self.expiry.map(|expiry| format!("(17){expiry}{after}")),
            self.serial.as_ref().map(|serial| format!("(21){serial}{after}")),
        ];
        elements.into_iter().flatten().collect::<Vec<_>>().join(between)
    }
}

impl Code {
    /// What the code says it is stuck on, signed or not.
    #[must_use]
    pub const fn product(&self) -> Option<&Product> {
        match self {
            Self::Signed(label) => Some(&label.product),
            Self::Unsigned(product) => Some(product),
            Self::Broken(_) | Self::Delivery(_) | Self::Other => None,
        }
    }

    /// The bytes by which two showings are the same label; `payload` is what was scanned.
    ///
    /// Neither the host nor the printed form matters: the same product as a link and as an element string is one
    /// label. The first byte keeps the kinds apart.
    #[must_use]
    pub fn identity(&self, payload: &[u8]) -> Vec<u8> {
        match self {
            Self::Signed(label) => tagged(b'S', &label::identity(label)),
            Self::Broken(_) => tagged(b'B', payload),
            Self::Unsigned(product) => tagged(b'U', product.spelled("", GROUP_SEPARATOR).as_bytes()),
            Self::Delivery(id) => tagged(b'D', id.as_bytes()),
            Self::Other => tagged(b'O', payload),
        }
    }
}

fn tagged(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[kind], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::code::{Expiry, Gtin};

    fn product(lot: &str, expiry: Option<&str>) -> Product {
        let expiry = expiry.map(|digits| Expiry::parse(digits).expect("a date"));
        let gtin = Gtin::parse("6901234567892").expect("a number");
        Product { gtin, lot: Some(lot.to_owned()), serial: Some("S.9".to_owned()), expiry }
    }

    #[test]
    fn elements_stand_in_the_signed_order() {
        let product = product("A-1", Some("261231"));
        assert_eq!(product.canonical(), "(01)06901234567892(10)A-1(17)261231(21)S.9");
        assert_eq!(product.elements(), "(01)06901234567892 (10)A-1 (17)261231 (21)S.9");
    }

    #[test]
    fn brackets_in_a_lot_do_not_make_two_labels_one() {
        let (plain, sly) = (product("A", Some("261231")), product("A(17)261231", None));
        assert_eq!(plain.canonical(), sly.canonical());
        assert_ne!(Code::Unsigned(plain).identity(b""), Code::Unsigned(sly).identity(b""));
    }

    #[test]
    fn kinds_never_share_an_identity() {
        let codes = [Code::Other, Code::Broken(crate::rules::code::Refusal::Gtin), Code::Delivery("x".to_owned())];
        let identities: Vec<_> = codes.iter().map(|code| code.identity(b"x")).collect();
        assert_eq!(identities, [b"Ox", b"Bx", b"Dx"]);
    }
}
