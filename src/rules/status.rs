//! What the kiosk loop publishes for the panel and for `status`: a copy of its state after each turn.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::code::Gtin;
use super::image::ScreenImage;
use super::orders::{Lights, Sound};
use super::ruling::Outcome;
use super::scene::Scene;
use super::text::Text;
use super::time::Moment;

/// The state after a turn of the loop. The panel serves it; nobody changes it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The figures and words.
    pub status: Status,
    /// The screen, pixel for pixel.
    pub screen: Arc<ScreenImage>,
    /// Counts up with every change of [`Self::screen`].
    pub screen_serial: u64,
}

/// The figures and words of a snapshot, as `/status.json` has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// The kiosk's name.
    pub kiosk: String,
    /// The board's name.
    pub board: String,
    /// The demo world is loaded.
    pub demo: bool,
    /// When this was true, by the kiosk's monotonic clock.
    pub moment: Moment,
    /// When this was true, by the wall clock.
    pub at: Timestamp,
    /// What the display shows.
    pub scene: Scene,
    /// What the lights were told.
    pub lights: Lights,
    /// The last tone.
    pub sound: Option<Sound>,
    /// The cache's version, issue time and size, if there is a cache.
    pub cache: Option<CacheStatus>,
    /// Why nothing can be seen on the display, while it is so; lights and journal go on.
    pub display: Option<String>,
    /// How the feed is followed, if the site names one.
    pub sync: Option<SyncStatus>,
    /// The journal's newest sequence number.
    pub journal_seq: u64,
    /// What the journal holds.
    pub journal: JournalStatus,
    /// The last verdicts, newest first.
    pub verdicts: Vec<VerdictLine>,
    /// Counters since the start.
    pub counters: Counters,
}

/// How many verdicts a status carries.
pub const VERDICTS_LIMIT: usize = 20;

/// What the status says of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheStatus {
    /// The feed's version.
    pub version: u64,
    /// When the authority issued it.
    pub issued: Timestamp,
    /// Its age in seconds by the best known time.
    pub age_s: i64,
    /// How many listings it has.
    pub listings: u64,
}

/// What the status says of the journal's file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalStatus {
    /// The last row that was pruned; 0 if none was.
    pub pruned: u64,
    /// Bytes on the disk.
    pub bytes: u64,
}

/// What the status says of the feed and of the journal's way up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncStatus {
    /// When the feed was last found good, whether it had something new or not.
    pub synced: Option<Timestamp>,
    /// The address or the folder where that was.
    pub from: Option<String>,
    /// Bytes that came with that sync.
    pub bytes: u64,
    /// Why the last sync failed; `None` if it did not.
    pub fault: Option<String>,
    /// The hub where the kiosk is enrolled. Without one the journal is handed up to nobody, and nothing of it is pruned.
    pub hub: Option<String>,
    /// The newest row that the hub has.
    pub handed_up: Option<u64>,
    /// Rows that the hub has put aside since the start, because something is wrong with them.
    pub parked: u64,
    /// Why the last rows could not be handed up; `None` if they could.
    pub journal_fault: Option<String>,
}

/// One verdict in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictLine {
    /// The journal row.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The time of day at the site then, as its screen's clock has it; older programs do not say it.
    #[serde(default)]
    pub clock: String,
    /// Accept, Hold or Reject.
    pub outcome: Outcome,
    /// The ruling's slug.
    pub slug: String,
    /// The product, if known.
    pub gtin: Option<Gtin>,
    /// The product's name, else the code's text.
    pub name: Text,
    /// Why, as the screen had it: of what is red the authority's reason.
    pub reason: Text,
}

/// Counters since the start, for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Frames that were scanned.
    pub frames: u64,
    /// Frames that had at least one code.
    pub frames_with_code: u64,
    /// Verdicts shown: Accept.
    pub accepted: u64,
    /// Verdicts shown: Hold.
    pub held: u64,
    /// Verdicts shown: Reject.
    pub rejected: u64,
    /// Faults shown.
    pub faults: u64,
    /// Microseconds that scanning took, in sum.
    pub scan_us: u64,
    /// Microseconds that the last verdict took from the frame's arrival to the lights.
    pub last_verdict_us: u64,
}
