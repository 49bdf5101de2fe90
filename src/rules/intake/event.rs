//! What happens to the intake: everything that the core is ever told.

use serde::{Deserialize, Serialize};

use super::super::board::Button;
use super::super::code::{Hint, Payload};
use super::super::delivery::Delivery;
use super::super::entry::Timings;
use super::super::evidence::{CacheFacts, Evidence};

/// Something that happened, with the evidence that bears on it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// All parts are open, or failed to open; the self-test may begin.
    Started(Started),
    /// A frame was scanned. An empty one tells that labels left view.
    Seen(Seen),
    /// The moment that the last orders asked for has come.
    Woken,
    /// The row of the last orders is on disk, under this number.
    Committed(u64),
    /// A button was pressed.
    Pressed(Button),
    /// The cache has another content.
    Synced(Option<CacheFacts>),
    /// A sync ended: why it failed, or `None` if it went well.
    Followed(Option<String>),
    /// A part failed, with the technical message. A failed journal also means: the row of the last orders is not on disk.
    Failed(Part, String),
    /// A part works again.
    Recovered(Part),
}

/// What the kiosk found when it started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Started {
    /// The cache, if there is one.
    pub cache: Option<CacheFacts>,
    /// The delivery that was open when the kiosk was switched off.
    pub delivery: Option<Delivery>,
}

/// What a frame showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Every code in it, with its evidence.
    pub codes: Vec<Presented>,
    /// Why there may be no code.
    pub hint: Option<Hint>,
    /// How long it took so far.
    pub timings: Timings,
}

/// A code in view and what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Presented {
    /// Its bytes and place.
    pub payload: Payload,
    /// What is known about it.
    pub evidence: Evidence,
}

/// A part whose failure a person must mend. The first in this order is the one on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The journal: without it nothing may be shown.
    Journal,
    /// The cache.
    Cache,
    /// The lights.
    Lights,
    /// The camera.
    Camera,
    /// The display.
    Display,
}
