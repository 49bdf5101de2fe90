//! The kiosk's two clocks: one that only goes forward, and one that people set.

use std::fmt;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::bell::{Bell, lock};
use crate::rules::time::{Moment, Now};

/// Both clocks, shared by every part of a kiosk: the system's, or one that a replay moves by hand.
#[derive(Clone)]
pub struct DeviceClock {
    inner: Arc<Inner>,
}

enum Inner {
    System {
        start: Instant,
        offset: Mutex<SignedDuration>,
    },
    Scripted {
        now: Mutex<Now>,
        /// Rung whenever the clock is moved: threads wait for its moments as they do for the system's.
        bells: Mutex<Vec<Weak<Bell>>>,
    },
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
        let now = Mutex::new(Now { moment: Moment::default(), wall });
        Self { inner: Arc::new(Inner::Scripted { now, bells: Mutex::default() }) }
    }

    /// What both clocks say.
    #[must_use]
    pub fn now(&self) -> Now {
        match &*self.inner {
            Inner::System { start, offset } => {
                let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
                let wall = Timestamp::now();
                let wall = wall.saturating_add(*lock(offset)).unwrap_or(wall);
                Now { moment: Moment::from_ms(ms), wall }
            }
            Inner::Scripted { now, .. } => *lock(now),
        }
    }

    /// Sets the wall clock so far off the system's; a scripted clock takes it as a jump.
    pub fn set_offset(&self, seconds: i64) {
        let by = SignedDuration::from_secs(seconds);
        match &*self.inner {
            Inner::System { offset, .. } => *lock(offset) = by,
            Inner::Scripted { now, .. } => {
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
        let Inner::Scripted { now, bells } = &*self.inner else { return };
        {
            let mut now = lock(now);
            let passed = SignedDuration::try_from(moment.since(now.moment)).unwrap_or(SignedDuration::MAX);
            now.moment = now.moment.max(moment);
            now.wall = now.wall.saturating_add(passed).unwrap_or(now.wall);
        }
        lock(bells).retain(|bell| {
            bell.upgrade().is_some_and(|bell| {
                bell.ring();
                true
            })
        });
    }

    /// Sets the wall clock of a scripted clock.
    pub fn set_wall(&self, wall: Timestamp) {
        if let Inner::Scripted { now, .. } = &*self.inner {
            lock(now).wall = wall;
        }
    }

    /// A bell that rings for whoever waits for a moment of this clock.
    pub(super) fn bell(&self) -> Arc<Bell> {
        let bell = Arc::new(Bell::default());
        if let Inner::Scripted { bells, .. } = &*self.inner {
            lock(bells).push(Arc::downgrade(&bell));
        }
        bell
    }

    /// Waits for `until` or a ring after the `known` ones, whichever is first, and no longer than `at_most` of real time.
    pub(super) fn wait(&self, bell: &Bell, known: u64, until: Option<Moment>, at_most: Option<Duration>) {
        let left = until.map(|until| until.since(self.now().moment));
        if left == Some(Duration::ZERO) {
            return;
        }
        let left = match &*self.inner {
            Inner::System { .. } => left,
            Inner::Scripted { .. } => None,
        };
        bell.wait(known, left.into_iter().chain(at_most).min());
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
