//! What an address asks for: a label, a product without a signature, or nothing that this resolver answers.
//!
//! Phones and the programs between hand addresses on with percent signs, a stroke at the end and parameters of their
//! own. All of that is taken off here, and what is left is spelled as a label is; whether it is one is decided by
//! [`label::parse`] and [`label::verify`] alone (GS1 Digital Link URI Syntax 1.6, sections 4.1, 4.9 and 4.10).

use std::borrow::Cow;
use std::fmt::Write;

use percent_encoding::{percent_decode_str, utf8_percent_encode};

use crate::hub::outside::UNRESERVED;
use crate::rules::code::{Expiry, Gtin, Product, Refusal, SignedLabel};
use crate::rules::label;
use crate::rules::text::Text;

/// A first part with this many digits can only be meant as a signature, as the kiosk has it too.
const CLAIM_DIGITS: usize = 100;
/// Digits of a whole signature.
const STEM_DIGITS: usize = 176;
/// A lot, a serial or a variant has no more characters.
const VALUE_LIMIT: usize = 20;
/// No compressed link is shorter.
const COMPRESSED_LENGTH: usize = 12;
/// Other things that a GS1 Digital Link can be about, by their application identifiers.
const OTHER_KEYS: [&str; 18] = [
    "00", "253", "255", "401", "402", "410", "411", "412", "413", "414", "415", "417", "8003", "8004", "8006", "8010",
    "8017", "8018",
];

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::hub::web) enum Asked {
    /// A label; nothing of it is verified yet.
    Label(Box<SignedLabel>),
    /// It claims a signature and breaks the grammar of a label.
    Broken(Refusal),
    /// A product, without a signature.
    Product(Product),
}

impl Asked {
    /// The one spelling of it, from the first stroke on.
    pub fn path(&self) -> String {
        match self {
            Self::Label(label) => path_of(label),
            Self::Broken(_) => "/".to_owned(),
            Self::Product(product) => product_path(product),
        }
    }
}

/// What the path and the query of an address ask for. `None` is no Digital Link at all; an error says what is wrong with
/// one, and what to do.
pub(super) fn read(path: &str, query: Option<&str>) -> Option<Result<Asked, Text>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let parts: Vec<Cow<'_, str>> = path.split('/').map(decoded).collect::<Option<_>>()?;
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    match parts.as_slice() {
        ["01", rest @ ..] => Some(product(rest, query)),
        [stem, "01", ..] if digits(stem) >= CLAIM_DIGITS => Some(Ok(claim(&parts, query))),
        [stem, rest @ ..] if is_digits(stem) && (stem.len() > 14 || rest.first() == Some(&"01")) => {
            Some(Err(torn(stem.len(), rest.is_empty())))
        }
        [key, _, ..] if OTHER_KEYS.contains(key) => Some(Err(other_key(key))),
        [part] if is_compressed(part) => Some(Err(compressed())),
        _ => None,
    }
}

/// The address of a label on this host, from the first stroke on.
pub(super) fn path_of(label: &SignedLabel) -> String {
    const SCHEME_AND_HOST: usize = "https://H".len();
    label.to_text("H").split_off(SCHEME_AND_HOST)
}

/// The address of a product without a signature.
pub(super) fn product_path(product: &Product) -> String {
    let Product { gtin, lot, serial, expiry } = product;
    let mut path = format!("/01/{gtin}");
    for (key, value) in [("10", lot), ("21", serial)] {
        if let Some(value) = value {
            let _ = write!(path, "/{key}/{}", utf8_percent_encode(value, UNRESERVED));
        }
    }
    if let Some(expiry) = expiry {
        let _ = write!(path, "?17={expiry}");
    }
    path
}

/// What carries something like a signature is a label or nothing.
fn claim(parts: &[&str], query: Option<&str>) -> Asked {
    // These would end a part where the label's maker did not.
    if parts.iter().any(|part| part.contains(['/', '?', '#'])) {
        return Asked::Broken(Refusal::Element);
    }
    let elements: Vec<String> = elements(query).map(|(key, value)| format!("{key}={value}")).collect();
    let mut text = format!("https://H/{}", parts.join("/"));
    if !elements.is_empty() {
        text = format!("{text}?{}", elements.join("&"));
    }
    label::parse(&text).map_or_else(Asked::Broken, |label| Asked::Label(Box::new(label)))
}

fn product(rest: &[&str], query: Option<&str>) -> Result<Asked, Text> {
    let Some((digits, rest)) = rest.split_first() else { return Err(no_gtin()) };
    let gtin = Gtin::parse(digits).ok_or_else(|| wrong_gtin(digits))?;
    let mut product = Product { gtin, lot: None, serial: None, expiry: expiry(query)? };
    let mut order = ["22", "10", "21"].iter();
    for pair in rest.chunks(2) {
        let [key, value] = pair else { return Err(no_value(pair[0])) };
        // Each at most once and in this order, so what was passed over cannot come any more.
        if !order.any(|known| known == key) {
            return Err(wrong_qualifier(key));
        }
        let length = value.chars().count();
        if !(1..=VALUE_LIMIT).contains(&length) || value.chars().any(char::is_control) {
            return Err(wrong_value(key));
        }
        match *key {
            "10" => product.lot = Some((*value).to_owned()),
            "21" => product.serial = Some((*value).to_owned()),
            _ => {}
        }
    }
    Ok(Asked::Product(product))
}

/// Other elements of the query are attributes that no answer depends on.
fn expiry(query: Option<&str>) -> Result<Option<Expiry>, Text> {
    let mut days = elements(query).filter(|(key, _)| key == "17").map(|(_, value)| value);
    let Some(day) = days.next() else { return Ok(None) };
    let expiry = Expiry::parse(&day).filter(|_| days.all(|other| other == day));
    expiry.map(Some).ok_or_else(|| wrong_expiry(&day))
}

/// Elements of a query: whatever has no number for its name is a parameter of somebody's own.
fn elements(query: Option<&str>) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let pairs = query.unwrap_or_default().split(['&', ';']).filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(key, value)| Some((decoded(key)?, decoded(value)?))).filter(|(key, _)| is_digits(key))
}

fn decoded(part: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(part).decode_utf8().ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Base 64 for addresses, with signs that no path of ours has beside each other.
fn is_compressed(part: &str) -> bool {
    let right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let has = |what: fn(&u8) -> bool| part.as_bytes().iter().any(what);
    part.len() >= COMPRESSED_LENGTH
        && part.bytes().all(right)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

fn torn(digits: usize, ends: bool) -> Text {
    if ends && digits == STEM_DIGITS {
        return Text::new(
            "网址不完整：签名后面缺少商品条码，请重新扫描标签",
            "the address is torn: the product's number is missing behind the signature; scan the label again",
        );
    }
    Text::new(
        format!("网址不完整：签名应有 {STEM_DIGITS} 位数字，这里有 {digits} 位，请重新扫描标签"),
        format!(
            "the address is torn: its signature should have {STEM_DIGITS} digits and has {digits}; scan the label again"
        ),
    )
}

fn no_gtin() -> Text {
    Text::new("“/01/”后面缺少商品条码，请补上 14 位数字", "`/01/` wants a GTIN behind it; write its fourteen digits")
}

fn wrong_gtin(digits: &str) -> Text {
    if !is_digits(digits) {
        let zh = format!("“{digits}”不是商品条码：只能是数字，请核对");
        return Text::new(zh, format!("`{digits}` is no GTIN: it has other signs than digits; look at it again"));
    }
    if !matches!(digits.len(), 8 | 12 | 13 | 14) {
        let length = digits.len();
        let zh = format!("“{digits}”不是商品条码：应为 14 位数字，这里有 {length} 位，请核对");
        return Text::new(
            zh,
            format!("`{digits}` is no GTIN: it should have 14 digits and has {length}; look at it again"),
        );
    }
    let zh = format!("“{digits}”不是商品条码：校验位不符，请核对每一位数字");
    Text::new(zh, format!("`{digits}` is no GTIN: its check digit does not fit; compare every digit"))
}

fn no_value(key: &str) -> Text {
    let zh = format!("网址不完整：“/{key}”后面缺少内容，请重新扫描");
    Text::new(zh, format!("the address is torn: nothing stands behind `/{key}`; scan the code again"))
}

fn wrong_qualifier(key: &str) -> Text {
    let zh = format!("“/{key}/”不能出现在这里：商品条码后面只能依次是 22、10、21，其余请放到“?”后面");
    let en =
        format!("`/{key}/` cannot stand here: behind a GTIN come 22, 10 and 21 in this order, all else behind the `?`");
    Text::new(zh, en)
}

fn wrong_value(key: &str) -> Text {
    let zh = format!("“/{key}/”后面应为 1 至 {VALUE_LIMIT} 个字符，请核对");
    Text::new(zh, format!("what stands behind `/{key}/` should have 1 to {VALUE_LIMIT} characters; look at it again"))
}

fn wrong_expiry(day: &str) -> Text {
    let zh = format!("有效期“{day}”不是 YYMMDD 形式的日期，请核对");
    Text::new(zh, format!("the expiry `{day}` is no date as `YYMMDD`; look at it again"))
}

fn other_key(key: &str) -> Text {
    let zh = format!("本站只回答商品（01），不回答（{key}），请扫描商品上的码");
    Text::new(zh, format!("this resolver answers for products (01) and not for ({key}); scan the product's code"))
}

fn compressed() -> Text {
    Text::new(
        "本站不读取压缩的 GS1 网址，请使用未压缩的“/01/…”形式",
        "compressed GS1 links are not read here; use the one that begins with `/01/`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product_of(path: &str, query: &str) -> Product {
        match read(path, Some(query)) {
            Some(Ok(Asked::Product(product))) => product,
            other => panic!("{path}: {other:?}"),
        }
    }

    fn refused(path: &str) -> String {
        read(path, None).expect("a digital link").expect_err("refused").en
    }

    #[test]
    fn a_product_is_found_however_its_address_was_handed_on() {
        let plain = product_of("/01/06901234567892/10/A-1/21/S.9", "17=261231");
        assert_eq!((plain.lot.as_deref(), plain.serial.as_deref()), (Some("A-1"), Some("S.9")));
        assert_eq!(product_of("/01/6901234567892/10/A%2D1/21/S.9/", "utm=1&17=261231&linkType=gs1%3Apip"), plain);
        assert_eq!(product_path(&plain), "/01/06901234567892/10/A-1/21/S.9?17=261231");
        let odd = product_of("/01/06901234567892/22/V/10/%E7%94%B2%2F1", "3103=000189");
        assert_eq!(odd.lot.as_deref(), Some("甲/1"));
        assert_eq!(product_path(&odd), "/01/06901234567892/10/%E7%94%B2%2F1");
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        assert!(refused("/01").starts_with("`/01/` wants a GTIN"));
        assert!(refused("/01/69012345678O2").contains("other signs than digits"));
        assert!(refused("/01/690123456789").contains("check digit"));
        assert!(refused("/01/69012345").contains("check digit"));
        assert!(refused("/01/690123").contains("has 6"));
        assert!(refused("/01/06901234567892/10").contains("nothing stands behind `/10`"));
        assert!(refused("/01/06901234567892/17/261231").contains("`/17/` cannot stand here"));
        assert!(refused("/01/06901234567892/21/S/10/L").contains("`/10/` cannot stand here"));
        assert!(refused(&format!("/01/06901234567892/10/{}", "A".repeat(21))).contains("1 to 20"));
        assert!(refused("/414/6901234567892").contains("not for (414)"));
        assert!(refused("/AQnYUc1gmiCNV4JGYgYAAAA").contains("compressed"));
        assert!(refused("/1234/01/06901234567892").contains("176 digits and has 4"));
        assert!(refused(&"1".repeat(176)[..].replacen('1', "/1", 1)).contains("is missing behind"));
        assert!(read("/01/06901234567892", Some("17=261301")).expect("a link").is_err());
        assert!(read("/01/06901234567892", Some("17=261231&17=261230")).expect("a link").is_err());
    }

    #[test]
    fn other_pages_are_no_digital_links() {
        for path in ["/", "/console", "/api/v1/listings", "/nothing-like-it", "/a/01/06901234567892", "/%FF/01/1"] {
            assert_eq!(read(path, None), None, "{path}");
        }
    }

    #[test]
    fn a_claim_is_a_label_or_nothing() {
        let stem = "1".repeat(176);
        for path in [
            format!("/{stem}x/01/06901234567892"),
            format!("/{stem}/01/06901234567892/10/A%2F21%2FB"),
            format!("/{stem}/01/6901234567892"),
        ] {
            assert!(matches!(read(&path, None), Some(Ok(Asked::Broken(_)))), "{path}");
        }
    }
}
