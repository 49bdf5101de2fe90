//! What the box is: a checked board.

mod camera;
mod display;
mod signals;

pub use camera::{Area, Camera, Frames, PixelFormat, Rpicam, Setting, V4l2, VideoDevice};
pub use display::{Colours, Display, Output};
pub use signals::{Button, LightsBoard, SoundBoard};

/// A checked board. `config` makes it from TOML, `device` opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Its file's name without the ending.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// Where frames come from.
    pub camera: Camera,
    /// What shows the scenes.
    pub display: Display,
    /// What lights up.
    pub lights: LightsBoard,
    /// What makes tones.
    pub sound: SoundBoard,
}

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}
