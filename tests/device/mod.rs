//! The box without hardware: real files, real pictures, real threads; time is moved by hand.

mod camera_commands;
mod clocks;
mod displays;
mod folders;
mod lights;
mod lines;
#[cfg(all(feature = "pi", target_os = "linux"))]
mod nokhwa;
mod pictures;
#[cfg(target_os = "linux")]
mod rpicam;
mod streams;
mod surfaces;
mod virtual_camera;
#[cfg(all(feature = "pi", target_os = "linux"))]
mod wired;

use std::path::Path;

use greengate::device::{self, Camera, Device, DeviceClock, DeviceFault, Frame, Wiring};
use greengate::rules::board::{self, Board, Colours, LightsBoard, Output, Size, SoundBoard};
use greengate::rules::image::GreyImage;
use greengate::rules::symbol;
use jiff::Timestamp;

/// A scripted clock on a Monday morning.
pub fn clock() -> DeviceClock {
    DeviceClock::scripted(monday())
}

pub fn monday() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().expect("a time")
}

pub fn board(camera: board::Camera, output: Output) -> Board {
    Board {
        name: "test".to_owned(),
        title: "Test".to_owned(),
        based_on: None,
        verified: None,
        camera,
        display: board::Display { output, size: Size { width: 8, height: 6 }, colours: Colours::Full, size_mm: None },
        lights: LightsBoard::Panel,
        sound: SoundBoard::None,
        buttons: None,
    }
}

pub fn open(camera: board::Camera, clock: &DeviceClock) -> Result<Device, DeviceFault> {
    let wiring = Wiring { symbol: symbol::encode, clock: clock.clone() };
    device::open(&board(camera, Output::Panel), wiring)
}

pub fn folder(path: &Path, repeat: bool) -> board::Camera {
    board::Camera::Folder { path: path.to_owned(), rate: 10, repeat }
}

pub fn stream(path: &Path) -> board::Camera {
    board::Camera::Stream { path: path.to_owned(), budget_ms: 25 }
}

pub fn message<T>(result: Result<T, DeviceFault>) -> String {
    result.err().expect("a fault").to_string()
}

/// A picture of one shade, which stays apart from the others even after JPEG compression.
pub fn shade(shade: u8) -> GreyImage {
    GreyImage::filled(16, 12, shade)
}

pub fn save(picture: &GreyImage, path: &Path) {
    let side = |pixels: usize| u32::try_from(pixels).expect("a small picture");
    let (width, height) = (side(picture.width), side(picture.height));
    let image = image::GrayImage::from_raw(width, height, picture.pixels.clone()).expect("as many pixels as it says");
    image.save(path).expect("a picture");
}

/// What a camera gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Gave {
    /// A picture, told by its first pixel.
    Shade(u8),
    Ended,
    Fault(String),
}

/// The camera's next answer that is more than "not yet".
pub fn next(camera: &mut Camera, clock: &DeviceClock) -> Gave {
    let mut picture = GreyImage::default();
    loop {
        clock.advance(std::time::Duration::from_secs(1));
        match camera.frame(&mut picture) {
            Ok(Frame::New) => {
                assert_eq!(picture.pixels.len(), picture.width * picture.height);
                return Gave::Shade(picture.pixels[0]);
            }
            Ok(Frame::Same) => {}
            Ok(Frame::Ended) => return Gave::Ended,
            Err(fault) => return Gave::Fault(fault.to_string()),
        }
    }
}

/// The next so many answers.
pub fn play(camera: &mut Camera, clock: &DeviceClock, count: usize) -> Vec<Gave> {
    (0..count).map(|_| next(camera, clock)).collect()
}
