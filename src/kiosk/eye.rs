//! The camera thread: frames become sightings. A frame never leaves it.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::device::{Camera, Frame};
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
    Ended,
}

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
) -> std::io::Result<JoinHandle<()>> {
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
                Look::Ended => return mailbox.put(Message::CameraEnded),
            }
        }
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
