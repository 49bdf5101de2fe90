//! A chip for tests that notes what happens to its outputs, as an oscilloscope on every line would, and whose inputs are
//! pressed as the test says.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Before, Chip, Inputs, Output};

pub use super::Level;
use crate::device::bell::lock;

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It became an output with this level.
    Became(Level),
    /// It got this level.
    Set(Level),
    /// It became an input again.
    BecameInput,
    /// Nobody drives it any more.
    LetGo,
}

/// What happened, in order.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    happened: Vec<(u32, Happened)>,
    /// Outputs, also those that nobody has any more.
    levels: BTreeMap<u32, Level>,
    stuck: Option<u32>,
    presses: Option<VecDeque<Option<u32>>>,
    user: Option<(u32, String)>,
}

impl Recorder {
    /// What has happened since this was last asked.
    pub fn take(&self) -> Vec<(u32, Happened)> {
        std::mem::take(&mut lock(&self.0).happened)
    }

    /// Somebody else has this line.
    pub fn give(&self, line: u32, user: &str) {
        lock(&self.0).user = Some((line, user.to_owned()));
    }

    /// From now on this line cannot be set, or all can.
    pub fn stick(&self, line: Option<u32>) {
        lock(&self.0).stuck = line;
    }

    /// Whenever inputs are asked for, the next of these lines is pressed once they have been looked at, or none is.
    pub fn press(&self, lines: impl IntoIterator<Item = Option<u32>>) {
        lock(&self.0).presses = Some(lines.into_iter().collect());
    }
}

struct OutputLine(u32, Recorder);

impl Chip for Recorder {
    fn output(&mut self, number: u32, level: Level) -> Result<Box<dyn Output>, String> {
        let mut recorded = lock(&self.0);
        recorded.happened.push((number, Happened::Became(level)));
        recorded.levels.insert(number, level);
        Ok(Box::new(OutputLine(number, self.clone())))
    }

    fn before(&mut self, number: u32) -> Result<Before, String> {
        Ok(lock(&self.0).levels.get(&number).map_or(Before::Input, |level| Before::Output(*level)))
    }

    fn user(&mut self, number: u32) -> Result<Option<String>, String> {
        match &lock(&self.0).user {
            Some((taken, user)) if *taken == number => Ok(Some(user.clone())),
            Some(_) | None => Ok(None),
        }
    }

    fn inputs(&mut self, numbers: &[u32], rest: Level) -> Result<Box<dyn Inputs>, String> {
        let pressed = lock(&self.0).presses.as_mut().ok_or("it has outputs only")?.pop_front().flatten();
        let pressed = numbers.iter().map(|number| Some(*number) == pressed).collect();
        Ok(Box::new(InputLines { pressed, rest, looks: 0 }))
    }
}

struct InputLines {
    pressed: Vec<bool>,
    rest: Level,
    looks: u32,
}

impl Inputs for InputLines {
    fn levels(&mut self) -> Result<Vec<Level>, String> {
        self.looks += 1;
        let other = if self.rest == Level::High { Level::Low } else { Level::High };
        let level = |is_pressed: &bool| if self.looks > 1 && *is_pressed { other } else { self.rest };
        Ok(self.pressed.iter().map(level).collect())
    }

    fn wait(&mut self, _: Duration) -> Result<(), String> {
        Ok(())
    }
}

impl Output for OutputLine {
    fn set(&mut self, level: Level) -> Result<(), String> {
        let mut recorded = lock(&self.1.0);
        if recorded.stuck == Some(self.0) {
            return Err("it is stuck".to_owned());
        }
        recorded.happened.push((self.0, Happened::Set(level)));
        recorded.levels.insert(self.0, level);
        Ok(())
    }

    fn give_back(&mut self, before: Before) -> Result<(), String> {
        match before {
            Before::Output(level) => self.set(level),
            Before::Input => {
                let mut recorded = lock(&self.1.0);
                recorded.happened.push((self.0, Happened::BecameInput));
                recorded.levels.remove(&self.0);
                Ok(())
            }
        }
    }
}

impl Drop for OutputLine {
    fn drop(&mut self) {
        lock(&self.1.0).happened.push((self.0, Happened::LetGo));
    }
}
