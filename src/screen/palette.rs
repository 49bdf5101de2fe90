//! The colours. Every ground goes with one colour of text that stands out from it.

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};

use crate::rules::ruling::Outcome;
use crate::rules::scene::Body;

/// A ground and what is written on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The ground.
    pub ground: Rgb888,
    /// Words and shapes on it.
    pub text: Rgb888,
    /// A part of it that stands back a little: bars and cards.
    pub shade: Rgb888,
}

const fn ground(ground: Rgb888, text: Rgb888, shade: Rgb888) -> Ground {
    Ground { ground, text, shade }
}

/// Accept (IEC 60073: green is normal).
pub const GREEN: Ground = ground(Rgb888::new(0, 118, 54), Rgb888::WHITE, Rgb888::new(0, 92, 42));
/// Hold (yellow is abnormal).
pub const YELLOW: Ground = ground(Rgb888::new(255, 205, 0), Rgb888::BLACK, Rgb888::new(240, 180, 0));
/// Reject (red is danger).
pub const RED: Ground = ground(Rgb888::new(200, 16, 30), Rgb888::WHITE, Rgb888::new(160, 10, 24));
/// A person is needed (blue is mandatory action).
pub const BLUE: Ground = ground(Rgb888::new(0, 82, 165), Rgb888::WHITE, Rgb888::new(0, 62, 128));
/// No verdict.
pub const DARK: Ground = ground(Rgb888::new(18, 24, 33), Rgb888::new(240, 244, 248), Rgb888::new(36, 46, 60));

/// Every ground that a screen has.
pub const GROUNDS: [(&str, Ground); 5] =
    [("green", GREEN), ("yellow", YELLOW), ("red", RED), ("blue", BLUE), ("dark", DARK)];

impl Ground {
    /// The ground of an outcome.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept => GREEN,
            Outcome::Hold => YELLOW,
            Outcome::Reject => RED,
        }
    }

    /// The ground of a scene: green, yellow and red belong to verdicts alone.
    #[must_use]
    pub const fn of_body(body: &Body) -> Self {
        match body {
            Body::Verdict(verdict) => Self::of(verdict.outcome),
            Body::Fault(_) => BLUE,
            Body::Starting
            | Body::SelfTest(_)
            | Body::Ready
            | Body::Notice(_)
            | Body::DeliveryStarted(_)
            | Body::Summary(_) => DARK,
        }
    }

    /// The same text on the shade.
    #[must_use]
    pub const fn shaded(self) -> Self {
        Self { ground: self.shade, ..self }
    }
}
