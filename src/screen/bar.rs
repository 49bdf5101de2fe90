//! The bar on top: where the box stands, what is open, and what is not to be trusted.

use crate::rules::clock::ClockTrust;
use crate::rules::delivery::Tally;
use crate::rules::ruling::Outcome;
use crate::rules::scene::Bar;
use crate::rules::text::{Language, Text};
use crate::rules::wrap::{self, ELLIPSIS};

use super::clean::clean;
use super::flow::{f32_of, line_height, overhang};
use super::font::{ASCENT, Face, Fonts};
use super::geometry::{Rect, ceil, part};
use super::palette::Theme;
use super::plan::{Fill, Line, Piece, Role, Sign};
use super::shape::{Shape, side_for};
use super::words;

/// The lowest bar that a text fits into.
#[must_use]
pub const fn least_height(smallest_px: i32) -> i32 {
    line_height(smallest_px) + 2
}

/// What the bar says, from left to right, as far as `area` has room for it.
#[must_use]
pub fn bar(fonts: &Fonts, bar: &Bar, languages: &[Language], area: Rect, smallest_px: i32) -> Vec<Piece> {
    let em = part(area.h, 500).max(smallest_px);
    let tray = Tray { fonts, em, theme: Theme::BAR, area };
    let mut chips = chips(bar, languages);
    while !chips.is_empty() && tray.width(&chips) > tray.room() {
        let least = (0..chips.len()).min_by_key(|index| chips[*index].importance).unwrap_or_default();
        if !tray.shorten(&mut chips, least) {
            chips.remove(least);
        }
    }
    tray.pieces(&chips)
}

/// A few signs and texts that belong together.
#[derive(Clone, Debug)]
struct Chip {
    parts: Vec<Item>,
    /// Drawn on a light plate.
    plate: bool,
    /// Less important chips are shortened first and then left out.
    importance: u8,
    /// Which end of its text may become an ellipsis.
    elastic: Option<End>,
    right: bool,
}

#[derive(Clone, Copy, Debug)]
enum End {
    First,
    Last,
}

#[derive(Clone, Debug)]
enum Item {
    Sign(Shape),
    Text(String),
}

fn chips(bar: &Bar, languages: &[Language]) -> Vec<Chip> {
    let say = |text: &Text| clean(text.get(languages.first().copied().unwrap_or(Language::Zh)));
    let chip = |parts, importance| Chip { parts, plate: false, importance, elastic: None, right: true };
    let demo = bar.demo.then(|| {
        let text = languages.iter().map(|language| words::demo().get(*language).to_owned()).collect::<Vec<_>>();
        let text = if text.is_empty() { say(&words::demo()) } else { text.join(" ") };
        Chip { plate: true, right: false, ..chip(vec![Item::Text(text)], 100) }
    });
    let site = Some(clean(&bar.site)).filter(|site| !site.is_empty());
    let site = site.map(|site| Chip { elastic: Some(End::Last), right: false, ..chip(vec![Item::Text(site)], 30) });
    let delivery = bar.delivery.iter().flat_map(|(id, tally)| {
        let name = vec![Item::Sign(Shape::Parcel), Item::Text(clean(id))];
        // The last digits of a shipment tell it from its neighbours.
        [Chip { elastic: Some(End::First), ..chip(name, 25) }, chip(counts(tally), 80)]
    });
    let cache = words::cache(bar.cache).map(|(text, warns)| {
        let parts = vec![Item::Sign(Shape::List), Item::Text(say(&text))];
        Chip { plate: warns, ..chip(parts, if warns { 90 } else { 70 }) }
    });
    let chips = demo.into_iter().chain(site).chain(delivery).chain(cache);
    chips.chain(clock(bar, &say(&words::clock_unsure()), &chip)).collect()
}

fn clock(bar: &Bar, unsure: &str, chip: &impl Fn(Vec<Item>, u8) -> Chip) -> Option<Chip> {
    let is_unsure = match bar.trust {
        Some(ClockTrust::Behind(_) | ClockTrust::Ahead(_)) => true,
        Some(ClockTrust::Trusted) | None => false,
    };
    if is_unsure {
        let parts = vec![Item::Sign(Shape::Clock), Item::Text(unsure.to_owned())];
        return Some(Chip { plate: true, ..chip(parts, 95) });
    }
    bar.clock.as_ref().map(|clock| chip(vec![Item::Text(clean(clock))], 60))
}

fn counts(tally: &Tally) -> Vec<Item> {
    let each = [(Outcome::Accept, tally.accepted), (Outcome::Hold, tally.held), (Outcome::Reject, tally.rejected)];
    each.into_iter().flat_map(|(outcome, n)| [Item::Sign(Shape::of(outcome)), Item::Text(words::number(n))]).collect()
}

struct Tray<'a> {
    fonts: &'a Fonts,
    em: i32,
    theme: Theme,
    area: Rect,
}

impl Tray<'_> {
    fn room(&self) -> i32 {
        self.area.w - self.em
    }

    fn space(&self) -> i32 {
        part(self.em, 750)
    }

    fn width(&self, chips: &[Chip]) -> i32 {
        let spaces = i32::try_from(chips.len().saturating_sub(1)).unwrap_or(i32::MAX);
        chips.iter().map(|chip| self.chip_width(chip)).sum::<i32>() + spaces.saturating_mul(self.space())
    }

    fn chip_width(&self, chip: &Chip) -> i32 {
        let spaces = i32::try_from(chip.parts.len().saturating_sub(1)).unwrap_or(i32::MAX);
        let parts: i32 = chip.parts.iter().map(|item| self.item_width(item)).sum();
        parts + spaces * part(self.em, 220) + if chip.plate { part(self.em, 700) } else { 0 }
    }

    fn item_width(&self, item: &Item) -> i32 {
        match item {
            Item::Sign(_) => side_for(self.em),
            Item::Text(text) => self.text_width(text),
        }
    }

    fn text_width(&self, text: &str) -> i32 {
        ceil(wrap::width(&self.fonts.measure(Face::Medium, text)) * f32_of(self.em))
    }

    /// Ends the text of chip `index` in an ellipsis so that everything fits, if something of it remains.
    fn shorten(&self, chips: &mut [Chip], index: usize) -> bool {
        let over = self.width(chips) - self.room();
        let Some(chip) = chips.get_mut(index) else { return false };
        let (Some(end), Some(Item::Text(text))) = (chip.elastic.take(), chip.parts.last_mut()) else { return false };
        let limit = f32_of(self.text_width(text) - over) / f32_of(self.em);
        let mut measured = self.fonts.measure(Face::Medium, text);
        if matches!(end, End::First) {
            measured.reverse();
        }
        let kept = wrap::cut(&measured, limit, self.fonts.advance(Face::Medium, ELLIPSIS));
        if kept.len() < 3 {
            return false;
        }
        let kept = kept.iter().map(|measured| measured.c);
        *text = match end {
            End::Last => kept.chain([ELLIPSIS]).collect(),
            End::First => [ELLIPSIS].into_iter().chain(kept.rev()).collect(),
        };
        true
    }

    fn pieces(&self, chips: &[Chip]) -> Vec<Piece> {
        let ground = Fill { area: self.area, colour: self.theme.ground, ground: self.theme.ground, radius: 0 };
        let mut pieces = vec![Piece::Fill(ground)];
        let mut left = self.area.x + self.em / 2;
        let mut right = self.area.right() - self.em / 2;
        for chip in chips.iter().filter(|chip| !chip.right) {
            pieces.extend(self.chip(chip, left));
            left += self.chip_width(chip) + self.space();
        }
        for chip in chips.iter().rev().filter(|chip| chip.right) {
            right -= self.chip_width(chip);
            pieces.extend(self.chip(chip, right));
            right -= self.space();
        }
        pieces
    }

    fn chip(&self, chip: &Chip, x: i32) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let (ink, ground) =
            if chip.plate { (self.theme.ground, self.theme.ink) } else { (self.theme.ink, self.theme.ground) };
        let y = self.area.y + (self.area.h - line_height(self.em)) / 2;
        let mut pen = x;
        if chip.plate {
            let area = Rect::new(x, y, self.chip_width(chip), line_height(self.em));
            let radius = part(self.em, 220);
            pieces.push(Piece::Fill(Fill { area, colour: self.theme.ink, ground: self.theme.ground, radius }));
            pen += part(self.em, 350);
        }
        for item in &chip.parts {
            pieces.push(self.item(item, pen, y, ink, ground));
            pen += self.item_width(item) + part(self.em, 220);
        }
        pieces
    }

    fn item(&self, item: &Item, x: i32, y: i32, ink: super::Rgb, ground: super::Rgb) -> Piece {
        match item {
            Item::Sign(shape) => {
                let side = side_for(self.em);
                let area = Rect::new(x, self.area.y + (self.area.h - side) / 2, side, side);
                Piece::Sign(Sign { area, shape: *shape, ink, ground })
            }
            Item::Text(text) => {
                let over = overhang(self.em);
                let area = Rect::new(x - over, y, self.text_width(text) + 2 * over, line_height(self.em));
                let baseline = y + part(self.em, ASCENT) + 1;
                let (text, face) = (text.clone(), Face::Medium);
                Piece::Line(Line { role: Role::Bar, area, x, baseline, text, face, em: self.em, ink, ground })
            }
        }
    }
}
