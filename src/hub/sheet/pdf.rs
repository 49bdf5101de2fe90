//! Drawings as one PDF, a page for each.
//!
//! Each character is drawn once, as an object of its own that pages name; a thousand labels say the same words.

use std::collections::BTreeMap;

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref};

use super::font::{Stroke, UNITS_PER_EM, strokes};
use super::{Bar, Drawing, Glyph};

/// A PDF's unit: 72 to the inch.
const POINTS_PER_MM: f32 = 72.0 / 25.4;
/// Where an outline may reach, in the font's units: generous, for a viewer only draws what is inside.
const GLYPH_BOX: Rect = Rect { x1: -1000.0, y1: -1000.0, x2: 3000.0, y2: 2000.0 };

/// The drawings, a page for each, in their real size.
#[must_use]
pub fn pdf(drawings: &[Drawing]) -> Vec<u8> {
    let mut references = (1..).map(Ref::new);
    let mut next = || references.next().unwrap_or(Ref::new(i32::MAX));
    let (catalog, tree) = (next(), next());
    let characters: BTreeMap<char, Ref> =
        drawings.iter().flat_map(|drawing| &drawing.glyphs).map(|glyph| (glyph.c, Ref::new(1))).collect();
    let characters: BTreeMap<char, Ref> = characters.into_keys().map(|c| (c, next())).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    for (c, reference) in &characters {
        pdf.form_xobject(*reference, &outline(*c)).bbox(GLYPH_BOX);
    }
    let mut pages = Vec::with_capacity(drawings.len());
    for drawing in drawings {
        let (page, content) = (next(), next());
        write_page(&mut pdf, drawing, (page, tree, content), &characters);
        pages.push(page);
    }
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(pages).count(count);
    pdf.finish()
}

fn write_page(pdf: &mut Pdf, drawing: &Drawing, ids: (Ref, Ref, Ref), characters: &BTreeMap<char, Ref>) {
    let (id, tree, content) = ids;
    let (width_mm, height_mm) = drawing.size_mm();
    let mut page = pdf.page(id);
    page.media_box(Rect::new(0.0, 0.0, width_mm * POINTS_PER_MM, height_mm * POINTS_PER_MM));
    page.parent(tree).contents(content);
    let mut resources = page.resources();
    let mut objects = resources.x_objects();
    for c in drawing.glyphs.iter().map(|glyph| glyph.c).collect::<std::collections::BTreeSet<_>>() {
        objects.pair(Name(name(c).as_bytes()), characters[&c]);
    }
    objects.finish();
    resources.finish();
    page.finish();
    pdf.stream(content, &page_content(drawing));
}

/// Dots as on paper, from the upper left corner down.
fn page_content(drawing: &Drawing) -> Vec<u8> {
    let mut content = Content::new();
    let scale = POINTS_PER_MM / drawing.resolution.dots_per_mm();
    content.transform([scale, 0.0, 0.0, -scale, 0.0, drawing.height as f32 * scale]);
    for Bar { x, y, width, height } in &drawing.bars {
        content.rect(*x as f32, *y as f32, *width as f32, *height as f32);
    }
    if !drawing.bars.is_empty() {
        content.fill_nonzero();
    }
    for Glyph { c, x, y, em } in &drawing.glyphs {
        let scale = *em as f32 / UNITS_PER_EM;
        content.save_state();
        content.transform([scale, 0.0, 0.0, -scale, *x as f32, *y as f32]);
        content.x_object(Name(name(*c).as_bytes()));
        content.restore_state();
    }
    content.finish().into_vec()
}

fn name(c: char) -> String {
    format!("U{:X}", u32::from(c))
}

fn outline(c: char) -> Vec<u8> {
    let mut content = Content::new();
    let strokes = strokes(c);
    for stroke in &strokes {
        match stroke {
            Stroke::Move([x, y]) => content.move_to(*x, *y),
            Stroke::Line([x, y]) => content.line_to(*x, *y),
            Stroke::Curve([[ax, ay], [bx, by], [x, y]]) => content.cubic_to(*ax, *ay, *bx, *by, *x, *y),
        };
    }
    if !strokes.is_empty() {
        content.fill_nonzero();
    }
    content.finish().into_vec()
}
