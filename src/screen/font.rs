//! The program's font: every character of GB 2312 and of Latin-1.

use std::collections::HashMap;
use std::sync::Arc;

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont, point};

const BYTES: &[u8] = include_bytes!("../../assets/fonts/greengate-sans.otf");
/// Glyphs that are kept; more than any two screens have.
const KEPT: usize = 1024;
/// Height of a capital letter, in ems.
pub const CAP_HEIGHT: f32 = 0.733;
/// From one baseline to the next, in ems.
pub const LINE: f32 = 1.26;
/// From a line's top to its baseline, in ems.
pub const ASCENT: f32 = 0.98;
/// Sizes are kept in quarters of a pixel.
const STEP: f32 = 4.0;

/// A drawn character: how much of each pixel it covers.
#[derive(Debug)]
pub struct Drawn {
    /// From the pen's place to the bitmap's first pixel.
    pub left: i32,
    pub top: i32,
    pub width: usize,
    /// Row by row, 0 to 255.
    pub coverage: Vec<u8>,
}

/// The font, and what was drawn with it before.
#[derive(Debug)]
pub struct Font {
    font: FontRef<'static>,
    drawn: HashMap<(char, u32), Arc<Drawn>>,
}

impl Font {
    pub fn new() -> Self {
        let font = FontRef::try_from_slice(BYTES).expect("the font is part of the program and tested");
        Self { font, drawn: HashMap::new() }
    }

    /// Whether the font has the character itself, not only the box that stands for missing ones.
    #[cfg(test)]
    pub fn has(&self, c: char) -> bool {
        self.font.glyph_id(c) != ab_glyph::GlyphId(0)
    }

    /// The width of `text` with characters of `size` pixels an em.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(c, size)).sum()
    }

    /// How far the pen goes on for a character.
    pub fn advance(&self, c: char, size: f32) -> f32 {
        let size = stepped(size);
        self.font.as_scaled(self.scale(size)).h_advance(self.font.glyph_id(c))
    }

    /// The character as drawn at `size` pixels an em.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "glyphs are smaller than the largest screen, and sizes are positive"
    )]
    pub fn draw(&mut self, c: char, size: f32) -> Arc<Drawn> {
        let size = stepped(size);
        let key = (c, (size * STEP) as u32);
        if let Some(drawn) = self.drawn.get(&key) {
            return Arc::clone(drawn);
        }
        let glyph = self.font.glyph_id(c).with_scale_and_position(self.scale(size), point(0.0, 0.0));
        let drawn = self.font.outline_glyph(glyph).map_or_else(
            || Drawn { left: 0, top: 0, width: 0, coverage: Vec::new() },
            |outline| {
                let bounds = outline.px_bounds();
                let (width, height) = (bounds.width().ceil() as usize, bounds.height().ceil() as usize);
                let mut coverage = vec![0; width * height];
                outline.draw(|x, y, covered| {
                    if let Some(pixel) = coverage.get_mut(y as usize * width + x as usize) {
                        *pixel = (covered.clamp(0.0, 1.0) * 255.0).round() as u8;
                    }
                });
                Drawn { left: bounds.min.x as i32, top: bounds.min.y as i32, width, coverage }
            },
        );
        if self.drawn.len() >= KEPT {
            self.drawn.clear();
        }
        let drawn = Arc::new(drawn);
        self.drawn.insert(key, Arc::clone(&drawn));
        drawn
    }

    /// `ab_glyph` measures a size from ascent to descent; people measure it in ems.
    fn scale(&self, size: f32) -> PxScale {
        let units = self.font.units_per_em().unwrap_or(1000.0);
        PxScale::from(size * self.font.height_unscaled() / units)
    }
}

fn stepped(size: f32) -> f32 {
    (size * STEP).round().max(1.0) / STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_gb_2312_and_of_latin_1_has_a_glyph() {
        let font = Font::new();
        let rows = (0xa1..=0xf7_u8).flat_map(|high| (0xa1..=0xfe_u8).map(move |low| [high, low]));
        let mut count = 0;
        for bytes in rows {
            let (text, _, wrong) = encoding_rs::GBK.decode(&bytes);
            let is_gb_2312 = matches!(bytes[0], 0xb0..=0xf7) && !wrong && text.chars().count() == 1;
            let c = text.chars().next().expect("a character");
            if is_gb_2312 && ('\u{4e00}'..='\u{9fff}').contains(&c) {
                count += 1;
                assert!(font.has(c), "no glyph for {c}");
            }
        }
        assert_eq!(count, 6763);
        assert!((' '..='~').chain('¡'..='ÿ').filter(|c| *c != '\u{ad}').all(|c| font.has(c)));
    }

    #[test]
    fn a_missing_character_is_a_box_and_not_nothing() {
        let mut font = Font::new();
        assert!(!font.has('\u{1f600}'));
        let drawn = font.draw('\u{1f600}', 40.0);
        assert!(drawn.coverage.iter().any(|covered| *covered > 200));
        assert!(font.advance('\u{1f600}', 40.0) > 10.0);
    }
}
