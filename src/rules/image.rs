//! Pictures that rooms hand to each other: a grey camera frame, a point in it, a colour screen.

use serde::{Deserialize, Serialize};

/// An 8-bit grey picture, row by row without padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GreyImage {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width * height` bytes, 0 black to 255 white.
    pub pixels: Vec<u8>,
}

impl GreyImage {
    /// A picture of one shade.
    #[must_use]
    pub fn filled(width: usize, height: usize, shade: u8) -> Self {
        Self { width, height, pixels: vec![shade; width * height] }
    }
}

/// A place in a picture in pixels, `x` to the right and `y` down; `0.0, 0.0` is the outer corner of the first pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Pixels from the left edge.
    pub x: f32,
    /// Pixels from the top edge.
    pub y: f32,
}

/// What the display shows, as 8-bit RGB, row by row without padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScreenImage {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}
