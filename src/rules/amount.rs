//! What a laboratory measured, exactly: decimal numbers that compare the same on every machine.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Digits behind the point.
const DIGITS: usize = 6;
const UNIT: i64 = 1_000_000;
/// Most digits before the point.
const WHOLE: usize = 12;

/// A number that is not negative, with up to six digits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(i64);

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Measure {
    /// This much.
    Exactly(Amount),
    /// Less than the method can tell, `<0.1`.
    Below(Amount),
}

/// How a value stands to its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Within them.
    Within,
    /// Outside.
    Outside,
    /// The method is too coarse to tell.
    Unclear,
}

impl Amount {
    /// A number as people write it: `10`, `0.05`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) || whole.len() > WHOLE || part.len() > DIGITS {
            return None;
        }
        let millionths: i64 = format!("{part:0<DIGITS$}").parse().ok()?;
        Some(Self(whole.parse::<i64>().ok()? * UNIT + millionths))
    }
}

impl Measure {
    /// A value as reports write it: `2.1`, or `<0.1` where nothing was found.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('<') {
            Some(limit) => Amount::parse(limit.trim()).map(Self::Below),
            None => Amount::parse(text).map(Self::Exactly),
        }
    }

    /// How it stands to a least and a most value.
    #[must_use]
    pub fn fit(self, min: Option<Amount>, max: Option<Amount>) -> Fit {
        let is_above = |value| max.is_some_and(|max| value > max);
        match self {
            Self::Exactly(value) if min.is_none_or(|min| value >= min) && !is_above(value) => Fit::Within,
            Self::Below(value) if min.is_none_or(|min| value > min) => {
                // Below 12 may be 11 or 3; and it may be less than a least value that is smaller.
                let is_clear = min.is_none_or(|min| min == Amount(0)) && !is_above(value);
                if is_clear { Fit::Within } else { Fit::Unclear }
            }
            Self::Exactly(_) | Self::Below(_) => Fit::Outside,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / UNIT, self.0 % UNIT);
        if part == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{part:0DIGITS$}").trim_end_matches('0'))
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(value) => value.fmt(f),
            Self::Below(value) => write!(f, "<{value}"),
        }
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl TryFrom<String> for Amount {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no number; write one like `10` or `0.05`"))
    }
}

impl From<Measure> for String {
    fn from(measure: Measure) -> Self {
        measure.to_string()
    }
}

impl TryFrom<String> for Measure {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| {
            format!("`{text}` is no measured value; write a number like `2.1`, or `<0.1` where nothing was found")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    #[test]
    fn numbers_are_what_they_are_written_as() {
        for text in ["0", "10", "0.05", "999999999999.999999"] {
            assert_eq!(amount(text).to_string(), text);
        }
        assert_eq!(amount("2.50").to_string(), "2.5");
        assert!(amount("9.999999") < amount("10"));
        for text in ["", ".5", "5.", "-1", "+1", "1e3", "1,5", "0.0000001", "1000000000000", "１"] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_is_held_to_both_limits() {
        let fit = |value: &str, min: &str, max: &str| {
            Measure::parse(value).unwrap().fit(Amount::parse(min), Amount::parse(max))
        };
        assert_eq!(fit("10", "", "10"), Fit::Within);
        assert_eq!(fit("10.000001", "", "10"), Fit::Outside);
        assert_eq!(fit("4", "4", "8.5"), Fit::Within);
        assert_eq!(fit("3.9", "4", "8.5"), Fit::Outside);
        assert_eq!(fit("<10", "", "10"), Fit::Within);
        assert_eq!(fit("<12", "", "10"), Fit::Unclear);
        assert_eq!(fit("<4", "4", ""), Fit::Outside);
        assert_eq!(fit("<5", "4", ""), Fit::Unclear);
        assert_eq!(fit("<5", "0", "5"), Fit::Within);
    }
}
