//! Application identifiers: how long they and their data are, and what was found under them.

use std::borrow::Cow;

use crate::rules::code::Refusal;
use crate::rules::gtin::has_right_check_digit;

/// Ends an element of variable length in an element string; what FNC1 becomes in a scanner's text.
pub(super) const GROUP_SEPARATOR: char = '\u{1D}';

/// Longest order or shipment number that GS1 has (GINC and purchase order: X..30).
const ID_LIMIT: usize = 30;

/// The elements of one code, in the order in which they were read.
#[derive(Debug, Default)]
pub(super) struct Elements<'a> {
    found: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Elements<'a> {
    pub(super) fn push(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.found.push((key.into(), value.into()));
    }

    pub(super) fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.found.iter().filter(move |(found, _)| found == key).map(|(_, value)| value.as_ref())
    }

    pub(super) fn first(&self, key: &str) -> Option<&str> {
        self.all(key).next()
    }

    /// The value under `key`. The same value may be there twice (General Specifications, section 4.13).
    ///
    /// # Errors
    /// [`Refusal::Scope`] where two values contradict each other.
    pub(super) fn only(&self, key: &str) -> Result<Option<&str>, Refusal> {
        let first = self.first(key);
        if self.all(key).all(|value| Some(value) == first) { Ok(first) } else { Err(Refusal::Scope) }
    }
}

/// How many digits an application identifier has, told by its first two (General Specifications, figure 3.2-1);
/// `None` where none begins with them.
pub(super) fn key_length(digits: &str) -> Option<usize> {
    let first_two = digits.get(..2).filter(|pair| is_digits(pair))?.parse().ok()?;
    match first_two {
        0..=4 | 10..=22 | 30 | 37 | 90..=99 => Some(2),
        23..=25 | 40..=42 | 71 => Some(3),
        31..=36 | 39 | 43 | 70 | 72 | 80..=82 => Some(4),
        _ => None,
    }
}

/// The length of the data of an element that needs no separator after it (General Specifications, figure 7.8.5-2,
/// which counts the identifier too); `None` is variable. The figure is closed: new identifiers never enter it.
pub(super) fn predefined_length(key: &str) -> Option<usize> {
    let length_with_key = match key.get(..2)? {
        "00" => 20,
        "01" | "02" | "03" | "41" => 16,
        "04" => 18,
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" => 8,
        "20" => 4,
        "31" | "32" | "33" | "34" | "35" | "36" => 10,
        _ => return None,
    };
    Some(length_with_key - key.len())
}

/// Whether `text` is digits only, and there are some.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `text` could be an application identifier.
pub(super) fn is_key(text: &str) -> bool {
    matches!(text.len(), 2..=4) && is_digits(text)
}

/// Whether `id` can be what `key` says: an SSCC (00) or a GSIN (402) with the right check digit, a GINC (401), which
/// begins with a company's digits, or a purchase order number (400).
pub(super) fn is_delivery_id(key: &str, id: &str) -> bool {
    match key {
        "00" => is_checked(id, 18),
        "402" => is_checked(id, 17),
        "401" => is_id(id) && id.get(..4).is_some_and(is_digits),
        "400" => is_id(id),
        _ => false,
    }
}

/// Whether `digits` are `length` digits, the last one a right check digit.
pub(super) fn is_checked(digits: &str, length: usize) -> bool {
    digits.len() == length && is_digits(digits) && has_right_check_digit(digits.as_bytes())
}

fn is_id(id: &str) -> bool {
    matches!(id.len(), 1..=ID_LIMIT) && id.bytes().all(|byte| byte.is_ascii_graphic())
}
