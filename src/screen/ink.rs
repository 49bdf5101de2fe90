//! From the palette to a display's own colours, with the blend that smooths an edge.

use embedded_graphics::pixelcolor::{
    Bgr565, Bgr666, Bgr888, BinaryColor, Gray8, GrayColor, PixelColor, Rgb565, Rgb666, Rgb888, RgbColor,
};

use super::palette;

/// A colour that scenes can be drawn in.
pub trait Ink: PixelColor {
    /// Whether there are shades between two colours. Without them glyphs sit on whole pixels.
    const SMOOTH: bool;

    /// `ink` over `ground`, where `coverage` of 255 is all ink.
    fn mix(ground: Rgb888, ink: Rgb888, coverage: u8) -> Self;
}

fn blend(ground: Rgb888, ink: Rgb888, coverage: u8) -> Rgb888 {
    let channel = |ground: u8, ink: u8| {
        let coverage = u32::from(coverage);
        let sum = u32::from(ground) * (255 - coverage) + u32::from(ink) * coverage + 127;
        u8::try_from(sum / 255).unwrap_or(u8::MAX)
    };
    Rgb888::new(channel(ground.r(), ink.r()), channel(ground.g(), ink.g()), channel(ground.b(), ink.b()))
}

macro_rules! smooth {
    ($($colour:ty),*) => {$(
        impl Ink for $colour {
            const SMOOTH: bool = true;

            fn mix(ground: Rgb888, ink: Rgb888, coverage: u8) -> Self {
                blend(ground, ink, coverage).into()
            }
        }
    )*};
}

smooth!(Rgb888, Bgr888, Rgb666, Bgr666, Rgb565, Bgr565);

impl Ink for Gray8 {
    const SMOOTH: bool = true;

    fn mix(ground: Rgb888, ink: Rgb888, coverage: u8) -> Self {
        let grey = |colour| Gray8::from(colour).luma();
        let (ground, ink) = (grey(ground), grey(ink));
        let mixed = blend(Rgb888::new(ground, ground, ground), Rgb888::new(ink, ink, ink), coverage);
        Gray8::new(mixed.r())
    }
}

/// A pixel of a black-and-white display is ink from this coverage on. Below one half, because at 12 pixels the strokes
/// of a hanzi are thinner than a pixel and would break.
const MONO_COVERAGE: u8 = 104;

/// Between the luminances of every ground and its ink; see the test.
pub const MONO_LUMINANCE: f32 = 0.3;

impl Ink for BinaryColor {
    const SMOOTH: bool = false;

    fn mix(ground: Rgb888, ink: Rgb888, coverage: u8) -> Self {
        let colour = if coverage >= MONO_COVERAGE { ink } else { ground };
        (palette::luminance(colour) > MONO_LUMINANCE).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_coverage_is_ink_and_none_is_ground() {
        for (coverage, expected) in [(0, Rgb888::new(10, 20, 30)), (255, Rgb888::new(200, 100, 50))] {
            assert_eq!(Rgb888::mix(Rgb888::new(10, 20, 30), Rgb888::new(200, 100, 50), coverage), expected);
        }
    }

    #[test]
    fn half_coverage_is_halfway() {
        assert_eq!(Rgb888::mix(Rgb888::BLACK, Rgb888::WHITE, 128), Rgb888::new(128, 128, 128));
        assert_eq!(Gray8::mix(Rgb888::BLACK, Rgb888::WHITE, 128), Gray8::new(128));
    }

    #[test]
    fn ink_and_ground_differ_on_every_theme_in_black_and_white() {
        for theme in palette::Theme::ALL {
            for ground in [theme.ground, theme.card] {
                for ink in [theme.ink, theme.quiet] {
                    let (bare, inked) = (BinaryColor::mix(ground, ink, 0), BinaryColor::mix(ground, ink, 255));
                    assert_ne!(bare, inked, "{theme:?}");
                }
            }
        }
    }
}
