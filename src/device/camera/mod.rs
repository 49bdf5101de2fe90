//! Where frames come from.

#[cfg(any(test, feature = "pi"))]
mod choice;
mod fault;
mod folder;
mod jpeg;
mod luma;
mod mjpeg;
#[cfg(feature = "pi")]
mod nokhwa;
mod offer;
mod pace;
mod real;
mod rpicam;
mod stream;
mod v4l2;
mod watch;
mod y4m;

use std::path::Path;
use std::time::Duration;

pub use self::fault::CameraFault;
use self::folder::Folder;
pub use self::luma::Layout;
pub use self::offer::{Offer, Rate, Sizes};
use self::pace::Pace;
use self::real::{Opener, Real};
use self::stream::Stream;
pub use self::v4l2::{VideoNode, nodes};
use super::{DeviceClock, DeviceFault, VirtualBoard};
use crate::rules::board::{Nokhwa, Rpicam, V4l2};
use crate::rules::image::GreyImage;

/// A camera that was unplugged is looked for this often.
const PLUGGED_IN: Duration = Duration::from_millis(500);
/// A program that ends again and again is begun anew no less often than this.
const BEGUN_ANEW: Duration = Duration::from_secs(8);

/// What [`Camera::frame`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// There is a new picture.
    New,
    /// There is none yet; ask again.
    Same,
    /// The recording is over.
    Ended,
}

/// An open camera.
pub struct Camera {
    source: Source,
    pace: Pace,
}

enum Source {
    Panel(VirtualBoard),
    Folder(Folder),
    Stream(Stream),
    Real(Real),
}

impl Camera {
    pub(super) fn panel(board: VirtualBoard, rate: u32, clock: DeviceClock) -> Self {
        Self { source: Source::Panel(board), pace: Pace::new(clock, rate) }
    }

    pub(super) fn folder(path: &Path, rate: u32, repeat: bool, clock: DeviceClock) -> Result<Self, DeviceFault> {
        Ok(Self { source: Source::Folder(Folder::open(path, repeat)?), pace: Pace::new(clock, rate) })
    }

    pub(super) fn stream(path: &Path, clock: DeviceClock) -> Result<Self, DeviceFault> {
        // The stream says its own rate with the first frame.
        Ok(Self { source: Source::Stream(Stream::open(path)?), pace: Pace::new(clock, u32::MAX) })
    }

    pub(super) fn v4l2(board: &V4l2, clock: DeviceClock) -> Result<Self, DeviceFault> {
        let real = Real::new(v4l2::opener(board)?, &board.frames, PLUGGED_IN, clock.clone());
        Ok(Self::real(real, clock))
    }

    pub(super) fn rpicam(board: &Rpicam, clock: DeviceClock) -> Self {
        Self::real(Real::new(rpicam::opener(board), &board.frames, BEGUN_ANEW, clock.clone()), clock)
    }

    pub(super) fn nokhwa(board: &Nokhwa, clock: DeviceClock) -> Result<Self, DeviceFault> {
        let real = Real::new(by_nokhwa(board)?, &board.frames, PLUGGED_IN, clock.clone());
        Ok(Self::real(real.that_opens_once(), clock))
    }

    /// It has its own pace.
    fn real(real: Real, clock: DeviceClock) -> Self {
        Self { source: Source::Real(real), pace: Pace::new(clock, u32::MAX) }
    }

    /// Waits a moment for the next frame and puts it into `into`, whose memory is used again.
    ///
    /// # Errors
    /// The camera is lost; ask again later.
    pub fn frame(&mut self, into: &mut GreyImage) -> Result<Frame, DeviceFault> {
        if !matches!(self.source, Source::Real(_)) && !self.pace.is_due() {
            return Ok(Frame::Same);
        }
        let frame = match &mut self.source {
            Source::Panel(board) => board.photograph(into).map(|()| Frame::New),
            Source::Folder(folder) => folder.next(into),
            Source::Stream(stream) => stream.next(into, &mut self.pace),
            Source::Real(real) => return real.next(into),
        };
        if !matches!(frame, Ok(Frame::Same | Frame::Ended)) {
            self.pace.taken();
        }
        frame
    }

    /// Whether it goes on while nobody looks; a recording waits.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self.source, Source::Panel(_) | Source::Real(_))
    }

    /// What a real camera is and what it gives, once it has been open.
    #[must_use]
    pub fn about(&self) -> Option<&str> {
        if let Source::Real(real) = &self.source { real.about() } else { None }
    }
}

#[cfg(feature = "pi")]
#[expect(clippy::unnecessary_wraps, reason = "a program without hardware has none")]
fn by_nokhwa(board: &Nokhwa) -> Result<Opener, DeviceFault> {
    Ok(nokhwa::opener(board))
}

#[cfg(not(feature = "pi"))]
const fn by_nokhwa(_board: &Nokhwa) -> Result<Opener, DeviceFault> {
    Err(DeviceFault::NotBuilt)
}
