//! The loop's one mailbox: what cameras, buttons, signals and the panel tell it, in order, within bounds.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::rules::board::Button;
use crate::rules::code::Sighting;
use crate::rules::intake::Part;

/// How many messages wait at most. More than these only come if the loop hangs; then the newest are dropped.
const CAPACITY: usize = 64;

/// What reaches the loop from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The camera showed something, or nothing.
    Sighting(Sighting),
    /// A button was pressed.
    Pressed(Button),
    /// A part failed, with the technical message.
    Failed(Part, String),
    /// A part works again.
    Recovered(Part),
    /// The camera's recording is over; there will be no more frames.
    CameraEnded,
    /// End the program, lights dark.
    Stop,
}

/// What becomes of a sighting that the loop has not yet taken when the next one comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backlog {
    /// A live camera: the newest wins.
    NewestWins,
    /// A recording: the camera waits for the loop, so that no frame is lost.
    Wait,
}

/// A bounded mailbox with one place for the newest sighting.
#[derive(Debug, Default)]
pub struct Mailbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    sighting: Option<(Sighting, Instant)>,
    messages: VecDeque<Message>,
    stopped: bool,
}

impl Mailbox {
    /// Tells the loop what a frame showed.
    pub fn put_sighting(&self, sighting: Sighting, backlog: Backlog) {
        let mut state = self.lock();
        while backlog == Backlog::Wait && state.sighting.is_some() && !state.stopped {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.sighting = Some((sighting, Instant::now()));
        self.changed.notify_all();
    }

    /// Tells the loop anything else. [`Message::Stop`] always finds a place. What a camera saw before it failed is
    /// forgotten: it would look as if it worked again.
    pub fn put(&self, message: Message) {
        let mut state = self.lock();
        if matches!(message, Message::Failed(Part::Camera, _)) {
            state.sighting = None;
        }
        state.stopped |= message == Message::Stop;
        if state.messages.len() < CAPACITY {
            state.messages.push_back(message);
        }
        self.changed.notify_all();
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        let state = self.lock();
        !state.stopped && state.messages.is_empty() && state.sighting.is_none()
    }

    /// Whether the loop was told to end.
    pub fn stopped(&self) -> bool {
        self.lock().stopped
    }

    /// The next message and how long it waited if it is a sighting, or `None` when `patience` is over. Any other message
    /// goes before a sighting.
    pub fn take(&self, patience: Duration) -> Option<(Message, Duration)> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if state.stopped {
                return Some((Message::Stop, Duration::ZERO));
            }
            let found = match state.messages.pop_front() {
                Some(message) => Some((message, Duration::ZERO)),
                None => state.sighting.take().map(|(sighting, put)| (Message::Sighting(sighting), put.elapsed())),
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if found.is_some() || left.is_zero() {
                self.changed.notify_all();
                return found;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn take(mailbox: &Mailbox, patience: Duration) -> Option<Message> {
        mailbox.take(patience).map(|(message, _)| message)
    }

    fn sighting(scan_us: u32) -> Sighting {
        Sighting { scan_us, ..Sighting::default() }
    }

    #[test]
    fn the_newest_sighting_of_a_live_camera_wins() {
        let mailbox = Mailbox::default();
        mailbox.put_sighting(sighting(1), Backlog::NewestWins);
        mailbox.put_sighting(sighting(2), Backlog::NewestWins);
        assert_eq!(take(&mailbox, Duration::ZERO), Some(Message::Sighting(sighting(2))));
        assert_eq!(take(&mailbox, Duration::ZERO), None);
    }

    #[test]
    fn a_recording_waits_so_that_no_frame_is_lost() {
        let mailbox = Arc::new(Mailbox::default());
        let camera = Arc::clone(&mailbox);
        let thread = std::thread::spawn(move || (1..=50).for_each(|n| camera.put_sighting(sighting(n), Backlog::Wait)));
        for n in 1..=50 {
            assert_eq!(take(&mailbox, Duration::from_secs(10)), Some(Message::Sighting(sighting(n))));
        }
        thread.join().expect("the camera thread ends");
    }

    #[test]
    fn what_a_camera_saw_before_it_failed_is_forgotten() {
        let mailbox = Mailbox::default();
        mailbox.put_sighting(sighting(1), Backlog::NewestWins);
        mailbox.put(Message::Failed(Part::Camera, "unplugged".to_owned()));
        assert!(matches!(take(&mailbox, Duration::ZERO), Some(Message::Failed(Part::Camera, _))));
        assert_eq!(take(&mailbox, Duration::ZERO), None);
    }

    #[test]
    fn stop_finds_a_place_in_a_full_mailbox() {
        let mailbox = Mailbox::default();
        for _ in 0..CAPACITY * 2 {
            mailbox.put(Message::Pressed(Button::Delivery));
        }
        mailbox.put(Message::Stop);
        assert_eq!(take(&mailbox, Duration::ZERO), Some(Message::Stop));
        assert!(mailbox.stopped());
    }

    #[test]
    fn a_waiting_camera_is_let_go_when_the_program_ends() {
        let mailbox = Arc::new(Mailbox::default());
        mailbox.put_sighting(sighting(1), Backlog::Wait);
        let camera = Arc::clone(&mailbox);
        let thread = std::thread::spawn(move || camera.put_sighting(sighting(2), Backlog::Wait));
        mailbox.put(Message::Stop);
        thread.join().expect("the camera thread ends");
    }
}
