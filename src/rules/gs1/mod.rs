//! What a scanned payload is: a quality code, another product code, a delivery's code, or any other text.
//!
//! Forms that are read: GS1 Digital Links, element strings (with a symbology identifier, after an FNC1, or bare from
//! `01` or `00` on), element strings as people write them with brackets, and plain GTINs. Sources: GS1 General
//! Specifications (sections 3, 5.10 and 7.8), GS1 Digital Link URI Syntax.
//!
//! Whoever reads leniently must not be fooled into green: a link that carries something like a signature is a
//! quality code or a broken one, never an unsigned product; and an unsigned code with an expiry that is no date, with
//! elements that contradict each other, or with a lot or serial that GS1 has no room for is broken too, because
//! leaving the doubtful element out would make a better code of it.

mod ai;
mod elements;
mod link;

use super::code::{Code, Expiry, Gtin, PAYLOAD_LIMIT, Product, Refusal};
use super::label;
use ai::Elements;

/// What `bytes`, the payload of a code, are. Never fails; what is not understood is [`Code::Other`].
#[must_use]
pub fn read(bytes: &[u8]) -> Code {
    if bytes.len() > PAYLOAD_LIMIT {
        return Code::Other;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return Code::Other };
    if link::claims_signature(text.trim()) {
        return label::parse(text).map_or_else(Code::Broken, Code::Signed);
    }
    unsigned(text.trim_matches(|character: char| character.is_ascii_whitespace()))
}

fn unsigned(text: &str) -> Code {
    if let Some(gtin) = Gtin::parse(text) {
        return Code::Unsigned(Product { gtin, lot: None, serial: None, expiry: None });
    }
    let elements = link::read(text).or_else(|| elements::bracketed(text)).or_else(|| elements::string(text));
    elements.map_or(Code::Other, |elements| product_or_delivery(&elements))
}

fn product_or_delivery(elements: &Elements) -> Code {
    let Some(digits) = elements.first("01") else { return delivery(elements).map_or(Code::Other, Code::Delivery) };
    let Some(gtin) = Gtin::parse(digits) else { return Code::Other };
    product(gtin, elements).map_or_else(Code::Broken, Code::Unsigned)
}

fn product(gtin: Gtin, elements: &Elements) -> Result<Product, Refusal> {
    elements.only("01")?;
    let expiry = elements.only("17")?.map(|digits| Expiry::parse(digits).ok_or(Refusal::Expiry)).transpose()?;
    Ok(Product { gtin, lot: name(elements, "10")?, serial: name(elements, "21")?, expiry })
}

/// A lot or a serial of at most GS1's 20 characters. Their alphabet is left to the printer: goods with a space in the
/// lot are at the dock every day, and nobody signed it anyway. An empty one says nothing.
fn name(elements: &Elements, key: &str) -> Result<Option<String>, Refusal> {
    let Some(name) = elements.only(key)?.filter(|name| !name.is_empty()) else { return Ok(None) };
    if name.chars().count() > 20 || name.chars().any(char::is_control) {
        return Err(Refusal::Element);
    }
    Ok(Some(name.to_owned()))
}

/// The shipment's own number, for example `(00)106141412345678908`; the one that says most about it wins.
fn delivery(elements: &Elements) -> Option<String> {
    ["00", "402", "401", "400"].into_iter().find_map(|key| {
        let id = elements.first(key).filter(|id| ai::is_delivery_id(key, id))?;
        Some(format!("({key}){id}"))
    })
}
