//! What a display makes of our colours.

use embedded_graphics::pixelcolor::{BinaryColor, Gray8, GrayColor, PixelColor, Rgb565, Rgb888, RgbColor};

/// A display's colours.
pub trait Ink: PixelColor {
    /// The nearest to `rgb`.
    fn ink(rgb: Rgb888) -> Self;

    /// What a person sees of it.
    fn rgb(self) -> Rgb888;
}

impl Ink for Rgb888 {
    fn ink(rgb: Rgb888) -> Self {
        rgb
    }

    fn rgb(self) -> Rgb888 {
        self
    }
}

impl Ink for Rgb565 {
    fn ink(rgb: Rgb888) -> Self {
        rgb.into()
    }

    fn rgb(self) -> Rgb888 {
        self.into()
    }
}

impl Ink for Gray8 {
    fn ink(rgb: Rgb888) -> Self {
        Self::new(grey(rgb))
    }

    fn rgb(self) -> Rgb888 {
        Rgb888::new(self.luma(), self.luma(), self.luma())
    }
}

/// Light grounds become white and dark ones black, so text stays readable on either.
impl Ink for BinaryColor {
    fn ink(rgb: Rgb888) -> Self {
        Self::from(grey(rgb) >= 128)
    }

    fn rgb(self) -> Rgb888 {
        if self.is_on() { Rgb888::WHITE } else { Rgb888::BLACK }
    }
}

/// Rec. 601 luma, in whole numbers.
fn grey(rgb: Rgb888) -> u8 {
    let sum = 299 * u32::from(rgb.r()) + 587 * u32::from(rgb.g()) + 114 * u32::from(rgb.b());
    u8::try_from(sum / 1000).unwrap_or(u8::MAX)
}
