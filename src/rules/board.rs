//! What the box is: a checked board.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A checked board. `config` makes it from TOML, `device` opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Its file's name without the ending.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// Where frames come from.
    pub camera: Camera,
    /// What shows the scenes.
    pub display: Display,
    /// What lights up.
    pub lights: LightsBoard,
    /// What makes tones.
    pub sound: SoundBoard,
}

/// Where frames come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Camera {
    /// The panel's virtual camera.
    Panel {
        /// Frame size in pixels.
        size: Size,
        /// Frames a second.
        rate: u32,
        /// How long a frame is looked at.
        budget_ms: u32,
    },
    /// Photographs in a folder, one after the other in the order of their names.
    Folder {
        /// The folder.
        path: PathBuf,
        /// Frames a second.
        rate: u32,
        /// Whether it starts again after the last one.
        repeat: bool,
    },
    /// A Y4M or MJPEG stream; `-` is standard input. Its first bytes tell which.
    Stream {
        /// The file.
        path: PathBuf,
        /// How long a frame is looked at.
        budget_ms: u32,
    },
}

impl Camera {
    /// How long a frame is looked at before the next one; what it had no time for is tried on that. `None` for
    /// photographs, which nothing follows: each is looked at until nothing is left to try.
    #[must_use]
    pub const fn budget_ms(&self) -> Option<u32> {
        match self {
            Self::Panel { budget_ms, .. } | Self::Stream { budget_ms, .. } => Some(*budget_ms),
            Self::Folder { .. } => None,
        }
    }
}

/// What shows the scenes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// How it is reached.
    pub output: Output,
    /// Size in pixels.
    pub size: Size,
    /// How many colours it has.
    pub colours: Colours,
    /// Width and height of the visible picture in millimetres, if known: legibility is computed from it.
    pub size_mm: Option<(u32, u32)>,
}

/// How a display is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The panel only.
    Panel,
    /// Every new screen is written to this folder as a PNG file; the panel has it too.
    Png {
        /// The folder.
        folder: PathBuf,
    },
}

/// How many colours a display has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Black and white.
    Mono,
    /// 24 or 16 bits.
    Full,
}

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

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
    /// Asks for the newest list at once.
    Sync,
}
