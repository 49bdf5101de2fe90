//! Colour panels on SPI whose controllers have the MIPI display command set: ILI9341, ST7789, ST7735.

use std::fmt::Display;
use std::ops::Range;

use embedded_graphics::pixelcolor::Rgb565;
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::OutputPin;
use embedded_hal::spi::SpiDevice;
use mipidsi::interface::{Interface, InterfaceKind};
use mipidsi::models::{ILI9341Rgb565, Model, ST7735s, ST7789};
use mipidsi::options::{ColorInversion, ColorOrder, Orientation, Rotation as Turn};
use mipidsi::{Builder, InitError, NoResetPin};

use super::super::Surface;
use super::pixels::level;
use crate::device::Unshown;
use crate::rules::board::{Rotation, Size, SpiDisplay, SpiModel};
use crate::rules::image::ScreenImage;

/// Bytes that are handed to the bus at once: what `spidev` takes unless the kernel is told otherwise.
const TRANSFER: usize = 4096;
/// How long the reset pin is low and how long the controller needs afterwards; its data sheets ask for 10 µs and 120 ms.
const RESET_MS: (u32, u32) = (1, 120);

/// A panel on the bus, set up, black and unlit. `pins` are reset and backlight.
///
/// # Errors
/// What the bus says.
pub fn mipi<SPI, PIN>(
    panel: &SpiDisplay,
    spi: SPI,
    dc: PIN,
    pins: (Option<PIN>, Option<PIN>),
    delay: &mut impl DelayNs,
) -> Result<Box<dyn Surface>, Unshown>
where
    SPI: SpiDevice<Error: Display> + Send + 'static,
    PIN: OutputPin<Error: Display> + Send + 'static,
{
    let bus = Wires { spi, dc, buffer: Vec::with_capacity(TRANSFER) };
    match panel.model {
        SpiModel::Ili9341 => Panel::open(panel, ILI9341Rgb565, bus, pins, delay),
        SpiModel::St7789 => Panel::open(panel, ST7789, bus, pins, delay),
        SpiModel::St7735 => Panel::open(panel, ST7735s, bus, pins, delay),
    }
}

struct Panel<SPI: SpiDevice<Error: Display>, PIN: OutputPin<Error: Display>, M: Model<ColorFormat = Rgb565>> {
    display: mipidsi::Display<Wires<SPI, PIN>, M, NoResetPin>,
    /// Kept, because a pin that nobody holds floats.
    _reset: Option<PIN>,
    backlight: Option<PIN>,
    name: String,
    size: Size,
}

impl<SPI, PIN, M> Panel<SPI, PIN, M>
where
    SPI: SpiDevice<Error: Display> + Send + 'static,
    PIN: OutputPin<Error: Display> + Send + 'static,
    M: Model<ColorFormat = Rgb565> + Send + 'static,
{
    fn open(
        panel: &SpiDisplay,
        model: M,
        bus: Wires<SPI, PIN>,
        (mut reset, mut backlight): (Option<PIN>, Option<PIN>),
        delay: &mut impl DelayNs,
    ) -> Result<Box<dyn Surface>, Unshown> {
        let name = format!("{} on `/dev/spidev{}.{}`", panel.model.name(), panel.bus, panel.select);
        // What an earlier program has left there is seen by nobody.
        switch(backlight.as_mut(), false, &name)?;
        if let Some(pin) = &mut reset {
            pin.set_low().map_err(|error| silent(&name, &error))?;
            delay.delay_ms(RESET_MS.0);
            pin.set_high().map_err(|error| silent(&name, &error))?;
            delay.delay_ms(RESET_MS.1);
        }
        let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
        let turn = match panel.rotation {
            Rotation::None => Turn::Deg0,
            Rotation::Quarter => Turn::Deg90,
            Rotation::Half => Turn::Deg180,
            Rotation::ThreeQuarters => Turn::Deg270,
        };
        let display = Builder::new(model, bus)
            .display_size(side(panel.panel.width), side(panel.panel.height))
            .display_offset(side(panel.offset.0), side(panel.offset.1))
            .orientation(Orientation::new().rotate(turn))
            .color_order(if panel.bgr { ColorOrder::Bgr } else { ColorOrder::Rgb })
            .invert_colors(if panel.invert { ColorInversion::Inverted } else { ColorInversion::Normal })
            .init(delay)
            .map_err(|error| match error {
                InitError::Interface(error) => silent(&name, &error),
                // The board was checked against what mipidsi takes.
                InitError::ResetPin(_) | InitError::InvalidConfiguration(_) => silent(&name, &format!("{error:?}")),
            })?;
        let size = panel.rotation.picture(panel.panel);
        let mut panel = Self { display, _reset: reset, backlight, name, size };
        panel.blacken()?;
        Ok(Box::new(panel))
    }

    fn blacken(&mut self) -> Result<(), Unshown> {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let black = ScreenImage { width, height, rgb: vec![0; width * height * 3] };
        self.put(&black, std::slice::from_ref(&(0..height)))
    }
}

impl<SPI, PIN, M> Surface for Panel<SPI, PIN, M>
where
    SPI: SpiDevice<Error: Display> + Send,
    PIN: OutputPin<Error: Display> + Send,
    M: Model<ColorFormat = Rgb565> + Send,
{
    fn size(&self) -> Size {
        self.size
    }

    fn put(&mut self, picture: &ScreenImage, rows: &[Range<usize>]) -> Result<(), Unshown> {
        let side = |pixels: usize| u16::try_from(pixels).unwrap_or(u16::MAX);
        let span = picture.width * 3;
        for rows in rows {
            let (right, bottom) = (side(picture.width.saturating_sub(1)), side(rows.end.saturating_sub(1)));
            let pixels = picture.rgb[rows.start * span..rows.end * span].chunks_exact(3).map(rgb565);
            let put = self.display.set_pixels(0, side(rows.start), right, bottom, pixels);
            put.map_err(|error| silent(&self.name, &error))?;
        }
        Ok(())
    }

    fn light(&mut self, lit: bool) -> Result<(), Unshown> {
        switch(self.backlight.as_mut(), lit, &self.name)
    }
}

fn switch<PIN: OutputPin<Error: Display>>(backlight: Option<&mut PIN>, lit: bool, name: &str) -> Result<(), Unshown> {
    let Some(pin) = backlight else { return Ok(()) };
    pin.set_state(lit.into()).map_err(|error| silent(name, &error))
}

fn rgb565(rgb: &[u8]) -> Rgb565 {
    let level = |value, bits| u8::try_from(level(value, bits)).unwrap_or(u8::MAX);
    Rgb565::new(level(rgb[0], 5), level(rgb[1], 6), level(rgb[2], 5))
}

/// It goes on showing what it has.
fn silent(name: &str, error: &impl Display) -> Unshown {
    let message = format!("the display {name} does not follow: {error}; check its wires, and restart the box");
    Unshown { message, is_dark: false }
}

/// SPI and the pin that tells commands from data. mipidsi has such a thing too, which borrows its buffer for ever.
struct Wires<SPI, DC> {
    spi: SPI,
    dc: DC,
    buffer: Vec<u8>,
}

impl<SPI: SpiDevice<Error: Display>, DC: OutputPin<Error: Display>> Wires<SPI, DC> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        // An empty transfer is one all the same, for the kernel.
        if bytes.is_empty() { Ok(()) } else { self.spi.write(bytes).map_err(|error| error.to_string()) }
    }

    fn send_all<const N: usize>(&mut self, pixels: impl IntoIterator<Item = [u8; N]>) -> Result<(), String> {
        let mut pixels = pixels.into_iter();
        let mut buffer = std::mem::take(&mut self.buffer);
        loop {
            buffer.clear();
            buffer.extend(pixels.by_ref().take(TRANSFER / N).flatten());
            if buffer.is_empty() {
                self.buffer = buffer;
                return Ok(());
            }
            self.write(&buffer)?;
        }
    }
}

impl<SPI: SpiDevice<Error: Display>, DC: OutputPin<Error: Display>> Interface for Wires<SPI, DC> {
    type Word = u8;
    /// What the bus or the pin says.
    type Error = String;

    const KIND: InterfaceKind = InterfaceKind::Serial4Line;

    fn send_command(&mut self, command: u8, args: &[u8]) -> Result<(), String> {
        self.dc.set_low().map_err(|error| error.to_string())?;
        self.write(&[command])?;
        self.dc.set_high().map_err(|error| error.to_string())?;
        self.write(args)
    }

    fn send_pixels<const N: usize>(&mut self, pixels: impl IntoIterator<Item = [u8; N]>) -> Result<(), String> {
        self.send_all(pixels)
    }

    fn send_repeated_pixel<const N: usize>(&mut self, pixel: [u8; N], count: u32) -> Result<(), String> {
        self.send_all((0..count).map(|_| pixel))
    }
}
