//! A symbol of which only two eyes are seen: the third is torn, soiled, in glare or behind a thumb.
//!
//! Between two eyes of one side runs a timing pattern. Where it is seen, it tells the side on which the symbol lies
//! and its size; the sides of the eyes point to where the third one must be, and the other timing pattern says where
//! exactly. That leaves two places for the third eye: at either end.

use super::{
    bend::Bend,
    finder::Eye,
    geometry::Spot,
    locate::{Agreement, Place, View, eye_width, fitting_sizes, side, unit},
};

/// The least fit of the timing pattern between the two eyes.
const TIMING_LEAST: f32 = 0.7;
/// The least fit of the other timing pattern, with what is left of the third eye.
const THIRD_LEAST: f32 = 0.35;
/// How far the third eye may be from where the others point, as a part of the symbol's side.
const REACH: (f32, f32) = (0.14, 0.22);
/// Steps in which it is looked for, in modules: a timing pattern forgives more to its sides.
const STEPS: (f32, f32) = (1.0, 0.5);

/// Two eyes of one side, the symbol to the right as one goes from the first to the second and the picture's y axis
/// points down.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    view: View<'a>,
    eyes: [Spot; 2],
    /// Size of a module at either end along the side.
    pitches: [f32; 2],
    /// Size of a module as the finder saw it.
    modules: [f32; 2],
    size: usize,
}

impl<'a> Pair<'a> {
    /// Checks that there is a timing pattern between two eyes, on that side of them.
    pub(super) fn find(view: View<'a>, from: &Eye, to: &Eye) -> Option<Self> {
        let eyes = [from, to].map(|eye| Spot::new(eye.x, eye.y));
        let modules = [from.module, to.module];
        let way = eyes[1].minus(eyes[0]);
        let pitch = |end: usize| Some(eye_width(view, eyes[end], unit(way), modules[end])? / 7.0);
        let pitches = [pitch(0)?, pitch(1)?];
        let pair = |size| Self { view, eyes, pitches, modules, size };
        let seen = way.length() / (pitches[0] * pitches[1]).sqrt() + 7.0;
        let timed = fitting_sizes(seen).map(|size| (pair(size).timing(), pair(size)));
        let (timing, pair) = timed.max_by(|a, b| a.0.total_cmp(&b.0))?;
        (timing > TIMING_LEAST).then_some(pair)
    }

    /// Modules that are looked at for a place.
    pub(super) fn effort(&self) -> usize {
        let (wide, long) = steps(self.size);
        4 * (wide * long) as usize * self.size
    }

    fn timing(&self) -> f32 {
        let way = unit(self.eyes[1].minus(self.eyes[0]));
        let inward = Spot::new(-way.y, way.x);
        let run = Run { from: self.eyes[0], to: self.eyes[1], pitches: self.pitches };
        run.timing(self.view, self.size, inward).share()
    }

    /// The place of a symbol whose third eye stands off the side at the end, 0 or 1.
    pub(super) fn place(&self, end: usize) -> Option<Place> {
        let (corner, other) = (self.eyes[end], self.eyes[1 - end]);
        let along = unit(self.eyes[1].minus(self.eyes[0]));
        let inward = Spot::new(-along.y, along.x);
        let module = self.modules[end];
        let down = self.down(end, along, inward).unwrap_or(inward);
        let pitch = eye_width(self.view, corner, down, module).map_or(module, |width| width / 7.0);
        let far = self.size as f32 - 7.0;
        let middle = corner.plus(down, far * pitch);
        let sideways = if end == 0 { along } else { Spot::default().minus(along) };
        let search =
            Search { view: self.view, corner, pitch, size: self.size, sideways, pitch_sideways: self.pitches[end] };
        let third = search.best(middle, down)?;
        let (right, below) = if end == 0 { (other, third) } else { (third, other) };
        let end_corner = corner.plus(right.minus(corner).plus(below.minus(corner), 1.0), (far + 3.5) / far);
        let (near, far) = (3.5, self.size as f32 - 3.5);
        let pairs = [
            (Spot::new(near, near), corner),
            (Spot::new(far, near), right),
            (Spot::new(near, far), below),
            (Spot::new(self.size as f32, self.size as f32), end_corner),
        ];
        Some(Place { size: self.size, pairs, bend: Bend::default() })
    }

    /// The direction of an eye's sides that run inward.
    fn down(&self, end: usize, along: Spot, inward: Spot) -> Option<Spot> {
        let toward = |way: Spot| side(self.view, self.eyes[end], way, inward, self.modules[end]);
        let lines = [toward(along), toward(Spot::default().minus(along))];
        let ways = lines
            .into_iter()
            .flatten()
            .map(|line| if line.along.dot(inward) < 0.0 { Spot::default().minus(line.along) } else { line.along });
        let sum = ways.fold(Spot::default(), |sum, way| sum.plus(way, 1.0));
        (sum.length() > 0.5).then(|| unit(sum))
    }
}

/// Steps to either side and either way in which the third eye of a symbol of `size` modules is looked for.
fn steps(size: usize) -> (i32, i32) {
    let count = |reach: f32, step: f32| (reach * size as f32 / step) as i32;
    (count(REACH.0, STEPS.0), count(REACH.1, STEPS.1))
}

/// From one eye to another along a side.
pub(super) struct Run {
    pub(super) from: Spot,
    pub(super) to: Spot,
    /// Size of a module at either end.
    pub(super) pitches: [f32; 2],
}

impl Run {
    /// How well the timing pattern fits that runs three modules beside the eyes' middles.
    pub(super) fn timing(&self, view: View, size: usize, inward: Spot) -> Agreement {
        let mut agreement = Agreement::default();
        // A straight line in perspective: its pitch grows from one end to the other.
        let growth = (self.pitches[1] / self.pitches[0]).sqrt().clamp(0.5, 2.0);
        let way = self.to.minus(self.from);
        for at in 8..size - 8 {
            let part = (at as f32 - 3.0) / (size as f32 - 7.0);
            let seen = part / (growth * (1.0 - part) + part);
            let pitch = self.pitches[0] + (self.pitches[1] - self.pitches[0]) * seen;
            let spot = self.from.plus(way, seen).plus(inward, 3.0 * pitch);
            agreement.count(if at % 2 == 0 { 1.0 } else { -1.0 }, view.soft(spot));
        }
        agreement
    }
}

/// Looks for the third eye.
struct Search<'a> {
    view: View<'a>,
    corner: Spot,
    pitch: f32,
    size: usize,
    /// To where the symbol lies, seen from the line to the third eye.
    sideways: Spot,
    pitch_sideways: f32,
}

impl Search<'_> {
    fn best(&self, middle: Spot, down: Spot) -> Option<Spot> {
        let (wide, long) = steps(self.size);
        let mut best = (THIRD_LEAST, None);
        for row in -long..=long {
            for column in -wide..=wide {
                let aside = column as f32 * STEPS.0 * self.pitch_sideways;
                let spot = middle.plus(down, row as f32 * STEPS.1 * self.pitch).plus(self.sideways, aside);
                let fit = self.fit(spot);
                if fit > best.0 {
                    best = (fit, Some(spot));
                }
            }
        }
        best.1
    }

    fn fit(&self, third: Spot) -> f32 {
        let way = third.minus(self.corner);
        let mean = way.length() / (self.size as f32 - 7.0);
        let run = Run { from: self.corner, to: third, pitches: [self.pitch, mean * mean / self.pitch] };
        let mut agreement = run.timing(self.view, self.size, self.sideways);
        let (down, aside) = (unit(way), self.sideways);
        for ring in 0_u8..4 {
            let colour = if ring == 2 { -1.0 } else { 1.0 };
            for (x, y) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                let times = f32::from(ring);
                let spot = third.plus(aside, x * times * self.pitch_sideways).plus(down, y * times * mean);
                agreement.count(colour, self.view.soft(spot));
            }
        }
        agreement.share()
    }
}
