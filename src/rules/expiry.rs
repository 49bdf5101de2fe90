//! Expiry dates as GS1 writes them: `YYMMDD` (GS1 General Specifications, sections 3.4.7 and 7.12).

use std::fmt;

use jiff::civil::Date;

use super::code::Expiry;

/// The year in which this program was written: the century of a two-digit year is chosen around it, so that a wrong
/// clock cannot change what a label says.
const CENTURY_YEAR: i16 = 2026;

impl Expiry {
    /// An expiry from its six digits; `DD` 00 means the last day of the month.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let digits: [u8; 6] = digits.as_bytes().try_into().ok()?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let pair = |at: usize| i8::try_from((digits[at] - b'0') * 10 + digits[at + 1] - b'0').ok();
        let (month, day) = (pair(2)?, pair(4)?);
        let first = Date::new(full_year(i16::from(pair(0)?)), month, day.max(1)).ok()?;
        let last_day = if day == 0 { first.last_of_month() } else { first };
        Some(Self { digits, last_day })
    }

    /// The last day on which the goods are good.
    #[must_use]
    pub const fn last_day(self) -> Date {
        self.last_day
    }
}

/// The century rule of GS1: more than 50 years ahead belongs to the last century, 50 or more behind to the next.
fn full_year(year: i16) -> i16 {
    let century = CENTURY_YEAR - CENTURY_YEAR % 100;
    match year - CENTURY_YEAR % 100 {
        51..=99 => century - 100 + year,
        -99..=-50 => century + 100 + year,
        _ => century + year,
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.digits))
    }
}

impl From<Expiry> for String {
    fn from(expiry: Expiry) -> Self {
        expiry.to_string()
    }
}

impl TryFrom<String> for Expiry {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not an expiry date `YYMMDD`"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn day_00_is_the_last_day_of_its_month() {
        let last_day = |digits| Expiry::parse(digits).map(Expiry::last_day);
        assert_eq!(last_day("261200"), Some(date(2026, 12, 31)));
        assert_eq!(last_day("270200"), Some(date(2027, 2, 28)));
        assert_eq!(last_day("280200"), Some(date(2028, 2, 29)));
        assert_eq!(last_day("261231"), Some(date(2026, 12, 31)));
    }

    #[test]
    fn century_is_chosen_around_the_year_of_the_program() {
        let year = |digits| Expiry::parse(digits).map(|expiry| expiry.last_day().year());
        assert_eq!(year("000101"), Some(2000));
        assert_eq!(year("260101"), Some(2026));
        assert_eq!(year("760101"), Some(2076));
        assert_eq!(year("770101"), Some(1977));
        assert_eq!(year("991231"), Some(1999));
    }

    #[test]
    fn what_is_no_date_is_no_expiry() {
        for digits in ["", "26123", "2612311", "261301", "260001", "260230", "270229", "26123a", "+61231", "２６"] {
            assert_eq!(Expiry::parse(digits), None, "{digits}");
        }
    }
}
