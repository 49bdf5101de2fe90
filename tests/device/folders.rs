//! Photographs in a folder as a camera.

use std::fs;
use std::time::Duration;

use greengate::device::Frame;
use greengate::rules::image::GreyImage;
use tempfile::tempdir;

use super::{Gave, clock, folder, message, next, open, play, save, shade};

#[test]
fn pictures_of_all_kinds_come_in_the_order_of_their_names_and_end() {
    let pictures = tempdir().expect("a folder");
    for (name, grey) in [("c.pgm", 30), ("a.PNG", 10), ("b.jpeg", 20)] {
        let path = pictures.path().join(name);
        save(&shade(grey), &path);
    }
    fs::write(pictures.path().join("b.txt"), "notes lie about too").expect("a file");
    let clock = clock();
    let mut camera = open(folder(pictures.path(), false), &clock).expect("a board").camera;
    assert!(!camera.is_live(), "a recording waits for who looks at it");
    assert_eq!(
        play(&mut camera, &clock, 5),
        [10, 20, 30].map(Gave::Shade).into_iter().chain([Gave::Ended, Gave::Ended]).collect::<Vec<_>>()
    );
}

#[test]
fn a_folder_that_repeats_begins_again_and_has_what_came_meanwhile() {
    let pictures = tempdir().expect("a folder");
    save(&shade(10), &pictures.path().join("a.png"));
    let clock = clock();
    let mut camera = open(folder(pictures.path(), true), &clock).expect("a board").camera;
    assert_eq!(play(&mut camera, &clock, 2), [Gave::Shade(10), Gave::Shade(10)]);
    save(&shade(20), &pictures.path().join("b.png"));
    assert_eq!(play(&mut camera, &clock, 3), [10, 20, 10].map(Gave::Shade));
}

#[test]
fn unreadable_files_are_left_out_however_many_there_are() {
    let pictures = tempdir().expect("a folder");
    save(&shade(10), &pictures.path().join("00.png"));
    for number in 1..30 {
        fs::write(pictures.path().join(format!("{number:02}.png")), "torn").expect("a file");
    }
    save(&shade(40), &pictures.path().join("40.png"));
    let clock = clock();
    let mut camera = open(folder(pictures.path(), false), &clock).expect("a board").camera;
    assert_eq!(play(&mut camera, &clock, 3), [Gave::Shade(10), Gave::Shade(40), Gave::Ended]);
}

#[test]
fn a_folder_of_nothing_but_unreadable_files_is_a_fault_until_one_can_be_read() {
    let pictures = tempdir().expect("a folder");
    fs::write(pictures.path().join("a.png"), "torn").expect("a file");
    let clock = clock();
    let mut camera = open(folder(pictures.path(), false), &clock).expect("a board").camera;
    let told =
        format!("`{}` has no picture that can be read; put PNG, JPEG or PGM files there", pictures.path().display());
    assert_eq!(next(&mut camera, &clock), Gave::Fault(told.clone()));
    assert_eq!(next(&mut camera, &clock), Gave::Fault(told));
    save(&shade(50), &pictures.path().join("b.png"));
    // The list may be older than the picture by one round.
    let gave = play(&mut camera, &clock, 2);
    assert!(gave.contains(&Gave::Shade(50)), "{gave:?}");
}

#[test]
fn a_folder_that_is_missing_or_empty_is_told_when_the_board_is_opened() {
    let pictures = tempdir().expect("a folder");
    let missing = pictures.path().join("none");
    let told = message(open(folder(&missing, false), &clock()));
    assert!(told.starts_with(&format!("`{}` cannot be read: ", missing.display())), "{told}");
    let told = message(open(folder(pictures.path(), false), &clock()));
    assert!(told.ends_with("has no picture that can be read; put PNG, JPEG or PGM files there"), "{told}");
}

#[test]
fn a_frame_is_not_there_before_its_time() {
    let pictures = tempdir().expect("a folder");
    for grey in [10, 20] {
        save(&shade(grey), &pictures.path().join(format!("{grey}.png")));
    }
    let clock = clock();
    let mut camera = open(folder(pictures.path(), false), &clock).expect("a board").camera;
    let mut picture = GreyImage::default();
    let mut frame = || (camera.frame(&mut picture).expect("a frame"), picture.pixels.first().copied());
    assert_eq!(frame(), (Frame::New, Some(10)));
    assert_eq!(frame(), (Frame::Same, Some(10)), "ten a second, and no time has passed");
    clock.advance(Duration::from_millis(99));
    assert_eq!(frame(), (Frame::Same, Some(10)));
    clock.advance(Duration::from_millis(1));
    assert_eq!(frame(), (Frame::New, Some(20)));
}
