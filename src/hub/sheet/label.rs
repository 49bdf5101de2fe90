//! The face of a label: the code with its quiet zone, and beside or below it what people read.

use super::text::{self, Block, Line, Words};
use super::{Bar, Drawing, Glyph, Size, dots, font, whole};
use crate::hub::{Batch, BatchLabel, Print, QUIET, Resolution, Unreadable};
use crate::rules::code::Symbol;
use crate::rules::symbol;
use crate::rules::text::Language;

/// White around the text, in millimetres: printers drift by about so much.
const MARGIN_MM: f32 = 1.0;
/// The smallest letters that people read at arm's length, in millimetres an em.
const LEAST_EM_MM: f32 = 1.5;
/// Larger letters are of no use on a label that is held in a hand.
const MOST_EM_MM: f32 = 4.0;
/// The share of a label's longer side that the text has for itself.
const TEXT_SHARE: f32 = 0.38;
/// Modules need not be larger: a kiosk reads these across a pallet.
const MOST_MODULE_MM: f32 = 1.0;

/// What stands on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelFace {
    code: String,
    words: Words,
}

impl LabelFace {
    /// The face of a label that was issued.
    #[must_use]
    pub fn new(batch: &Batch, label: &BatchLabel) -> Self {
        let name = &batch.listing.name;
        let mut names = vec![name.zh.clone(), name.en.clone(), batch.supplier.name.get(Language::Zh).to_owned()];
        names.retain(|name| !name.trim().is_empty());
        names.dedup();
        // Their characters are checked, and none of them is a space.
        let elements = label.product.elements().split(' ').map(str::to_owned).collect();
        Self { code: label.text.clone(), words: Words { names, elements } }
    }

    /// Characters of the names that the font lacks; a box stands for each of them.
    #[must_use]
    pub fn missing(&self) -> Vec<char> {
        let letters = self.words.names.iter().flat_map(|name| name.chars()).filter(|letter| !letter.is_whitespace());
        letters.filter(|letter| !font::has(*letter)).collect()
    }
}

/// Draws a label of this size.
///
/// # Errors
/// A kiosk could not read the code, or there is no room for what people read.
pub fn draw(face: &LabelFace, size: Size, resolution: Resolution) -> Result<Drawing, Unreadable> {
    let symbol = symbol::encode(&face.code).ok_or(Unreadable::TooLong)?;
    let side = u32::try_from(symbol.size).unwrap_or(u32::MAX);
    Print::smallest(side, resolution).check()?;
    let found = arrange(&face.words, side, size, resolution);
    let Some((print, place)) = found else {
        let enough = enough(&face.words, side, size, resolution);
        return Err(Unreadable::Label { size: (size.width_mm, size.height_mm), enough, resolution });
    };
    print.check()?;
    let mut drawing = Drawing::new(dots(size.width_mm, resolution), dots(size.height_mm, resolution), resolution);
    let origin = |at: i32| at + signed(QUIET * print.dots);
    draw_symbol(&mut drawing, &symbol, (origin(place.code.0), origin(place.code.1)), signed(print.dots));
    draw_block(&mut drawing, &place);
    Ok(drawing)
}

/// Where code and text go.
struct Place {
    /// The code's upper left corner, with its quiet zone.
    code: (i32, i32),
    /// The text's upper left corner.
    text: (i32, i32),
    block: Block,
    /// What is left of the text's height, between names and elements.
    spare: i32,
}

const fn signed(dots: u32) -> i32 {
    dots.cast_signed()
}

/// The largest code that leaves room for the text.
fn arrange(words: &Words, side: u32, size: Size, resolution: Resolution) -> Option<(Print, Place)> {
    let smallest = Print::smallest(side, resolution);
    let (short, long) = (size.width_mm.min(size.height_mm), size.width_mm.max(size.height_mm));
    let room = short.min(long * (1.0 - TEXT_SHARE)).min(MOST_MODULE_MM * (side + 2 * QUIET) as f32);
    // Where the label is only just large enough, the code may take more than its share.
    let largest = Print::within(room, side, QUIET, resolution).dots.max(smallest.dots);
    (smallest.dots..=largest).rev().find_map(|dots| {
        let print = Print { dots, ..smallest };
        Some((print, place(words, print, size)?))
    })
}

fn place(words: &Words, print: Print, size: Size) -> Option<Place> {
    let resolution = print.resolution;
    let (width, height) = (dots(size.width_mm, resolution), dots(size.height_mm, resolution));
    let total = signed(print.total_dots());
    if total > width.min(height) {
        return None;
    }
    let margin = dots(MARGIN_MM, resolution);
    let ems = (dots(LEAST_EM_MM, resolution), dots(MOST_EM_MM, resolution));
    let quiet = signed(QUIET * print.dots);
    let is_beside = width > height;
    let code = if is_beside { (0, (height - total) / 2) } else { ((width - total) / 2, 0) };
    // Beside the code the text keeps to the code's height, unless it needs more.
    let within = (total, code.1 + quiet, width - total - margin, total - 2 * quiet);
    let beside = (total, margin, width - total - margin, height - 2 * margin);
    let below = (margin, total, width - 2 * margin, height - total - margin);
    let boxes = if is_beside { vec![within, beside] } else { vec![below] };
    let placed = |&(x, y, width, height): &(i32, i32, i32, i32)| {
        let block = text::fit(words, (width, height), ems)?;
        let spare = if is_beside { height - block.height() } else { 0 };
        Some(Place { code, text: (x, y), block, spare })
    };
    let whole = boxes.iter().filter_map(placed).find(|place| place.block.is_whole);
    whole.or_else(|| boxes.iter().rev().find_map(placed))
}

/// A size of the same shape, in whole millimetres, that has room.
fn enough(words: &Words, side: u32, size: Size, resolution: Resolution) -> (f32, f32) {
    let grown = |step: i32| {
        let factor = 1.05_f32.powi(step);
        Size { width_mm: (size.width_mm * factor).ceil(), height_mm: (size.height_mm * factor).ceil() }
    };
    let size = (1..100).map(grown).find(|size| arrange(words, side, *size, resolution).is_some());
    size.map_or((100.0, 60.0), |size| (size.width_mm, size.height_mm))
}

/// The symbol's modules, those that touch in a row as one bar.
fn draw_symbol(drawing: &mut Drawing, symbol: &Symbol, (left, top): (i32, i32), module: i32) {
    let mut y = top;
    for row in symbol.dark.chunks_exact(symbol.size) {
        let mut x = left;
        for run in row.chunk_by(|a, b| a == b) {
            let width = module * i32::try_from(run.len()).unwrap_or_default();
            if run[0] {
                drawing.bars.push(Bar { x, y, width, height: module });
            }
            x += width;
        }
        y += module;
    }
}

fn draw_block(drawing: &mut Drawing, place: &Place) {
    let (x, mut y) = place.text;
    for line in &place.block.names {
        draw_line(drawing, line, (x, y));
        y += line.height();
    }
    let lines: i32 = place.block.elements.iter().map(Line::height).sum();
    y = place.text.1 + place.block.height() + place.spare - lines;
    for line in &place.block.elements {
        draw_line(drawing, line, (x, y));
        y += line.height();
    }
}

/// Every character stands on a whole dot, so that the same one looks the same everywhere.
fn draw_line(drawing: &mut Drawing, line: &Line, (left, top): (i32, i32)) {
    // A `j` reaches out of its own width, and to the left of the text is the code's quiet zone.
    let mut pen = line.text.chars().next().map_or(0.0, font::overhang);
    for c in line.text.chars() {
        let x = left + whole(pen * line.em as f32);
        if !c.is_whitespace() {
            drawing.glyphs.push(Glyph { c, x, y: top + line.baseline(), em: line.em });
        }
        pen += font::advance(c);
    }
}
