//! Labels as they are printed: one drawing in a printer's dots, written as SVG, PDF or PNG.
//!
//! Everything stands on whole dots of the printer, so that no module is wider than its neighbour. All three writers draw
//! the same [`Drawing`], and none of them knows what a label is.

mod font;
mod label;
mod paper;
mod pdf;
mod png;
mod svg;
mod text;

use std::str::FromStr;

pub use label::{LabelFace, draw};
pub use paper::{Paper, Sheet};
pub use pdf::pdf;
pub use png::png;
pub use svg::svg;

use super::Resolution;

/// The smallest and the largest side of a label in millimetres.
const SIDE_MM: std::ops::RangeInclusive<f32> = 5.0..=420.0;

/// A black filled rectangle, in dots from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// To the right.
    pub x: i32,
    /// Down.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

/// A character of Greengate Sans, in dots from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// The character.
    pub c: char,
    /// Its pen's start, to the right.
    pub x: i32,
    /// Its baseline, down.
    pub y: i32,
    /// The font's size.
    pub em: i32,
}

/// A page in the dots of a printer: black on white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Width in dots.
    pub width: i32,
    /// Height in dots.
    pub height: i32,
    /// How large a dot is.
    pub resolution: Resolution,
    /// Modules and marks.
    pub bars: Vec<Bar>,
    /// Texts.
    pub glyphs: Vec<Glyph>,
}

impl Drawing {
    /// A white page.
    #[must_use]
    pub const fn new(width: i32, height: i32, resolution: Resolution) -> Self {
        Self { width, height, resolution, bars: Vec::new(), glyphs: Vec::new() }
    }

    /// Draws another page into this one.
    pub fn place(&mut self, other: &Self, x: i32, y: i32) {
        self.bars.extend(other.bars.iter().map(|bar| Bar { x: bar.x + x, y: bar.y + y, ..*bar }));
        self.glyphs.extend(other.glyphs.iter().map(|glyph| Glyph { x: glyph.x + x, y: glyph.y + y, ..*glyph }));
    }

    /// Width and height in millimetres.
    fn size_mm(&self) -> (f32, f32) {
        let per_mm = self.resolution.dots_per_mm();
        (self.width as f32 / per_mm, self.height as f32 / per_mm)
    }
}

/// The size of a label in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// From left to right.
    pub width_mm: f32,
    /// From top to bottom.
    pub height_mm: f32,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |side: &str| side.trim().parse().ok().filter(|side| SIDE_MM.contains(side));
        let sides = text.trim().trim_end_matches("mm").split_once(['x', '×']);
        let size = sides.and_then(|(width, height)| Some((side(width)?, side(height)?)));
        let (width_mm, height_mm) = size.ok_or_else(|| {
            let (least, most) = (SIDE_MM.start(), SIDE_MM.end());
            format!("`{text}` is not the size of a label; write it as `40x25mm`, each side from {least} to {most} mm")
        })?;
        Ok(Self { width_mm, height_mm })
    }
}

/// The nearest whole number of dots.
#[expect(clippy::cast_possible_truncation, reason = "a cast to i32 ends at its bounds, and pages are far within them")]
fn whole(dots: f32) -> i32 {
    dots.round() as i32
}

/// Millimetres in the nearest whole number of dots.
fn dots(mm: f32, resolution: Resolution) -> i32 {
    whole(mm * resolution.dots_per_mm())
}
