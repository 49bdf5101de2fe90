//! A real camera by way of nokhwa, where the machine has one that nobody else looks through.

use std::time::{Duration, Instant};

use greengate::device::{self, CameraFault, DeviceClock, DeviceFault, Frame, VideoNode, Wiring};
use greengate::rules::board::{Camera, Frames, Nokhwa, NokhwaDevice, Output, PixelFormat, Size};
use greengate::rules::image::GreyImage;
use greengate::rules::symbol;

use super::board;

/// Some cameras start slowly.
const PATIENCE: Duration = Duration::from_secs(15);
const SIZE: Size = Size { width: 640, height: 480 };

/// The number of the first camera that gives what nokhwa takes.
fn camera() -> Option<u32> {
    let takes = |node: &VideoNode| {
        let mut formats = node.offers.iter().flatten().filter_map(device::Offer::format);
        formats.any(|format| format != PixelFormat::Grey)
    };
    let nodes = device::video_nodes();
    let path = &nodes.iter().find(|node| node.is_first && takes(node))?.path;
    path.to_str()?.strip_prefix("/dev/video")?.parse().ok()
}

fn open(device: NokhwaDevice) -> device::Camera {
    let frames = Frames { size: SIZE, rate: 30, budget_ms: 25, roi: None, frozen_ms: 0, power_line_hz: None };
    let camera = Camera::Nokhwa(Nokhwa { device, frames, formats: PixelFormat::ALL.to_vec() });
    let wiring = Wiring { symbol: symbol::encode, clock: DeviceClock::new() };
    device::camera(&board(camera, Output::Panel), &wiring).expect("a camera, plugged in or not")
}

#[test]
fn a_real_camera_gives_pictures_by_way_of_nokhwa() {
    let Some(index) = camera() else {
        eprintln!("skipped: this machine has no camera");
        return;
    };
    let (mut camera, mut picture, begun) = (open(NokhwaDevice::Index(index)), GreyImage::default(), Instant::now());
    while begun.elapsed() < PATIENCE {
        match camera.frame(&mut picture) {
            Ok(Frame::New) => {
                assert_eq!(picture.pixels.len(), picture.width * picture.height);
                assert!(picture.width > 0, "{picture:?}");
                let about = camera.about().expect("it is open");
                assert!(about.contains(" by way of nokhwa: "), "{about}");
                return;
            }
            Ok(Frame::Same | Frame::Ended) => {}
            Err(DeviceFault::Camera(CameraFault::Busy { .. })) => {
                eprintln!("skipped: another program has the camera");
                return;
            }
            Err(fault) => panic!("{fault}"),
        }
    }
    panic!("no picture within {PATIENCE:?}");
}

#[test]
fn a_camera_that_is_not_there_is_waited_for() {
    let (mut camera, mut picture) = (open(NokhwaDevice::Name("no such camera".to_owned())), GreyImage::default());
    let fault = loop {
        match camera.frame(&mut picture) {
            Ok(_) => {}
            Err(fault) => break fault,
        }
    };
    assert!(fault.to_string().starts_with("there is no camera `no such camera`; plug it in"), "{fault}");
    assert!(!fault.is_final());
}
