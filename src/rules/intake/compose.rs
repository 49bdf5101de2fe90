//! The whole desired state, put together after every event.

use std::time::Duration;

use super::super::clock::ClockTrust;
use super::super::entry::Entry;
use super::super::orders::{Flash, Lamp, Lights, Orders};
use super::super::scene::{Bar, Body, CacheAge, Scene};
use super::super::time::Moment;
use super::super::words;
use super::{Intake, LAMP_TEST, State, Time};

impl Intake {
    pub(super) fn orders(&self, time: &Time, entry: Option<Entry>) -> Orders {
        Orders {
            scene: Scene { body: self.scene_body(time), bar: self.bar(time) },
            lights: self.lights(time),
            sound: self.sound,
            entry,
            wake_at: Some(self.wake_at(time)),
        }
    }

    fn scene_body(&self, time: &Time) -> Body {
        if let Some((part, detail)) = self.faults.first_key_value() {
            return Body::Fault(words::fault(*part, detail));
        }
        match &self.state {
            State::Starting => Body::Starting,
            State::SelfTest { since } => Body::SelfTest(Self::lamp_under_test(*since, time.moment())),
            State::Ready => match self.cache_age(time) {
                CacheAge::Missing => Body::Fault(words::out_of_service(None, self.sync_fault.as_deref())),
                CacheAge::Dead(hours) => Body::Fault(words::out_of_service(Some(hours), self.sync_fault.as_deref())),
                CacheAge::Normal | CacheAge::Ageing(_) | CacheAge::Old(_) => Body::Ready,
            },
            State::Showing { body, .. } => Body::Verdict(body.clone()),
            State::Notice { notice, .. } => Body::Notice(*notice),
            State::DeliveryStarted { .. } => {
                self.delivery.as_ref().map_or(Body::Ready, |open| Body::DeliveryStarted(open.delivery.clone()))
            }
            State::Summary { delivery, .. } => Body::Summary(delivery.clone()),
        }
    }

    fn lights(&self, time: &Time) -> Lights {
        if !self.faults.is_empty() {
            return Lights::Off;
        }
        match &self.state {
            State::SelfTest { since } => Self::lamp_under_test(*since, time.moment()).map_or(Lights::Off, |lamp| {
                Lights::On { lamp, flash: Flash::Steady, until: Self::phase_end(*since, time.moment()) }
            }),
            State::Showing { body, until, .. } => {
                Lights::On { lamp: Lamp::of(body.outcome), flash: Flash::of(body.outcome), until: *until }
            }
            State::Starting
            | State::Ready
            | State::Notice { .. }
            | State::DeliveryStarted { .. }
            | State::Summary { .. } => Lights::Off,
        }
    }

    /// When the lamp under test gives way to the next.
    fn phase_end(since: Moment, now: Moment) -> Moment {
        let steps = now.since(since).as_millis() / LAMP_TEST.as_millis() + 1;
        since + LAMP_TEST * u32::try_from(steps).unwrap_or(u32::MAX)
    }

    fn bar(&self, time: &Time) -> Bar {
        let clock = self.site.time_zone.to_datetime(time.now.wall).strftime("%H:%M").to_string();
        Bar {
            site: self.site.name.clone(),
            clock: (time.trust == ClockTrust::Trusted).then_some(clock),
            trust: Some(time.trust),
            cache: self.cache_age(time),
            delivery: self.delivery.as_ref().map(|open| (open.delivery.id.clone(), open.delivery.tally)),
            demo: self.site.demo,
        }
    }

    /// The next moment at which time alone changes something: at the latest the next minute on the screen's clock.
    fn wake_at(&self, time: &Time) -> Moment {
        let now = time.moment();
        let past_minute = time.now.wall.as_millisecond().rem_euclid(60_000);
        let minute = now + Duration::from_millis(60_000 - past_minute.unsigned_abs());
        let state = match &self.state {
            State::Starting | State::Ready => None,
            State::SelfTest { since } => Some(Self::phase_end(*since, now)),
            State::Showing { until, .. }
            | State::Notice { until, .. }
            | State::DeliveryStarted { until }
            | State::Summary { until, .. } => Some(*until),
        };
        let idle = self.delivery.as_ref().map(|open| self.idle_end(open));
        [state, idle, self.retry_journal_at.filter(|at| *at > now)].into_iter().flatten().fold(minute, Moment::min)
    }
}
