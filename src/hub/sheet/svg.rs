//! A drawing as SVG: bars are one path, glyphs another, both in dots.

use std::fmt::Write;

use super::Drawing;
use super::font::{Stroke, UNITS_PER_EM, strokes};

/// The drawing as a picture of its real size.
///
/// # Panics
/// Never: a string takes everything.
#[must_use]
pub fn svg(drawing: &Drawing) -> String {
    let (width_mm, height_mm) = drawing.size_mm();
    let Drawing { width, height, .. } = drawing;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width_mm:.3}mm\" height=\"{height_mm:.3}mm\" \
         viewBox=\"0 0 {width} {height}\">\n\
         <path fill=\"#fff\" d=\"M0 0h{width}v{height}H0z\"/>\n\
         <path shape-rendering=\"crispEdges\" d=\"{}\"/>\n\
         <path d=\"{}\"/>\n\
         </svg>\n",
        bars(drawing),
        glyphs(drawing)
    )
}

fn bars(drawing: &Drawing) -> String {
    drawing.bars.iter().fold(String::new(), |mut path, bar| {
        let super::Bar { x, y, width, height } = bar;
        write!(path, "M{x} {y}h{width}v{height}h-{width}z").expect("a string takes everything");
        path
    })
}

fn glyphs(drawing: &Drawing) -> String {
    let mut path = String::new();
    for glyph in &drawing.glyphs {
        let scale = glyph.em as f32 / UNITS_PER_EM;
        let at = |[x, y]: [f32; 2]| format!("{:.2} {:.2}", glyph.x as f32 + x * scale, glyph.y as f32 - y * scale);
        for stroke in strokes(glyph.c) {
            match stroke {
                Stroke::Move(to) => write!(path, "M{}", at(to)),
                Stroke::Line(to) => write!(path, "L{}", at(to)),
                Stroke::Curve([a, b, to]) => write!(path, "C{} {} {}", at(a), at(b), at(to)),
            }
            .expect("a string takes everything");
        }
    }
    path
}
