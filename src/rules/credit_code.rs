//! Unified social credit codes, which name a firm in China, and their check character (GB 32100-2015).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The thirty-one characters, in the order of their values; I, O, S, V and Z are left out, for they look like others.
const CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const LENGTH: usize = 18;

/// A unified social credit code whose check character is right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode(String);

impl CreditCode {
    /// The code that `text` spells, in upper case; small letters are taken for large ones.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.to_ascii_uppercase();
        let values: Vec<usize> = code.bytes().map(value).collect::<Option<_>>()?;
        let (check, body) = values.split_last().filter(|_| values.len() == LENGTH)?;
        (*check == check_value(body)).then_some(Self(code))
    }

    /// Its eighteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn value(character: u8) -> Option<usize> {
    CHARACTERS.iter().position(|known| *known == character)
}

/// The weights are the powers of three, modulo 31; the sum with the check character is a multiple of it.
fn check_value(body: &[usize]) -> usize {
    let (sum, _) = body.iter().fold((0, 1), |(sum, weight), value| (sum + value * weight, weight * 3 % 31));
    (31 - sum % 31) % 31
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CreditCode> for String {
    fn from(code: CreditCode) -> Self {
        code.0
    }
}

impl TryFrom<String> for CreditCode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| {
            format!("`{text}` is not a unified social credit code: 18 characters, the last one a check character")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard.
    const RIGHT: &str = "91350100M000100Y43";

    #[test]
    fn the_example_of_the_standard_is_right_in_small_letters_too() {
        assert_eq!(CreditCode::parse(RIGHT).map(String::from).as_deref(), Some(RIGHT));
        assert_eq!(CreditCode::parse(&RIGHT.to_lowercase()), CreditCode::parse(RIGHT));
    }

    #[test]
    fn every_wrong_character_is_found() {
        for at in 0..LENGTH {
            for other in CHARACTERS.iter().filter(|other| **other != RIGHT.as_bytes()[at]) {
                let mut wrong = RIGHT.as_bytes().to_vec();
                wrong[at] = *other;
                assert_eq!(CreditCode::parse(std::str::from_utf8(&wrong).unwrap()), None, "{at}");
            }
        }
    }

    #[test]
    fn other_lengths_and_characters_are_no_codes() {
        for text in ["", "4", "91350100M000100Y4", "91350100M000100Y431", "91350100M000I00Y43", "９1350100M000100Y43"]
        {
            assert_eq!(CreditCode::parse(text), None, "{text}");
        }
        // Nothing but zeros has a right check character and is a code all the same to the standard's arithmetic.
        assert!(CreditCode::parse("000000000000000000").is_some());
    }
}
