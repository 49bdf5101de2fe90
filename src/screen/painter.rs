//! Draws plans: the only file here that touches pixels.

use std::collections::BTreeMap;

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::Point;
use embedded_graphics::prelude::Pixel;

use crate::rules::board::Size;
use crate::rules::scene::Scene;
use crate::rules::text::Language;

use super::Rgb;
use super::flow::f32_of;
use super::font::{Face, Fonts, Mask};
use super::geometry::floor;
use super::ink::Ink;
use super::layout;
use super::plan::{Fill, Line, Piece, Plan, Sign};
use super::shape::{self, Shape};

/// Draws scenes. It keeps the masks that it has drawn, so that the next screen of the same kind is faster.
pub struct Painter {
    fonts: Fonts,
    masks: Masks,
}

impl Painter {
    /// A painter with the embedded font.
    #[must_use]
    pub fn new() -> Self {
        Self { fonts: Fonts::new(), masks: Masks::default() }
    }

    /// The embedded font.
    #[must_use]
    pub const fn fonts(&self) -> &Fonts {
        &self.fonts
    }

    /// What [`Self::draw`] draws on a display of `size`.
    #[must_use]
    pub fn plan(&self, scene: &Scene, languages: &[Language], size: Size) -> Plan {
        layout::plan(&self.fonts, scene, languages, size.width, size.height)
    }

    /// Draws the whole screen: every pixel of `target` up to 8192 each way.
    ///
    /// The first language is large, the second small; an empty list is Chinese.
    ///
    /// # Errors
    ///
    /// What `target` fails with.
    pub fn draw<D, C>(&mut self, scene: &Scene, languages: &[Language], target: &mut D) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = C>,
        C: Ink,
    {
        let size = target.bounding_box().size;
        let plan = self.plan(scene, languages, Size { width: size.width, height: size.height });
        plan.pieces.iter().try_for_each(|piece| self.piece(piece, target))
    }

    /// Draws one piece of a plan.
    ///
    /// # Errors
    ///
    /// What `target` fails with.
    pub fn piece<D, C>(&mut self, piece: &Piece, target: &mut D) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = C>,
        C: Ink,
    {
        match piece {
            Piece::Fill(fill) => self.fill(fill, target),
            Piece::Sign(sign) => self.sign(sign, target),
            Piece::Line(line) => self.line(line, target),
        }
    }

    fn fill<D: DrawTarget<Color = C>, C: Ink>(&mut self, fill: &Fill, target: &mut D) -> Result<(), D::Error> {
        let Fill { area, colour, ground, radius } = *fill;
        target.fill_solid(&area.into(), C::mix(ground, colour, 255))?;
        let radius = radius.min(area.w / 2).min(area.h / 2);
        let corner = self.masks.get(Key::Corner(pixels(radius)), || shape::corner(pixels(radius)));
        let width = i32::try_from(corner.width).unwrap_or_default();
        let outside = corner.coverage.iter().zip(0..).filter(|(covered, _)| **covered < 255);
        let mirrored = outside.flat_map(|(covered, index)| {
            let (x, y) = (index % width, index / width);
            let (left, right) = (area.x + x, area.right() - 1 - x);
            let (top, bottom) = (area.y + y, area.bottom() - 1 - y);
            let pixel = move |x, y| Pixel(Point::new(x, y), C::mix(ground, colour, *covered));
            [pixel(left, top), pixel(right, top), pixel(left, bottom), pixel(right, bottom)]
        });
        target.draw_iter(mirrored)
    }

    fn sign<D: DrawTarget<Color = C>, C: Ink>(&mut self, sign: &Sign, target: &mut D) -> Result<(), D::Error> {
        let side = pixels(sign.area.w.min(sign.area.h));
        let mask = self.masks.get(Key::Shape(sign.shape, side), || sign.shape.mask(side));
        stamp(mask, sign.area.x, sign.area.y, (sign.ground, sign.ink), target)
    }

    fn line<D: DrawTarget<Color = C>, C: Ink>(&mut self, line: &Line, target: &mut D) -> Result<(), D::Error> {
        let mut pen = f32_of(line.x);
        let em = pixels(line.em);
        for c in line.text.chars() {
            let (x, quarter) = on_grid(pen, C::SMOOTH);
            let shift = f32::from(quarter) / 4.0;
            let draw = || self.fonts.mask(line.face, c, em, shift);
            let mask = self.masks.get(Key::Glyph(line.face, c, em, quarter), draw);
            stamp(mask, x, line.baseline, (line.ground, line.ink), target)?;
            pen += self.fonts.advance(line.face, c) * f32_of(line.em);
        }
        Ok(())
    }
}

impl Default for Painter {
    fn default() -> Self {
        Self::new()
    }
}

/// The whole pixel left of the pen, and how many quarters of a pixel the pen is right of it. Displays without shades
/// have no quarters.
fn on_grid(pen: f32, smooth: bool) -> (i32, u8) {
    if !smooth {
        return (floor(pen + 0.5), 0);
    }
    let quarters = floor(pen * 4.0 + 0.5);
    (quarters.div_euclid(4), u8::try_from(quarters.rem_euclid(4)).unwrap_or_default())
}

fn stamp<D: DrawTarget<Color = C>, C: Ink>(
    mask: &Mask,
    x: i32,
    y: i32,
    (ground, ink): (Rgb, Rgb),
    target: &mut D,
) -> Result<(), D::Error> {
    let rows = mask.coverage.chunks(mask.width.max(1));
    let pixels = rows.zip(y + mask.top..).flat_map(|(row, y)| {
        let covered = row.iter().zip(x + mask.left..).filter(|(coverage, _)| **coverage > 0);
        covered.map(move |(coverage, x)| Pixel(Point::new(x, y), C::mix(ground, ink, *coverage)))
    });
    target.draw_iter(pixels)
}

fn pixels(length: i32) -> u16 {
    u16::try_from(length.max(0)).unwrap_or(u16::MAX)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Glyph(Face, char, u16, u8),
    Shape(Shape, u16),
    Corner(u16),
}

/// The masks of the last screens, at most [`MASKS_LIMIT_BYTES`] of them.
#[derive(Default)]
struct Masks {
    kept: BTreeMap<Key, Mask>,
    bytes: usize,
}

/// Room for some twenty screens at 800 × 480.
const MASKS_LIMIT_BYTES: usize = 4 << 20;

impl Masks {
    /// The mask of `key`. When the room is used up, everything goes and the next screens fill it again.
    fn get(&mut self, key: Key, draw: impl FnOnce() -> Mask) -> &Mask {
        if self.bytes > MASKS_LIMIT_BYTES {
            self.kept.clear();
            self.bytes = 0;
        }
        let bytes = &mut self.bytes;
        self.kept.entry(key).or_insert_with(|| {
            let mask = draw();
            *bytes += mask.coverage.len() + size_of::<(Key, Mask)>();
            mask
        })
    }
}
