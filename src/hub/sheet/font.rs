//! The font of labels: Greengate Sans Medium, the same as the screen's (`assets/fonts/README.md`).

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, Glyph, GlyphId, OutlineCurve, PxScale, point};

static BYTES: &[u8] = include_bytes!("../../../assets/fonts/GreengateSans-Medium.otf");
static FONT: LazyLock<FontRef<'static>> =
    LazyLock::new(|| FontRef::try_from_slice(BYTES).expect("the embedded font is a valid OpenType font"));

/// The unit of outlines: an em has so many.
pub const UNITS_PER_EM: f32 = 1000.0;
/// How far ink reaches above the baseline, in ems: `Å` reaches 0.995.
pub const ASCENT: f32 = 1.0;
/// How far ink reaches below the baseline, in ems: `|` reaches 0.281.
pub const DESCENT: f32 = 0.29;
/// Stands for a character that the font does not have; the font has it.
const MISSING: char = '□';

/// The glyph of `c`, or a box.
fn glyph(c: char) -> GlyphId {
    match FONT.glyph_id(c) {
        GlyphId(0) => FONT.glyph_id(MISSING),
        id => id,
    }
}

/// Whether the font has a picture of `c`.
pub fn has(c: char) -> bool {
    FONT.glyph_id(c) != GlyphId(0)
}

/// How far the pen moves after `c`, in ems.
pub fn advance(c: char) -> f32 {
    FONT.h_advance_unscaled(glyph(c)) / UNITS_PER_EM
}

/// How far the ink of `c` reaches out to the left of its pen's start, in ems.
pub fn overhang(c: char) -> f32 {
    FONT.outline(glyph(c)).map_or(0.0, |outline| (-outline.bounds.min.x / UNITS_PER_EM).max(0.0))
}

/// The curves of `c` in [`UNITS_PER_EM`], `y` up; nothing for a space.
pub fn outline(c: char) -> Vec<OutlineCurve> {
    FONT.outline(glyph(c)).map(|outline| outline.curves).unwrap_or_default()
}

/// Where a pen goes along an outline: first to the start of a contour.
pub enum Stroke {
    /// Begin a contour here.
    Move([f32; 2]),
    /// A line to here.
    Line([f32; 2]),
    /// A cubic curve to the last of these.
    Curve([[f32; 2]; 3]),
}

/// The outline of `c` as a pen draws it; contours close by themselves.
pub fn strokes(c: char) -> Vec<Stroke> {
    let at = |p: ab_glyph::Point| [p.x, p.y];
    let mut pen = None;
    let mut strokes = Vec::new();
    for curve in outline(c) {
        let (start, end, stroke) = match curve {
            OutlineCurve::Line(a, b) => (at(a), at(b), Stroke::Line(at(b))),
            OutlineCurve::Quad(a, b, c) => (at(a), at(c), Stroke::Curve(raised(at(a), at(b), at(c)))),
            OutlineCurve::Cubic(a, b, c, d) => (at(a), at(d), Stroke::Curve([at(b), at(c), at(d)])),
        };
        if pen != Some(start) {
            strokes.push(Stroke::Move(start));
        }
        strokes.push(stroke);
        pen = Some(end);
    }
    strokes
}

/// A quadratic curve as a cubic one.
fn raised(from: [f32; 2], control: [f32; 2], to: [f32; 2]) -> [[f32; 2]; 3] {
    let near = |end: [f32; 2]| [0, 1].map(|axis| end[axis] + (control[axis] - end[axis]) * 2.0 / 3.0);
    [near(from), near(to), to]
}

/// Calls `each` with every dot that `c` covers at least half of, from the pen's start on the baseline, `y` down.
pub fn dots(c: char, em: i32, mut each: impl FnMut(i32, i32)) {
    let scale = PxScale::from(em as f32 * FONT.height_unscaled() / UNITS_PER_EM);
    let Some(outlined) = FONT.outline_glyph(Glyph { id: glyph(c), scale, position: point(0.0, 0.0) }) else { return };
    let bounds = outlined.px_bounds();
    let (left, top) = (super::whole(bounds.min.x), super::whole(bounds.min.y));
    outlined.draw(|x, y, share| {
        if share >= COVERED {
            each(left + x.cast_signed(), top + y.cast_signed());
        }
    });
}

/// The share of a dot from which on it is black. Less than half, because strokes of small hanzi are thinner than a dot.
const COVERED: f32 = 0.42;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_the_font_lacks_is_a_box() {
        assert_ne!(FONT.glyph_id(MISSING), GlyphId(0));
        assert_eq!(glyph('\u{10FFFF}'), glyph(MISSING));
    }
}
