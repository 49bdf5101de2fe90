//! How far a screen can be read, and how well its colours stand out.

use std::fmt;

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};

use super::page::SIGNAL_SHARE;
use super::palette::GROUNDS;
use crate::rules::board::{Display, Size};

/// A signal word is read from as far as this many times its letters' height (ANSI Z535.2, 9.2.3).
const SIGNAL_DISTANCE: f64 = 150.0;
/// Contrast that a shape or a large word must have (WCAG 2.2, 1.4.11 and 1.4.3).
const LEAST_CONTRAST: f64 = 3.0;

/// What can be said of a display before it hangs on a wall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Legibility {
    /// The signal word's capital letters, at least, in pixels.
    pub signal_px: f64,
    /// The same in millimetres, if the display's size is known.
    pub signal_mm: Option<f64>,
    /// From how far it can be read, in metres.
    pub distance_m: Option<f64>,
    /// The lowest contrast of a text with its ground.
    pub contrast: f64,
}

/// Computes what a display can be read from.
#[must_use]
pub fn legibility(display: &Display) -> Legibility {
    let Size { height, .. } = display.size;
    let signal_px = f64::from(height) * f64::from(SIGNAL_SHARE);
    let signal_mm = display.size_mm.map(|(_, height_mm)| f64::from(height_mm) * f64::from(SIGNAL_SHARE));
    let contrasts = GROUNDS.iter().map(|(_, ground)| contrast(ground.ground, ground.text));
    Legibility {
        signal_px,
        signal_mm,
        distance_m: signal_mm.map(|mm| mm * SIGNAL_DISTANCE / 1000.0),
        contrast: contrasts.fold(f64::INFINITY, f64::min),
    }
}

/// The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
#[must_use]
pub fn contrast(one: Rgb888, other: Rgb888) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance (WCAG 2.2, IEC 61966-2-1).
fn luminance(colour: Rgb888) -> f64 {
    let part = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(colour.r()) + 0.7152 * part(colour.g()) + 0.0722 * part(colour.b())
}

impl fmt::Display for Legibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  signal    letters of {:.0} pixels at least", self.signal_px)?;
        match (self.signal_mm, self.distance_m) {
            (Some(mm), Some(metres)) => {
                let short = if metres < 3.0 { "; a dock needs 3 m, so take a larger display" } else { "" };
                write!(f, ", {mm:.0} mm: read from {metres:.1} m (ANSI Z535.2){short}")?;
            }
            _ => write!(f, "; `size_mm` would tell from how far they can be read")?,
        }
        write!(f, "\n  contrast  {:.1} at least ({LEAST_CONTRAST:.1} needed, WCAG 1.4.11)", self.contrast)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast(Rgb888::BLACK, Rgb888::WHITE) - 21.0).abs() < 0.001);
        assert!((contrast(Rgb888::new(118, 118, 118), Rgb888::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_text_stands_out_from_its_ground_and_from_its_shade() {
        for (name, ground) in GROUNDS {
            assert!(contrast(ground.text, ground.ground) >= 4.5, "{name}");
            assert!(contrast(ground.text, ground.shade) >= 4.5, "{name}");
        }
    }

    #[test]
    fn the_grounds_of_verdicts_differ_in_brightness_too() {
        let of = |name: &str| GROUNDS.iter().find(|(known, _)| *known == name).expect("a ground").1.ground;
        assert!(contrast(of("yellow"), of("green")) > 3.0 && contrast(of("yellow"), of("red")) > 3.0);
    }
}
