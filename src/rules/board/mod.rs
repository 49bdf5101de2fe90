//! What the box is: a checked board.

mod camera;
mod display;
mod header;
mod signals;

use jiff::civil::Date;

pub use camera::{Area, Camera, Frames, Nokhwa, NokhwaDevice, PixelFormat, Rpicam, Setting, V4l2, VideoDevice};
pub use display::{Colours, Display, I2cDisplay, I2cModel, Night, Output, Rotation, SpiDisplay, SpiModel};
pub use header::{HEADER_PINS, HeaderPin, header, pin_of};
pub use signals::{Active, Button, ButtonLines, Buzzer, Driver, Lamps, LightsBoard, Line, SoundBoard, Via};

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

impl Board {
    /// What people call it: its name, or its title where the file is called as every kiosk's own is.
    #[must_use]
    pub fn called(&self) -> &str {
        if self.name == "board" { &self.title } else { &self.name }
    }

    /// The lines of lamps, torch, buzzer and buttons.
    #[must_use]
    pub fn lines(&self) -> Vec<Line<'_>> {
        let buttons = self.buttons.iter().flat_map(ButtonLines::lines);
        self.lights.lines().into_iter().chain(self.sound.line()).chain(buttons).collect()
    }

    /// Whether any part of it can be touched, so that only somebody who has it knows whether it works.
    #[must_use]
    pub fn has_hardware(&self) -> bool {
        let is_camera = matches!(self.camera, Camera::V4l2(_) | Camera::Nokhwa(_) | Camera::Rpicam(_));
        is_camera || self.display.output.is_wired() || !self.lines().is_empty()
    }
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

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}
