//! From a scene to a plan: one set of proportions for every size of display.

use crate::rules::delivery::Tally;
use crate::rules::ruling::Outcome;
use crate::rules::scene::Scene;
use crate::rules::text::Language;

use super::bar;
use super::content::{Content, Stance, content};
use super::flow::{self, Align, Paragraph, Place, SMALLEST_PX};
use super::font::{Face, Fonts};
use super::geometry::{Rect, part};
use super::hero::{self, Signal};
use super::palette::{Theme, bright};
use super::plan::{Fill, Piece, Plan, Role, Sign};
use super::shape::Shape;
use super::words::{self, Said};

/// No display is larger; a larger target is drawn in its upper left part.
pub const SIDE_LIMIT: i32 = 8192;

/// Lays `scene` out on a display of `width` × `height` pixels.
#[must_use]
pub fn plan(fonts: &Fonts, scene: &Scene, languages: &[Language], width: u32, height: u32) -> Plan {
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(SIDE_LIMIT).min(SIDE_LIMIT);
    let screen = Rect::new(0, 0, side(width), side(height));
    let unit = screen.h.min(part(screen.w, 850));
    let content = content(&scene.body, languages, unit);
    let mut sheet = Sheet { fonts, languages, theme: content.theme, unit, screen, pieces: Vec::new() };
    sheet.fill(screen, content.theme.ground, 0);
    let stage = sheet.bar(scene, &content.stance);
    match &content.stance {
        Stance::Signal(signal) => sheet.signal(&content, signal, stage),
        Stance::Prompt(shape) => sheet.prompt(&content, *shape, stage),
        Stance::Counts(tally) => sheet.counts(&content, tally, stage),
    }
    Plan { screen, pieces: sheet.pieces }
}

/// The least height of the signal word in thousandths of the screen's: more than the eighth that DESIGN §5 asks for.
const WORD_SHARE: i32 = 140;

/// Digits are legible when they are smaller than hanzi can be.
const COUNT_PX: i32 = 8;

struct Sheet<'a> {
    fonts: &'a Fonts,
    languages: &'a [Language],
    theme: Theme,
    unit: i32,
    screen: Rect,
    pieces: Vec<Piece>,
}

impl Sheet<'_> {
    fn fill(&mut self, area: Rect, colour: super::Rgb, radius: i32) {
        self.pieces.push(Piece::Fill(Fill { area, colour, ground: self.theme.ground, radius }));
    }

    /// The margin around everything.
    fn margin(&self) -> i32 {
        part(self.unit, 42).max(2)
    }

    /// Draws the bar if the screen has room for it, and returns the rest. Signal word and reason come first: on a tiny
    /// display a verdict has no bar.
    fn bar(&mut self, scene: &Scene, stance: &Stance) -> Rect {
        let height = part(self.screen.h, 82).max(bar::least_height(SMALLEST_PX));
        let share_limit = match stance {
            Stance::Signal(_) => 130,
            Stance::Prompt(_) | Stance::Counts(_) => 300,
        };
        if height > part(self.screen.h, share_limit) {
            return self.screen;
        }
        let (area, stage) = self.screen.split_top(height);
        self.pieces.extend(bar::bar(self.fonts, &scene.bar, self.languages, area, SMALLEST_PX));
        stage
    }

    /// Sign and signal word above, texts below, facts on a card beside them where it is wide enough.
    fn signal(&mut self, content: &Content, signal: &Signal, stage: Rect) {
        let inner = stage.shrunk(self.margin(), self.margin());
        let rest = self.hero(signal, inner);
        let (_, below) = rest.split_top(part(self.unit, 40).min(part(rest.h, 80)));
        let column = part(below.w, 440);
        let is_wide = inner.w * 10 > inner.h * 14 && column > 14 * SMALLEST_PX;
        if content.facts.is_empty() || !is_wide {
            let paragraphs = [content.texts.clone(), content.facts.clone()].concat();
            return self.flow(&paragraphs, below, self.theme.ground, Align::Left, true);
        }
        let (left, card) = below.split_left(below.w - column);
        let (texts, _) = left.split_left(left.w - self.margin());
        self.flow(&content.texts, texts, self.theme.ground, Align::Left, true);
        self.fill(card, self.theme.card, part(self.unit, 30));
        let padding = part(self.unit, 32);
        self.flow(&content.facts, card.shrunk(padding, padding / 2), self.theme.card, Align::Left, true);
    }

    /// Sign and signal word at the top of `inner`; returns what is left.
    fn hero(&mut self, signal: &Signal, inner: Rect) -> Rect {
        let (top, rest) = inner.split_top(part(inner.h, 410));
        let beside = hero::beside(self.fonts, &self.theme, signal, top);
        if beside.word_px >= part(self.screen.h, WORD_SHARE) {
            self.pieces.extend(beside.pieces);
            return rest;
        }
        let (top, rest) = inner.split_top(part(inner.h, 540));
        let below = hero::below(self.fonts, &self.theme, signal, top);
        let is_better = below.word_px > beside.word_px;
        self.pieces.extend(if is_better { below.pieces } else { beside.pieces });
        rest
    }

    /// A sign with texts beside it, or below it where the screen is not wide.
    fn prompt(&mut self, content: &Content, shape: Shape, stage: Rect) {
        let margin = self.margin();
        let inner = stage.shrunk(margin, margin);
        if stage.w * 4 >= stage.h * 5 {
            let side = part(inner.h, 780).min(part(inner.w, 340)).max(inner.h.min(4 * SMALLEST_PX).min(inner.w / 3));
            let inset = (part(inner.w, 380) - side).clamp(0, 2 * margin);
            let (_, from_sign) = inner.split_left(inset);
            let (left, rest) = from_sign.split_left(side);
            self.sign(shape, Rect::new(left.x, left.y + (left.h - side) / 2, side, side), self.theme.ink);
            let (_, texts) = rest.split_left(part(side, 160).max(margin));
            self.flow(&content.texts, texts, self.theme.ground, Align::Left, true);
        } else {
            let side = part(inner.h, 440).min(inner.w);
            let sets = flow::fit(self.fonts, &content.texts, inner.w, inner.h - side - margin);
            let spare = inner.h - side - margin - flow::height(&sets);
            let (_, group) = inner.split_top(spare / 2);
            let (top, rest) = group.split_top(side);
            self.sign(shape, Rect::new(top.x + (top.w - side) / 2, top.y, side, side), self.theme.ink);
            let (_, area) = rest.split_top(margin);
            let place = Place { area, ground: self.theme.ground, align: Align::Centre, middle: false };
            self.pieces.extend(flow::pieces(self.fonts, &sets, &place));
        }
    }

    /// A title and one tile for each outcome.
    fn counts(&mut self, content: &Content, tally: &Tally, stage: Rect) {
        let margin = self.margin();
        let inner = stage.shrunk(margin, margin);
        let (title, rest) = inner.split_top(part(inner.h, 340).max(flow::line_height(SMALLEST_PX)));
        self.flow(&content.texts, title, self.theme.ground, Align::Left, false);
        let (_, tiles) = rest.split_top(margin / 2);
        let width = (tiles.w - 2 * margin) / 3;
        let each = [(Outcome::Accept, tally.accepted), (Outcome::Hold, tally.held), (Outcome::Reject, tally.rejected)];
        let mut x = tiles.x;
        for (outcome, items) in each {
            self.tile(outcome, items, Rect::new(x, tiles.y, width, tiles.h));
            x += width + margin;
        }
    }

    fn tile(&mut self, outcome: Outcome, items: u32, area: Rect) {
        self.fill(area, self.theme.card, part(self.unit, 30));
        let paragraphs = self.count(outcome, items);
        let inner = area.shrunk(part(self.unit, 20).max(1), part(self.unit, 24).max(1));
        if area.w > area.h {
            let side = inner.h.min(part(inner.w, 400));
            let (left, texts) = inner.split_left(side);
            let square = Rect::new(left.x, left.y + (left.h - side) / 2, side, side);
            self.outcome_sign(outcome, square);
            self.flow(&paragraphs, texts, self.theme.card, Align::Centre, true);
        } else {
            let side = part(inner.h, 340).min(part(inner.w, 600));
            let (top, texts) = inner.split_top(side);
            self.outcome_sign(outcome, Rect::new(top.x + (top.w - side) / 2, top.y, side, side));
            self.flow(&paragraphs, texts, self.theme.card, Align::Centre, true);
        }
    }

    /// The number of a tile and the word for it.
    fn count(&self, outcome: Outcome, items: u32) -> Vec<Paragraph> {
        let said = Said::new(&words::counted(outcome), self.languages);
        let line = |text: String, size: i32, importance: u8| Paragraph {
            role: Role::Count,
            text,
            face: Face::Bold,
            ideal: part(self.unit, size).max(SMALLEST_PX),
            smallest: part(self.unit, 36).max(SMALLEST_PX),
            lines_limit: 1,
            importance,
            gap: 0,
            ink: self.theme.ink,
            short: None,
            plate: false,
        };
        let number = Paragraph { smallest: COUNT_PX, ..line(words::number(items), 170, 100) };
        let word = line(said.first, 62, 90);
        let second = said.second.map(|second| Paragraph { ink: self.theme.quiet, ..line(second, 46, 50) });
        [number, word].into_iter().chain(second).collect()
    }

    fn outcome_sign(&mut self, outcome: Outcome, area: Rect) {
        let (shape, ground) = (Shape::of(outcome), self.theme.card);
        self.pieces.push(Piece::Sign(Sign { area, shape, ink: bright(outcome), ground }));
    }

    fn sign(&mut self, shape: Shape, area: Rect, ink: super::Rgb) {
        self.pieces.push(Piece::Sign(Sign { area, shape, ink, ground: self.theme.ground }));
    }

    fn flow(&mut self, paragraphs: &[Paragraph], area: Rect, ground: super::Rgb, align: Align, middle: bool) {
        let sets = flow::fit(self.fonts, paragraphs, area.w, area.h);
        let place = Place { area, ground, align, middle };
        self.pieces.extend(flow::pieces(self.fonts, &sets, &place));
    }
}
