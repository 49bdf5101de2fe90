//! What a kiosk says of itself whenever it talks to its hub, so that officers see how it is without going there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest version of a program that is taken, in characters.
pub const PROGRAM_LIMIT: usize = 40;
/// The highest release and the highest row that are taken: further than any authority or journal gets.
pub const NUMBER_LIMIT: u64 = u32::MAX as u64;

/// How a kiosk is, by its own word. What a newer kiosk says besides is left out, and what an older one does not say is not
/// known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The version of its program.
    pub program: Option<String>,
    /// What its clock says at that moment, right or wrong.
    pub at: Option<Timestamp>,
    /// The number of its journal's newest row.
    pub rows: Option<u64>,
    /// The list that it judges by; nothing if it has none.
    pub list: Option<Held>,
}

/// A list on a kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The release.
    pub version: u64,
    /// When the authority last vouched for it.
    pub issued: Timestamp,
}

impl Condition {
    /// Whether every part keeps its limit. What does not is no kiosk's word, and is not kept.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let of_version = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '+' | '-');
        let is_version =
            |program: &String| (1..=PROGRAM_LIMIT).contains(&program.len()) && program.chars().all(of_version);
        self.program.as_ref().is_none_or(is_version)
            && self.rows.is_none_or(|rows| rows <= NUMBER_LIMIT)
            && self.list.is_none_or(|list| list.version <= NUMBER_LIMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_beyond_its_limit_makes_the_whole_unsound() {
        let at = Timestamp::UNIX_EPOCH;
        let sound = Condition { program: Some("0.1.0-rc.1+pi".to_owned()), at: Some(at), rows: Some(7), list: None };
        let list = |version| Some(Held { version, issued: at });
        let program = |program: &str| Condition { program: Some(program.to_owned()), ..sound.clone() };
        assert!(sound.is_sound());
        assert!(Condition { rows: Some(NUMBER_LIMIT), list: list(NUMBER_LIMIT), ..sound.clone() }.is_sound());
        assert!(program(&"1".repeat(PROGRAM_LIMIT)).is_sound());
        for broken in [
            program(""),
            program("1 2"),
            program("<b>"),
            program("一"),
            program(&"1".repeat(PROGRAM_LIMIT + 1)),
            Condition { rows: Some(NUMBER_LIMIT + 1), ..sound.clone() },
            Condition { list: list(NUMBER_LIMIT + 1), ..sound.clone() },
        ] {
            assert!(!broken.is_sound(), "{broken:?}");
        }
    }
}
