//! Why nothing was read: one drawn picture for each reason, and none where no code is.

use greengate::rules::{code::Hint, image::GreyImage};
use qrcodegen::{QrCode, QrCodeEcc};

use super::{
    draw::{Dice, Pose, blur, noise, photograph, shine, smear},
    scan,
};

/// A label of version 3, held near.
const NEAR: Pose = Pose { module: 8.0, turn: 20.0, ..Pose::UPRIGHT };

fn label() -> QrCode {
    QrCode::encode_text("HTTPS://GREENGATE.EXAMPLE/01/06901234567892/10/A-1/21/S.9/7003/2611241200", QrCodeEcc::Low)
        .expect("it fits")
}

#[track_caller]
fn assert_hint(image: &GreyImage, expected: Option<Hint>) {
    let sighting = scan(image);
    assert_eq!((sighting.payloads, sighting.hint), (Vec::new(), expected));
}

#[test]
fn a_label_too_far_away_should_come_closer() {
    for module in [1.2, 1.4] {
        let mut image = photograph(&label(), &Pose { module, turn: 8.0, ..NEAR });
        blur(&mut image, 1);
        noise(&mut image, 10.0, &mut Dice(1));
        assert_hint(&image, Some(Hint::MoveCloser));
    }
}

#[test]
fn a_label_in_the_dark_needs_light() {
    let mut image = photograph(&label(), &Pose { shades: (6, 14), ..NEAR });
    image.pixels.iter_mut().for_each(|pixel| *pixel = (*pixel).min(14));
    noise(&mut image, 40.0, &mut Dice(2));
    assert_hint(&image, Some(Hint::TooDark));
}

#[test]
fn a_smeared_label_is_called_blurred() {
    for (along, down) in [(7, 0), (0, 7), (8, 0), (0, 8)] {
        let mut image = photograph(&label(), &Pose { module: 6.0, turn: 8.0, ..NEAR });
        smear(&mut image, along, down);
        assert_hint(&image, Some(Hint::Blurred));
    }
}

#[test]
fn a_label_under_a_lamp_is_called_glare() {
    let mut image = photograph(&label(), &NEAR);
    shine(&mut image, &NEAR, (2.0, 3.0), 10.0);
    assert_hint(&image, Some(Hint::Glare));
}

#[test]
fn a_label_that_the_border_cuts_is_called_out_of_view() {
    for middle in [(60.0, 240.0), (580.0, 240.0), (320.0, 60.0), (320.0, 420.0)] {
        assert_hint(&photograph(&label(), &Pose { middle, ..NEAR }), Some(Hint::OutOfView));
    }
}

#[test]
fn an_empty_table_gives_no_advice() {
    for seed in 0..4 {
        let mut image = GreyImage::filled(640, 480, 150);
        noise(&mut image, 24.0, &mut Dice(seed));
        assert_hint(&image, None);
    }
}

#[test]
fn a_mesh_on_the_table_gives_no_advice() {
    let mut image = GreyImage::filled(640, 480, 150);
    for (at, pixel) in image.pixels.iter_mut().enumerate() {
        let (x, y) = (at % 640, at / 640);
        if (200..420).contains(&x) && (120..340).contains(&y) && (x / 6 + y / 6) % 2 == 0 {
            *pixel = 30;
        }
    }
    assert_hint(&image, None);
}
