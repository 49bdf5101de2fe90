//! Lines one at a time, for a person who wires a box: a lamp that blinks until it is the right one, a button that is found by
//! pressing it.

use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::DeviceFault;
use super::alarm::{self, Alarmed, Turn, within_patience};
use super::bell::lock;
use super::lines::{Chips, Inputs, Level, Switch};
use crate::rules::board::{Active, Driver, Line};

/// So long a button has to stay pressed to be believed.
const SETTLE: Duration = Duration::from_millis(10);

/// The lines of this machine.
#[derive(Default)]
pub struct Trial {
    chips: Chips,
}

/// What a line switches, on trial. A panic leaves the line as dropping it does.
pub struct Tried(Arc<Watched>);

struct Watched(Mutex<(Switch, ThreadId)>);

/// Lines of which one is a button.
pub struct TriedButtons {
    inputs: Box<dyn Inputs>,
    numbers: Vec<u32>,
    pressed: Level,
    /// As they were at the start: one that is pressed already is no answer.
    before: Vec<Level>,
}

impl Trial {
    /// The lines of this machine.
    ///
    /// # Errors
    /// The program was built without hardware, so there is nothing to try.
    pub fn here() -> Result<Self, DeviceFault> {
        if cfg!(all(feature = "pi", target_os = "linux")) { Ok(Self::default()) } else { Err(DeviceFault::NotBuilt) }
    }

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
    pub fn switch(&mut self, line: &Line<'_>) -> Result<Tried, DeviceFault> {
        let switch = self.chips.on_trial(line)?;
        let watched = Arc::new(Watched(Mutex::new((switch, thread::current().id()))));
        alarm::watch(&watched, Turn::Lights);
        Ok(Tried(watched))
    }

    /// Watches lines that are `pressed` while a button on them is, but none that somebody has: each becomes an input meanwhile,
    /// with a resistor of the processor (50 kΩ or so) towards the other level. That harms nothing that is wired to it, and
    /// silences whoever drives it.
    ///
    /// # Errors
    /// They cannot be had.
    pub fn buttons(&mut self, driver: &Driver, numbers: &[u32], pressed: Active) -> Result<TriedButtons, DeviceFault> {
        let fault = |message| DeviceFault::Line { place: "the lines of the buttons".to_owned(), message };
        let chip = self.chips.of(driver)?;
        let is_free = |number: &u32| chip.user(*number).is_ok_and(|user| user.is_none());
        let numbers: Vec<u32> = numbers.iter().copied().filter(is_free).collect();
        let mut inputs = chip.inputs(&numbers, Level::of(pressed, false)).map_err(fault)?;
        let before = inputs.levels().map_err(fault)?;
        Ok(TriedButtons { inputs, numbers, pressed: Level::of(pressed, true), before })
    }
}

impl Tried {
    /// Turns it on or off.
    ///
    /// # Errors
    /// What the driver says.
    pub fn turn(&mut self, on: bool) -> Result<(), String> {
        let mut watched = lock(&self.0.0);
        watched.1 = thread::current().id();
        watched.0.turn(on)
    }

    /// The trial is over: this is the right line, and the level at which it is off is known.
    pub fn keep(&mut self) {
        lock(&self.0.0).0.keep();
    }
}

impl Alarmed for Watched {
    fn is_ordered_by(&self, thread: ThreadId) -> bool {
        within_patience(&self.0).is_some_and(|watched| watched.1 == thread)
    }

    fn darken(&self) {
        if let Some(mut watched) = within_patience(&self.0) {
            watched.0.leave();
        }
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

    #[test]
    fn a_panic_leaves_a_line_as_it_was_before_although_nothing_is_dropped() {
        let recorder = Recorder::default();
        let mut trial = Trial::recorded(&recorder);
        let mut lamp = |number, name| {
            trial.switch(&Line { driver: &Driver::Rppal, number, name, active: Active::Low }).expect("a line")
        };
        let (mut tried, mut kept) = (lamp(4, "red"), lamp(5, "yellow"));
        kept.keep();
        recorder.take();
        thread::scope(|scope| {
            let ended = scope.spawn(|| {
                tried.turn(true).and(kept.turn(true)).expect("lamps");
                panic!("a panic for a test");
            });
            assert!(ended.join().is_err());
        });
        let lit = [(4, Set(Level::Low)), (5, Set(Level::Low))];
        assert_eq!(recorder.take(), [lit, [(4, BecameInput), (5, Set(Level::High))]].concat());
    }

    #[test]
    fn a_line_that_somebody_has_is_never_watched_for_a_button() {
        let recorder = Recorder::default();
        recorder.give(20, "w1");
        recorder.press([Some(20), Some(21)]);
        let mut trial = Trial::recorded(&recorder);
        let mut pressed = || {
            let mut buttons = trial.buttons(&Driver::Rppal, &[20, 21], Active::Low).expect("buttons");
            (buttons.numbers.clone(), buttons.next(Duration::ZERO).expect("levels"))
        };
        assert_eq!(pressed(), (vec![21], None));
        assert_eq!(pressed(), (vec![21], Some(21)));
    }
}
