//! Tones: a line in the log, or a buzzer, whose thread plays them so that nobody waits for their end.

mod melody;

use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use self::melody::Melody;
use super::alarm::{self, Alarmed, Turn, within_patience};
use super::bell::{Bell, lock};
use super::lines::{Chips, Switch};
use super::{DeviceClock, DeviceFault};
use crate::rules::board::SoundBoard;
use crate::rules::orders::Tone;

/// What makes tones.
pub struct Speaker(Sound);

enum Sound {
    /// The panel plays what the status says; a mute board plays nothing.
    None,
    Log,
    Buzzer(Buzzer),
}

impl Speaker {
    pub(super) fn open(board: &SoundBoard, chips: &mut Chips, clock: DeviceClock) -> Result<Self, DeviceFault> {
        Ok(Self(match (board, board.line()) {
            (SoundBoard::Buzzer(_), Some(line)) => Sound::Buzzer(Buzzer::new(chips.switch(&line)?, clock)?),
            (SoundBoard::Log, _) => Sound::Log,
            (SoundBoard::Panel | SoundBoard::None | SoundBoard::Buzzer(_), _) => Sound::None,
        }))
    }

    /// Plays a tone, without waiting for its end. One that is not over yet gives way.
    ///
    /// # Errors
    /// The buzzer did not follow the last time; this one is tried all the same.
    pub fn play(&mut self, tone: Tone) -> Result<(), DeviceFault> {
        match &self.0 {
            Sound::None => Ok(()),
            Sound::Log => {
                log::info!("sound: {}", format!("{tone:?}").to_lowercase());
                Ok(())
            }
            Sound::Buzzer(buzzer) => buzzer.play(tone),
        }
    }
}

/// A buzzer and the thread that switches it; silent when it is dropped.
struct Buzzer {
    shared: Arc<Shared>,
}

/// What the buzzer, its thread and the alarm share. Who needs both locks takes `switch` first.
struct Shared {
    switch: Mutex<Switch>,
    state: Mutex<State>,
    /// Wakes the thread.
    bell: Arc<Bell>,
    clock: DeviceClock,
}

#[derive(Default)]
struct State {
    /// The tone that is played, or was played last.
    melody: Option<Melody>,
    ordered_by: Option<ThreadId>,
    fault: Option<String>,
    closed: bool,
}

impl Buzzer {
    fn new(switch: Switch, clock: DeviceClock) -> Result<Self, DeviceFault> {
        let bell = clock.bell();
        let shared = Arc::new(Shared { switch: Mutex::new(switch), state: Mutex::default(), bell, clock });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("buzzer".to_owned());
        thread.spawn(move || of_thread.work()).map_err(DeviceFault::Thread)?;
        alarm::watch(&shared, Turn::Sound);
        Ok(Self { shared })
    }

    fn play(&self, tone: Tone) -> Result<(), DeviceFault> {
        let now = self.shared.clock.now().moment;
        let mut state = lock(&self.shared.state);
        state.melody = Some(Melody::new(tone, now));
        state.ordered_by = Some(thread::current().id());
        let fault = state.fault.take();
        drop(state);
        self.shared.bell.ring();
        fault.map_or(Ok(()), |message| Err(DeviceFault::Buzzer { message }))
    }
}

impl Drop for Buzzer {
    fn drop(&mut self) {
        lock(&self.shared.state).closed = true;
        // Not by the thread, which is not waited for: it may hang in a driver.
        self.shared.darken();
    }
}

impl Shared {
    fn work(&self) {
        let mut sounds = false;
        loop {
            let known = self.bell.rings();
            let mut switch = lock(&self.switch);
            let (melody, closed) = {
                let state = lock(&self.state);
                (state.melody, state.closed)
            };
            if closed {
                return;
            }
            let (on, next) = melody.map_or((false, None), |melody| melody.at(self.clock.now().moment));
            if on != sounds {
                sounds = on;
                // The state is not locked meanwhile: a driver that hangs must not hang the loop.
                let fault = switch.turn(on).err();
                lock(&self.state).fault = fault;
            }
            drop(switch);
            self.clock.wait(&self.bell, known, next, None);
        }
    }
}

impl Alarmed for Shared {
    fn is_ordered_by(&self, thread: ThreadId) -> bool {
        within_patience(&self.state).is_some_and(|state| state.ordered_by == Some(thread))
    }

    fn darken(&self) {
        if let Some(mut state) = within_patience(&self.state) {
            state.melody = None;
        }
        if let Some(mut switch) = within_patience(&self.switch) {
            // Nobody is left to be told.
            let _ = switch.turn(false);
        }
        self.bell.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::lines::Level::{High, Low};
    use crate::device::lines::recorder::Happened::{self, Became, LetGo, Set};
    use crate::device::lines::recorder::Recorder;
    use crate::rules::board::{self, Active, Driver};
    use std::time::{Duration, Instant};

    const BUZZER: u32 = 24;

    fn open() -> (Speaker, DeviceClock, Recorder) {
        let clock = DeviceClock::scripted("2026-11-23T01:00:00Z".parse().expect("a time"));
        let recorder = Recorder::default();
        let buzzer = board::Buzzer { driver: Driver::Rppal, active: Active::Low, buzzer: BUZZER };
        let board = SoundBoard::Buzzer(buzzer);
        let speaker = Speaker::open(&board, &mut Chips::recorded(&recorder), clock.clone()).expect("a speaker");
        assert_eq!(recorder.take(), [(BUZZER, Became(High))], "silent from the first moment on");
        (speaker, clock, recorder)
    }

    /// The next things that happen to the line, so many of them.
    fn next(recorder: &Recorder, count: usize) -> Vec<Happened> {
        let (end, mut happened) = (Instant::now() + Duration::from_secs(20), Vec::new());
        while happened.len() < count && Instant::now() < end {
            happened.extend(recorder.take().into_iter().map(|(_, happened)| happened));
        }
        happened
    }

    #[test]
    fn two_tones_are_played_without_anybody_waiting() {
        let (mut speaker, clock, recorder) = open();
        speaker.play(Tone::Hold).expect("a tone");
        assert_eq!(next(&recorder, 1), [Set(Low)]);
        for (ms, level) in [(180, High), (120, Low), (180, High)] {
            clock.advance(Duration::from_millis(ms));
            assert_eq!(next(&recorder, 1), [Set(level)]);
        }
    }

    #[test]
    fn a_tone_gives_way_to_the_next_one() {
        let (mut speaker, clock, recorder) = open();
        speaker.play(Tone::Reject).expect("a tone");
        assert_eq!(next(&recorder, 1), [Set(Low)]);
        clock.advance(Duration::from_millis(100));
        speaker.play(Tone::Accept).expect("a tone");
        clock.advance(Duration::from_millis(120));
        assert_eq!(next(&recorder, 1), [Set(High)], "the short one is over, and so is the long one");
    }

    #[test]
    fn a_speaker_that_is_dropped_in_the_middle_of_a_tone_is_silent() {
        let (mut speaker, _clock, recorder) = open();
        speaker.play(Tone::Reject).expect("a tone");
        assert_eq!(next(&recorder, 1), [Set(Low)]);
        drop(speaker);
        assert_eq!(next(&recorder, 3), [Set(High), Set(High), LetGo], "by hand, and once more when the line is let go");
    }

    #[test]
    fn a_panic_in_the_middle_of_a_tone_is_silent() {
        let (mut speaker, _clock, recorder) = open();
        std::thread::scope(|scope| {
            let ended = scope.spawn(|| {
                speaker.play(Tone::Reject).expect("a tone");
                assert_eq!(next(&recorder, 1), [Set(Low)]);
                panic!("a panic for a test");
            });
            assert!(ended.join().is_err());
        });
        // By the panic's hook, and perhaps once more by the thread that it wakes.
        let silent = next(&recorder, 1);
        assert!(silent.iter().all(|happened| *happened == Set(High)), "{silent:?}");
    }

    #[test]
    fn a_buzzer_that_does_not_follow_is_told_with_the_next_tone() {
        let (mut speaker, clock, recorder) = open();
        recorder.stick(Some(BUZZER));
        speaker.play(Tone::Accept).expect("nobody knows yet");
        let end = Instant::now() + Duration::from_secs(20);
        let told = loop {
            clock.advance(Duration::from_millis(1));
            match speaker.play(Tone::Accept) {
                Err(fault) => break fault.to_string(),
                Ok(()) => assert!(Instant::now() < end, "it is never told"),
            }
        };
        let expected = "the buzzer cannot be switched: `buzzer` on GPIO 24: it is stuck; check its wires and supply";
        assert_eq!(told, expected);
    }
}
