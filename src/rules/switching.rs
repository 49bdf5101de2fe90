//! How strictly a listing is reviewed, from what reviews found: the switching rules of ISO 2859-1 and skip-lot.
//!
//! ```text
//!              2 of 5 failed                5 failed on tightened
//!   ┌────────┐ ───────────▶ ┌───────────┐ ─────────────────────▶ ┌─────────┐
//!   │ normal │              │ tightened │                        │ stopped │
//!   └────────┘ ◀─────────── └───────────┘ ◀───────────────────── └─────────┘
//!    │      ▲   5 passed                     a person resumes
//!    │      │   in a row
//!    │ score 30, 15 passed in a row
//!    ▼      │ one failed, or a person says irregular
//!   ┌─────────┐   a person qualifies it after 10 more   ┌──────┐
//!   │ reduced │ ──────────────────────────────────────▶ │ skip │ one failed, or irregular: normal
//!   └─────────┘                                         └──────┘
//! ```
//!
//! A listing's items are its lots: each review passes or fails one. The switching score is that for acceptance
//! number 0: two for each one that passed, back to nothing when one fails.

use serde::{Deserialize, Serialize};

use super::record::ReviewLevel;

/// Reviews that are looked back at for two failures.
const WINDOW: u32 = 5;
/// Failures among them that tighten.
const FAILED_TIGHTEN: u32 = 2;
/// Passed in a row that end tightened.
const PASSED_RELAX: u32 = 5;
/// Failures on tightened, all together, that stop.
const FAILED_STOP: u32 = 5;
/// Passed in a row that reduce: a switching score of 30 at two each.
const PASSED_REDUCE: u32 = 15;
/// Passed in a row on reduced before a person may let it skip.
const PASSED_QUALIFY: u32 = 10;

/// Where a listing stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switching {
    /// The level, which goes out with the feed.
    pub level: ReviewLevel,
    /// Passed in a row at this level.
    #[serde(default)]
    pub passed: u32,
    /// Failed at this level.
    #[serde(default)]
    pub failed: u32,
    /// The last reviews at this level, newest in the lowest bit, 1 for failed.
    #[serde(default)]
    pub recent: u8,
}

/// What happened to a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A reviewed item was as it should be.
    Passed,
    /// A reviewed item was not.
    Failed,
    /// A person is satisfied that the cause of the failures is gone.
    Resumed,
    /// A person found that the supplier may do with no draw.
    Qualified,
    /// A person found that production is not steady.
    Irregular,
}

impl Switching {
    /// A listing that comes to a level.
    #[must_use]
    pub const fn at(level: ReviewLevel) -> Self {
        Self { level, passed: 0, failed: 0, recent: 0 }
    }

    /// Where it stands afterwards.
    ///
    /// # Errors
    /// A person's word that makes no sense at this level, and what does.
    pub fn after(self, outcome: Outcome) -> Result<Self, &'static str> {
        match outcome {
            Outcome::Passed => Ok(self.passed()),
            Outcome::Failed => Ok(self.failed()),
            Outcome::Resumed if self.level == ReviewLevel::Stopped => Ok(Self::at(ReviewLevel::Tightened)),
            Outcome::Resumed => Err("only what is stopped can be resumed"),
            Outcome::Qualified if self.level == ReviewLevel::Reduced && self.passed >= PASSED_QUALIFY => {
                Ok(Self::at(ReviewLevel::Skip))
            }
            Outcome::Qualified => Err("only what is reduced and passed 10 reviews in a row there can skip them"),
            Outcome::Irregular => match self.level {
                ReviewLevel::Skip | ReviewLevel::Reduced => Ok(Self::at(ReviewLevel::Normal)),
                ReviewLevel::Normal => Ok(Self { passed: 0, ..self }),
                ReviewLevel::Tightened | ReviewLevel::Stopped => {
                    Err("it is reviewed more strictly than normal already")
                }
            },
        }
    }

    fn passed(self) -> Self {
        let passed = self.passed.saturating_add(1);
        match self.level {
            ReviewLevel::Normal if passed >= PASSED_REDUCE => Self::at(ReviewLevel::Reduced),
            ReviewLevel::Tightened if passed >= PASSED_RELAX => Self::at(ReviewLevel::Normal),
            // Only a person lets a stopped one go on.
            ReviewLevel::Stopped => self,
            ReviewLevel::Skip | ReviewLevel::Reduced | ReviewLevel::Normal | ReviewLevel::Tightened => {
                Self { passed, recent: self.recent << 1, ..self }
            }
        }
    }

    fn failed(self) -> Self {
        let failed = self.failed.saturating_add(1);
        let recent = self.recent << 1 | 1;
        let window = recent & ((1 << WINDOW) - 1);
        match self.level {
            ReviewLevel::Skip | ReviewLevel::Reduced => {
                // The failure counts on the level that it leads to.
                Self { failed: 1, recent: 1, ..Self::at(ReviewLevel::Normal) }
            }
            ReviewLevel::Normal if window.count_ones() >= FAILED_TIGHTEN => Self::at(ReviewLevel::Tightened),
            ReviewLevel::Tightened if failed >= FAILED_STOP => Self::at(ReviewLevel::Stopped),
            ReviewLevel::Stopped => self,
            ReviewLevel::Normal | ReviewLevel::Tightened => Self { passed: 0, failed, recent, ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.` passes, `x` fails, `r` resumes, `q` qualifies, `i` is irregular.
    fn played(from: ReviewLevel, outcomes: &str) -> Switching {
        outcomes.chars().fold(Switching::at(from), |state, outcome| {
            let outcome = match outcome {
                '.' => Outcome::Passed,
                'x' => Outcome::Failed,
                'r' => Outcome::Resumed,
                'q' => Outcome::Qualified,
                'i' => Outcome::Irregular,
                other => panic!("{other}"),
            };
            state.after(outcome).unwrap()
        })
    }

    #[test]
    fn levels_switch_as_the_standard_says() {
        let normal = ReviewLevel::Normal;
        let fifteen = ".".repeat(15);
        for (from, outcomes, level) in [
            (normal, "x....", normal),
            (normal, "x...x", ReviewLevel::Tightened),
            (normal, "x....x", normal),
            (normal, &fifteen[1..], normal),
            (normal, &fifteen, ReviewLevel::Reduced),
            (normal, ".......x...............", ReviewLevel::Reduced),
            (normal, ".......x..............", normal),
            (ReviewLevel::Tightened, "....", ReviewLevel::Tightened),
            (ReviewLevel::Tightened, "....x....", ReviewLevel::Tightened),
            (ReviewLevel::Tightened, "x.....", normal),
            (ReviewLevel::Tightened, "x.x.x.x.", ReviewLevel::Tightened),
            (ReviewLevel::Tightened, "x.x.x.x.x", ReviewLevel::Stopped),
            (ReviewLevel::Stopped, "......", ReviewLevel::Stopped),
            (ReviewLevel::Stopped, "xr", ReviewLevel::Tightened),
            (ReviewLevel::Reduced, "x", normal),
            (ReviewLevel::Reduced, "x.x", ReviewLevel::Tightened),
            (ReviewLevel::Reduced, "i", normal),
            (ReviewLevel::Reduced, "..........q", ReviewLevel::Skip),
            (ReviewLevel::Skip, "x", normal),
            (ReviewLevel::Skip, "i", normal),
        ] {
            assert_eq!(played(from, outcomes).level, level, "{from:?} {outcomes}");
        }
    }

    #[test]
    fn a_persons_word_that_makes_no_sense_is_refused() {
        let refused = |level, passed, outcome| Switching { passed, ..Switching::at(level) }.after(outcome).is_err();
        assert!(refused(ReviewLevel::Reduced, 9, Outcome::Qualified));
        assert!(refused(ReviewLevel::Normal, 12, Outcome::Qualified));
        assert!(refused(ReviewLevel::Normal, 0, Outcome::Resumed));
        assert!(refused(ReviewLevel::Stopped, 0, Outcome::Irregular));
    }
}
