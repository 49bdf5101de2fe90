//! How a kiosk was when it was last seen: its own word, held against the authority's clock and what is here of its journal.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::hub::HubFault;
use crate::hub::database::Row;
use crate::rules::condition::Condition;
use crate::rules::text::Text;

/// A clock that is no further off is right: the way to the hub takes its time too.
const RIGHT_S: i64 = 5;

/// How a kiosk was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The version of its program, if it said it.
    pub program: Option<String>,
    /// The release of its list; nothing if it had none.
    pub list: Option<u64>,
    /// How long before the authority had vouched for that list, in seconds.
    pub list_age_s: Option<i64>,
    /// How many rows of its journal are not here yet, if it said how many it has.
    pub waiting: Option<u64>,
    /// How far its clock was ahead, in seconds, if it said its time; below 0 it was behind.
    pub clock_off_s: Option<i64>,
}

impl Said {
    /// From the columns with the moment, the word, and how far the journal is here. Nothing where there is no word; one that
    /// this program cannot read is none, for it must not hide the other kiosks.
    pub(super) fn read(row: &Row<'_>, [seen, said, reached]: [usize; 3]) -> Result<Option<Self>, HubFault> {
        let Some(word) = row.text_or_null(said)? else { return Ok(None) };
        let (seen, reached): (_, Option<u64>) = (row.time(seen)?, row.get(reached)?);
        let word = serde_json::from_str(word).ok();
        Ok(word.map(|word| Self::of(word, seen, reached.unwrap_or_default())))
    }

    fn of(said: Condition, seen: Timestamp, reached: u64) -> Self {
        Self {
            program: said.program,
            list: said.list.map(|list| list.version),
            // The clocks of two hubs may differ by a moment.
            list_age_s: said.list.map(|list| seen.duration_since(list.issued).as_secs().max(0)),
            waiting: said.rows.map(|rows| rows.saturating_sub(reached)),
            clock_off_s: said.at.map(|at| at.duration_since(seen).as_secs()),
        }
    }

    /// How far its clock was off, in words.
    #[must_use]
    pub fn clock(&self) -> Option<Text> {
        let ahead_s = self.clock_off_s?;
        let off_s = ahead_s.saturating_abs();
        let Text { zh, en } = span(off_s);
        Some(if off_s <= RIGHT_S {
            Text::new("准确", "right")
        } else if ahead_s < 0 {
            Text::new(format!("慢 {zh}"), format!("{en} behind"))
        } else {
            Text::new(format!("快 {zh}"), format!("{en} ahead"))
        })
    }
}

/// A time in words, as exact as a person needs it: `40 s`, `12 min`, `30 h`, `9 d`.
#[must_use]
pub fn span(seconds: i64) -> Text {
    let span = SignedDuration::from_secs(seconds);
    let (hours, minutes) = (span.as_hours(), span.as_mins());
    match (hours, minutes) {
        (48.., _) => Text::new(format!("{} 天", hours / 24), format!("{} d", hours / 24)),
        (1.., _) => Text::new(format!("{hours} 小时"), format!("{hours} h")),
        (_, 1..) => Text::new(format!("{minutes} 分钟"), format!("{minutes} min")),
        _ => Text::new(format!("{seconds} 秒"), format!("{seconds} s")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::condition::Held;

    fn said(at: &str) -> Said {
        let at = at.parse().expect("a time");
        let list = Some(Held { version: 41, issued: "2026-11-27T02:00:00Z".parse().expect("a time") });
        let condition = Condition { program: Some("0.1.0".to_owned()), at: Some(at), rows: Some(9), list };
        Said::of(condition, "2026-11-28T08:00:00Z".parse().expect("a time"), 7)
    }

    #[test]
    fn a_word_is_held_against_the_hubs_clock_and_rows() {
        let said = said("2026-11-28T08:00:03Z");
        assert_eq!((said.list, said.list_age_s), (Some(41), Some(30 * 3600)));
        assert_eq!((said.waiting, said.clock_off_s), (Some(2), Some(3)));
    }

    #[test]
    fn a_clock_is_told_in_words() {
        let told = |at: &str| said(at).clock().expect("a clock").en;
        assert_eq!(told("2026-11-28T08:00:05Z"), "right");
        assert_eq!(told("2026-11-28T07:59:54Z"), "6 s behind");
        assert_eq!(told("2026-11-28T08:03:20Z"), "3 min ahead");
        assert_eq!(told("2026-11-27T08:00:00Z"), "24 h behind");
        assert_eq!(told("1970-01-01T00:00:00Z"), "20785 d behind");
    }
}
