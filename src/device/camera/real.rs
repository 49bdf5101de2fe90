//! A real camera: a thread of its own reads it, one picture ahead, and it is opened again whenever it fails.
//!
//! ```text
//!  opening ──frame──▶ working ──fails, falls silent, tears, freezes──▶ closing ──▶ resting ──▶ opening
//!                      └─ black: told, and watched further                 └─ does not come back: left behind
//! ```
//! Drivers hang. A thread that does not come back is left behind and another one is begun; after a few of them the
//! program has to be started anew. Where such a thread keeps the camera for itself, after the first.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::super::bell::{Bell, lock};
use super::super::{DeviceClock, DeviceFault};
use super::luma::Layout;
use super::pace::PATIENCE;
use super::watch::{Look, Watch};
use super::{CameraFault, Frame};
use crate::rules::board::Frames;
use crate::rules::image::GreyImage;
use crate::rules::time::Moment;

/// How long a camera is left alone before it is tried again, the first time.
const FIRST_REST: Duration = Duration::from_millis(500);
/// A thread that has not ended after this long is left behind.
const CLOSING: Duration = Duration::from_secs(5);
/// So many threads left behind are the end.
const LEFT_BEHIND_LIMIT: u32 = 3;

/// Opens a camera; called on the thread that then reads it.
pub type Opener = Arc<dyn Fn() -> Result<Box<dyn Source>, CameraFault> + Send + Sync>;

/// An open camera as its driver has it.
pub trait Source {
    /// What it is and what it gives, for people.
    fn about(&self) -> String;

    /// How its bytes are laid out.
    fn layout(&self) -> Layout;

    /// Waits a moment for the next frame.
    fn next(&mut self) -> Result<Option<Bytes<'_>>, CameraFault>;

    /// What ends a wait in [`Source::next`] from another thread, where it does not end by itself.
    fn ender(&self) -> Option<Box<dyn Fn() + Send>> {
        None
    }
}

/// A frame as the camera gave it.
pub struct Bytes<'s> {
    /// What is filled of its buffer.
    pub bytes: &'s [u8],
    /// The driver says that something is wrong with it.
    pub is_damaged: bool,
}

/// A real camera.
pub struct Real {
    opener: Opener,
    clock: DeviceClock,
    bell: Arc<Bell>,
    watch: Watch,
    reader: Option<Reader>,
    /// No reader is begun before.
    rest_until: Moment,
    rest: Duration,
    longest_rest: Duration,
    left_behind: u32,
    left_behind_limit: u32,
    about: String,
}

struct Reader {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
    /// It was told to end.
    closing_since: Option<Moment>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What it is, once it is open, until somebody has taken note of it.
    about: Option<String>,
    ready: Option<GreyImage>,
    /// Memory for the next picture.
    spent: Option<GreyImage>,
    is_torn: bool,
    fault: Option<CameraFault>,
    ender: Option<Box<dyn Fn() + Send>>,
    is_closing: bool,
    is_over: bool,
}

/// What the reader has.
enum News {
    Picture(GreyImage),
    Torn,
    Failed(CameraFault),
    Nothing,
}

impl Real {
    /// A camera that `opener` opens, with frames as on the board. It is opened when its first frame is asked for, and
    /// after a fault is left alone for at most `longest_rest`.
    pub fn new(opener: Opener, frames: &Frames, longest_rest: Duration, clock: DeviceClock) -> Self {
        let frozen = (frames.frozen_ms > 0).then(|| Duration::from_millis(frames.frozen_ms.into()));
        let (bell, watch) = (clock.bell(), Watch::new(frames.rate, frozen));
        let (rest_until, rest) = (clock.now().moment, FIRST_REST);
        let about = String::new();
        let (reader, left_behind, left_behind_limit) = (None, 0, LEFT_BEHIND_LIMIT);
        Self {
            opener,
            clock,
            bell,
            watch,
            reader,
            rest_until,
            rest,
            longest_rest,
            left_behind,
            left_behind_limit,
            about,
        }
    }

    /// A camera that a thread left behind keeps from being opened again: the first one is the end.
    pub const fn that_opens_once(mut self) -> Self {
        self.left_behind_limit = 1;
        self
    }

    /// Waits a moment for the next frame.
    pub fn next(&mut self, into: &mut GreyImage) -> Result<Frame, DeviceFault> {
        if self.reader.as_ref().is_some_and(|reader| reader.closing_since.is_some()) {
            self.close()?;
        }
        if self.reader.is_none() && !self.open()? {
            return Ok(Frame::Same);
        }
        let Some(Reader { shared, closing_since: None, .. }) = &self.reader else { return Ok(Frame::Same) };
        let shared = Arc::clone(shared);
        let (about, news) = shared.news();
        if let Some(about) = about.filter(|about| *about != self.about) {
            log::info!("the camera is {about}");
            self.about = about;
        }
        self.heard(news, &shared, into).map_err(|fault| {
            if fault != CameraFault::Black {
                self.closes();
            }
            fault.into()
        })
    }

    /// What it is and what it gives, once it has been open.
    pub fn about(&self) -> Option<&str> {
        (!self.about.is_empty()).then_some(self.about.as_str())
    }

    fn heard(&mut self, news: News, shared: &Shared, into: &mut GreyImage) -> Result<Frame, CameraFault> {
        let now = self.clock.now().moment;
        match news {
            News::Picture(picture) => {
                lock(&shared.state).spent = Some(std::mem::replace(into, picture));
                self.watch.whole(now, Look::at(into))?;
                self.rest = FIRST_REST;
                Ok(Frame::New)
            }
            News::Torn => self.watch.torn(now).map(|()| Frame::Same),
            News::Nothing => self.watch.nothing(now).map(|()| Frame::Same),
            News::Failed(fault) => Err(fault),
        }
    }

    /// Begins a reader, unless the camera has to be left alone still.
    fn open(&mut self) -> Result<bool, DeviceFault> {
        let known = self.bell.rings();
        self.clock.wait(&self.bell, known, Some(self.rest_until), Some(PATIENCE));
        let now = self.clock.now().moment;
        if now < self.rest_until {
            return Ok(false);
        }
        let shared = Arc::new(Shared::default());
        let (opener, of_thread) = (Arc::clone(&self.opener), Arc::clone(&shared));
        let work = move || of_thread.read(&opener);
        let thread = thread::Builder::new().name("frames".to_owned()).spawn(work).map_err(DeviceFault::Thread)?;
        self.watch.opened(now);
        self.reader = Some(Reader { shared, thread, closing_since: None });
        Ok(true)
    }

    /// Tells the reader to end.
    fn closes(&mut self) {
        let now = self.clock.now().moment;
        if let Some(reader) = &mut self.reader {
            reader.closing_since = Some(now);
            reader.shared.close();
        }
        self.rest_until = now + self.rest;
        self.rest = (self.rest * 2).min(self.longest_rest);
    }

    /// Waits a moment for the reader to end. What does not end is left behind.
    fn close(&mut self) -> Result<(), CameraFault> {
        let Some(Reader { shared, thread, closing_since: Some(since) }) = &self.reader else { return Ok(()) };
        if shared.has_ended(thread) {
            self.reader = None;
        } else if self.clock.now().moment.since(*since) >= CLOSING {
            self.left_behind += 1;
            log::error!("the camera's driver does not answer; {} threads wait for it", self.left_behind);
            if self.left_behind >= self.left_behind_limit {
                return Err(CameraFault::Stuck { times: self.left_behind, patience: CLOSING });
            }
            self.reader = None;
        }
        Ok(())
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            reader.shared.close();
        }
    }
}

impl Shared {
    /// The thread's whole life.
    fn read(&self, opener: &Opener) {
        let ended = opener().and_then(|mut source| {
            {
                let mut state = lock(&self.state);
                (state.about, state.ender) = (Some(source.about()), source.ender());
            }
            self.frames(source.as_mut())
        });
        let mut state = lock(&self.state);
        (state.ender, state.fault, state.is_over) = (None, ended.err(), true);
        self.changed.notify_all();
    }

    /// Frames for which nobody is ready are dropped: only the newest is worth a look.
    fn frames(&self, source: &mut dyn Source) -> Result<(), CameraFault> {
        let layout = source.layout();
        while !lock(&self.state).is_closing {
            let Some(Bytes { bytes, is_damaged }) = source.next()? else { continue };
            let Some(mut picture) = self.wanted() else { continue };
            let read = if is_damaged {
                Err("the driver says that it is damaged".to_owned())
            } else {
                layout.read(bytes, &mut picture)
            };
            let mut state = lock(&self.state);
            match read {
                Ok(()) => state.ready = Some(picture),
                Err(message) => {
                    log::debug!("a broken frame: {message}");
                    (state.is_torn, state.spent) = (true, Some(picture));
                }
            }
            self.changed.notify_all();
        }
        Ok(())
    }

    /// Memory for a picture, if one is wanted.
    fn wanted(&self) -> Option<GreyImage> {
        let mut state = lock(&self.state);
        state.ready.is_none().then(|| state.spent.take().unwrap_or_default())
    }

    /// Waits a moment for something new.
    fn news(&self) -> (Option<String>, News) {
        let is_quiet = |state: &mut State| state.ready.is_none() && !state.is_torn && state.fault.is_none();
        let waited = self.changed.wait_timeout_while(lock(&self.state), PATIENCE, is_quiet);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let news = if let Some(picture) = state.ready.take() {
            News::Picture(picture)
        } else if let Some(fault) = state.fault.take() {
            News::Failed(fault)
        } else if std::mem::take(&mut state.is_torn) {
            News::Torn
        } else {
            News::Nothing
        };
        (state.about.take(), news)
    }

    fn close(&self) {
        let mut state = lock(&self.state);
        state.is_closing = true;
        if let Some(end) = &state.ender {
            end();
        }
    }

    /// Waits a moment for the thread to end; whether it has.
    fn has_ended(&self, thread: &JoinHandle<()>) -> bool {
        // A thread that panicked says nothing at its end.
        let runs = |state: &mut State| !state.is_over && !thread.is_finished();
        let waited = self.changed.wait_timeout_while(lock(&self.state), PATIENCE, runs);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_over || thread.is_finished()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::rules::board::{PixelFormat, Size};

    const SIZE: Size = Size { width: 64, height: 64 };

    /// What a camera does next.
    enum Act {
        /// Gives a frame of this shade.
        Shade(u8),
        /// Gives half a frame.
        Half,
        /// Gives a frame that the driver warns of.
        Damaged,
        /// Fails.
        Fails(CameraFault),
        /// Does not come back until it is ended from outside, or ever.
        Hangs { can_be_ended: bool },
    }

    /// What happens each time that it is opened.
    type Lives = VecDeque<Result<Vec<Act>, CameraFault>>;

    struct Fake {
        acts: VecDeque<Act>,
        frame: Vec<u8>,
        ended: Arc<(Mutex<bool>, Condvar)>,
        /// How many frames were looked at that were not the one before given once more.
        looked_at: Arc<AtomicU32>,
        /// How many had been when the present one was given for the first time.
        given_at: Option<u32>,
    }

    impl Fake {
        /// A frame is given until it has been looked at, for one that nobody is ready for is dropped.
        fn act(&mut self) -> Option<Act> {
            let looked_at = self.looked_at.load(Ordering::SeqCst);
            if self.given_at.is_some_and(|given_at| given_at != looked_at) {
                self.acts.pop_front();
                self.given_at = None;
            }
            if let Some(Act::Shade(shade)) = self.acts.front() {
                self.given_at = Some(looked_at);
                return Some(Act::Shade(*shade));
            }
            self.acts.pop_front()
        }
    }

    impl Source for Fake {
        fn about(&self) -> String {
            "a fake".to_owned()
        }

        fn layout(&self) -> Layout {
            Layout::new(PixelFormat::Grey, SIZE, 64, None, SIZE).expect("a layout")
        }

        fn next(&mut self) -> Result<Option<Bytes<'_>>, CameraFault> {
            thread::sleep(Duration::from_millis(1));
            let Some(act) = self.act() else { return Ok(None) };
            let (length, shade, is_damaged) = match act {
                Act::Shade(shade) => (4096, shade, false),
                Act::Half => (2048, 90, false),
                Act::Damaged => (4096, 90, true),
                Act::Fails(fault) => return Err(fault),
                Act::Hangs { can_be_ended } => {
                    let (ended, changed) = &*self.ended;
                    drop(changed.wait_while(lock(ended), |ended| !*ended || !can_be_ended));
                    return Err(CameraFault::Unplugged);
                }
            };
            self.frame = vec![shade; length];
            Ok(Some(Bytes { bytes: &self.frame, is_damaged }))
        }

        fn ender(&self) -> Option<Box<dyn Fn() + Send>> {
            let ended = Arc::clone(&self.ended);
            Some(Box::new(move || {
                *lock(&ended.0) = true;
                ended.1.notify_all();
            }))
        }
    }

    struct Bench {
        real: Real,
        clock: DeviceClock,
        opened: Arc<AtomicU32>,
        looked_at: Arc<AtomicU32>,
        /// The last frame's shade: it may have been given once more before it was known to be looked at.
        last: Option<u8>,
    }

    impl Bench {
        fn new(lives: impl Into<Lives>) -> Self {
            let clock = DeviceClock::scripted("2026-11-23T01:00:00Z".parse().expect("a time"));
            let lives = Mutex::new(lives.into());
            let [opened, looked_at] = [(); 2].map(|()| Arc::new(AtomicU32::new(0)));
            let (count, looks) = (Arc::clone(&opened), Arc::clone(&looked_at));
            let opener: Opener = Arc::new(move || {
                count.fetch_add(1, Ordering::SeqCst);
                let acts = lock(&lives).pop_front().unwrap_or(Err(CameraFault::Unplugged))?.into();
                let looked_at = Arc::clone(&looks);
                Ok(Box::new(Fake { acts, frame: Vec::new(), ended: Arc::default(), looked_at, given_at: None }))
            });
            let frames =
                Frames { size: SIZE, rate: 30, budget_ms: 25, roi: None, frozen_ms: 1200, power_line_hz: None };
            let real = Real::new(opener, &frames, Duration::from_secs(8), clock.clone());
            Self { real, clock, opened, looked_at, last: None }
        }

        /// The next answer that is more than "not yet" or "the same", while time passes in steps.
        fn next(&mut self, step_ms: u64) -> Result<u8, String> {
            let mut frame = GreyImage::default();
            for _ in 0..2000 {
                let answer = self.real.next(&mut frame);
                let shade = frame.pixels.first().copied();
                let is_another = shade.is_some() && self.last != shade;
                if is_another {
                    self.last = shade;
                    self.looked_at.fetch_add(1, Ordering::SeqCst);
                }
                match answer {
                    Ok(Frame::New) if is_another => return Ok(frame.pixels[0]),
                    Ok(Frame::New | Frame::Same | Frame::Ended) => self.clock.advance(Duration::from_millis(step_ms)),
                    Err(fault) => return Err(fault.to_string()),
                }
            }
            panic!("nothing ever came");
        }

        fn fault(&mut self, step_ms: u64) -> String {
            loop {
                if let Err(fault) = self.next(step_ms) {
                    return fault;
                }
            }
        }
    }

    fn words(fault: &CameraFault) -> String {
        fault.to_string()
    }

    #[test]
    fn frames_come_one_after_the_other_and_the_camera_says_what_it_is() {
        let mut bench = Bench::new([Ok(vec![Act::Shade(90), Act::Shade(91), Act::Shade(92)])]);
        assert_eq!(bench.real.about(), None);
        let first = bench.next(10).expect("a frame");
        assert_eq!(bench.real.about(), Some("a fake"));
        let second = bench.next(10).expect("another frame");
        assert_eq!((first, second), (90, 91));
    }

    #[test]
    fn a_camera_that_fails_is_told_and_opened_again_after_longer_and_longer_rests() {
        let mut bench = Bench::new([
            Ok(vec![Act::Shade(90), Act::Fails(CameraFault::Unplugged)]),
            Err(CameraFault::Unplugged),
            Err(CameraFault::Unplugged),
            Ok(vec![Act::Shade(95), Act::Fails(CameraFault::Unplugged)]),
            Ok(vec![Act::Shade(96)]),
        ]);
        assert_eq!(bench.next(100), Ok(90));
        let mut told_at = Vec::new();
        for _ in 0..3 {
            assert_eq!(bench.next(100), Err(words(&CameraFault::Unplugged)));
            told_at.push(bench.clock.now().moment);
        }
        assert_eq!(bench.next(100), Ok(95));
        let back = bench.clock.now().moment;
        let rests = [told_at[1] - told_at[0], told_at[2] - told_at[1], back - told_at[2]];
        for (rest, least_ms) in rests.into_iter().zip([500, 1000, 2000]) {
            assert!(rest >= Duration::from_millis(least_ms), "{rests:?}");
        }
        assert_eq!(bench.next(100), Err(words(&CameraFault::Unplugged)));
        let failed = bench.clock.now().moment;
        assert_eq!(bench.next(100), Ok(96));
        assert!(bench.clock.now().moment - failed < Duration::from_secs(2), "a frame ends long rests");
    }

    #[test]
    fn a_camera_that_falls_silent_is_closed_and_opened_again() {
        let mut bench =
            Bench::new([Ok(vec![Act::Shade(90), Act::Hangs { can_be_ended: true }]), Ok(vec![Act::Shade(91)])]);
        assert_eq!(bench.next(10), Ok(90));
        let since = bench.clock.now().moment;
        assert_eq!(bench.next(100), Err(words(&CameraFault::Silent)));
        let silent = bench.clock.now().moment - since;
        assert!((Duration::from_millis(1200)..Duration::from_millis(1600)).contains(&silent), "{silent:?}");
        assert_eq!(bench.next(100), Ok(91));
        assert_eq!(bench.opened.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn broken_frames_are_left_out_and_told_when_there_are_no_others() {
        let mut lives = vec![Act::Shade(90), Act::Half, Act::Damaged, Act::Shade(91)];
        lives.extend((0..200).map(|number| if number % 2 == 0 { Act::Half } else { Act::Damaged }));
        let mut bench = Bench::new([Ok(lives), Ok(vec![Act::Shade(92)])]);
        assert_eq!((bench.next(0), bench.next(0)), (Ok(90), Ok(91)));
        assert_eq!(bench.next(50), Err(words(&CameraFault::Torn)));
        assert_eq!(bench.next(50), Ok(92), "it is opened again");
    }

    #[test]
    fn black_is_told_while_the_camera_stays_open() {
        let dark = (0..100).map(|number| Act::Shade(number % 2));
        let acts = dark.chain([Act::Shade(90)]).collect();
        let mut bench = Bench::new([Ok(acts)]);
        let fault = loop {
            match bench.next(10) {
                Ok(_) => bench.clock.advance(Duration::from_millis(300)),
                Err(fault) => break fault,
            }
        };
        assert_eq!(fault, words(&CameraFault::Black));
        let light = loop {
            match bench.next(1) {
                Ok(shade) => break shade,
                Err(fault) => assert_eq!(fault, words(&CameraFault::Black)),
            }
        };
        assert_eq!((light, bench.opened.load(Ordering::SeqCst)), (90, 1));
    }

    #[test]
    fn a_frozen_camera_is_opened_again_and_not_taken_for_well_by_that() {
        let frozen = || (0..100).map(|_| Act::Shade(90)).collect::<Vec<_>>();
        let mut bench = Bench::new([Ok(frozen()), Ok(frozen()), Ok(vec![Act::Shade(91)])]);
        assert_eq!(bench.next(100), Ok(90));
        assert_eq!(bench.next(100), Err(words(&CameraFault::Frozen)));
        assert_eq!(bench.next(100), Err(words(&CameraFault::Frozen)), "opened anew, and the same again");
        assert_eq!(bench.next(100), Ok(91));
        assert_eq!(bench.opened.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn where_a_thread_left_behind_keeps_the_camera_the_first_one_is_the_end() {
        let hangs = Ok(vec![Act::Shade(90), Act::Hangs { can_be_ended: false }]);
        let mut bench = Bench::new([hangs, Ok(vec![Act::Shade(91)])]);
        bench.real = bench.real.that_opens_once();
        assert_eq!(bench.fault(2000), words(&CameraFault::Silent));
        let told = "the camera's driver has not come back for 5 s; the program ends to be started anew";
        assert_eq!(bench.fault(2000), told);
        assert_eq!(bench.opened.load(Ordering::SeqCst), 1, "it is not tried again in vain");
    }

    #[test]
    fn a_driver_that_never_answers_is_left_behind_and_three_of_them_are_the_end() {
        let hangs = |shade| Ok(vec![Act::Shade(shade), Act::Hangs { can_be_ended: false }]);
        let mut bench = Bench::new([hangs(90), hangs(91), hangs(92), hangs(93)]);
        for _ in 0..3 {
            assert_eq!(bench.fault(2000), words(&CameraFault::Silent));
        }
        let stuck = CameraFault::Stuck { times: 3, patience: CLOSING };
        let mut frame = GreyImage::default();
        let fault = loop {
            bench.clock.advance(Duration::from_secs(2));
            if let Err(fault) = bench.real.next(&mut frame) {
                break fault;
            }
        };
        assert_eq!(fault.to_string(), words(&stuck));
        assert!(fault.is_final());
        assert_eq!(bench.opened.load(Ordering::SeqCst), 3);
    }
}
