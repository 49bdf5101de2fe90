//! `greengate lights test`: one lamp after the other, for a person who stands before the box.

use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use crate::cli::out::put;
use crate::cli::setting::Setting;
use crate::cli::{Exit, Failure, Place};
use crate::device::{self, DeviceClock, Wiring};
use crate::kiosk::Shelf;
use crate::rules::clock::Clock;
use crate::rules::entry::{Entry, What};
use crate::rules::orders::{Flash, Lamp, Lights as Order};
use crate::rules::symbol;

/// Light the lamps.
#[derive(Debug, clap::Subcommand)]
pub enum Lights {
    /// Light red, yellow and green, one after the other
    Test(Test),
}

/// Light red, yellow and green, one after the other. The journal gets a row first: nothing lights without one.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// Seconds for each lamp, at most 10
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10))]
    seconds: u64,
}

impl Lights {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let Self::Test(test) = self;
        let setting = Setting::find(place)?;
        let clock = DeviceClock::new();
        let mut store = Shelf::new(&setting.site.state, &setting.site.kiosk);
        let failed = |(_, message): (_, String)| Failure::new(Exit::Data, message);
        store.open_journal().map_err(failed)?;
        let wall = clock.now().wall;
        let trust = Clock::new(store.highest_time()).trust(wall);
        let what = What::LampTest("command".to_owned());
        let row = Entry { at: wall, trust, delivery: None, cache_version: None, cache_age_s: None, what };
        store.append(&row).map_err(failed)?;
        let device = device::open(&setting.board, Wiring { symbol: symbol::encode, clock: clock.clone() })?;
        let each = Duration::from_secs(test.seconds);
        for lamp in Lamp::ALL {
            put(format_args!("{lamp:?}"))?;
            let until = clock.now().moment + each;
            device.lights.order(Order::On { lamp, flash: Flash::Steady, until })?;
            thread::sleep(each);
        }
        device.lights.order(Order::Off)?;
        put("dark")?;
        Ok(ExitCode::SUCCESS)
    }
}
