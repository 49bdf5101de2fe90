//! What a scanned text turns out to be.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::image::Point;

/// The longest payload that the kiosk looks at, in bytes: what a version 40 QR code holds.
pub const PAYLOAD_LIMIT: usize = 7089;

/// A QR code that the camera saw: its bytes and where it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// The decoded bytes, in whatever character set the printer used.
    pub bytes: Vec<u8>,
    /// Top left, top right, bottom right, bottom left in the frame, in the code's own orientation.
    pub corners: [Point; 4],
}

/// What a payload is to the kiosk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A quality code that claims a signature; nothing about it is verified yet.
    Signed(SignedLabel),
    /// It has the shape of a quality code and breaks its grammar, or is an unsigned product code with elements that
    /// cannot be believed (see [`super::gs1`]).
    Broken(Refusal),
    /// A product code without a signature.
    Unsigned(Product),
    /// It names a delivery, not a product.
    Delivery(String),
    /// Any other text.
    Other,
}

/// A Global Trade Item Number with a right check digit, always held as fourteen digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gtin(pub(super) u64);

/// The GS1 elements of a product code that the kiosk uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Application identifier 01.
    pub gtin: Gtin,
    /// Application identifier 10, batch or lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Application identifier 21, serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Application identifier 17, the expiry date as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Expiry>,
}

/// An expiry date (application identifier 17): the six digits as printed, and the last good day that they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expiry {
    /// `YYMMDD` as printed; the signature covers these digits.
    pub(super) digits: [u8; 6],
    /// The last day on which the goods are good; `DD` 00 is the last day of the month.
    pub(super) last_day: Date,
}

/// A label that claims a signature, taken apart and not yet verified.
///
/// Nothing but [`super::label::verify`] turns it into something that can be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedLabel {
    /// The header as the stem spells it.
    pub header: Header,
    /// Ed25519 signature.
    #[serde(with = "super::hex")]
    pub signature: [u8; 64],
    /// The GS1 elements.
    pub product: Product,
}

/// The nine header bytes of a quality code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Which of the authority's label keys signed it, 0 to 4095.
    pub key_slot: u16,
    /// Last day on which the label itself is valid; `None` has no end.
    pub valid_until: Option<Date>,
    /// The code's number among all that the authority has issued.
    pub index: u32,
    /// The grade on the day of issue.
    pub grade: Grade,
    /// What the code speaks of.
    pub scope: Scope,
}

/// What the authority says of a listing or of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Everything is met.
    Green,
    /// Documents are missing.
    Yellow,
    /// Not to be taken in.
    Red,
}

/// What a quality code speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Every item of the product.
    Product,
    /// One lot of it.
    Lot,
    /// One item.
    Item,
}

/// Why a text that claims to be a quality code does not count. The slugs are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The stem is not 176 digits long.
    #[error("the signature stem is not 176 digits long")]
    StemLength,
    /// The stem's number does not fit in 73 bytes.
    #[error("the signature stem is larger than 73 bytes hold")]
    StemRange,
    /// A header version that this kiosk does not know.
    #[error("the label's version is not known to this kiosk")]
    Version,
    /// A reserved bit is set, or the grade or the scope has no meaning.
    #[error("the label's header makes no sense")]
    Header,
    /// The GTIN is not fourteen digits with a right check digit.
    #[error("the GTIN is wrong or its check digit does not fit")]
    Gtin,
    /// Lot or serial is empty, too long, or has other characters than `A-Z 0-9 - .`.
    #[error("lot or serial has characters or a length that a label cannot have")]
    Element,
    /// The expiry is not a date.
    #[error("the expiry is not a date")]
    Expiry,
    /// Elements that the scope asks for are missing, or there are others than 01, 10, 17 and 21.
    #[error("the label's elements do not fit its scope")]
    Scope,
    /// The text is not `https://HOST/STEM/01/…`, or has a user, further path, query or fragment that a label cannot have.
    #[error("the text is not a label's address")]
    Address,
    /// No such key slot.
    #[error("the key that signed it is not known")]
    KeyUnknown,
    /// The key was cut off below this label's index.
    #[error("the key that signed it was cut off")]
    KeyCutOff,
    /// The signature does not fit the text.
    #[error("the signature does not fit the label")]
    Signature,
}

/// What one frame showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sighting {
    /// All codes in it, each once.
    pub payloads: Vec<Payload>,
    /// Why there may be no code, where the picture tells.
    pub hint: Option<Hint>,
    /// From the frame's arrival to the end of the scan, in microseconds.
    pub scan_us: u32,
}

impl Sighting {
    /// A sighting of codes whose place does not matter.
    #[must_use]
    pub fn of(codes: &[&[u8]]) -> Self {
        let payload = |bytes: &&[u8]| Payload { bytes: bytes.to_vec(), corners: [Point::default(); 4] };
        Self { payloads: codes.iter().map(payload).collect(), ..Self::default() }
    }
}

/// Why a frame may show no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// There seems to be a code, too small to be read or not clear enough for another reason.
    MoveCloser,
    /// The picture is too dark.
    TooDark,
    /// A code is in view and smeared: it moves, or the lens has not found it yet.
    Blurred,
    /// A lamp shines off the label where the code is.
    Glare,
    /// A part of the code lies beyond the picture's edge.
    OutOfView,
}

/// The modules of a QR code, dark is `true`, row by row without the quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Modules on a side: 21 to 177.
    pub size: usize,
    /// `size * size` modules.
    pub dark: Vec<bool>,
}
