//! The lights have one owner: a thread whose safe state is darkness.
//!
//! It turns a lamp off at the order's end by itself, so a loop that hangs leaves no green lit. The lamps go dark as well
//! when the owner is dropped, when the thread that orders them panics, and when they cannot be set as ordered.

mod lamps;
mod plan;
mod switched;

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use self::lamps::{Logged, Shown};
use self::plan::{Plan, pattern};
use self::switched::Switched;
use super::alarm::{self, Alarmed, Turn, within_patience};
use super::bell::{Bell, lock};
use super::lines::Chips;
use super::{DeviceClock, DeviceFault};
use crate::rules::board::LightsBoard;
use crate::rules::orders::{Lamp, Lights};
use crate::rules::time::Moment;

/// An order that is not carried out after this long finds no one there.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long lamps that could not be made dark are left alone before it is tried again.
const RETRY: Duration = Duration::from_millis(500);
/// Changes that a listener may leave unheard before it misses some.
const UNHEARD_LIMIT: usize = 1024;

/// What switches lamps. A GPIO expander is one, a relay board another.
pub trait Lamps: Send {
    /// Lights this lamp and no other, or none.
    ///
    /// # Errors
    /// What the hardware says; the lamps may be in any state, and are made dark.
    fn set(&mut self, lit: Option<Lamp>) -> Result<(), String>;

    /// Told when another pattern begins, for how long it lasts unless it is prolonged; not told of single blinks.
    fn showing(&mut self, _order: Lights, _lasts: Duration) {}
}

/// What the lights do at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LightsNow {
    /// The order that holds; it is off once its end has come.
    pub order: Lights,
    /// The lamp that is lit at this very moment; a flashing one is dark half of the time.
    pub lit: Option<Lamp>,
    /// Why the last order could not be carried out.
    pub fault: Option<String>,
}

/// A lamp went on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Moment,
    /// What is lit since.
    pub lit: Option<Lamp>,
}

/// The owner of the lights.
pub struct LightsOwner {
    shared: Arc<Shared>,
}

/// What the owner, its thread and the alarm share. Who needs both locks takes `lamps` first.
struct Shared {
    lamps: Mutex<Box<dyn Lamps>>,
    state: Mutex<State>,
    /// Wakes the thread.
    bell: Arc<Bell>,
    /// Tells that `done` has grown, or that the thread has ended.
    answered: Condvar,
    clock: DeviceClock,
}

#[derive(Default)]
struct State {
    plan: Plan,
    /// Orders given, orders carried out, and what became of the last of these.
    number: u64,
    done: u64,
    outcome: Option<String>,
    ordered_by: Option<ThreadId>,
    shown: LightsNow,
    /// The lamps could not be made dark.
    uncertain: bool,
    listeners: Vec<SyncSender<Change>>,
    closed: bool,
    ended: bool,
}

impl LightsOwner {
    pub(super) fn open(board: &LightsBoard, chips: &mut Chips, clock: DeviceClock) -> Result<Self, DeviceFault> {
        let lamps: Box<dyn Lamps> = match board {
            LightsBoard::Panel => Box::new(Shown),
            LightsBoard::Log => Box::new(Logged),
            LightsBoard::Lamps(lamps) => Box::new(Switched::open(lamps, chips)?),
        };
        Self::with(lamps, clock)
    }

    /// An owner of these lamps, which it makes dark.
    ///
    /// # Errors
    /// The lamps cannot be set, or the system gives no thread.
    pub fn with(mut lamps: Box<dyn Lamps>, clock: DeviceClock) -> Result<Self, DeviceFault> {
        lamps.set(None).map_err(|message| DeviceFault::Lights { message })?;
        let (lamps, state, bell) = (Mutex::new(lamps), Mutex::default(), clock.bell());
        let shared = Arc::new(Shared { lamps, state, bell, answered: Condvar::new(), clock });
        let of_thread = Arc::clone(&shared);
        thread::Builder::new()
            .name("lights".to_owned())
            .spawn(move || Shift(of_thread).work())
            .map_err(DeviceFault::Thread)?;
        alarm::watch(&shared, Turn::Lights);
        Ok(Self { shared })
    }

    /// Orders what the lights do, and waits until they do it. Repeating an order only moves its end. No order lasts
    /// longer than a minute without being repeated.
    ///
    /// # Errors
    /// They cannot be set, and are dark as far as they can be; or nobody answers.
    pub fn order(&self, lights: Lights) -> Result<(), DeviceFault> {
        let now = self.shared.clock.now().moment;
        let mut state = lock(&self.shared.state);
        state.plan = state.plan.ordered(lights, now);
        state.ordered_by = Some(thread::current().id());
        state.number += 1;
        let state = self.shared.answer(state).ok_or(DeviceFault::LightsSilent)?;
        match &state.outcome {
            Some(message) => Err(DeviceFault::Lights { message: message.clone() }),
            None => Ok(()),
        }
    }

    /// What the lights do at this very moment.
    #[must_use]
    pub fn shown(&self) -> LightsNow {
        lock(&self.shared.state).shown.clone()
    }

    /// The lamp that is lit at this very moment.
    #[must_use]
    pub fn lit(&self) -> Option<Lamp> {
        lock(&self.shared.state).shown.lit
    }

    /// Every change from now on, single blinks too. Who does not listen misses the newest.
    #[must_use]
    pub fn changes(&self) -> Receiver<Change> {
        let (sender, receiver) = sync_channel(UNHEARD_LIMIT);
        lock(&self.shared.state).listeners.push(sender);
        receiver
    }
}

impl Drop for LightsOwner {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.closed = true;
        state.number += 1;
        // The thread makes the lamps dark at its end; one that hangs in a driver is not waited for.
        if self.shared.answer(state).is_none() {
            log::error!("{}", DeviceFault::LightsSilent);
        }
    }
}

impl Shared {
    /// Wakes the thread and waits until it has done what `state` asks for; `None` if it does not.
    fn answer<'a>(&'a self, state: MutexGuard<'a, State>) -> Option<MutexGuard<'a, State>> {
        let number = state.number;
        drop(state);
        self.bell.ring();
        let waits = |state: &mut State| state.done < number && !state.ended;
        let waited = self.answered.wait_timeout_while(lock(&self.state), PATIENCE, waits);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let answered = state.done >= number || (state.ended && state.closed);
        answered.then_some(state)
    }

    /// Sets the lamps as the plan says. Answers when to come again, or that the owner is gone.
    fn turn(&self) -> Result<(Option<Moment>, Option<Duration>), Closed> {
        let mut lamps = lock(&self.lamps);
        let (closed, number, plan, before, uncertain) = {
            let state = lock(&self.state);
            (state.closed, state.number, state.plan, state.shown.clone(), state.uncertain)
        };
        if closed {
            return Err(Closed);
        }
        let now = self.clock.now().moment;
        let (lit, next) = plan.lit(now);
        let order = plan.showing(now);
        // The state is not locked meanwhile: a driver that hangs must not hang the loop.
        let set = if lit == before.lit && before.fault.is_none() { Ok(()) } else { lamps.set(lit) };
        let failed = set.err().map(|message| (message, lamps.set(None).is_err()));
        if failed.is_none() && pattern(order) != pattern(before.order) {
            lamps.showing(order, lasts(order, now));
        }
        drop(lamps);
        let mut state = lock(&self.state);
        let retry = state.settle(number, LightsNow { order, lit, fault: None }, failed, uncertain, now);
        self.answered.notify_all();
        Ok((next.filter(|_| state.shown.fault.is_none()), retry.then_some(RETRY)))
    }
}

impl Alarmed for Shared {
    fn is_ordered_by(&self, thread: ThreadId) -> bool {
        within_patience(&self.state).is_some_and(|state| state.ordered_by == Some(thread))
    }

    /// Without the thread.
    fn darken(&self) {
        if let Some(mut state) = within_patience(&self.state) {
            state.plan = Plan::default();
        }
        if let Some(mut lamps) = within_patience(&self.lamps) {
            // The process ends; nobody is left to be told.
            let _ = lamps.set(None);
        }
        self.bell.ring();
    }
}

/// The owner of the lights is gone.
struct Closed;

impl State {
    /// Notes what became of order `number`. Answers whether the lamps may still be lit against all orders.
    fn settle(
        &mut self,
        number: u64,
        wanted: LightsNow,
        failed: Option<(String, bool)>,
        was_uncertain: bool,
        now: Moment,
    ) -> bool {
        let before = self.shown.lit;
        if number > self.done {
            (self.done, self.outcome) = (number, failed.as_ref().map(|(message, _)| message.clone()));
        }
        match failed {
            None => (self.shown, self.uncertain) = (wanted, false),
            Some((message, uncertain)) => {
                if !was_uncertain {
                    log::warn!("the lights cannot be set: {message}");
                }
                // What could not be carried out is forgotten: the next order tries anew.
                if self.number == number {
                    self.plan = Plan::default();
                }
                self.shown = LightsNow { order: Lights::Off, lit: None, fault: Some(message) };
                self.uncertain = uncertain;
            }
        }
        if self.shown.lit != before {
            let change = Change { at: now, lit: self.shown.lit };
            self.listeners.retain(|listener| !matches!(listener.try_send(change), Err(TrySendError::Disconnected(_))));
        }
        self.uncertain
    }
}

/// The thread's work; whatever ends it, the lamps are dark then.
struct Shift(Arc<Shared>);

impl Shift {
    fn work(self) {
        let shared = &self.0;
        loop {
            let known = shared.bell.rings();
            let Ok((until, at_most)) = shared.turn() else { return };
            shared.clock.wait(&shared.bell, known, until, at_most);
        }
    }
}

impl Drop for Shift {
    fn drop(&mut self) {
        // Nobody is left to be told, and a driver that panicked may do so again.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| lock(&self.0.lamps).set(None)));
        let mut state = lock(&self.0.state);
        (state.ended, state.plan, state.shown) = (true, Plan::default(), LightsNow::default());
        let change = Change { at: self.0.clock.now().moment, lit: None };
        for listener in state.listeners.drain(..) {
            let _ = listener.try_send(change);
        }
        self.0.answered.notify_all();
    }
}

fn lasts(order: Lights, now: Moment) -> Duration {
    match order {
        Lights::Off => Duration::ZERO,
        Lights::On { until, .. } => until.since(now),
    }
}
