//! Lines one at a time, for a person who wires a box: a lamp that blinks until it is the right one, a button that is found by
//! pressing it.

use std::time::Duration;

use super::DeviceFault;
use super::lines::{Chips, Inputs, Level, Switch};
use crate::rules::board::{Active, Driver, Line};

/// So long a button has to stay pressed to be believed.
const SETTLE: Duration = Duration::from_millis(10);

/// The lines of this machine.
#[derive(Default)]
pub struct Trial {
    chips: Chips,
}

/// Lines of which one is a button.
pub struct TriedButtons {
    inputs: Box<dyn Inputs>,
    numbers: Vec<u32>,
    pressed: Level,
    /// As they were at the start: one that is pressed already is no answer.
    before: Vec<Level>,
}

impl Trial {
    /// Lines whose outputs and inputs are a recorder's.
    #[cfg(test)]
    pub(crate) fn recorded(recorder: &super::lines::recorder::Recorder) -> Self {
        Self { chips: Chips::recorded(recorder) }
    }

    /// What a line switches, off from the first moment on. When it is dropped the line is as it was before, or off if it was
    /// kept: only then it is known what is off.
    ///
    /// # Errors
    /// The line cannot be had.
    pub fn switch(&mut self, line: &Line<'_>) -> Result<Switch, DeviceFault> {
        self.chips.on_trial(line)
    }

    /// Watches lines that are `pressed` while a button on them is.
    ///
    /// # Errors
    /// They cannot be had.
    pub fn buttons(&mut self, driver: &Driver, numbers: &[u32], pressed: Active) -> Result<TriedButtons, DeviceFault> {
        let fault = |message| DeviceFault::Line { place: "the lines of the buttons".to_owned(), message };
        let chip = self.chips.of(driver)?;
        let mut inputs = chip.inputs(numbers, Level::of(pressed, false)).map_err(fault)?;
        let before = inputs.levels().map_err(fault)?;
        Ok(TriedButtons { inputs, numbers: numbers.to_vec(), pressed: Level::of(pressed, true), before })
    }
}

impl TriedButtons {
    /// The line that was pressed, if one is within `at_most`.
    ///
    /// # Errors
    /// The lines cannot be read.
    pub fn next(&mut self, at_most: Duration) -> Result<Option<u32>, String> {
        self.inputs.wait(at_most)?;
        let Some(at) = self.changed()? else { return Ok(None) };
        self.inputs.wait(SETTLE)?;
        Ok(self.changed()?.filter(|again| *again == at).map(|at| self.numbers[at]))
    }

    fn changed(&mut self) -> Result<Option<usize>, String> {
        let levels = self.inputs.levels()?;
        let mut both = levels.iter().zip(&self.before);
        let at = both.position(|(level, before)| *level == self.pressed && *before != self.pressed);
        // One that was let go may be pressed from now on.
        for (before, level) in self.before.iter_mut().zip(levels).filter(|(_, level)| *level != self.pressed) {
            *before = level;
        }
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::recorder::Happened::{Became, BecameInput, LetGo, Set};
    use super::super::lines::recorder::Recorder;
    use super::*;

    #[test]
    fn a_line_is_as_it_was_before_unless_it_is_the_right_one() {
        let recorder = Recorder::default();
        let mut trial = Trial::recorded(&recorder);
        let mut tried = |active, keep: bool| {
            let line = Line { driver: &Driver::Rppal, number: 4, name: "red", active };
            let mut switch = trial.switch(&line).expect("a line");
            if keep {
                switch.keep();
            }
            drop(switch);
            recorder.take().into_iter().map(|(_, happened)| happened).collect::<Vec<_>>()
        };
        assert_eq!(tried(Active::High, false), [Became(Level::Low), BecameInput, LetGo]);
        assert_eq!(tried(Active::Low, true), [Became(Level::High), Set(Level::High), LetGo]);
        // A kiosk that ended leaves its lines dark so.
        assert_eq!(tried(Active::High, false), [Became(Level::Low), Set(Level::High), LetGo]);
    }
}
