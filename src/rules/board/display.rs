//! The board's display.

use std::path::PathBuf;

use jiff::civil::Time;

use super::Size;

/// What shows the scenes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// How it is reached.
    pub output: Output,
    /// Size in pixels as pictures are drawn for it. A monitor tells its own ([`Output::tells_its_size`]): then this is what
    /// is drawn until it does.
    pub size: Size,
    /// How many colours it has.
    pub colours: Colours,
    /// Width and height of the visible picture in millimetres, if known: legibility is computed from it.
    pub size_mm: Option<(u32, u32)>,
}

/// How a display is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The panel only.
    Panel,
    /// Every new screen is written to this folder as a PNG file; the panel has it too.
    Png {
        /// The folder.
        folder: PathBuf,
    },
    /// A monitor on HDMI, DSI or `DisplayPort`, through the kernel's DRM, or through `/dev/fb0` where there is none.
    Hdmi {
        /// The graphics card, like `/dev/dri/card1`; the first one with a monitor otherwise.
        device: Option<PathBuf>,
        /// The mode, as the monitor has it; the one that it prefers otherwise.
        mode: Option<Size>,
        /// How its picture is turned.
        rotation: Rotation,
    },
    /// A Linux framebuffer.
    Framebuffer {
        /// The device, like `/dev/fb1`.
        path: PathBuf,
        /// How its picture is turned.
        rotation: Rotation,
    },
    /// A small colour panel on SPI.
    Spi(SpiDisplay),
    /// A small black-and-white panel on I²C.
    I2c(I2cDisplay),
}

impl Output {
    /// Whether it is hardware, which goes on showing what it was told.
    #[must_use]
    pub const fn is_wired(&self) -> bool {
        match self {
            Self::Panel | Self::Png { .. } => false,
            Self::Hdmi { .. } | Self::Framebuffer { .. } | Self::Spi(_) | Self::I2c(_) => true,
        }
    }

    /// Whether its size is known only once it is open.
    #[must_use]
    pub const fn tells_its_size(&self) -> bool {
        matches!(self, Self::Hdmi { mode: None, .. } | Self::Framebuffer { .. })
    }

    /// What of it is wired to the header, with BCM numbers.
    #[must_use]
    pub fn pins(&self) -> Vec<(&'static str, u8)> {
        match self {
            Self::Spi(panel) => {
                let own = [("D/C", Some(panel.dc)), ("reset", panel.reset), ("backlight", panel.backlight)];
                let own = own.into_iter().filter_map(|(what, number)| Some((what, number?)));
                panel.bus_pins().into_iter().chain(own).collect()
            }
            Self::I2c(panel) => panel.bus_pins(),
            Self::Panel | Self::Png { .. } | Self::Hdmi { .. } | Self::Framebuffer { .. } => Vec::new(),
        }
    }

    /// When it is dark while nothing happens.
    #[must_use]
    pub const fn night(&self) -> Option<Night> {
        match self {
            Self::Spi(panel) => panel.night,
            Self::I2c(panel) => panel.night,
            Self::Panel | Self::Png { .. } | Self::Hdmi { .. } | Self::Framebuffer { .. } => None,
        }
    }
}

/// A colour panel on SPI. Pins are BCM numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpiDisplay {
    /// Its controller.
    pub model: SpiModel,
    /// The bus: `/dev/spidevBUS.SELECT`.
    pub bus: u8,
    /// The bus's chip select.
    pub select: u8,
    /// The clock in MHz.
    pub mhz: u32,
    /// The pin that tells commands (low) from data (high).
    pub dc: u8,
    /// The reset pin, low while it resets.
    pub reset: Option<u8>,
    /// The pin of the backlight, high while it is lit.
    pub backlight: Option<u8>,
    /// The panel's own size, as its maker has it.
    pub panel: Size,
    /// Columns and rows of the controller's memory that lie before the panel.
    pub offset: (u32, u32),
    /// How the picture is turned.
    pub rotation: Rotation,
    /// The panel shows colours inverted, and is told to invert them again.
    pub invert: bool,
    /// The panel has blue and red in each other's place.
    pub bgr: bool,
    /// When the backlight is off while nothing happens.
    pub night: Option<Night>,
}

impl SpiDisplay {
    /// What the pin is called that selects the panel among others on the bus.
    pub const SELECT: &str = "SPI select";

    /// The pins of its bus, with BCM numbers. MISO is not among them: a panel is only written to, and some boards have D/C
    /// there.
    #[must_use]
    pub fn bus_pins(&self) -> Vec<(&'static str, u8)> {
        let (data, clock, selects) = match self.bus {
            0 => (10, 11, [8, 7].as_slice()),
            1 => (20, 21, [18, 17, 16].as_slice()),
            // Others exist on few models, on pins that their overlays choose.
            _ => return Vec::new(),
        };
        let select = selects.get(usize::from(self.select)).map(|number| (Self::SELECT, *number));
        [("SPI data", data), ("SPI clock", clock)].into_iter().chain(select).collect()
    }
}

/// The controller of a colour panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpiModel {
    /// Ilitek ILI9341.
    Ili9341,
    /// Sitronix ST7789.
    St7789,
    /// Sitronix ST7735S.
    St7735,
}

impl SpiModel {
    /// Its name in a board file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ili9341 => "ili9341",
            Self::St7789 => "st7789",
            Self::St7735 => "st7735",
        }
    }

    /// Columns and rows of its memory (data sheets); a panel shows a part of them.
    #[must_use]
    pub const fn memory(self) -> Size {
        match self {
            Self::Ili9341 | Self::St7789 => Size { width: 240, height: 320 },
            Self::St7735 => Size { width: 132, height: 162 },
        }
    }
}

/// A black-and-white panel of 128×64 on I²C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct I2cDisplay {
    /// Its controller.
    pub model: I2cModel,
    /// The bus: `/dev/i2c-BUS`.
    pub bus: u8,
    /// The 7-bit address.
    pub address: u8,
    /// How the picture is turned.
    pub rotation: Rotation,
    /// From 1 to 100 per cent.
    pub brightness: u32,
    /// When it is off while nothing happens.
    pub night: Option<Night>,
}

impl I2cDisplay {
    /// The panel's own size.
    pub const PANEL: Size = Size { width: 128, height: 64 };

    /// The pins of its bus, with BCM numbers, where every model has them.
    #[must_use]
    pub fn bus_pins(&self) -> Vec<(&'static str, u8)> {
        if self.bus == 1 { vec![("I²C data", 2), ("I²C clock", 3)] } else { Vec::new() }
    }
}

/// The controller of a black-and-white panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum I2cModel {
    /// Solomon SSD1306.
    Ssd1306,
    /// Sino Wealth SH1106: 132 columns, of which a panel shows the 128 in the middle.
    Sh1106,
}

impl I2cModel {
    /// Its name in a board file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssd1306 => "ssd1306",
            Self::Sh1106 => "sh1106",
        }
    }
}

/// How far a picture is turned clockwise on its panel, which hangs turned as far the other way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// Not at all.
    #[default]
    None,
    /// 90 degrees.
    Quarter,
    /// 180 degrees: upside down.
    Half,
    /// 270 degrees.
    ThreeQuarters,
}

impl Rotation {
    /// All, in the order of their angles.
    pub const ALL: [Self; 4] = [Self::None, Self::Quarter, Self::Half, Self::ThreeQuarters];

    /// Degrees clockwise.
    #[must_use]
    pub const fn degrees(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }

    /// The size of a picture that fills a panel of `panel` when it is turned.
    #[must_use]
    pub const fn picture(self, panel: Size) -> Size {
        match self {
            Self::None | Self::Half => panel,
            Self::Quarter | Self::ThreeQuarters => Size { width: panel.height, height: panel.width },
        }
    }
}

/// The hours in which a display is dark while nothing happens, by the site's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Night {
    /// Its first minute.
    pub from: Time,
    /// The minute at which it is over; earlier than `from` is on the next day.
    pub to: Time,
}

impl Night {
    /// Whether it is night at `time`.
    #[must_use]
    pub fn covers(&self, time: Time) -> bool {
        let (begun, over) = (self.from <= time, self.to <= time);
        if self.from <= self.to { begun && !over } else { begun || !over }
    }
}

/// How many colours a display has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Black and white.
    Mono,
    /// 24 or 16 bits.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night(from: i8, to: i8) -> Night {
        Night { from: Time::constant(from, 0, 0, 0), to: Time::constant(to, 0, 0, 0) }
    }

    #[test]
    fn a_night_ends_on_the_next_day_or_on_the_same() {
        let at = |hour, minute| Time::constant(hour, minute, 0, 0);
        let over_midnight = night(22, 5);
        for (time, dark) in
            [(at(21, 59), false), (at(22, 0), true), (at(0, 0), true), (at(4, 59), true), (at(5, 0), false)]
        {
            assert_eq!(over_midnight.covers(time), dark, "{time}");
        }
        let early = night(1, 5);
        for (time, dark) in
            [(at(0, 59), false), (at(1, 0), true), (at(4, 59), true), (at(5, 0), false), (at(23, 0), false)]
        {
            assert_eq!(early.covers(time), dark, "{time}");
        }
    }
}
