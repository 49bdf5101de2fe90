//! What the box is: a checked board.

mod camera;
mod display;
mod header;
mod signals;

use jiff::civil::Date;

pub use camera::{Area, Camera, Frames, Nokhwa, NokhwaDevice, PixelFormat, Rpicam, Setting, V4l2, VideoDevice};
pub use display::{Colours, Display, I2cDisplay, I2cModel, Night, Output, Rotation, SpiDisplay, SpiModel};
pub use header::{HEADER_PINS, HeaderPin, header, pin_of};
pub use signals::{Active, Button, ButtonLines, Buzzer, Driver, Lamps, LightsBoard, Line, SoundBoard};

/// A checked board. `config` makes it from TOML, `device` opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Its file's name without the ending.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// The board whose parts it has where it names none of its own.
    pub based_on: Option<String>,
    /// Who has seen it work; `None` where nobody says so.
    pub verified: Option<Verified>,
    /// Where frames come from.
    pub camera: Camera,
    /// What shows the scenes.
    pub display: Display,
    /// What lights up.
    pub lights: LightsBoard,
    /// What makes tones.
    pub sound: SoundBoard,
    /// What a person presses; the panel of a virtual board has buttons besides.
    pub buttons: Option<ButtonLines>,
}

/// Who has seen a board work, and when. Never more is claimed than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Who, or what.
    pub by: Judge,
    /// When.
    pub on: Date,
}

/// What a board was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// An emulated Raspberry Pi, with a real kernel.
    Emulated,
    /// The bytes that leave for its parts, turned back into pixels and levels.
    ByteStream,
    /// A person who has the box.
    Hardware,
}

/// A wire from a part to the 40-pin header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// What it is for.
    pub name: String,
    /// The pin of the header, 1 to 40.
    pub pin: u8,
    /// Its colour in drawings, as `#rrggbb`.
    pub colour: &'static str,
}

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}
