//! From three eyes to a payload: every stage in turn, within a limit for the whole picture.

use super::{
    fit::Fitter,
    geometry::Spot,
    locate::{Outline, Place, View},
    sample::{METHODS, Method, Sampler},
    symbol::{self, Message},
    triple::Triple,
};

/// The least fit of the fixed patterns before modules are believed.
const FIT_LEAST: f32 = 0.4;
/// The fit at which modules are believed before anything is moved into place.
const FIT_CLEAR: f32 = 0.7;
/// Sizes and corners that are tried for one group of eyes.
const PLACES_LIMIT: usize = 2;
/// Symbols that are sampled and read in one picture at most, successes not counted.
const TRIES_LIMIT: usize = 24;

/// How much is tried for one group of eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Only where the timing patterns are seen at once.
    Quick,
    /// Everything.
    Thorough,
}

impl Care {
    /// The least fit of the timing patterns alone, before anything is moved into place.
    fn timing_least(self) -> f32 {
        match self {
            Self::Quick => 0.5,
            Self::Thorough => 0.1,
        }
    }
}

/// Reads symbols where their eyes are; keeps its memory from one to the next.
#[derive(Default)]
pub(super) struct Solver {
    fitter: Fitter,
    sampler: Sampler,
    tries: usize,
}

impl Solver {
    /// Starts with a new picture.
    pub(super) fn refresh(&mut self) {
        self.fitter.refresh();
        self.tries = TRIES_LIMIT;
    }

    /// Whether as much was tried on this picture as may be.
    pub(super) fn is_spent(&self) -> bool {
        self.tries == 0 || self.fitter.is_spent()
    }

    /// Reads the symbol that has these eyes, if they are one's; returns it with its corners in the picture, or else how
    /// much its timing patterns looked like ones.
    pub(super) fn read(&mut self, view: View, triple: &Triple, care: Care) -> Result<(Message, [Spot; 4]), f32> {
        let effort = self.fitter.effort();
        let places = Outline::measure(view, triple).map(|outline| outline.places(view)).unwrap_or_default();
        for &(_, place) in places.iter().filter(|(timing, _)| *timing > care.timing_least()).take(PLACES_LIMIT) {
            let aligned = self.fitter.align(view, &place);
            let starts = [aligned, Some(place)];
            for start in starts.into_iter().flatten() {
                if self.fitter.share(view, &start) > FIT_CLEAR
                    && let Some(read) = self.decode(view, &start, &METHODS[..1])
                {
                    self.fitter.refund(effort);
                    return Ok(read);
                }
            }
            for start in starts.into_iter().flatten() {
                let Some((fit, place)) = self.fitter.fit(view, start) else { continue };
                if fit < FIT_LEAST || self.tries == 0 {
                    continue;
                }
                if let Some(read) = self.decode(view, &place, &METHODS) {
                    // Only work in vain counts against the limit.
                    self.fitter.refund(effort);
                    return Ok(read);
                }
                self.tries -= 1;
            }
        }
        Err(places.first().map_or(0.0, |&(timing, _)| timing))
    }

    fn decode(&mut self, view: View, place: &Place, methods: &[Method]) -> Option<(Message, [Spot; 4])> {
        let map = place.perspective()?;
        self.sampler.sample(view, &map, place.size);
        let message = methods.iter().find_map(|&method| symbol::read(self.sampler.decide(method)))?;
        let mut corners = map.corners(place.size as f32);
        if message.mirrored {
            corners.swap(1, 3);
        }
        Some((message, corners))
    }
}
