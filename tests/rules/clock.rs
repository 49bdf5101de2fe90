//! How far the wall clock is believed.

use super::morning;
use greengate::rules::clock::{AHEAD_LIMIT_S, Clock, ClockTrust};
use jiff::{SignedDuration, Timestamp};

fn later(seconds: i64) -> Timestamp {
    morning() + SignedDuration::from_secs(seconds)
}

#[test]
fn a_clock_that_woke_up_in_1970_is_not_trusted() {
    let clock = Clock::new(morning());
    assert_eq!(clock.trust(Timestamp::UNIX_EPOCH), ClockTrust::Behind(morning().as_second()));
    assert_eq!(clock.best(Timestamp::UNIX_EPOCH), morning());
}

#[test]
fn a_small_step_back_is_still_trusted_and_a_larger_one_is_not() {
    let clock = Clock::new(morning());
    assert_eq!(clock.trust(later(-120)), ClockTrust::Trusted);
    assert_eq!(clock.trust(later(-121)), ClockTrust::Behind(121));
}

#[test]
fn time_that_was_seen_is_never_forgotten() {
    let mut clock = Clock::new(morning());
    assert_eq!(clock.judged(later(7200)), ClockTrust::Trusted);
    assert_eq!(clock.judged(later(3600)), ClockTrust::Behind(3600));
    assert_eq!(clock.best(later(3600)), later(7200));
}

#[test]
fn a_clock_far_ahead_is_not_believed_and_does_not_poison_what_is_known() {
    let mut clock = Clock::new(morning());
    assert_eq!(clock.judged(later(AHEAD_LIMIT_S + 1)), ClockTrust::Ahead(AHEAD_LIMIT_S + 1));
    assert_eq!(clock.judged(later(60)), ClockTrust::Trusted);
}

#[test]
fn a_newer_feed_makes_a_far_clock_believable() {
    let mut clock = Clock::new(morning());
    clock.learned(later(AHEAD_LIMIT_S));
    assert_eq!(clock.judged(later(AHEAD_LIMIT_S + 60)), ClockTrust::Trusted);
}
