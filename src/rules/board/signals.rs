//! The board's lights, sound and buttons.

use serde::{Deserialize, Serialize};

/// What lights up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LightsBoard {
    /// The panel shows them.
    Panel,
    /// A log line tells every change.
    Log,
}

/// What makes tones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SoundBoard {
    /// The panel plays them.
    Panel,
    /// A log line tells every tone.
    Log,
    /// The board is mute.
    None,
}

/// A button of the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Button {
    /// Starts a delivery, or ends the open one.
    Delivery,
    /// Lights the lamps one after the other.
    LampTest,
}
