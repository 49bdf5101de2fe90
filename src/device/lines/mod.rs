//! Lines of the processor: outputs that are switched, inputs that are looked at. What drives them stands behind three small
//! traits, and knows neither lamps nor buttons.

#[cfg(all(feature = "pi", target_os = "linux"))]
mod alone;
#[cfg(all(feature = "pi", target_os = "linux"))]
mod gpiocdev;
#[cfg(all(feature = "pi", target_os = "linux"))]
mod header;
mod look;
#[cfg(test)]
pub mod recorder;
#[cfg(all(feature = "pi", target_os = "linux"))]
mod rppal;

use std::time::Duration;

pub use self::look::LinesLook;
use super::DeviceFault;
use crate::rules::board::{Active, Driver, Line};

/// What others see of our lines, for example with `gpioinfo`.
pub const USER: &str = "greengate";

/// What is on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// 0 V.
    Low,
    /// The supply's voltage.
    High,
}

impl Level {
    /// The level at which a part does what it is for, or does not.
    pub const fn of(active: Active, on: bool) -> Self {
        match (active, on) {
            (Active::High, true) | (Active::Low, false) => Self::High,
            (Active::High, false) | (Active::Low, true) => Self::Low,
        }
    }
}

/// What a line is while we do not have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// An input, or in the hands of another part of the processor.
    Input,
    /// An output at this level.
    Output(Level),
}

/// Gives lines. What fails says why, and what to do.
pub trait Chip {
    /// A line as an output that never has another level than `level` until it is set. It keeps its last level when it is
    /// let go, as far as the driver can do that.
    fn output(&mut self, number: u32, level: Level) -> Result<Box<dyn Output>, String>;

    /// What a line is that nobody has, without changing it.
    fn before(&mut self, number: u32) -> Result<Before, String>;

    /// Who has a line, without touching it. `None` where nobody has, or nobody can say.
    fn user(&mut self, number: u32) -> Result<Option<String>, String>;

    /// Lines as inputs that the processor's resistors pull to `rest`.
    fn inputs(&mut self, numbers: &[u32], rest: Level) -> Result<Box<dyn Inputs>, String>;
}

/// A line that is switched.
pub trait Output: Send {
    /// Sets its level.
    fn set(&mut self, level: Level) -> Result<(), String>;

    /// Makes the line what it was before. It is let go then, and not set any more.
    fn give_back(&mut self, before: Before) -> Result<(), String>;
}

/// Lines that are looked at.
pub trait Inputs: Send {
    /// The levels, in the order in which the lines were asked for.
    fn levels(&mut self) -> Result<Vec<Level>, String>;

    /// Waits until a level may have changed, but no longer than `at_most`.
    fn wait(&mut self, at_most: Duration) -> Result<(), String>;
}

/// Who may drive the lines besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Claim {
    /// Nobody: two programs that light lamps would contradict each other.
    #[default]
    Alone,
    /// It does not matter: the lines are made dark and let go.
    Whatever,
}

/// The drivers of a board's lines, each opened once.
#[derive(Default)]
pub struct Chips {
    open: Vec<(Driver, Box<dyn Chip>)>,
    claim: Claim,
}

impl Chips {
    /// Chips that are opened with this claim.
    pub const fn with(claim: Claim) -> Self {
        Self { open: Vec::new(), claim }
    }

    /// Chips whose lines are a recorder's.
    #[cfg(test)]
    pub fn recorded(recorder: &recorder::Recorder) -> Self {
        Self { open: vec![(Driver::Rppal, Box::new(recorder.clone()))], claim: Claim::Alone }
    }

    /// The chip of a driver.
    pub fn of(&mut self, driver: &Driver) -> Result<&mut dyn Chip, DeviceFault> {
        let known = self.open.iter().position(|(known, _)| known == driver);
        if known.is_none() {
            self.open.push((driver.clone(), open(driver, self.claim)?));
        }
        let at = known.unwrap_or(self.open.len() - 1);
        Ok(self.open[at].1.as_mut())
    }

    /// Who has a line, which is left as it is.
    pub fn user(&mut self, line: &Line<'_>) -> Result<Option<String>, DeviceFault> {
        let user = self.of(line.driver)?.user(line.number);
        user.map_err(|message| DeviceFault::Line { place: place(line), message })
    }

    /// Refuses a line that somebody else has: a driver that writes registers would take it from them, and nobody noticed.
    /// Where it does not matter who had it, nobody is asked.
    pub fn expect_free(&mut self, line: &Line<'_>) -> Result<(), DeviceFault> {
        let user = match self.claim {
            Claim::Alone => self.user(line)?,
            Claim::Whatever => None,
        };
        let taken = |user| format!("it is in use by `{user}`; stop that first, or take another line");
        user.map_or(Ok(()), |user| Err(DeviceFault::Line { place: place(line), message: taken(user) }))
    }

    /// What a line switches, off from the first moment on.
    pub fn switch(&mut self, line: &Line<'_>) -> Result<Switch, DeviceFault> {
        self.expect_free(line)?;
        let (place, active) = (place(line), line.active);
        let output = self.of(line.driver)?.output(line.number, Level::of(active, false));
        let output = output.map_err(|message| DeviceFault::Line { place: place.clone(), message })?;
        Ok(Switch { output, active, place, before: None })
    }

    /// The same on trial: what the line is when it is dropped is what it was before, unless [`Switch::keep`] was called.
    pub fn on_trial(&mut self, line: &Line<'_>) -> Result<Switch, DeviceFault> {
        self.expect_free(line)?;
        let before = self.of(line.driver)?.before(line.number);
        let before = before.map_err(|message| DeviceFault::Line { place: place(line), message })?;
        let mut switch = self.switch(line)?;
        switch.before = Some(before);
        Ok(switch)
    }
}

#[cfg(all(feature = "pi", target_os = "linux"))]
fn open(driver: &Driver, claim: Claim) -> Result<Box<dyn Chip>, DeviceFault> {
    match driver {
        Driver::Rppal => rppal::open(claim),
        Driver::Gpiocdev { chip } => gpiocdev::open(chip, claim),
    }
}

#[cfg(not(all(feature = "pi", target_os = "linux")))]
const fn open(_: &Driver, _: Claim) -> Result<Box<dyn Chip>, DeviceFault> {
    Err(DeviceFault::NotBuilt)
}

/// `green on GPIO 22`.
pub fn place(line: &Line<'_>) -> String {
    match line.driver {
        Driver::Rppal => format!("`{}` on GPIO {}", line.name, line.number),
        Driver::Gpiocdev { chip } => format!("`{}` on line {} of `{}`", line.name, line.number, chip.display()),
    }
}

/// A line that turns something on and off, and is off when it is dropped.
pub struct Switch {
    output: Box<dyn Output>,
    active: Active,
    place: String,
    /// Only on trial.
    before: Option<Before>,
}

impl Switch {
    /// Turns it on or off.
    ///
    /// # Errors
    /// What the driver says.
    pub fn turn(&mut self, on: bool) -> Result<(), String> {
        self.output.set(Level::of(self.active, on)).map_err(|message| format!("{}: {message}", self.place))
    }

    /// The trial is over: this is the right line, and the level at which it is off is known.
    pub fn keep(&mut self) {
        self.before = None;
    }

    /// Leaves the line as it was before the trial, or off.
    pub fn leave(&mut self) {
        let is_given_back = self.before.is_some_and(|before| self.output.give_back(before).is_ok());
        if !is_given_back {
            // Nobody is left to be told.
            let _ = self.turn(false);
        }
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::recorder::Recorder;
    use super::*;

    #[test]
    fn a_line_that_somebody_else_has_is_refused_untouched_and_told() {
        let recorder = Recorder::default();
        recorder.give(17, "spi0 CS0");
        let line = Line { driver: &Driver::Rppal, number: 17, name: "red", active: Active::High };
        let mut chips = Chips::recorded(&recorder);
        let expected =
            "`red` on GPIO 17 cannot be used: it is in use by `spi0 CS0`; stop that first, or take another line";
        for refused in [chips.switch(&line).map(drop), chips.on_trial(&line).map(drop)] {
            assert_eq!(refused.expect_err("it is taken").to_string(), expected);
        }
        assert_eq!(recorder.take(), []);
        // After a kiosk that was killed it is made dark, whoever the system still names.
        chips.claim = Claim::Whatever;
        assert!(chips.switch(&line).is_ok());
    }
}
