//! The kiosk as a whole: real store, real signatures, real decoding; only the clock and the box are the tests' own.

mod browser;
mod desk;
mod display;
mod headless;
mod killed;
mod lights;
mod measuring;
mod rack;
mod running;
#[cfg(target_os = "linux")]
mod service;
mod shifts;
mod storm;

use std::path::Path;

use greengate::config;
use greengate::device::DeviceClock;
use greengate::kiosk::demo::{self, World};
use greengate::kiosk::{Desk, Failure, Happened, Outputs, Shelf};
use greengate::rules::code::Sighting;
use greengate::rules::intake::Part;
use greengate::rules::orders::{Lights, Orders};
use greengate::rules::scene::Body;
use greengate::rules::site::Site;
use greengate::rules::time::date_of;
use greengate::store::Journal;
use jiff::{SignedDuration, Timestamp};

/// A Monday morning in Hangzhou.
pub fn morning() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().expect("a time")
}

pub fn site(folder: &Path) -> Site {
    Site { state: folder.to_owned(), panel: None, ..config::builtin_site() }
}

/// The demo world of that morning, loaded, and a journal whose draws are the same in every run.
pub fn world(folder: &Path) -> World {
    let site = config::builtin_site();
    Journal::create(&Shelf::journal_path(folder), &site.kiosk, [7; 16]).expect("a journal");
    let world = demo::world(morning(), date_of(morning(), &config::builtin_site().time_zone));
    demo::load(folder, &world).expect("the demo world loads");
    world
}

/// A box that does whatever it is told and remembers it.
#[derive(Debug, Default)]
pub struct TestBox {
    /// What was ordered, newest last.
    pub orders: Vec<Orders>,
    /// Lights that were ordered before a row was written.
    pub early: Vec<Lights>,
    /// A part that does not follow.
    pub broken: Option<Part>,
}

impl Outputs for TestBox {
    fn lights(&mut self, lights: Lights) -> Result<(), Failure> {
        self.early.push(lights);
        Ok(())
    }

    fn carry_out(&mut self, orders: &Orders) -> Vec<Failure> {
        self.orders.push(orders.clone());
        self.broken.map(|part| (part, "broken by the test".to_owned())).into_iter().collect()
    }
}

/// A desk in the demo world whose lamps have been tested.
pub struct Dock {
    pub desk: Desk,
    pub outputs: TestBox,
    pub clock: DeviceClock,
    pub site: Site,
    pub last: Orders,
}

impl Dock {
    pub fn open(site: Site) -> Self {
        let clock = DeviceClock::scripted(morning());
        let mut desk = Desk::new(&site, clock.clone());
        let mut outputs = TestBox::default();
        let last = desk.start(&mut outputs);
        Self { desk, outputs, clock, site, last }
    }

    pub fn ready(site: Site) -> Self {
        let mut dock = Self::open(site);
        dock.passes(SignedDuration::from_secs(3));
        assert_eq!(dock.last.scene.body, Body::Ready);
        dock
    }

    /// Time passes; the desk is woken and looks after its cache and disk as the loop does.
    pub fn passes(&mut self, time: SignedDuration) -> &Orders {
        let end = self.clock.now().moment + time.unsigned_abs();
        while let Some(at) = self.last.wake_at.filter(|at| *at < end) {
            self.clock.advance_to(at);
            self.turn(Happened::Woken);
        }
        self.clock.advance_to(end);
        if let Some(orders) = self.desk.look_after(&mut self.outputs) {
            self.last = orders;
        }
        self.turn(Happened::Woken)
    }

    pub fn turn(&mut self, happened: Happened) -> &Orders {
        self.last = self.desk.turn(happened, &mut self.outputs);
        &self.last
    }

    /// A frame shows these texts.
    pub fn sees(&mut self, texts: &[&str]) -> &Orders {
        self.clock.advance(std::time::Duration::from_millis(66));
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        self.turn(Happened::Seen(Sighting::of(&texts), 0))
    }

    /// Everything is taken away, long enough for any label to count as a new showing.
    pub fn sees_nothing_for_a_while(&mut self) {
        self.passes(SignedDuration::from_secs(30));
        self.sees(&[]);
    }

    /// The slug of the verdict or of the scene on the screen.
    pub fn shown(&self) -> String {
        match &self.last.scene.body {
            Body::Verdict(body) => body.slug.clone(),
            Body::Notice(notice) => format!("{notice:?}"),
            other => other.slug().to_owned(),
        }
    }
}
