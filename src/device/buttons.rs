//! The box's buttons: whoever presses one, a finger or the panel, calls the listener.

mod debounce;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use self::debounce::{Debounce, SETTLE};
use super::bell::lock;
use super::lines::{Chips, Inputs, Level, place};
use super::{DeviceClock, DeviceFault};
use crate::rules::board::{Button, ButtonLines};

/// How long nothing is looked at while no button moves, and how soon the thread notices that it is to end.
const IDLE: Duration = Duration::from_millis(200);
/// How long lines that could not be read are left alone.
const RETRY: Duration = Duration::from_secs(1);

type Listener = Box<dyn Fn(Button) + Send>;

/// Tells of presses. Every clone tells the same listener.
#[derive(Clone, Default)]
pub struct Presses {
    listener: Arc<Mutex<Option<Listener>>>,
}

impl Presses {
    pub(super) fn press(&self, button: Button) {
        if let Some(listener) = &*lock(&self.listener) {
            listener(button);
        }
    }
}

/// The box's buttons. Those on lines of the processor are watched until this is dropped.
#[derive(Default)]
pub struct Buttons {
    presses: Presses,
    _watch: Option<Watch>,
}

impl Buttons {
    pub(super) fn open(
        board: Option<&ButtonLines>,
        chips: &mut Chips,
        clock: DeviceClock,
    ) -> Result<Self, DeviceFault> {
        let presses = Presses::default();
        let watch = match board.filter(|board| !board.buttons.is_empty()) {
            None => None,
            Some(board) => Some(Watch::begin(Watcher::open(board, chips, clock, presses.clone())?)?),
        };
        Ok(Self { presses, _watch: watch })
    }

    /// From now on `listener` is told of every press.
    pub fn subscribe(&mut self, listener: Listener) {
        *lock(&self.presses.listener) = Some(listener);
    }

    pub(super) fn presses(&self) -> Presses {
        self.presses.clone()
    }
}

/// The thread that watches, which ends with this.
struct Watch {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    fn begin(mut watcher: Watcher) -> Result<Self, DeviceFault> {
        let over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&over);
        let thread = thread::Builder::new().name("buttons".to_owned()).spawn(move || {
            while !told.load(Ordering::Relaxed) {
                watcher.turn();
            }
        });
        Ok(Self { over, thread: Some(thread.map_err(DeviceFault::Thread)?) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // One that panicked has been told of already.
            let _ = thread.join();
        }
    }
}

/// Buttons on lines.
struct Watcher {
    inputs: Box<dyn Inputs>,
    /// The level of a line whose button is pressed.
    pressed: Level,
    buttons: Vec<(Button, Debounce)>,
    presses: Presses,
    clock: DeviceClock,
    /// The lines cannot be read, and the log knows.
    failed: bool,
}

impl Watcher {
    fn open(board: &ButtonLines, chips: &mut Chips, clock: DeviceClock, presses: Presses) -> Result<Self, DeviceFault> {
        board.lines().try_for_each(|line| chips.expect_free(&line))?;
        let places: Vec<String> = board.lines().map(|line| place(&line)).collect();
        let numbers: Vec<u32> = board.buttons.iter().map(|(_, number)| *number).collect();
        let fault = |message| DeviceFault::Line { place: places.join(", "), message };
        let mut inputs = chips.of(&board.driver)?.inputs(&numbers, Level::of(board.active, false)).map_err(fault)?;
        let pressed = Level::of(board.active, true);
        let levels = inputs.levels().map_err(fault)?;
        for (place, _) in places.iter().zip(&levels).filter(|(_, level)| **level == pressed) {
            log::warn!("the button {place} is pressed at the start; if nobody does so, check its wires");
        }
        let buttons = board.buttons.iter().map(|(button, _)| *button);
        let buttons = buttons.zip(levels).map(|(button, level)| (button, Debounce::new(level == pressed))).collect();
        Ok(Self { inputs, pressed, buttons, presses, clock, failed: false })
    }

    /// Waits until something may have happened, and tells of presses.
    fn turn(&mut self) {
        let is_settled = self.buttons.iter().all(|(_, debounce)| debounce.is_settled());
        let waited = self.inputs.wait(if is_settled { IDLE } else { SETTLE });
        match waited.and_then(|()| self.inputs.levels()) {
            Ok(levels) => {
                self.failed = false;
                let now = self.clock.now().moment;
                for ((button, debounce), level) in self.buttons.iter_mut().zip(levels) {
                    if debounce.is_press(level == self.pressed, now) {
                        self.presses.press(*button);
                    }
                }
            }
            Err(message) => {
                if !std::mem::replace(&mut self.failed, true) {
                    log::warn!("the buttons cannot be read: {message}");
                }
                thread::sleep(RETRY);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::lines::Level::{High, Low};
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// Lines that a test moves: each wait ends with the next levels, and the clock goes on meanwhile.
    struct Script {
        steps: Receiver<(Duration, Result<Vec<Level>, String>)>,
        clock: DeviceClock,
        now: Result<Vec<Level>, String>,
    }

    impl Inputs for Script {
        fn levels(&mut self) -> Result<Vec<Level>, String> {
            self.now.clone()
        }

        fn wait(&mut self, _: Duration) -> Result<(), String> {
            let (time, levels) = self.steps.recv().map_err(|error| error.to_string())?;
            self.clock.advance(time);
            self.now = levels;
            Ok(())
        }
    }

    type Steps = Sender<(Duration, Result<Vec<Level>, String>)>;

    /// A watcher of both buttons, the levels that it will find, and the presses that it tells of.
    fn watcher(begins: Vec<Level>) -> (Watcher, Steps, Receiver<Button>) {
        let clock = DeviceClock::scripted("2026-11-23T01:00:00Z".parse().expect("a time"));
        let ((sender, steps), (told, pressed)) = (channel(), channel());
        let debounce = begins.iter().map(|level| Debounce::new(*level == Low));
        let buttons = Button::ALL.into_iter().zip(debounce).collect();
        let inputs = Box::new(Script { steps, clock: clock.clone(), now: Ok(begins) });
        let listener: Listener = Box::new(move |button| told.send(button).expect("a test"));
        let presses = Presses { listener: Arc::new(Mutex::new(Some(listener))) };
        (Watcher { inputs, pressed: Low, buttons, presses, clock, failed: false }, sender, pressed)
    }

    #[test]
    fn each_button_tells_of_its_own_presses() {
        let (mut watcher, steps, pressed) = watcher(vec![High, High]);
        let script = [(0, [Low, High]), (20, [Low, High]), (300, [High, High]), (20, [High, Low]), (20, [High, Low])];
        for (ms, levels) in script {
            steps.send((Duration::from_millis(ms), Ok(levels.to_vec()))).expect("a watcher");
            watcher.turn();
        }
        assert_eq!(pressed.try_iter().collect::<Vec<_>>(), [Button::Delivery, Button::LampTest]);
    }

    #[test]
    fn lines_that_cannot_be_read_for_a_while_press_nothing() {
        let (mut watcher, steps, pressed) = watcher(vec![High, Low]);
        for levels in [Err("the chip is gone".to_owned()), Ok(vec![High, Low]), Ok(vec![High, Low])] {
            steps.send((SETTLE, levels)).expect("a watcher");
            watcher.turn();
        }
        assert_eq!(pressed.try_iter().count(), 0);
    }

    #[test]
    fn the_thread_ends_with_the_buttons() {
        let (watcher, steps, pressed) = watcher(vec![High, High]);
        let watch = Watch::begin(watcher).expect("a thread");
        for levels in [[Low, High], [Low, High]] {
            steps.send((SETTLE, Ok(levels.to_vec()))).expect("a watcher");
        }
        assert_eq!(pressed.recv(), Ok(Button::Delivery));
        // Nothing moves any more; the wait ends with the test's sender, as a driver's does with its time.
        drop(steps);
        drop(watch);
        assert!(pressed.recv().is_err(), "the listener went with the thread");
    }
}
