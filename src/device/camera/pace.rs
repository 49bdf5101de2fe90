//! How fast a recording is played, and how long a frame is waited for.

use std::sync::Arc;
use std::time::Duration;

use super::super::DeviceClock;
use super::super::bell::Bell;
use crate::rules::time::Moment;

/// Longest wait for a frame: whoever asks has other things to look after.
pub const PATIENCE: Duration = Duration::from_millis(200);

/// Keeps a rate without drifting, and without catching up after a pause.
#[derive(Debug)]
pub struct Pace {
    clock: DeviceClock,
    bell: Arc<Bell>,
    period: Duration,
    next: Moment,
}

impl Pace {
    /// A pace of so many frames a second; the first is due at once.
    pub fn new(clock: DeviceClock, rate: u32) -> Self {
        let (bell, next) = (clock.bell(), clock.now().moment);
        Self { clock, bell, period: Self::period(rate), next }
    }

    /// Whole milliseconds, rather a little too short: a live stream must never be read more slowly than it comes.
    fn period(rate: u32) -> Duration {
        Duration::from_millis(1000 / u64::from(rate.clamp(1, 1000)))
    }

    pub fn set_rate(&mut self, rate: u32) {
        self.period = Self::period(rate);
    }

    /// Waits until the next frame is due; `false` if that takes too long.
    pub fn is_due(&self) -> bool {
        let known = self.bell.rings();
        self.clock.wait(&self.bell, known, Some(self.next), Some(PATIENCE));
        self.clock.now().moment >= self.next
    }

    /// A frame was taken.
    pub fn taken(&mut self) {
        let now = self.clock.now().moment;
        let on_time = self.next + self.period;
        self.next = if on_time < now { now } else { on_time };
    }
}
