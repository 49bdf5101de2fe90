//! Promise 3: a green light ends by itself, whatever happens to the loop.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use greengate::device::{Change, DeviceClock, Lamps, LightsNow, LightsOwner};
use greengate::rules::orders::{Flash, Lamp, Lights};
use greengate::rules::time::Moment;

use super::{clock, message};

/// Long enough for any machine; nothing waits for it when the code is right.
const PATIENCE: Duration = Duration::from_secs(20);

/// What lamps do when they are set; told to the test as it happens.
type Behaviour = Box<dyn FnMut(Option<Lamp>) -> Result<(), String> + Send>;

struct TestLamps {
    behaviour: Behaviour,
    told: Sender<Option<Lamp>>,
}

impl Lamps for TestLamps {
    fn set(&mut self, lit: Option<Lamp>) -> Result<(), String> {
        let done = (self.behaviour)(lit);
        if done.is_ok() {
            // The test may be over.
            let _ = self.told.send(lit);
        }
        done
    }
}

/// An owner of lamps with this behaviour, and what is set from now on.
fn owner(clock: &DeviceClock, behaviour: Behaviour) -> (LightsOwner, Receiver<Option<Lamp>>) {
    let (told, set) = mpsc::channel();
    let owner = LightsOwner::with(Box::new(TestLamps { behaviour, told }), clock.clone()).expect("an owner");
    assert_eq!(set.recv_timeout(PATIENCE), Ok(None), "an owner begins in the dark");
    (owner, set)
}

fn obedient(clock: &DeviceClock) -> (LightsOwner, Receiver<Option<Lamp>>) {
    owner(clock, Box::new(|_| Ok(())))
}

fn on(lamp: Lamp, flash: Flash, until_ms: u64) -> Lights {
    Lights::On { lamp, flash, until: Moment::from_ms(until_ms) }
}

const GREEN: Lights = Lights::On { lamp: Lamp::Green, flash: Flash::Steady, until: Moment::from_ms(2000) };

#[test]
fn green_goes_dark_at_its_end_when_nobody_orders_again() {
    let clock = clock();
    let (lights, set) = obedient(&clock);
    let changes = lights.changes();
    lights.order(GREEN).expect("green");
    assert_eq!(lights.shown(), LightsNow { order: GREEN, lit: Some(Lamp::Green), fault: None });
    assert_eq!(set.recv_timeout(PATIENCE), Ok(Some(Lamp::Green)));
    clock.advance(Duration::from_millis(1999));
    clock.advance(Duration::from_millis(1));
    assert_eq!(set.recv_timeout(PATIENCE), Ok(None));
    let change = |ms, lit| Change { at: Moment::from_ms(ms), lit };
    assert_eq!(changes.recv_timeout(PATIENCE), Ok(change(0, Some(Lamp::Green))));
    assert_eq!(changes.recv_timeout(PATIENCE), Ok(change(2000, None)));
    assert_eq!(lights.shown(), LightsNow::default());
}

#[test]
fn green_goes_dark_by_the_systems_clock_too() {
    let clock = DeviceClock::new();
    let (lights, set) = obedient(&clock);
    let until = clock.now().moment + Duration::from_millis(50);
    lights.order(Lights::On { lamp: Lamp::Green, flash: Flash::Steady, until }).expect("green");
    assert_eq!(set.recv_timeout(PATIENCE), Ok(Some(Lamp::Green)));
    assert_eq!(set.recv_timeout(PATIENCE), Ok(None));
    assert!(clock.now().moment >= until);
}

#[test]
fn an_order_that_is_repeated_in_time_stays_lit() {
    let clock = clock();
    let (lights, set) = obedient(&clock);
    lights.order(GREEN).expect("green");
    clock.advance(Duration::from_millis(1500));
    lights.order(on(Lamp::Green, Flash::Steady, 4000)).expect("green");
    clock.advance(Duration::from_millis(1500));
    lights.order(on(Lamp::Green, Flash::Steady, 4000)).expect("green");
    assert_eq!(lights.lit(), Some(Lamp::Green));
    clock.advance(Duration::from_secs(1));
    let all: Vec<_> = [(); 2].iter().map(|()| set.recv_timeout(PATIENCE)).collect();
    assert_eq!(all, [Ok(Some(Lamp::Green)), Ok(None)], "one light without a break, one end");
}

#[test]
fn an_order_without_a_sensible_end_goes_dark_after_a_minute() {
    let clock = clock();
    let (lights, set) = obedient(&clock);
    lights.order(on(Lamp::Green, Flash::Steady, u64::MAX)).expect("green");
    assert_eq!(set.recv_timeout(PATIENCE), Ok(Some(Lamp::Green)));
    clock.advance(Duration::from_secs(60));
    assert_eq!(set.recv_timeout(PATIENCE), Ok(None));
}

#[test]
fn an_order_whose_end_has_passed_lights_nothing() {
    let clock = clock();
    clock.advance(Duration::from_secs(10));
    let (lights, _set) = obedient(&clock);
    lights.order(GREEN).expect("an order");
    assert_eq!(lights.shown(), LightsNow::default());
}

#[test]
fn red_flashes_four_times_a_second_and_another_lamp_takes_its_place_at_once() {
    let clock = clock();
    let (lights, set) = obedient(&clock);
    lights.order(on(Lamp::Red, Flash::Fast, 10_000)).expect("red");
    let mut seen = vec![set.recv_timeout(PATIENCE).expect("a change")];
    for _ in 0..4 {
        clock.advance(Duration::from_millis(125));
        seen.push(set.recv_timeout(PATIENCE).expect("a change"));
    }
    let red = Some(Lamp::Red);
    assert_eq!(seen, [red, None, red, None, red]);
    lights.order(on(Lamp::Yellow, Flash::Slow, 10_000)).expect("yellow");
    assert_eq!(lights.lit(), Some(Lamp::Yellow), "a new lamp begins with its lit half");
}

#[test]
fn an_owner_that_is_dropped_leaves_the_lamps_dark() {
    let clock = clock();
    let (lights, set) = obedient(&clock);
    let changes = lights.changes();
    lights.order(GREEN).expect("green");
    drop(lights);
    assert_eq!(set.iter().collect::<Vec<_>>(), [Some(Lamp::Green), None]);
    assert_eq!(changes.iter().last().map(|change| change.lit), Some(None));
}

#[test]
fn a_loop_that_panics_leaves_the_lamps_dark() {
    let clock = clock();
    let (lights, set) = obedient(&clock);
    let lights = Arc::new(lights);
    let of_loop = Arc::clone(&lights);
    let ended = thread::Builder::new().name("a loop that panics for a test".to_owned()).spawn(move || {
        of_loop.order(GREEN).expect("green");
        panic!("the loop has a bug");
    });
    assert!(ended.expect("a thread").join().is_err(), "it panicked");
    // The owner still lives, so nothing but the panic itself made the lamps dark. The clock did not move.
    assert_eq!(set.recv_timeout(PATIENCE), Ok(Some(Lamp::Green)));
    assert_eq!(set.recv_timeout(PATIENCE), Ok(None));
    lights.order(GREEN).expect("who catches the panic can order again");
    assert_eq!(lights.lit(), Some(Lamp::Green));
}

#[test]
fn a_panic_of_somebody_else_leaves_the_light_alone() {
    let clock = clock();
    let (lights, _set) = obedient(&clock);
    lights.order(GREEN).expect("green");
    let other = thread::Builder::new().name("another that panics for a test".to_owned());
    let ended = other.spawn(|| panic!("the panel has a bug")).expect("a thread");
    assert!(ended.join().is_err(), "it panicked");
    assert_eq!(lights.lit(), Some(Lamp::Green));
}

#[test]
fn lamps_that_fail_are_reported_and_made_dark() {
    let clock = clock();
    let behaviour = |lit| if lit == Some(Lamp::Green) { Err("the relay is stuck".to_owned()) } else { Ok(()) };
    let (lights, set) = owner(&clock, Box::new(behaviour));
    let expected = "the lights cannot be set: the relay is stuck; check their wires and supply";
    assert_eq!(message(lights.order(GREEN)), expected);
    assert_eq!(set.recv_timeout(PATIENCE), Ok(None), "dark, because green failed");
    assert_eq!(message(lights.order(GREEN)), expected, "and the next order tries again");
    lights.order(on(Lamp::Red, Flash::Steady, 2000)).expect("red works");
    assert_eq!((lights.lit(), lights.shown().fault), (Some(Lamp::Red), None));
}

#[test]
fn lamps_that_cannot_even_go_dark_are_tried_until_they_do() {
    let clock = clock();
    let broken = Arc::new(Mutex::new(0_u32));
    let counted = Arc::clone(&broken);
    // Three settings fail: green, dark, and dark once more.
    let behaviour = move |_| {
        let mut left = counted.lock().expect("a lock");
        *left = left.saturating_sub(1);
        if *left > 0 { Err("no supply".to_owned()) } else { Ok(()) }
    };
    let (lights, set) = owner(&clock, Box::new(behaviour));
    *broken.lock().expect("a lock") = 4;
    assert_eq!(message(lights.order(GREEN)), "the lights cannot be set: no supply; check their wires and supply");
    assert_eq!(set.recv_timeout(PATIENCE), Ok(None), "dark in the end, without another order");
}

#[test]
fn a_blink_that_fails_ends_the_order_in_the_dark() {
    let clock = clock();
    let mut settings = 0;
    let behaviour = move |_| {
        settings += 1;
        // Dark at the start, lit, dark, and then the second flash.
        if settings == 4 { Err("a loose wire".to_owned()) } else { Ok(()) }
    };
    let (lights, set) = owner(&clock, Box::new(behaviour));
    lights.order(on(Lamp::Yellow, Flash::Slow, 10_000)).expect("yellow");
    assert_eq!(set.recv_timeout(PATIENCE), Ok(Some(Lamp::Yellow)));
    for _ in 0..2 {
        clock.advance(Duration::from_millis(500));
        assert_eq!(set.recv_timeout(PATIENCE), Ok(None));
    }
}

#[test]
fn a_driver_that_hangs_does_not_hang_the_loop() {
    let clock = clock();
    let (release, held) = mpsc::channel::<()>();
    let behaviour = move |lit| {
        if lit == Some(Lamp::Green) {
            // Until the test lets go.
            let _ = held.recv();
        }
        Ok(())
    };
    let (lights, set) = owner(&clock, Box::new(behaviour));
    assert_eq!(message(lights.order(GREEN)), "the lights do not answer; switch the box off and on");
    assert_eq!(lights.lit(), None, "asking does not hang either");
    clock.advance(Duration::from_secs(3));
    drop(release);
    assert_eq!(set.recv_timeout(PATIENCE), Ok(Some(Lamp::Green)));
    assert_eq!(set.recv_timeout(PATIENCE), Ok(None), "a green that came too late is put out");
}

#[test]
fn a_driver_that_panics_is_reported_and_leaves_the_lamps_dark() {
    let clock = clock();
    let behaviour = |lit| if lit == Some(Lamp::Green) { panic!("the driver has a bug") } else { Ok(()) };
    let (lights, set) = owner(&clock, Box::new(behaviour));
    assert_eq!(message(lights.order(GREEN)), "the lights do not answer; switch the box off and on");
    assert_eq!(set.recv_timeout(PATIENCE), Ok(None));
    assert_eq!(lights.lit(), None);
}
