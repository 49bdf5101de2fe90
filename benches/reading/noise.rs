//! Pictures that hold no text, and what is read in them all the same: nothing, it is hoped.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Instant,
};

use greengate::{rules::image::GreyImage, vision::Reader};
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

const WIDTH: usize = 320;
const HEIGHT: usize = 240;
const KINDS: [&str; 8] = [
    "white noise",
    "clouds",
    "black and white clouds",
    "stripes",
    "checkers",
    "blocks",
    "random modules",
    "random data",
];

/// Numbers from a seed (xorshift64*).
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// From 0 up to 1.
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 24) as f32
    }

    fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }
}

/// Reads `count` pictures on all processors and prints what was read.
pub fn run(count: u32) {
    let (next, reads) = (AtomicU32::new(0), AtomicU32::new(0));
    let start = Instant::now();
    let work = || {
        let mut reader = Reader::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= count {
                return;
            }
            let image = picture(seed);
            let sighting = reader.scan(&image.pixels, WIDTH, HEIGHT).expect("the buffer fits its size");
            for payload in &sighting.payloads {
                reads.fetch_add(1, Ordering::Relaxed);
                let kind = KINDS[seed as usize % KINDS.len()];
                println!("picture {seed}, {kind}: `{}`", payload.bytes.escape_ascii());
            }
        }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..processors).for_each(|_| drop(scope.spawn(work))));
    let reads = reads.into_inner();
    println!("{count} pictures of {} kinds, {reads} reads, {:.0} s", KINDS.len(), start.elapsed().as_secs_f64());
    assert_eq!(reads, 0, "a text was read where there is none");
}

fn picture(seed: u32) -> GreyImage {
    let mut noise = Noise(u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    noise.next();
    match seed as usize % KINDS.len() {
        0 => drawn(|_, _| noise.unit() * 255.0),
        1 => clouds(&mut noise),
        2 => {
            let clouds = clouds(&mut noise);
            drawn(|x, y| if clouds.pixels[y * WIDTH + x] > 127 { 230.0 } else { 25.0 })
        }
        3 => stripes(&mut noise),
        4 => checkers(&mut noise),
        5 => blocks(&mut noise),
        6 => modules(&mut noise),
        _ => data(&mut noise),
    }
}

fn drawn(mut shade: impl FnMut(usize, usize) -> f32) -> GreyImage {
    let mut image = GreyImage::filled(WIDTH, HEIGHT, 0);
    for (at, pixel) in image.pixels.iter_mut().enumerate() {
        *pixel = shade(at % WIDTH, at / WIDTH) as u8;
    }
    image
}

/// Noise between points of a grid, smooth and with little noise of a sensor.
fn clouds(noise: &mut Noise) -> GreyImage {
    let cell = 2 + noise.below(12) as usize;
    let wide = WIDTH / cell + 2;
    let grid: Vec<f32> = (0..wide * (HEIGHT / cell + 2)).map(|_| noise.unit() * 240.0).collect();
    drawn(|x, y| {
        let (column, row) = (x / cell, y / cell);
        let (fx, fy) = ((x % cell) as f32 / cell as f32, (y % cell) as f32 / cell as f32);
        let at = |dx: usize, dy: usize| grid[(row + dy) * wide + column + dx];
        let top = at(0, 0) + (at(1, 0) - at(0, 0)) * fx;
        let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * fx;
        top + (bottom - top) * fy + noise.unit() * 15.0
    })
}

fn stripes(noise: &mut Noise) -> GreyImage {
    let (dx, dy) = (noise.unit() - 0.5, noise.unit() - 0.5);
    let widths: Vec<f32> = (0..64).map(|_| 1.0 + noise.below(3) as f32).collect();
    let scale = 1.0 + noise.unit() * 5.0;
    drawn(|x, y| {
        let mut place = ((x as f32 * dx + y as f32 * dy).abs() * 2.0 / scale) % widths.iter().sum::<f32>();
        let stripe = widths
            .iter()
            .take_while(|&&width| {
                place -= width;
                place >= 0.0
            })
            .count();
        if stripe % 2 == 0 { 210.0 } else { 40.0 }
    })
}

fn checkers(noise: &mut Noise) -> GreyImage {
    let side = 1.0 + noise.unit() * 9.0;
    let (sin, cos) = (noise.unit() * 6.3).sin_cos();
    drawn(|x, y| {
        let (x, y) = (x as f32, y as f32);
        let cell = |place: f32| (place / side).floor() as i32;
        let odd = (cell(x * cos + y * sin) + cell(y * cos - x * sin)) % 2 != 0;
        if odd { 200.0 + noise.unit() * 30.0 } else { 30.0 + noise.unit() * 30.0 }
    })
}

/// Modules of chance all over.
fn blocks(noise: &mut Noise) -> GreyImage {
    let side = 2 + noise.below(8) as usize;
    let wide = WIDTH / side + 1;
    let dark: Vec<bool> = (0..wide * (HEIGHT / side + 1)).map(|_| noise.below(2) == 0).collect();
    drawn(|x, y| if dark[y / side * wide + x / side] { 30.0 } else { 220.0 })
}

/// A symbol's eyes, timing and alignment patterns around modules of chance.
fn modules(noise: &mut Noise) -> GreyImage {
    let version = 1 + noise.below(10) as u8;
    let code = code(version, QrCodeEcc::Low, &[0; 4]);
    let size = code.size();
    let dark: Vec<bool> = (0..size * size).map(|_| noise.below(2) == 0).collect();
    // Where two symbols of the same size agree whatever they say, the pattern is fixed.
    let others: Vec<QrCode> = [[1_u8; 4], [170; 4], [85; 4], [255; 4]]
        .iter()
        .map(|bytes| self::code(version, QrCodeEcc::Low, bytes))
        .collect();
    paint(noise, size, |x, y| {
        let eye = x < 9 && !(9..size - 8).contains(&y) || x >= size - 8 && y < 9;
        let fixed = eye || others.iter().all(|other| other.get_module(x, y) == code.get_module(x, y));
        if fixed { code.get_module(x, y) } else { dark[(y * size + x) as usize] }
    })
}

/// A symbol whose data and check bytes are of chance, under a right format: the hardest, for only the correction can
/// tell.
fn data(noise: &mut Noise) -> GreyImage {
    let version = 1 + noise.below(10) as u8;
    let level = [QrCodeEcc::Low, QrCodeEcc::Medium, QrCodeEcc::Quartile, QrCodeEcc::High][noise.below(4) as usize];
    let code = code(version, level, &[7; 4]);
    let size = code.size();
    let dark: Vec<bool> = (0..size * size).map(|_| noise.below(2) == 0).collect();
    paint(noise, size, |x, y| {
        let border = x < 9 && (y < 9 || y >= size - 8) || x >= size - 8 && y < 9;
        let fixed = border || x == 6 || y == 6 || version >= 7 && (x < 6 && y >= size - 11 || y < 6 && x >= size - 11);
        if fixed { code.get_module(x, y) } else { dark[(y * size + x) as usize] }
    })
}

fn code(version: u8, level: QrCodeEcc, bytes: &[u8]) -> QrCode {
    let version = Version::new(version);
    QrCode::encode_segments_advanced(&[QrSegment::make_bytes(bytes)], level, version, version, None, false)
        .expect("it fits")
}

/// Draws modules turned a little, on paper, with some noise.
fn paint(noise: &mut Noise, size: i32, dark: impl Fn(i32, i32) -> bool) -> GreyImage {
    let module = (2.0 + noise.unit() * 4.0).min(220.0 / size as f32);
    let (sin, cos) = ((noise.unit() - 0.5) * 0.8).sin_cos();
    let grain = noise.unit() * 40.0;
    drawn(|x, y| {
        let (x, y) = (x as f32 - WIDTH as f32 / 2.0, y as f32 - HEIGHT as f32 / 2.0);
        let place = |along: f32| (along / module + size as f32 / 2.0).floor() as i32;
        let (column, row) = (place(x * cos + y * sin), place(y * cos - x * sin));
        let inside = (0..size).contains(&column) && (0..size).contains(&row);
        let shade = if inside && dark(column, row) { 30.0 } else { 200.0 };
        shade + noise.unit() * grain
    })
}
