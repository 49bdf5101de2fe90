//! What can go wrong with a part of the box, told so that a person can act.

use std::path::{Path, PathBuf};

use super::CameraFault;

/// A part that does not work.
#[derive(Debug, thiserror::Error)]
pub enum DeviceFault {
    /// A file or folder of a virtual part.
    #[error("`{}` cannot be {verb}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        verb: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// A picture that cannot be decoded.
    #[error("`{name}` is not a picture that can be read: {message}; PNG, JPEG and PGM are")]
    Picture {
        /// The file, or what else it is.
        name: String,
        /// Why.
        message: String,
    },
    /// A picture that is larger than anything a camera gives.
    #[error("`{name}` has {found} {unit}, at most {limit} are read; scale it down")]
    TooLarge {
        /// The file, or what else it is.
        name: String,
        /// What it has.
        found: u64,
        /// Of what.
        unit: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A folder without a picture.
    #[error("`{}` has no picture that can be read; put PNG, JPEG or PGM files there", path.display())]
    NoPictures {
        /// The folder.
        path: PathBuf,
    },
    /// A folder with more pictures than are played.
    #[error("`{name}` has more than {limit} pictures; share them among several folders")]
    TooMany {
        /// The folder.
        name: String,
        /// The limit.
        limit: usize,
    },
    /// A screen that does not fit the display.
    #[error(
        "a screen of {found} pixels does not fit the display of {expected}; this is a mistake in the program, report it"
    )]
    ScreenSize {
        /// Its size.
        found: String,
        /// The display's.
        expected: String,
    },
    /// A display that does not show what it was told to; waiting may mend it.
    #[error(transparent)]
    Display(#[from] Unshown),
    /// A part that waiting does not mend.
    #[error("the {part} `{name}` cannot be opened: {message}")]
    Closed {
        /// What it is.
        part: &'static str,
        /// Its name.
        name: String,
        /// Why, and what to do.
        message: String,
    },
    /// A stream that makes no sense.
    #[error("the stream `{name}` {message}")]
    Stream {
        /// The file, or `-`.
        name: String,
        /// What is wrong, and what it should be.
        message: String,
    },
    /// The board has hardware, and the program can do without any only.
    #[error("this program was built without hardware; build it with `--features pi`, or install the package")]
    NotBuilt,
    /// A line of the processor that cannot be had.
    #[error("{place} cannot be used: {message}")]
    Line {
        /// Which.
        place: String,
        /// Why, and what to do.
        message: String,
    },
    /// The buzzer's back end refuses.
    #[error("the buzzer cannot be switched: {message}; check its wires and supply")]
    Buzzer {
        /// Why.
        message: String,
    },
    /// A camera that gives no picture worth a look.
    #[error(transparent)]
    Camera(#[from] CameraFault),
    /// The lights' owner does not answer.
    #[error("the lights do not answer; switch the box off and on")]
    LightsSilent,
    /// The lights' back end refuses.
    #[error("the lights cannot be set: {message}; check their wires and supply")]
    Lights {
        /// Why.
        message: String,
    },
    /// The system gives no thread.
    #[error("the system gives no thread: {0}; close other programs")]
    Thread(#[source] std::io::Error),
}

/// Why a display does not show what it was told to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unshown {
    /// What is wrong, and what to do.
    pub message: String,
    /// Nothing that it was ever told can be seen on it, so nothing on it can contradict the lights. A panel that does not
    /// answer is another thing: it may go on showing the verdict before.
    pub is_dark: bool,
}

impl DeviceFault {
    /// Whether neither waiting nor a person mends it, and only starting the program anew can.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Camera(CameraFault::Stuck { .. }))
    }

    pub(super) fn file(path: &Path, verb: &'static str, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), verb, source }
    }
}
