//! A scene's page: shape and signal word above, what they mean below.

use embedded_graphics::draw_target::DrawTarget;

use super::Ink;
use super::area::Area;
use super::bar;
use super::font::{ASCENT, LINE};
use super::icon::Icon;
use super::palette::Ground;
use super::pen::Pen;
use super::stack::{Align, Block, place};
use crate::rules::delivery::{Delivery, Tally};
use crate::rules::ruling::Outcome;
use crate::rules::scene::{Body, FaultBody, Scene, VerdictBody};
use crate::rules::text::{Language, Text};
use crate::rules::words;

/// Lower screens have no bar.
const LEAST_HEIGHT_FOR_BAR: f32 = 100.0;
/// Lower screens have no card.
const LEAST_HEIGHT_FOR_CARD: f32 = 200.0;
/// The smallest text, in pixels an em: below it strokes run together.
const LEAST_SIZE: f32 = 9.0;
/// The signal word is at least this share of the screen's height (DESIGN, "Signals"), as a capital letter.
pub const SIGNAL_SHARE: f32 = 1.0 / 8.0;

/// The second language's signal word beside the first.
const SECOND_SHARE: f32 = 0.7;

/// The same content for every size.
struct Page {
    icon: Icon,
    signal: Text,
    meaning: Vec<Block>,
    card: Vec<Block>,
    tally: Option<Tally>,
}

/// Measures of one screen.
#[derive(Clone, Copy, Debug)]
struct Scale {
    whole: Area,
    first: Language,
    second: Option<Language>,
    /// What sizes are shares of.
    base: f32,
}

impl Scale {
    fn new(whole: Area, languages: &[Language]) -> Self {
        let first = languages.first().copied().unwrap_or(Language::En);
        let second = languages.get(1).copied().filter(|second| *second != first);
        Self { whole, first, second, base: whole.height.min(whole.width * 0.8) }
    }

    fn margin(&self) -> f32 {
        (self.base * 0.045).max(2.0)
    }

    fn least(&self) -> f32 {
        (self.base * 0.034).max(LEAST_SIZE)
    }

    fn block(&self, text: &str, share: f32, lines: usize, rank: u8) -> Block {
        let size = (self.base * share).max(LEAST_SIZE);
        Block { text: text.to_owned(), size, least: self.least().min(size), lines, rank, above: 0.25 }
    }

    /// A text in both languages, the second smaller and less important.
    fn both(&self, text: &Text, share: f32, lines: usize, ranks: (u8, u8)) -> Vec<Block> {
        let first = self.block(text.get(self.first), share, lines, ranks.0);
        let second = self
            .second
            .map(|second| Block { above: 0.0, ..self.block(text.get(second), share * 0.66, lines, ranks.1) });
        std::iter::once(first).chain(second.filter(|second| second.text != text.get(self.first))).collect()
    }
}

/// Draws the whole screen.
pub fn draw<D>(pen: &mut Pen<'_, D>, scene: &Scene, languages: &[Language], whole: Area) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    let scale = Scale::new(whole, languages);
    let ground = Ground::of_body(&scene.body);
    pen.fill(whole, ground.ground)?;
    let bar_height = if whole.height < LEAST_HEIGHT_FOR_BAR { 0.0 } else { (whole.height * 0.082).max(18.0).round() };
    let (bar_area, body) = whole.split_top(bar_height);
    if bar_height > 0.0 {
        bar::draw(pen, &scene.bar, scale.first, bar_area, ground)?;
    }
    let page = page(&scene.body, &scale);
    let rest = head(pen, &page, &scale, body, ground)?;
    foot(pen, &page, &scale, rest, ground)
}

/// Shape and signal word; gives the room below.
fn head<D>(pen: &mut Pen<'_, D>, page: &Page, scale: &Scale, body: Area, ground: Ground) -> Result<Area, D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    let alone = page.meaning.is_empty() && page.card.is_empty() && page.tally.is_none();
    let share = if alone { 1.0 } else { 0.42 };
    let (head, rest) = body.split_top(body.height * share);
    let margin = scale.margin();
    let head = head.inset(margin, margin * 0.7);
    let (icon, words) = head.split_left((head.height * 0.95).min(head.width * 0.34).min(scale.base * 0.5));
    page.icon.draw(pen, icon, ground)?;
    let words = Area::new(words.left + margin, words.top, words.width - margin, words.height);
    signal(pen, page, scale, words, ground)?;
    Ok(rest)
}

/// The signal word in both languages: beside each other where that makes them larger, else under each other.
fn signal<D>(pen: &mut Pen<'_, D>, page: &Page, scale: &Scale, area: Area, ground: Ground) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    // A capital letter of this many pixels an em has the height that a signal word must have.
    let least = scale.whole.height * SIGNAL_SHARE / super::font::CAP_HEIGHT;
    let (first, second) = (page.signal.get(scale.first), scale.second.map(|second| page.signal.get(second)));
    let height = area.height.min(scale.base * 0.62);
    let stacked = (height * 0.5).min(area.width / pen.font.width(first, 1.0).max(1.0));
    let both = pen.font.width(first, 1.0) + SECOND_SHARE * (pen.font.width(second.unwrap_or_default(), 1.0) + 0.6);
    let beside = (height * 0.8).min(area.width / both.max(1.0));
    if let Some(second) = second.filter(|_| beside >= stacked.max(least)) {
        let top = area.top + (area.height - beside * LINE) / 2.0;
        let right = area.left + pen.font.width(first, beside) + beside * SECOND_SHARE * 0.6;
        let lower = top + beside * ASCENT * (1.0 - SECOND_SHARE);
        pen.line(first, (area.left, top), beside, (ground.text, ground.ground))?;
        return pen.line(second, (right, lower), beside * SECOND_SHARE, (ground.text, ground.ground));
    }
    let block = |text: &str, size: f32, least: f32, rank| Block {
        text: text.to_owned(),
        size: size.max(least),
        least,
        lines: 1,
        rank,
        above: 0.0,
    };
    let first = block(first, height * if second.is_some() { 0.5 } else { 0.8 }, least, 0);
    let second = second.map(|second| block(second, height * 0.27, scale.least(), 1));
    let blocks: Vec<Block> = std::iter::once(first).chain(second).collect();
    let blocks = if blocks_fit(pen, &blocks, area.width) { blocks } else { two_lines(blocks, scale) };
    write(pen, &blocks, area, Align::Left, ground)
}

/// Whether every text has a line of its own at its smallest.
fn blocks_fit<D>(pen: &Pen<'_, D>, blocks: &[Block], width: f32) -> bool {
    blocks.iter().all(|block| pen.font.width(&block.text, block.least) <= width)
}

/// A longer signal, of scenes that are no verdict, may be smaller and take two lines.
fn two_lines(blocks: Vec<Block>, scale: &Scale) -> Vec<Block> {
    blocks.into_iter().map(|block| Block { lines: 2, least: scale.least(), ..block }).collect()
}

/// What the signal means.
fn foot<D>(pen: &mut Pen<'_, D>, page: &Page, scale: &Scale, rest: Area, ground: Ground) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    let margin = scale.margin();
    if let Some(tally) = page.tally {
        let (counts, below) = rest.split_top(rest.height * 0.62);
        tally_row(pen, tally, scale, counts.inset(margin, margin * 0.3), ground)?;
        return write(pen, &page.meaning, below.inset(margin, margin * 0.2), Align::Centre, ground);
    }
    if page.card.is_empty() || scale.whole.height < LEAST_HEIGHT_FOR_CARD {
        let all: Vec<Block> = page.meaning.iter().chain(&page.card).cloned().collect();
        return write(pen, &all, rest.inset(margin, margin * 0.2), Align::Left, ground);
    }
    let (meaning, card) = rest.split_top(rest.height * 0.6);
    write(pen, &page.meaning, meaning.inset(margin, margin * 0.2), Align::Left, ground)?;
    pen.fill(card, ground.shade)?;
    write(pen, &page.card, card.inset(margin, margin * 0.4), Align::Left, ground.shaded())
}

/// How many went which way: shape and number, side by side.
fn tally_row<D>(pen: &mut Pen<'_, D>, tally: Tally, scale: &Scale, area: Area, ground: Ground) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    let counts = [(Outcome::Accept, tally.accepted), (Outcome::Hold, tally.held), (Outcome::Reject, tally.rejected)];
    let mut rest = area;
    for (left, (outcome, count)) in [3.0, 2.0, 1.0].into_iter().zip(counts) {
        let (cell, other) = rest.split_left(rest.width / left);
        rest = other;
        let cell = cell.inset(scale.margin() * 0.3, 0.0);
        let (icon, number) = cell.split_left((cell.height * 0.8).min(cell.width * 0.45));
        Icon::of_outcome(outcome).draw(pen, icon, ground)?;
        let size = (cell.height * 0.6).min(scale.base * 0.2).max(LEAST_SIZE);
        let block = Block { text: count.to_string(), size, least: LEAST_SIZE, lines: 1, rank: 0, above: 0.0 };
        write(pen, &[block], number.inset(scale.margin() * 0.3, 0.0), Align::Left, ground)?;
    }
    Ok(())
}

fn write<D>(pen: &mut Pen<'_, D>, blocks: &[Block], area: Area, align: Align, ground: Ground) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    for line in place(pen.font, blocks, area, align) {
        pen.line(&line.text, (line.left, line.top), line.size, (ground.text, ground.ground))?;
    }
    Ok(())
}

fn page(body: &Body, scale: &Scale) -> Page {
    let (icon, signal) = (Icon::of(body), words::signal(body));
    let plain = |meaning| Page { icon, signal: signal.clone(), meaning, card: Vec::new(), tally: None };
    match body {
        Body::Starting | Body::SelfTest(None) | Body::Ready => plain(Vec::new()),
        Body::SelfTest(Some(lamp)) => plain(scale.both(&words::lamp(*lamp), 0.11, 1, (0, 1))),
        Body::Notice(notice) => plain(scale.both(&words::notice(*notice).1, 0.10, 2, (0, 1))),
        Body::DeliveryStarted(delivery) => plain(name(delivery, scale)),
        Body::Summary(delivery) => Page { tally: Some(delivery.tally), ..plain(name(delivery, scale)) },
        Body::Verdict(verdict) => Page { card: card(verdict, scale), ..plain(verdict_blocks(verdict, scale)) },
        Body::Fault(fault) => plain(fault_blocks(fault, scale)),
    }
}

fn name(delivery: &Delivery, scale: &Scale) -> Vec<Block> {
    vec![scale.block(&delivery.id, 0.08, 2, 0)]
}

fn verdict_blocks(verdict: &VerdictBody, scale: &Scale) -> Vec<Block> {
    let mut blocks = scale.both(&verdict.reason, 0.085, 3, (0, 6));
    for detail in &verdict.details {
        let text = format!("· {}", detail.get(scale.first));
        blocks.push(Block { above: 0.0, ..scale.block(&text, 0.062, 2, 4) });
    }
    let arrow = |text: &str| format!("→ {text}");
    let next = Text::new(arrow(&verdict.next.zh), arrow(&verdict.next.en));
    blocks.extend(scale.both(&next, 0.072, 2, (1, 5)));
    blocks
}

fn card(verdict: &VerdictBody, scale: &Scale) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(product) = &verdict.product {
        blocks.extend(scale.both(product, 0.062, 2, (7, 9)));
    }
    if let Some(supplier) = &verdict.supplier {
        blocks.push(scale.block(supplier.get(scale.first), 0.048, 1, 10));
    }
    blocks.push(scale.block(&verdict.elements, 0.042, 2, 8));
    blocks.retain(|block| !block.text.is_empty());
    blocks
}

fn fault_blocks(fault: &FaultBody, scale: &Scale) -> Vec<Block> {
    let mut blocks = scale.both(&fault.what, 0.088, 2, (0, 3));
    blocks.extend(scale.both(&fault.next, 0.074, 2, (1, 4)));
    blocks.push(scale.block(&fault.detail, 0.042, 3, 5));
    blocks
}
