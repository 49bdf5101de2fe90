//! A chip for tests that notes what happens to its outputs, as an oscilloscope on every line would.

use std::sync::{Arc, Mutex};

use super::{Chip, Inputs, Level, Output};
use crate::device::bell::lock;

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// It became an output with this level.
    Became(Level),
    /// It got this level.
    Set(Level),
    /// Nobody drives it any more.
    LetGo,
}

/// What happened, in order.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    happened: Vec<(u32, Happened)>,
    stuck: Option<u32>,
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
}

struct OutputLine(u32, Recorder);

impl Chip for Recorder {
    fn output(&mut self, number: u32, level: Level) -> Result<Box<dyn Output>, String> {
        lock(&self.0).happened.push((number, Happened::Became(level)));
        Ok(Box::new(OutputLine(number, self.clone())))
    }

    fn user(&mut self, number: u32) -> Result<Option<String>, String> {
        match &lock(&self.0).user {
            Some((taken, user)) if *taken == number => Ok(Some(user.clone())),
            Some(_) | None => Ok(None),
        }
    }

    fn inputs(&mut self, _: &[u32], _: Level) -> Result<Box<dyn Inputs>, String> {
        Err("it has outputs only".to_owned())
    }
}

impl Output for OutputLine {
    fn set(&mut self, level: Level) -> Result<(), String> {
        let mut recorded = lock(&self.1.0);
        if recorded.stuck == Some(self.0) {
            return Err("it is stuck".to_owned());
        }
        recorded.happened.push((self.0, Happened::Set(level)));
        Ok(())
    }
}

impl Drop for OutputLine {
    fn drop(&mut self) {
        lock(&self.1.0).happened.push((self.0, Happened::LetGo));
    }
}
