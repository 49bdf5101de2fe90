//! The reader on a camera's frames, one after the other: it sleeps where nothing is, wakes, and keeps to its time.

use std::cell::Cell;

use greengate::{
    rules::{code::Sighting, image::GreyImage},
    vision::Reader,
};
use qrcodegen::{QrCode, QrCodeEcc};

use super::draw::{Dice, Pose, blur, draw, noise};

/// Empty frames after which the reader sleeps, and more.
const LONG: u64 = 9;

/// A frame of a noisy table with these texts on it, each with its pose.
fn frame(labels: &[(&str, Pose)], seed: u64) -> GreyImage {
    let mut image = GreyImage::filled(640, 480, 150);
    for (text, pose) in labels {
        draw(&mut image, &QrCode::encode_text(text, QrCodeEcc::Medium).expect("it fits"), pose);
    }
    noise(&mut image, 12.0, &mut Dice(seed));
    image
}

fn watch(reader: &mut Reader, image: &GreyImage, in_time: &dyn Fn() -> bool) -> Sighting {
    reader.watch(&image.pixels, image.width, image.height, in_time).expect("the buffer fits its size")
}

/// A reader that has seen nothing but the table for a while.
fn asleep() -> Reader {
    let mut reader = Reader::new();
    for seed in 0..LONG {
        assert_eq!(watch(&mut reader, &frame(&[], seed), &|| true), Sighting::default(), "an empty table");
    }
    reader
}

/// In which of the next `frames` frames, from 1, the reader has read all these texts, in that one or before.
fn frames_until_read(
    reader: &mut Reader,
    labels: &[(&str, Pose)],
    frames: u64,
    in_time: &dyn Fn() -> bool,
) -> Option<u64> {
    let mut read = Vec::new();
    (1..=frames).find(|seed| {
        read.extend(watch(reader, &frame(labels, 100 + seed), in_time).payloads);
        labels.iter().all(|(text, _)| read.iter().any(|payload| payload.bytes == text.as_bytes()))
    })
}

#[test]
fn a_label_wakes_the_reader_within_two_frames() {
    let far = Pose { module: 2.2, turn: 30.0, ..Pose::UPRIGHT };
    let near = Pose { module: 12.0, turn: 200.0, ..Pose::UPRIGHT };
    let dim = Pose { shades: (90, 125), turn: 75.0, ..Pose::UPRIGHT };
    for pose in [Pose::UPRIGHT, far, near, dim] {
        // The reader looks elsewhere on every other frame, so the label comes at either.
        let mut reader = asleep();
        for _ in 0..2 {
            let read = frames_until_read(&mut reader, &[("HELLO", pose)], 2, &|| true);
            assert!(read.is_some(), "{pose:?}");
            for seed in 0..=LONG {
                watch(&mut reader, &frame(&[], seed), &|| true);
            }
        }
    }
}

#[test]
fn a_plain_label_is_read_when_there_is_never_time() {
    let labels = [("HELLO", Pose { turn: 10.0, ..Pose::UPRIGHT })];
    assert_eq!(frames_until_read(&mut Reader::new(), &labels, 1, &|| false), Some(1));
    let mut reader = asleep();
    assert!(frames_until_read(&mut reader, &labels, 2, &|| false).is_some());
}

#[test]
fn a_second_label_beside_the_first_is_read_within_a_few_frames() {
    let first = ("FIRST", Pose { middle: (160.0, 240.0), turn: 20.0, ..Pose::UPRIGHT });
    let mut reader = asleep();
    for _ in 0..3 {
        assert!(frames_until_read(&mut reader, &[first], 2, &|| true).is_some());
    }
    for second in [
        Pose { middle: (460.0, 240.0), turn: 65.0, ..Pose::UPRIGHT },
        Pose { middle: (460.0, 240.0), shades: (235, 25), ..Pose::UPRIGHT },
        Pose { middle: (470.0, 240.0), module: 2.2, ..Pose::UPRIGHT },
    ] {
        assert!(frames_until_read(&mut reader, &[first, ("SECOND", second)], 3, &|| true).is_some(), "{second:?}");
    }
}

#[test]
fn what_one_frame_has_no_time_for_is_read_on_the_next() {
    let left = Cell::new(0_u32);
    let in_time = || left.replace(left.get().saturating_sub(1)) > 0;
    let code = QrCode::encode_text("HTTPS://GREENGATE.EXAMPLE/LATER", QrCodeEcc::Medium).expect("it fits");
    let mut image = GreyImage::filled(640, 480, 150);
    draw(&mut image, &code, &Pose { turn: 20.0, ..Pose::UPRIGHT });
    blur(&mut image, 2);
    let mut reader = Reader::new();
    let read = (0..8).any(|_| {
        left.set(3);
        !watch(&mut reader, &image, &in_time).payloads.is_empty()
    });
    assert!(read);
}
