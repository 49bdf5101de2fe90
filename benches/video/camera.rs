//! A camera and the hand in front of it: where the label is at each moment, and what lens, shutter and sensor make of it.
//!
//! The picture is exact geometry, sampled several times a pixel, then blurred along the label's path during the
//! exposure and by the disc of a lens out of focus. Both blurs are the same all over the frame: the label decides them.

use std::{f32::consts::PI, thread};

use crate::scene::Scene;

pub const WIDTH: usize = 1280;
pub const HEIGHT: usize = 720;
/// Frames of a sequence, and seconds between two of them.
pub const FRAMES: usize = 60;
pub const INTERVAL_S: f32 = 1.0 / 30.0;
/// Pixels of one radian in the middle of the picture: 66° across the width.
const FOCAL_PX: f32 = 985.5;
/// The opening of a lens of 4.74 mm at f/1.8, in millimetres.
const OPENING_MM: f32 = 2.6;

type Vector = [f32; 3];

/// Seeded chance (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.next() >> 40) as f32 / (1 << 24) as f32
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn happens(&mut self, share: f32) -> bool {
        self.between(0.0, 1.0) < share
    }

    pub fn digit(&mut self) -> char {
        char::from(b'0' + self.below(10) as u8)
    }

    /// Normally distributed, nearly: the sum of four even draws.
    pub fn normal(&mut self) -> f32 {
        let bits = self.next();
        let sum: u64 = (0..4).map(|part| bits >> (16 * part) & 0xFFFF).sum();
        (sum as f32 / 65_536.0 - 2.0) * 3.0_f32.sqrt()
    }
}

/// A quantity that goes from one value to another, smoothly.
struct Move {
    from: f32,
    to: f32,
    begin_s: f32,
    took_s: f32,
}

impl Move {
    fn at(&self, time_s: f32) -> f32 {
        let part = ((time_s - self.begin_s) / self.took_s).clamp(0.0, 1.0);
        self.from + (self.to - self.from) * part * part * (3.0 - 2.0 * part)
    }
}

/// A hand never rests: slow drift and a tremor of three frequencies between 4 and 12 Hz.
struct Hand([(f32, f32, f32); 4]);

impl Hand {
    fn new(dice: &mut Dice, drift: f32, tremor: f32) -> Self {
        let mut wave = |low: f32, high: f32, size: f32| {
            (dice.between(low, high), dice.between(0.0, 2.0 * PI), size * dice.between(0.4, 1.0))
        };
        Self([
            wave(0.2, 0.8, drift),
            wave(4.0, 6.5, tremor),
            wave(6.5, 9.0, tremor * 0.5),
            wave(9.0, 12.0, tremor * 0.3),
        ])
    }

    fn at(&self, time_s: f32) -> f32 {
        self.0.iter().map(|(hertz, phase, size)| size * (2.0 * PI * hertz * time_s + phase).sin()).sum()
    }
}

/// A seeded sequence: a label's way in front of a camera.
pub struct Sequence {
    pub scene: Scene,
    aside: Move,
    distance: Move,
    turns: [Move; 3],
    /// Right, down and away in millimetres; about the three axes in radians.
    hand: [Hand; 6],
    focus: Focus,
    light: Light,
    seed: u64,
}

/// Where the lens is sharp.
struct Focus {
    /// Millimetres, of a lens that cannot move.
    fixed_mm: Option<f32>,
    lag_s: f32,
    hunt_s: f32,
    swing: f32,
    hertz: f32,
    calm_s: f32,
}

/// Light, shutter, and the sensor's noise.
struct Light {
    exposure_s: f32,
    level: f32,
    /// When the exposure begins to be right, and by what factors it is wrong before and while it settles.
    step_s: f32,
    before: f32,
    over: f32,
    slope: [f32; 2],
    glare: f32,
    glare_size: f32,
    glare_place: [f32; 2],
    read: f32,
    shot: f32,
}

impl Sequence {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let dice = &mut dice;
        let scene = Scene::new(dice);
        let distance = Move {
            from: dice.between(450.0, 900.0),
            to: dice.between(180.0, 330.0),
            begin_s: dice.between(-0.6, 0.3),
            took_s: dice.between(0.7, 1.9),
        };
        let late = dice.happens(0.5);
        let side = if dice.happens(0.5) { 700.0 } else { -700.0 };
        let aside = Move {
            from: if late { side } else { 0.0 },
            to: 0.0,
            begin_s: dice.between(0.0, 0.4),
            took_s: dice.between(0.3, 0.7),
        };
        let tremor = dice.between(0.1, 0.9);
        let shake = dice.between(0.1, 0.6) * PI / 180.0;
        let hand = [(18.0, tremor), (14.0, tremor), (8.0, tremor * 0.5), (0.05, shake), (0.05, shake), (0.04, shake)]
            .map(|(drift, tremor)| Hand::new(dice, drift, tremor));
        let turns = [turn(dice, 50.0, 22.0), turn(dice, 50.0, 22.0), turn(dice, 180.0, 0.0)];
        Self { scene, aside, distance, turns, hand, focus: Focus::new(dice), light: Light::new(dice), seed }
    }

    /// Draws all frames, on all cores.
    pub fn frames(&self) -> Vec<Vec<u8>> {
        let threads = thread::available_parallelism().map_or(1, Into::into).min(8);
        let mut frames = vec![Vec::new(); FRAMES];
        thread::scope(|scope| {
            for (part, frames) in frames.chunks_mut(FRAMES.div_ceil(threads)).enumerate() {
                let first = part * FRAMES.div_ceil(threads);
                scope.spawn(move || {
                    for (at, frame) in frames.iter_mut().enumerate() {
                        *frame = self.frame(first + at);
                    }
                });
            }
        });
        frames
    }

    fn frame(&self, index: usize) -> Vec<u8> {
        let time_s = index as f32 * INTERVAL_S;
        let (pose, after) = (self.pose(time_s), self.pose(time_s + self.light.exposure_s));
        let mut plane = self.sharp(&pose);
        let (begin, end) = (project(pose.place), project(after.place));
        // A label far out of view would smear the room by its own way.
        let in_view = begin[0].abs() < 1000.0;
        if in_view {
            plane = smear(&plane, end[0] - begin[0], end[1] - begin[1]);
        }
        let radius = self.blur_px(time_s, pose.place[2]);
        if radius > 0.5 {
            plane = disc(&plane, radius);
        }
        self.expose(&plane, &pose, index)
    }

    fn pose(&self, time_s: f32) -> Pose {
        let hand = |axis: usize| self.hand[axis].at(time_s);
        let place = [self.aside.at(time_s) + hand(0), hand(1), self.distance.at(time_s) + hand(2)];
        let turn = |axis: usize| self.turns[axis].at(time_s) + hand(axis + 3);
        Pose::new(place, [turn(0), turn(1), turn(2)])
    }

    /// The picture of a lens without blur and a shutter without time.
    fn sharp(&self, pose: &Pose) -> Vec<f32> {
        let near = pose.reach_px(self.scene.reach_mm());
        let middle = project(pose.place);
        let mut plane = vec![0.0; WIDTH * HEIGHT];
        for (at, pixel) in plane.iter_mut().enumerate() {
            let (x, y) = ((at % WIDTH) as f32, (at / WIDTH) as f32);
            let label = (x - middle[0]).abs().max((y - middle[1]).abs()) < near;
            let taps = if label { 4 } else { 2 };
            *pixel = self.pixel(pose, x, y, taps);
        }
        plane
    }

    fn pixel(&self, pose: &Pose, x: f32, y: f32, taps: usize) -> f32 {
        let step = 1.0 / taps as f32;
        let mut sum = 0.0;
        for tap in 0..taps * taps {
            let (x, y) = (x + ((tap % taps) as f32 + 0.5) * step, y + ((tap / taps) as f32 + 0.5) * step);
            let [u, v] = pose.on_label(x, y);
            sum += self.scene.shade(u, v).unwrap_or_else(|| self.scene.room(x, y));
        }
        sum * step * step
    }

    /// Radius of the blur disc, from how far the lens is from sharp, in the optics' own unit (1/mm).
    fn blur_px(&self, time_s: f32, distance_mm: f32) -> f32 {
        let away = match self.focus.fixed_mm {
            Some(sharp_mm) => 1.0 / sharp_mm - 1.0 / distance_mm,
            None => self.focus.lens(time_s, |time_s| self.distance.at(time_s)) - 1.0 / distance_mm,
        };
        (FOCAL_PX * OPENING_MM * away.abs() / 2.0).min(10.0)
    }

    /// Light, glare, noise, and the curve between light and grey values.
    fn expose(&self, plane: &[f32], pose: &Pose, index: usize) -> Vec<u8> {
        let light = &self.light;
        let gain = light.level * light.wrong_by(index as f32 * INTERVAL_S);
        let mut dice = Dice::new(self.seed << 8 | index as u64);
        let noise: Vec<f32> = (0..1 << 16).map(|_| dice.normal()).collect();
        let curve: Vec<u8> = (0..=4096).map(|level| ((level as f32 / 4096.0).powf(0.5) * 255.0) as u8).collect();
        let (spot, size) = self.spot(pose);
        let mut frame = Vec::with_capacity(WIDTH * HEIGHT);
        for (y, row) in plane.chunks_exact(WIDTH).enumerate() {
            let first = dice.below(1 << 16) as usize;
            let down = 1.0 + light.slope[1] * (y as f32 / HEIGHT as f32 - 0.5);
            let far_y = (y as f32 - spot[1]) / size;
            for (x, shade) in row.iter().enumerate() {
                let across = 1.0 + light.slope[0] * (x as f32 / WIDTH as f32 - 0.5);
                let far_x = (x as f32 - spot[0]) / size;
                let glare = light.glare / (1.0 + (far_x * far_x + far_y * far_y).powi(2));
                let value = (shade * down * across + glare) * gain;
                let grain = (light.read + light.shot * value.max(0.0)).sqrt() * noise[(first + x) & 0xFFFF];
                frame.push(curve[((value + grain).clamp(0.0, 1.0) * 4096.0) as usize]);
            }
        }
        frame
    }

    /// Where a lamp is mirrored, and how large: it wanders as the label tilts.
    fn spot(&self, pose: &Pose) -> ([f32; 2], f32) {
        let label_px = FOCAL_PX * self.scene.side_mm / pose.place[2];
        let middle = project(pose.place);
        let [right, down] = self.light.glare_place;
        let at = [
            middle[0] + label_px * (right + 2.0 * pose.normal[0]),
            middle[1] + label_px * (down + 2.0 * pose.normal[1]),
        ];
        (at, label_px * self.light.glare_size)
    }
}

fn turn(dice: &mut Dice, before_degrees: f32, after_degrees: f32) -> Move {
    let from = dice.between(-before_degrees, before_degrees) * PI / 180.0;
    let rest = dice.between(-after_degrees, after_degrees) * PI / 180.0;
    let to = if after_degrees > 0.0 { rest } else { from + dice.between(-1.0, 1.0) };
    Move { from, to, begin_s: dice.between(0.0, 0.7), took_s: dice.between(0.5, 1.4) }
}

impl Focus {
    fn new(dice: &mut Dice) -> Self {
        Self {
            fixed_mm: dice.happens(0.25).then(|| dice.between(230.0, 420.0)),
            lag_s: dice.between(0.05, 0.3),
            hunt_s: dice.between(0.1, 1.0),
            swing: if dice.happens(0.6) { dice.between(0.001, 0.006) } else { 0.0 },
            hertz: dice.between(1.5, 4.0),
            calm_s: dice.between(0.15, 0.5),
        }
    }

    /// Where the lens stands (1/mm): where the label was, and from the hunt on swinging about it ever less.
    fn lens(&self, time_s: f32, distance_mm: impl Fn(f32) -> f32) -> f32 {
        let since = time_s - self.hunt_s;
        let swing = if since < 0.0 {
            0.0
        } else {
            self.swing * (-since / self.calm_s).exp() * (2.0 * PI * self.hertz * since).cos()
        };
        1.0 / distance_mm(time_s - self.lag_s) + swing
    }
}

impl Light {
    fn new(dice: &mut Dice) -> Self {
        let steps = dice.happens(0.4);
        let dim = dice.between(0.0, 1.0);
        Self {
            exposure_s: 0.003 + 0.022 * dim * dim,
            level: dice.between(0.5, 1.1),
            step_s: dice.between(0.2, 0.9),
            before: if steps { dice.between(0.05, 0.3) } else { 1.0 },
            over: if steps { dice.between(1.0, 4.0) } else { 0.0 },
            slope: [dice.between(-1.0, 1.0), dice.between(-1.0, 1.0)],
            glare: if dice.happens(0.4) { dice.between(0.2, 3.0) } else { 0.0 },
            glare_size: dice.between(0.08, 0.3),
            glare_place: [dice.between(-0.7, 0.7), dice.between(-0.7, 0.7)],
            read: 0.000_02 + 0.0005 * dim * dim,
            shot: 0.0005 + 0.003 * dim * dim,
        }
    }

    /// The factor by which the exposure is wrong: dark, then over, then settled.
    fn wrong_by(&self, time_s: f32) -> f32 {
        let since = time_s - self.step_s;
        if since < 0.0 { self.before } else { 1.0 + self.over * (-since / 0.15).exp() }
    }
}

/// Where the label is and how it is turned.
struct Pose {
    place: Vector,
    across: Vector,
    down: Vector,
    normal: Vector,
}

impl Pose {
    fn new(place: Vector, [pitch, yaw, roll]: Vector) -> Self {
        let turned = |[x, y, z]: Vector| {
            let (x, y) = (x * roll.cos() - y * roll.sin(), x * roll.sin() + y * roll.cos());
            let (y, z) = (y * pitch.cos() - z * pitch.sin(), y * pitch.sin() + z * pitch.cos());
            [x * yaw.cos() + z * yaw.sin(), y, z * yaw.cos() - x * yaw.sin()]
        };
        Self { place, across: turned([1.0, 0.0, 0.0]), down: turned([0.0, 1.0, 0.0]), normal: turned([0.0, 0.0, 1.0]) }
    }

    /// Where the ray of a pixel meets the label's plane, in millimetres from the code's middle.
    fn on_label(&self, x: f32, y: f32) -> [f32; 2] {
        let ray = [(x - WIDTH as f32 / 2.0) / FOCAL_PX, (y - HEIGHT as f32 / 2.0) / FOCAL_PX, 1.0];
        let far = dot(self.normal, self.place) / dot(self.normal, ray);
        let place: Vector = std::array::from_fn(|axis| ray[axis] * far - self.place[axis]);
        // The plane behind the camera is no box.
        if far > 0.0 { [dot(place, self.across), dot(place, self.down)] } else { [f32::MAX; 2] }
    }

    /// Pixels from its middle within which all of the label is.
    fn reach_px(&self, reach_mm: f32) -> f32 {
        let diagonal = reach_mm * 1.5;
        FOCAL_PX * diagonal / (self.place[2] - diagonal * 0.8).max(60.0) * 1.1
    }
}

fn dot(one: Vector, other: Vector) -> f32 {
    one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
}

fn project([x, y, z]: Vector) -> [f32; 2] {
    [WIDTH as f32 / 2.0 + FOCAL_PX * x / z, HEIGHT as f32 / 2.0 + FOCAL_PX * y / z]
}

/// Means along a way, a step a pixel or finer.
fn smear(plane: &[f32], across: f32, down: f32) -> Vec<f32> {
    let far = across.hypot(down).min(40.0);
    if far < 0.7 {
        return plane.to_vec();
    }
    let steps = far.ceil() as usize + 1;
    let shrink = far / across.hypot(down);
    let offset = |step: usize, way: f32| (way * shrink * (step as f32 / (steps - 1) as f32 - 0.5)).round() as isize;
    let mut sums = vec![0.0; plane.len()];
    for step in 0..steps {
        add_shifted(&mut sums, plane, offset(step, across), offset(step, down));
    }
    for sum in &mut sums {
        *sum /= steps as f32;
    }
    sums
}

/// Means over a disc: a row of it at a time, each a difference of running sums.
fn disc(plane: &[f32], radius: f32) -> Vec<f32> {
    let rows = radius.floor() as isize;
    let mut means = vec![0.0; plane.len()];
    let mut weight = 0.0;
    for row in -rows..=rows {
        let half = (radius * radius - (row * row) as f32).max(0.0).sqrt();
        let whole = half.floor() as isize;
        weight += 2.0 * half + 1.0;
        let part = half - whole as f32;
        for (y, line) in means.chunks_exact_mut(WIDTH).enumerate() {
            let source = &plane[clamped(y, row, HEIGHT) * WIDTH..][..WIDTH];
            add_runs(line, source, whole, part);
        }
    }
    for mean in &mut means {
        *mean /= weight;
    }
    means
}

/// Adds to each pixel the sum of those within `whole` columns of it, and `part` of the next on both sides.
fn add_runs(line: &mut [f32], source: &[f32], whole: isize, part: f32) {
    let mut sum: f32 = (-whole..=whole).map(|near| source[clamped(0, near, WIDTH)]).sum();
    for (x, mean) in line.iter_mut().enumerate() {
        let (before, after) = (source[clamped(x, -whole - 1, WIDTH)], source[clamped(x, whole + 1, WIDTH)]);
        *mean += sum + part * (before + after);
        sum += after - source[clamped(x, -whole, WIDTH)];
    }
}

fn add_shifted(sums: &mut [f32], plane: &[f32], across: isize, down: isize) {
    for (y, line) in sums.chunks_exact_mut(WIDTH).enumerate() {
        let source = &plane[clamped(y, down, HEIGHT) * WIDTH..][..WIDTH];
        for (x, sum) in line.iter_mut().enumerate() {
            *sum += source[clamped(x, across, WIDTH)];
        }
    }
}

fn clamped(at: usize, by: isize, end: usize) -> usize {
    at.saturating_add_signed(by).min(end - 1)
}
