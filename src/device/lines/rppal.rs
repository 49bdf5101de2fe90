//! A Raspberry Pi's lines through its registers: rppal. It is archived, and drives every model up to the Pi 5.
//!
//! An output gets its level before it becomes an output (rppal's `into_output_high` and `into_output_low` write the latch,
//! then the mode), and is not reset: rppal would make it an input again, which the processor's resistors pull. Only one
//! that was on trial and is given back is.

use std::thread;
use std::time::Duration;

use rppal::gpio::{Error, Gpio, InputPin, Level as Wire, Mode, OutputPin, Pin};

use super::alone::Hold;
use super::{Before, Chip, Claim, DeviceFault, Inputs, Level, Output, USER, header};

/// How often inputs are looked at: a press of 30 ms is seen, and the processor sleeps in between.
const POLL: Duration = Duration::from_millis(10);

struct Registers {
    gpio: Gpio,
    hold: Hold,
    /// The same lines, of which the kernel says who has asked it for them.
    kernel: Option<gpiocdev::Chip>,
}

struct OutputLine {
    /// Until it is given back.
    pin: Option<OutputPin>,
    _hold: Hold,
}

struct InputLines(Vec<InputPin>);

/// The registers, where no other process of ours has them.
pub fn open(claim: Claim) -> Result<Box<dyn Chip>, DeviceFault> {
    let fault = |message| DeviceFault::Line { place: "the pin header".to_owned(), message };
    let hold = Hold::of(claim).map_err(fault)?;
    let gpio = Gpio::new().map_err(|error| fault(told(&error)))?;
    Ok(Box::new(Registers { gpio, hold, kernel: header::chip() }))
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
        Ok(Box::new(OutputLine { pin: Some(pin), _hold: self.hold.clone() }))
    }

    fn before(&mut self, number: u32) -> Result<Before, String> {
        let pin = self.pin(number)?;
        Ok(if pin.mode() == Mode::Output { Before::Output(level(pin.read())) } else { Before::Input })
    }

    /// The registers do not say. But the kernel says who has asked it, and another greengate that drives them says so.
    fn user(&mut self, number: u32) -> Result<Option<String>, String> {
        self.pin(number)?;
        let known = self.kernel.as_ref().and_then(|chip| chip.line_info(number).ok()).and_then(header::user);
        Ok(known.or_else(|| self.hold.is_elsewhere().then(|| USER.to_owned())))
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
        self.pin.as_mut().ok_or("it was given back")?.write(match level {
            Level::Low => Wire::Low,
            Level::High => Wire::High,
        });
        Ok(())
    }

    fn give_back(&mut self, before: Before) -> Result<(), String> {
        match before {
            Before::Input => {
                if let Some(mut pin) = self.pin.take() {
                    // Now, for nothing is dropped any more where a panic ends the process.
                    pin.set_reset_on_drop(true);
                }
                Ok(())
            }
            Before::Output(level) => self.set(level),
        }
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
