//! The reader: frames in, sightings out.

use super::{
    fault::{PIXELS_LIMIT, VisionFault},
    finder::Finder,
    fit::Fitter,
    geometry::Spot,
    hint::Hinter,
    locate::{Outline, Place, View},
    picture::Picture,
    plane::{Grey, Plane},
    sample::{METHODS, Sampler},
    symbol::{self, Message},
    triple::{self, Triple},
};
use crate::rules::{
    code::{Hint, Payload, Sighting},
    image::Point,
};

/// The longer side of the picture that is searched first, in pixels.
const WORKING_SIZE: usize = 1280;
/// The least fit of the fixed patterns before modules are believed.
const FIT_LEAST: f32 = 0.4;
/// The least fit of the timing patterns alone, before anything is moved into place.
const TIMING_LEAST: f32 = 0.1;
/// Sizes and corners that are tried for one group of eyes.
const PLACES_LIMIT: usize = 2;
/// Symbols that are sampled and read in one pass at most, successes not counted.
const TRIES_LIMIT: usize = 24;
/// Groups of eyes that are measured in one pass at most.
const OUTLINES_LIMIT: usize = 500;

/// Reads frames; keeps its memory from one to the next.
#[derive(Default)]
pub struct Reader {
    plane: Plane,
    picture: Picture,
    finder: Finder,
    triples: Vec<Triple>,
    fitter: Fitter,
    sampler: Sampler,
    found: Vec<Found>,
    /// Groups of eyes that look like a code and were not read in the last pass.
    missed: Vec<Triple>,
    hinter: Hinter,
}

/// A symbol that was read, with its outline in the working picture scaled to the frame.
struct Found {
    bytes: Vec<u8>,
    corners: [Spot; 4],
}

impl Reader {
    /// A reader that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Finds and reads the QR codes in a grey picture: `width * height` bytes, row by row without padding, 0 black.
    ///
    /// Each code is reported once, with its corners in pixels of the given picture. `scan_us` is left 0: this room
    /// has no clock. A picture without pixels shows nothing.
    ///
    /// # Errors
    /// [`VisionFault`] where the buffer's length does not fit the size or the picture has more than [`PIXELS_LIMIT`]
    /// pixels. What a picture shows is never an error.
    pub fn scan(&mut self, grey: &[u8], width: usize, height: usize) -> Result<Sighting, VisionFault> {
        let frame = checked(grey, width, height)?;
        if grey.is_empty() {
            return Ok(Sighting::default());
        }
        let mut bright = 0;
        for longer_side in working_sizes(width.max(height)) {
            self.pass(frame, longer_side);
            bright = bright.max(self.picture.bright());
            if !self.found.is_empty() && self.missed.is_empty() {
                break;
            }
        }
        let hint = self.found.is_empty().then(|| self.hinter.hint(frame, bright)).flatten();
        Ok(self.sighting(hint))
    }

    /// Reads the next frame of a camera: like [`Self::scan`], with what the last frames taught, and no longer than
    /// `in_time` says yes.
    ///
    /// # Errors
    /// As [`Self::scan`].
    pub fn watch(
        &mut self,
        grey: &[u8],
        width: usize,
        height: usize,
        in_time: &dyn Fn() -> bool,
    ) -> Result<Sighting, VisionFault> {
        let _ = in_time;
        self.scan(grey, width, height)
    }

    fn sighting(&mut self, hint: Option<Hint>) -> Sighting {
        let point = |spot: Spot| Point { x: spot.x, y: spot.y };
        let payload = |found: Found| Payload { bytes: found.bytes, corners: found.corners.map(point) };
        Sighting { payloads: self.found.drain(..).map(payload).collect(), hint, scan_us: 0 }
    }

    /// Searches the frame at one working size.
    fn pass(&mut self, frame: Grey, longer_side: usize) {
        let scale = longer_side as f32 / frame.width.max(frame.height) as f32;
        let longest = frame.width.max(frame.height) as u64;
        let fitted = |side: usize| ((side as u64 * longer_side as u64 / longest) as usize).max(1);
        self.plane.resample(frame, fitted(frame.width), fitted(frame.height));
        self.picture.take(self.plane.grey());
        self.finder.scan(&self.picture);
        triple::triples(&self.finder.eyes, &mut self.triples);
        self.missed.clear();
        self.fitter.refresh();
        let (mut tries, mut outlines) = (TRIES_LIMIT, OUTLINES_LIMIT);
        for at in 0..self.triples.len() {
            let triple = self.triples[at];
            if tries == 0 || outlines == 0 || self.fitter.is_spent() {
                break;
            }
            if self.is_taken(&triple, scale) {
                continue;
            }
            outlines -= 1;
            self.attempt(&triple, scale, &mut tries);
        }
        let mut missed = std::mem::take(&mut self.missed);
        missed.retain(|triple| !self.is_taken(triple, scale));
        self.missed = missed;
    }

    /// Whether an eye of the triple lies in a symbol that is already read.
    fn is_taken(&self, triple: &Triple, scale: f32) -> bool {
        let inside = |eye: &super::finder::Eye| {
            let spot = Spot::new(eye.x / scale, eye.y / scale);
            self.found.iter().any(|found| contains(&found.corners, spot))
        };
        triple.eyes.iter().any(inside)
    }

    fn attempt(&mut self, triple: &Triple, scale: f32, tries: &mut usize) {
        let picture = std::mem::take(&mut self.picture);
        let view = View { picture: &picture, dark: triple.eyes[0].dark == 1 };
        let effort = self.fitter.effort();
        if let Some(found) = self.read(view, triple, scale, tries) {
            self.fitter.refund(effort);
            self.found.push(found);
        } else if triple.is_striking() {
            self.missed.push(*triple);
        }
        self.picture = picture;
    }

    fn read(&mut self, view: View, triple: &Triple, scale: f32, tries: &mut usize) -> Option<Found> {
        let outline = Outline::measure(view, triple)?;
        let places = outline.places(view);
        for &(_, place) in places.iter().filter(|(timing, _)| *timing > TIMING_LEAST).take(PLACES_LIMIT) {
            let aligned = self.fitter.align(view, &place);
            for start in [aligned, Some(place)].into_iter().flatten() {
                let Some((fit, place)) = self.fitter.fit(view, start) else { continue };
                if fit < FIT_LEAST || *tries == 0 {
                    continue;
                }
                if let Some((message, corners)) = self.decode(view, &place) {
                    let corners = corners.map(|spot| Spot::new(spot.x / scale, spot.y / scale));
                    return Some(Found { bytes: message.bytes, corners });
                }
                *tries -= 1;
            }
        }
        None
    }

    fn decode(&mut self, view: View, place: &Place) -> Option<(Message, [Spot; 4])> {
        let map = place.perspective()?;
        self.sampler.sample(view, &map, place.size);
        let message = METHODS.into_iter().find_map(|method| symbol::read(self.sampler.decide(method)))?;
        let mut corners = map.corners(place.size as f32);
        if message.mirrored {
            corners.swap(1, 3);
        }
        Some((message, corners))
    }
}

fn checked(grey: &[u8], width: usize, height: usize) -> Result<Grey<'_>, VisionFault> {
    let pixels = width.checked_mul(height).filter(|&pixels| pixels <= PIXELS_LIMIT);
    match pixels {
        None => Err(VisionFault::TooLarge { width, height }),
        Some(pixels) if pixels != grey.len() => Err(VisionFault::Length { width, height, got: grey.len() }),
        Some(_) => Ok(Grey { width, height, pixels: grey }),
    }
}

/// The sizes of the longer side at which a picture is searched, in turn, until a code is found.
fn working_sizes(longer_side: usize) -> impl Iterator<Item = usize> {
    let first = longer_side.min(WORKING_SIZE);
    let small = (first / 2).max(1);
    let large = (longer_side > WORKING_SIZE).then(|| longer_side.min(2 * WORKING_SIZE));
    [Some(first), Some(small), large].into_iter().flatten()
}

/// Whether a spot lies in a convex figure, whichever way its corners run.
fn contains(corners: &[Spot; 4], spot: Spot) -> bool {
    let side = |i: usize| corners[(i + 1) % 4].minus(corners[i]).cross(spot.minus(corners[i])) > 0.0;
    (1..4).all(|i| side(i) == side(0))
}
