//! The kiosk's two clocks: one that only goes forward, and one that people set.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::rules::time::{Moment, Now};

/// How often a thread looks at a scripted clock.
const SCRIPTED_PATIENCE: Duration = Duration::from_millis(5);

/// Both clocks, shared by every part of a kiosk: the system's, or one that a replay moves by hand.
#[derive(Clone)]
pub struct DeviceClock {
    inner: Arc<Inner>,
}

enum Inner {
    System { start: Instant, offset: Mutex<SignedDuration> },
    Scripted(Mutex<Now>),
}

impl DeviceClock {
    /// The system's clocks; moments count from now.
    #[must_use]
    pub fn new() -> Self {
        let offset = Mutex::new(SignedDuration::ZERO);
        Self { inner: Arc::new(Inner::System { start: Instant::now(), offset }) }
    }

    /// Clocks that stand still until they are moved, at moment 0 and `wall`.
    #[must_use]
    pub fn scripted(wall: Timestamp) -> Self {
        Self { inner: Arc::new(Inner::Scripted(Mutex::new(Now { moment: Moment::default(), wall }))) }
    }

    /// What both clocks say.
    #[must_use]
    pub fn now(&self) -> Now {
        match &*self.inner {
            Inner::System { start, offset } => {
                let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
                let wall = Timestamp::now().saturating_add(*lock(offset)).unwrap_or(Timestamp::MAX);
                Now { moment: Moment::from_ms(ms), wall }
            }
            Inner::Scripted(now) => *lock(now),
        }
    }

    /// Sets the wall clock so far off the system's; a scripted clock takes it as a jump.
    pub fn set_offset(&self, seconds: i64) {
        let by = SignedDuration::from_secs(seconds);
        match &*self.inner {
            Inner::System { offset, .. } => *lock(offset) = by,
            Inner::Scripted(now) => {
                let mut now = lock(now);
                now.wall = now.wall.saturating_add(by).unwrap_or(now.wall);
            }
        }
    }

    /// Lets time pass on a scripted clock; the system's goes by itself.
    pub fn advance(&self, time: Duration) {
        self.advance_to(self.now().moment + time);
    }

    /// Lets time pass on a scripted clock up to `moment`; it never goes back.
    pub fn advance_to(&self, moment: Moment) {
        if let Inner::Scripted(now) = &*self.inner {
            let mut now = lock(now);
            let passed = SignedDuration::try_from(moment.since(now.moment)).unwrap_or(SignedDuration::MAX);
            now.moment = now.moment.max(moment);
            now.wall = now.wall.saturating_add(passed).unwrap_or(now.wall);
        }
    }

    /// Sets the wall clock of a scripted clock.
    pub fn set_wall(&self, wall: Timestamp) {
        if let Inner::Scripted(now) = &*self.inner {
            lock(now).wall = wall;
        }
    }

    /// How long a thread that waits for `until` may sleep; a scripted clock is looked at again and again.
    pub(super) fn patience(&self, until: Moment) -> Duration {
        match &*self.inner {
            Inner::System { .. } => until.since(self.now().moment),
            Inner::Scripted(_) => SCRIPTED_PATIENCE,
        }
    }
}

impl Default for DeviceClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DeviceClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeviceClock").field(&self.now()).finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
