//! `greengate replay`: play a recorded shift and print what the kiosk does.

use std::path::PathBuf;
use std::process::ExitCode;

use tempfile::TempDir;

use crate::cli::Failure;
use crate::cli::out::put;
use crate::kiosk::shift::{Shift, play};

/// Play a recorded shift and print what the kiosk does: a line for every row it writes and every change it orders.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// The shift that `greengate run --record FILE` wrote
    file: PathBuf,
}

impl Replay {
    pub(super) fn execute(&self) -> Result<ExitCode, Failure> {
        let shift = Shift::read(&self.file)?;
        let folder = TempDir::with_prefix("greengate-replay-")?;
        for line in play(shift, folder.path())?.lines {
            put(line)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
