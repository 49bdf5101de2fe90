//! The one spelling of a label: `https://HOST/STEM/01/GTIN14[/10/LOT][/21/SERIAL][?17=YYMMDD]`.
//!
//! Exact on purpose. A text that a lenient reader would still understand has been through other hands than the
//! authority's printer, and a second spelling would be a second road to green.

use std::fmt::Write;

use super::stem::{self, HeaderBytes};
use crate::rules::code::{Expiry, Gtin, Header, Product, Refusal, Scope, SignedLabel};

/// GS1's limit for lot and serial (General Specifications, sections 3.4.1 and 3.5.2).
const ELEMENT_LIMIT: usize = 20;

/// A label's text taken apart; nothing in it is verified yet.
///
/// # Errors
/// The first thing that breaks the grammar, in the order in which it is written: address, stem, header, elements.
pub fn parse(text: &str) -> Result<SignedLabel, Refusal> {
    if text.contains('#') {
        return Err(Refusal::Address);
    }
    let (address, query) = text.split_once('?').map_or((text, None), |(address, query)| (address, Some(query)));
    let mut segments = address.strip_prefix("https://").ok_or(Refusal::Address)?.split('/');
    if !segments.next().is_some_and(is_host) {
        return Err(Refusal::Address);
    }
    let (Some(stem), Some("01")) = (segments.next(), segments.next()) else { return Err(Refusal::Address) };
    let (header_bytes, signature) = stem::decode(stem)?;
    let header = stem::header(header_bytes)?;
    let mut product = path_elements(segments)?;
    product.expiry = query.map(expiry).transpose()?;
    checked(&header, &product)?;
    Ok(SignedLabel { header, signature, product })
}

impl SignedLabel {
    /// The text that is printed, with `host` (and its port, if any) in upper case: that is the shorter QR code, and
    /// the host is not signed.
    #[must_use]
    pub fn to_text(&self, host: &str) -> String {
        // A header that has no room in nine bytes cannot come out of `sign` or `parse`; zeros never verify.
        let header = stem::header_bytes(&self.header).unwrap_or_default();
        let stem = stem::encode(header, &self.signature);
        let Product { gtin, lot, serial, expiry } = &self.product;
        let mut text = format!("https://{}/{stem}/01/{gtin}", host.to_ascii_uppercase());
        for (key, value) in [("/10/", lot), ("/21/", serial)] {
            if let Some(value) = value {
                text.push_str(key);
                text.push_str(value);
            }
        }
        if let Some(expiry) = expiry {
            write!(text, "?17={expiry}").expect("a string takes everything");
        }
        text
    }
}

/// The header's bytes of a label that keeps the grammar.
///
/// # Errors
/// [`Refusal::Header`], [`Refusal::Element`] or [`Refusal::Scope`].
pub(super) fn checked(header: &Header, product: &Product) -> Result<HeaderBytes, Refusal> {
    let bytes = stem::header_bytes(header)?;
    if ![&product.lot, &product.serial].into_iter().flatten().all(|value| is_element(value)) {
        return Err(Refusal::Element);
    }
    let complete = match header.scope {
        Scope::Product => true,
        Scope::Lot => product.lot.is_some(),
        Scope::Item => product.serial.is_some(),
    };
    if complete { Ok(bytes) } else { Err(Refusal::Scope) }
}

/// `GTIN14[/10/LOT][/21/SERIAL]`.
fn path_elements<'a>(mut segments: impl Iterator<Item = &'a str>) -> Result<Product, Refusal> {
    let gtin = segments.next().filter(|digits| digits.len() == 14).and_then(Gtin::parse).ok_or(Refusal::Gtin)?;
    let mut product = Product { gtin, lot: None, serial: None, expiry: None };
    while let Some(key) = segments.next() {
        let value = segments.next().ok_or(Refusal::Address)?.to_owned();
        // An element that is there twice or out of order has no place that it could go to.
        match key {
            "10" if product.lot.is_none() && product.serial.is_none() => product.lot = Some(value),
            "21" if product.serial.is_none() => product.serial = Some(value),
            _ => return Err(Refusal::Scope),
        }
    }
    Ok(product)
}

/// `17=YYMMDD`.
fn expiry(query: &str) -> Result<Expiry, Refusal> {
    let (key, value) = query.split_once('=').ok_or(Refusal::Address)?;
    if key != "17" {
        let is_element = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        return Err(if is_element { Refusal::Scope } else { Refusal::Address });
    }
    if value.contains('&') {
        return Err(Refusal::Scope);
    }
    Expiry::parse(value).ok_or(Refusal::Expiry)
}

/// Whether a label can lead there: a name or an address of version 4, and a port if any.
#[must_use]
pub fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    !name.is_empty() && name.bytes().all(is_name) && is_port(port)
}

fn is_port(port: &str) -> bool {
    matches!(port.len(), 1..=5) && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

/// Whether a label can carry this lot or serial: characters that a QR code packs tightly, that need no percent-encoding
/// and that no canonical form uses itself.
#[must_use]
pub fn is_element(value: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    matches!(value.len(), 1..=ELEMENT_LIMIT) && value.bytes().all(is_allowed)
}
