//! The shapes: signs that say without colour what a screen means, as signed distances.
//!
//! A shape lives in a square from -1 to 1 with `y` down. Its distance is negative inside, so one formula draws it at
//! any size with smooth edges. Check, triangle and cross follow the colours' meanings of IEC 60073 and the outlines of
//! ISO 3864 (round, triangular, octagonal), so that outcomes differ by their outline alone.

use super::font::{Mask, to_byte};
use super::geometry::part;
use crate::rules::ruling::Outcome;

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A disc with a tick: Accept.
    Check,
    /// A triangle with an exclamation mark: Hold.
    Triangle,
    /// An octagon with a cross: Reject.
    Cross,
    /// A person: the kiosk needs one.
    Person,
    /// A code between the corners of a frame: show the code.
    ScanFrame,
    /// Two labels, one in front: show one.
    OneLabel,
    /// A frame with a question mark: not a product code.
    Question,
    /// A magnifying glass: move closer.
    Magnifier,
    /// A crescent: too dark.
    Moon,
    /// A target: hold still.
    Target,
    /// A sun: glare.
    Sun,
    /// A label half out of a frame: show all of it.
    IntoFrame,
    /// An arrow out of a tray: take the label away.
    TakeAway,
    /// A parcel: deliveries.
    Parcel,
    /// A beacon: the lamps are tested.
    Beacon,
    /// The sign of a power switch: starting.
    Power,
    /// A clock.
    Clock,
    /// A list: the cache.
    List,
}

impl Shape {
    /// All shapes, for tests.
    pub const ALL: [Self; 18] = [
        Self::Check,
        Self::Triangle,
        Self::Cross,
        Self::Person,
        Self::ScanFrame,
        Self::OneLabel,
        Self::Question,
        Self::Magnifier,
        Self::Moon,
        Self::Target,
        Self::Sun,
        Self::IntoFrame,
        Self::TakeAway,
        Self::Parcel,
        Self::Beacon,
        Self::Power,
        Self::Clock,
        Self::List,
    ];

    /// The sign of an outcome.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept => Self::Check,
            Outcome::Hold => Self::Triangle,
            Outcome::Reject => Self::Cross,
        }
    }

    /// The mask of the shape in a square of `side` pixels.
    #[must_use]
    pub fn mask(self, side: u16) -> Mask {
        let half = f32::from(side) / 2.0;
        let at = |pixel: u16| (f32::from(pixel) + 0.5) / half - 1.0;
        let coverage = (0..side)
            .flat_map(|y| (0..side).map(move |x| P(at(x), at(y))))
            .map(|p| to_byte(0.5 - self.distance(p) * half))
            .collect();
        Mask { left: 0, top: 0, width: usize::from(side), coverage }
    }

    fn distance(self, p: P) -> f32 {
        match self {
            Self::Check => disc(p, P(0.0, 0.0), 0.96).max(-tick(p)),
            Self::Triangle => triangle(p).max(-exclamation(p)),
            Self::Cross => octagon(p).max(-diagonals(p)),
            Self::Person => person(p),
            Self::ScanFrame => corners(p).min(code(p)),
            Self::OneLabel => one_label(p),
            Self::Question => corners(p).min(question(p)),
            Self::Magnifier => magnifier(p),
            Self::Moon => disc(p, P(0.0, 0.0), 0.86).max(-disc(p, P(0.40, -0.30), 0.74)),
            Self::Target => target(p),
            Self::Sun => sun(p),
            Self::IntoFrame => into_frame(p),
            Self::TakeAway => take_away(p),
            Self::Parcel => parcel(p),
            Self::Beacon => beacon(p),
            Self::Power => power(p),
            Self::Clock => clock(p),
            Self::List => list(p),
        }
    }
}

/// The corner of a card: how much of each pixel of a `radius` square lies inside the rounded top left corner.
#[must_use]
pub fn corner(radius: u16) -> Mask {
    let r = f32::from(radius);
    let at = |pixel: u16| f32::from(pixel) + 0.5;
    let coverage = (0..radius)
        .flat_map(|y| (0..radius).map(move |x| P(at(x), at(y))))
        .map(|p| to_byte(0.5 - disc(p, P(r, r), r)))
        .collect();
    Mask { left: 0, top: 0, width: usize::from(radius), coverage }
}

/// The side of the square in which a shape looks as large as a text of `em` pixels.
#[must_use]
pub const fn side_for(em: i32) -> i32 {
    part(em, 920)
}

#[derive(Clone, Copy)]
struct P(f32, f32);

fn disc(p: P, centre: P, radius: f32) -> f32 {
    (p.0 - centre.0).hypot(p.1 - centre.1) - radius
}

fn ring(p: P, centre: P, radius: f32, half_width: f32) -> f32 {
    disc(p, centre, radius).abs() - half_width
}

/// A stroke with round ends.
fn stroke(p: P, from: P, to: P, half_width: f32) -> f32 {
    let (px, py) = (p.0 - from.0, p.1 - from.1);
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = ((px * dx + py * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (px - along * dx).hypot(py - along * dy) - half_width
}

/// A rectangle with round corners.
fn plate(p: P, centre: P, half: P, radius: f32) -> f32 {
    let (dx, dy) = ((p.0 - centre.0).abs() - half.0 + radius, (p.1 - centre.1).abs() - half.1 + radius);
    dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - radius
}

fn strokes(p: P, half_width: f32, lines: &[[P; 2]]) -> f32 {
    lines.iter().map(|[from, to]| stroke(p, *from, *to, half_width)).fold(f32::MAX, f32::min)
}

fn tick(p: P) -> f32 {
    strokes(p, 0.125, &[[P(-0.44, 0.06), P(-0.12, 0.38)], [P(-0.12, 0.38), P(0.46, -0.30)]])
}

/// An upright triangle with slightly rounded corners.
fn triangle(p: P) -> f32 {
    let (apex, right, left) = (P(0.0, -0.78), P(0.86, 0.74), P(-0.86, 0.74));
    let edge = strokes(p, 0.0, &[[apex, right], [right, left], [left, apex]]);
    let is_inside = p.1 < right.1 && p.0.abs() * (right.1 - apex.1) < right.0 * (p.1 - apex.1);
    (if is_inside { -edge } else { edge }) - 0.10
}

fn exclamation(p: P) -> f32 {
    stroke(p, P(0.0, -0.26), P(0.0, 0.20), 0.105).min(disc(p, P(0.0, 0.53), 0.125))
}

fn octagon(p: P) -> f32 {
    let (x, y) = (p.0.abs(), p.1.abs());
    let reach = 0.93;
    x.max(y).max((x + y) * std::f32::consts::FRAC_1_SQRT_2) - reach
}

fn diagonals(p: P) -> f32 {
    strokes(p, 0.145, &[[P(-0.36, -0.36), P(0.36, 0.36)], [P(0.36, -0.36), P(-0.36, 0.36)]])
}

fn person(p: P) -> f32 {
    let head = disc(p, P(0.0, -0.50), 0.36);
    let shoulders = plate(p, P(0.0, 0.72), P(0.74, 0.68), 0.62).max(p.1 - 0.90);
    head.min(shoulders)
}

fn corners(p: P) -> f32 {
    let frame = plate(p, P(0.0, 0.0), P(0.90, 0.90), 0.22).max(-plate(p, P(0.0, 0.0), P(0.73, 0.73), 0.10));
    frame.max(0.42 - p.0.abs()).max(0.42 - p.1.abs())
}

fn code(p: P) -> f32 {
    let finder = |centre: P| {
        let outer = plate(p, centre, P(0.21, 0.21), 0.03);
        let inner = plate(p, centre, P(0.125, 0.125), 0.02);
        outer.max(-inner).min(plate(p, centre, P(0.06, 0.06), 0.01))
    };
    let dot = |centre: P| plate(p, centre, P(0.075, 0.075), 0.01);
    let finders = finder(P(-0.29, -0.29)).min(finder(P(0.29, -0.29))).min(finder(P(-0.29, 0.29)));
    finders
        .min(dot(P(0.155, 0.155)))
        .min(dot(P(0.425, 0.155)))
        .min(dot(P(0.29, 0.29)))
        .min(dot(P(0.155, 0.425)))
        .min(dot(P(0.425, 0.425)))
}

fn one_label(p: P) -> f32 {
    let front = P(0.20, 0.20);
    let plate_at = |centre: P, half: f32| plate(p, centre, P(half, half), 0.12);
    let behind = plate_at(P(-0.26, -0.26), 0.62).max(-plate_at(P(-0.26, -0.26), 0.47)).max(-plate_at(front, 0.80));
    let one = strokes(p, 0.10, &[[P(0.24, -0.16), P(0.24, 0.56)], [P(0.06, 0.0), P(0.24, -0.16)]]);
    behind.min(plate_at(front, 0.68).max(-one))
}

fn question(p: P) -> f32 {
    let centre = P(0.0, -0.19);
    let quarter = (p.0 - centre.0).max(centre.1 - p.1);
    let hook = ring(p, centre, 0.25, 0.095).max(-quarter).min(disc(p, P(-0.25, -0.19), 0.095));
    hook.min(stroke(p, P(0.0, 0.06), P(0.0, 0.19), 0.095)).min(disc(p, P(0.0, 0.47), 0.12))
}

fn magnifier(p: P) -> f32 {
    let lens = P(-0.18, -0.18);
    let plus = strokes(p, 0.075, &[[P(-0.42, -0.18), P(0.06, -0.18)], [P(-0.18, -0.42), P(-0.18, 0.06)]]);
    ring(p, lens, 0.60, 0.105).min(stroke(p, P(0.32, 0.32), P(0.78, 0.78), 0.15)).min(plus)
}

fn target(p: P) -> f32 {
    let ticks = [
        [P(0.0, -0.84), P(0.0, -0.36)],
        [P(0.0, 0.84), P(0.0, 0.36)],
        [P(-0.84, 0.0), P(-0.36, 0.0)],
        [P(0.84, 0.0), P(0.36, 0.0)],
    ];
    ring(p, P(0.0, 0.0), 0.60, 0.105).min(strokes(p, 0.095, &ticks)).min(disc(p, P(0.0, 0.0), 0.13))
}

fn sun(p: P) -> f32 {
    // Eight rays are one, turned into the eighth in which the place lies.
    let (x, y) = (p.0.abs(), p.1.abs());
    let (long, short) = (x.max(y), x.min(y));
    let ray = stroke(P(long, short), P(0.66, 0.0), P(0.84, 0.0), 0.10);
    let slanted = stroke(P(long, short), P(0.467, 0.467), P(0.594, 0.594), 0.10);
    disc(p, P(0.0, 0.0), 0.42).min(ray).min(slanted)
}

fn into_frame(p: P) -> f32 {
    let label = |grown: f32| plate(p, P(0.44, 0.0), P(0.46 + grown, 0.42 + grown), 0.10);
    let frame = plate(p, P(-0.26, 0.0), P(0.64, 0.84), 0.18).max(-plate(p, P(-0.26, 0.0), P(0.48, 0.68), 0.06));
    let arrow = [[P(0.68, 0.0), P(0.20, 0.0)], [P(0.20, 0.0), P(0.40, -0.20)], [P(0.20, 0.0), P(0.40, 0.20)]];
    frame.max(-label(0.14)).min(label(0.0).max(-strokes(p, 0.08, &arrow)))
}

fn take_away(p: P) -> f32 {
    let arrow = strokes(
        p,
        0.12,
        &[[P(0.0, 0.34), P(0.0, -0.74)], [P(0.0, -0.74), P(-0.38, -0.36)], [P(0.0, -0.74), P(0.38, -0.36)]],
    );
    let tray = [[P(-0.76, 0.22), P(-0.76, 0.80)], [P(-0.76, 0.80), P(0.76, 0.80)], [P(0.76, 0.80), P(0.76, 0.22)]];
    arrow.min(strokes(p, 0.12, &tray))
}

fn parcel(p: P) -> f32 {
    let carton = plate(p, P(0.0, 0.0), P(0.88, 0.84), 0.10);
    let lid = (p.1 + 0.30).abs() - 0.05;
    let label = plate(p, P(0.40, 0.48), P(0.24, 0.10), 0.02);
    let tape = plate(p, P(0.0, -0.12), P(0.16, 0.23), 0.03).max(-0.25 - p.1);
    carton.max(-lid).max(-label).max(-tape)
}

fn beacon(p: P) -> f32 {
    let dome = disc(p, P(0.0, 0.02), 0.46).max(p.1 - 0.02).min(plate(p, P(0.0, 0.24), P(0.46, 0.26), 0.02));
    let foot = plate(p, P(0.0, 0.74), P(0.70, 0.15), 0.08);
    let rays = [
        [P(0.0, -0.70), P(0.0, -0.86)],
        [P(-0.52, -0.52), P(-0.64, -0.64)],
        [P(0.52, -0.52), P(0.64, -0.64)],
        [P(-0.74, 0.0), P(-0.88, 0.0)],
        [P(0.74, 0.0), P(0.88, 0.0)],
    ];
    dome.min(foot).min(strokes(p, 0.085, &rays))
}

fn power(p: P) -> f32 {
    let gap = stroke(p, P(0.0, -0.2), P(0.0, -1.2), 0.30);
    ring(p, P(0.0, 0.10), 0.68, 0.12).max(-gap).min(stroke(p, P(0.0, -0.78), P(0.0, 0.02), 0.12))
}

fn clock(p: P) -> f32 {
    let hands = strokes(p, 0.10, &[[P(0.0, 0.05), P(0.0, -0.46)], [P(0.0, 0.05), P(0.36, 0.25)]]);
    ring(p, P(0.0, 0.0), 0.80, 0.11).min(hands)
}

fn list(p: P) -> f32 {
    let lines = [-0.56, 0.0, 0.56].map(|y| stroke(p, P(-0.28, y), P(0.78, y), 0.12).min(disc(p, P(-0.72, y), 0.15)));
    lines.into_iter().fold(f32::MAX, f32::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_stay_inside_their_square() {
        for shape in Shape::ALL {
            let mask = shape.mask(101);
            let is_edge = |i: usize| [i / 101, i % 101].into_iter().any(|at| at == 0 || at == 100);
            let touching = (0..mask.coverage.len()).filter(|i| is_edge(*i) && mask.coverage[*i] > 0).count();
            assert_eq!(touching, 0, "{shape:?}");
        }
    }

    #[test]
    fn shapes_differ_without_colour_even_when_small() {
        for (index, shape) in Shape::ALL.iter().enumerate() {
            for other in &Shape::ALL[index + 1..] {
                let (one, two) = (shape.mask(24), other.mask(24));
                let differing = one.coverage.iter().zip(&two.coverage).filter(|(a, b)| a.abs_diff(**b) > 128).count();
                assert!(differing > 24 * 24 / 12, "{shape:?} and {other:?} differ in {differing} pixels");
            }
        }
    }

    #[test]
    fn no_size_is_too_small() {
        assert_eq!(Shape::Check.mask(0).coverage.len(), 0);
        assert_eq!(Shape::Check.mask(1).coverage.len(), 1);
    }
}
