//! Puts fills, texts and shapes on a target, smooth at their edges.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "places on a screen fit, and casts from floating point saturate"
)]

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::Rectangle;

use super::Ink;
use super::area::Area;
use super::font::{ASCENT, Font};

/// Samples of a shape in each direction of a pixel.
const SAMPLES: u32 = 4;

/// A pen over one target.
pub struct Pen<'a, D> {
    pub font: &'a mut Font,
    target: &'a mut D,
}

impl<'a, D> Pen<'a, D>
where
    D: DrawTarget,
    D::Color: Ink,
{
    pub const fn new(font: &'a mut Font, target: &'a mut D) -> Self {
        Self { font, target }
    }

    /// Fills an area with a colour.
    pub fn fill(&mut self, area: Area, colour: Rgb888) -> Result<(), D::Error> {
        let (left, top) = (area.left.round(), area.top.round());
        let size =
            Size::new((area.right().round() - left).max(0.0) as u32, (area.bottom().round() - top).max(0.0) as u32);
        self.target.fill_solid(&Rectangle::new(Point::new(left as i32, top as i32), size), Ink::ink(colour))
    }

    /// Writes one line; `left` and `top` are those of the line, `size` is pixels an em.
    pub fn line(
        &mut self,
        text: &str,
        (left, top): (f32, f32),
        size: f32,
        (colour, ground): (Rgb888, Rgb888),
    ) -> Result<(), D::Error> {
        let baseline = (top + ASCENT * size).round() as i32;
        let mut x = left;
        for c in text.chars() {
            let drawn = self.font.draw(c, size);
            let (column, row) = (x.round() as i32 + drawn.left, baseline + drawn.top);
            let pixels = drawn.coverage.iter().enumerate().filter(|(_, covered)| **covered > 0).map(|(at, covered)| {
                let place = Point::new(column + (at % drawn.width) as i32, row + (at / drawn.width) as i32);
                Pixel(place, Ink::ink(mix(ground, colour, u32::from(*covered))))
            });
            self.target.draw_iter(pixels)?;
            x += self.font.advance(c, size);
        }
        Ok(())
    }

    /// Fills whatever `inside` says is inside; it is asked for places in shares of the area.
    pub fn shape(
        &mut self,
        area: Area,
        (colour, ground): (Rgb888, Rgb888),
        inside: impl Fn(f32, f32) -> bool,
    ) -> Result<(), D::Error> {
        if area.width < 1.0 || area.height < 1.0 {
            return Ok(());
        }
        let (left, top) = (area.left.floor() as i32, area.top.floor() as i32);
        let (right, bottom) = (area.right().ceil() as i32, area.bottom().ceil() as i32);
        let places = (top..bottom).flat_map(|y| (left..right).map(move |x| Point::new(x, y)));
        let pixels = places.filter_map(|place| {
            let covered = covered(area, place, &inside);
            (covered > 0).then(|| Pixel(place, Ink::ink(mix(ground, colour, covered))))
        });
        self.target.draw_iter(pixels)
    }
}

/// How much of a pixel is inside, 0 to 255.
fn covered(area: Area, place: Point, inside: &impl Fn(f32, f32) -> bool) -> u32 {
    let part = |sample: u32| (sample as f32 + 0.5) / SAMPLES as f32;
    let samples = (0..SAMPLES * SAMPLES).filter(|sample| {
        let x = (place.x as f32 + part(sample % SAMPLES) - area.left) / area.width;
        let y = (place.y as f32 + part(sample / SAMPLES) - area.top) / area.height;
        (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y) && inside(x, y)
    });
    samples.count() as u32 * 255 / (SAMPLES * SAMPLES)
}

fn mix(ground: Rgb888, colour: Rgb888, covered: u32) -> Rgb888 {
    let part = |from: u8, to: u8| ((u32::from(from) * (255 - covered) + u32::from(to) * covered + 127) / 255) as u8;
    Rgb888::new(part(ground.r(), colour.r()), part(ground.g(), colour.g()), part(ground.b(), colour.b()))
}
