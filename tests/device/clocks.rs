//! Two clocks in one.

use std::time::Duration;

use greengate::device::DeviceClock;
use greengate::rules::time::Moment;
use jiff::SignedDuration;

use super::{clock, monday};

#[test]
fn a_scripted_clock_stands_still_until_it_is_moved() {
    let clock = clock();
    assert_eq!((clock.now().moment, clock.now().wall), (Moment::from_ms(0), monday()));
    clock.advance(Duration::from_millis(1500));
    let later = monday() + SignedDuration::from_millis(1500);
    assert_eq!((clock.now().moment, clock.now().wall), (Moment::from_ms(1500), later));
}

#[test]
fn a_scripted_clock_never_goes_back_but_its_wall_clock_does() {
    let clock = clock();
    clock.advance_to(Moment::from_ms(5000));
    clock.advance_to(Moment::from_ms(3000));
    assert_eq!(clock.now().moment, Moment::from_ms(5000));
    let earlier = monday() - SignedDuration::from_hours(48);
    clock.set_wall(earlier);
    assert_eq!((clock.now().moment, clock.now().wall), (Moment::from_ms(5000), earlier));
}

#[test]
fn clones_are_the_same_clock() {
    let (clock, other) = (clock(), clock().clone());
    let same = clock.clone();
    clock.advance(Duration::from_secs(7));
    assert_eq!((same.now().moment.ms, other.now().moment.ms), (7000, 0));
}

#[test]
fn an_offset_moves_the_wall_clock_and_nothing_else() {
    let clock = DeviceClock::new();
    let (before, year) = (clock.now(), 365 * 24 * 3600);
    clock.set_offset(-year);
    let after = clock.now();
    let moved = after.wall.as_second() - before.wall.as_second();
    assert!((-year..-year + 60).contains(&moved), "moved by {moved} s");
    assert!(after.moment >= before.moment);
    clock.set_offset(0);
    assert!(clock.now().wall >= before.wall);
}

#[test]
fn an_offset_beyond_all_calendars_is_no_panic() {
    let clock = DeviceClock::new();
    for offset in [i64::MAX, i64::MIN] {
        clock.set_offset(offset);
        assert!(clock.now().wall.as_second() != 0);
    }
}
