//! Shapes that say the same as word and colour.

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::pixelcolor::Rgb888;

use super::Ink;
use super::area::Area;
use super::palette::Ground;
use super::pen::Pen;
use crate::rules::orders::Lamp;
use crate::rules::ruling::Outcome;
use crate::rules::scene::{Body, Notice};

/// A shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A tick in a disc.
    Tick,
    /// An exclamation mark in a triangle.
    Warning,
    /// A cross in an octagon.
    Cross,
    /// A person.
    Person,
    /// A viewfinder around a code.
    Viewfinder,
    /// A viewfinder around the only one of two codes.
    One,
    /// A code, struck out.
    NoCode,
    /// Arrows that grow.
    Closer,
    /// A lamp that should be lit.
    Bulb,
    /// An arrow that leaves.
    Away,
    /// A carton.
    Carton,
    /// Three dots.
    Dots,
}

impl Icon {
    pub const fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept => Self::Tick,
            Outcome::Hold => Self::Warning,
            Outcome::Reject => Self::Cross,
        }
    }

    pub const fn of(body: &Body) -> Self {
        match body {
            Body::Starting | Body::SelfTest(None) => Self::Dots,
            Body::SelfTest(Some(lamp)) => match lamp {
                Lamp::Green => Self::Tick,
                Lamp::Yellow => Self::Warning,
                Lamp::Red => Self::Cross,
            },
            Body::Ready => Self::Viewfinder,
            Body::Verdict(verdict) => Self::of_outcome(verdict.outcome),
            Body::Notice(notice) => match notice {
                Notice::ShowOne => Self::One,
                Notice::NotAProduct => Self::NoCode,
                Notice::MoveCloser => Self::Closer,
                Notice::TooDark => Self::Bulb,
                Notice::TakeAway => Self::Away,
            },
            Body::DeliveryStarted(_) | Body::Summary(_) => Self::Carton,
            Body::Fault(_) => Self::Person,
        }
    }

    /// Draws the shape into the largest square of `area`.
    pub fn draw<D>(self, pen: &mut Pen<'_, D>, area: Area, ground: Ground) -> Result<(), D::Error>
    where
        D: DrawTarget,
        D::Color: Ink,
    {
        let area = area.square();
        let (body, cut): (Inside, Option<Inside>) = match self {
            Self::Tick => (disc, Some(tick)),
            Self::Warning => (triangle, Some(exclamation)),
            Self::Cross => (octagon, Some(cross)),
            Self::Person => (disc, Some(person)),
            Self::Viewfinder => (viewfinder, None),
            Self::One => (one, None),
            Self::NoCode => (no_code, None),
            Self::Closer => (closer, None),
            Self::Bulb => (bulb, None),
            Self::Away => (away, None),
            Self::Carton => (carton, None),
            Self::Dots => (dots, None),
        };
        let colours: (Rgb888, Rgb888) = (ground.text, ground.ground);
        pen.shape(area, colours, |x, y| body(x, y) && !cut.is_some_and(|cut| cut(x, y)))
    }
}

/// Whether a place, in shares of the square, belongs to the shape.
type Inside = fn(f32, f32) -> bool;

/// Whether a place is within `thick` of the line between two others.
fn stroke((x, y): (f32, f32), from: (f32, f32), to: (f32, f32), thick: f32) -> bool {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = (((x - from.0) * dx + (y - from.1) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    let (ox, oy) = (x - from.0 - along * dx, y - from.1 - along * dy);
    ox * ox + oy * oy <= thick * thick
}

fn within((x, y): (f32, f32), centre: (f32, f32), radius: f32) -> bool {
    let (dx, dy) = (x - centre.0, y - centre.1);
    dx * dx + dy * dy <= radius * radius
}

fn boxed((x, y): (f32, f32), left: f32, top: f32, right: f32, bottom: f32) -> bool {
    (left..=right).contains(&x) && (top..=bottom).contains(&y)
}

fn frame(place: (f32, f32), [left, top, right, bottom]: [f32; 4], thick: f32) -> bool {
    boxed(place, left, top, right, bottom) && !boxed(place, left + thick, top + thick, right - thick, bottom - thick)
}

fn disc(x: f32, y: f32) -> bool {
    within((x, y), (0.5, 0.5), 0.49)
}

fn tick(x: f32, y: f32) -> bool {
    stroke((x, y), (0.27, 0.53), (0.44, 0.70), 0.062) || stroke((x, y), (0.44, 0.70), (0.74, 0.34), 0.062)
}

fn triangle(x: f32, y: f32) -> bool {
    // Rounded corners: a triangle made larger by a disc.
    let corners = [(0.5, 0.115), (0.935, 0.875), (0.065, 0.875)];
    let side =
        |from: (f32, f32), to: (f32, f32)| (to.0 - from.0) * (y - from.1) - (to.1 - from.1) * (x - from.0) >= 0.0;
    let edges = [(0, 1), (1, 2), (2, 0)];
    edges.iter().all(|(from, to)| side(corners[*from], corners[*to]))
        || edges.iter().any(|(from, to)| stroke((x, y), corners[*from], corners[*to], 0.06))
}

fn exclamation(x: f32, y: f32) -> bool {
    stroke((x, y), (0.5, 0.38), (0.5, 0.60), 0.055) || within((x, y), (0.5, 0.76), 0.062)
}

fn octagon(x: f32, y: f32) -> bool {
    let (dx, dy) = ((x - 0.5).abs(), (y - 0.5).abs());
    dx.max(dy) <= 0.49 && dx + dy <= 0.69
}

fn cross(x: f32, y: f32) -> bool {
    stroke((x, y), (0.32, 0.32), (0.68, 0.68), 0.062) || stroke((x, y), (0.68, 0.32), (0.32, 0.68), 0.062)
}

fn person(x: f32, y: f32) -> bool {
    let shoulders = ((x - 0.5) / 0.27).powi(2) + ((y - 0.80) / 0.24).powi(2) <= 1.0 && y <= 0.80;
    within((x, y), (0.5, 0.34), 0.145) || shoulders
}

fn brackets(x: f32, y: f32) -> bool {
    let near_corner = (x - 0.5).abs() > 0.22 && (y - 0.5).abs() > 0.22;
    frame((x, y), [0.04, 0.04, 0.96, 0.96], 0.075) && near_corner
}

fn code(place: (f32, f32), left: f32, top: f32, side: f32) -> bool {
    let part = |at: f32| at * side;
    let eye = |x: f32, y: f32| {
        let (x, y) = (left + part(x), top + part(y));
        frame(place, [x, y, x + part(0.36), y + part(0.36)], part(0.09))
            || boxed(place, x + part(0.14), y + part(0.14), x + part(0.22), y + part(0.22))
    };
    let dot = |x: f32, y: f32| {
        let (x, y) = (left + part(x), top + part(y));
        boxed(place, x, y, x + part(0.14), y + part(0.14))
    };
    eye(0.0, 0.0) || eye(0.64, 0.0) || eye(0.0, 0.64) || dot(0.62, 0.62) || dot(0.86, 0.62) || dot(0.74, 0.86)
}

fn viewfinder(x: f32, y: f32) -> bool {
    brackets(x, y) || code((x, y), 0.26, 0.26, 0.48)
}

fn one(x: f32, y: f32) -> bool {
    let left = frame((x, y), [0.04, 0.30, 0.44, 0.70], 0.07);
    let right = boxed((x, y), 0.56, 0.30, 0.96, 0.70);
    left && !stroke((x, y), (0.04, 0.70), (0.44, 0.30), 0.0)
        || right
        || stroke((x, y), (0.06, 0.76), (0.42, 0.24), 0.04)
}

fn no_code(x: f32, y: f32) -> bool {
    let slash = stroke((x, y), (0.10, 0.90), (0.90, 0.10), 0.055);
    let beside = stroke((x, y), (0.10, 0.90), (0.90, 0.10), 0.11);
    slash || (code((x, y), 0.14, 0.14, 0.72) && !beside)
}

fn closer(x: f32, y: f32) -> bool {
    let arrow = |from: (f32, f32), to: (f32, f32), wing: [(f32, f32); 2]| {
        stroke((x, y), from, to, 0.045) || stroke((x, y), to, wing[0], 0.045) || stroke((x, y), to, wing[1], 0.045)
    };
    boxed((x, y), 0.38, 0.38, 0.62, 0.62)
        || arrow((0.28, 0.28), (0.08, 0.08), [(0.08, 0.24), (0.24, 0.08)])
        || arrow((0.72, 0.28), (0.92, 0.08), [(0.92, 0.24), (0.76, 0.08)])
        || arrow((0.28, 0.72), (0.08, 0.92), [(0.08, 0.76), (0.24, 0.92)])
        || arrow((0.72, 0.72), (0.92, 0.92), [(0.92, 0.76), (0.76, 0.92)])
}

fn bulb(x: f32, y: f32) -> bool {
    let rays = [
        (0.5, 0.02, 0.5, 0.12),
        (0.10, 0.14, 0.18, 0.22),
        (0.90, 0.14, 0.82, 0.22),
        (0.02, 0.46, 0.12, 0.46),
        (0.98, 0.46, 0.88, 0.46),
    ];
    within((x, y), (0.5, 0.46), 0.26)
        || boxed((x, y), 0.38, 0.66, 0.62, 0.80)
        || boxed((x, y), 0.41, 0.84, 0.59, 0.93)
        || rays.iter().any(|(ax, ay, bx, by)| stroke((x, y), (*ax, *ay), (*bx, *by), 0.035))
}

fn away(x: f32, y: f32) -> bool {
    let open = frame((x, y), [0.06, 0.14, 0.60, 0.86], 0.08) && !boxed((x, y), 0.5, 0.34, 0.62, 0.66);
    open || stroke((x, y), (0.36, 0.5), (0.90, 0.5), 0.055)
        || stroke((x, y), (0.90, 0.5), (0.72, 0.32), 0.055)
        || stroke((x, y), (0.90, 0.5), (0.72, 0.68), 0.055)
}

fn carton(x: f32, y: f32) -> bool {
    frame((x, y), [0.06, 0.16, 0.94, 0.90], 0.075)
        || boxed((x, y), 0.06, 0.36, 0.94, 0.43)
        || boxed((x, y), 0.42, 0.16, 0.58, 0.58)
}

fn dots(x: f32, y: f32) -> bool {
    [0.18, 0.5, 0.82].iter().any(|centre| within((x, y), (*centre, 0.5), 0.11))
}
