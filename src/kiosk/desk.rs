//! One turn: gather evidence, let the core decide, write the row, carry the orders out.
//!
//! The device and the replay of a recorded shift take the same turn; only the clock and what carries the orders out
//! differ.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::device::DeviceClock;
use crate::kiosk::shelf::{Failure, Shelf};
use crate::rules::board::Button;
use crate::rules::code::Sighting;
use crate::rules::entry::{Entry, Timings};
use crate::rules::intake::{Event, Intake, Part, Presented, Seen, Started};
use crate::rules::orders::{Lights, Orders};
use crate::rules::site::Site;
use crate::rules::time::Now;
use crate::store::StoreFault;
use crate::store::journal::Confirmed;

/// A row that leads to another row that leads to another: more in one turn is a bug of the core.
const ROWS_LIMIT: usize = 8;

/// What happened outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// A frame was scanned, and what it showed waited this many microseconds for the loop.
    Seen(Sighting, u32),
    /// A button was pressed.
    Pressed(Button),
    /// A part failed, with the technical message.
    Failed(Part, String),
    /// A part works again.
    Recovered(Part),
    /// A sync ended: why it failed, or `None` if it went well.
    Followed(Option<String>),
    /// Time passed.
    Woken,
}

/// How far a turn has come that begins with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The loop has taken up what the frame showed.
    TakenUp(Timings),
    /// List and journal have told what they know of it.
    LookedUp,
    /// The core has decided. A verdict waits for its row.
    Decided,
    /// What was lit before is dark.
    Cleared,
    /// The row is on disk.
    Committed,
    /// The lights are as ordered.
    Lit,
    /// The screen is drawn, if it is another one than before.
    Drawn,
    /// The display has taken it.
    Displayed,
}

/// Carries orders out.
pub trait Outputs {
    /// Sets the lights at once; called before a row is written, so that an old verdict does not wait for the disk.
    ///
    /// # Errors
    /// The part that did not follow.
    fn lights(&mut self, lights: Lights) -> Result<(), Failure>;

    /// Makes the whole box as the orders say, lights first; gives the parts that did not follow.
    fn carry_out(&mut self, orders: &Orders) -> Vec<Failure>;

    /// Looks after parts that may come and go; called every second. Answers whether the orders must be carried out again.
    fn look_after(&mut self) -> bool {
        false
    }

    /// Told of every step, at once; for measurements.
    fn reached(&mut self, _: Step) {}
}

/// A box that does what it is told and shows nothing: for measurements.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Outputs for Silent {
    fn lights(&mut self, _: Lights) -> Result<(), Failure> {
        Ok(())
    }

    fn carry_out(&mut self, _: &Orders) -> Vec<Failure> {
        Vec::new()
    }
}

/// The kiosk's one owner of state.
#[derive(Debug)]
pub struct Desk {
    intake: Intake,
    shelf: Shelf,
    clock: DeviceClock,
    started: bool,
    cache_failed: bool,
    failed_outputs: BTreeSet<Part>,
    committed: Vec<(u64, Entry)>,
}

impl Desk {
    /// A desk for `site`; [`Desk::start`] begins its work.
    #[must_use]
    pub fn new(site: &Site, clock: DeviceClock) -> Self {
        let mut shelf = Shelf::new(&site.state, &site.kiosk);
        // What fails here fails again at the start, where it is told.
        let _ = (shelf.open_journal(), shelf.refresh());
        Self {
            intake: Intake::new(site.clone(), shelf.highest_time()),
            shelf,
            clock,
            started: false,
            cache_failed: false,
            failed_outputs: BTreeSet::new(),
            committed: Vec::new(),
        }
    }

    /// Cache and journal.
    #[must_use]
    pub const fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The rows that were written since this was last asked, oldest first.
    pub fn take_committed(&mut self) -> Vec<(u64, Entry)> {
        std::mem::take(&mut self.committed)
    }

    /// Lets the journal grow no more, as on a full disk, or lets it grow again; for replays and tests.
    pub fn limit_journal(&mut self, full: bool) {
        self.shelf.limit_journal(full);
    }

    /// Prunes a few old rows of the journal that are `confirmed`; gives how many. A row is waited for by a person,
    /// so this is for moments in which nothing is shown.
    ///
    /// # Errors
    /// The journal's fault; it is as before.
    pub fn prune(&mut self, confirmed: Confirmed, keep: Duration) -> Result<u64, StoreFault> {
        self.shelf.prune(confirmed, keep)
    }

    /// Begins: the self-test, as soon as the journal can be written.
    pub fn start(&mut self, outputs: &mut dyn Outputs) -> Orders {
        self.look_after(outputs).unwrap_or_else(|| self.turn(Happened::Woken, outputs))
    }

    /// One turn.
    pub fn turn(&mut self, happened: Happened, outputs: &mut dyn Outputs) -> Orders {
        if let Happened::Seen(sighting, wait_us) = &happened {
            outputs.reached(Step::TakenUp(timings(sighting, *wait_us)));
        }
        let event = self.event(happened);
        outputs.reached(Step::LookedUp);
        self.step(event, outputs)
    }

    /// Looks after what changes or fails without telling: another cache, a disk that works again, a display that comes or
    /// goes. Called every second.
    pub fn look_after(&mut self, outputs: &mut dyn Outputs) -> Option<Orders> {
        let again = outputs.look_after() || !self.failed_outputs.is_empty();
        let mut orders = again.then(|| self.step(Event::Woken, outputs));
        for event in self.look_at_cache() {
            orders = Some(self.step(event, outputs));
        }
        match self.look_at_start() {
            Some(event) => Some(self.step(event, outputs)),
            None => orders,
        }
    }

    fn look_at_cache(&mut self) -> Vec<Event> {
        match self.shelf.refresh().map(|changed| (changed, self.shelf.facts())) {
            Err((part, message)) => {
                let told = std::mem::replace(&mut self.cache_failed, true);
                if told { Vec::new() } else { vec![Event::Failed(part, message)] }
            }
            Ok((_, facts)) if std::mem::take(&mut self.cache_failed) => {
                vec![Event::Synced(facts), Event::Recovered(Part::Cache)]
            }
            Ok((true, facts)) => vec![Event::Synced(facts)],
            Ok((false, _)) => Vec::new(),
        }
    }

    fn look_at_start(&mut self) -> Option<Event> {
        if self.started || self.cache_failed {
            return None;
        }
        let opened = self.shelf.open_journal().and_then(|()| self.shelf.open_delivery());
        match opened.map(|delivery| Started { cache: self.shelf.facts(), delivery }) {
            Ok(started) => {
                self.started = true;
                Some(Event::Started(started))
            }
            Err((part, message)) => Some(Event::Failed(part, message)),
        }
    }

    fn event(&mut self, happened: Happened) -> Event {
        match happened {
            Happened::Seen(sighting, wait_us) => self.seen(sighting, wait_us),
            Happened::Pressed(button) => Event::Pressed(button),
            Happened::Failed(part, message) => Event::Failed(part, message),
            Happened::Recovered(part) => Event::Recovered(part),
            Happened::Followed(fault) => Event::Followed(fault),
            Happened::Woken => Event::Woken,
        }
    }

    fn seen(&mut self, sighting: Sighting, wait_us: u32) -> Event {
        if !self.started || self.shelf.journal().is_none() {
            return Event::Woken;
        }
        let timings = timings(&sighting, wait_us);
        let presented: Result<Vec<Presented>, Failure> =
            sighting.payloads.into_iter().map(|payload| self.shelf.present(payload)).collect();
        match presented {
            Ok(codes) => Event::Seen(Seen { codes, hint: sighting.hint, timings }),
            Err((part, message)) => {
                self.cache_failed |= part == Part::Cache;
                self.shelf.close(part);
                Event::Failed(part, message)
            }
        }
    }

    fn step(&mut self, event: Event, outputs: &mut dyn Outputs) -> Orders {
        let mut orders = self.decide(event, outputs);
        let failures = outputs.carry_out(&orders);
        let changes = self.changed_outputs(failures);
        if !changes.is_empty() {
            for event in changes {
                orders = self.decide(event, outputs);
            }
            // What fails only now is found in the next turn, a second later at most.
            drop(outputs.carry_out(&orders));
        }
        orders
    }

    fn changed_outputs(&mut self, failures: Vec<Failure>) -> Vec<Event> {
        let failed: BTreeSet<Part> = failures.iter().map(|(part, _)| *part).collect();
        let known = std::mem::replace(&mut self.failed_outputs, failed);
        let new = failures.into_iter().filter(|(part, _)| !known.contains(part));
        let failed = new.map(|(part, message)| Event::Failed(part, message));
        let recovered = known.difference(&self.failed_outputs).map(|part| Event::Recovered(*part));
        failed.chain(recovered).collect()
    }

    /// Steps the core until it has no more rows to write. Nothing is lit for a row before that row is on disk.
    fn decide(&mut self, event: Event, outputs: &mut dyn Outputs) -> Orders {
        let mut orders = self.intake.step(self.now(), event);
        outputs.reached(Step::Decided);
        for _ in 0..ROWS_LIMIT {
            let Some(entry) = orders.entry.take() else { return orders };
            // Should the lights not follow, `carry_out` finds the same a moment later and tells it.
            let _ = outputs.lights(orders.lights);
            outputs.reached(Step::Cleared);
            let answer = match self.shelf.append(&entry) {
                Ok(committed) => {
                    self.committed.push((committed.seq, entry));
                    Event::Committed(committed.seq)
                }
                Err((part, message)) => Event::Failed(part, message),
            };
            outputs.reached(Step::Committed);
            orders = self.intake.step(self.now(), answer);
        }
        unreachable!("the core asks for row after row")
    }

    /// The time to the millisecond: as exactly as a recorded shift repeats it.
    fn now(&self) -> Now {
        let Now { moment, wall } = self.clock.now();
        Now { moment, wall: Timestamp::from_millisecond(wall.as_millisecond()).unwrap_or(wall) }
    }
}

const fn timings(sighting: &Sighting, wait_us: u32) -> Timings {
    Timings { scan_us: sighting.scan_us, wait_us }
}
