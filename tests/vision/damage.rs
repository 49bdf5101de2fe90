//! Labels that are bent, covered, smeared or under a lamp: what is left of them is enough.

use greengate::rules::image::GreyImage;
use qrcodegen::{QrCode, QrCodeEcc};

use super::{
    draw::{Dice, Pose, cover, noise, photograph, shine, smear},
    payloads,
};

const LABEL: &str = "https://GREENGATE.EXAMPLE/01/06901234567892/10/A-1/21/S.9";

fn label(level: QrCodeEcc) -> QrCode {
    QrCode::encode_text(LABEL, level).expect("it fits")
}

#[track_caller]
fn assert_reads(image: &GreyImage, what: &str) {
    assert_eq!(payloads(image), [LABEL.as_bytes().to_vec()], "{what}");
}

#[test]
fn a_label_round_a_can_is_read() {
    let round = |radius: f32, distance: f32| Pose { can: Some(radius), distance, ..Pose::UPRIGHT };
    for (level, pose) in [
        (QrCodeEcc::High, round(30.0, 150.0)),
        (QrCodeEcc::High, Pose { turn: 90.0, ..round(30.0, 150.0) }),
        (QrCodeEcc::High, Pose { turn: 200.0, ..round(30.0, 150.0) }),
        (QrCodeEcc::High, Pose { turn: 90.0, tilt: 15.0, ..round(40.0, 400.0) }),
        (QrCodeEcc::Medium, Pose { turn: 30.0, tilt: 15.0, ..round(30.0, 150.0) }),
    ] {
        assert_reads(&photograph(&label(level), &pose), &format!("{pose:?}"));
    }
}

#[test]
fn a_label_with_a_sticker_on_one_eye_is_read() {
    let code = label(QrCodeEcc::High);
    let far = code.size() as f32 / 2.0 - 3.5;
    for turn in [0.0, 100.0] {
        let pose = Pose { module: 4.0, turn, ..Pose::UPRIGHT };
        for eye in [(-far, -far), (far, -far), (-far, far)] {
            for shade in [20, 128, 230] {
                let mut image = photograph(&code, &pose);
                cover(&mut image, &pose, eye, 4.0, shade);
                assert_reads(&image, &format!("turned by {turn}, eye at {eye:?}, sticker {shade}"));
            }
        }
    }
}

#[test]
fn a_label_blurred_over_more_than_one_and_a_half_modules_is_read() {
    for (along, down) in [(5, 5), (5, 0), (0, 5)] {
        for turn in [20.0, 33.0, 45.0] {
            let mut image = photograph(&label(QrCodeEcc::Low), &Pose { module: 6.5, turn, ..Pose::UPRIGHT });
            smear(&mut image, along, down);
            assert_reads(&image, &format!("turned by {turn}, smeared by {along} and {down}"));
        }
    }
}

/// Without erasures, the largest reflection that is repaired at these places reaches five modules.
#[test]
fn a_label_is_read_though_a_lamp_hides_more_than_errors_may() {
    let pose = Pose { turn: 10.0, ..Pose::UPRIGHT };
    for place in [(2.0, 2.0), (5.0, 5.0), (0.0, 0.0), (6.0, -1.0), (-1.0, 6.0), (3.0, 0.0)] {
        let mut image = photograph(&label(QrCodeEcc::Medium), &pose);
        shine(&mut image, &pose, place, 6.0);
        assert_reads(&image, &format!("{place:?}"));
    }
}

#[test]
fn a_label_of_which_too_much_is_hidden_is_never_read_as_something_else() {
    let (mut right, mut nothing) = (0, 0);
    for seed in 0..60 {
        let dice = &mut Dice(seed);
        let level = [QrCodeEcc::Low, QrCodeEcc::Medium, QrCodeEcc::High][dice.below(3)];
        let pose = Pose { module: 2.5 + dice.part(), turn: dice.part() * 360.0, ..Pose::UPRIGHT };
        let mut image = photograph(&label(level), &pose);
        let place = |dice: &mut Dice| (dice.part() * 24.0 - 8.0, dice.part() * 24.0 - 8.0);
        for _ in 0..=dice.below(3) {
            match dice.below(2) {
                0 => shine(&mut image, &pose, place(dice), 4.0 + dice.part() * 6.0),
                _ => cover(&mut image, &pose, place(dice), 2.0 + dice.part() * 4.0, dice.roll() as u8),
            }
        }
        noise(&mut image, dice.part() * 60.0, dice);
        match payloads(&image).as_slice() {
            [] => nothing += 1,
            found => {
                assert_eq!(found, [LABEL.as_bytes().to_vec()], "seed {seed}");
                right += 1;
            }
        }
    }
    assert!(right > 5 && nothing > 20, "{right} read, {nothing} not: the damage is no longer about as large as may be");
}
