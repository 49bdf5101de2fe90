//! What the journal keeps: every verdict that was shown, and the few other moments that explain them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock::ClockTrust;
use super::code::{Code, Gtin};
use super::evidence::Evidence;
use super::ruling::{Outcome, Ruling};
use super::text::Text;

/// One row to append. The journal adds the sequence number and the hash chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The wall clock when it happened, right or wrong.
    pub at: Timestamp,
    /// How far that clock was believed.
    pub trust: ClockTrust,
    /// The delivery that was open.
    pub delivery: Option<String>,
    /// The cache's version.
    pub cache_version: Option<u64>,
    /// The cache's age in seconds by the best known time.
    pub cache_age_s: Option<i64>,
    /// What happened.
    pub what: What,
}

/// What a row tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A verdict, shown from this moment on.
    Verdict(Box<Judgement>),
    /// Somebody checked an item that was drawn for review.
    Reviewed(Box<Checked>),
    /// A delivery was opened.
    DeliveryStarted,
    /// The delivery was closed.
    DeliveryEnded,
    /// The lamps were lit one after the other, by this name: `start` or `command`.
    LampTest(String),
    /// The journal takes rows again after it had failed; nothing was shown in between.
    Recovered,
    /// The kiosk was enrolled at another authority, whose hub is this; the versions of its lists have nothing to do with
    /// those of the rows before.
    Moved(String),
}

/// A verdict with everything that it was decided from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The code's bytes as scanned.
    #[serde(with = "super::hex::bytes")]
    pub payload: Vec<u8>,
    /// The product, if the code names one.
    pub gtin: Option<Gtin>,
    /// The item's serial number, if the code names one.
    pub serial: Option<String>,
    /// What happens to the goods.
    pub outcome: Outcome,
    /// The row that decided.
    pub ruling: Ruling,
    /// The row that this one replaces: the same label, never out of view, decided again with newer evidence.
    pub replaces: Option<u64>,
    /// What it was decided from.
    pub evidence: Evidence,
    /// How long it took.
    pub timings: Timings,
}

/// What the check of an item that was drawn for review found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The row of the verdict that drew it.
    pub row: u64,
    /// The item's code.
    pub code: Code,
    /// The authority's number of its listing.
    pub listing: Option<u32>,
    /// What was to be checked.
    pub item: Option<Text>,
    /// Whether it was as it should be.
    pub passed: bool,
}

impl Checked {
    /// Its stable name, for journals and scripts.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        if self.passed { "review-passed" } else { "review-failed" }
    }
}

/// Where the time between the shutter and the decision went, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// From the frame's arrival to the end of the scan.
    pub scan_us: u32,
    /// From the end of the scan until the loop took it up.
    pub wait_us: u32,
}
