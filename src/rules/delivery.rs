//! A delivery: the items of one shipment, scanned in a row.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ruling::Outcome;

/// How many items of a delivery went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Taken in.
    pub accepted: u32,
    /// Set aside.
    pub held: u32,
    /// Refused.
    pub rejected: u32,
}

impl Tally {
    /// One more item.
    pub fn count(&mut self, outcome: Outcome) {
        let counter = self.counter(outcome);
        *counter = counter.saturating_add(1);
    }

    /// Takes an item back whose verdict is replaced by another.
    pub fn uncount(&mut self, outcome: Outcome) {
        let counter = self.counter(outcome);
        *counter = counter.saturating_sub(1);
    }

    fn counter(&mut self, outcome: Outcome) -> &mut u32 {
        match outcome {
            Outcome::Accept => &mut self.accepted,
            Outcome::Hold => &mut self.held,
            Outcome::Reject => &mut self.rejected,
        }
    }

    /// All items so far.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.accepted.saturating_add(self.held).saturating_add(self.rejected)
    }
}

/// A delivery that is open, or has just ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The shipment's own code, or a name made from the time when a button started it.
    pub id: String,
    /// When it started, by the best known time.
    pub started: Timestamp,
    /// Its items so far.
    pub tally: Tally,
}
