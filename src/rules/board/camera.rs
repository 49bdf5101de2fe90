//! The board's camera.

use std::path::PathBuf;

use super::Size;

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
