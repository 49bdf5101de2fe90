//! Labels at the limit of what a camera tells, and pictures in which no label is.

use greengate::{
    rules::{code::Sighting, image::GreyImage},
    vision::Reader,
};
use qrcodegen::{QrCode, QrCodeEcc};

use super::{
    draw::{Dice, Pose, draw, noise},
    payloads,
};

const TEXTS: [&str; 3] =
    ["GREENGATE", "https://GREENGATE.EXAMPLE/7", "https://GREENGATE.EXAMPLE/01/06901234567892/10/A-1"];

fn code(text: &str) -> QrCode {
    QrCode::encode_text(text, QrCodeEcc::Medium).expect("it fits")
}

/// A small square picture of one symbol, `off` pixels from its middle.
fn thumbnail(code: &QrCode, pose: Pose, off: f32) -> GreyImage {
    let side = ((code.size() as f32 + 12.0) * pose.module) as usize | 1;
    let mut image = GreyImage::filled(side, side, 200);
    let middle = side as f32 / 2.0 + off;
    draw(&mut image, code, &Pose { middle: (middle, middle), ..pose });
    image
}

#[test]
fn modules_of_one_pixel_are_read() {
    for text in TEXTS {
        let image = thumbnail(&code(text), Pose { module: 1.0, ..Pose::UPRIGHT }, 0.0);
        assert_eq!(payloads(&image), [text.as_bytes().to_vec()]);
    }
}

#[test]
fn modules_of_one_and_a_half_pixels_are_read_wherever_they_lie() {
    for text in TEXTS {
        for off in [0.0, 0.25, 0.5, 0.75] {
            for turn in [0.0, 10.0, 90.0] {
                let image = thumbnail(&code(text), Pose { module: 1.5, turn, ..Pose::UPRIGHT }, off);
                assert_eq!(payloads(&image), [text.as_bytes().to_vec()], "turned by {turn}, {off} pixels off");
            }
        }
    }
}

#[test]
fn a_dim_label_on_a_bright_noisy_table_is_read() {
    for seed in 0..4 {
        let mut image = GreyImage::filled(480, 360, 220);
        let pose = Pose { middle: (240.0, 180.0), module: 5.0, turn: 17.0, shades: (80, 100), ..Pose::UPRIGHT };
        draw(&mut image, &code(TEXTS[2]), &pose);
        noise(&mut image, 6.0, &mut Dice(seed));
        assert_eq!(payloads(&image), [TEXTS[2].as_bytes().to_vec()], "seed {seed}");
    }
}

#[test]
fn a_camera_that_sees_noise_reads_nothing() {
    let mut reader = Reader::new();
    for seed in 0..24 {
        let dice = &mut Dice(seed);
        let (wide, cell) = ([320, 480, 640][dice.below(3)], dice.below(5) + 1);
        let swing = 20.0 + dice.part() * 400.0;
        let mut coarse = GreyImage::filled(wide / cell + 1, 240 / cell + 1, 128);
        noise(&mut coarse, swing, dice);
        let shade = |at: usize| coarse.pixels[at / wide / cell * coarse.width + at % wide / cell];
        let pixels: Vec<u8> = (0..wide * 240).map(shade).collect();
        let sighting = reader.watch(&pixels, wide, 240, &|| true).expect("the buffer fits its size");
        assert_eq!(sighting.payloads, [], "seed {seed}");
    }
}

#[test]
fn an_empty_noisy_table_shows_nothing() {
    let mut reader = Reader::new();
    for seed in 0..12 {
        let mut image = GreyImage::filled(640, 480, 60 + 15 * seed as u8);
        noise(&mut image, 4.0 + seed as f32 * 2.0, &mut Dice(seed));
        let sighting = reader.watch(&image.pixels, 640, 480, &|| true).expect("the buffer fits its size");
        assert_eq!(sighting, Sighting::default(), "seed {seed}");
    }
}
