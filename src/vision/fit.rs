//! The exact place of a symbol: fixed patterns against the grey picture.
//!
//! Eyes, timing patterns and alignment patterns are the same in every symbol of a size. The four places that hold
//! the perspective are moved in ever smaller steps as long as the fixed patterns fit better; before that, the
//! alignment pattern near the bottom right corner is looked for, because that corner has nothing else to hold it.

use super::{
    bend::TERMS,
    geometry::{Perspective, Spot},
    locate::{Agreement, Place, View},
    version,
};

/// A module whose colour is known: its middle on the symbol and 1 for dark, -1 for light.
type Known = (f32, f32, f32);

/// Steps in modules by which a place is moved, one round each, and of how many known modules one is looked at.
const STEPS: [(f32, usize); 5] = [(0.6, 3), (0.35, 3), (0.2, 2), (0.12, 1), (0.06, 1)];
/// The same by which a label is bent.
const BENDS: [(f32, usize); 6] = [(1.0, 2), (0.6, 1), (0.4, 1), (0.25, 1), (0.15, 1), (0.08, 1)];

/// The least fit after the first round of steps that makes further rounds worth their time.
const PROMISING: f32 = 0.25;

/// Fits places; its memory is reused.
#[derive(Default)]
pub(super) struct Fitter {
    size: usize,
    known: Vec<Known>,
    /// Modules that may still be looked at in this pass.
    effort: usize,
}

impl Fitter {
    /// Gives so much to spend: modules that may be looked at in vain, each some ten nanoseconds.
    pub(super) fn grant(&mut self, effort: usize) {
        self.effort = effort;
    }

    /// What is left to spend, to be granted again when it led to a code.
    pub(super) fn effort(&self) -> usize {
        self.effort
    }

    /// Counts modules that were looked at elsewhere.
    pub(super) fn spend(&mut self, modules: usize) {
        self.effort = self.effort.saturating_sub(modules);
    }

    /// Whether this pass has looked at as much as it may.
    pub(super) fn is_spent(&self) -> bool {
        self.effort == 0
    }

    /// Improves a flat place as far as it goes; returns it with its fit (1 is perfect, 0 is chance).
    pub(super) fn fit(&mut self, view: View, place: Place) -> Option<(f32, Place)> {
        self.prepare(place.size);
        let mut best = (Agreement::default(), place);
        for (step, every) in STEPS {
            best.0 = self.agreement(view, &best.1, every)?;
            self.move_corners(view, &mut best, step, every);
            if best.0.share() < PROMISING {
                break;
            }
        }
        Some((best.0.share(), best.1))
    }

    /// Bends a place as far as that makes it fit better, and returns it with its fit.
    pub(super) fn bend(&mut self, view: View, place: Place) -> Option<(f32, Place)> {
        self.prepare(place.size);
        let mut best = (Agreement::default(), place);
        for (step, every) in BENDS {
            best.0 = self.agreement(view, &best.1, every)?;
            for term in 0..TERMS {
                for times in [1.0, -1.0, 2.0, -2.0] {
                    let mut place = best.1;
                    place.bend.terms[term] += step * times;
                    self.take_better(view, &mut best, place, every);
                }
            }
            self.move_corners(view, &mut best, step, every);
        }
        Some((best.0.share(), best.1))
    }

    /// How well a place fits as it is: 1 is perfect, 0 is chance.
    pub(super) fn share(&mut self, view: View, place: &Place) -> f32 {
        self.prepare(place.size);
        self.agreement(view, place, 1).map_or(0.0, Agreement::share)
    }

    fn move_corners(&mut self, view: View, best: &mut (Agreement, Place), step: f32, every: usize) {
        for corner in [3, 0, 1, 2] {
            // The far corner is held by little and may be far off; the eyes' middles are known well.
            let reach = step * pitch(&best.1) * if corner == 3 { 2.0 } else { 0.7 };
            let from = best.1;
            for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                let mut place = from;
                place.pairs[corner].1 = place.pairs[corner].1.plus(Spot::new(dx, dy), reach);
                self.take_better(view, best, place, every);
            }
        }
    }

    fn take_better(&mut self, view: View, best: &mut (Agreement, Place), place: Place, every: usize) {
        if let Some(agreement) = self.agreement(view, &place, every)
            && agreement.sum > best.0.sum
        {
            *best = (agreement, place);
        }
    }

    /// Looks at one in `every` known modules; `None` where the place makes no sense or the effort is spent.
    fn agreement(&mut self, view: View, place: &Place, every: usize) -> Option<Agreement> {
        let grid = place.grid()?;
        self.spend(self.known.len() / every);
        if self.is_spent() {
            return None;
        }
        let mut agreement = Agreement::default();
        for &(u, v, known) in self.known.iter().step_by(every) {
            agreement.count(known, view.soft(grid.map(u, v)));
        }
        Some(agreement)
    }

    /// Looks for the alignment pattern near the bottom right corner and holds the place there instead of at the corner.
    pub(super) fn align(&mut self, view: View, place: &Place) -> Option<Place> {
        if place.size < 25 {
            return None;
        }
        let map = place.perspective()?;
        let middle = place.size as f32 - 6.5;
        let reach = (place.size as f32 * 0.12).clamp(3.0, 8.0);
        let spot = self.best_alignment(view, &map, middle, reach)?;
        let mut place = *place;
        place.pairs[3] = (Spot::new(middle, middle), spot);
        place.perspective().map(|_| place)
    }

    fn best_alignment(&mut self, view: View, map: &Perspective, middle: f32, reach: f32) -> Option<Spot> {
        let at = map.map(middle, middle);
        let (across, down) = (map.map(middle + 1.0, middle).minus(at), map.map(middle, middle + 1.0).minus(at));
        let steps = (reach / 0.5) as i32;
        let mut best = (0.5, None);
        for row in -steps..=steps {
            for column in -steps..=steps {
                let (du, dv) = (column as f32 * 0.5, row as f32 * 0.5);
                let spot = at.plus(across, du).plus(down, dv);
                self.spend(1);
                if view.soft(spot) <= 0.0 {
                    continue;
                }
                self.spend(25);
                let fit = square_fit(view, spot, across, down) - du.hypot(dv) / reach * 0.15;
                if fit > best.0 {
                    best = (fit, Some(spot));
                }
            }
        }
        best.1
    }

    fn prepare(&mut self, size: usize) {
        if self.size == size {
            return;
        }
        self.size = size;
        self.known.clear();
        let far = size as f32 - 3.5;
        for (u, v) in [(3.5, 3.5), (far, 3.5), (3.5, far)] {
            self.square(u, v, 3, |ring| ring != 2);
        }
        for at in 8..size - 8 {
            let colour = if at % 2 == 0 { 1.0 } else { -1.0 };
            self.known.push((at as f32 + 0.5, 6.5, colour));
            self.known.push((6.5, at as f32 + 0.5, colour));
        }
        for (row, column) in version::alignment_middles(size) {
            let (u, v) = (column as f32 + 0.5, row as f32 + 0.5);
            self.square(u, v, 2, |ring| ring != 1);
        }
    }

    /// Rings of modules around a middle, out to `radius`; `dark` says which are dark.
    fn square(&mut self, u: f32, v: f32, radius: i32, dark: fn(i32) -> bool) {
        for dy in -radius..=radius {
            for dx in -radius..=radius {
                let colour = if dark(dx.abs().max(dy.abs())) { 1.0 } else { -1.0 };
                self.known.push((u + dx as f32, v + dy as f32, colour));
            }
        }
    }
}

/// Pixels of a module, roughly.
fn pitch(place: &Place) -> f32 {
    let [(a, from), (b, to), ..] = place.pairs;
    (to.minus(from).length() / b.minus(a).length()).max(0.5)
}

/// How well an alignment pattern stands at a spot: 1 is perfect.
fn square_fit(view: View, spot: Spot, across: Spot, down: Spot) -> f32 {
    let mut agreement = Agreement::default();
    for dy in -2_i16..=2 {
        for dx in -2_i16..=2 {
            let known = if dx.abs().max(dy.abs()) == 1 { -1.0 } else { 1.0 };
            agreement.count(known, view.soft(spot.plus(across, f32::from(dx)).plus(down, f32::from(dy))));
        }
    }
    agreement.share()
}
