//! Seeded storms of random events against the intake: whatever happens in whatever order, the promises hold.

use greengate::rules::board::Button;
use greengate::rules::code::{Code, Grade, Payload};
use greengate::rules::demo::DemoKey;
use greengate::rules::entry::{Entry, Timings, What};
use greengate::rules::evidence::{CacheFacts, Evidence};
use greengate::rules::intake::{Event, Intake, Part, Presented, Seen, Started};
use greengate::rules::orders::{Lamp, Lights, Orders};
use greengate::rules::ruling::Outcome;
use greengate::rules::scene::Body;
use greengate::rules::time::{Moment, Now};
use jiff::SignedDuration;

use super::{Spec, cache, evidence, listing, morning, site};
use crate::support::Seeded;

const STORMS: u64 = 300;
const EVENTS: usize = 400;

struct Storm {
    random: Seeded,
    intake: Intake,
    ms: u64,
    offset: SignedDuration,
    journal: Vec<Entry>,
    version: u64,
    red_in_cache: bool,
}

impl Storm {
    fn new(seed: u64) -> Self {
        Self {
            random: Seeded::new(seed),
            intake: Intake::new(site(), cache().issued),
            ms: 0,
            offset: SignedDuration::ZERO,
            journal: Vec::new(),
            version: 41,
            red_in_cache: false,
        }
    }

    fn now(&self) -> Now {
        let passed = SignedDuration::from_millis(i64::try_from(self.ms).expect("a short storm"));
        Now { moment: Moment::from_ms(self.ms), wall: morning() + passed + self.offset }
    }

    fn facts(&self) -> CacheFacts {
        CacheFacts { version: self.version, ..cache() }
    }

    fn code(&mut self) -> Evidence {
        let mut spec = match self.random.below(3) {
            0 => Spec::product(),
            1 => Spec::item("S1"),
            _ => Spec::item("S2").index(77),
        };
        if self.random.below(6) == 0 {
            spec = spec.by(DemoKey::Forger);
        }
        let code = match self.random.below(8) {
            0 => Code::Other,
            1 => Code::Delivery("(00)1".to_owned()),
            2 => spec.unsigned(),
            _ => spec.signed(),
        };
        let grade = if self.red_in_cache { Grade::Red } else { *self.random.pick(&[Grade::Green, Grade::Yellow]) };
        let mut evidence = evidence(code);
        evidence.cache = Some(self.facts());
        evidence.found.listings = vec![listing(grade)];
        evidence
    }

    fn event(&mut self) -> Event {
        match self.random.below(24) {
            0 => Event::Pressed(Button::Delivery),
            1 => Event::Pressed(*self.random.pick(&[
                Button::LampTest,
                Button::Sync,
                Button::ReviewPassed,
                Button::ReviewFailed,
            ])),
            2 => Event::Failed(*self.random.pick(&[Part::Camera, Part::Cache, Part::Lights]), "broken".to_owned()),
            3 | 4 => Event::Recovered(*self.random.pick(&[Part::Camera, Part::Cache, Part::Lights])),
            5 => {
                self.version += 1;
                self.red_in_cache = self.random.below(2) == 0;
                Event::Synced(Some(self.facts()))
            }
            6 => {
                self.offset = SignedDuration::from_hours(*self.random.pick(&[0, 0, 24, -24, 100, -400_000]));
                Event::Woken
            }
            7..=9 => Event::Woken,
            _ => {
                let codes = (0..self.random.below(3)).map(|_| self.code()).map(|evidence| Presented {
                    payload: Payload { bytes: Vec::new(), corners: Default::default() },
                    evidence,
                });
                Event::Seen(Seen { codes: codes.collect(), hint: None, timings: Timings::default() })
            }
        }
    }

    fn turn(&mut self, event: Event) -> Orders {
        let mut orders = self.intake.step(self.now(), event);
        while let Some(entry) = orders.entry.take() {
            assert!(Self::lamp_of_rows(&self.journal, &orders), "a lamp before its row");
            let full = self.random.below(10) == 0;
            let answer = if full {
                Event::Failed(Part::Journal, "disk full".to_owned())
            } else {
                self.journal.push(entry);
                Event::Committed(self.journal.len() as u64)
            };
            orders = self.intake.step(self.now(), answer);
        }
        orders
    }

    /// Whether a lit lamp is that of the newest row: a verdict's own, or a lamp test's.
    fn lamp_of_rows(journal: &[Entry], orders: &Orders) -> bool {
        let Some(lamp) = orders.lights.lamp() else { return true };
        if matches!(orders.scene.body, Body::SelfTest(_)) {
            return journal.iter().any(|entry| matches!(entry.what, What::LampTest(_)));
        }
        journal.iter().rev().any(|entry| match &entry.what {
            What::Verdict(judgement) => Lamp::of(judgement.outcome) == lamp,
            What::Reviewed(_)
            | What::DeliveryStarted
            | What::DeliveryEnded
            | What::LampTest(_)
            | What::Recovered
            | What::Moved(_) => false,
        })
    }

    fn check(&self, orders: &Orders) {
        assert!(Self::lamp_of_rows(&self.journal, orders), "promise 1: a lamp without its row");
        if let Lights::On { until, .. } = orders.lights {
            assert!(until > Moment::from_ms(self.ms), "promise 3: a lamp that is over is still ordered");
            assert!(until.since(Moment::from_ms(self.ms)).as_secs() <= 20, "promise 3: a lamp without an end");
        }
        match (&orders.scene.body, orders.lights.lamp()) {
            (Body::Verdict(body), lamp) => {
                assert_eq!(lamp, Some(Lamp::of(body.outcome)), "promise 5: screen and lights disagree");
                let green_on_red = self.red_in_cache && body.outcome == Outcome::Accept;
                assert!(!green_on_red, "promise 2: green against the newest feed");
            }
            (Body::SelfTest(tested), lamp) => assert_eq!(*tested, lamp, "promise 5"),
            (_, lamp) => assert_eq!(lamp, None, "promise 5: a lamp without a verdict on the screen"),
        }
    }
}

#[test]
fn no_storm_of_events_breaks_a_promise() {
    for seed in 0..STORMS {
        let mut storm = Storm::new(seed);
        println!("seed {seed}");
        let started = Event::Started(Started { cache: Some(storm.facts()), delivery: None });
        let mut orders = storm.turn(started);
        for _ in 0..EVENTS {
            storm.check(&orders);
            storm.ms += u64::from(*storm.random.pick(&[1_u32, 66, 66, 66, 700, 5000]));
            let event = storm.event();
            orders = storm.turn(event);
        }
    }
}
