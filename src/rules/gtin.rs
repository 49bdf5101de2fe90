//! Global Trade Item Numbers and their check digit (GS1 General Specifications, section 7.9).

use std::fmt;

use super::code::Gtin;

impl Gtin {
    /// A GTIN from 8, 12, 13 or 14 digits whose last one is the right check digit.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let right_length = matches!(digits.len(), 8 | 12 | 13 | 14);
        if !right_length || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let number = digits.parse().ok()?;
        has_right_check_digit(digits.as_bytes()).then_some(Self(number))
    }

    /// The number, at most fourteen digits.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The GTIN with this number, if its check digit is right.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        Self::parse(&format!("{number:014}"))
    }

    /// The GTIN that has these digits, at most thirteen, before its check digit.
    #[must_use]
    pub fn with_check_digit(digits: u64) -> Option<Self> {
        (0..10).find_map(|check| Self::from_number(digits.checked_mul(10)? + check))
    }
}

/// The weighted sum of a GS1 key is a multiple of ten; from the right the weights are 1, 3, 1, 3 …
pub(super) fn has_right_check_digit(digits: &[u8]) -> bool {
    let weights = [1, 3].into_iter().cycle();
    let sum: u32 = digits.iter().rev().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    sum.is_multiple_of(10)
}

impl fmt::Display for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:014}", self.0)
    }
}

impl From<Gtin> for String {
    fn from(gtin: Gtin) -> Self {
        gtin.to_string()
    }
}

impl TryFrom<String> for Gtin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
            .ok_or_else(|| format!("`{text}` is not a GTIN: 8, 12, 13 or 14 digits, the last one a check digit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lengths_become_fourteen_digits() {
        let padded = |digits| Gtin::parse(digits).map(|gtin| gtin.to_string());
        assert_eq!(padded("96385074"), Some("00000096385074".to_owned()));
        assert_eq!(padded("036000291452"), Some("00036000291452".to_owned()));
        assert_eq!(padded("6901234567892"), Some("06901234567892".to_owned()));
        assert_eq!(padded("16901234567899"), Some("16901234567899".to_owned()));
    }

    #[test]
    fn every_wrong_digit_is_found() {
        let right = *b"06901234567892";
        for at in 0..right.len() {
            for digit in (b'0'..=b'9').filter(|digit| *digit != right[at]) {
                let mut wrong = right;
                wrong[at] = digit;
                assert_eq!(Gtin::parse(std::str::from_utf8(&wrong).unwrap()), None);
            }
        }
    }

    #[test]
    fn other_lengths_and_characters_are_no_gtins() {
        for digits in ["", "0", "690123456789", "106901234567892", "069012345678 2", "-6901234567892", "０６９０"] {
            assert_eq!(Gtin::parse(digits), None, "{digits}");
        }
        assert_eq!(Gtin::from_number(u64::MAX), None);
        assert_eq!(Gtin::from_number(6_901_234_567_892).map(Gtin::number), Some(6_901_234_567_892));
        assert_eq!(Gtin::with_check_digit(690_123_456_789).map(Gtin::number), Some(6_901_234_567_892));
        assert_eq!([Gtin::with_check_digit(10_000_000_000_000), Gtin::with_check_digit(u64::MAX)], [None; 2]);
    }
}
