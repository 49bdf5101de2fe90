//! Lines through the kernel's GPIO character devices, on any board: gpiocdev.
//!
//! The kernel gives a line to one program, with its first level, and takes it back when the program ends. What becomes of its
//! level then is the driver's choice, so a lamp that must stay dark without the program needs a resistor that says so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gpiocdev::line::{Bias, Direction, EdgeDetection, Offset, Value};
use gpiocdev::request::Config;
use gpiocdev::{Error, Request};

use super::alone::Hold;
use super::{Before, Chip, Claim, DeviceFault, Inputs, Level, Output, USER, header};

/// Most edges that are taken note of at once: a line that swings without an end must not keep the thread.
const EDGES_LIMIT: usize = 256;

struct Device {
    path: PathBuf,
    /// Of the registers behind the same lines, if this is a Raspberry Pi's pin header.
    hold: Option<Hold>,
}

struct OutputLine {
    request: Request,
    number: Offset,
    _hold: Option<Hold>,
}

struct InputLines {
    request: Request,
    numbers: Vec<Offset>,
}

/// The chip; whether there is one is found out with its first line.
pub fn open(path: &Path, claim: Claim) -> Result<Box<dyn Chip>, DeviceFault> {
    let fault = |message| DeviceFault::Line { place: format!("`{}`", path.display()), message };
    let is_header = gpiocdev::Chip::from_path(path).is_ok_and(|chip| header::is_header(&chip));
    let hold = is_header.then(|| Hold::of(claim)).transpose().map_err(fault)?;
    Ok(Box::new(Device { path: path.to_owned(), hold }))
}

impl Device {
    /// Why a line was not given.
    fn told(&self, numbers: &[u32], error: &Error) -> String {
        let chip = match gpiocdev::Chip::from_path(&self.path) {
            Ok(chip) => chip,
            Err(Error::GpioChip(..)) => {
                return "it is no GPIO device; `gpiodetect` names those that are there".to_owned();
            }
            Err(error) => return format!("{error}; `gpiodetect` names the chips, and the group `gpio` may open them"),
        };
        let user = |number: u32| Some((number, header::user(chip.line_info(number).ok()?)?));
        match numbers.iter().copied().find_map(user) {
            Some((number, user)) => format!("line {number} is in use by `{user}`; stop that first"),
            None => format!("{error}; `gpioinfo` names the lines of each chip"),
        }
    }
}

impl Chip for Device {
    fn output(&mut self, number: u32, level: Level) -> Result<Box<dyn Output>, String> {
        let mut request = Request::builder();
        request.on_chip(&self.path).with_consumer(USER).with_line(number).as_output(value(level));
        let request = request.request().map_err(|error| self.told(&[number], &error))?;
        Ok(Box::new(OutputLine { request, number, _hold: self.hold.clone() }))
    }

    fn before(&mut self, number: u32) -> Result<Before, String> {
        let told = |error| self.told(&[number], &error);
        let line = gpiocdev::Chip::from_path(&self.path).and_then(|chip| chip.line_info(number)).map_err(told)?;
        if line.direction == Direction::Input {
            return Ok(Before::Input);
        }
        // Only who has a line may read it.
        let mut request = Request::builder();
        request.on_chip(&self.path).with_consumer(USER).with_line(number).as_is();
        request.request().and_then(|line| line.lone_value()).map(|value| Before::Output(level(value))).map_err(told)
    }

    fn user(&mut self, number: u32) -> Result<Option<String>, String> {
        let line = gpiocdev::Chip::from_path(&self.path).and_then(|chip| chip.line_info(number));
        let line = line.map_err(|error| self.told(&[number], &error))?;
        // The kernel does not know of one that writes the registers.
        let is_elsewhere = || self.hold.as_ref().is_some_and(Hold::is_elsewhere);
        Ok(header::user(line).or_else(|| is_elsewhere().then(|| USER.to_owned())))
    }

    fn inputs(&mut self, numbers: &[u32], rest: Level) -> Result<Box<dyn Inputs>, String> {
        let bias = match rest {
            Level::Low => Bias::PullDown,
            Level::High => Bias::PullUp,
        };
        let mut request = Request::builder();
        request.on_chip(&self.path).with_consumer(USER).with_lines(numbers);
        request.as_input().with_bias(bias).with_edge_detection(EdgeDetection::BothEdges);
        let request = request.request().map_err(|error| self.told(numbers, &error))?;
        Ok(Box::new(InputLines { request, numbers: numbers.to_vec() }))
    }
}

impl Output for OutputLine {
    fn set(&mut self, level: Level) -> Result<(), String> {
        self.request.set_lone_value(value(level)).map_err(|error| error.to_string())
    }

    fn give_back(&mut self, before: Before) -> Result<(), String> {
        match before {
            Before::Input => {
                let mut config = Config::default();
                config.with_line(self.number).as_input();
                self.request.reconfigure(&config).map_err(|error| error.to_string())
            }
            Before::Output(level) => self.set(level),
        }
    }
}

impl Inputs for InputLines {
    fn levels(&mut self) -> Result<Vec<Level>, String> {
        let read = |number: &Offset| self.request.value(*number).map(level).map_err(|error| error.to_string());
        self.numbers.iter().map(read).collect()
    }

    fn wait(&mut self, at_most: Duration) -> Result<(), String> {
        let told = |error: Error| error.to_string();
        let mut is_edge = self.request.wait_edge_event(at_most).map_err(told)?;
        for _ in 0..EDGES_LIMIT {
            if !is_edge {
                break;
            }
            self.request.read_edge_event().map_err(told)?;
            is_edge = self.request.has_edge_event().map_err(told)?;
        }
        Ok(())
    }
}

const fn value(level: Level) -> Value {
    match level {
        Level::Low => Value::Inactive,
        Level::High => Value::Active,
    }
}

const fn level(value: Value) -> Level {
    match value {
        Value::Inactive => Level::Low,
        Value::Active => Level::High,
    }
}
