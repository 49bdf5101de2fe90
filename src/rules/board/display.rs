//! The board's display.

use std::path::PathBuf;

use super::Size;

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
