//! The reader: frames in, sightings out.

use super::{
    fault::{PIXELS_LIMIT, VisionFault},
    finder::{Eye, Finder},
    geometry::Spot,
    hint::Hinter,
    locate::View,
    picture::{Picture, Thresholds},
    plane::{Grey, Plane},
    solver::{Lead, Read, Solver},
    triple::{self, Triple},
};
use crate::rules::{
    code::{Hint, Payload, Sighting},
    image::Point,
};

/// The longer side of the largest picture that is searched, in pixels; larger ones are halved first.
const LARGEST: usize = 2560;
/// The longer side of the smallest picture that is searched as it is: a symbol of one pixel a module is enlarged, but
/// not beyond so many times.
const SMALLEST: usize = 256;
const ENLARGED_MOST: usize = 8;
/// How often a picture is looked at: as it is, at half its size and at a quarter, where noise and blur are less.
const LEVELS: usize = 3;
/// Frames without a sign of a code after which a camera's frames are looked at less closely, until there is one.
const QUIET: u32 = 4;
/// The promise of a group of eyes that is such a sign.
const PROMISE: f32 = 0.7;
const PROMISE_STRIKING: f32 = 0.2;
/// The least sureness of an eye in the halved pictures, where grain looks more like eyes than codes that were missed at
/// full size do.
const SURENESS_LEAST: f32 = 0.3;
/// What may be spent in vain on the groups of eyes of one level, on those that look like codes, and on those of which
/// only two are seen: together some ten milliseconds on a desktop processor, whatever the picture shows.
const SEARCH_EFFORT: usize = 300_000;
const INSIST_EFFORT: usize = 500_000;
const GUESS_EFFORT: usize = 300_000;
/// Groups of eyes at one level that may be no symbol's one after the other.
const FAILURES_LIMIT: usize = 80;
/// Eyes from which symbols are guessed that show only two, and their least sureness.
const GUESS_EYES: usize = 12;
const GUESS_SURENESS: f32 = 0.5;
/// Groups of eyes that are measured even when time is up.
const CERTAIN: usize = 4;
/// Codes after which what was not read is tried harder, but not looked for at other sizes.
const MANY: usize = 8;
/// Groups of eyes that are tried harder.
const MISSED_LIMIT: usize = 16;

/// Reads frames; keeps its memory from one to the next.
#[derive(Default)]
pub struct Reader {
    /// Of the frame at hand: halved until it is small enough.
    reduced: [Plane; 2],
    levels: [Level; LEVELS],
    finder: Finder,
    triples: Vec<Triple>,
    solver: Solver,
    found: Vec<Found>,
    hinter: Hinter,
    /// Groups of eyes that look like a code and were not read.
    missed: Vec<Candidate>,
    /// Frames that were watched; says where the work that one frame has no time for goes on.
    turn: usize,
    /// Frames without a sign of a code, one after the other.
    quiet: u32,
}

/// How a frame is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// At all levels until codes are found, then harder.
    Everything,
    /// Where nothing was in view: at half its size and at one other, and at the rest only if that shows something.
    Gate,
}

impl Plan {
    fn order(self, turn: usize) -> [usize; LEVELS] {
        match self {
            Self::Everything => [0, 1, 2],
            Self::Gate if turn.is_multiple_of(2) => [1, 0, 2],
            Self::Gate => [1, 2, 0],
        }
    }

    fn limits(self) -> Limits {
        match self {
            Self::Everything => Limits { effort: SEARCH_EFFORT, failures: FAILURES_LIMIT },
            Self::Gate => Limits { effort: SEARCH_EFFORT / 8, failures: FAILURES_LIMIT / 8 },
        }
    }

    /// Whether this many levels are enough where nothing is seen.
    fn ends(self, levels: usize) -> bool {
        self == Self::Gate && levels == 2
    }
}

/// How long groups of eyes are tried at one level.
#[derive(Clone, Copy)]
struct Limits {
    effort: usize,
    failures: usize,
}

/// The picture at one of its sizes.
#[derive(Default)]
struct Level {
    plane: Plane,
    picture: Picture,
    /// The surest eyes.
    eyes: Vec<Eye>,
}

/// Three eyes in the picture of a level.
#[derive(Clone, Copy)]
struct Candidate {
    level: usize,
    triple: Triple,
    lead: Lead,
}

impl Level {
    fn keep_eyes(&mut self, eyes: &[Eye]) {
        self.eyes.clear();
        self.eyes.extend(eyes.iter().filter(|eye| eye.sureness() > GUESS_SURENESS));
        self.eyes.sort_by(|a, b| b.sureness().total_cmp(&a.sureness()));
        self.eyes.truncate(GUESS_EYES);
    }
}

impl Candidate {
    /// Whether there seems to be a code: three good eyes with a trace of timing patterns, or a place that fits.
    fn is_promising(&self) -> bool {
        let least = if self.triple.is_striking() { PROMISE_STRIKING } else { PROMISE };
        self.lead.promise() > least
    }

    fn view<'a>(&self, levels: &'a [Level; LEVELS]) -> View<'a> {
        View { picture: &levels[self.level].picture, dark: self.triple.eyes[0].dark == 1 }
    }
}

/// A symbol that was read, with its outline in pixels of the reduced frame.
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
        self.turn = 0;
        Ok(self.look(checked(grey, width, height)?, Plan::Everything, &|| true))
    }

    /// Reads the next frame of a camera: like [`Self::scan`], but no longer than `in_time` says yes, and what this
    /// frame has no time for is tried on the next.
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
        self.turn = (self.turn + 1) % 1024;
        let plan = if self.quiet < QUIET { Plan::Everything } else { Plan::Gate };
        Ok(self.look(checked(grey, width, height)?, plan, in_time))
    }

    fn look(&mut self, frame: Grey, plan: Plan, in_time: &dyn Fn() -> bool) -> Sighting {
        if frame.pixels.is_empty() {
            return Sighting::default();
        }
        self.found.clear();
        self.missed.clear();
        self.levels.iter_mut().for_each(|level| level.eyes.clear());
        let scale = self.take(frame);
        let order = plan.order(self.turn);
        let mut bright = 0;
        for (at, &level) in order.iter().enumerate() {
            let is_done = self.found.len() > MANY || !self.found.is_empty() && !self.is_promising();
            if at > 0 && (is_done || !in_time() || plan.ends(at) && !self.is_promising()) {
                break;
            }
            self.search(level, plan.limits(), in_time);
            bright = bright.max(self.levels[level].picture.bright());
        }
        if plan == Plan::Everything || self.is_promising() {
            self.try_harder(in_time);
        }
        let hint = if self.found.is_empty() { self.hinter.hint(frame, bright) } else { None };
        self.quiet = if hint.is_none() && self.found.is_empty() && !self.is_promising() {
            self.quiet.saturating_add(1)
        } else {
            0
        };
        self.sighting(scale, hint)
    }

    /// Two ways, each first on every other frame.
    fn try_harder(&mut self, in_time: &dyn Fn() -> bool) {
        for way in [self.turn, self.turn + 1] {
            if way % 2 == 0 {
                self.insist(in_time);
            } else if self.found.is_empty() {
                self.guess(in_time);
            }
        }
    }

    /// Takes a frame to the first level; returns how many of its pixels make one there along a side.
    fn take(&mut self, frame: Grey) -> f32 {
        let mut scale = 1.0;
        let [one, other] = &mut self.reduced;
        let (mut from, mut to) = (one, other);
        let longer = frame.width.max(frame.height);
        if longer < SMALLEST {
            let times = SMALLEST.div_ceil(longer).min(ENLARGED_MOST);
            from.enlarge(frame, times);
            scale = 1.0 / times as f32;
        } else if longer > LARGEST {
            from.halve(frame);
            scale = 2.0;
            while from.grey().width.max(from.grey().height) > LARGEST {
                to.halve(from.grey());
                std::mem::swap(&mut from, &mut to);
                scale *= 2.0;
            }
        }
        let grey = if (SMALLEST..=LARGEST).contains(&longer) { frame } else { from.grey() };
        self.levels[0].picture.take(grey);
        self.levels[1].plane.halve(grey);
        scale
    }

    fn search(&mut self, level: usize, limits: Limits, in_time: &dyn Fn() -> bool) {
        if level > 0 {
            let (before, rest) = self.levels.split_at_mut(level);
            if level > 1 {
                rest[0].plane.halve(before[level - 1].plane.grey());
            }
            rest[0].picture.take(rest[0].plane.grey());
        }
        self.levels[level].picture.measure(if level == 1 { Thresholds::WithinBlocks } else { Thresholds::Smooth });
        self.finder.scan(&self.levels[level].picture);
        if level > 0 {
            self.finder.eyes.retain(|eye| eye.sureness() > SURENESS_LEAST);
        }
        triple::triples(&self.finder.eyes, &mut self.triples);
        self.levels[level].keep_eyes(&self.finder.eyes);
        self.solver.grant(limits.effort);
        let mut failures = 0;
        for at in 0..self.triples.len() {
            let candidate = Candidate { level, triple: self.triples[at], lead: Lead::default() };
            // However slow the processor is, the likeliest ones have their turn.
            if failures == limits.failures || self.solver.is_spent() || at >= CERTAIN && !in_time() {
                break;
            }
            if self.is_taken(&candidate) {
                continue;
            }
            match self.solver.read(candidate.view(&self.levels), &candidate.triple) {
                Ok(read) => {
                    failures = 0;
                    self.keep(level, read);
                }
                Err(lead) => {
                    failures += 1;
                    if lead.promise() > 0.0 || candidate.triple.is_striking() {
                        self.missed.push(Candidate { lead, ..candidate });
                    }
                }
            }
        }
        self.forget_taken();
    }

    /// Tries harder where something looks like a code, on each frame with another one first.
    fn insist(&mut self, in_time: &dyn Fn() -> bool) {
        self.solver.grant(INSIST_EFFORT);
        self.missed.sort_by(|a, b| b.lead.promise().total_cmp(&a.lead.promise()));
        let count = self.missed.len().min(MISSED_LIMIT);
        for at in 0..count {
            let candidate = self.missed[(at + self.turn) % count];
            if self.solver.is_spent() || !in_time() {
                break;
            }
            if self.is_taken(&candidate) {
                continue;
            }
            if let Some(read) = self.solver.insist(candidate.view(&self.levels), &candidate.triple, candidate.lead) {
                self.keep(candidate.level, read);
            }
        }
        self.forget_taken();
    }

    /// Tries what could be symbols with only two eyes.
    fn guess(&mut self, in_time: &dyn Fn() -> bool) {
        self.solver.grant(GUESS_EFFORT);
        for level in 0..LEVELS {
            for from in 0..self.levels[level].eyes.len() {
                for to in 0..self.levels[level].eyes.len() {
                    let Level { picture, eyes, .. } = &self.levels[level];
                    let (from, to) = (eyes[from], eyes[to]);
                    if !triple::are_alike(&from, &to) || self.solver.is_spent() || !in_time() {
                        continue;
                    }
                    let view = View { picture, dark: from.dark == 1 };
                    if let Some(read) = self.solver.read_pair(view, &from, &to) {
                        self.keep(level, read);
                        return;
                    }
                }
            }
        }
    }

    fn keep(&mut self, level: usize, (message, corners): Read) {
        let corners = corners.map(|spot| spot.scaled(side_scale(level)));
        self.found.push(Found { bytes: message.bytes, corners });
    }

    fn forget_taken(&mut self) {
        let mut missed = std::mem::take(&mut self.missed);
        missed.retain(|candidate| !self.is_taken(candidate));
        self.missed = missed;
    }

    /// Whether something that looks like a code was not read.
    fn is_promising(&self) -> bool {
        self.missed.iter().any(Candidate::is_promising)
    }

    /// Whether an eye of the triple lies in a symbol that is already read.
    fn is_taken(&self, candidate: &Candidate) -> bool {
        let inside = |eye: &Eye| {
            let spot = Spot::new(eye.x, eye.y).scaled(side_scale(candidate.level));
            self.found.iter().any(|found| contains(&found.corners, spot))
        };
        candidate.triple.eyes.iter().any(inside)
    }

    fn sighting(&mut self, scale: f32, hint: Option<Hint>) -> Sighting {
        let point = |spot: Spot| Point { x: spot.x * scale, y: spot.y * scale };
        let payload = |found: Found| Payload { bytes: found.bytes, corners: found.corners.map(point) };
        Sighting { payloads: self.found.drain(..).map(payload).collect(), hint, scan_us: 0 }
    }
}

/// Pixels of the first level along a pixel's side of another.
fn side_scale(level: usize) -> f32 {
    (1 << level) as f32
}

fn checked(grey: &[u8], width: usize, height: usize) -> Result<Grey<'_>, VisionFault> {
    let pixels = width.checked_mul(height).filter(|&pixels| pixels <= PIXELS_LIMIT);
    match pixels {
        None => Err(VisionFault::TooLarge { width, height }),
        Some(pixels) if pixels != grey.len() => Err(VisionFault::Length { width, height, got: grey.len() }),
        Some(_) => Ok(Grey { width, height, pixels: grey }),
    }
}

/// Whether a spot lies in a convex figure, whichever way its corners run.
fn contains(corners: &[Spot; 4], spot: Spot) -> bool {
    let side = |i: usize| corners[(i + 1) % 4].minus(corners[i]).cross(spot.minus(corners[i])) > 0.0;
    (1..4).all(|i| side(i) == side(0))
}
