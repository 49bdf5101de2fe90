//! The reader on symbols of every kind before the camera: any version, any pose, several at once.

use greengate::rules::{
    code::Hint,
    image::{GreyImage, Point},
};
use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

use super::{
    draw::{Dice, Pose, blur, draw, noise, photograph},
    payloads, scan,
};

const LEVELS: [QrCodeEcc; 4] = [QrCodeEcc::Low, QrCodeEcc::Medium, QrCodeEcc::Quartile, QrCodeEcc::High];

/// A label's text.
const LABEL: &str = "https://GREENGATE.EXAMPLE/01/06901234567892/10/A-1/21/S.9";

fn label() -> QrCode {
    QrCode::encode_text(LABEL, QrCodeEcc::Medium).expect("it fits")
}

fn of_version(number: u8, level: QrCodeEcc, mask: u8, text: &str) -> QrCode {
    let (version, segments) = (Version::new(number), QrSegment::make_segments(text));
    let mask = Some(Mask::new(mask));
    QrCode::encode_segments_advanced(&segments, level, version, version, mask, false).expect("it fits")
}

#[track_caller]
fn assert_reads(image: &GreyImage, what: &str) {
    assert_eq!(payloads(image), [LABEL.as_bytes().to_vec()], "{what}");
}

#[test]
fn every_version_is_read_from_a_picture() {
    for number in 1..=40_u8 {
        let text = format!("V{number}").repeat(usize::from(number.div_ceil(4)));
        let code = of_version(number, LEVELS[usize::from(number % 4)], number % 8, &text);
        let side = code.size() as usize * 4 + 60;
        let mut image = GreyImage::filled(side, side, 200);
        let middle = side as f32 / 2.0 + 0.3;
        draw(&mut image, &code, &Pose { middle: (middle, middle), module: 4.0, ..Pose::UPRIGHT });
        assert_eq!(payloads(&image), [text.into_bytes()], "version {number}");
    }
}

#[test]
fn every_level_and_mask_is_read_from_a_picture() {
    for mask in 0..8 {
        for level in LEVELS {
            let code = of_version(3, level, mask, "LEVEL AND MASK");
            let found = payloads(&photograph(&code, &Pose::UPRIGHT));
            assert_eq!(found, [b"LEVEL AND MASK".to_vec()], "{level:?} {mask}");
        }
    }
}

#[test]
fn a_label_is_read_whichever_way_it_is_turned() {
    for turn in (0..360).step_by(15) {
        let pose = Pose { turn: turn as f32 + 3.0, ..Pose::UPRIGHT };
        assert_reads(&photograph(&label(), &pose), &format!("{pose:?}"));
    }
}

#[test]
fn a_tilted_label_is_read() {
    for tilt in [-45.0, -30.0, -15.0, 15.0, 30.0, 45.0] {
        for turn in [0.0, 20.0, 100.0, 200.0] {
            let pose = Pose { tilt, turn, module: 6.0, ..Pose::UPRIGHT };
            assert_reads(&photograph(&label(), &pose), &format!("{pose:?}"));
        }
    }
}

#[test]
fn a_small_a_large_a_pale_and_a_dim_label_are_read() {
    let poses = [
        Pose { module: 2.2, turn: 10.0, ..Pose::UPRIGHT },
        Pose { module: 11.0, turn: 10.0, ..Pose::UPRIGHT },
        Pose { shades: (120, 165), ..Pose::UPRIGHT },
        Pose { shades: (12, 40), ..Pose::UPRIGHT },
    ];
    for pose in poses {
        assert_reads(&photograph(&label(), &pose), &format!("{pose:?}"));
    }
}

#[test]
fn a_blurred_and_noisy_label_is_read() {
    let mut dice = Dice(1);
    for turn in [0.0, 33.0] {
        let mut image = photograph(&label(), &Pose { turn, ..Pose::UPRIGHT });
        blur(&mut image, 2);
        assert_reads(&image, "blurred");
        noise(&mut image, 30.0, &mut dice);
        assert_reads(&image, "blurred and noisy");
    }
}

#[test]
fn a_label_printed_light_on_dark_is_read() {
    let pose = Pose { shades: (230, 20), turn: 12.0, ..Pose::UPRIGHT };
    assert_reads(&photograph(&label(), &pose), "inverted");
}

#[test]
fn several_labels_in_one_picture_are_each_read_once() {
    let mut image = GreyImage::filled(1280, 720, 140);
    let mut expected = Vec::new();
    for at in 0..8_u8 {
        let text = format!("LABEL {at}");
        let middle = (170.0 + 310.0 * f32::from(at % 4), 190.0 + 340.0 * f32::from(at / 4));
        let shades = if at == 5 { (240, 10) } else { (25, 225) };
        let pose = Pose { middle, turn: f32::from(at) * 40.0, module: 5.5, shades, ..Pose::UPRIGHT };
        draw(&mut image, &QrCode::encode_text(&text, QrCodeEcc::Medium).expect("it fits"), &pose);
        expected.push(text.into_bytes());
    }
    assert_eq!(payloads(&image), expected);
}

#[test]
fn two_labels_with_one_text_are_two() {
    let mut image = GreyImage::filled(640, 480, 140);
    for x in [150.0, 450.0] {
        draw(&mut image, &label(), &Pose { middle: (x, 240.0), ..Pose::UPRIGHT });
    }
    assert_eq!(payloads(&image), vec![LABEL.as_bytes().to_vec(); 2]);
}

#[track_caller]
fn assert_corners(found: &[Point; 4], expected: &[Point; 4], limit_px: f32) {
    for (found, expected) in found.iter().zip(expected) {
        let off = (found.x - expected.x).hypot(found.y - expected.y);
        assert!(off <= limit_px, "{found:?} is {off} px from {expected:?}");
    }
}

#[test]
fn corners_are_within_two_pixels_in_the_codes_own_orientation() {
    for turn in [0.0, 45.0, 90.0, 170.0, 265.0] {
        for tilt in [-35.0, 0.0, 25.0] {
            let pose = Pose { turn, tilt, ..Pose::UPRIGHT };
            let sighting = scan(&photograph(&label(), &pose));
            assert_corners(&sighting.payloads[0].corners, &pose.corners(&label()), 2.0);
        }
    }
}

#[test]
fn corners_of_a_mirrored_label_are_in_its_own_orientation() {
    let pose = Pose { mirrored: true, turn: 20.0, ..Pose::UPRIGHT };
    let sighting = scan(&photograph(&label(), &pose));
    assert_eq!(sighting.payloads[0].bytes, LABEL.as_bytes());
    assert_corners(&sighting.payloads[0].corners, &pose.corners(&label()), 2.0);
}

#[test]
fn corners_are_in_the_given_picture_however_large_it_is() {
    let mut image = GreyImage::filled(3000, 2200, 150);
    let pose = Pose { middle: (2100.0, 900.0), module: 12.0, turn: 15.0, ..Pose::UPRIGHT };
    draw(&mut image, &label(), &pose);
    assert_corners(&scan(&image).payloads[0].corners, &pose.corners(&label()), 4.0);
}

#[test]
fn a_small_label_in_a_large_picture_is_read_at_a_larger_scale() {
    let mut image = GreyImage::filled(2560, 1440, 150);
    draw(&mut image, &label(), &Pose { middle: (2100.0, 900.0), module: 2.6, turn: 5.0, ..Pose::UPRIGHT });
    assert_reads(&image, "small");
}

#[test]
fn hints_say_why_nothing_was_read() {
    assert_eq!(scan(&GreyImage::filled(640, 480, 150)).hint, None);
    assert_eq!(scan(&GreyImage::filled(640, 480, 12)).hint, Some(Hint::TooDark));
    let mut torn = photograph(&of_version(4, QrCodeEcc::Low, 2, "TORN"), &Pose::UPRIGHT);
    for row in torn.pixels.chunks_mut(640).skip(220).take(50) {
        row[300..420].fill(20);
    }
    let sighting = scan(&torn);
    assert_eq!((sighting.payloads.len(), sighting.hint), (0, Some(Hint::MoveCloser)));
    assert_eq!(scan(&photograph(&label(), &Pose::UPRIGHT)).hint, None);
}

#[test]
fn a_dark_bar_against_the_label_does_not_hide_it() {
    let mut image = photograph(&label(), &Pose::UPRIGHT);
    let edge = (240.0 + label().size() as f32 * 2.5) as usize;
    for row in image.pixels.chunks_mut(640).skip(edge) {
        row.fill(20);
    }
    assert_reads(&image, "bar");
}

#[test]
fn a_label_seen_from_very_near_and_aslant_is_read() {
    let code = QrCode::encode_text(LABEL, QrCodeEcc::Low).expect("it fits");
    let pose = Pose { tilt: 62.0, turn: 60.0, module: 9.0, ..Pose::UPRIGHT };
    assert_reads(&photograph(&code, &pose), "near");
}
