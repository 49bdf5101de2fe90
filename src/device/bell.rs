//! Wakes a thread that waits for a moment on a [`super::DeviceClock`].

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts how often it was rung, so that a ring between a look and the wait after it is not lost.
#[derive(Debug, Default)]
pub struct Bell {
    rings: Mutex<u64>,
    heard: Condvar,
}

impl Bell {
    /// Wakes whoever waits.
    pub fn ring(&self) {
        *lock(&self.rings) += 1;
        self.heard.notify_all();
    }

    /// How often it was rung.
    pub fn rings(&self) -> u64 {
        *lock(&self.rings)
    }

    /// Waits until it has been rung more than `known` times, but no longer than `at_most`; `None` waits for ever.
    pub fn wait(&self, known: u64, at_most: Option<Duration>) {
        let rings = lock(&self.rings);
        let unheard = |rings: &mut u64| *rings == known;
        match at_most {
            None => drop(self.heard.wait_while(rings, unheard)),
            Some(at_most) => drop(self.heard.wait_timeout_while(rings, at_most, unheard)),
        }
    }
}

/// Locks what no panic can leave half changed.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
