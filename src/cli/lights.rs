//! `greengate lights`: one lamp after the other for a person who stands before the box, or all of them dark.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use crate::cli::out::put;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place, signals};
use crate::config;
use crate::device::{self, DeviceClock};
use crate::kiosk::Shelf;
use crate::rules::board::Board;
use crate::rules::clock::Clock;
use crate::rules::entry::{Entry, What};
use crate::rules::orders::{Flash, Lamp, Lights as Order};

/// The service manager sets it for commands that run after the kiosk has ended (systemd.exec(5)).
const AFTER_SERVICE: &str = "SERVICE_RESULT";

/// Light the lamps, or make them dark.
#[derive(Debug, clap::Subcommand)]
pub enum Lights {
    Test(Test),
    Off(Off),
}

/// Light red, yellow and green, one after the other.
///
/// The journal gets a row first: nothing lights without one.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// Another board: a file, or a name that `board list` shows
    #[arg(long, value_name = "BOARD")]
    board: Option<String>,
    /// Seconds for each lamp, at most 10
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10))]
    seconds: u64,
}

/// Make lamps and torch dark and the buzzer silent, after a kiosk that was killed.
///
/// It needs nothing but the board: no site, no journal, no list. A running kiosk keeps its lights, and this fails: they would
/// contradict its screen. The service does it after every end (`ExecStopPost=greengate lights off`), and then whoever still
/// seems to have them is not asked, and the display becomes dark as well.
#[derive(Debug, clap::Args)]
pub struct Off {
    /// Another board: a file, or a name that `board list` shows
    #[arg(long, value_name = "BOARD")]
    board: Option<String>,
}

impl Lights {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        match self {
            Self::Test(test) => test.execute(place),
            Self::Off(off) => off.execute(place),
        }
    }
}

impl Test {
    fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let mut setting = Setting::find(place)?;
        if let Some(board) = &self.board {
            setting = setting.with_board(board)?;
        }
        let clock = DeviceClock::new();
        // Kept to the end: no kiosk starts meanwhile.
        let _journal = write_down(&setting, &clock)?;
        // A lamp would stay lit if a signal ended the program.
        let ends = signals::ends()?;
        let lights = device::open_lights(&setting.board, clock.clone())?;
        let each = Duration::from_secs(self.seconds);
        let mut result = ExitCode::SUCCESS;
        for lamp in Lamp::ALL {
            put(format_args!("{lamp:?}"))?;
            let until = clock.now().moment + each;
            lights.order(Order::On { lamp, flash: Flash::Steady, until })?;
            if ends.recv_timeout(each).is_ok() {
                result = signals::INTERRUPTED.into();
                break;
            }
        }
        lights.order(Order::Off)?;
        put("dark")?;
        Ok(result)
    }
}

/// The row without which nothing lights.
fn write_down(setting: &Setting, clock: &DeviceClock) -> Result<Shelf, Failure> {
    let mut store = Shelf::new(&setting.site.state, &setting.site.kiosk);
    let failed = |(_, message): (_, String)| Failure::new(Exit::Data, message);
    store.open_journal().map_err(failed)?;
    // The list's date bears on whether the clock is believed; a list that cannot be read does not stop a lamp test.
    let _ = store.refresh();
    let wall = clock.now().wall;
    let trust = Clock::new(store.highest_time()).trust(wall);
    let what = What::LampTest("command".to_owned());
    let row = Entry { at: wall, trust, delivery: None, cache_version: None, cache_age_s: None, what };
    store.append(&row).map_err(failed)?;
    Ok(store)
}

impl Off {
    fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let is_over = std::env::var_os(AFTER_SERVICE).is_some();
        let has_any = |board: &Board| {
            let has_lines = !board.lights.lines().is_empty() || board.sound.line().is_some();
            has_lines || is_over && board.display.output.is_wired()
        };
        let board = self.board(place)?.filter(has_any);
        let Some(board) = board else {
            put("the board has no lamps of its own, so there is nothing to make dark")?;
            return Ok(ExitCode::SUCCESS);
        };
        device::darken(&board, is_over)?;
        put("dark")?;
        Ok(ExitCode::SUCCESS)
    }

    fn board(&self, place: &Place) -> Result<Option<Board>, Failure> {
        let Some(name) = &self.board else {
            let path = config::find_board(place.config.as_deref())?;
            return Ok(path.map(|path| config::board(&path)).transpose()?);
        };
        Ok(Some(match config::builtin_board(name) {
            Some(text) => config::board_text(name, text)?,
            None => config::board(Path::new(name))?,
        }))
    }
}
