//! The lights have one owner: a thread whose safe state is darkness.
//!
//! It turns a lamp off at the order's end by itself, so a loop that hangs leaves no green lit; and it goes dark when the
//! owner is dropped or its thread ends in whatever way.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{DeviceClock, DeviceFault};
use crate::rules::board::LightsBoard;
use crate::rules::orders::{Lamp, Lights};
use crate::rules::time::Moment;

/// An order that is not carried out after this long finds no one there.
const PATIENCE: Duration = Duration::from_millis(500);

/// What switches lamps. A GPIO expander is one, a relay board another.
pub trait Lamps: Send {
    /// Lights this lamp and no other, or none.
    ///
    /// # Errors
    /// What the hardware says; the lamps may be in any state, and are set again.
    fn set(&mut self, lit: Option<Lamp>) -> Result<(), String>;
}

/// Lamps that are only shown in the panel or told in the log.
struct Virtual;

impl Lamps for Virtual {
    fn set(&mut self, _: Option<Lamp>) -> Result<(), String> {
        Ok(())
    }
}

/// Makes the lamps dark when it goes, even in a panic.
struct Safe(Box<dyn Lamps>);

impl Drop for Safe {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.0.set(None);
    }
}

/// The owner of the lights.
pub struct LightsOwner {
    shared: Arc<Shared>,
    logs: bool,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    order: Lights,
    since: Moment,
    number: u64,
    done: u64,
    fault: Option<String>,
    lit: Option<Lamp>,
    closed: bool,
}

impl LightsOwner {
    pub(super) fn open(board: &LightsBoard, clock: DeviceClock) -> Result<Self, DeviceFault> {
        let logs = match board {
            LightsBoard::Panel => false,
            LightsBoard::Log => true,
        };
        Self::with(Box::new(Virtual), logs, clock)
    }

    /// An owner of these lamps.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn with(lamps: Box<dyn Lamps>, logs: bool, clock: DeviceClock) -> Result<Self, DeviceFault> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("lights".to_owned()).spawn(move || of_thread.own(Safe(lamps), &clock));
        Ok(Self { shared, logs, thread: Some(thread.map_err(DeviceFault::Thread)?) })
    }

    /// Orders what the lights do, and waits until they do it. Repeating an order only moves its end.
    ///
    /// # Errors
    /// They cannot be set, or nobody answers.
    pub fn order(&self, lights: Lights) -> Result<(), DeviceFault> {
        let mut state = self.shared.lock();
        if self.logs && tell(&state.order) != tell(&lights) {
            log::info!("lights: {}", tell(&lights));
        }
        state.order = lights;
        state.number += 1;
        let number = state.number;
        self.shared.changed.notify_all();
        let waited = self.shared.changed.wait_timeout_while(state, PATIENCE, |state| state.done < number);
        let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        match &state.fault {
            _ if timeout.timed_out() => Err(DeviceFault::LightsSilent),
            Some(message) => Err(DeviceFault::Lights { message: message.clone() }),
            None => Ok(()),
        }
    }

    /// The lamp that is lit at this very moment.
    #[must_use]
    pub fn lit(&self) -> Option<Lamp> {
        self.shared.lock().lit
    }
}

impl Drop for LightsOwner {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        // A thread that panicked has made the lamps dark.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn own(&self, mut lamps: Safe, clock: &DeviceClock) {
        let mut state = self.lock();
        let mut current = None;
        while !state.closed {
            let now = clock.now().moment;
            if lamp(&state.order) != current {
                (current, state.since) = (lamp(&state.order), now);
            }
            let (lit, until) = phase(&state.order, state.since, now);
            if lit != state.lit || state.fault.is_some() {
                state.fault = lamps.0.set(lit).err();
                state.lit = lit;
            }
            state.done = state.number;
            self.changed.notify_all();
            state = match until {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let waited = self.changed.wait_timeout(state, clock.patience(until));
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        state.lit = None;
    }
}

/// Lamp and flash of an order: a new one begins its flashing anew, a longer one goes on.
const fn lamp(order: &Lights) -> Option<(Lamp, crate::rules::orders::Flash)> {
    match order {
        Lights::Off => None,
        Lights::On { lamp, flash, .. } => Some((*lamp, *flash)),
    }
}

/// What is lit now, and when that changes by itself.
fn phase(order: &Lights, since: Moment, now: Moment) -> (Option<Lamp>, Option<Moment>) {
    match order {
        Lights::On { lamp, flash, until } if *until > now => {
            let Some(half_ms) = flash.half_period_ms() else { return (Some(*lamp), Some(*until)) };
            let halves = now.ms.saturating_sub(since.ms) / half_ms;
            let next = Moment::from_ms(since.ms + (halves + 1) * half_ms).min(*until);
            (halves.is_multiple_of(2).then_some(*lamp), Some(next))
        }
        Lights::On { .. } | Lights::Off => (None, None),
    }
}

fn tell(order: &Lights) -> String {
    lamp(order).map_or("dark".to_owned(), |(lamp, flash)| format!("{lamp:?} {flash:?}").to_lowercase())
}
