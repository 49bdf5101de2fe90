//! A picture that scenes are drawn into.

use core::convert::Infallible;

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, OriginDimensions, Size as PixelSize};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::{Pixel, PointsIter};
use embedded_graphics::primitives::Rectangle;

use crate::rules::board::Size;
use crate::rules::image::ScreenImage;

use super::layout::SIDE_LIMIT;

/// A draw target over a [`ScreenImage`]; what lies outside is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canvas {
    image: ScreenImage,
    size: PixelSize,
}

impl Canvas {
    /// A black picture of `size`, at most 8192 pixels each way.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let limit = SIDE_LIMIT.unsigned_abs();
        let size = PixelSize::new(size.width.min(limit), size.height.min(limit));
        let (width, height) = (size.width as usize, size.height as usize);
        Self { image: ScreenImage { width, height, rgb: vec![0; width * height * 3] }, size }
    }

    /// The picture.
    #[must_use]
    pub const fn image(&self) -> &ScreenImage {
        &self.image
    }

    /// The picture, without its canvas.
    #[must_use]
    pub fn into_image(self) -> ScreenImage {
        self.image
    }

    fn row(&mut self, x: usize, y: usize, width: usize) -> &mut [u8] {
        let start = (y * self.image.width + x) * 3;
        &mut self.image.rgb[start..start + width * 3]
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> PixelSize {
        self.size
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            let place = usize::try_from(at.x).ok().zip(usize::try_from(at.y).ok());
            let inside = place.filter(|(x, y)| *x < self.image.width && *y < self.image.height);
            if let Some((x, y)) = inside {
                self.row(x, y, 1).copy_from_slice(&[colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }

    fn fill_contiguous<I: IntoIterator<Item = Rgb888>>(
        &mut self,
        area: &Rectangle,
        colours: I,
    ) -> Result<(), Infallible> {
        self.draw_iter(area.points().zip(colours).map(|(at, colour)| Pixel(at, colour)))
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Rgb888) -> Result<(), Infallible> {
        let area = area.intersection(&self.bounding_box());
        let corner = usize::try_from(area.top_left.x).ok().zip(usize::try_from(area.top_left.y).ok());
        let Some((left, top)) = corner else { return Ok(()) };
        for y in top..top + area.size.height as usize {
            for pixel in self.row(left, y, area.size.width as usize).chunks_exact_mut(3) {
                pixel.copy_from_slice(&[colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::geometry::Point;

    #[test]
    fn drawing_outside_changes_nothing() {
        let mut canvas = Canvas::new(Size { width: 4, height: 3 });
        let outside = [(-1, 0), (0, -1), (4, 0), (0, 3)].map(|(x, y)| Pixel(Point::new(x, y), Rgb888::WHITE));
        assert_eq!(canvas.draw_iter(outside), Ok(()));
        assert_eq!(canvas.fill_solid(&Rectangle::new(Point::new(-9, -9), PixelSize::new(3, 3)), Rgb888::WHITE), Ok(()));
        assert_eq!(canvas.image().rgb, [0; 36]);
    }

    #[test]
    fn a_fill_that_reaches_outside_is_cut_off() {
        let mut canvas = Canvas::new(Size { width: 3, height: 2 });
        assert_eq!(canvas.fill_solid(&Rectangle::new(Point::new(2, 1), PixelSize::new(9, 9)), Rgb888::WHITE), Ok(()));
        assert_eq!(canvas.image().rgb[..15], [0; 15]);
        assert_eq!(canvas.image().rgb[15..], [255; 3]);
    }
}
