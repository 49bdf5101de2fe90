//! Seeded storms against the whole desk: labels, buttons, failures, full disks, wrong clocks, newer lists and power
//! cuts in any order. Whatever happens, the promises hold; a failure prints its seed.

use std::collections::BTreeSet;

use greengate::kiosk::{Happened, Shelf, demo};
use greengate::rules::board::Button;
use greengate::rules::code::{Grade, Sighting};
use greengate::rules::entry::What;
use greengate::rules::intake::Part;
use greengate::rules::orders::{Lamp, Lights};
use greengate::rules::record::{Line, Listing, Meta, Record};
use greengate::rules::scene::Body;
use greengate::store::{self, Journal, journal};
use jiff::SignedDuration;
use tempfile::tempdir;

use super::{Dock, morning, site, world};
use crate::support::Seeded;

const STORMS: u64 = 12;
const EVENTS: usize = 150;

struct Storm {
    random: Seeded,
    dock: Dock,
    world: demo::World,
    version: u64,
    red: BTreeSet<u32>,
    shown: u64,
}

impl Storm {
    fn listings(&self) -> Vec<Listing> {
        let records = self.world.lines.iter().filter_map(|line| match line {
            Line::Put(record) => Some(record.as_ref()),
            Line::Meta(_) | Line::Drop(_) => None,
        });
        records
            .filter_map(|record| if let Record::Listing(listing) = record { Some(listing.clone()) } else { None })
            .collect()
    }

    /// A newer list in which some listings are red, and those of the last one green again.
    fn newer_list(&mut self) {
        let listings = self.listings();
        self.red = (0..10).map(|_| self.random.pick(&listings).id).collect();
        let meta = Meta { from: self.version, to: self.version + 1, issued: morning() };
        let changed = listings.into_iter().map(|mut listing| {
            listing.grade = if self.red.contains(&listing.id) { Grade::Red } else { Grade::Green };
            Line::Put(Box::new(Record::Listing(listing)))
        });
        let lines: Vec<Line> = std::iter::once(Line::Meta(meta)).chain(changed).collect();
        store::load_lines(&self.dock.site.state, &lines).expect("the delta applies");
        self.version += 1;
        self.dock.passes(SignedDuration::from_secs(1));
    }

    fn texts(&mut self) -> Vec<Vec<u8>> {
        let noise = self.random.bytes(60);
        let count = *self.random.pick(&[0, 1, 1, 1, 1, 1, 2, 3]);
        let mut texts: Vec<Vec<u8>> =
            (0..count).map(|_| self.random.pick(&self.world.rack).text.clone().into_bytes()).collect();
        if self.random.below(20) == 0 {
            texts.push(noise);
        }
        texts
    }

    fn event(&mut self) {
        match self.random.below(40) {
            0 => drop(self.dock.turn(Happened::Pressed(Button::Delivery)).clone()),
            1 => drop(self.dock.turn(Happened::Pressed(Button::LampTest)).clone()),
            2 => drop(self.dock.turn(Happened::Failed(Part::Camera, "unplugged".to_owned())).clone()),
            3 | 4 => drop(self.dock.turn(Happened::Recovered(Part::Camera)).clone()),
            5 => self.dock.desk.limit_journal(true),
            6 | 7 => self.dock.desk.limit_journal(false),
            8 => self.newer_list(),
            9 => {
                let hours = *self.random.pick(&[0, 1, 30, 80, -500, 24 * 4000]);
                self.dock.clock.set_wall(morning() + SignedDuration::from_hours(hours));
            }
            10 => self.power_cut(),
            11 => self.dock.outputs.broken = *self.random.pick(&[None, None, Some(Part::Lights), Some(Part::Display)]),
            12..=16 => {
                let ms = *self.random.pick(&[1, 300, 700, 2500, 9000, 70_000]);
                self.dock.passes(SignedDuration::from_millis(ms));
            }
            _ => {
                self.dock.clock.advance(std::time::Duration::from_millis(66));
                let texts = self.texts();
                let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
                self.dock.turn(Happened::Seen(Sighting::of(&texts), 0));
            }
        }
    }

    fn power_cut(&mut self) {
        let site = self.dock.site.clone();
        let wall = self.dock.clock.now().wall;
        let dock = std::mem::replace(&mut self.dock, Dock::open(site.clone()));
        drop(dock);
        self.dock = Dock::open(site);
        self.dock.clock.set_wall(wall);
    }

    fn check(&mut self) {
        let orders = &self.dock.last;
        let now = self.dock.clock.now().moment;
        if let Lights::On { until, .. } = orders.lights {
            assert!(until.since(now).as_secs() <= 20, "promise 3: a lamp without a near end");
        }
        match &orders.scene.body {
            Body::Verdict(body) => {
                assert_eq!(orders.lights.lamp(), Some(Lamp::of(body.outcome)), "promise 5: lights and screen disagree");
                self.verdict_is_the_newest_row();
            }
            Body::SelfTest(lamp) => assert_eq!(orders.lights.lamp(), *lamp, "promise 5"),
            _ => assert_eq!(orders.lights.lamp(), None, "promise 5: a lamp without a verdict on the screen"),
        }
    }

    /// Promises 1, 2 and 5: what is lit is the newest verdict on disk, and it is not green against the newest list.
    fn verdict_is_the_newest_row(&mut self) {
        let Body::Verdict(body) = &self.dock.last.scene.body else { return };
        let journal = Journal::open_read_only(&Shelf::journal_path(&self.dock.site.state)).expect("another reader");
        let newest = journal.recent(20).expect("rows").into_iter().find_map(|row| match row.entry.what {
            What::Verdict(judgement) => Some((row.seq, judgement)),
            What::Reviewed(_)
            | What::DeliveryStarted
            | What::DeliveryEnded
            | What::LampTest(_)
            | What::Recovered
            | What::Moved(_) => None,
        });
        let (seq, judgement) = newest.expect("promise 1: a verdict without a row");
        assert_eq!((judgement.ruling.slug(), judgement.outcome), (body.slug.as_str(), body.outcome), "promise 5");
        let red = judgement.evidence.found.listings.iter().any(|listing| self.red.contains(&listing.id));
        let new = body.new;
        assert!(
            !(red && !new && self.dock.last.lights.lamp() == Some(Lamp::Green)),
            "promise 2: green on a red listing"
        );
        assert!(seq >= self.shown, "promise 6: a row that was shown is gone");
        self.shown = seq;
    }
}

#[test]
fn no_storm_on_a_real_disk_breaks_a_promise() {
    for seed in 0..STORMS {
        println!("seed {seed}");
        let folder = tempdir().expect("a folder");
        let world = world(folder.path());
        let Some(Line::Meta(meta)) = world.lines.first() else { panic!("a snapshot begins with its meta") };
        let version = meta.to;
        let dock = Dock::ready(site(folder.path()));
        let mut storm = Storm { random: Seeded::new(seed), dock, world, version, red: BTreeSet::new(), shown: 0 };
        for _ in 0..EVENTS {
            storm.event();
            storm.check();
        }
        let Storm { dock, .. } = storm;
        drop(dock);
        journal::verify(&Shelf::journal_path(folder.path())).expect("promise 6: a whole chain");
    }
}
