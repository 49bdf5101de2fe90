//! The intake: from what happened to what the box does.
//!
//! ```text
//!             row committed            self-test over
//!  Starting ────────────────▶ SelfTest ─────────────▶ Ready ◀───────────────────────────┐
//!                                                       │                               │
//!                label or delivery code, row committed  │  several labels, other code   │ its time is over,
//!                                                       ▼                               │ the cache changed,
//!                                     Showing · Notice · DeliveryStarted · Summary ─────┘ a part failed
//! ```
//!
//! Invariants, and where they come from:
//! - Nothing that needs a journal row is ordered before [`Event::Committed`] says that the row is on disk: deciding
//!   only leaves a [`Pending`] and the row in the orders. So no caller can light green first.
//! - Every lit lamp has an end ([`Lights::On`](super::orders::Lights::On)).
//! - While a part is failed the lamps are dark and the screen is blue.

mod compose;
mod event;
mod labels;
mod view;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

pub use event::{Event, Part, Presented, Seen, Started};

use self::view::{Row, Visits};
use super::board::Button;
use super::clock::{Clock, ClockTrust};
use super::code::Code;
use super::delivery::Delivery;
use super::entry::{Checked, Entry, What};
use super::evidence::CacheFacts;
use super::orders::{Lamp, Orders, Sound, Tone};
use super::policy::Policy;
use super::ruling::{Outcome, Ruling};
use super::scene::{CacheAge, Notice, VerdictBody};
use super::site::Site;
use super::time::{Moment, Now};
use super::verdict::{self, Circumstances};

/// How long each lamp is lit in a self-test.
const LAMP_TEST: Duration = Duration::from_millis(500);
/// How long a failed journal is left alone before a row is tried again.
const JOURNAL_RETRY: Duration = Duration::from_secs(2);

/// The intake of one kiosk.
#[derive(Clone, Debug)]
pub struct Intake {
    site: Site,
    clock: Clock,
    cache: Option<CacheFacts>,
    /// Why the last sync failed.
    sync_fault: Option<String>,
    faults: BTreeMap<Part, String>,
    delivery: Option<OpenDelivery>,
    visits: Visits,
    state: State,
    pending: Option<Pending>,
    sound: Option<Sound>,
    candidate: Option<Candidate>,
    retry_journal_at: Option<Moment>,
}

/// See the diagram above.
#[derive(Clone, Debug)]
enum State {
    Starting,
    SelfTest { since: Moment },
    Ready,
    Showing { identity: Vec<u8>, body: Box<VerdictBody>, since: Moment, until: Moment },
    Notice { notice: Notice, until: Moment },
    DeliveryStarted { until: Moment },
    Summary { delivery: Delivery, until: Moment },
}

/// What becomes true as soon as its row is on disk.
#[derive(Clone, Debug)]
enum Pending {
    LampTest,
    Recovered,
    Verdict {
        identity: Vec<u8>,
        ruling: Ruling,
        listing: Option<u32>,
        code: Code,
        body: Box<VerdictBody>,
        replaces: Option<Outcome>,
    },
    /// A review's result: the label is decided again.
    Reviewed {
        identity: Vec<u8>,
    },
    /// The summary of the delivery before stays on the screen where `show` is false.
    DeliveryStarted {
        delivery: Delivery,
        show: bool,
    },
    DeliveryEnded {
        next: Option<String>,
    },
}

#[derive(Clone, Debug)]
struct OpenDelivery {
    delivery: Delivery,
    last_item: Moment,
}

/// A notice that waits a little, because the label itself may be read in the next frame.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    notice: Notice,
    since: Moment,
    last: Moment,
}

/// The clocks, judged.
#[derive(Clone, Copy, Debug)]
struct Time {
    now: Now,
    trust: ClockTrust,
    best: Timestamp,
}

impl Time {
    const fn moment(&self) -> Moment {
        self.now.moment
    }
}

impl Intake {
    /// An intake that knows `highest` as a time that has certainly passed: the newest of cache and journal.
    #[must_use]
    pub fn new(site: Site, highest: Timestamp) -> Self {
        Self {
            site,
            clock: Clock::new(highest),
            cache: None,
            sync_fault: None,
            faults: BTreeMap::new(),
            delivery: None,
            visits: Visits::default(),
            state: State::Starting,
            pending: None,
            sound: None,
            candidate: None,
            retry_journal_at: None,
        }
    }

    /// What the box does after `event`. If the orders carry a row, the very next step must be [`Event::Committed`] or
    /// [`Event::Failed`] with [`Part::Journal`]; until then they show nothing that the row would justify.
    pub fn step(&mut self, now: Now, event: Event) -> Orders {
        let time = Time { now, trust: self.clock.judged(now.wall), best: self.clock.best(now.wall) };
        self.lapse(&time);
        let entry = match event {
            Event::Started(started) => Some(self.started(started, &time)),
            Event::Seen(seen) => self.seen(&seen, &time),
            Event::Woken => None,
            Event::Committed(seq) => self.committed(seq, &time),
            Event::Pressed(button) => self.pressed(button, &time),
            Event::Synced(cache) => self.synced(cache),
            Event::Followed(fault) => self.followed(fault),
            Event::Failed(part, detail) => self.failed(part, detail, &time),
            Event::Recovered(part) => self.recovered(part),
        };
        let entry = entry.or_else(|| self.due(&time));
        self.orders(&time, entry)
    }

    /// Ends whatever has had its time.
    fn lapse(&mut self, time: &Time) {
        let over = match &self.state {
            State::Starting | State::Ready => false,
            State::SelfTest { since } => *since + LAMP_TEST * 3 <= time.moment(),
            State::Showing { until, .. }
            | State::Notice { until, .. }
            | State::DeliveryStarted { until }
            | State::Summary { until, .. } => *until <= time.moment(),
        };
        if over {
            self.state = State::Ready;
        }
    }

    /// A row that time alone asks for.
    fn due(&mut self, time: &Time) -> Option<Entry> {
        if self.pending.is_some() {
            return None;
        }
        if self.faults.contains_key(&Part::Journal) {
            let due = self.retry_journal_at.is_some_and(|at| at <= time.moment());
            return due.then(|| self.propose(Pending::Recovered, What::Recovered, time));
        }
        let idle = self.delivery.as_ref().is_some_and(|open| self.idle_end(open) <= time.moment());
        idle.then(|| self.propose(Pending::DeliveryEnded { next: None }, What::DeliveryEnded, time))
    }

    fn idle_end(&self, open: &OpenDelivery) -> Moment {
        open.last_item + self.site.intake.delivery_idle
    }

    /// Waits for a row. The verdict before it is over at once, however long the disk takes.
    fn propose(&mut self, pending: Pending, what: What, time: &Time) -> Entry {
        self.pending = Some(pending);
        if matches!(self.state, State::Showing { .. }) {
            self.state = State::Ready;
        }
        Entry {
            at: time.now.wall,
            trust: time.trust,
            delivery: self.delivery.as_ref().map(|open| open.delivery.id.clone()),
            cache_version: self.cache.map(|cache| cache.version),
            cache_age_s: self.cache.map(|cache| (time.best.as_second() - cache.issued.as_second()).max(0)),
            what,
        }
    }

    fn started(&mut self, started: Started, time: &Time) -> Entry {
        self.synced(started.cache);
        self.delivery = started.delivery.map(|delivery| OpenDelivery { delivery, last_item: time.moment() });
        self.propose(Pending::LampTest, What::LampTest("start".to_owned()), time)
    }

    fn pressed(&mut self, button: Button, time: &Time) -> Option<Entry> {
        let busy = matches!(self.state, State::Starting | State::SelfTest { .. });
        if busy || !self.faults.is_empty() {
            return None;
        }
        Some(match (button, &self.delivery) {
            // Another thread's work; the core hears of a list when it is there.
            (Button::Sync, _) => return None,
            (Button::ReviewPassed | Button::ReviewFailed, _) => {
                return self.reviewed(button == Button::ReviewPassed, time);
            }
            (Button::LampTest, _) => self.propose(Pending::LampTest, What::LampTest("button".to_owned()), time),
            (Button::Delivery, Some(_)) => self.end_delivery(None, time),
            (Button::Delivery, None) => {
                let id = self.site.time_zone.to_datetime(time.best).strftime("D%Y%m%d-%H%M%S").to_string();
                self.start_delivery(id, true, time)
            }
        })
    }

    /// Somebody checked the item whose review is on the screen. At any other time the button means nothing.
    fn reviewed(&mut self, passed: bool, time: &Time) -> Option<Entry> {
        let State::Showing { identity, .. } = &self.state else { return None };
        let identity = identity.clone();
        let row = self.visits.get(&identity)?.row.as_ref()?;
        let Ruling::Review(item) = &row.ruling else { return None };
        let (item, code) = (item.clone(), row.code.clone());
        let checked = Checked { row: row.seq, code, listing: row.listing, item, passed };
        Some(self.propose(Pending::Reviewed { identity }, What::Reviewed(Box::new(checked)), time))
    }

    fn start_delivery(&mut self, id: String, show: bool, time: &Time) -> Entry {
        let delivery = Delivery { id: id.clone(), started: time.best, tally: super::delivery::Tally::default() };
        let mut entry = self.propose(Pending::DeliveryStarted { delivery, show }, What::DeliveryStarted, time);
        entry.delivery = Some(id);
        entry
    }

    fn end_delivery(&mut self, next: Option<String>, time: &Time) -> Entry {
        self.propose(Pending::DeliveryEnded { next }, What::DeliveryEnded, time)
    }

    /// Another cache: what is shown may no longer be true, and labels in view are decided again.
    fn synced(&mut self, cache: Option<CacheFacts>) -> Option<Entry> {
        if let Some(cache) = &cache {
            self.clock.learned(cache.issued);
        }
        self.cache = cache;
        self.visits.decide_again();
        if matches!(self.state, State::Showing { .. }) {
            self.state = State::Ready;
        }
        None
    }

    fn followed(&mut self, fault: Option<String>) -> Option<Entry> {
        self.sync_fault = fault;
        None
    }

    fn failed(&mut self, part: Part, detail: String, time: &Time) -> Option<Entry> {
        if part == Part::Journal {
            self.pending = None;
            let waiting = self.retry_journal_at.filter(|at| *at > time.moment());
            self.retry_journal_at = waiting.or(Some(time.moment() + JOURNAL_RETRY));
        }
        if self.faults.insert(part, detail).is_none() {
            self.play(Tone::Fault);
        }
        self.visits.clear();
        if !matches!(self.state, State::Starting) {
            self.state = State::Ready;
        }
        None
    }

    fn recovered(&mut self, part: Part) -> Option<Entry> {
        self.faults.remove(&part);
        None
    }

    /// The row is on disk: now, and not before, it may be seen.
    fn committed(&mut self, seq: u64, time: &Time) -> Option<Entry> {
        let now = time.moment();
        match self.pending.take()? {
            Pending::LampTest => self.state = State::SelfTest { since: now },
            Pending::Verdict { identity, ruling, listing, code, body, replaces } => {
                self.visits.row(&identity, Row { seq, ruling, listing, code, body: body.clone() });
                self.count(body.outcome, replaces, now);
                self.show(identity, body, now);
            }
            Pending::Reviewed { identity } => self.visits.undecide(&identity),
            Pending::DeliveryStarted { delivery, show } => {
                self.delivery = Some(OpenDelivery { delivery, last_item: now });
                if show {
                    self.state = State::DeliveryStarted { until: now + self.site.intake.notice };
                }
            }
            Pending::DeliveryEnded { next } => return self.ended(next, time),
            Pending::Recovered => {
                self.faults.remove(&Part::Journal);
                let first = matches!(self.state, State::Starting);
                return first.then(|| self.propose(Pending::LampTest, What::LampTest("start".to_owned()), time));
            }
        }
        None
    }

    fn ended(&mut self, next: Option<String>, time: &Time) -> Option<Entry> {
        let delivery = self.delivery.take()?.delivery;
        let until = time.moment() + self.site.intake.notice * 2;
        self.state = State::Summary { delivery, until };
        next.map(|id| self.start_delivery(id, false, time))
    }

    fn count(&mut self, outcome: Outcome, replaces: Option<Outcome>, now: Moment) {
        if let Some(open) = &mut self.delivery {
            if let Some(replaced) = replaces {
                open.delivery.tally.uncount(replaced);
            }
            open.delivery.tally.count(outcome);
            open.last_item = now;
        }
    }

    fn play(&mut self, tone: Tone) {
        let serial = self.sound.map_or(1, |last| last.serial + 1);
        self.sound = Some(Sound { tone, serial });
    }

    fn policy(&self) -> Policy {
        self.cache.map(|cache| cache.policy).unwrap_or_default().tightened_by(&self.site.policy)
    }

    fn circumstances(&self, time: &Time) -> Circumstances<'_> {
        let (zone, demo) = (&self.site.time_zone, self.site.demo);
        Circumstances { time: time.best, trust: time.trust, zone, policy: self.policy(), demo }
    }

    fn cache_age(&self, time: &Time) -> CacheAge {
        self.cache.map_or(CacheAge::Missing, |cache| verdict::cache_age(&cache, &self.circumstances(time)))
    }

    /// The lamp that a self-test lights now.
    fn lamp_under_test(since: Moment, now: Moment) -> Option<Lamp> {
        let step = now.since(since).as_millis() / LAMP_TEST.as_millis();
        Lamp::ALL.get(usize::try_from(step).ok()?).copied()
    }
}
