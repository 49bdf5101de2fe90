//! The embedded font: widths and masks of characters.
//!
//! Greengate Sans is a subset of Noto Sans CJK SC (`assets/fonts/README.md`). Medium has all of GB 2312 and Latin-1;
//! Bold has the kiosk's own words only, for signal words and headlines.

use ab_glyph::{Font as _, FontRef, Glyph, GlyphId, PxScale, point};

use crate::rules::wrap::{Measured, is_wide};

use super::geometry::{ceil, floor};

static MEDIUM: &[u8] = include_bytes!("../../assets/fonts/GreengateSans-Medium.otf");
static BOLD: &[u8] = include_bytes!("../../assets/fonts/GreengateSans-Bold.otf");

/// A weight of the font.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Face {
    /// Every text.
    Medium,
    /// The kiosk's own words; a text with other characters is set in [`Face::Medium`].
    Bold,
}

/// How far the ink of any glyph reaches above the baseline, in thousandths of the em: `Å` reaches 995.
pub const ASCENT: i32 = 1000;
/// How far the ink of any glyph reaches below the baseline, in thousandths of the em: `|` reaches 281.
pub const DESCENT: i32 = 290;
/// How far the ink of any glyph reaches out of its own width, in thousandths of the em: `j` reaches 48.
pub const OVERHANG: i32 = 50;

/// A picture of a glyph or shape: how much of each pixel it covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    /// Pixels from the pen to the left edge.
    pub left: i32,
    /// Pixels from the baseline down to the top edge; negative is above.
    pub top: i32,
    /// Width in pixels.
    pub width: usize,
    /// One byte a pixel, 255 is covered.
    pub coverage: Vec<u8>,
}

/// Where ink lies, in ems from the pen's start on the baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InkBox {
    /// To the right of the pen.
    pub left: f32,
    /// To the right of the pen.
    pub right: f32,
    /// Above the baseline.
    pub above: f32,
    /// Below the baseline.
    pub below: f32,
}

impl InkBox {
    /// From the highest to the lowest ink.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.above + self.below
    }

    /// From the leftmost to the rightmost ink.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.right - self.left
    }
}

/// Both weights.
pub struct Fonts {
    medium: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Fonts {
    /// Reads the embedded font's tables.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the font is part of the program and read by every test")]
    pub fn new() -> Self {
        let read = |bytes| FontRef::try_from_slice(bytes).expect("the embedded font is a valid OpenType font");
        Self { medium: read(MEDIUM), bold: read(BOLD) }
    }

    /// Whether `c` has a glyph.
    #[must_use]
    pub fn has(&self, c: char) -> bool {
        self.medium.glyph_id(c) != GlyphId(0)
    }

    /// `face`, or [`Face::Medium`] where `text` has a character that `face` lacks.
    #[must_use]
    pub fn face_for(&self, face: Face, text: &str) -> Face {
        let covers = |c| self.font(face).glyph_id(c) != GlyphId(0);
        if text.chars().all(covers) { face } else { Face::Medium }
    }

    /// The characters of `text` with their widths in ems.
    #[must_use]
    pub fn measure(&self, face: Face, text: &str) -> Vec<Measured> {
        text.chars().map(|c| Measured { c, width: self.advance(face, c) }).collect()
    }

    /// How far the pen moves after `c`, in ems.
    #[must_use]
    pub fn advance(&self, face: Face, c: char) -> f32 {
        let font = self.font(face);
        match font.glyph_id(c) {
            GlyphId(0) if is_wide(c) => 1.0,
            GlyphId(0) => MISSING_WIDTH,
            id => font.h_advance_unscaled(id) / UNITS_PER_EM,
        }
    }

    /// Where the ink of `text` lies around its baseline.
    #[must_use]
    pub fn ink(&self, face: Face, text: &str) -> InkBox {
        let mut pen = 0.0;
        let mut ink = InkBox { left: f32::MAX, right: f32::MIN, above: f32::MIN, below: f32::MIN };
        for c in text.chars() {
            if let Some(outline) = self.font(face).outline(self.font(face).glyph_id(c)) {
                let (one, two) = (outline.bounds.min, outline.bounds.max);
                ink.left = ink.left.min(pen + one.x.min(two.x) / UNITS_PER_EM);
                ink.right = ink.right.max(pen + one.x.max(two.x) / UNITS_PER_EM);
                ink.above = ink.above.max(one.y.max(two.y) / UNITS_PER_EM);
                ink.below = ink.below.max(-one.y.min(two.y) / UNITS_PER_EM);
            }
            pen += self.advance(face, c);
        }
        if ink.left > ink.right { InkBox::default() } else { ink }
    }

    /// The mask of `c` at `em` pixels, its pen `shift` of a pixel right of a whole one. A character without a glyph is
    /// a hollow box.
    #[must_use]
    pub fn mask(&self, face: Face, c: char, em: u16, shift: f32) -> Mask {
        let font = self.font(face);
        let id = font.glyph_id(c);
        if id == GlyphId(0) {
            return hollow_box(self.advance(face, c), em);
        }
        let scale = PxScale::from(f32::from(em) * font.height_unscaled() / UNITS_PER_EM);
        let glyph = Glyph { id, scale, position: point(shift, 0.0) };
        font.outline_glyph(glyph).map_or_else(Mask::default, |outlined| drawn(&outlined))
    }

    const fn font(&self, face: Face) -> &FontRef<'static> {
        match face {
            Face::Medium => &self.medium,
            Face::Bold => &self.bold,
        }
    }
}

impl Default for Fonts {
    fn default() -> Self {
        Self::new()
    }
}

const UNITS_PER_EM: f32 = 1000.0;
const MISSING_WIDTH: f32 = 0.6;

fn drawn(outlined: &ab_glyph::OutlinedGlyph) -> Mask {
    let bounds = outlined.px_bounds();
    let width = usize::try_from(floor(bounds.width())).unwrap_or_default();
    let height = usize::try_from(floor(bounds.height())).unwrap_or_default();
    let mut coverage = vec![0; width * height];
    outlined.draw(|x, y, share| coverage[y as usize * width + x as usize] = to_byte(share));
    Mask { left: floor(bounds.min.x), top: floor(bounds.min.y), width, coverage }
}

/// The box of a missing glyph, as wide as `advance` ems.
fn hollow_box(advance: f32, em: u16) -> Mask {
    let em_px = f32::from(em);
    let stroke = ceil(em_px / 16.0);
    let margin = ceil(em_px / 14.0);
    let (width, height) = ((ceil(advance * em_px) - 2 * margin).max(3), ceil(em_px * 0.8).max(3));
    let is_edge = |at: i32, length: i32| at < stroke || at >= length - stroke;
    let coverage = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| if is_edge(x, width) || is_edge(y, height) { 255 } else { 0 })
        .collect();
    let width = usize::try_from(width).unwrap_or_default();
    Mask { left: margin, top: floor(-0.74 * em_px), width, coverage }
}

/// A share from 0 to 1 as a byte.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the share is clamped first")]
pub const fn to_byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
