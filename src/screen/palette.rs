//! The colours: one theme for each kind of screen, and the contrast between two colours.

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};

use crate::rules::ruling::Outcome;

/// The colours of one kind of screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Behind everything.
    pub ground: Rgb888,
    /// Behind the facts about the goods.
    pub card: Rgb888,
    /// Shapes and first texts.
    pub ink: Rgb888,
    /// Second texts.
    pub quiet: Rgb888,
}

impl Theme {
    /// Accept.
    pub const ACCEPT: Self = Self { ground: rgb(0x00, 0x7A, 0x3D), card: rgb(0x00, 0x5F, 0x30), ..Self::ON_COLOUR };
    /// Hold.
    pub const HOLD: Self = Self {
        ground: rgb(0xFF, 0xC4, 0x00),
        card: rgb(0xFF, 0xDC, 0x66),
        ink: rgb(0x10, 0x10, 0x10),
        quiet: rgb(0x2E, 0x28, 0x14),
    };
    /// Reject.
    pub const REJECT: Self = Self { ground: rgb(0xC6, 0x10, 0x27), card: rgb(0x9A, 0x08, 0x1C), ..Self::ON_COLOUR };
    /// The kiosk needs a person.
    pub const FAULT: Self = Self { ground: rgb(0x0A, 0x4E, 0xB0), card: rgb(0x07, 0x3B, 0x87), ..Self::ON_COLOUR };
    /// Nothing to decide: ready, starting, deliveries.
    pub const CALM: Self = Self {
        ground: rgb(0x1B, 0x23, 0x2D),
        card: rgb(0x2A, 0x35, 0x42),
        ink: Rgb888::WHITE,
        quiet: rgb(0xC2, 0xCD, 0xD8),
    };
    /// Something to do first. Light, so that it differs from [`Self::CALM`] on every display.
    pub const NOTICE: Self = Self {
        ground: rgb(0xE8, 0xEC, 0xF1),
        card: rgb(0xFF, 0xFF, 0xFF),
        ink: rgb(0x16, 0x1D, 0x26),
        quiet: rgb(0x3D, 0x49, 0x57),
    };
    /// The bar on top of every screen; its card is the mark of a warning.
    pub const BAR: Self = Self {
        ground: rgb(0x0C, 0x10, 0x15),
        card: rgb(0x0C, 0x10, 0x15),
        ink: Rgb888::WHITE,
        quiet: rgb(0xB9, 0xC4, 0xCF),
    };

    /// All themes, for tests.
    pub const ALL: [Self; 7] =
        [Self::ACCEPT, Self::HOLD, Self::REJECT, Self::FAULT, Self::CALM, Self::NOTICE, Self::BAR];

    const ON_COLOUR: Self =
        Self { ground: Rgb888::BLACK, card: Rgb888::BLACK, ink: Rgb888::WHITE, quiet: rgb(0xF1, 0xF6, 0xFA) };

    /// The theme of an outcome.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept => Self::ACCEPT,
            Outcome::Hold => Self::HOLD,
            Outcome::Reject => Self::REJECT,
        }
    }
}

/// The colour of an outcome's shape on a dark card, bright enough to be told apart there.
#[must_use]
pub const fn bright(outcome: Outcome) -> Rgb888 {
    match outcome {
        Outcome::Accept => rgb(0x3D, 0xD6, 0x82),
        Outcome::Hold => rgb(0xFF, 0xC4, 0x00),
        Outcome::Reject => rgb(0xFF, 0x7D, 0x7D),
    }
}

const fn rgb(r: u8, g: u8, b: u8) -> Rgb888 {
    Rgb888::new(r, g, b)
}

/// The contrast of two colours from 1 to 21, after WCAG 2.2 "contrast ratio". Text wants 4.5 (1.4.3), shapes 3 (1.4.11).
#[must_use]
pub fn contrast(a: Rgb888, b: Rgb888) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance from 0 to 1, after WCAG 2.2.
#[must_use]
pub fn luminance(colour: Rgb888) -> f32 {
    let linear = |channel: u8| {
        let share = f32::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_on_white_has_a_contrast_of_21() {
        assert!((contrast(Rgb888::BLACK, Rgb888::WHITE) - 21.0).abs() < 0.001);
        assert!((contrast(Rgb888::RED, Rgb888::RED) - 1.0).abs() < 0.001);
    }

    #[test]
    fn every_text_of_every_theme_has_a_contrast_of_at_least_4_5() {
        for theme in Theme::ALL {
            for ground in [theme.ground, theme.card] {
                for ink in [theme.ink, theme.quiet] {
                    assert!(contrast(ground, ink) >= 4.5, "{ink:?} on {ground:?}: {}", contrast(ground, ink));
                }
            }
        }
    }

    #[test]
    fn bright_shapes_stand_out_from_the_calm_card() {
        for outcome in [Outcome::Accept, Outcome::Hold, Outcome::Reject] {
            assert!(contrast(bright(outcome), Theme::CALM.card) >= 4.5, "{outcome:?}");
        }
    }
}
