//! Screens as PNG files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use greengate::device::{self, Display, Wiring};
use greengate::rules::board::{Output, Size};
use greengate::rules::image::ScreenImage;
use greengate::rules::symbol;
use tempfile::tempdir;

use super::{board, clock, message};

fn display(output: Output) -> Result<Display, device::DeviceFault> {
    let camera =
        greengate::rules::board::Camera::Panel { size: Size { width: 64, height: 64 }, rate: 10, budget_ms: 25 };
    let wiring = Wiring { symbol: symbol::encode, clock: clock() };
    device::open(&board(camera, output), wiring).map(|device| device.display)
}

fn png(folder: &Path) -> Output {
    Output::Png { folder: folder.to_owned() }
}

fn screen(red: u8) -> Arc<ScreenImage> {
    Arc::new(ScreenImage { width: 8, height: 6, rgb: [red, 20, 30].repeat(48) })
}

fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The first pixel of a file.
fn first(path: &Path) -> [u8; 3] {
    image::open(path).expect("a picture").into_rgb8().get_pixel(0, 0).0
}

#[test]
fn each_screen_has_its_number_and_name_and_the_newest_is_current() {
    let folder = tempdir().expect("a folder");
    let mut display = display(png(folder.path())).expect("a display");
    assert_eq!(display.size(), Size { width: 8, height: 6 });
    display.show(&screen(1), "ready").expect("shown");
    display.show(&screen(2), "verdict-accept").expect("shown");
    assert_eq!(names(folder.path()), ["0001-ready.png", "0002-verdict-accept.png", "current.png"]);
    let of = |name: &str| first(&folder.path().join(name));
    assert_eq!((of("0001-ready.png"), of("current.png")), ([1, 20, 30], [2, 20, 30]));
}

#[test]
fn numbers_go_on_after_a_restart_and_two_hundred_screens_are_kept_in_all() {
    let folder = tempdir().expect("a folder");
    fs::write(folder.path().join("0150-party-2025.jpg"), "somebody's").expect("a file");
    fs::write(folder.path().join("notes.png"), "somebody's").expect("a file");
    for _ in 0..2 {
        let mut display = display(png(folder.path())).expect("a display");
        for _ in 0..150 {
            display.show(&screen(3), "ready").expect("shown");
        }
    }
    let names = names(folder.path());
    assert_eq!(names.len(), 200 + 3, "the newest screens, `current.png` and what was there");
    assert!(names.contains(&"0101-ready.png".to_owned()) && names.contains(&"0300-ready.png".to_owned()));
    assert!(!names.contains(&"0100-ready.png".to_owned()));
}

#[test]
fn a_name_from_wherever_stays_in_the_folder() {
    let folder = tempdir().expect("a folder");
    let screens = folder.path().join("screens");
    let mut display = display(png(&screens)).expect("a display");
    display.show(&screen(1), "../../Up & away").expect("shown");
    assert_eq!(names(&screens), ["0001-------up---away.png", "current.png"]);
    assert_eq!(names(folder.path()), ["screens"]);
}

#[test]
fn a_folder_that_disappears_is_a_fault_and_one_that_returns_is_used_again() {
    let folder = tempdir().expect("a folder");
    let screens = folder.path().join("screens");
    let mut display = display(png(&screens)).expect("a display");
    fs::remove_dir(&screens).expect("removed");
    let told = message(display.show(&screen(1), "ready"));
    assert!(told.contains("0001-ready.png` cannot be written: "), "{told}");
    fs::create_dir(&screens).expect("a folder");
    display.show(&screen(1), "ready").expect("shown");
    assert_eq!(names(&screens), ["0001-ready.png", "current.png"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_told_when_the_board_is_opened() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "in the way").expect("a file");
    let told = message(display(png(&file.join("screens"))));
    assert!(told.contains("screens` cannot be made: "), "{told}");
}

#[test]
fn a_screen_of_another_size_is_refused() {
    let mut display = display(Output::Panel).expect("a display");
    display.show(&screen(1), "ready").expect("shown");
    let wrong = Arc::new(ScreenImage { width: 6, height: 8, rgb: vec![0; 144] });
    let expected =
        "a screen of 6×8 pixels does not fit the display of 8×6; this is a mistake in the program, report it";
    assert_eq!(message(display.show(&wrong, "ready")), expected);
}
