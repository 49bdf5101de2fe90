//! A small pinhole camera that photographs symbols: pose, shades, blur and noise, with the true corners.

use greengate::rules::image::{GreyImage, Point};
use qrcodegen::QrCode;

/// Numbers that look random and are the same in every run (`SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    /// A number from 0 to 1.
    pub fn part(&mut self) -> f32 {
        (self.roll() >> 40) as f32 / (1 << 24) as f32
    }
}

/// How a symbol stands before the camera and what it is printed with.
#[derive(Clone, Copy, Debug)]
pub struct Pose {
    /// Where the symbol's middle is seen, in pixels.
    pub middle: (f32, f32),
    /// Pixels of a module at the symbol's middle.
    pub module: f32,
    /// Degrees clockwise.
    pub turn: f32,
    /// Degrees by which the right side goes away from the camera.
    pub tilt: f32,
    /// Shades of a dark and a light module.
    pub shades: (u8, u8),
    /// Seen as in a mirror.
    pub mirrored: bool,
    /// Modules from the axis of the can that the symbol is stuck on, which runs up and down the symbol.
    pub can: Option<f32>,
    /// Modules from the camera: with few, there is much perspective in a label that is tilted or bent.
    pub distance: f32,
}

impl Pose {
    /// Upright in the middle of a 640×480 frame, black on white.
    pub const UPRIGHT: Self = Self {
        middle: (320.0, 240.0),
        module: 5.0,
        turn: 0.0,
        tilt: 0.0,
        shades: (20, 230),
        mirrored: false,
        can: None,
        distance: 60.0,
    };

    /// The symbol's two directions in space, and the one away from the camera.
    fn axes(&self) -> [[f32; 3]; 3] {
        let (turn, tilt) = (self.turn.to_radians(), self.tilt.to_radians());
        let flip = if self.mirrored { -1.0 } else { 1.0 };
        let across = [turn.cos() * flip, turn.sin() * flip, 0.0];
        let down = [-turn.sin(), turn.cos(), 0.0];
        let lean = |[x, y, z]: [f32; 3]| [x * tilt.cos() - z * tilt.sin(), y, x * tilt.sin() + z * tilt.cos()];
        [across, down, [0.0, 0.0, 1.0]].map(lean)
    }

    /// Where a place on the symbol, in modules from its middle, is seen.
    pub fn see(&self, u: f32, v: f32) -> Point {
        let (u, away) = self.can.map_or((u, 0.0), |radius| {
            let (sin, cos) = (u / radius).sin_cos();
            (radius * sin, radius * (1.0 - cos))
        });
        let [across, down, back] = self.axes();
        let along = |axis: usize| across[axis] * u + down[axis] * v + back[axis] * away;
        let seen = |axis: usize| self.module * along(axis) / (1.0 + along(2) / self.distance);
        Point { x: self.middle.0 + seen(0), y: self.middle.1 + seen(1) }
    }

    /// Which place on the symbol is seen at a pixel: the other way round.
    fn aim(&self, x: f32, y: f32) -> (f32, f32) {
        let flat = self.aim_at_depth(x, y, 0.0);
        let Some(radius) = self.can else { return flat };
        // How deep the place lies follows from the place, so both are found in turn.
        let depth = |u: f32| radius - (radius * radius - u * u).max(0.0).sqrt();
        let (u, v) = (0..6).fold(flat, |(u, _), _| self.aim_at_depth(x, y, depth(u)));
        // Beside the can is nothing of it.
        (if u.abs() < radius { radius * (u / radius).asin() } else { f32::INFINITY }, v)
    }

    /// The same for a plane so many modules behind the symbol's middle.
    fn aim_at_depth(&self, x: f32, y: f32, away: f32) -> (f32, f32) {
        let [across, down, back] = self.axes();
        let (x, y) = ((x - self.middle.0) / self.module, (y - self.middle.1) / self.module);
        // What is seen at x and y are two equations in the two places on the symbol; Cramer's rule solves them.
        let row = |seen: f32, axis: usize| {
            let part = |way: [f32; 3]| way[axis] - seen * way[2] / self.distance;
            [part(across), part(down), seen - part(back) * away]
        };
        let (one, two) = (row(x, 0), row(y, 1));
        let minor = |i: usize, j: usize| one[i] * two[j] - one[j] * two[i];
        (minor(2, 1) / minor(0, 1), minor(0, 2) / minor(0, 1))
    }

    /// The symbol's true corners in its own orientation.
    pub fn corners(&self, code: &QrCode) -> [Point; 4] {
        let half = code.size() as f32 / 2.0;
        [(-half, -half), (half, -half), (half, half), (-half, half)].map(|(u, v)| self.see(u, v))
    }
}

/// Draws a symbol with its quiet zone onto a picture.
pub fn draw(image: &mut GreyImage, code: &QrCode, pose: &Pose) {
    let half = code.size() as f32 / 2.0;
    let reach = (half + 4.0) * pose.module * 2.0;
    let rows = bounds(pose.middle.1, reach, image.height);
    for y in rows {
        for x in bounds(pose.middle.0, reach, image.width) {
            let taps = (0..9).map(|tap| ((tap % 3) as f32 / 3.0 + 1.0 / 6.0, (tap / 3) as f32 / 3.0 + 1.0 / 6.0));
            let under = u32::from(image.pixels[y * image.width + x]);
            let shade = |(dx, dy): (f32, f32)| {
                let (u, v) = pose.aim(x as f32 + dx, y as f32 + dy);
                if u.abs().max(v.abs()) > half + 4.0 {
                    return under;
                }
                let dark = code.get_module((u + half).floor() as i32, (v + half).floor() as i32);
                u32::from(if dark { pose.shades.0 } else { pose.shades.1 })
            };
            image.pixels[y * image.width + x] = (taps.map(shade).sum::<u32>() / 9) as u8;
        }
    }
}

/// Sticks a square of one shade onto a symbol, `reach` modules to each side of a place on it.
pub fn cover(image: &mut GreyImage, pose: &Pose, (middle_u, middle_v): (f32, f32), reach: f32, shade: u8) {
    let width = image.width;
    for (at, pixel) in image.pixels.iter_mut().enumerate() {
        let (u, v) = pose.aim((at % width) as f32 + 0.5, (at / width) as f32 + 0.5);
        if (u - middle_u).abs().max((v - middle_v).abs()) < reach {
            *pixel = shade;
        }
    }
}

/// A lamp's reflection on a symbol: all paper and ink shine within `reach` modules of a place on it.
pub fn shine(image: &mut GreyImage, pose: &Pose, (middle_u, middle_v): (f32, f32), reach: f32) {
    let width = image.width;
    for (at, pixel) in image.pixels.iter_mut().enumerate() {
        let (u, v) = pose.aim((at % width) as f32 + 0.5, (at / width) as f32 + 0.5);
        let beyond = (u - middle_u).hypot(v - middle_v) - reach;
        // It fades within a module.
        *pixel = pixel.saturating_add((255.0 * (1.0 - beyond).clamp(0.0, 1.0)) as u8);
    }
}

fn bounds(middle: f32, reach: f32, end: usize) -> std::ops::Range<usize> {
    ((middle - reach).max(0.0) as usize).min(end)..((middle + reach).max(0.0) as usize).min(end)
}

/// A 640×480 picture of one symbol on grey.
pub fn photograph(code: &QrCode, pose: &Pose) -> GreyImage {
    let mut image = GreyImage::filled(640, 480, 150);
    draw(&mut image, code, pose);
    image
}

/// Blurs by the mean over `2 * reach + 1` pixels each way.
pub fn blur(image: &mut GreyImage, reach: usize) {
    smear(image, reach, reach);
}

/// Blurs as a movement does while the shutter is open: by the mean over `2 * reach + 1` pixels along and down.
pub fn smear(image: &mut GreyImage, along: usize, down: usize) {
    let (width, height) = (image.width, image.height);
    let source = image.pixels.clone();
    for (at, pixel) in image.pixels.iter_mut().enumerate() {
        let (x, y) = (at % width, at / width);
        let columns = x.saturating_sub(along)..(x + along + 1).min(width);
        let rows = y.saturating_sub(down)..(y + down + 1).min(height);
        let count = columns.len() * rows.len();
        let sum: usize =
            rows.map(|row| columns.clone().map(|c| usize::from(source[row * width + c])).sum::<usize>()).sum();
        *pixel = (sum / count) as u8;
    }
}

/// Adds up to `swing` shades of noise each way.
pub fn noise(image: &mut GreyImage, swing: f32, dice: &mut Dice) {
    for pixel in &mut image.pixels {
        let off = (dice.part() + dice.part() - 1.0) * swing;
        *pixel = (f32::from(*pixel) + off).clamp(0.0, 255.0) as u8;
    }
}
