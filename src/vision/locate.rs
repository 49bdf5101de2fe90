//! From three eyes to a first idea of where a symbol lies: its size in modules and its four corners.
//!
//! The outer edges of the eyes are found to a fraction of a pixel. Along the line between two eyes they give the
//! size of a module; the right edge of the top right eye and the lower edge of the bottom left eye, as lines, meet
//! in the symbol's fourth corner, which gives the perspective even where no alignment pattern is printed.

use super::{
    bend::{Bend, Grid},
    geometry::{Line, Perspective, Spot},
    picture::Picture,
    triple::Triple,
    version::{self, SIZE_LEAST, SIZE_MOST},
};

/// Places along an eye's side, in modules from its middle, where its edge is looked for, and how many edges a walk
/// from there meets.
const PLACES: [(f32, usize); 11] =
    [(-3.0, 1), (-2.0, 2), (-1.2, 3), (-0.8, 3), (-0.4, 3), (0.0, 3), (0.4, 3), (0.8, 3), (1.2, 3), (2.0, 2), (3.0, 1)];

/// Changes between dark and light per module that a timing pattern has at least: one, less what blur and a line beside it
/// take away.
const LIVELY: f32 = 0.35;

/// A picture as a symbol's modules see it: light symbols on dark are turned round.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) picture: &'a Picture,
    /// The symbol is dark on light.
    pub(super) dark: bool,
}

impl View<'_> {
    /// 1 for surely a dark module, -1 for surely a light one.
    pub(super) fn soft(&self, spot: Spot) -> f32 {
        let soft = self.picture.soft(spot.x, spot.y);
        if self.dark { soft } else { -soft }
    }

    /// The same, and the darkness of the place, 0 to 255.
    pub(super) fn soft_and_ink(&self, spot: Spot) -> (f32, f32) {
        let (soft, shade) = self.picture.soft_and_shade(spot.x, spot.y);
        if self.dark { (soft, 255.0 - shade) } else { (-soft, shade) }
    }

    /// Walks from `from` in steps of half a pixel and returns where the `crossings`th change between dark and light
    /// lies; `None` where the walk does not start as it should or ends before.
    fn edge(&self, from: Spot, toward: Spot, module: f32, crossings: usize) -> Option<Spot> {
        let mut before = self.soft(from);
        if (before > 0.0) != (crossings % 2 == 1) {
            return None;
        }
        let mut left = crossings;
        for step in 1..(module * 12.0) as usize {
            let here = self.soft(from.plus(toward, step as f32 * 0.5));
            if (here > 0.0) != (before > 0.0) {
                left -= 1;
                if left == 0 {
                    let part = before / (before - here);
                    return Some(from.plus(toward, (step as f32 - 1.0 + part) * 0.5));
                }
            }
            before = here;
        }
        None
    }
}

/// How well what is seen agrees with what is known: sums over modules whose colour is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Agreement {
    /// Certainty for the known colour less certainty against it.
    pub(super) sum: f32,
    /// Certainty either way.
    all: f32,
}

impl Agreement {
    /// Counts a module that is known to be dark (1) or light (-1) and looks like `soft`.
    pub(super) fn count(&mut self, known: f32, soft: f32) {
        self.sum += known * soft;
        self.all += soft.abs().max(0.05);
    }

    /// 1 where all agree, 0 for chance, however pale the print is.
    pub(super) fn share(self) -> f32 {
        self.sum / self.all.max(1e-6)
    }
}

/// Where a symbol may lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Modules on a side.
    pub(super) size: usize,
    /// Places on the symbol in modules and in the picture: middles of the eyes (top left, top right, bottom left) and
    /// a fourth, at or near the bottom right corner.
    pub(super) pairs: [(Spot, Spot); 4],
    /// How it is bent.
    pub(super) bend: Bend,
}

impl Place {
    /// Where its modules lie.
    pub(super) fn grid(&self) -> Option<Grid> {
        Some(Grid::new(self.perspective()?, self.size, self.bend))
    }

    pub(super) fn perspective(&self) -> Option<Perspective> {
        let map = Perspective::from_pairs(&self.pairs)?;
        map.is_sound(self.size as f32).then_some(map)
    }
}

/// What three eyes tell before the size is known.
pub(super) struct Outline {
    /// Top left, top right, bottom left.
    eyes: [Spot; 3],
    /// Modules on a side, measured.
    modules: f32,
    /// The symbol's outer bottom right corner, where its edges tell.
    corner: Option<Spot>,
}

impl Outline {
    /// Measures the eyes.
    pub(super) fn measure(view: View, triple: &Triple) -> Option<Self> {
        let eyes = triple.eyes.map(|eye| Spot::new(eye.x, eye.y));
        let modules = triple.eyes.map(|eye| eye.module);
        if !is_lively(view, eyes, modules, 1) && !is_lively(view, eyes, modules, 2) {
            return None;
        }
        let (right, below) = (eyes[1].minus(eyes[0]), eyes[2].minus(eyes[0]));
        let (across, down) = (unit(right), unit(below));
        let pitch = |eye: usize, way: Spot| eye_width(view, eyes[eye], way, modules[eye]).map(|width| width / 7.0);
        let wide = right.length() / mean(pitch(0, across), pitch(1, across), f32::midpoint(modules[0], modules[1]));
        let high = below.length() / mean(pitch(0, down), pitch(2, down), f32::midpoint(modules[0], modules[2]));
        let right_side = side(view, eyes[1], across, down, modules[1]);
        let lower_side = side(view, eyes[2], down, across, modules[2]);
        let corner = right_side.zip(lower_side).and_then(|(right, lower)| right.meet(lower));
        let modules = f32::midpoint(wide, high) + 7.0;
        (modules > 15.0 && modules < 230.0).then_some(Self { eyes, modules, corner })
    }

    /// The places to try, the one whose timing patterns fit best first, with the fit (1 is perfect).
    pub(super) fn places(&self, view: View) -> Vec<(f32, Place)> {
        let mut found: Vec<_> = fitting_sizes(self.modules)
            .flat_map(|size| [self.place(size, true), self.place(size, false)])
            .flatten()
            .filter_map(|place| Some((timing(view, &place.perspective()?, place.size), place)))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        if let Some(known) = found.first().and_then(|(_, place)| printed_size(view, place)) {
            found.sort_by_key(|(_, place)| place.size != known);
        }
        found
    }

    /// The place for a size, with the fourth corner where the edges meet or where a parallelogram has it.
    fn place(&self, size: usize, by_edges: bool) -> Option<Place> {
        let [corner, right, below] = self.eyes;
        let far = size as f32 - 3.5;
        let flat = corner.plus(right.minus(corner).plus(below.minus(corner), 1.0), far / (far - 3.5));
        let end = if by_edges { self.corner? } else { flat };
        let reach = right.minus(below).length();
        if end.minus(flat).length() > reach * 0.6 {
            return None;
        }
        let pairs = [
            (Spot::new(3.5, 3.5), corner),
            (Spot::new(far, 3.5), right),
            (Spot::new(3.5, far), below),
            (Spot::new(size as f32, size as f32), end),
        ];
        Some(Place { size, pairs, bend: Bend::default() })
    }
}

/// Whether dark and light change often enough between the corner eye and another one, where the timing pattern would be:
/// a quick look that spares most groups of eyes the measuring.
fn is_lively(view: View, eyes: [Spot; 3], modules: [f32; 3], other: usize) -> bool {
    let way = eyes[other].minus(eyes[0]);
    let module = f32::midpoint(modules[0], modules[other]).max(0.5);
    let between = way.length() / module - 7.0;
    let inward = unit(eyes[3 - other].minus(eyes[0]));
    let steps = (between * 2.0).clamp(8.0, 340.0) as u16;
    let dark = (0..=steps).map(|step| {
        let part = 0.5 + (f32::from(step) / f32::from(steps) - 0.5) * between / (between + 7.0);
        view.soft(eyes[0].plus(way, part).plus(inward, 3.0 * module)) > 0.0
    });
    let mut last = None;
    let changes = dark.filter(|&dark| last.replace(dark).is_some_and(|last| last != dark)).count();
    changes as f32 > between * LIVELY
}

/// The sizes that a symbol can have which seems to be so many modules wide.
pub(super) fn fitting_sizes(modules: f32) -> impl Iterator<Item = usize> {
    let slack = (modules * 0.09).max(4.5);
    (SIZE_LEAST..=SIZE_MOST).step_by(4).filter(move |&size| (size as f32 - modules).abs() < slack)
}

pub(super) fn unit(way: Spot) -> Spot {
    let length = way.length().max(1e-3);
    Spot::new(way.x / length, way.y / length)
}

fn mean(a: Option<f32>, b: Option<f32>, otherwise: f32) -> f32 {
    match (a, b) {
        (Some(a), Some(b)) => f32::midpoint(a, b),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => otherwise,
    }
    .max(0.5)
}

pub(super) fn eye_width(view: View, eye: Spot, way: Spot, module: f32) -> Option<f32> {
    let ahead = view.edge(eye, way, module, 3)?;
    let behind = view.edge(eye, Spot::new(-way.x, -way.y), module, 3)?;
    Some(ahead.minus(behind).length())
}

/// The eye's outer side that lies in direction `toward`; `along` is how that side runs, roughly.
pub(super) fn side(view: View, eye: Spot, toward: Spot, along: Spot, module: f32) -> Option<Line> {
    let walk = |(at, crossings): (f32, usize)| view.edge(eye.plus(along, at * module), toward, module, crossings);
    let mut spots: Vec<Spot> = PLACES.into_iter().filter_map(walk).collect();
    if spots.len() < 4 {
        return None;
    }
    let first = Line::through(&spots)?;
    spots.retain(|&spot| first.distance(spot) < module * 0.35);
    if spots.len() < 4 { None } else { Line::through(&spots) }
}

/// How well the two timing patterns fit: 1 is perfect, 0 is chance.
fn timing(view: View, map: &Perspective, size: usize) -> f32 {
    let mut agreement = Agreement::default();
    for at in 8..size - 8 {
        let known = if at % 2 == 0 { 1.0 } else { -1.0 };
        let place = at as f32 + 0.5;
        agreement.count(known, view.soft(map.map(place, 6.5)));
        agreement.count(known, view.soft(map.map(6.5, place)));
    }
    agreement.share()
}

/// The size that the version information says, from version 7 up.
fn printed_size(view: View, place: &Place) -> Option<usize> {
    if place.size < 41 {
        return None;
    }
    let map = place.perspective()?;
    let far = place.size as f32 - 11.0;
    let bit = |at: usize, turned: bool| {
        let (long, short) = ((at / 3) as f32 + 0.5, far + (at % 3) as f32 + 0.5);
        let spot = if turned { map.map(long, short) } else { map.map(short, long) };
        u32::from(view.soft(spot) > 0.0) << at
    };
    let read = |turned: bool| version::version_from_bits((0..18).map(|at| bit(at, turned)).sum());
    Some(read(false).or_else(|| read(true))? * 4 + 17)
}
