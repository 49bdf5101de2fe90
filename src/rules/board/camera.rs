//! The board's camera.

use std::fmt;
use std::path::PathBuf;

use super::Size;

/// Where frames come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Camera {
    /// The panel's virtual camera.
    Panel {
        /// Frame size in pixels.
        size: Size,
        /// Frames a second.
        rate: u32,
        /// How long a frame is looked at.
        budget_ms: u32,
    },
    /// Photographs in a folder, one after the other in the order of their names.
    Folder {
        /// The folder.
        path: PathBuf,
        /// Frames a second.
        rate: u32,
        /// Whether it starts again after the last one.
        repeat: bool,
    },
    /// A Y4M or MJPEG stream; `-` is standard input. Its first bytes tell which.
    Stream {
        /// The file.
        path: PathBuf,
        /// How long a frame is looked at.
        budget_ms: u32,
    },
    /// A USB camera, or another one that Linux has below `/dev`.
    V4l2(V4l2),
    /// A USB camera by way of the crate nokhwa, on systems other than Linux too.
    Nokhwa(Nokhwa),
    /// A camera on the Raspberry Pi's ribbon cable, by way of a program that comes with it.
    Rpicam(Rpicam),
}

/// What the frames of a real camera are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frames {
    /// The size to ask for, in pixels.
    pub size: Size,
    /// Frames a second to ask for.
    pub rate: u32,
    /// How long a frame is looked at.
    pub budget_ms: u32,
    /// The part of `size` that is looked at; all of it without.
    pub roi: Option<Area>,
    /// A picture that stays the same to the last bit for this long means a camera that hangs; 0 means nothing.
    pub frozen_ms: u32,
    /// The mains frequency in hertz, 50 or 60: lamps flicker at twice of it.
    pub power_line_hz: Option<u32>,
}

/// A rectangle in a picture, in pixels from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Pixels left of it.
    pub x: u32,
    /// Pixels above it.
    pub y: u32,
    /// Its size.
    pub size: Size,
}

/// A camera that Linux has below `/dev` (V4L2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V4l2 {
    /// Which one.
    pub device: VideoDevice,
    /// What its frames are like.
    pub frames: Frames,
    /// The formats that may be taken. Where several give the size and the rate equally well, the first of them.
    pub formats: Vec<PixelFormat>,
    /// Exposure time in units of 100 µs; as the camera has it without.
    pub exposure: Option<Setting>,
    /// Gain in the camera's own units; as the camera has it without.
    pub gain: Option<u32>,
    /// Focus in the camera's own units; as the camera has it without.
    pub focus: Option<Setting>,
}

/// Which camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VideoDevice {
    /// A path below `/dev`; those in `/dev/v4l/by-id` stay the same whatever else is plugged in.
    Path(PathBuf),
    /// The first camera of this make.
    Usb {
        /// The maker's number.
        vendor: u16,
        /// The maker's number for the model.
        product: u16,
    },
    /// `/dev/video` and this number.
    Index(u32),
}

impl fmt::Display for VideoDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Usb { vendor, product } => write!(f, "usb:{vendor:04x}:{product:04x}"),
            Self::Index(index) => write!(f, "/dev/video{index}"),
        }
    }
}

/// A camera by way of the crate nokhwa.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nokhwa {
    /// Which one.
    pub device: NokhwaDevice,
    /// What its frames are like; it knows nothing of the mains.
    pub frames: Frames,
    /// The formats that may be taken. Where several give the size and the rate equally well, the first of them.
    pub formats: Vec<PixelFormat>,
}

/// Which camera, as nokhwa names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NokhwaDevice {
    /// Its place in the system's order; on Linux the number of `/dev/video0`.
    Index(u32),
    /// What the system calls it; the first one of that name.
    Name(String),
}

impl fmt::Display for NokhwaDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "number {index}"),
            Self::Name(name) => write!(f, "{name}"),
        }
    }
}

/// What the bytes of a frame are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// A byte of brightness for each pixel.
    Grey,
    /// Brightness and colour in turns: every other byte is brightness.
    Yuyv,
    /// All brightness first, then the colour.
    Nv12,
    /// A JPEG for each frame.
    Mjpeg,
}

impl PixelFormat {
    /// Every format, those first that cost least.
    pub const ALL: [Self; 4] = [Self::Grey, Self::Yuyv, Self::Nv12, Self::Mjpeg];

    /// Its name on a board.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Yuyv => "yuyv",
            Self::Nv12 => "nv12",
            Self::Mjpeg => "mjpeg",
        }
    }
}

/// What a camera can do by itself or be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The camera does it.
    Auto,
    /// It is this.
    At(u32),
}

/// A camera on the Raspberry Pi's ribbon cable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rpicam {
    /// The program that brings its frames.
    pub program: PathBuf,
    /// What its frames are like. The width is a multiple of [`Rpicam::ROW`], the height an even number.
    pub frames: Frames,
    /// Exposure time; automatic without.
    pub shutter_us: Option<u32>,
    /// Gain as a factor; automatic without.
    pub gain: Option<u32>,
    /// Distance to focus on; automatic where the lens can, without.
    pub focus_cm: Option<u32>,
}

impl Rpicam {
    /// The program fills rows up to a multiple of so many pixels.
    pub const ROW: u32 = 64;
}

impl Camera {
    /// How long a frame is looked at before the next one; what it had no time for is tried on that. `None` for
    /// photographs, which nothing follows: each is looked at until nothing is left to try.
    #[must_use]
    pub const fn budget_ms(&self) -> Option<u32> {
        match self {
            Self::Panel { budget_ms, .. } | Self::Stream { budget_ms, .. } => Some(*budget_ms),
            Self::V4l2(V4l2 { frames, .. })
            | Self::Nokhwa(Nokhwa { frames, .. })
            | Self::Rpicam(Rpicam { frames, .. }) => Some(frames.budget_ms),
            Self::Folder { .. } => None,
        }
    }
}
