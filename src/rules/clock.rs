//! How far to believe the wall clock.
//!
//! A Raspberry Pi has no battery clock: after a power cut it may wake up in the past. The kiosk therefore remembers
//! the highest time that it has ever had reason to believe (the feed's signed issue time, the journal, its own
//! clock while that was trusted) and trusts the clock only while it has not fallen behind that.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether dates can be decided by the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockTrust {
    /// The clock is at or after every time that was believed before.
    Trusted,
    /// The clock is this many seconds behind a time that has certainly passed.
    Behind(i64),
    /// The clock is this many seconds ahead of the last believed time, further than a kiosk is ever stored.
    Ahead(i64),
}

/// A clock may fall back this far (time servers step small errors) and is still trusted.
pub const TOLERANCE_S: i64 = 120;
/// A clock this far ahead of everything known is not believed until a feed as new arrives.
pub const AHEAD_LIMIT_S: i64 = 400 * 24 * 3600;

/// The highest believed time, and with it the clock's trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    highest: Timestamp,
}

impl Clock {
    /// A clock that knows of `highest` as a time that has certainly passed: the newest of feed and journal.
    #[must_use]
    pub const fn new(highest: Timestamp) -> Self {
        Self { highest }
    }

    /// A signed time arrived.
    pub fn learned(&mut self, signed: Timestamp) {
        self.highest = self.highest.max(signed);
    }

    /// Judges the wall clock, and remembers it if it is trusted.
    pub fn judged(&mut self, wall: Timestamp) -> ClockTrust {
        let trust = self.trust(wall);
        if trust == ClockTrust::Trusted {
            self.highest = self.highest.max(wall);
        }
        trust
    }

    /// Whether `wall` can be believed.
    #[must_use]
    pub fn trust(&self, wall: Timestamp) -> ClockTrust {
        let ahead_s = wall.as_second() - self.highest.as_second();
        match ahead_s {
            s if s < -TOLERANCE_S => ClockTrust::Behind(-s),
            s if s > AHEAD_LIMIT_S => ClockTrust::Ahead(s),
            _ => ClockTrust::Trusted,
        }
    }

    /// The best guess at the time: the wall clock while it is trusted, else the highest time that has certainly passed.
    #[must_use]
    pub fn best(&self, wall: Timestamp) -> Timestamp {
        match self.trust(wall) {
            ClockTrust::Trusted => wall.max(self.highest),
            ClockTrust::Behind(_) | ClockTrust::Ahead(_) => self.highest,
        }
    }
}
