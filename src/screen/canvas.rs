//! A screen in memory.

use std::convert::Infallible;
use std::marker::PhantomData;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Size as GraphicsSize};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};

use super::Ink;
use crate::rules::board::Size;
use crate::rules::image::ScreenImage;

/// A draw target that becomes a [`ScreenImage`], with the colours of `C`.
#[derive(Clone, Debug)]
pub struct Canvas<C> {
    size: Size,
    image: ScreenImage,
    colours: PhantomData<C>,
}

impl<C: Ink> Canvas<C> {
    /// A black screen.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let (width, height) = (size.width as usize, size.height as usize);
        let image = ScreenImage { width, height, rgb: vec![0; width * height * 3] };
        Self { size, image, colours: PhantomData }
    }

    /// What was drawn.
    #[must_use]
    pub const fn image(&self) -> &ScreenImage {
        &self.image
    }

    /// What was drawn.
    #[must_use]
    pub fn into_image(self) -> ScreenImage {
        self.image
    }
}

impl<C> OriginDimensions for Canvas<C> {
    fn size(&self) -> GraphicsSize {
        GraphicsSize::new(self.size.width, self.size.height)
    }
}

impl<C: Ink> DrawTarget for Canvas<C> {
    type Color = C;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<C>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(point, colour) in pixels {
            let place = usize::try_from(point.x).ok().zip(usize::try_from(point.y).ok());
            if let Some((x, y)) = place.filter(|(x, y)| *x < self.image.width && *y < self.image.height) {
                let at = (y * self.image.width + x) * 3;
                let rgb: Rgb888 = colour.rgb();
                self.image.rgb[at..at + 3].copy_from_slice(&[rgb.r(), rgb.g(), rgb.b()]);
            }
        }
        Ok(())
    }
}
