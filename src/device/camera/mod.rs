//! Where frames come from.

mod folder;
mod mjpeg;
mod stream;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use self::folder::Folder;
use self::stream::Stream;
use super::{DeviceFault, VirtualBoard};
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
}

enum Source {
    Panel { board: VirtualBoard, pace: Pace },
    Folder { folder: Folder, pace: Pace },
    Stream(Stream),
}

impl Camera {
    pub(super) fn panel(board: VirtualBoard, rate: u32) -> Self {
        Self { source: Source::Panel { board, pace: Pace::new(rate) } }
    }

    pub(super) fn folder(path: &Path, rate: u32, repeat: bool) -> Result<Self, DeviceFault> {
        Ok(Self { source: Source::Folder { folder: Folder::open(path, repeat)?, pace: Pace::new(rate) } })
    }

    pub(super) fn stream(path: &Path) -> Result<Self, DeviceFault> {
        Ok(Self { source: Source::Stream(Stream::open(path)?) })
    }

    /// Waits for the next frame and puts it into `into`, whose memory is used again.
    ///
    /// # Errors
    /// The camera is lost; ask again later.
    pub fn frame(&mut self, into: &mut GreyImage) -> Result<Frame, DeviceFault> {
        match &mut self.source {
            Source::Panel { board, pace } => {
                pace.wait();
                board.photograph(into)
            }
            Source::Folder { folder, pace } => {
                pace.wait();
                folder.next(into)
            }
            Source::Stream(stream) => stream.next(into),
        }
    }

    /// Whether it goes on while nobody looks; a recording waits.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self.source, Source::Panel { .. })
    }
}

/// Keeps a rate without drifting, and without catching up after a pause.
#[derive(Debug)]
struct Pace {
    period: Duration,
    next: Instant,
}

impl Pace {
    fn new(rate: u32) -> Self {
        Self { period: Duration::from_secs(1) / rate.max(1), next: Instant::now() }
    }

    fn wait(&mut self) {
        thread::sleep(self.next.saturating_duration_since(Instant::now()));
        self.next = (self.next + self.period).max(Instant::now());
    }
}
