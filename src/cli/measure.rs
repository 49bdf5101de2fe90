//! `greengate bench`: how fast this machine is at the kiosk's work.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tempfile::TempDir;

use crate::cli::Failure;
use crate::cli::out::put;
use crate::config;
use crate::device::{self, DeviceClock, Frame, Wiring};
use crate::kiosk::{Desk, Happened, Silent, demo};
use crate::rules::board::{Colours, Size};
use crate::rules::code::Sighting;
use crate::rules::image::GreyImage;
use crate::rules::symbol;
use crate::rules::time::date_of;
use crate::rules::virtual_board::{Pose, VirtualAct};
use crate::screen::{self, Painter};
use crate::vision::Reader;

/// Measure this machine: reading, deciding with its journal row, drawing. Median and slowest of many runs.
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// How often each is done
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(5..=10_000))]
    rounds: u32,
    /// The journal is written in this folder, so name one on the disk that counts [default: the temporary folder]
    #[arg(long, value_name = "FOLDER")]
    on: Option<std::path::PathBuf>,
}

impl Bench {
    pub(super) fn execute(&self) -> Result<ExitCode, Failure> {
        let folder = match &self.on {
            Some(folder) => TempDir::with_prefix_in("greengate-bench-", folder)?,
            None => TempDir::with_prefix("greengate-bench-")?,
        };
        let mut site = config::builtin_site();
        folder.path().clone_into(&mut site.state);
        let now = Timestamp::now();
        let world = demo::world(now, date_of(now, &site.time_zone));
        demo::load(&site.state, &world)?;
        put(format_args!("{:<44} {:>10} {:>10}", "", "median", "slowest"))?;
        self.read(&world)?;
        self.decide(&site, &world)?;
        self.draw(&site, &world)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Frames of the virtual camera, 1280×720, with a label and without.
    fn read(&self, world: &demo::World) -> Result<(), Failure> {
        let board = config::board_text("sim", config::builtin_board("sim").unwrap_or_default())?;
        let device = device::open(&board, Wiring { symbol: symbol::encode, clock: DeviceClock::new() })?;
        let (mut camera, hand) = (device.camera, device.virtual_board);
        let mut reader = Reader::new();
        let mut frame = GreyImage::default();
        for (what, texts) in [("read a frame with a label", world.rack.first()), ("read a frame without a label", None)]
        {
            if let Some(hand) = &hand {
                hand.act(VirtualAct::HoldUp(texts.iter().map(|label| label.text.clone()).collect(), Pose::default()));
            }
            while !matches!(camera.frame(&mut frame)?, Frame::New) {}
            let scan = || drop(black_box(reader.scan(&frame.pixels, frame.width, frame.height)));
            Self::print(what, &self.time(scan))?;
        }
        Ok(())
    }

    /// A whole turn: evidence, verdict, committed row, orders.
    fn decide(&self, site: &crate::rules::site::Site, world: &demo::World) -> Result<(), Failure> {
        let clock = DeviceClock::scripted(Timestamp::now());
        let mut desk = Desk::new(site, clock.clone());
        let mut outputs = Silent;
        desk.start(&mut outputs);
        clock.advance(Duration::from_secs(10));
        let mut labels = world.rack.iter().filter(|label| label.expected.is_some()).cycle();
        let times = self.time(|| {
            clock.advance(Duration::from_secs(30));
            desk.turn(Happened::Seen(Sighting::default(), 0), &mut outputs);
            let text = labels.next().map(|label| label.text.clone()).unwrap_or_default();
            black_box(desk.turn(Happened::Seen(Sighting::of(&[text.as_bytes()]), 0), &mut outputs));
        });
        Self::print("verdict, row on disk (one turn)", &times)
    }

    fn draw(&self, site: &crate::rules::site::Site, world: &demo::World) -> Result<(), Failure> {
        let clock = DeviceClock::scripted(Timestamp::now());
        let mut desk = Desk::new(site, clock.clone());
        let mut outputs = Silent;
        desk.start(&mut outputs);
        clock.advance(Duration::from_secs(10));
        let text = world.rack.first().map(|label| label.text.clone()).unwrap_or_default();
        let scene = desk.turn(Happened::Seen(Sighting::of(&[text.as_bytes()]), 0), &mut outputs).scene;
        let mut painter = Painter::new();
        for (width, height) in [(240, 240), (800, 480), (1920, 1080)] {
            let screen_size = Size { width, height };
            let draw =
                || drop(black_box(screen::render(&mut painter, &scene, &site.languages, screen_size, Colours::Full)));
            Self::print(&format!("draw a verdict, {width}×{height}"), &self.time(draw))?;
        }
        Ok(())
    }

    fn time(&self, mut work: impl FnMut()) -> Vec<Duration> {
        work();
        let mut times: Vec<Duration> = (0..self.rounds)
            .map(|_| {
                let begun = Instant::now();
                work();
                begun.elapsed()
            })
            .collect();
        times.sort_unstable();
        times
    }

    fn print(what: &str, times: &[Duration]) -> Result<(), Failure> {
        let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3);
        put(format_args!("{what:<44} {:>7.2} ms {:>7.2} ms", ms(times.len() / 2), ms(times.len() - 1)))?;
        Ok(())
    }
}
