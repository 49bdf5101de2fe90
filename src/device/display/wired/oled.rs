//! Black-and-white panels of 128×64 on I²C: SSD1306 and SH1106.
//!
//! Both are written to in page addressing, the one way that an SH1106 has: a page is eight rows, a byte is a column of it
//! with the top row in its lowest bit. Commands are those of the data sheets (Solomon Systech SSD1306, rev. 1.1, and Sino
//! Wealth SH1106, rev. 2.3). The crates that there are for them either bring dependencies that nobody keeps, or write all of
//! a picture each time.

use std::fmt::Display;
use std::ops::Range;

use embedded_hal::i2c::I2c;

use super::super::Surface;
use crate::device::Unshown;
use crate::rules::board::{I2cDisplay, I2cModel, Size};
use crate::rules::image::ScreenImage;

/// Rows of a page.
const PAGE: usize = 8;
const WIDTH: usize = I2cDisplay::PANEL.width as usize;
const PAGES: usize = I2cDisplay::PANEL.height as usize / PAGE;

/// What follows the address tells what follows it: commands, or bytes for the memory.
const COMMANDS: u8 = 0x00;
const DATA: u8 = 0x40;

const OFF: u8 = 0xAE;
const ON: u8 = 0xAF;

/// What both are told: oscillator, 64 rows, no offset, first line 0, column 0 and row 0 at the top left, pins of the rows,
/// time to charge, level to which pixels are discharged, picture from the memory, not inverted.
const SET_UP: [u8; 17] =
    [0xD5, 0x80, 0xA8, 0x3F, 0xD3, 0x00, 0x40, 0xA1, 0xC8, 0xDA, 0x12, 0xD9, 0xF1, 0xDB, 0x40, 0xA4, 0xA6];

/// A panel on the bus, not turned.
pub struct Oled<I2C> {
    bus: I2C,
    address: u8,
    /// The column of the controller's memory that is the panel's first.
    column: u8,
    lit: bool,
    name: String,
}

impl<I2C: I2c<Error: Display>> Oled<I2C> {
    /// Sets the panel up, black and lit.
    ///
    /// # Errors
    /// It does not answer.
    pub fn open(bus: I2C, panel: &I2cDisplay) -> Result<Self, Unshown> {
        let name = format!("{} on `/dev/i2c-{}` at {:#x}", panel.model.name(), panel.bus, panel.address);
        // Page addressing and the charge pump; an SH1106 addresses by pages anyway, and calls its pump otherwise.
        let (column, own): (u8, &[u8]) = match panel.model {
            I2cModel::Ssd1306 => (0, &[0x20, 0x02, 0x8D, 0x14]),
            I2cModel::Sh1106 => (2, &[0xAD, 0x8B]),
        };
        let mut oled = Self { bus, address: panel.address, column, lit: true, name };
        let contrast = u8::try_from(panel.brightness * 255 / 100).unwrap_or(u8::MAX);
        // Black before it is lit: what an earlier program has left in its memory is seen by nobody.
        oled.commands(&[&[OFF], own, &SET_UP, &[0x81, contrast]].concat())?;
        (0..PAGES).try_for_each(|page| oled.page(page, &[0; WIDTH]))?;
        oled.commands(&[ON])?;
        Ok(oled)
    }

    fn page(&mut self, page: usize, columns: &[u8; WIDTH]) -> Result<(), Unshown> {
        let row = 0xB0 | u8::try_from(page).unwrap_or_default();
        self.commands(&[row, self.column & 0x0F, 0x10 | self.column >> 4])?;
        self.send(DATA, columns)
    }

    fn commands(&mut self, commands: &[u8]) -> Result<(), Unshown> {
        self.send(COMMANDS, commands)
    }

    fn send(&mut self, kind: u8, bytes: &[u8]) -> Result<(), Unshown> {
        self.bus.write(self.address, &[&[kind], bytes].concat()).map_err(|error| {
            let message =
                format!("the display {} does not answer: {error}; check its wires and its address", self.name);
            // One that has lost only a wire of the bus goes on showing what it has.
            Unshown { message, is_dark: false }
        })
    }
}

impl<I2C: I2c<Error: Display> + Send> Surface for Oled<I2C> {
    fn size(&self) -> Size {
        I2cDisplay::PANEL
    }

    fn put(&mut self, picture: &ScreenImage, rows: &[Range<usize>]) -> Result<(), Unshown> {
        let changed = |page: &usize| rows.iter().any(|rows| rows.start < (page + 1) * PAGE && page * PAGE < rows.end);
        (0..PAGES).filter(changed).try_for_each(|page| self.page(page, &columns(picture, page)))
    }

    fn light(&mut self, lit: bool) -> Result<(), Unshown> {
        self.lit = lit;
        self.commands(&[if lit { ON } else { OFF }])
    }

    /// Repeats what it was told last: nobody acknowledges that for an absent panel.
    fn check(&mut self) -> Result<(), Unshown> {
        self.light(self.lit)
    }
}

/// A page as the controller takes it. Pictures for it are black and white.
fn columns(picture: &ScreenImage, page: usize) -> [u8; WIDTH] {
    let mut columns = [0; WIDTH];
    for (bit, row) in picture.rgb.chunks_exact(WIDTH * 3).skip(page * PAGE).take(PAGE).enumerate() {
        for (column, rgb) in columns.iter_mut().zip(row.chunks_exact(3)) {
            *column |= u8::from(rgb[1] >= 128) << bit;
        }
    }
    columns
}
