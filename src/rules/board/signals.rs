//! The board's lights, sound and buttons.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::rules::orders::Lamp;

/// What lights up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LightsBoard {
    /// The panel shows them.
    Panel,
    /// A log line tells every change.
    Log,
    /// Lamps on lines of the processor.
    Lamps(Lamps),
}

/// Three lamps, and what lights the labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lamps {
    /// What drives the lines.
    pub driver: Driver,
    /// At which level they are lit.
    pub active: Active,
    /// What stands between the lines and the lamps.
    pub via: Via,
    /// The line of the red lamp.
    pub red: u32,
    /// The line of the yellow lamp.
    pub yellow: u32,
    /// The line of the green lamp.
    pub green: u32,
    /// The line of a lamp that lights the labels for the camera, as long as the kiosk works.
    pub torch: Option<u32>,
}

/// What makes tones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SoundBoard {
    /// The panel plays them.
    Panel,
    /// A log line tells every tone.
    Log,
    /// The board is mute.
    None,
    /// A buzzer that sounds while its line is active.
    Buzzer(Buzzer),
}

/// An active buzzer: one pitch, on or off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buzzer {
    /// What drives the line.
    pub driver: Driver,
    /// At which level it sounds.
    pub active: Active,
    /// Its line.
    pub buzzer: u32,
}

/// Buttons on lines of the processor. The processor's own resistors hold them at the level of a button that is let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ButtonLines {
    /// What reads the lines.
    pub driver: Driver,
    /// The level of a line whose button is pressed.
    pub active: Active,
    /// Every button and its line.
    pub buttons: Vec<(Button, u32)>,
}

/// What drives lines of the processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Driver {
    /// rppal, which writes a Raspberry Pi's registers itself; lines have their BCM numbers.
    Rppal,
    /// The kernel's GPIO character devices, on any board.
    Gpiocdev {
        /// The device, like `/dev/gpiochip0`.
        chip: PathBuf,
    },
}

/// At which level a part does what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Active {
    /// 3.3 V.
    High,
    /// 0 V, as most relay boards have it.
    Low,
}

/// What stands between a line and its lamp. It changes the wires that the board has, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A resistor: the lamp is an LED.
    Resistor,
    /// A board of MOSFETs, which switches a lamp with a supply of its own.
    Mosfet,
    /// A board of relays, which needs 5 V for itself.
    Relay,
}

impl Via {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Resistor, Self::Mosfet, Self::Relay];

    /// Its name in a board file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resistor => "resistor",
            Self::Mosfet => "mosfet",
            Self::Relay => "relay",
        }
    }
}

/// A button of the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Button {
    /// Starts a delivery, or ends the open one.
    Delivery,
    /// Lights the lamps one after the other.
    LampTest,
    /// Asks for the newest list at once.
    Sync,
    /// The item on the screen, drawn for review, is as it should be.
    ReviewPassed,
    /// It is not.
    ReviewFailed,
}

impl Button {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Delivery, Self::LampTest, Self::Sync, Self::ReviewPassed, Self::ReviewFailed];

    /// Its name in a board file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::LampTest => "lamp_test",
            Self::Sync => "sync",
            Self::ReviewPassed => "review_passed",
            Self::ReviewFailed => "review_failed",
        }
    }
}

/// A line of the processor that one of these parts uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What drives or reads it.
    pub driver: &'a Driver,
    /// Its number.
    pub number: u32,
    /// What it is for: its name in the board file.
    pub name: &'static str,
    /// At which level its part does what it is for.
    pub active: Active,
}

impl Lamps {
    /// The line of a lamp.
    #[must_use]
    pub const fn line(&self, lamp: Lamp) -> Line<'_> {
        let (name, number) = match lamp {
            Lamp::Red => ("red", self.red),
            Lamp::Yellow => ("yellow", self.yellow),
            Lamp::Green => ("green", self.green),
        };
        Line { driver: &self.driver, number, name, active: self.active }
    }

    /// The line of the torch.
    #[must_use]
    pub fn torch_line(&self) -> Option<Line<'_>> {
        Some(Line { driver: &self.driver, number: self.torch?, name: "torch", active: self.active })
    }
}

impl LightsBoard {
    /// The lines of the lamps and of the torch.
    #[must_use]
    pub fn lines(&self) -> Vec<Line<'_>> {
        match self {
            Self::Panel | Self::Log => Vec::new(),
            Self::Lamps(lamps) => {
                Lamp::ALL.map(|lamp| lamps.line(lamp)).into_iter().chain(lamps.torch_line()).collect()
            }
        }
    }
}

impl SoundBoard {
    /// The buzzer's line.
    #[must_use]
    pub const fn line(&self) -> Option<Line<'_>> {
        match self {
            Self::Panel | Self::Log | Self::None => None,
            Self::Buzzer(Buzzer { driver, active, buzzer }) => {
                Some(Line { driver, number: *buzzer, name: "buzzer", active: *active })
            }
        }
    }
}

impl ButtonLines {
    /// The buttons' lines.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let line = |(button, number): &(Button, u32)| Line {
            driver: &self.driver,
            number: *number,
            name: button.name(),
            active: self.active,
        };
        self.buttons.iter().map(line)
    }
}
