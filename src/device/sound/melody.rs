//! When a buzzer that knows one pitch sounds: the tone and the time decide, nothing else.

use std::time::Duration;

use crate::rules::orders::Tone;
use crate::rules::time::Moment;

/// A tone that began at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Melody {
    tone: Tone,
    since: Moment,
}

impl Melody {
    /// A tone that begins now.
    pub const fn new(tone: Tone, now: Moment) -> Self {
        Self { tone, since: now }
    }

    /// Whether it sounds now, and when that may change.
    pub fn at(&self, now: Moment) -> (bool, Option<Moment>) {
        let mut end = self.since;
        for beep in self.tone.beeps() {
            end = end + Duration::from_millis(beep.ms.into());
            if now < end {
                return (beep.hz > 0, Some(end));
            }
        }
        (false, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When it sounds, from its beginning to its end: pairs of milliseconds.
    fn sounds(tone: Tone) -> Vec<(u64, u64)> {
        let melody = Melody::new(tone, Moment::from_ms(5000));
        let (mut now, mut sounds) = (Moment::from_ms(5000), Vec::new());
        while let (on, Some(next)) = melody.at(now) {
            if on {
                sounds.push((now.ms - 5000, next.ms - 5000));
            }
            now = next;
        }
        sounds
    }

    #[test]
    fn tones_differ_by_number_and_length() {
        assert_eq!(sounds(Tone::Accept), [(0, 120)], "one short");
        assert_eq!(sounds(Tone::Hold), [(0, 180), (300, 480)], "two");
        assert_eq!(sounds(Tone::Reject), [(0, 900)], "one long");
        assert_eq!(sounds(Tone::Notice), [(0, 30)], "a click");
        assert_eq!(sounds(Tone::Fault), [(0, 150), (250, 400), (500, 650)], "three");
    }
}
