//! The camera thread: frames become sightings. A frame never leaves it.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::device::{Camera, DeviceFault, Frame};
use crate::kiosk::mailbox::{Backlog, Mailbox, Message};
use crate::kiosk::signs::Pulse;
use crate::rules::code::Sighting;
use crate::rules::image::GreyImage;
use crate::rules::intake::Part;
use crate::vision::Reader;

/// How long a camera that failed is left alone before it is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// What a look at the camera led to.
enum Look {
    Seen(Sighting),
    Nothing,
    Failed(String),
    /// Only starting the program anew helps.
    Lost(DeviceFault),
    Ended,
}

/// The camera thread. It ends with a fault where the program has to.
pub type Eyes = JoinHandle<Result<(), DeviceFault>>;

/// Starts the camera thread; it ends with the mailbox, and its pulse tells that it goes on. A frame is looked at for as long
/// as `budget`, and until nothing is left to try where there is none.
///
/// # Errors
/// The system gives no thread.
pub fn open(
    mut camera: Camera,
    budget: Option<Duration>,
    mailbox: Arc<Mailbox>,
    pulse: Arc<Pulse>,
) -> std::io::Result<Eyes> {
    thread::Builder::new().name("camera".to_owned()).spawn(move || {
        let backlog = if camera.is_live() { Backlog::NewestWins } else { Backlog::Wait };
        let mut eye = Eye { frame: GreyImage::default(), reader: Reader::new(), budget };
        let mut failed: Option<String> = None;
        while !mailbox.stopped() {
            pulse.beat();
            match eye.look(&mut camera) {
                Look::Seen(sighting) => {
                    if failed.take().is_some() {
                        mailbox.put(Message::Recovered(Part::Camera));
                    }
                    mailbox.put_sighting(sighting, backlog);
                }
                Look::Nothing => {}
                Look::Failed(message) => {
                    if failed.as_ref() != Some(&message) {
                        mailbox.put(Message::Failed(Part::Camera, message.clone()));
                        failed = Some(message);
                    }
                    thread::sleep(RETRY);
                }
                Look::Lost(fault) => {
                    mailbox.put(Message::Failed(Part::Camera, fault.to_string()));
                    return Err(fault);
                }
                Look::Ended => {
                    mailbox.put(Message::CameraEnded);
                    return Ok(());
                }
            }
        }
        Ok(())
    })
}

struct Eye {
    frame: GreyImage,
    reader: Reader,
    budget: Option<Duration>,
}

impl Eye {
    fn look(&mut self, camera: &mut Camera) -> Look {
        match camera.frame(&mut self.frame) {
            Ok(Frame::New) => self.scan(),
            Ok(Frame::Same) => Look::Nothing,
            Ok(Frame::Ended) => Look::Ended,
            Err(fault) if fault.is_final() => Look::Lost(fault),
            Err(fault) => Look::Failed(fault.to_string()),
        }
    }

    fn scan(&mut self) -> Look {
        let arrived = Instant::now();
        let GreyImage { width, height, ref pixels } = self.frame;
        let sighting = match self.budget {
            None => self.reader.scan(pixels, width, height),
            Some(budget) => self.reader.watch(pixels, width, height, &|| arrived.elapsed() < budget),
        };
        match sighting {
            Ok(mut sighting) => {
                sighting.scan_us = u32::try_from(arrived.elapsed().as_micros()).unwrap_or(u32::MAX);
                Look::Seen(sighting)
            }
            Err(fault) => Look::Failed(fault.to_string()),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::device::{self, DeviceClock, Wiring};
    use crate::rules::board::Board;
    use crate::rules::symbol;

    /// A board with the stand-in for `rpicam-vid` that does what `name` says.
    fn board(name: &Path) -> Board {
        let text = format!(
            "title = \"Test\"\n[camera.rpicam]\nprogram = '{}'\nwidth = 64\nheight = 64\nrate = 30\n[display.panel]\n\
             width = 320\nheight = 240\n[lights.log]\n[sound.none]\n",
            name.display()
        );
        crate::config::board_text("board.toml", &text).expect("a board")
    }

    #[test]
    fn a_camera_that_is_lost_for_good_is_told_and_ends_the_thread() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("clings");
        let stand_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/device/rpicam-vid.sh");
        std::os::unix::fs::symlink(stand_in, &program).expect("a link");
        let clock = DeviceClock::scripted("2026-11-23T01:00:00Z".parse().expect("a time"));
        let camera = device::camera(&board(&program), &Wiring { symbol: symbol::encode, clock: clock.clone() });
        let mailbox = Arc::new(Mailbox::default());
        let eyes = open(camera.expect("a camera"), None, Arc::clone(&mailbox), Arc::default()).expect("a thread");
        let mut told = Vec::new();
        while !eyes.is_finished() || !mailbox.is_empty() {
            clock.advance(Duration::from_millis(300));
            match mailbox.take(Duration::from_millis(20)) {
                Some((Message::Failed(Part::Camera, message), _)) => told.push(message),
                None => {}
                Some((other, _)) => panic!("{other:?}"),
            }
        }
        let fault = eyes.join().expect("no panic").expect_err("a fault");
        assert!(fault.is_final());
        assert_eq!(told.len(), 2, "the silence once, and the end: {told:?}");
        assert_eq!(told[1], fault.to_string());
    }
}
