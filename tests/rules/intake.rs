//! The intake state machine: showings, notices, deliveries, faults.

use std::time::Duration;

use greengate::rules::board::Button;
use greengate::rules::code::{Code, Grade, Hint, Payload, Sighting};
use greengate::rules::entry::{Entry, Timings, What};
use greengate::rules::evidence::{CacheFacts, Evidence, Reviewing, TakenIn};
use greengate::rules::intake::{Event, Intake, Part, Presented, Seen, Started};
use greengate::rules::orders::{Lamp, Lights, Orders, Tone};
use greengate::rules::ruling::Outcome;
use greengate::rules::scene::{Body, CacheAge, Notice};
use greengate::rules::time::{Moment, Now};
use jiff::SignedDuration;

use super::{Spec, cache, evidence, listing, morning, site};

/// An intake with a journal that never fails unless told so, and a clock that only the test moves.
struct Desk {
    intake: Intake,
    ms: u64,
    wall_offset: SignedDuration,
    journal: Vec<Entry>,
    journal_full: bool,
    last: Orders,
}

impl Desk {
    /// A kiosk that has started, tested its lamps and waits for labels.
    fn ready() -> Self {
        let mut desk = Self::starting();
        desk.happens(Event::Started(Started { cache: Some(cache()), delivery: None }));
        desk.passes(3000);
        assert_eq!(desk.last.scene.body, Body::Ready);
        desk
    }

    fn starting() -> Self {
        let mut intake = Intake::new(site(), cache().issued);
        let last = intake.step(now(0, SignedDuration::ZERO), Event::Woken);
        Self { intake, ms: 0, wall_offset: SignedDuration::ZERO, journal: Vec::new(), journal_full: false, last }
    }

    fn happens(&mut self, event: Event) -> &Orders {
        let now = now(self.ms, self.wall_offset);
        self.last = self.intake.step(now, event);
        while let Some(entry) = self.last.entry.take() {
            assert_ne!(self.last.lights.lamp(), Some(Lamp::Green), "green was ordered before its row was on disk");
            let answer = if self.journal_full {
                Event::Failed(Part::Journal, "disk full".to_owned())
            } else {
                self.journal.push(entry);
                Event::Committed(self.journal.len() as u64)
            };
            self.last = self.intake.step(now, answer);
        }
        &self.last
    }

    /// Time passes with nothing in view; the intake is woken whenever it asked for it.
    fn passes(&mut self, ms: u64) -> &Orders {
        let end = self.ms + ms;
        while let Some(wake) = self.last.wake_at.filter(|wake| wake.ms <= end) {
            self.ms = wake.ms.max(self.ms);
            self.happens(Event::Woken);
        }
        self.ms = end;
        self.happens(Event::Woken)
    }

    fn sees(&mut self, codes: &[Evidence]) -> &Orders {
        self.ms += 66;
        let codes = codes.iter().map(presented).collect();
        self.happens(Event::Seen(Seen { codes, hint: None, timings: Timings::default() }))
    }

    fn sees_for(&mut self, ms: u64, codes: &[Evidence]) -> &Orders {
        for _ in 0..ms / 66 {
            self.sees(codes);
        }
        &self.last
    }

    fn verdicts(&self) -> Vec<&'static str> {
        self.journal.iter().filter_map(|entry| verdict(entry).map(|judgement| judgement.ruling.slug())).collect()
    }

    fn slug(&self) -> String {
        match &self.last.scene.body {
            Body::Verdict(body) => body.slug.clone(),
            other => other.slug().to_owned(),
        }
    }
}

fn verdict(entry: &Entry) -> Option<&greengate::rules::entry::Judgement> {
    match &entry.what {
        What::Verdict(judgement) => Some(judgement),
        What::Reviewed(_)
        | What::DeliveryStarted
        | What::DeliveryEnded
        | What::LampTest(_)
        | What::Recovered
        | What::Moved(_) => None,
    }
}

fn now(ms: u64, offset: SignedDuration) -> Now {
    let passed = SignedDuration::from_millis(i64::try_from(ms).expect("a short test"));
    Now { moment: Moment::from_ms(ms), wall: morning() + passed + offset }
}

fn presented(evidence: &Evidence) -> Presented {
    let bytes = serde_json::to_vec(&evidence.code).expect("a code");
    Presented { payload: Payload { bytes, corners: Default::default() }, evidence: evidence.clone() }
}

fn green() -> Evidence {
    evidence(Spec::product().signed())
}

fn red() -> Evidence {
    let mut evidence = evidence(Spec::product().index(6).signed());
    evidence.found.listings = vec![listing(Grade::Red)];
    evidence
}

fn item(serial: &str) -> Evidence {
    evidence(Spec::item(serial).signed())
}

fn shipment(id: &str) -> Evidence {
    evidence(Code::Delivery(id.to_owned()))
}

#[test]
fn the_self_test_lights_each_lamp_once_after_its_row_is_committed() {
    let mut desk = Desk::starting();
    desk.happens(Event::Started(Started { cache: Some(cache()), delivery: None }));
    let mut lamps = vec![desk.last.lights.lamp()];
    for _ in 0..3 {
        desk.passes(500);
        lamps.push(desk.last.lights.lamp());
    }
    assert_eq!(lamps, [Some(Lamp::Red), Some(Lamp::Yellow), Some(Lamp::Green), None]);
    assert_eq!(desk.journal[0].what, What::LampTest("start".to_owned()));
}

#[test]
fn a_label_held_in_view_is_one_event_and_fires_again_after_it_left() {
    let mut desk = Desk::ready();
    desk.sees_for(3000, &[green()]);
    assert_eq!(desk.verdicts(), ["accept"]);
    desk.sees_for(500, &[]);
    desk.sees(&[green()]);
    assert_eq!(desk.verdicts(), ["accept"], "half a second is not out of view");
    desk.sees_for(800, &[]);
    desk.sees(&[green()]);
    assert_eq!(desk.verdicts(), ["accept", "accept"]);
}

#[test]
fn a_green_light_stays_while_its_label_is_held_and_ends_by_itself() {
    let mut desk = Desk::ready();
    desk.sees_for(10_000, &[green()]);
    assert_eq!(desk.last.lights.lamp(), Some(Lamp::Green));
    desk.sees_for(12_000, &[green()]);
    assert_eq!(desk.last.lights, Lights::Off);
    assert_eq!(desk.last.scene.body, Body::Notice(Notice::TakeAway));
}

#[test]
fn every_lit_lamp_has_an_end_soon_after_the_last_frame() {
    let mut desk = Desk::ready();
    desk.sees_for(5000, &[green()]);
    let Lights::On { until, .. } = desk.last.lights else { panic!("the lamp is lit") };
    assert!(until.since(Moment::from_ms(desk.ms)) <= Duration::from_millis(600));
}

#[test]
fn a_new_label_replaces_the_old_one_at_once() {
    let mut desk = Desk::ready();
    desk.sees_for(300, &[green()]);
    desk.sees(&[red()]);
    assert_eq!((desk.slug().as_str(), desk.last.lights.lamp()), ("red", Some(Lamp::Red)));
}

#[test]
fn several_labels_in_one_frame_have_no_verdict_and_end_a_green_light() {
    let mut desk = Desk::ready();
    desk.sees(&[green()]);
    desk.sees(&[green(), red()]);
    assert_eq!(desk.last.scene.body, Body::Notice(Notice::ShowOne));
    assert_eq!(desk.last.lights, Lights::Off);
}

#[test]
fn two_labels_that_are_read_in_turns_are_several_labels() {
    let mut desk = Desk::ready();
    desk.sees(&[red()]);
    desk.sees(&[green()]);
    for _ in 0..10 {
        desk.sees(&[red()]);
        assert_eq!(desk.last.scene.body, Body::Notice(Notice::ShowOne));
        desk.sees(&[green()]);
        assert_eq!(desk.last.lights, Lights::Off);
    }
}

#[test]
fn the_label_that_stays_after_several_has_its_verdict_again_without_a_second_row() {
    let mut desk = Desk::ready();
    desk.sees_for(300, &[item("S1")]);
    desk.sees_for(1000, &[item("S1"), red()]);
    desk.sees_for(1000, &[item("S1")]);
    assert_eq!(desk.slug(), "accept");
    assert_eq!(desk.verdicts(), ["accept"]);
}

#[test]
fn a_couriers_code_beside_a_label_is_no_second_label() {
    let mut desk = Desk::ready();
    desk.sees(&[evidence(Code::Other), green(), shipment("(00)1")]);
    assert_eq!(desk.slug(), "accept");
}

#[test]
fn the_makers_own_code_of_the_same_product_is_no_second_label() {
    let mut desk = Desk::ready();
    desk.sees(&[evidence(Spec::product().unsigned()), green()]);
    assert_eq!(desk.slug(), "accept");
}

#[test]
fn another_code_is_told_after_a_moment_and_never_takes_a_verdicts_place() {
    let mut desk = Desk::ready();
    desk.sees(&[evidence(Code::Other)]);
    assert_eq!(desk.last.scene.body, Body::Ready);
    desk.sees_for(1000, &[evidence(Code::Other)]);
    assert_eq!(desk.last.scene.body, Body::Notice(Notice::NotAProduct));
    desk.sees(&[red()]);
    desk.sees_for(2000, &[evidence(Code::Other)]);
    assert_eq!(desk.slug(), "red");
}

#[test]
fn a_hint_is_shown_when_it_lasts() {
    let cases = [
        (Hint::MoveCloser, Notice::MoveCloser),
        (Hint::TooDark, Notice::TooDark),
        (Hint::Blurred, Notice::HoldStill),
        (Hint::Glare, Notice::Glare),
        (Hint::OutOfView, Notice::OutOfView),
    ];
    for (hint, notice) in cases {
        let mut desk = Desk::ready();
        for _ in 0..20 {
            desk.ms += 66;
            desk.happens(Event::Seen(Seen { hint: Some(hint), ..Seen::default() }));
        }
        assert_eq!(desk.last.scene.body, Body::Notice(notice));
    }
    assert_eq!(Sighting::default().hint, None);
}

#[test]
fn each_outcome_has_its_lamp_and_its_tone() {
    let mut yellow = evidence(Spec::product().index(8).signed());
    yellow.found.listings = vec![listing(Grade::Yellow)];
    let cases =
        [(green(), Lamp::Green, Tone::Accept), (yellow, Lamp::Yellow, Tone::Hold), (red(), Lamp::Red, Tone::Reject)];
    for (evidence, lamp, tone) in cases {
        let mut desk = Desk::ready();
        desk.sees(&[evidence]);
        assert_eq!(desk.last.lights.lamp(), Some(lamp));
        assert_eq!(desk.last.sound.map(|sound| sound.tone), Some(tone));
    }
}

#[test]
fn repeated_orders_do_not_repeat_the_tone() {
    let mut desk = Desk::ready();
    desk.sees(&[green()]);
    let first = desk.last.sound;
    desk.sees_for(500, &[green()]);
    assert_eq!(desk.last.sound, first);
}

#[test]
fn an_item_shown_again_is_held_as_taken_in() {
    let mut desk = Desk::ready();
    desk.sees(&[item("S1")]);
    desk.sees_for(3000, &[]);
    let mut again = item("S1");
    again.taken_in = Some(TakenIn { at: morning(), kiosk: "dock-3".to_owned(), seq: 2 });
    desk.sees(&[again]);
    assert_eq!(desk.slug(), "already-taken-in");
}

#[test]
fn what_a_review_found_is_a_row_first_and_decides_the_label_again() {
    for (button, slug, lamp) in
        [(Button::ReviewPassed, "accept", Lamp::Green), (Button::ReviewFailed, "review-failed", Lamp::Yellow)]
    {
        let mut desk = Desk::ready();
        let mut drawn = green();
        drawn.review.drawn = Some(1);
        desk.sees(&[drawn.clone()]);
        assert_eq!(desk.slug(), "review");
        let shown = desk.journal.len() as u64;
        desk.happens(Event::Pressed(button));
        let What::Reviewed(checked) = &desk.journal[desk.journal.len() - 1].what else { panic!("{:?}", desk.journal) };
        assert_eq!((checked.row, checked.slug()), (shown, button.name().replace('_', "-").as_str()));
        assert_eq!((&checked.code, checked.listing), (&drawn.code, Some(drawn.found.listings[0].id)));
        assert_eq!(desk.last.lights, Lights::Off, "nothing is lit before the label is decided again");
        let (row, passed) = (Some(shown + 1), button == Button::ReviewPassed);
        drawn.review = if passed {
            Reviewing { passed: row, ..Reviewing::default() }
        } else {
            Reviewing { failed: row, ..Reviewing::default() }
        };
        desk.sees(&[drawn]);
        assert_eq!((desk.slug().as_str(), desk.last.lights.lamp()), (slug, Some(lamp)));
    }
}

#[test]
fn a_reviews_button_means_nothing_while_no_review_is_on_the_screen() {
    let mut desk = Desk::ready();
    let rows = desk.journal.len();
    desk.happens(Event::Pressed(Button::ReviewPassed));
    assert_eq!(desk.journal.len(), rows);
    desk.sees(&[red()]);
    desk.happens(Event::Pressed(Button::ReviewPassed));
    assert_eq!((desk.journal.len(), desk.slug().as_str()), (rows + 1, "red"));
}

#[test]
fn a_newer_cache_ends_a_green_light_and_decides_the_label_in_view_again() {
    let mut desk = Desk::ready();
    desk.sees_for(300, &[item("S1")]);
    desk.happens(Event::Synced(Some(CacheFacts { version: 42, ..cache() })));
    assert_eq!(desk.last.lights, Lights::Off);
    let mut recalled = item("S1");
    recalled.found.listings = vec![listing(Grade::Red)];
    recalled.taken_in = Some(TakenIn { at: morning(), kiosk: "dock-3".to_owned(), seq: 2 });
    desk.sees(&[recalled]);
    assert_eq!(desk.slug(), "red");
    assert_eq!(desk.verdicts(), ["accept", "red"]);
    let row = verdict(&desk.journal[2]).expect("a verdict");
    assert_eq!(row.replaces, Some(2));
}

#[test]
fn a_failed_commit_shows_a_fault_and_no_green() {
    let mut desk = Desk::ready();
    desk.journal_full = true;
    desk.sees_for(1000, &[green()]);
    assert_eq!(desk.last.scene.body.slug(), "fault");
    assert_eq!(desk.last.lights, Lights::Off);
    desk.journal_full = false;
    desk.passes(2500);
    assert_eq!(desk.last.scene.body, Body::Ready);
    assert_eq!(desk.journal.last().map(|entry| entry.what.clone()), Some(What::Recovered));
    desk.sees(&[green()]);
    assert_eq!(desk.slug(), "accept");
}

#[test]
fn a_lost_camera_ends_a_green_light_and_comes_back() {
    let mut desk = Desk::ready();
    desk.sees(&[green()]);
    desk.happens(Event::Failed(Part::Camera, "unplugged".to_owned()));
    assert_eq!((desk.last.scene.body.slug(), desk.last.lights), ("fault", Lights::Off));
    desk.happens(Event::Recovered(Part::Camera));
    assert_eq!(desk.last.scene.body, Body::Ready);
}

#[test]
fn the_worst_fault_is_on_the_screen() {
    let mut desk = Desk::ready();
    desk.happens(Event::Failed(Part::Camera, "unplugged".to_owned()));
    desk.happens(Event::Failed(Part::Journal, "disk full".to_owned()));
    let Body::Fault(fault) = &desk.last.scene.body else { panic!("a fault") };
    assert_eq!(fault.detail, "disk full");
}

#[test]
fn without_a_cache_the_kiosk_is_out_of_service() {
    let mut desk = Desk::starting();
    desk.happens(Event::Started(Started::default()));
    desk.passes(3000);
    assert_eq!(desk.last.scene.body.slug(), "fault");
    desk.sees_for(500, &[green()]);
    assert_eq!(desk.verdicts(), Vec::<&str>::new());
}

#[test]
fn out_of_service_still_shows_red_and_nothing_else() {
    let mut desk = Desk::ready();
    desk.wall_offset = SignedDuration::from_hours(24 * 8);
    desk.passes(61_000);
    assert!(matches!(desk.last.scene.bar.cache, CacheAge::Dead(_)));
    assert_eq!(desk.last.scene.body.slug(), "fault");
    desk.sees_for(500, &[green()]);
    assert_eq!(desk.last.lights, Lights::Off);
    desk.sees_for(1000, &[]);
    desk.sees(&[red()]);
    assert_eq!(desk.last.lights.lamp(), Some(Lamp::Red));
    assert_eq!(desk.verdicts(), ["red"]);
}

#[test]
fn a_delivery_is_counted_from_its_code_to_its_summary() {
    let mut desk = Desk::ready();
    desk.sees(&[shipment("(00)1")]);
    assert_eq!(desk.last.scene.body.slug(), "delivery-started");
    for evidence in [item("S1"), item("S2"), red()] {
        desk.sees_for(1000, &[evidence]);
        desk.sees_for(1000, &[]);
    }
    desk.sees(&[shipment("(00)1")]);
    let Body::Summary(delivery) = &desk.last.scene.body else { panic!("a summary, not {}", desk.slug()) };
    assert_eq!((delivery.tally.accepted, delivery.tally.rejected, delivery.tally.total()), (2, 1, 3));
    let deliveries: Vec<_> = desk.journal.iter().map(|entry| entry.delivery.as_deref()).collect();
    assert_eq!(deliveries, [None, Some("(00)1"), Some("(00)1"), Some("(00)1"), Some("(00)1"), Some("(00)1")]);
}

#[test]
fn another_shipments_code_ends_the_open_delivery_and_starts_its_own() {
    let mut desk = Desk::ready();
    desk.sees(&[shipment("(00)1")]);
    desk.sees_for(1000, &[]);
    desk.sees(&[shipment("(00)2")]);
    assert_eq!(desk.last.scene.body.slug(), "summary");
    assert_eq!(desk.last.scene.bar.delivery.as_ref().map(|(id, _)| id.as_str()), Some("(00)2"));
}

#[test]
fn a_button_starts_and_ends_a_delivery() {
    let mut desk = Desk::ready();
    desk.happens(Event::Pressed(Button::Delivery));
    assert_eq!(desk.last.scene.bar.delivery.as_ref().map(|(id, _)| id.clone()), Some("D20261123-090003".to_owned()));
    desk.happens(Event::Pressed(Button::Delivery));
    assert_eq!(desk.last.scene.body.slug(), "summary");
    desk.passes(10_000);
    assert_eq!(desk.last.scene.body, Body::Ready);
}

#[test]
fn a_forgotten_delivery_ends_by_itself() {
    let mut desk = Desk::ready();
    desk.happens(Event::Pressed(Button::Delivery));
    desk.passes(31 * 60 * 1000);
    assert_eq!(desk.last.scene.bar.delivery, None);
    assert_eq!(desk.journal.last().map(|entry| entry.what.clone()), Some(What::DeliveryEnded));
}

#[test]
fn a_verdict_that_is_replaced_is_counted_once() {
    let mut desk = Desk::ready();
    desk.happens(Event::Pressed(Button::Delivery));
    desk.sees(&[item("S1")]);
    desk.happens(Event::Synced(Some(CacheFacts { version: 42, ..cache() })));
    let mut recalled = item("S1");
    recalled.found.listings = vec![listing(Grade::Red)];
    desk.sees(&[recalled]);
    let tally = desk.last.scene.bar.delivery.as_ref().map(|(_, tally)| *tally).expect("a delivery");
    assert_eq!((tally.accepted, tally.rejected), (0, 1));
}

#[test]
fn a_clock_that_fell_back_holds_and_is_told_on_the_screen() {
    let mut desk = Desk::ready();
    desk.wall_offset = SignedDuration::from_hours(-24 * 365 * 20);
    desk.sees(&[green()]);
    assert_eq!(desk.slug(), "clock");
    assert_eq!(desk.last.scene.bar.clock, None);
    assert_eq!(desk.last.lights.lamp(), Some(Lamp::of(Outcome::Hold)));
}

#[test]
fn a_forged_label_never_shows_the_facts_of_the_product_it_claims() {
    let mut desk = Desk::ready();
    desk.sees(&[evidence(Spec::product().by(greengate::rules::demo::DemoKey::Forger).signed())]);
    let Body::Verdict(body) = &desk.last.scene.body else { panic!("a verdict") };
    assert_eq!((&body.product, &body.supplier, body.outcome), (&None, &None, Outcome::Reject));
}
