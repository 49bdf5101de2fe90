//! GS1 Digital Links: any scheme, host and stem, elements in path and query, percent-encoded.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::ai::{Elements, is_checked, is_delivery_id, is_digits, is_key};

/// A path segment with this many digits right before `/01/` can only be meant as a signature.
const CLAIM_DIGITS: usize = 100;

/// Whether `text` is a link to a product with something like a signature before it, whole or damaged. Such a text is
/// a quality code or nothing.
pub(super) fn claims_signature(text: &str) -> bool {
    let Some(Link { path, .. }) = Link::split(text) else { return false };
    let segments: Vec<_> = path.split('/').map(decoded).collect();
    let digits = |segment: &str| segment.bytes().filter(u8::is_ascii_digit).count();
    segments.windows(2).any(|pair| pair[1] == "01" && digits(&pair[0]) >= CLAIM_DIGITS)
}

/// The elements of a link, `None` if `text` is not one.
pub(super) fn read(text: &str) -> Option<Elements<'_>> {
    let Link { path, query, .. } = Link::split(text).filter(|link| !link.host.is_empty())?;
    let mut elements = path_elements(path)?;
    for parameter in query.split(['&', ';']) {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        elements.push(decoded(key), decoded(value));
    }
    Some(elements)
}

/// The parts of a link; whatever follows `#` matters to nobody.
struct Link<'a> {
    host: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Link<'a> {
    fn split(text: &'a str) -> Option<Self> {
        let rest = ["https://", "http://"].iter().find_map(|scheme| strip_prefix_ignoring_case(text, scheme))?;
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = address.split_once('/')?;
        Some(Self { host, path, query })
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The pairs of identifier and value at the path's end, up to whatever stem stands before them. `None` unless one of
/// them says what the link is about.
fn path_elements(path: &str) -> Option<Elements<'_>> {
    let segments: Vec<_> = path.strip_suffix('/').unwrap_or(path).split('/').map(decoded).collect();
    let mut elements = Elements::default();
    let mut is_about_something = false;
    // From the end, because a stem may have any number of segments and may look like anything.
    for pair in segments.rchunks_exact(2) {
        let (key, value) = (&pair[0], &pair[1]);
        let is_primary = is_primary(key, value);
        if !is_key(key) || (is_primary && is_about_something) {
            break;
        }
        is_about_something |= is_primary;
        elements.push(key.clone(), value.clone());
    }
    is_about_something.then_some(elements)
}

/// Whether a link can be about this: a product, a shipment, or a place that an order number may hang on.
fn is_primary(key: &str, value: &str) -> bool {
    match key {
        "01" => matches!(value.len(), 8 | 12..=14) && is_digits(value),
        "414" | "417" => is_checked(value, 13),
        "400" => false,
        _ => is_delivery_id(key, value),
    }
}

/// A part of the link without its percent-encoding; as it stands where that is not text.
fn decoded(part: &str) -> Cow<'_, str> {
    percent_decode_str(part).decode_utf8().unwrap_or(Cow::Borrowed(part))
}
