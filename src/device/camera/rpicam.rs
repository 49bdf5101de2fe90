//! A camera on the Raspberry Pi's ribbon cable: `rpicam-vid` brings its frames, as a child that writes them to its
//! standard output.
//!
//! It writes rows without a header and without padding, as long as their width is a multiple of 64. It dies with this
//! program however that ends, its complaints are kept to the last line, and a wait for its bytes ends by killing it.

use std::io::{ErrorKind, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::Signal;

use super::super::bell::lock;
use super::super::child;
use super::CameraFault;
use super::luma::Layout;
use super::real::{Bytes, Opener, Source};
use crate::rules::board::{PixelFormat, Rpicam, Size};

/// The camera, as the board names it.
const NAME: &str = "rpicam";
/// Of a complaint so many characters are told.
const LAST_WORDS: usize = 160;
/// How libcamera says that another program has the camera; its last line names the camera and no reason.
const IN_USE: &str = "in use by another process";
/// How often, and after which time each, a child that has closed its output is asked whether it has ended and said all.
const FAREWELL: (u32, Duration) = (20, Duration::from_millis(25));

/// What opens the camera of a board.
pub fn opener(board: &Rpicam) -> Opener {
    let board = board.clone();
    Arc::new(move || Ok(Box::new(Running::start(&board)?)))
}

/// A child that runs.
struct Running {
    program: String,
    size: Size,
    layout: Layout,
    child: Arc<Mutex<Child>>,
    frames: ChildStdout,
    complaints: Arc<Mutex<Complaints>>,
    /// Ends when nobody is left who could complain.
    listener: JoinHandle<()>,
    frame: Vec<u8>,
}

/// What counts of them.
#[derive(Default)]
struct Complaints {
    /// The last line.
    last: String,
    /// Another program has the camera.
    is_in_use: bool,
}

impl Running {
    fn start(board: &Rpicam) -> Result<Self, CameraFault> {
        let program = board.program.display().to_string();
        let wrong = |message: String| CameraFault::NoProgram { program: program.clone(), message };
        let size = board.frames.size;
        let layout = Layout::new(PixelFormat::Nv12, size, size.width as usize, board.frames.roi, size);
        let layout = layout.map_err(|message| wrong(message.to_owned()))?;
        let mut command = Command::new(&board.program);
        command.args(arguments(board)).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Besides, one that writes to a reader who is gone ends by itself.
        child::ends_with_us(&mut command, Signal::KILL);
        let mut child = command.spawn().map_err(|error| wrong(error.to_string()))?;
        let pipes = child.stdout.take().zip(child.stderr.take());
        let child = Arc::new(Mutex::new(child));
        let complaints = Arc::<Mutex<Complaints>>::default();
        let frame = vec![0; size.width as usize * size.height as usize * 3 / 2];
        let Some((frames, errors)) = pipes else { return Err(wrong("it has no output".to_owned())) };
        let heard = Arc::clone(&complaints);
        let listener = thread::Builder::new().name("complaints".to_owned()).spawn(move || listen(errors, &heard));
        let listener = listener.map_err(|error| wrong(error.to_string()))?;
        Ok(Self { program, size, layout, child, frames, complaints, listener, frame })
    }

    /// How the child ended, and its last words, once they have been heard.
    fn farewell(&self) -> CameraFault {
        let mut status = None;
        for _ in 0..FAREWELL.0 {
            status = status.or_else(|| lock(&self.child).try_wait().ok().flatten());
            if status.is_some() && self.listener.is_finished() {
                break;
            }
            thread::sleep(FAREWELL.1);
        }
        let Complaints { last, is_in_use } = &*lock(&self.complaints);
        if *is_in_use {
            return CameraFault::Busy { name: NAME.to_owned() };
        }
        let status = status.map_or_else(|| "it runs on and writes nothing".to_owned(), |status| status.to_string());
        CameraFault::Ended { program: self.program.clone(), status, last: last.clone() }
    }
}

impl Source for Running {
    fn about(&self) -> String {
        format!("`{}`, {}×{}", self.program, self.size.width, self.size.height)
    }

    fn layout(&self) -> Layout {
        self.layout
    }

    fn next(&mut self) -> Result<Option<Bytes<'_>>, CameraFault> {
        // Interrupted reads go on, whatever else ends is over.
        self.frames.read_exact(&mut self.frame).map_err(|_| self.farewell())?;
        Ok(Some(Bytes { bytes: &self.frame, is_damaged: false }))
    }

    fn ender(&self) -> Option<Box<dyn Fn() + Send>> {
        let child = Arc::clone(&self.child);
        // It may have ended already.
        Some(Box::new(move || drop(lock(&child).kill())))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        // It may have ended already; either way nothing of it stays behind.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Endless, unencoded, without a window; and what the board says.
fn arguments(board: &Rpicam) -> Vec<String> {
    let Rpicam { program: _, frames, shutter_us, gain, focus_cm } = board;
    let Size { width, height } = frames.size;
    let mut arguments: Vec<String> =
        ["--timeout", "0", "--nopreview", "--codec", "yuv420", "--flush", "--output", "-"].map(str::to_owned).into();
    let mut add = |name: &str, value: String| arguments.extend([format!("--{name}"), value]);
    add("width", width.to_string());
    add("height", height.to_string());
    add("framerate", frames.rate.to_string());
    if let Some(shutter) = shutter_us {
        add("shutter", shutter.to_string());
    }
    if let Some(gain) = gain {
        add("gain", gain.to_string());
    }
    if let Some(focus) = focus_cm {
        // In dioptres: one by the distance in metres.
        add("lens-position", format!("{:.2}", 100.0 / f64::from((*focus).max(1))));
    }
    if let Some(hertz) = frames.power_line_hz {
        // Lamps flicker twice in each of the mains' periods.
        add("flicker-period", format!("{}us", 500_000 / hertz.max(1)));
    }
    arguments
}

/// Reads complaints as long as there are any, and keeps what counts.
fn listen(mut errors: ChildStderr, complaints: &Mutex<Complaints>) {
    let mut line = Vec::new();
    let mut some = [0; 4096];
    loop {
        let read = match errors.read(&mut some) {
            Ok(0) => break,
            Ok(read) => &some[..read],
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        for byte in read {
            match byte {
                b'\n' => keep(&mut line, complaints),
                _ if line.len() < 4 * LAST_WORDS => line.push(*byte),
                _ => {}
            }
        }
    }
    keep(&mut line, complaints);
}

/// Keeps a line, unless it is empty, without what is different each time it is said: time and process in brackets.
fn keep(line: &mut Vec<u8>, complaints: &Mutex<Complaints>) {
    let text = String::from_utf8_lossy(line).into_owned();
    line.clear();
    let mut words = text.trim();
    while let Some((_, rest)) = words.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        words = rest.trim_start();
    }
    let words: String = words.chars().filter(|letter| !letter.is_control()).take(LAST_WORDS).collect();
    if !words.is_empty() {
        let mut complaints = lock(complaints);
        complaints.is_in_use |= words.contains(IN_USE);
        complaints.last = words;
    }
}
