//! A camera's driver, by way of the crate `v4l`: the one place that knows what goes wrong there.
//!
//! - `v4l` panics on names that are no UTF-8, and drivers cut names of 32 bytes in the middle of a Chinese character. So
//!   names are never asked of it (no `query_caps`, no `query_controls`), but read below `/sys`.
//! - Its stream waits for ever unless told otherwise, and after a wait that was given up it cannot go on. So it is only
//!   asked for a frame when there is one, and given up for good when one does not come.
//! - Dropping its stream panics when the driver does not stop. Such a stream is left to the end of the process.
//! - A driver's buffer keeps what an earlier frame left there; only `bytesused` of it is this frame.
//! - Grey is `GREY`.

use std::io::{self, ErrorKind};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::time::Duration;

use v4l::buffer::{Flags, Type};
use v4l::control::{Control, Value};
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::io::traits::{CaptureStream, Stream as _};
use v4l::prelude::MmapStream;
use v4l::video::Capture as _;
use v4l::video::capture::Parameters;
use v4l::{Device, Format, FourCC, Fraction};

use super::super::CameraFault;
use super::super::choice::{Choice, choose};
use super::super::luma::Layout;
use super::super::offer::{Offer, Rate, Sizes};
use super::super::real::{Bytes, Source};
use super::controls;
use super::node::Places;
use crate::rules::board::{Size, V4l2};

/// The first frame may take this long: some cameras start slowly.
const FIRST: Duration = Duration::from_secs(5);
/// How long a wait for a frame lasts, until it is asked whether it is still wanted.
const SLICE_MS: i32 = 200;
/// "There is something to read", for `poll`.
const POLLIN: i16 = 1;
/// Errors as Linux numbers them: the device is gone, it is taken, it may not be opened.
const ENODEV: i32 = 19;
const ENXIO: i32 = 6;

/// An open camera.
pub struct Capture {
    name: String,
    about: String,
    layout: Layout,
    stream: ManuallyDrop<MmapStream<'static>>,
    has_begun: bool,
}

impl Capture {
    /// Opens the board's camera with what comes nearest to the board's wishes.
    pub fn open(board: &V4l2) -> Result<Self, CameraFault> {
        let name = board.device.to_string();
        let path = Places::system().find(&board.device)?;
        let device = Device::with_path(&path).map_err(|error| fault(&name, "opened", &error))?;
        let choice = choose(&offers_of(&device), &name, &board.frames, &board.formats)?;
        let given = set_format(&device, &name, &choice)?;
        let size = Size { width: given.width, height: given.height };
        let layout = Layout::new(choice.format, size, given.stride as usize, board.frames.roi, board.frames.size);
        let layout = layout.map_err(|message| driver(&name, "used", message.to_owned()))?;
        let rate = set_rate(&device, choice.rate, board.frames.rate);
        let set = |id, value| device.set_control(Control { id, value: Value::Integer(value) });
        for refused in controls::apply(&controls::wishes(board), set) {
            log::warn!("{refused}");
        }
        let stream = MmapStream::new(&device, Type::VideoCapture).map_err(|error| fault(&name, "read", &error))?;
        let about = about(&path, &choice, size, rate);
        Ok(Self { name, about, layout, stream: ManuallyDrop::new(stream), has_begun: false })
    }

    /// Whether a frame is there; what only ends in an error is there too.
    fn is_ready(&self) -> io::Result<bool> {
        match self.stream.handle().poll(POLLIN, SLICE_MS) {
            Ok(count) => Ok(count > 0),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Source for Capture {
    fn about(&self) -> String {
        self.about.clone()
    }

    fn layout(&self) -> Layout {
        self.layout
    }

    fn next(&mut self) -> Result<Option<Bytes<'_>>, CameraFault> {
        let wrong = |error: io::Error| fault(&self.name, "read", &error);
        if self.has_begun && !self.is_ready().map_err(wrong)? {
            return Ok(None);
        }
        if !std::mem::replace(&mut self.has_begun, true) {
            self.stream.set_timeout(FIRST);
        }
        let (buffer, filled) = self.stream.next().map_err(|error| fault(&self.name, "read", &error))?;
        let used = (filled.bytesused as usize).min(buffer.len());
        Ok(Some(Bytes { bytes: &buffer[..used], is_damaged: filled.flags.contains(Flags::ERROR) }))
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        match self.stream.stop() {
            Err(error) if error.raw_os_error() != Some(ENODEV) => {
                log::error!("the camera `{}` does not stop: {error}", self.name);
            }
            // SAFETY: the stream is dropped here and nowhere else, and nobody uses it after `drop`.
            #[expect(unsafe_code, reason = "a stream that may not be dropped is left behind instead")]
            Ok(()) | Err(_) => unsafe { ManuallyDrop::drop(&mut self.stream) },
        }
    }
}

/// What a node gives; nothing where it is no camera.
pub fn offers(path: &Path) -> Result<Vec<Offer>, String> {
    let device = Device::with_path(path).map_err(|error| error.to_string())?;
    Ok(offers_of(&device))
}

/// The bytes from one row of the present format to the next; nothing where the driver does not say.
pub fn stride(path: &Path) -> Option<usize> {
    Device::with_path(path).and_then(|device| device.format()).ok().map(|format| format.stride as usize)
}

fn offers_of(device: &Device) -> Vec<Offer> {
    let formats = device.enum_formats().unwrap_or_default();
    let codes = formats.into_iter().map(|format| format.fourcc);
    codes.map(|code| Offer { code: code.repr, sizes: sizes(device, code) }).collect()
}

fn sizes(device: &Device, code: FourCC) -> Vec<Sizes> {
    let sizes = device.enum_framesizes(code).unwrap_or_default();
    let sizes = sizes.into_iter().map(|size| match size.size {
        FrameSizeEnum::Discrete(one) => {
            let size = Size { width: one.width, height: one.height };
            Sizes::one(size, rates(device, code, size))
        }
        FrameSizeEnum::Stepwise(range) => Sizes {
            least: Size { width: range.min_width, height: range.min_height },
            most: Size { width: range.max_width, height: range.max_height },
            step: Size { width: range.step_width, height: range.step_height },
            rates: Vec::new(),
        },
    });
    sizes.collect()
}

/// Rates that the camera counts up. Of those that it gives as a range the driver picks the nearest itself.
fn rates(device: &Device, code: FourCC, size: Size) -> Vec<Rate> {
    let intervals = device.enum_frameintervals(code, size.width, size.height).unwrap_or_default();
    let rates = intervals.into_iter().filter_map(|interval| match interval.interval {
        FrameIntervalEnum::Discrete(interval) => rate(interval),
        FrameIntervalEnum::Stepwise(_) => None,
    });
    rates.collect()
}

/// The other way round: cameras tell the time between two frames.
fn rate(interval: Fraction) -> Option<Rate> {
    let Fraction { numerator, denominator } = interval;
    (numerator > 0 && denominator > 0).then_some(Rate { frames: denominator, seconds: numerator })
}

fn set_format(device: &Device, name: &str, choice: &Choice) -> Result<Format, CameraFault> {
    let code = FourCC::new(&choice.code);
    let wanted = Format::new(choice.size.width, choice.size.height, code);
    let given = device.set_format(&wanted).map_err(|error| fault(name, "set", &error))?;
    if given.fourcc != code {
        return Err(driver(name, "set", format!("it gives {} where {code} was agreed", given.fourcc)));
    }
    Ok(given)
}

/// Asks for a rate and answers with the one that the camera takes, where it says so. Not every camera can be asked.
fn set_rate(device: &Device, rate_there: Option<Rate>, wanted: u32) -> Option<Rate> {
    let Rate { frames, seconds } = rate_there.unwrap_or(Rate { frames: wanted, seconds: 1 });
    let taken = device.set_params(&Parameters::new(Fraction::new(seconds, frames)));
    taken.or_else(|_| device.params()).ok().and_then(|taken| rate(taken.interval))
}

fn about(path: &Path, choice: &Choice, size: Size, rate: Option<Rate>) -> String {
    let title = Places::system().title(path);
    let rate = rate.map(|rate| format!(", {rate} frames a second")).unwrap_or_default();
    format!("{title}: {}, {}×{}{rate}", choice.format.name(), size.width, size.height)
}

fn fault(name: &str, verb: &'static str, error: &io::Error) -> CameraFault {
    let name = name.to_owned();
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::NotFound, _) | (_, Some(ENODEV | ENXIO)) => CameraFault::Unplugged,
        (ErrorKind::PermissionDenied, _) => CameraFault::NotAllowed { name },
        (ErrorKind::ResourceBusy, _) => CameraFault::Busy { name },
        (ErrorKind::TimedOut, _) => CameraFault::Silent,
        _ => driver(&name, verb, error.to_string()),
    }
}

fn driver(name: &str, verb: &'static str, message: String) -> CameraFault {
    CameraFault::Driver { name: name.to_owned(), verb, message }
}
