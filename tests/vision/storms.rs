//! Pictures that mean harm: the reader neither panics nor loops, and believes nothing.
//!
//! Findings of the fuzzers are kept here too, each under its own name.

use greengate::{
    rules::{code::Sighting, image::GreyImage},
    vision::{PIXELS_LIMIT, Reader, VisionFault},
};
use qrcodegen::{QrCode, QrCodeEcc};

use super::draw::{Dice, Pose, draw};

/// Scans with one reader for all pictures, as the kiosk does; no storm holds a code. `GREENGATE_STORMS=100` makes each
/// storm a hundred times longer.
fn assert_nothing_read(kind: &str, seeds: u64, paint: impl Fn(&mut Dice) -> GreyImage) {
    let times = std::env::var("GREENGATE_STORMS").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let mut reader = Reader::new();
    for seed in 0..seeds * times {
        let image = paint(&mut Dice(seed));
        let sighting = reader.scan(&image.pixels, image.width, image.height).expect("the buffer fits its size");
        assert!(sighting.payloads.is_empty(), "{kind} with seed {seed} reads {:?}", sighting.payloads);
    }
}

fn painted(width: usize, height: usize, shade: impl FnMut(usize) -> u8) -> GreyImage {
    GreyImage { width, height, pixels: (0..width * height).map(shade).collect() }
}

#[test]
fn noise_reads_as_nothing() {
    assert_nothing_read("noise", 60, |dice| {
        let (width, height, cell) = (dice.below(400) + 1, dice.below(300) + 1, dice.below(6) + 1);
        let cells: Vec<u8> = (0..width * height).map(|_| if dice.below(2) == 0 { 10 } else { 240 }).collect();
        painted(width, height, |at| cells[(at / width / cell) * width + at % width / cell])
    });
}

#[test]
fn stripes_and_rings_read_as_nothing() {
    assert_nothing_read("stripes", 60, |dice| {
        let (across, down, bend) = (dice.part() - 0.5, dice.part() - 0.5, dice.part() * 0.02);
        painted(320, 240, |at| {
            let (x, y) = ((at % 320) as f32 - 160.0, (at / 320) as f32 - 120.0);
            (127.0 + 120.0 * (across * x + down * y + bend * (x * x + y * y)).sin()) as u8
        })
    });
}

/// Draws an eye of any shape, which need not be square.
fn eye(image: &mut GreyImage, x: i32, y: i32, (wide, high): (f32, f32), light: bool) {
    let (reach_x, reach_y) = ((wide * 3.5) as i32, (high * 3.5) as i32);
    for dy in -reach_y..=reach_y {
        for dx in -reach_x..=reach_x {
            let ring = (dx as f32 / wide).abs().max((dy as f32 / high).abs());
            let (column, row) = ((x + dx) as usize, (y + dy) as usize);
            if column < image.width && row < image.height {
                image.pixels[row * image.width + column] = if (1.5..2.5).contains(&ring) == light { 15 } else { 235 };
            }
        }
    }
}

#[test]
fn a_confetti_of_eyes_reads_as_nothing() {
    assert_nothing_read("confetti", 40, |dice| {
        let mut image = GreyImage::filled(480, 320, 200);
        for _ in 0..dice.below(200) {
            let (x, y) = (dice.below(500) as i32 - 10, dice.below(340) as i32 - 10);
            let wide = 0.8 + dice.part() * 5.0;
            let high = wide * (0.6 + dice.part());
            eye(&mut image, x, y, (wide, high), dice.below(4) == 0);
        }
        image
    });
}

#[test]
fn a_frame_paved_with_eyes_ends() {
    let mut image = GreyImage::filled(1280, 720, 230);
    for y in (4..720).step_by(9) {
        for x in (4..1280).step_by(9) {
            eye(&mut image, x, y, (1.0, 1.0), false);
        }
    }
    let sighting = Reader::new().scan(&image.pixels, 1280, 720).expect("the buffer fits its size");
    assert_eq!(sighting.payloads, []);
}

#[test]
fn torn_symbols_never_read_as_something_else() {
    let mut reader = Reader::new();
    let code = QrCode::encode_text("HTTPS://GREENGATE.EXAMPLE/7", QrCodeEcc::Low).expect("it fits");
    for seed in 0..150 {
        let dice = &mut Dice(seed);
        let mut image = GreyImage::filled(240, 240, 200);
        let pose = Pose {
            middle: (120.0, 120.0),
            module: 4.0 + dice.part() * 3.0,
            turn: dice.part() * 360.0,
            ..Pose::UPRIGHT
        };
        draw(&mut image, &code, &pose);
        for _ in 0..dice.below(12) {
            let (left, top, shade) = (dice.below(220), dice.below(220), dice.roll() as u8);
            let side = dice.below(20) + 1;
            for row in image.pixels.chunks_mut(240).skip(top).take(side) {
                row[left..(left + side).min(240)].fill(shade);
            }
        }
        for payload in reader.scan(&image.pixels, 240, 240).expect("the buffer fits its size").payloads {
            assert_eq!(payload.bytes, b"HTTPS://GREENGATE.EXAMPLE/7", "seed {seed}");
        }
    }
}

#[test]
fn pictures_of_any_shape_are_looked_at() {
    let mut reader = Reader::new();
    let mut dice = Dice(3);
    for (width, height) in [
        (0, 0),
        (0, 9),
        (9, 0),
        (1, 1),
        (1, 5000),
        (5000, 1),
        (2, 7),
        (7, 2),
        (1, 100_000),
        (8, 8),
        (9, 1281),
        (3001, 2),
    ] {
        let image = painted(width, height, |_| dice.roll() as u8);
        let sighting = reader.scan(&image.pixels, width, height).expect("the buffer fits its size");
        assert_eq!(sighting.payloads, [], "{width}x{height}");
        if width * height == 0 {
            assert_eq!(sighting, Sighting::default());
        }
    }
}

#[test]
fn a_reader_forgets_the_last_picture() {
    let mut image = GreyImage::filled(240, 240, 200);
    let code = QrCode::encode_text("ONCE", QrCodeEcc::Low).expect("it fits");
    draw(&mut image, &code, &Pose { middle: (120.0, 120.0), ..Pose::UPRIGHT });
    let mut reader = Reader::new();
    let counts = [&image, &GreyImage::filled(100, 300, 200), &image]
        .map(|image| reader.scan(&image.pixels, image.width, image.height).expect("it fits").payloads.len());
    assert_eq!(counts, [1, 0, 1]);
}

#[test]
fn a_buffer_of_another_length_is_told() {
    let fault = Reader::new().scan(&[0; 11], 4, 3).expect_err("one byte is missing");
    assert_eq!(fault, VisionFault::Length { width: 4, height: 3, got: 11 });
    assert_eq!(
        fault.to_string(),
        "a picture of `4x3` pixels takes 12 bytes and the buffer has `11`; give one grey byte a pixel, row by row without padding"
    );
}

#[test]
fn a_picture_that_is_too_large_is_told() {
    let expected = |width: usize, height: usize| {
        format!("a picture of `{width}x{height}` pixels has more than 50 million; scale it down before it is read")
    };
    for (width, height) in [(PIXELS_LIMIT + 1, 1), (usize::MAX, 2), (usize::MAX, usize::MAX)] {
        let fault = Reader::new().scan(&[], width, height).expect_err("too many pixels");
        assert_eq!(fault.to_string(), expected(width, height));
    }
}
