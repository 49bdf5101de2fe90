//! The camera that is not there: what a person does at the panel changes what it sees.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use greengate::device::{Device, DeviceClock, Frame, VirtualBoard};
use greengate::rules::board::{Button, Camera, Size};
use greengate::rules::image::GreyImage;
use greengate::rules::time::Moment;
use greengate::rules::virtual_board::{Pose, VirtualAct};
use greengate::vision::Reader;

use super::{clock, message, monday, open};

const SIZE: Size = Size { width: 1280, height: 720 };

/// As long as a signed label, and of the same signs: a symbol of version 8.
fn label(number: u32) -> String {
    let digits = "8234567890123456".repeat(11);
    format!("https://QC.EXAMPLE.COM/{digits}/01/06901234567892/10/LOT-{number}?17=261231")
}

fn virtual_box(clock: &DeviceClock) -> (Device, VirtualBoard) {
    let device = open(Camera::Panel { size: SIZE, rate: 10, budget_ms: 25 }, clock).expect("a board");
    let board = device.virtual_board.clone().expect("a virtual board");
    (device, board)
}

fn held(board: &VirtualBoard, count: u32, pose: Pose) -> Arc<GreyImage> {
    board.act(VirtualAct::HoldUp((0..count).map(label).collect(), pose));
    board.preview()
}

fn read(picture: &GreyImage) -> Vec<String> {
    let sighting = Reader::new().scan(&picture.pixels, picture.width, picture.height).expect("a picture");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("a text");
    let mut texts: Vec<String> = sighting.payloads.into_iter().map(|payload| text(payload.bytes)).collect();
    texts.sort();
    texts
}

fn mean(picture: &GreyImage) -> f64 {
    picture.pixels.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / picture.pixels.len() as f64
}

/// How many pixels differ clearly.
fn differing(first: &GreyImage, second: &GreyImage) -> usize {
    first.pixels.iter().zip(&second.pixels).filter(|(first, second)| first.abs_diff(**second) > 20).count()
}

#[test]
fn the_empty_table_shows_no_code_and_is_not_of_one_shade() {
    let (_device, board) = virtual_box(&clock());
    let table = board.preview();
    assert_eq!((table.width, table.height, table.pixels.len()), (1280, 720, 1280 * 720));
    assert_eq!(read(&table), Vec::<String>::new());
    let mean = mean(&table);
    let spread = table.pixels.iter().map(|pixel| (f64::from(*pixel) - mean).powi(2)).sum::<f64>();
    assert!((spread / table.pixels.len() as f64).sqrt() > 6.0, "a table has a texture");
}

#[test]
fn labels_that_are_held_up_are_read_as_often_as_they_are_there() {
    let (_device, board) = virtual_box(&clock());
    assert_eq!(read(&held(&board, 1, Pose::default())), [label(0)]);
    assert_eq!(read(&held(&board, 2, Pose::default())), [label(0), label(1)]);
    assert_eq!(read(&held(&board, 3, Pose { distance_cm: 26.0, ..Pose::default() })), [label(0), label(1), label(2)]);
    assert_eq!(read(&held(&board, 0, Pose::default())), Vec::<String>::new());
}

#[test]
fn a_label_is_read_tilted_turned_near_and_a_little_blurred() {
    let (_device, board) = virtual_box(&clock());
    let usual = Pose::default();
    for pose in [
        Pose { tilt_deg: 40.0, ..usual },
        Pose { tilt_deg: -40.0, turn_deg: 30.0, ..usual },
        Pose { turn_deg: 137.0, ..usual },
        Pose { distance_cm: 10.0, ..usual },
        Pose { blur_px: 1.0, ..usual },
        Pose { light: 0.3, ..usual },
        Pose { glare: 0.2, ..usual },
    ] {
        assert_eq!(read(&held(&board, 1, pose)), [label(0)], "{pose:?}");
    }
}

#[test]
fn a_label_cannot_be_read_from_afar_blurred_dazzled_or_in_the_dark() {
    let (_device, board) = virtual_box(&clock());
    let usual = Pose::default();
    for pose in [
        Pose { distance_cm: 60.0, blur_px: 1.5, ..usual },
        Pose { blur_px: 12.0, ..usual },
        Pose { glare: 1.0, ..usual },
        Pose { light: 0.0, ..usual },
    ] {
        assert_eq!(read(&held(&board, 1, pose)), Vec::<String>::new(), "{pose:?}");
    }
}

#[test]
fn every_slider_changes_the_frame_the_more_the_further_it_goes() {
    let (_device, board) = virtual_box(&clock());
    let usual = Pose::default();
    let before = held(&board, 1, usual);
    let slider = |name: &str, far: fn(&mut Pose, f32), steps: [f32; 3]| {
        let mut changed = 0;
        for step in steps {
            let mut pose = usual;
            far(&mut pose, step);
            let differs = differing(&before, &held(&board, 1, pose));
            assert!(differs > changed + 500, "{name} at {step}: {differs} after {changed}");
            changed = differs;
        }
    };
    slider("distance", |pose, value| pose.distance_cm = value, [18.0, 14.0, 10.0]);
    slider("blur", |pose, value| pose.blur_px = value, [1.5, 4.0, 12.0]);
    slider("glare", |pose, value| pose.glare = value, [0.2, 0.5, 1.0]);
    slider("light", |pose, value| pose.light = value, [0.6, 0.5, 0.1]);
    for (name, pose) in [
        ("tilt", Pose { tilt_deg: 20.0, ..usual }),
        ("other tilt", Pose { tilt_deg: -20.0, ..usual }),
        ("turn", Pose { turn_deg: 20.0, ..usual }),
        ("other turn", Pose { turn_deg: -20.0, ..usual }),
    ] {
        assert!(differing(&before, &held(&board, 1, pose)) > 10_000, "{name}");
    }
    assert_eq!(held(&board, 1, usual), before, "the same pose is the same frame");
}

#[test]
fn the_picture_gets_brighter_with_the_rooms_light_and_with_glare() {
    let (_device, board) = virtual_box(&clock());
    let mean_at = |pose| mean(&held(&board, 1, pose));
    let at = |light| mean_at(Pose { light, ..Pose::default() });
    assert!(at(0.1) < 30.0 && at(0.1) < at(0.5) && at(0.5) < at(1.0), "{} {} {}", at(0.1), at(0.5), at(1.0));
    assert!(mean_at(Pose { glare: 1.0, ..Pose::default() }) > mean_at(Pose::default()) + 2.0);
}

#[test]
fn wild_poses_are_brought_into_their_range() {
    let (_device, board) = virtual_box(&clock());
    let wild =
        Pose { distance_cm: -1.0e30, tilt_deg: f32::INFINITY, turn_deg: f32::NAN, blur_px: 1.0e9, ..Pose::default() };
    let tame = Pose { distance_cm: 10.0, tilt_deg: 60.0, turn_deg: 0.0, blur_px: 12.0, ..Pose::default() };
    assert_eq!(held(&board, 8, wild), held(&board, 8, tame));
}

#[test]
fn the_camera_gives_what_the_preview_shows_at_its_rate() {
    let clock = clock();
    let (mut device, board) = virtual_box(&clock);
    assert!(device.camera.is_live());
    let seen = held(&board, 1, Pose::default());
    let mut frame = GreyImage::default();
    assert_eq!(device.camera.frame(&mut frame).expect("a frame"), Frame::New);
    assert_eq!(frame, *seen);
    assert_eq!(device.camera.frame(&mut frame).expect("none yet"), Frame::Same);
    clock.advance(Duration::from_millis(100));
    assert_eq!(device.camera.frame(&mut frame).expect("a frame"), Frame::New, "a frame that shows the same is new");
    assert!(Arc::ptr_eq(&seen, &board.preview()), "nothing changed, so nothing was painted");
}

#[test]
fn a_photograph_takes_the_place_of_the_whole_picture_for_its_time() {
    let clock = clock();
    let (_device, board) = virtual_box(&clock);
    let table = board.preview();
    board.act(VirtualAct::Picture(GreyImage::filled(300, 300, 200), 500));
    let photograph = board.preview();
    let at = |x: usize, y: usize| photograph.pixels[y * 1280 + x];
    assert_eq!((photograph.width, photograph.height), (1280, 720));
    assert_eq!((at(640, 360), at(281, 5), at(279, 360), at(1001, 360)), (200, 200, 0, 0), "fitted in, black beside it");
    clock.advance(Duration::from_millis(499));
    assert_eq!(board.preview(), photograph);
    clock.advance(Duration::from_millis(1));
    assert_eq!(board.preview(), table);
}

#[test]
fn a_photograph_without_an_end_stays_until_something_is_held_up() {
    let clock = clock();
    let (_device, board) = virtual_box(&clock);
    board.act(VirtualAct::Picture(GreyImage::filled(1280, 720, 90), 0));
    clock.advance(Duration::from_secs(3600));
    board.act(VirtualAct::Press(Button::Delivery));
    assert_eq!(*board.preview(), GreyImage::filled(1280, 720, 90));
    assert_eq!(read(&held(&board, 1, Pose::default())), [label(0)]);
}

#[test]
fn pictures_without_pixels_or_with_too_few_are_not_shown() {
    let (_device, board) = virtual_box(&clock());
    let table = board.preview();
    for picture in [
        GreyImage::default(),
        GreyImage { width: 10, height: 10, pixels: vec![0; 99] },
        GreyImage { width: usize::MAX, height: 2, pixels: vec![0; 10] },
    ] {
        board.act(VirtualAct::Picture(picture, 0));
        assert_eq!(board.preview(), table);
    }
    board.act(VirtualAct::Picture(GreyImage::filled(1, 5000, 70), 0));
    assert_eq!(board.preview().pixels[360 * 1280 + 639], 70, "a thin one is a line");
}

#[test]
fn a_text_that_no_code_holds_is_not_held_up_and_the_others_are() {
    let (_device, board) = virtual_box(&clock());
    board.act(VirtualAct::HoldUp(vec!["x".repeat(100_000), label(1)], Pose::default()));
    assert_eq!(read(&board.preview()), [label(1)]);
}

#[test]
fn an_unplugged_camera_is_a_fault_until_it_is_plugged_in_again() {
    let clock = clock();
    let (mut device, board) = virtual_box(&clock);
    let mut frame = GreyImage::default();
    board.act(VirtualAct::CameraPlugged(false));
    assert_eq!(message(device.camera.frame(&mut frame)), "the camera is unplugged; plug it in again");
    clock.advance(Duration::from_millis(100));
    assert_eq!(message(device.camera.frame(&mut frame)), "the camera is unplugged; plug it in again");
    board.act(VirtualAct::CameraPlugged(true));
    clock.advance(Duration::from_millis(100));
    assert_eq!(device.camera.frame(&mut frame).expect("a frame"), Frame::New);
}

#[test]
fn presses_and_the_clock_arrive_where_they_belong() {
    let clock = clock();
    let (mut device, board) = virtual_box(&clock);
    let (sender, pressed) = mpsc::channel();
    device.buttons.subscribe(Box::new(move |button| sender.send(button).expect("the test waits")));
    board.act(VirtualAct::Press(Button::LampTest));
    board.clone().act(VirtualAct::Press(Button::Delivery));
    assert_eq!(pressed.try_iter().collect::<Vec<_>>(), [Button::LampTest, Button::Delivery]);
    board.act(VirtualAct::ClockOffset(-86_400));
    assert_eq!(clock.now().wall.as_second(), monday().as_second() - 86_400);
    assert_eq!(clock.now().moment, Moment::from_ms(0));
}
