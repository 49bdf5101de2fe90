//! A drawing as PNG: one bit for each of the printer's dots, and how large a dot is.

use super::{Drawing, font};

/// The drawing, dot by dot.
///
/// # Panics
/// Never: a picture in memory takes everything.
#[must_use]
pub fn png(drawing: &Drawing) -> Vec<u8> {
    let mut picture = Bits::of(drawing);
    for bar in &drawing.bars {
        for y in bar.y..bar.y + bar.height {
            (bar.x..bar.x + bar.width).for_each(|x| picture.blacken(x, y));
        }
    }
    for glyph in &drawing.glyphs {
        font::dots(glyph.c, glyph.em, |x, y| picture.blacken(glyph.x + x, glyph.y + y));
    }
    let mut bytes = Vec::new();
    let size = [drawing.width, drawing.height].map(i32::unsigned_abs);
    let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let per_metre = super::whole(drawing.resolution.dots_per_mm() * 1000.0).unsigned_abs();
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&picture.bytes))
        .expect("a picture in memory takes everything");
    bytes
}

/// White is 1; rows begin on a byte.
struct Bits {
    width: i32,
    height: i32,
    stride: usize,
    bytes: Vec<u8>,
}

impl Bits {
    fn of(drawing: &Drawing) -> Self {
        let [width, height] = [drawing.width, drawing.height].map(|side| usize::try_from(side).unwrap_or_default());
        let stride = width.div_ceil(8);
        Self { width: drawing.width, height: drawing.height, stride, bytes: vec![0xFF; stride * height] }
    }

    fn blacken(&mut self, x: i32, y: i32) {
        if !(0..self.width).contains(&x) || !(0..self.height).contains(&y) {
            return;
        }
        let [x, y] = [x, y].map(|at| usize::try_from(at).unwrap_or_default());
        self.bytes[y * self.stride + x / 8] &= !(0x80 >> (x % 8));
    }
}
