//! A symbol whose corner eye is not seen: the other two stand on a diagonal.
//!
//! Without tilt the third eye stands where a right angle has it. Both timing patterns start there, so the places
//! around are tried for the one from which both are seen.

use super::{
    bend::Bend,
    finder::Eye,
    geometry::Spot,
    locate::{Agreement, Place, View, fitting_sizes, unit},
    pair::Run,
};

/// The least fit of both timing patterns.
const TIMING_LEAST: f32 = 0.6;
/// How much larger one eye may look than the other, and how sure both must be: there is no timing pattern between them
/// that would tell eyes of one symbol from others.
const GROWTH: f32 = 1.3;
const SURENESS_LEAST: f32 = 0.8;
/// How far the corner may be from the right angle, as a part of the symbol's side, and the steps in modules.
const REACH: f32 = 0.1;
const STEP: f32 = 0.5;

/// The eyes top right and bottom left.
pub(super) struct Diagonal<'a> {
    view: View<'a>,
    right: Spot,
    below: Spot,
    size: usize,
}

impl<'a> Diagonal<'a> {
    /// The symbols of each size that these eyes could have.
    pub(super) fn all(view: View<'a>, right: &Eye, below: &Eye) -> impl Iterator<Item = Self> {
        let module = f32::midpoint(right.module, below.module).max(0.5);
        let alike = right.module.max(below.module) < GROWTH * right.module.min(below.module);
        let sure = right.sureness().min(below.sureness()) > SURENESS_LEAST;
        let (right, below) = (Spot::new(right.x, right.y), Spot::new(below.x, below.y));
        let side = below.minus(right).length() / 2.0_f32.sqrt();
        fitting_sizes(side / module + 7.0).filter(move |_| alike && sure).map(move |size| Self {
            view,
            right,
            below,
            size,
        })
    }

    /// Modules that are looked at for a place.
    pub(super) fn effort(&self) -> usize {
        let steps = 2 * self.steps() as usize + 1;
        2 * steps * steps * self.size
    }

    fn steps(&self) -> i32 {
        (REACH * self.size as f32 / STEP) as i32
    }

    /// The place where both timing patterns are seen best.
    pub(super) fn place(&self) -> Option<Place> {
        let across = self.below.minus(self.right);
        let middle = self.right.plus(across, 0.5).plus(Spot::new(-across.y, across.x), 0.5);
        let far = self.size as f32 - 7.0;
        let (along, down) = (self.right.minus(middle).scaled(1.0 / far), self.below.minus(middle).scaled(1.0 / far));
        let mut best = (TIMING_LEAST, None);
        for row in -self.steps()..=self.steps() {
            for column in -self.steps()..=self.steps() {
                let corner = middle.plus(along, column as f32 * STEP).plus(down, row as f32 * STEP);
                let fit = self.timing(corner);
                if fit > best.0 {
                    best = (fit, Some(corner));
                }
            }
        }
        let corner = best.1?;
        let end = corner.plus(self.right.minus(corner).plus(self.below.minus(corner), 1.0), (far + 3.5) / far);
        let (near, far, all) = (3.5, self.size as f32 - 3.5, self.size as f32);
        let pairs = [
            (Spot::new(near, near), corner),
            (Spot::new(far, near), self.right),
            (Spot::new(near, far), self.below),
            (Spot::new(all, all), end),
        ];
        Some(Place { size: self.size, pairs, bend: Bend::default() })
    }

    fn timing(&self, corner: Spot) -> f32 {
        let run = |to: Spot, beside: Spot| -> Agreement {
            let pitch = to.minus(corner).length() / (self.size as f32 - 7.0);
            let run = Run { from: corner, to, pitches: [pitch, pitch] };
            run.timing(self.view, self.size, unit(beside.minus(corner)))
        };
        run(self.right, self.below).share().min(run(self.below, self.right).share())
    }
}
