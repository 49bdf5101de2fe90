//! Lamps on lines of the processor.

use super::Lamps;
use crate::device::DeviceFault;
use crate::device::lines::{Chips, Switch};
use crate::rules::board;
use crate::rules::orders::Lamp;

/// Three lamps, of which one is lit at most, and the torch, which is lit as long as they are there.
pub struct Switched {
    lamps: [(Lamp, Switch); 3],
    /// Dropped, and dark, with the lamps.
    _torch: Option<Switch>,
}

impl Switched {
    /// The lamps, dark from the first moment on; the torch is lit once they are.
    pub fn open(board: &board::Lamps, chips: &mut Chips) -> Result<Self, DeviceFault> {
        let mut switch = |lamp| chips.switch(&board.line(lamp)).map(|switch| (lamp, switch));
        let [first, second, third] = Lamp::ALL;
        let lamps = [switch(first)?, switch(second)?, switch(third)?];
        let mut torch = board.torch_line().map(|line| chips.switch(&line)).transpose()?;
        if let Some(torch) = &mut torch {
            torch.turn(true).map_err(|message| DeviceFault::Lights { message })?;
        }
        Ok(Self { lamps, _torch: torch })
    }
}

impl Lamps for Switched {
    /// Others go out before one is lit, and none is lit if one of them does not.
    fn set(&mut self, lit: Option<Lamp>) -> Result<(), String> {
        let (lit, others): (Vec<_>, Vec<_>) = self.lamps.iter_mut().partition(|(lamp, _)| Some(*lamp) == lit);
        let out = others.into_iter().map(|(_, switch)| switch.turn(false));
        // Every lamp is tried, whatever becomes of the one before it.
        out.fold(Ok(()), Result::and)?;
        lit.into_iter().try_for_each(|(_, switch)| switch.turn(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::DeviceClock;
    use crate::device::lights::LightsOwner;
    use crate::device::lines::Level::{self, High, Low};
    use crate::device::lines::recorder::Happened::{self, Became, BecameInput, LetGo, Set};
    use crate::device::lines::recorder::Recorder;
    use crate::rules::board::{Active, Driver, Via};
    use crate::rules::orders::{Flash, Lights};
    use crate::rules::time::Moment;
    use std::time::{Duration, Instant};

    const RED: u32 = 17;
    const YELLOW: u32 = 27;
    const GREEN: u32 = 22;
    const TORCH: u32 = 23;

    fn board(active: Active, torch: Option<u32>) -> board::Lamps {
        board::Lamps {
            driver: Driver::Rppal,
            active,
            via: Via::Resistor,
            red: RED,
            yellow: YELLOW,
            green: GREEN,
            torch,
        }
    }

    fn open(active: Active, torch: Option<u32>) -> (Switched, Recorder) {
        let recorder = Recorder::default();
        let mut chips = Chips::recorded(&recorder);
        (Switched::open(&board(active, torch), &mut chips).expect("lamps"), recorder)
    }

    /// What lights the lamp that is lit when its line is low.
    fn is_lit((_, happened): (u32, Happened)) -> bool {
        matches!(happened, Became(Low) | Set(Low))
    }

    #[test]
    fn lamps_that_are_lit_when_low_begin_high_and_are_never_low_at_the_start() {
        let (lamps, recorder) = open(Active::Low, None);
        let owner = LightsOwner::with(Box::new(lamps), DeviceClock::new()).expect("an owner");
        let started = recorder.take();
        assert_eq!(started[..3], [(RED, Became(High)), (YELLOW, Became(High)), (GREEN, Became(High))]);
        assert!(!started.iter().copied().any(is_lit), "{started:?}");
        drop(owner);
        // The owner's thread may be the last to let go.
        let (end, mut ended) = (Instant::now() + Duration::from_secs(20), Vec::new());
        while ended.last() != Some(&(GREEN, LetGo)) && Instant::now() < end {
            ended.extend(recorder.take());
        }
        assert!(!ended.iter().copied().any(is_lit), "{ended:?}");
        let let_go: Vec<u32> = ended.iter().filter(|(_, happened)| *happened == LetGo).map(|(line, _)| *line).collect();
        assert_eq!(let_go, [RED, YELLOW, GREEN]);
    }

    #[test]
    fn the_lamp_before_goes_out_before_the_next_one_is_lit() {
        for (active, on, off) in [(Active::High, High, Low), (Active::Low, Low, High)] {
            let (mut lamps, recorder) = open(active, None);
            lamps.set(Some(Lamp::Green)).expect("green");
            recorder.take();
            lamps.set(Some(Lamp::Red)).expect("red");
            assert_eq!(recorder.take(), [(YELLOW, Set(off)), (GREEN, Set(off)), (RED, Set(on))]);
        }
    }

    #[test]
    fn no_lamp_is_lit_beside_one_that_does_not_go_out() {
        let (mut lamps, recorder) = open(Active::High, None);
        lamps.set(Some(Lamp::Red)).expect("red");
        recorder.take();
        recorder.stick(Some(RED));
        assert_eq!(lamps.set(Some(Lamp::Green)), Err("`red` on GPIO 17: it is stuck".to_owned()));
        assert_eq!(recorder.take(), [(YELLOW, Set(Low))], "the others are tried all the same");
        assert_eq!(lamps.set(None), Err("`red` on GPIO 17: it is stuck".to_owned()));
        assert_eq!(recorder.take(), [(YELLOW, Set(Low)), (GREEN, Set(Low))]);
    }

    #[test]
    fn the_torch_is_lit_from_start_to_end_whatever_the_lamps_do() {
        let (mut lamps, recorder) = open(Active::High, Some(TORCH));
        lamps.set(Some(Lamp::Green)).expect("green");
        lamps.set(None).expect("dark");
        drop(lamps);
        let torch = recorder.take().into_iter().filter(|(line, _)| *line == TORCH);
        let torch: Vec<Happened> = torch.map(|(_, happened)| happened).collect();
        assert_eq!(torch, [Became(Low), Set(High), Set(Low), LetGo]);
    }

    #[test]
    fn a_lit_lamp_flashes_and_goes_dark_on_its_line_by_itself() {
        let (lamps, recorder) = open(Active::Low, None);
        let clock = DeviceClock::scripted("2026-11-23T01:00:00Z".parse().expect("a time"));
        let owner = LightsOwner::with(Box::new(lamps), clock.clone()).expect("an owner");
        recorder.take();
        let until = Moment::from_ms(1000);
        owner.order(Lights::On { lamp: Lamp::Yellow, flash: Flash::Slow, until }).expect("yellow");
        assert_eq!(levels(&recorder, 1), [Low]);
        clock.advance(Duration::from_millis(500));
        assert_eq!(levels(&recorder, 1), [High]);
        clock.advance(Duration::from_millis(500));
        owner.order(Lights::Off).expect("dark");
        // The thread may still be turning off what is off.
        assert!(!recorder.take().into_iter().any(is_lit), "it is dark already");
    }

    #[test]
    fn a_panic_makes_the_lines_dark() {
        let (lamps, recorder) = open(Active::Low, None);
        let clock = DeviceClock::scripted("2026-11-23T01:00:00Z".parse().expect("a time"));
        let owner = LightsOwner::with(Box::new(lamps), clock).expect("an owner");
        let until = Moment::from_ms(1000);
        owner.order(Lights::On { lamp: Lamp::Green, flash: Flash::Steady, until }).expect("green");
        recorder.take();
        std::thread::scope(|scope| {
            let ended = scope.spawn(|| {
                owner.order(Lights::On { lamp: Lamp::Green, flash: Flash::Steady, until }).expect("green");
                panic!("a panic for a test");
            });
            assert!(ended.join().is_err());
        });
        // By the panic's hook, and perhaps once more by the thread that it wakes.
        let dark = recorder.take();
        assert_eq!(dark[..3], [(RED, Set(High)), (YELLOW, Set(High)), (GREEN, Set(High))]);
        assert!(!dark.iter().copied().any(is_lit), "{dark:?}");
    }

    /// The yellow lamp's next levels, so many of them.
    fn levels(recorder: &Recorder, count: usize) -> Vec<Level> {
        let (end, mut levels) = (Instant::now() + Duration::from_secs(20), Vec::new());
        while levels.len() < count && Instant::now() < end {
            let yellow = recorder.take().into_iter().filter(|(line, _)| *line == YELLOW);
            levels.extend(yellow.filter_map(|(_, happened)| match happened {
                Set(level) => Some(level),
                Became(_) | BecameInput | LetGo => None,
            }));
        }
        levels
    }
}
