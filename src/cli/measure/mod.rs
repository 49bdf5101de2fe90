//! `greengate bench`: how fast this machine is at the kiosk's work, and what that costs it.
//!
//! A kiosk of the demo world works on a board, with the panel's camera in place of the board's own: its frames are there at
//! once, so what a real camera takes to expose, send and unpack one comes on top.

mod path;
#[cfg(target_os = "linux")]
mod running;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tempfile::TempDir;

use crate::cli::out::put;
use crate::cli::setting::Setting;
use crate::cli::{Failure, signals};
use crate::rules::board::Size;

/// Measure this machine: from a label to light and screen, processor, memory, start.
///
/// Labels are held up before a camera that is not there; everything else is the board's own, so stop the kiosk first. List
/// and journal are the demo world's: it takes no `--config` and no `--state`.
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// How many labels are held up
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(5..=10_000))]
    rounds: u32,
    /// How many seconds a kiosk is watched while nothing is held up, and again while labels are
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// The board: a file, or a name that `board list` shows
    #[arg(long, value_name = "BOARD", default_value = "sim")]
    board: String,
    /// List and journal are in this folder, so name one on the disk that counts [default: the temporary folder]
    #[arg(long, value_name = "FOLDER")]
    on: Option<PathBuf>,
}

/// Why a bench is over before its end.
enum Stop {
    /// Ctrl-C, or another signal that asks for the end.
    Interrupted,
    /// Something does not work.
    Failed(Failure),
}

impl<T: Into<Failure>> From<T> for Stop {
    fn from(failure: T) -> Self {
        Self::Failed(failure.into())
    }
}

/// Receives something when the bench is to end.
type Ends = Receiver<()>;

/// Lets this time pass, unless the bench is to end.
fn pause(ends: &Ends, time: Duration) -> Result<(), Stop> {
    match ends.recv_timeout(time) {
        Ok(()) => Err(Stop::Interrupted),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(()),
    }
}

impl Bench {
    pub(super) fn execute(&self) -> Result<ExitCode, Failure> {
        // From its first moment on: a folder and a kiosk of its own must not stay behind.
        match self.measure(&signals::ends()?) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(Stop::Interrupted) => Ok(signals::INTERRUPTED.into()),
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }

    fn measure(&self, ends: &Ends) -> Result<(), Stop> {
        let folder = match &self.on {
            Some(folder) => TempDir::with_prefix_in("greengate-bench-", folder)?,
            None => TempDir::with_prefix("greengate-bench-")?,
        };
        let setting = Setting::measured(&self.board, &folder.path().join("path"))?;
        let Size { width, height } = setting.board.display.size;
        put(format_args!("board {}: {width}×{height}, and a camera of 1280×720 at 30 frames a second\n", self.board))?;
        put(format_args!("{:<44} {:>10} {:>10}", "", "median", "p99"))?;
        for (what, times) in path::measure(&setting, self.rounds, ends)? {
            put(format_args!(
                "{what:<44} {:>7.2} ms {:>7.2} ms",
                ms(percentile(&times, 50)),
                ms(percentile(&times, 99))
            ))?;
        }
        #[cfg(target_os = "linux")]
        running::measure(&self.board, &folder.path().join("running"), Duration::from_secs(self.seconds), ends)?;
        Ok(())
    }
}

/// Of sorted times, the one that `percent` of them do not exceed.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    let at = (times.len() * percent).div_ceil(100).max(1) - 1;
    times.get(at).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        let ms = Duration::from_millis;
        assert_eq!([50, 99, 100].map(|percent| percentile(&times, percent)), [100, 198, 200].map(ms));
        assert_eq!([50, 99].map(|percent| percentile(&times[..5], percent)), [3, 5].map(ms));
        assert_eq!([50, 99].map(|percent| percentile(&times[..1], percent)), [1, 1].map(ms));
    }
}
