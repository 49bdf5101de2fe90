//! Makes one press of a contact that bounces.

use std::time::Duration;

use crate::rules::time::Moment;

/// How long a contact must stay as it is: those of buttons bounce for 1 to 10 ms, and no finger is as quick.
pub const SETTLE: Duration = Duration::from_millis(20);

/// One button's contact.
#[derive(Clone, Copy, Debug)]
pub struct Debounce {
    /// As it was last for long enough.
    pressed: bool,
    /// Since when it is otherwise.
    since: Option<Moment>,
}

impl Debounce {
    /// A contact as it is found. One that is found pressed is a press once it was let go.
    pub const fn new(pressed: bool) -> Self {
        Self { pressed, since: None }
    }

    /// Whether this look at the contact finds that it was pressed: once for each press, however long it lasts.
    pub fn is_press(&mut self, pressed: bool, now: Moment) -> bool {
        if pressed == self.pressed {
            self.since = None;
            return false;
        }
        let since = *self.since.get_or_insert(now);
        if now.since(since) < SETTLE {
            return false;
        }
        *self = Self::new(pressed);
        pressed
    }

    /// Whether there is nothing to wait for.
    pub const fn is_settled(&self) -> bool {
        self.since.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When presses are found, in milliseconds, of a contact that is pressed in these spans and looked at every `step`.
    fn presses(begins: bool, pressed: &[(u64, u64)], step: usize) -> Vec<u64> {
        let mut contact = Debounce::new(begins);
        let is_pressed = |ms: u64| pressed.iter().any(|(from, to)| (*from..*to).contains(&ms));
        (0..2000).step_by(step).filter(|ms| contact.is_press(is_pressed(*ms), Moment::from_ms(*ms))).collect()
    }

    #[test]
    fn a_press_counts_once_however_it_bounces() {
        let bouncing = [(100, 101), (102, 105), (106, 300), (301, 302), (304, 306)];
        assert_eq!(presses(false, &bouncing, 1), [126]);
        for step in [5, 10, 20] {
            assert_eq!(presses(false, &bouncing, step).len(), 1, "looked at every {step} ms");
        }
    }

    #[test]
    fn a_button_that_is_stuck_is_one_press() {
        assert_eq!(presses(false, &[(100, 2000)], 10), [120]);
    }

    #[test]
    fn a_button_that_is_pressed_at_the_start_counts_when_it_is_pressed_again() {
        assert_eq!(presses(true, &[(0, 500)], 10), [0; 0]);
        assert_eq!(presses(true, &[(0, 500), (700, 800)], 10), [720]);
    }

    #[test]
    fn a_disturbance_is_no_press_and_a_short_gap_is_no_end_of_one() {
        assert_eq!(presses(false, &[(100, 115)], 1), [0; 0]);
        assert_eq!(presses(false, &[(100, 300), (310, 600)], 1), [120]);
    }

    #[test]
    fn two_quick_presses_are_two() {
        assert_eq!(presses(false, &[(100, 160), (220, 280)], 10), [120, 240]);
    }
}
