//! From three eyes to a payload: every stage in turn, within a limit for the whole picture.

use super::{
    diagonal::Diagonal,
    finder::Eye,
    fit::Fitter,
    geometry::Spot,
    locate::{Outline, Place, View},
    pair::Pair,
    sample::{Method, QUICK_METHODS, Sampler, THOROUGH_METHODS},
    symbol::{self, Message},
    triple::Triple,
    version::SIZE_LEAST,
};

/// The least fit of the fixed patterns before modules are believed.
const FIT_LEAST: f32 = 0.4;
/// The fit at which modules are believed before anything is moved into place.
const FIT_CLEAR: f32 = 0.7;
/// Sizes and corners that are tried for one group of eyes.
const PLACES_LIMIT: usize = 2;
/// What decoding costs, in looks at each of the symbol's modules.
const DECODING: usize = 12;

/// Timing patterns that fit less are no symbol's at first sight; in [`Solver::insist`] they may.
const TIMING_CLEAR: f32 = 0.5;
const TIMING_LEAST: f32 = 0.1;
/// How far the corner that nothing holds may be off, in modules.
const CORNERS: [f32; 5] = [0.0, 0.9, -0.9, 1.8, -1.8];
/// The fit of a flat place from which it is worth bending.
const FIT_BENT: f32 = 0.55;

/// A payload with the corners of its symbol in the picture.
pub(super) type Read = (Message, [Spot; 4]);

/// What is known of a group of eyes whose symbol was not read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lead {
    /// The best fit of the timing patterns alone.
    timing: f32,
    /// The best place and its fit, where one was found.
    place: Option<(f32, Place)>,
}

impl Lead {
    /// How likely it is that more work reads it: 0 not at all, up to 1.
    pub(super) fn promise(&self) -> f32 {
        let timing = if self.timing > TIMING_LEAST { self.timing * 0.6 } else { 0.0 };
        self.place.map_or(timing, |(fit, _)| fit.max(timing))
    }
}

/// Reads symbols where their eyes are; keeps its memory from one to the next.
#[derive(Default)]
pub(super) struct Solver {
    fitter: Fitter,
    sampler: Sampler,
}

impl Solver {
    /// Gives so much to spend; see [`Fitter::grant`].
    pub(super) fn grant(&mut self, effort: usize) {
        self.fitter.grant(effort);
    }

    /// Whether as much was tried as may be.
    pub(super) fn is_spent(&self) -> bool {
        self.fitter.is_spent()
    }

    /// Reads the symbol that has these eyes, if they are one's and it is plainly seen.
    pub(super) fn read(&mut self, view: View, triple: &Triple) -> Result<Read, Lead> {
        let mut lead = Lead::default();
        self.read_places(view, triple, TIMING_CLEAR, &mut lead).ok_or(lead)
    }

    /// Tries what [`Self::read`] has no time for.
    pub(super) fn insist(&mut self, view: View, triple: &Triple, mut lead: Lead) -> Option<Read> {
        if lead.place.is_none()
            && let Some(read) = self.read_places(view, triple, TIMING_LEAST, &mut lead)
        {
            return Some(read);
        }
        let (_, place) = lead.place.filter(|&(fit, _)| fit > FIT_BENT)?;
        if let Some(read) = self.decode(view, &place, &THOROUGH_METHODS) {
            return Some(read);
        }
        if place.size == SIZE_LEAST {
            return self.read_with_other_corners(view, place);
        }
        let (fit, place) = self.fitter.bend(view, place)?;
        let methods = [&QUICK_METHODS[..], &THOROUGH_METHODS];
        methods.into_iter().filter(|_| fit > FIT_BENT).find_map(|methods| self.decode(view, &place, methods))
    }

    /// Nothing holds the far corner of the smallest symbol, which has no alignment pattern: a few places are tried.
    fn read_with_other_corners(&mut self, view: View, place: Place) -> Option<Read> {
        let [(_, corner), (_, right), (_, below), _] = place.pairs;
        let far = place.size as f32 - 7.0;
        let (across, down) = (right.minus(corner).scaled(1.0 / far), below.minus(corner).scaled(1.0 / far));
        CORNERS.into_iter().flat_map(|u| CORNERS.map(|v| (u, v))).find_map(|(u, v)| {
            let mut place = place;
            place.pairs[3].1 = place.pairs[3].1.plus(across, u).plus(down, v);
            if self.is_spent() { None } else { self.decode(view, &place, &QUICK_METHODS[..1]) }
        })
    }

    /// Reads a symbol of which only these two eyes are seen, the symbol to the right of the way from one to the other.
    pub(super) fn read_pair(&mut self, view: View, from: &Eye, to: &Eye) -> Option<Read> {
        let Some(pair) = Pair::find(view, from, to) else { return self.read_diagonal(view, from, to) };
        [0, 1].into_iter().find_map(|end| {
            if self.is_spent() {
                return None;
            }
            self.fitter.spend(pair.effort());
            self.read_place(view, pair.place(end)?, &mut Lead::default())
        })
    }

    fn read_diagonal(&mut self, view: View, right: &Eye, below: &Eye) -> Option<Read> {
        Diagonal::all(view, right, below).find_map(|diagonal| {
            if self.is_spent() {
                return None;
            }
            self.fitter.spend(diagonal.effort());
            self.read_place(view, diagonal.place()?, &mut Lead::default())
        })
    }

    fn read_places(&mut self, view: View, triple: &Triple, timing_least: f32, lead: &mut Lead) -> Option<Read> {
        let effort = self.fitter.effort();
        let places = Outline::measure(view, triple)?.places(view);
        lead.timing = places.first().map_or(0.0, |&(timing, _)| timing);
        for &(_, place) in places.iter().filter(|(timing, _)| *timing > timing_least).take(PLACES_LIMIT) {
            if let Some(read) = self.read_place(view, place, lead) {
                // Only work in vain counts against the limit.
                self.fitter.grant(effort);
                return Some(read);
            }
        }
        None
    }

    fn read_place(&mut self, view: View, place: Place, lead: &mut Lead) -> Option<Read> {
        let starts = [self.fitter.align(view, &place), Some(place)].into_iter().flatten();
        for start in starts.clone() {
            if self.fitter.share(view, &start) > FIT_CLEAR
                && let Some(read) = self.decode(view, &start, &QUICK_METHODS[..1])
            {
                return Some(read);
            }
        }
        for start in starts {
            let Some((fit, place)) = self.fitter.fit(view, start) else { continue };
            if fit < FIT_LEAST || self.is_spent() {
                continue;
            }
            if lead.place.is_none_or(|(best, _)| fit > best) {
                lead.place = Some((fit, place));
            }
            if let Some(read) = self.decode(view, &place, &QUICK_METHODS) {
                return Some(read);
            }
        }
        None
    }

    fn decode(&mut self, view: View, place: &Place, methods: &[Method]) -> Option<Read> {
        self.fitter.spend(DECODING * place.size * place.size);
        let grid = place.grid()?;
        self.sampler.sample(view, &grid, place.size);
        let message = methods.iter().find_map(|&method| {
            let (modules, doubtful) = self.sampler.decide(method);
            symbol::read(modules, doubtful)
        })?;
        let mut corners = grid.corners();
        if message.mirrored {
            corners.swap(1, 3);
        }
        Some((message, corners))
    }
}
