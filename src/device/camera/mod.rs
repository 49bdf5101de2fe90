//! Where frames come from.

mod folder;
mod jpeg;
mod mjpeg;
mod pace;
mod stream;
mod y4m;

use std::path::Path;

use self::folder::Folder;
use self::pace::Pace;
use self::stream::Stream;
use super::{DeviceClock, DeviceFault, VirtualBoard};
use crate::rules::image::GreyImage;

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

    /// Waits a moment for the next frame and puts it into `into`, whose memory is used again.
    ///
    /// # Errors
    /// The camera is lost; ask again later.
    pub fn frame(&mut self, into: &mut GreyImage) -> Result<Frame, DeviceFault> {
        if !self.pace.is_due() {
            return Ok(Frame::Same);
        }
        let frame = match &mut self.source {
            Source::Panel(board) => board.photograph(into).map(|()| Frame::New),
            Source::Folder(folder) => folder.next(into),
            Source::Stream(stream) => stream.next(into, &mut self.pace),
        };
        if !matches!(frame, Ok(Frame::Same | Frame::Ended)) {
            self.pace.taken();
        }
        frame
    }

    /// Whether it goes on while nobody looks; a recording waits.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self.source, Source::Panel(_))
    }
}
