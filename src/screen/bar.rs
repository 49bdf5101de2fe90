//! What is on every screen: where the box stands, what time it believes, how old its list is.

use embedded_graphics::draw_target::DrawTarget;

use super::Ink;
use super::area::Area;
use super::font::{Font, LINE};
use super::palette::Ground;
use super::pen::Pen;
use super::stack::wrap;
use crate::rules::clock::ClockTrust;
use crate::rules::scene::{Bar, CacheAge};
use crate::rules::text::{Language, Text};

/// A piece of the bar; the highest rank goes first when there is no room.
struct Piece {
    text: String,
    rank: u8,
    right: bool,
    /// Stands out: ground and text change places.
    marked: bool,
}

/// Draws the bar over `area`.
pub fn draw<D>(pen: &mut Pen<'_, D>, bar: &Bar, language: Language, area: Area, ground: Ground) -> Result<(), D::Error>
where
    D: DrawTarget,
    D::Color: Ink,
{
    let ground = ground.shaded();
    pen.fill(area, ground.ground)?;
    let size = area.height * 0.62;
    let (gap, top) = (size * 0.8, area.top + (area.height - size * LINE) / 2.0);
    let inner = area.inset(gap * 0.6, 0.0);
    let pieces = fitting(pen.font, pieces(bar, language), size, gap, inner.width);
    let (mut left, mut right) = (inner.left, inner.right());
    for piece in pieces {
        let width = pen.font.width(&piece.text, size);
        let x = if piece.right { right - width } else { left };
        if piece.right {
            right -= width + gap;
        } else {
            left += width + gap;
        }
        let mut colours = (ground.text, ground.ground);
        if piece.marked {
            let chip = Area::new(x - size * 0.25, area.top + area.height * 0.1, width + size * 0.5, area.height * 0.8);
            pen.fill(chip, ground.text)?;
            colours = (ground.ground, ground.text);
        }
        pen.line(&piece.text, (x, top), size, colours)?;
    }
    Ok(())
}

fn pieces(bar: &Bar, language: Language) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut add = |text: String, rank: u8, right: bool, marked: bool| {
        if !text.is_empty() {
            pieces.push(Piece { text, rank, right, marked });
        }
    };
    let say = |zh: &str, en: &str| Text::new(zh, en).get(language).to_owned();
    if bar.demo {
        add(say("演示", "DEMO"), 0, false, true);
    }
    add(bar.site.clone(), 5, false, false);
    if let Some((id, tally)) = &bar.delivery {
        add(format!("✓{} ▲{} ✕{}", tally.accepted, tally.held, tally.rejected), 3, false, false);
        add(id.clone(), 6, false, false);
    }
    let unsure = matches!(bar.trust, Some(ClockTrust::Behind(_) | ClockTrust::Ahead(_)));
    if unsure {
        add(say("时间不可信", "CLOCK UNSURE"), 1, true, true);
    }
    add(bar.clock.clone().unwrap_or_default(), 4, true, false);
    match bar.cache {
        CacheAge::Normal => {}
        CacheAge::Missing => add(say("没有名单", "NO LIST"), 2, true, true),
        CacheAge::Ageing(hours) => add(format!("{} {}", say("名单", "LIST"), age(hours, language)), 2, true, false),
        CacheAge::Old(hours) | CacheAge::Dead(hours) => {
            add(format!("{} {}", say("名单过旧", "OLD LIST"), age(hours, language)), 2, true, true);
        }
    }
    pieces
}

fn age(hours: i64, language: Language) -> String {
    let (days, hours) = (hours / 24, hours % 24);
    match (days, language) {
        (0, Language::Zh) => format!("{hours}小时"),
        (_, Language::Zh) => format!("{days}天"),
        (0, Language::En) => format!("{hours} h"),
        (_, Language::En) => format!("{days} d"),
    }
}

/// Leaves pieces out until the rest fits; the site's name is shortened before it goes.
fn fitting(font: &Font, mut pieces: Vec<Piece>, size: f32, gap: f32, width: f32) -> Vec<Piece> {
    loop {
        let used: f32 = pieces.iter().map(|piece| font.width(&piece.text, size) + gap).sum();
        if used <= width + gap {
            return pieces;
        }
        let Some(at) = (0..pieces.len()).max_by_key(|at| pieces[*at].rank) else { return pieces };
        let room = width - (used - font.width(&pieces[at].text, size) - gap) - gap * 2.0;
        let shorter = wrap(font, &pieces[at].text, size, room.max(1.0)).into_iter().next().unwrap_or_default();
        if pieces[at].rank == 5 && room > size * 3.0 && shorter.len() < pieces[at].text.len() {
            pieces[at].text = shorter;
        } else {
            pieces.remove(at);
        }
    }
}
