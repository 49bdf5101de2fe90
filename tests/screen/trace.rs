//! A draw target that remembers where something was drawn, however far outside a screen.

use std::convert::Infallible;

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use greengate::screen::geometry::Rect;

/// The smallest rectangle around everything drawn; its colours are counted.
#[derive(Default)]
pub struct Trace<C: PixelColor> {
    pub touched: Option<Rect>,
    pub pixels: Vec<(Point, C)>,
}

impl<C: PixelColor> Trace<C> {
    pub fn new() -> Self {
        Self { touched: None, pixels: Vec::new() }
    }

    fn touch(&mut self, at: Point) {
        let old = self.touched.unwrap_or(Rect::new(at.x, at.y, 1, 1));
        let (x, y) = (old.x.min(at.x), old.y.min(at.y));
        let (right, bottom) = (old.right().max(at.x + 1), old.bottom().max(at.y + 1));
        self.touched = Some(Rect::new(x, y, right - x, bottom - y));
    }
}

impl<C: PixelColor> Dimensions for Trace<C> {
    fn bounding_box(&self) -> Rectangle {
        Rectangle::new(Point::zero(), Size::new(320, 240))
    }
}

impl<C: PixelColor> DrawTarget for Trace<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            self.touch(at);
            self.pixels.push((at, colour));
        }
        Ok(())
    }
}
