//! Element strings: as scanners send them, and as people write them with brackets.

use super::ai::{self, Elements, GROUP_SEPARATOR, is_key, key_length, predefined_length};
use crate::rules::code::Gtin;

/// Symbology identifiers (ISO/IEC 15424) that say "GS1 element string follows": QR code, code 128, `DataBar` and
/// Data Matrix.
const IDENTIFIERS: [&str; 4] = ["]Q3", "]C1", "]e0", "]d2"];

/// Digits of the longest application identifier.
const KEY_LIMIT: usize = 4;

/// `]Q301…`, or after an FNC1, or bare from a GTIN (01) or an SSCC (00) on.
pub(super) fn string(text: &str) -> Option<Elements<'_>> {
    let rest = IDENTIFIERS.iter().find_map(|identifier| text.strip_prefix(identifier));
    let rest = rest.or_else(|| text.strip_prefix(GROUP_SEPARATOR));
    match rest {
        Some(rest) => split(rest, false),
        None if begins_with_checked_number(text) => split(text, true),
        None => None,
    }
}

/// Only a right check digit tells a bare element string from any other row of digits.
fn begins_with_checked_number(text: &str) -> bool {
    let number = |key: &str, length| text.strip_prefix(key).and_then(|rest| rest.get(..length));
    number("01", 14).is_some_and(|gtin| Gtin::parse(gtin).is_some())
        || number("00", 18).is_some_and(|sscc| ai::is_checked(sscc, 18))
}

/// `None` where the string is not built as one. In a `bare` one every identifier must be known and every element
/// whole; a flagged one is surely an element string, and what is unknown in it is skipped up to the next separator.
fn split(mut rest: &str, bare: bool) -> Option<Elements<'_>> {
    let mut elements = Elements::default();
    loop {
        rest = rest.trim_start_matches(GROUP_SEPARATOR);
        if rest.is_empty() {
            return Some(elements);
        }
        let (key, value, after) = match key_length(rest) {
            Some(length) => element(rest, length)?,
            None if bare => return None,
            None => ("", "", rest.find(GROUP_SEPARATOR).map_or("", |end| &rest[end..])),
        };
        let is_short = predefined_length(key).is_some_and(|length| value.len() < length);
        if is_short && (bare || key != "17") {
            return None;
        }
        elements.push(key, value);
        rest = after;
    }
}

/// Identifier and data of the first element, and what comes after it.
fn element(rest: &str, key_length: usize) -> Option<(&str, &str, &str)> {
    let (key, data) = rest.split_at_checked(key_length).filter(|(key, _)| is_key(key))?;
    let end = data.find(GROUP_SEPARATOR).unwrap_or(data.len());
    let end = predefined_length(key).map_or(end, |length| length.min(end));
    let (value, after) = data.split_at_checked(end)?;
    Some((key, value, after))
}

/// `(01)06901234567892(10)A-1 (17)261231`: a value ends where the next bracketed identifier begins.
pub(super) fn bracketed(text: &str) -> Option<Elements<'_>> {
    let mut elements = Elements::default();
    let (mut key, mut rest) = bracketed_key(text)?;
    loop {
        let next = rest.match_indices('(').find_map(|(at, _)| Some((at, bracketed_key(&rest[at..])?)));
        let end = next.map_or(rest.len(), |(at, _)| at);
        elements.push(key, rest[..end].trim());
        let Some((_, after)) = next else { return Some(elements) };
        (key, rest) = after;
    }
}

/// `(10)…`: the identifier and what comes after its bracket.
fn bracketed_key(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('(')?;
    // No identifier is longer, and a text full of brackets must not be searched to its end at each of them.
    let end = text.bytes().take(KEY_LIMIT + 1).position(|byte| byte == b')')?;
    let (key, rest) = text.split_at(end);
    (key_length(key) == Some(end) && is_key(key)).then_some((key, &rest[1..]))
}
