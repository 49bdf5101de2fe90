//! A camera by way of the crate nokhwa 0.10: the one place that knows what goes wrong there.
//!
//! On Linux `[camera.v4l2]` talks to the same drivers and is the one to take; on macOS there is no other way to a camera
//! that a person can touch. What nokhwa's authors left open, and what is done about it:
//!
//! - It says neither how much of a buffer is this frame nor whether it is damaged: half a frame with an older one's rest
//!   below it is looked at as if it were whole, unless it is a JPEG.
//! - It does not tell the bytes from one row to the next. Linux is asked for them, elsewhere rows are taken to have no gap.
//! - A wait for a frame has no end, and in the same process the camera that waits is handed out again, busy with that wait.
//!   So the first thread left behind has to end the program ([`Real::that_opens_once`](super::real::Real)).
//! - It panics on names that drivers cut inside a UTF-8 character, and on ranges of sizes in steps of nothing. Our release
//!   build ends then, so such a camera is never shown to it. Neither are names of settings, so none are set. It panics as
//!   well where a driver does not stop; that cannot be known before.
//! - Grey cameras are hidden on Linux (it looks for `GRAY`, their name is `GREY`). On macOS its grey is a negative and its
//!   NV12 has ten bits, so neither is taken there.
//! - A camera that is set to a rate like 29.97 or to a format that it does not know cannot be opened.
//! - `Closest` gives nothing unless the size is one that the camera has. So it is chosen here, and `Closest` finds just that.
//! - Its lists name outputs and metadata too; nodes are looked up below `/sys`.

mod place;

use std::borrow::Cow;
use std::sync::Arc;

use ::nokhwa::utils::{CameraFormat, FrameFormat, RequestedFormat, RequestedFormatType, Resolution};
use ::nokhwa::{Camera, NokhwaError};

use super::CameraFault;
use super::choice::{Choice, choose};
use super::luma::Layout;
use super::offer::{Offer, Rate, Sizes};
use super::real::{Bytes, Opener, Source};
use crate::rules::board::{Nokhwa, PixelFormat, Size};

/// What it calls formats whose brightness is known to stand where ours does.
const TAKEN: &[(FrameFormat, PixelFormat, [u8; 4])] = if cfg!(target_os = "macos") {
    &[(FrameFormat::YUYV, PixelFormat::Yuyv, *b"YUYV"), (FrameFormat::MJPEG, PixelFormat::Mjpeg, *b"MJPG")]
} else {
    &[
        (FrameFormat::GRAY, PixelFormat::Grey, *b"GREY"),
        (FrameFormat::YUYV, PixelFormat::Yuyv, *b"YUYV"),
        (FrameFormat::NV12, PixelFormat::Nv12, *b"NV12"),
        (FrameFormat::MJPEG, PixelFormat::Mjpeg, *b"MJPG"),
    ]
};
/// It tells 29.97 as 30000.
const FASTEST: u32 = 1000;
/// What to do where it is of no use.
const INSTEAD: &str =
    if cfg!(target_os = "linux") { "take `[camera.v4l2]` on the board" } else { "take another camera" };
/// Errors as Linux numbers them.
const GONE: [i32; 3] = [2, 6, 19];
const NOT_ALLOWED: [i32; 2] = [1, 13];
const BUSY: i32 = 16;

/// What opens the camera of a board.
pub fn opener(board: &Nokhwa) -> Opener {
    let board = board.clone();
    Arc::new(move || Ok(Box::new(Opened::open(&board)?)))
}

/// An open camera.
struct Opened {
    name: String,
    about: String,
    layout: Layout,
    camera: Camera,
    /// The last frame, where it comes as memory of its own.
    frame: Vec<u8>,
}

impl Opened {
    fn open(board: &Nokhwa) -> Result<Self, CameraFault> {
        let name = board.device.to_string();
        let wrong = |error: NokhwaError| fault(&name, &error);
        if !::nokhwa::nokhwa_check() {
            ::nokhwa::nokhwa_initialize(|_| ());
            let why = "the system asks whether this program may use cameras; allow it".to_owned();
            return Err(CameraFault::NotByNokhwa { name, why });
        }
        let place = place::find(&board.device)?;
        place.check(&name)?;
        let known: Vec<FrameFormat> = TAKEN.iter().map(|(format, ..)| *format).collect();
        // Only an open camera says what it gives, so it is opened with whatever comes first.
        let first = RequestedFormat::with_formats(RequestedFormatType::None, &known);
        let mut camera = Camera::new(place.index.clone(), first).map_err(wrong)?;
        let offers = offers(&camera.compatible_camera_formats().map_err(wrong)?);
        let choice = choose(&offers, &name, &board.frames, &board.formats)?;
        let wanted = RequestedFormat::with_formats(RequestedFormatType::Closest(request(&choice)), &known);
        let given = camera.set_camera_requset(wanted).map_err(wrong)?;
        let size = Size { width: given.width(), height: given.height() };
        let layout = Layout::new(choice.format, size, place.stride(), board.frames.roi, board.frames.size);
        let layout = layout.map_err(|message| driver(&name, "used", message.to_owned()))?;
        camera.open_stream().map_err(wrong)?;
        let (title, rate) = (&place.title, given.frame_rate());
        let format = choice.format.name();
        let Size { width, height } = size;
        let about = format!("{title} by way of nokhwa: {format}, {width}×{height}, {rate} frames a second");
        Ok(Self { name, about, layout, camera, frame: Vec::new() })
    }
}

impl Source for Opened {
    fn about(&self) -> String {
        self.about.clone()
    }

    fn layout(&self) -> Layout {
        self.layout
    }

    fn next(&mut self) -> Result<Option<Bytes<'_>>, CameraFault> {
        let bytes = match self.camera.frame_raw().map_err(|error| fault(&self.name, &error))? {
            Cow::Borrowed(bytes) => bytes,
            Cow::Owned(bytes) => {
                self.frame = bytes;
                &self.frame
            }
        };
        Ok(Some(Bytes { bytes, is_damaged: false }))
    }
}

/// What it says that a camera gives, as other cameras say it.
fn offers(formats: &[CameraFormat]) -> Vec<Offer> {
    let offer = |(known, _, code): &(FrameFormat, PixelFormat, [u8; 4])| {
        let mut sizes: Vec<Sizes> = Vec::new();
        for format in formats.iter().filter(|format| format.format() == *known && format.frame_rate() <= FASTEST) {
            let size = Size { width: format.width(), height: format.height() };
            let rate = Rate { frames: format.frame_rate(), seconds: 1 };
            match sizes.iter_mut().find(|sizes| sizes.least == size) {
                Some(sizes) => sizes.rates.push(rate),
                None => sizes.push(Sizes::one(size, vec![rate])),
            }
        }
        (!sizes.is_empty()).then_some(Offer { code: *code, sizes })
    };
    TAKEN.iter().filter_map(offer).collect()
}

/// A choice in its words.
fn request(choice: &Choice) -> CameraFormat {
    let same = |(_, format, _): &&(FrameFormat, PixelFormat, [u8; 4])| *format == choice.format;
    let format = TAKEN.iter().find(same).map_or(FrameFormat::YUYV, |(format, ..)| *format);
    let rate = choice.rate.map_or(0, |rate| rate.frames);
    CameraFormat::new(Resolution::new(choice.size.width, choice.size.height), format, rate)
}

/// It passes the system's errors on as texts.
fn fault(name: &str, error: &NokhwaError) -> CameraFault {
    let text = error.to_string();
    let (verb, message) = match error {
        NokhwaError::OpenDeviceError(_, message)
        | NokhwaError::InitializeError { error: message, .. }
        | NokhwaError::StructureError { error: message, .. } => ("opened", message),
        NokhwaError::GetPropertyError { property, error: message } => {
            if let Some(why) = refusal(property) {
                return CameraFault::NotByNokhwa { name: name.to_owned(), why };
            }
            ("asked", message)
        }
        NokhwaError::SetPropertyError { error: message, .. } => ("set", message),
        NokhwaError::OpenStreamError(message)
        | NokhwaError::ReadFrameError(message)
        | NokhwaError::ProcessFrameError { error: message, .. } => ("read", message),
        NokhwaError::StreamShutdownError(message)
        | NokhwaError::ShutdownError { error: message, .. }
        | NokhwaError::GeneralError(message)
        | NokhwaError::NotImplementedError(message) => ("used", message),
        NokhwaError::UnitializedError | NokhwaError::UnsupportedOperationError(_) => ("used", &text),
    };
    match os_error(message) {
        Some(code) if GONE.contains(&code) => CameraFault::Unplugged,
        Some(code) if NOT_ALLOWED.contains(&code) => CameraFault::NotAllowed { name: name.to_owned() },
        Some(BUSY) => CameraFault::Busy { name: name.to_owned() },
        Some(_) | None => driver(name, verb, message.clone()),
    }
}

/// Why it does not take a camera that works, if a property that it could not get says so.
fn refusal(property: &str) -> Option<String> {
    let why = match property {
        "CameraFormat" => "it finds no format that it knows at a whole number of frames a second",
        "FrameFormat" => "the camera is set to a format that it does not know",
        "V4L2 FrameRate" => "the camera is set to a rate that is no whole number",
        _ => return None,
    };
    Some(format!("{why}; {INSTEAD}"))
}

/// The number in `No such device (os error 19)`.
fn os_error(message: &str) -> Option<i32> {
    message.rsplit_once("(os error ")?.1.split_once(')')?.0.parse().ok()
}

fn driver(name: &str, verb: &'static str, message: String) -> CameraFault {
    CameraFault::Driver { name: name.to_owned(), verb, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::board::Frames;

    fn format(format: FrameFormat, (width, height): (u32, u32), rate: u32) -> CameraFormat {
        CameraFormat::new(Resolution::new(width, height), format, rate)
    }

    fn chosen(formats: &[CameraFormat], wanted: &[PixelFormat]) -> Result<String, String> {
        let size = Size { width: 1280, height: 720 };
        let frames = Frames { size, rate: 30, budget_ms: 25, roi: None, frozen_ms: 1200, power_line_hz: None };
        let choice = choose(&offers(formats), "number 0", &frames, wanted).map_err(|fault| fault.to_string())?;
        let request = request(&choice);
        // It finds what was chosen and nothing else.
        let known: Vec<FrameFormat> = TAKEN.iter().map(|(format, ..)| *format).collect();
        let closest = RequestedFormat::with_formats(RequestedFormatType::Closest(request), &known).fulfill(formats);
        assert_eq!(closest, Some(request));
        Ok(format!("{} {}×{} at {}", request.format(), request.width(), request.height(), request.frame_rate()))
    }

    #[test]
    fn what_it_lists_is_chosen_from_as_from_any_camera() {
        let listed = [
            format(FrameFormat::YUYV, (640, 480), 30),
            format(FrameFormat::YUYV, (1280, 720), 10),
            format(FrameFormat::MJPEG, (1280, 720), 60),
            format(FrameFormat::MJPEG, (1280, 720), 30),
            format(FrameFormat::RAWRGB, (1280, 720), 30),
        ];
        assert_eq!(chosen(&listed, &PixelFormat::ALL), Ok("MJPEG 1280×720 at 30".to_owned()));
        assert_eq!(chosen(&listed, &[PixelFormat::Yuyv]), Ok("YUYV 1280×720 at 10".to_owned()));
        let told = "the camera `number 0` gives YUYV, MJPG, and the board takes nv12; change `formats`, or the camera";
        assert_eq!(chosen(&listed, &[PixelFormat::Nv12]), Err(told.to_owned()));
    }

    #[test]
    fn a_size_that_the_camera_has_not_is_asked_for_as_the_nearest() {
        // nokhwa's own `Closest` gives nothing here.
        let listed = [format(FrameFormat::YUYV, (640, 480), 15), format(FrameFormat::YUYV, (320, 240), 30)];
        assert_eq!(chosen(&listed, &PixelFormat::ALL), Ok("YUYV 640×480 at 15".to_owned()));
    }

    #[test]
    fn a_rate_that_it_tells_as_thirty_thousand_is_no_rate() {
        let listed = [format(FrameFormat::YUYV, (1280, 720), 30_000), format(FrameFormat::YUYV, (640, 480), 30)];
        assert_eq!(chosen(&listed, &PixelFormat::ALL), Ok("YUYV 640×480 at 30".to_owned()));
    }

    #[test]
    fn every_format_is_known_in_both_directions() {
        let size = Size { width: 64, height: 64 };
        for (theirs, ours, code) in TAKEN {
            assert_eq!(Offer { code: *code, sizes: Vec::new() }.format(), Some(*ours));
            let choice = Choice { format: *ours, code: *code, size, rate: Some(Rate { frames: 5, seconds: 1 }) };
            assert_eq!(request(&choice), format(*theirs, (64, 64), 5));
        }
    }

    #[test]
    fn what_it_says_is_told_as_other_cameras_faults_are() {
        let name = || "number 0".to_owned();
        let system = |code| std::io::Error::from_raw_os_error(code).to_string();
        let open = |code| NokhwaError::OpenDeviceError("0".to_owned(), format!("V4L2 Error: {}", system(code)));
        let set = |code| NokhwaError::SetPropertyError {
            property: "Resolution, FrameFormat".to_owned(),
            value: "640x480".to_owned(),
            error: system(code),
        };
        let told = |error: &NokhwaError| fault("number 0", error);
        assert_eq!(told(&open(13)), CameraFault::NotAllowed { name: name() });
        assert_eq!(told(&open(2)), CameraFault::Unplugged);
        assert_eq!(told(&NokhwaError::ReadFrameError(system(19))), CameraFault::Unplugged);
        // Another program has it, or a wait of ours that did not come back.
        assert_eq!(told(&set(16)), CameraFault::Busy { name: name() });
        assert_eq!(told(&NokhwaError::OpenStreamError(system(16))), CameraFault::Busy { name: name() });
        let other =
            "the camera `number 0` cannot be set: Invalid argument (os error 22); unplug it and plug it in again";
        assert_eq!(told(&set(22)).to_string(), other);
    }

    #[test]
    fn what_it_refuses_is_told_with_the_way_out() {
        let get = |property: &str| NokhwaError::GetPropertyError {
            property: property.to_owned(),
            error: "Framerate not whole number: 30000 / 1001".to_owned(),
        };
        let told = fault("number 0", &get("V4L2 FrameRate")).to_string();
        let expected = "the camera `number 0` cannot be had by way of nokhwa: the camera is set to a rate that is no whole \
                        number; take `[camera.v4l2]` on the board";
        assert!(cfg!(not(target_os = "linux")) || told == expected, "{told}");
        for property in ["CameraFormat", "FrameFormat"] {
            assert!(matches!(fault("0", &get(property)), CameraFault::NotByNokhwa { .. }), "{property}");
        }
        assert!(matches!(fault("0", &get("parameters")), CameraFault::Driver { verb: "asked", .. }));
    }
}
