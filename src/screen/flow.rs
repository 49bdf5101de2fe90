//! Paragraphs into a box: shrink, wrap, leave out, in this order, until everything that is left fits.
//!
//! Every paragraph has an ideal size and the smallest one that is still legible. All shrink together; when the smallest
//! sizes are too large for the box, the least important paragraph goes, and the others try again. There is no code for
//! one size of display: a large one simply never gets to leave anything out.

use embedded_graphics::pixelcolor::Rgb888;

use crate::rules::wrap::{self, ELLIPSIS, Measured};

use super::font::{ASCENT, DESCENT, Face, Fonts, OVERHANG};
use super::geometry::{Rect, ceil, floor, part};
use super::plan::{Fill, Line, Piece, Role};

/// A text with its limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Paragraph {
    /// What it tells.
    pub role: Role,
    /// The text, cleaned.
    pub text: String,
    /// The weight.
    pub face: Face,
    /// The size it should have, in pixels per em.
    pub ideal: i32,
    /// The smallest size that it may have.
    pub smallest: i32,
    /// It may take as many lines; what is over ends in an ellipsis.
    pub lines_limit: usize,
    /// Paragraphs of lower importance are left out first.
    pub importance: u8,
    /// The space above it, in pixels.
    pub gap: i32,
    /// Its colour.
    pub ink: Rgb888,
    /// Its first clause, which takes its place before it is left out.
    pub short: Option<String>,
    /// It is drawn in the ground's colour on a plate of its own colour.
    pub plate: bool,
}

/// Where lines start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left edge.
    Left,
    /// All in the middle.
    Centre,
}

/// A box for paragraphs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Where.
    pub area: Rect,
    /// The colour in it.
    pub ground: Rgb888,
    /// Where lines start.
    pub align: Align,
    /// Whether what is left over is shared above and below.
    pub middle: bool,
}

/// A paragraph at its final size.
#[derive(Clone, Debug)]
pub struct Set<'a> {
    paragraph: &'a Paragraph,
    face: Face,
    em: i32,
    gap: i32,
    lines: Vec<String>,
}

impl Set<'_> {
    fn height(&self) -> i32 {
        let lines = i32::try_from(self.lines.len()).unwrap_or(i32::MAX);
        line_height(self.em).saturating_mul(lines)
    }
}

/// The height of a line: any glyph fits into it.
#[must_use]
pub const fn line_height(em: i32) -> i32 {
    // Masks begin and end on whole pixels: rounded up below, and one pixel more above.
    part(em, ASCENT) + part(em, DESCENT) + 2
}

/// How far glyphs may reach over the ends of a line.
#[must_use]
pub const fn overhang(em: i32) -> i32 {
    part(em, OVERHANG) + 1
}

/// The pixels from the first paragraph's top to the last one's bottom.
#[must_use]
pub fn height(sets: &[Set]) -> i32 {
    sets.iter().enumerate().map(|(index, set)| set.height() + if index > 0 { set.gap } else { 0 }).sum()
}

/// Sizes in thousandths of the ideal one that are tried in turn.
const SCALES: [i32; 6] = [1000, 920, 850, 780, 710, 640];

/// Reason and next step in the first language become smaller than they should before one of them is left out.
const PRIMARY: u8 = 90;
const SQUEEZED: i32 = 500;

/// The most important of `paragraphs` at the largest size at which they fit into `width` and `height`.
#[must_use]
pub fn fit<'a>(fonts: &Fonts, paragraphs: &'a [Paragraph], width: i32, height_limit: i32) -> Vec<Set<'a>> {
    let mut kept: Vec<Prepared> = paragraphs.iter().map(|paragraph| Prepared::new(fonts, paragraph)).collect();
    while kept.len() > 1 {
        let are_primary = kept.iter().all(|prepared| prepared.paragraph.importance >= PRIMARY);
        let squeezed = are_primary.then_some(SQUEEZED);
        for scale in SCALES.into_iter().chain(squeezed) {
            let sizes: Vec<Size> = kept.iter().map(|prepared| prepared.sized(width, scale)).collect();
            if sizes.iter().enumerate().map(|(index, size)| size.height(index > 0)).sum::<i32>() <= height_limit {
                return kept.iter().zip(&sizes).map(|(prepared, size)| prepared.at(size, width)).collect();
            }
        }
        leave_out(fonts, &mut kept);
    }
    kept.iter().filter_map(|only| only.forced(width, height_limit)).collect()
}

/// Shortens the least important paragraph or leaves it out.
fn leave_out(fonts: &Fonts, kept: &mut Vec<Prepared>) {
    let Some(least) = (0..kept.len()).rev().min_by_key(|index| kept[*index].paragraph.importance) else { return };
    match kept[least].shortened(fonts) {
        Some(short) => kept[least] = short,
        None => drop(kept.remove(least)),
    }
}

struct Prepared<'a> {
    paragraph: &'a Paragraph,
    is_short: bool,
    face: Face,
    measured: Vec<Measured>,
    total: f32,
    widest: f32,
    ellipsis: f32,
}

/// What a paragraph takes up at one size.
struct Size {
    em: i32,
    lines: usize,
    gap: i32,
}

impl Size {
    fn height(&self, has_gap: bool) -> i32 {
        let lines = i32::try_from(self.lines).unwrap_or(i32::MAX);
        line_height(self.em).saturating_mul(lines).saturating_add(if has_gap { self.gap } else { 0 })
    }
}

impl<'a> Prepared<'a> {
    fn new(fonts: &Fonts, paragraph: &'a Paragraph) -> Self {
        Self::with(fonts, paragraph, &paragraph.text, false)
    }

    fn with(fonts: &Fonts, paragraph: &'a Paragraph, text: &str, is_short: bool) -> Self {
        let is_small = paragraph.ideal < BOLD_FROM_PX;
        let face = if is_small { Face::Medium } else { fonts.face_for(paragraph.face, text) };
        let measured = fonts.measure(face, text);
        let (total, widest) = (wrap::width(&measured), wrap::widest_word(&measured));
        Self { paragraph, is_short, face, measured, total, widest, ellipsis: fonts.advance(face, ELLIPSIS) }
    }

    fn shortened(&self, fonts: &Fonts) -> Option<Self> {
        let short = self.paragraph.short.as_ref().filter(|_| !self.is_short)?;
        Some(Self::with(fonts, self.paragraph, short, true))
    }

    /// On one line if a little shrinking does it, else on more lines, else smaller, else cut.
    fn sized(&self, width: i32, scale: i32) -> Size {
        let gap = part(self.paragraph.gap, scale);
        let squeezed = part(self.paragraph.smallest, 720).max(SMALLEST_PX);
        let smallest = if scale <= SQUEEZED { squeezed } else { self.paragraph.smallest };
        let ideal = part(self.paragraph.ideal, scale).max(smallest);
        let on_one_line = self.one_line_em(width).min(ideal);
        if on_one_line >= smallest.max(part(ideal, 620)) {
            return Size { em: on_one_line, lines: 1, gap };
        }
        let limit = self.paragraph.lines_limit;
        let step = (ideal / 16).max(1);
        let mut em = ideal.min(self.whole_words_em(width)).max(smallest);
        let mut lines = self.lines(em, width).len();
        while em > smallest && lines > limit {
            em = (em - step).max(smallest);
            lines = self.lines(em, width).len();
        }
        Size { em, lines: lines.min(limit), gap }
    }

    /// The only paragraph that is left: it shrinks below its smallest size before it is cut.
    fn forced(&self, width: i32, height_limit: i32) -> Option<Set<'a>> {
        let size = self.sized(width, 1000);
        if size.height(false) <= height_limit {
            return Some(self.at(&size, width));
        }
        let mut em = self.paragraph.ideal;
        let fits = |em: i32| {
            let lines = usize::try_from(height_limit / line_height(em)).unwrap_or_default();
            (lines > 0 && self.lines(em, width).len() <= lines).then_some(lines)
        };
        while em > TINY && fits(em).is_none() {
            em -= 1;
        }
        let lines = usize::try_from(height_limit / line_height(em)).unwrap_or_default();
        (lines > 0 && width > em).then(|| self.at(&Size { em, lines, gap: 0 }, width))
    }

    fn at(&self, size: &Size, width: i32) -> Set<'a> {
        let Size { em, lines: limit, gap } = *size;
        let full = self.lines(em, width);
        let is_cut = full.len() > limit;
        let shown = if is_cut { full } else { wrap::wrap_evenly(&self.measured, ems(width, em)) };
        let mut lines: Vec<String> = shown.iter().take(limit).map(|line| text_of(line)).collect();
        if let (true, Some(last), Some(line)) = (is_cut, lines.last_mut(), shown.get(limit - 1)) {
            *last = text_of(wrap::cut(line, ems(width, em), self.ellipsis));
            last.push(ELLIPSIS);
        }
        Set { paragraph: self.paragraph, face: self.face, em, gap, lines }
    }

    fn lines(&self, em: i32, width: i32) -> Vec<&[Measured]> {
        wrap::wrap(&self.measured, ems(width, em))
    }

    /// The largest size at which no word has to break.
    fn whole_words_em(&self, width: i32) -> i32 {
        self.em_for(self.widest, width)
    }

    fn one_line_em(&self, width: i32) -> i32 {
        self.em_for(self.total, width)
    }

    fn em_for(&self, needed: f32, width: i32) -> i32 {
        let mut em = floor(f32_of(width) / needed.max(0.01)).min(self.paragraph.ideal);
        while em > 1 && needed > ems(width, em) {
            em -= 1;
        }
        em
    }
}

/// Bold strokes of smaller hanzi run into each other.
const BOLD_FROM_PX: i32 = 20;

/// No text is smaller than this many pixels per em: hanzi need eleven rows of pixels.
pub const SMALLEST_PX: i32 = 12;

/// No forced text is smaller: hanzi are not legible below.
const TINY: i32 = 10;

/// The ems of size `em` that fit into `width` pixels with their overhang.
fn ems(width: i32, em: i32) -> f32 {
    f32_of(width - 2 * overhang(em)).max(0.0) / f32_of(em.max(1))
}

fn text_of(line: &[Measured]) -> String {
    line.iter().map(|measured| measured.c).collect()
}

/// A pixel count as a float; screens are far smaller than 2²⁴ pixels wide.
#[must_use]
pub const fn f32_of(pixels: i32) -> f32 {
    pixels as f32
}

/// `sets` as pieces in `place`.
#[must_use]
pub fn pieces(fonts: &Fonts, sets: &[Set], place: &Place) -> Vec<Piece> {
    let spare = (place.area.h - height(sets)).max(0);
    let mut y = place.area.y + if place.middle { spare / 2 } else { 0 };
    let mut pieces = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        y += if index > 0 { set.gap } else { 0 };
        for text in &set.lines {
            pieces.extend(line_pieces(fonts, set, text, y, place));
            y += line_height(set.em);
        }
    }
    pieces
}

fn line_pieces(fonts: &Fonts, set: &Set, text: &str, y: i32, place: &Place) -> Vec<Piece> {
    let (paragraph, em) = (set.paragraph, set.em);
    let width = ceil(wrap::width(&fonts.measure(set.face, text)) * f32_of(em));
    let inset = if paragraph.plate { part(em, 300) } else { overhang(em) };
    let x = match place.align {
        Align::Left if paragraph.plate => place.area.x + overhang(em) + inset,
        Align::Left => place.area.x + inset,
        Align::Centre => place.area.x + (place.area.w - width) / 2,
    };
    let line = Line {
        role: paragraph.role,
        area: Rect::new(x - overhang(em), y, width + 2 * overhang(em), line_height(em)),
        x,
        baseline: y + part(em, ASCENT) + 1,
        text: text.to_owned(),
        face: set.face,
        em,
        ink: if paragraph.plate { place.ground } else { paragraph.ink },
        ground: if paragraph.plate { paragraph.ink } else { place.ground },
    };
    let behind = Fill {
        area: Rect::new(x - inset, y, width + 2 * inset, line_height(em)),
        colour: paragraph.ink,
        ground: place.ground,
        radius: part(em, 220),
    };
    if paragraph.plate { vec![Piece::Fill(behind), Piece::Line(line)] } else { vec![Piece::Line(line)] }
}
