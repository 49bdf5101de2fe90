//! A Raspberry Pi's lines through its registers: rppal. It is archived, and drives every model up to the Pi 5.
//!
//! An output gets its level before it becomes an output (rppal's `into_output_high` and `into_output_low` write the latch,
//! then the mode), and is not reset: rppal would make it an input again, which the processor's resistors pull. Only one
//! that was on trial and is given back is.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rppal::gpio::{Error, Gpio, InputPin, Level as Wire, Mode, OutputPin, Pin};

use super::alone::Alone;
use super::{Before, Chip, Claim, DeviceFault, Inputs, Level, Output, USER};

/// Files through which rppal reaches the registers: of the Pi 5, of the others, and of kernels without these.
const REGISTERS: [&str; 3] = ["/dev/gpiomem0", "/dev/gpiomem", "/dev/mem"];
/// How often inputs are looked at: a press of 30 ms is seen, and the processor sleeps in between.
const POLL: Duration = Duration::from_millis(10);

struct Registers {
    gpio: Gpio,
    lock: Arc<Option<Alone>>,
}

struct OutputLine {
    pin: OutputPin,
    _lock: Arc<Option<Alone>>,
}

struct InputLines(Vec<InputPin>);

/// The registers, where no other process of ours has them.
pub fn open(claim: Claim) -> Result<Box<dyn Chip>, DeviceFault> {
    let fault = |message| DeviceFault::Line { place: "the pin header".to_owned(), message };
    let lock = match claim {
        Claim::Alone => Alone::on(&REGISTERS.map(Path::new)).map_err(fault)?,
        Claim::Whatever => None,
    };
    let gpio = Gpio::new().map_err(|error| fault(told(&error)))?;
    Ok(Box::new(Registers { gpio, lock: Arc::new(lock) }))
}

impl Registers {
    fn pin(&self, number: u32) -> Result<Pin, String> {
        let number = u8::try_from(number).map_err(|_| "there is no such line".to_owned())?;
        self.gpio.get(number).map_err(|error| told(&error))
    }
}

impl Chip for Registers {
    fn output(&mut self, number: u32, level: Level) -> Result<Box<dyn Output>, String> {
        let pin = self.pin(number)?;
        let mut pin = match level {
            Level::Low => pin.into_output_low(),
            Level::High => pin.into_output_high(),
        };
        pin.set_reset_on_drop(false);
        Ok(Box::new(OutputLine { pin, _lock: Arc::clone(&self.lock) }))
    }

    fn before(&mut self, number: u32) -> Result<Before, String> {
        let pin = self.pin(number)?;
        Ok(if pin.mode() == Mode::Output { Before::Output(level(pin.read())) } else { Before::Input })
    }

    /// The registers do not say. But another greengate that drives them says so.
    fn user(&mut self, number: u32) -> Result<Option<String>, String> {
        self.pin(number)?;
        let is_ours = self.lock.is_some();
        let is_taken = || Alone::on(&REGISTERS.map(Path::new)).is_err();
        Ok((!is_ours && is_taken()).then(|| USER.to_owned()))
    }

    fn inputs(&mut self, numbers: &[u32], rest: Level) -> Result<Box<dyn Inputs>, String> {
        let pin = |number: &u32| {
            let pin = self.pin(*number)?;
            Ok(match rest {
                Level::Low => pin.into_input_pulldown(),
                Level::High => pin.into_input_pullup(),
            })
        };
        Ok(Box::new(InputLines(numbers.iter().map(pin).collect::<Result<_, String>>()?)))
    }
}

impl Output for OutputLine {
    fn set(&mut self, level: Level) -> Result<(), String> {
        self.pin.write(match level {
            Level::Low => Wire::Low,
            Level::High => Wire::High,
        });
        Ok(())
    }

    fn give_back(&mut self, before: Before) -> Result<(), String> {
        match before {
            // Once it is let go.
            Before::Input => self.pin.set_reset_on_drop(true),
            Before::Output(level) => self.set(level)?,
        }
        Ok(())
    }
}

impl Inputs for InputLines {
    fn levels(&mut self) -> Result<Vec<Level>, String> {
        Ok(self.0.iter().map(|pin| level(pin.read())).collect())
    }

    fn wait(&mut self, at_most: Duration) -> Result<(), String> {
        thread::sleep(at_most.min(POLL));
        Ok(())
    }
}

const fn level(wire: Wire) -> Level {
    match wire {
        Wire::Low => Level::Low,
        Wire::High => Level::High,
    }
}

fn told(error: &Error) -> String {
    match error {
        Error::UnknownModel => {
            "this is no Raspberry Pi that rppal knows; use the kernel's lines, with `gpiocdev` in place of `rppal`"
                .to_owned()
        }
        Error::PinUsed(_) => "another part of the kiosk uses it; give one of them another line".to_owned(),
        Error::PinNotAvailable(_) => "there is no such line".to_owned(),
        Error::PermissionDenied(path) => format!("`{path}` may not be opened; add the user to the group `gpio`"),
        Error::Io(error) => format!("{error}; look whether `/dev/gpiomem` and `/dev/gpiochip0` are there"),
        Error::ThreadPanic => "a thread of rppal ended; start anew".to_owned(),
    }
}
