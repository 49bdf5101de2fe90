//! Displays on a wire: monitors, framebuffers, and panels on SPI and I²C.

mod framebuffer;
mod mipi;
mod monitor;
mod oled;
mod pixels;
mod turned;

use std::io;
use std::thread;
use std::time::Duration;

use embedded_hal::delay::DelayNs;
use rppal::gpio::{self, Gpio, OutputPin};
use rppal::i2c::{self, I2c};
use rppal::spi::{self, Bus, Mode, SimpleHalSpiDevice, SlaveSelect, Spi};

pub use self::framebuffer::{Framebuffer, Geometry};
pub use self::mipi::mipi;
pub use self::oled::Oled;
pub use self::pixels::{Bits, PixelFormat, level};
pub use self::turned::Turned;
use super::{Opener, Surface};
use crate::device::DeviceFault;
use crate::rules::board::{I2cDisplay, Output, Rotation, SpiDisplay};

/// Opens the display of a board that is on a wire, as often as it takes.
#[must_use]
pub fn opener(output: Output) -> Opener {
    Box::new(move || open(&output))
}

fn open(output: &Output) -> Result<Box<dyn Surface>, DeviceFault> {
    match output {
        Output::Panel | Output::Png { .. } => unreachable!("no wire leads to it"),
        Output::Hdmi { device, mode, rotation } => turned(monitor::open(device.as_deref(), *mode)?, *rotation),
        Output::Framebuffer { path, rotation } => turned(Box::new(Framebuffer::open(path)?), *rotation),
        Output::Spi(panel) => spi_panel(panel),
        Output::I2c(panel) => turned(Box::new(Oled::open(i2c_bus(panel)?, panel)?), panel.rotation),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "stands at the end of what may fail")]
fn turned(surface: Box<dyn Surface>, rotation: Rotation) -> Result<Box<dyn Surface>, DeviceFault> {
    Ok(Box::new(Turned::new(surface, rotation)))
}

fn spi_panel(panel: &SpiDisplay) -> Result<Box<dyn Surface>, DeviceFault> {
    let bus = [Bus::Spi0, Bus::Spi1, Bus::Spi2, Bus::Spi3, Bus::Spi4, Bus::Spi5, Bus::Spi6];
    let select = [SlaveSelect::Ss0, SlaveSelect::Ss1, SlaveSelect::Ss2];
    let device = format!("/dev/spidev{}.{}", panel.bus, panel.select);
    let (bus, select) = (bus[usize::from(panel.bus)], select[usize::from(panel.select)]);
    let spi = Spi::new(bus, select, panel.mhz * 1_000_000, Mode::Mode0).map_err(|error| {
        let help = "switch the bus on with `dtparam=spi=on` in `config.txt`, and restart";
        if let spi::Error::Io(error) = error {
            refused(&device, &error, "spi", help)
        } else {
            closed(&device, error.to_string())
        }
    })?;
    let gpio = Gpio::new().map_err(|error| pin_fault("GPIO", &error))?;
    let pin = |number: u8| -> Result<OutputPin, DeviceFault> {
        let pin = gpio.get(number).map_err(|error| pin_fault(&format!("GPIO {number}"), &error))?;
        let mut pin = pin.into_output();
        // A backlight without a level may be lit, and a panel without one may be reset.
        pin.set_reset_on_drop(false);
        Ok(pin)
    };
    let dc = pin(panel.dc)?;
    let pins = (panel.reset.map(&pin).transpose()?, panel.backlight.map(&pin).transpose()?);
    Ok(mipi(panel, SimpleHalSpiDevice::new(spi), dc, pins, &mut Sleep)?)
}

fn i2c_bus(panel: &I2cDisplay) -> Result<I2c, DeviceFault> {
    let device = format!("/dev/i2c-{}", panel.bus);
    I2c::with_bus(panel.bus).map_err(|error| {
        let help = "switch the bus on with `dtparam=i2c_arm=on` in `config.txt`, and restart";
        if let i2c::Error::Io(error) = error {
            refused(&device, &error, "i2c", help)
        } else {
            closed(&device, error.to_string())
        }
    })
}

fn pin_fault(name: &str, error: &gpio::Error) -> DeviceFault {
    let help = match error {
        gpio::Error::PermissionDenied(_) => "; add the user to the group `gpio`, and restart",
        gpio::Error::UnknownModel => "; this machine is no Raspberry Pi",
        gpio::Error::PinUsed(_) => "; another part of the board has it",
        gpio::Error::PinNotAvailable(_) | gpio::Error::Io(_) | gpio::Error::ThreadPanic => "",
    };
    closed(name, format!("{error}{help}"))
}

/// A device that the system does not open, and what to do.
fn refused(name: &str, error: &io::Error, group: &str, absent: &str) -> DeviceFault {
    let help = if error.kind() == io::ErrorKind::PermissionDenied {
        format!("; add the user to the group `{group}`, and restart")
    } else if error.kind() == io::ErrorKind::NotFound {
        format!("; {absent}")
    } else {
        String::new()
    };
    closed(name, format!("{error}{help}"))
}

fn closed(name: &str, message: String) -> DeviceFault {
    DeviceFault::Closed { part: "display", name: name.to_owned(), message }
}

/// Waits by sleeping.
struct Sleep;

impl DelayNs for Sleep {
    fn delay_ns(&mut self, ns: u32) {
        thread::sleep(Duration::from_nanos(ns.into()));
    }
}
