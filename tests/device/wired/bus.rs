//! A bus that remembers what was said on it, and a panel's pins.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{self, OutputPin};
use embedded_hal::i2c::{self, I2c};
use embedded_hal::spi::{self, SpiDevice};

use super::said::{Said, on_i2c};

/// What happens on the wires of one panel.
#[derive(Debug, Default)]
pub struct Heard {
    pub said: Vec<Said>,
    /// The SPI transfers alone, as a kernel sees them.
    pub transfers: Vec<Vec<u8>>,
    is_data: bool,
    /// How the reset pin went.
    pub reset: Vec<bool>,
    /// The backlight's pin, and what had been said when it went there.
    pub backlight: Vec<(bool, usize)>,
    /// From now on nobody answers.
    pub broken: bool,
}

/// The wires, as the panel and the test hold them.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Mutex<Heard>>);

impl Bus {
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().expect("no test panicked")
    }

    /// What was said since this was last asked.
    pub fn take(&self) -> Vec<Said> {
        std::mem::take(&mut self.heard().said)
    }

    pub fn pin(&self, what: What) -> Pin {
        Pin(self.clone(), what)
    }
}

/// Nobody answers.
#[derive(Debug)]
pub struct Silence;

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("No such device or address (os error 6)")
    }
}

impl spi::Error for Silence {
    fn kind(&self) -> spi::ErrorKind {
        spi::ErrorKind::Other
    }
}

impl i2c::Error for Silence {
    fn kind(&self) -> i2c::ErrorKind {
        i2c::ErrorKind::Other
    }
}

impl digital::Error for Silence {
    fn kind(&self) -> digital::ErrorKind {
        digital::ErrorKind::Other
    }
}

pub struct Spi(pub Bus);

impl spi::ErrorType for Spi {
    type Error = Silence;
}

impl SpiDevice for Spi {
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), Silence> {
        let mut heard = self.0.heard();
        if heard.broken {
            return Err(Silence);
        }
        for operation in operations {
            let spi::Operation::Write(bytes) = operation else { panic!("a panel is only written to") };
            assert!((1..=4096).contains(&bytes.len()), "spidev takes 1 to 4096 bytes, not {}", bytes.len());
            let said = if heard.is_data { Said::Data(bytes.to_vec()) } else { Said::Command(bytes.to_vec()) };
            heard.said.push(said);
            heard.transfers.push(bytes.to_vec());
        }
        Ok(())
    }
}

pub struct Wire(pub Bus, pub u8);

impl i2c::ErrorType for Wire {
    type Error = Silence;
}

impl I2c for Wire {
    fn transaction(&mut self, address: u8, operations: &mut [i2c::Operation<'_>]) -> Result<(), Silence> {
        let mut heard = self.0.heard();
        if heard.broken || address != self.1 {
            return Err(Silence);
        }
        for operation in operations {
            let i2c::Operation::Write(bytes) = operation else { panic!("a panel is only written to") };
            heard.said.push(on_i2c(bytes));
        }
        Ok(())
    }
}

/// What a pin is for.
#[derive(Clone, Copy)]
pub enum What {
    DataOrCommand,
    Reset,
    Backlight,
}

pub struct Pin(Bus, What);

impl digital::ErrorType for Pin {
    type Error = Silence;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Silence> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Silence> {
        self.set(true);
        Ok(())
    }
}

impl Pin {
    fn set(&self, high: bool) {
        let mut heard = self.0.heard();
        match self.1 {
            What::DataOrCommand => heard.is_data = high,
            What::Reset => heard.reset.push(high),
            What::Backlight => {
                let said = heard.said.len();
                heard.backlight.push((high, said));
            }
        }
    }
}

/// Time that passes at once.
pub struct NoDelay;

impl DelayNs for NoDelay {
    fn delay_ns(&mut self, _: u32) {}
}
