//! A Y4M or MJPEG stream from a file, a pipe or standard input; its first bytes tell which.
//!
//! A pipe may be silent for ever, so a thread of its own reads it, one picture ahead. It ends with the camera, or with the
//! process if nothing comes any more.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;

use super::super::DeviceFault;
use super::mjpeg::{self, Trouble};
use super::pace::{PATIENCE, Pace};
use super::y4m::{self, Video};
use super::{Frame, jpeg};
use crate::rules::image::GreyImage;

const JPEG_MAGIC: &[u8] = &[0xff, 0xd8];
/// Frames a second of an MJPEG file, which does not say it: the usual one of players.
const MJPEG_FILE_RATE: u32 = 25;

/// An open stream.
pub struct Stream {
    pictures: Receiver<Result<Played, DeviceFault>>,
    /// Pictures go back to be filled again.
    spent: SyncSender<GreyImage>,
}

/// One picture, and how many come in a second where that is known.
struct Played {
    picture: GreyImage,
    rate: Option<u32>,
}

impl Stream {
    pub fn open(path: &Path) -> Result<Self, DeviceFault> {
        let name = path.display().to_string();
        let fault = |source| DeviceFault::file(path, "read", source);
        let (file, is_file) = if name == "-" {
            (None, false)
        } else {
            let kind = fs::metadata(path).map_err(fault)?;
            if kind.is_dir() {
                return Err(fault(ErrorKind::IsADirectory.into()));
            }
            // A named pipe opens only when somebody writes to it: that is for the thread to wait for.
            (kind.is_file().then(|| File::open(path)).transpose().map_err(fault)?, kind.is_file())
        };
        let (sender, pictures) = sync_channel(1);
        let (spent, returned) = sync_channel(2);
        let path = path.to_owned();
        let reader = Reader { name, is_file, sender, returned };
        thread::Builder::new()
            .name("stream".to_owned())
            .spawn(move || match open(&path, file) {
                Ok(bytes) => reader.read(bytes),
                Err(source) => reader.tell(DeviceFault::file(&path, "read", source)),
            })
            .map_err(DeviceFault::Thread)?;
        Ok(Self { pictures, spent })
    }

    pub fn next(&mut self, into: &mut GreyImage, pace: &mut Pace) -> Result<Frame, DeviceFault> {
        match self.pictures.recv_timeout(PATIENCE) {
            Ok(Ok(read)) => {
                if let Some(rate) = read.rate {
                    pace.set_rate(rate);
                }
                // The thread may have ended, and then needs no memory.
                let _ = self.spent.try_send(std::mem::replace(into, read.picture));
                Ok(Frame::New)
            }
            Ok(Err(fault)) => Err(fault),
            Err(RecvTimeoutError::Timeout) => Ok(Frame::Same),
            Err(RecvTimeoutError::Disconnected) => Ok(Frame::Ended),
        }
    }
}

fn open(path: &Path, file: Option<File>) -> io::Result<Box<dyn Read>> {
    Ok(match file {
        Some(file) => Box::new(file),
        None if path == Path::new("-") => Box::new(io::stdin()),
        None => Box::new(File::open(path)?),
    })
}

/// What reads ahead.
struct Reader {
    name: String,
    is_file: bool,
    sender: SyncSender<Result<Played, DeviceFault>>,
    returned: Receiver<GreyImage>,
}

impl Reader {
    fn read(&self, bytes: Box<dyn Read>) {
        let mut bytes = BufReader::with_capacity(1 << 16, Patient(bytes));
        let mut head = Vec::new();
        if let Err(error) = bytes.by_ref().take(y4m::MAGIC.len() as u64).read_to_end(&mut head) {
            return self.wrong(format!("cannot be read: {error}"));
        }
        let (is_jpeg, is_y4m, is_empty) = (head.starts_with(JPEG_MAGIC), head == y4m::MAGIC, head.is_empty());
        let bytes = Cursor::new(head).chain(bytes);
        if is_y4m {
            self.y4m(bytes);
        } else if is_jpeg {
            self.mjpeg(bytes);
        } else if is_empty {
            self.wrong("is empty; give it a Y4M or MJPEG video".to_owned());
        } else {
            self.wrong(
                "begins neither as Y4M (`YUV4MPEG2`) nor as MJPEG (FF D8); convert it to one of them".to_owned(),
            );
        }
    }

    fn y4m(&self, bytes: impl BufRead) {
        let mut video = match Video::open(bytes) {
            Ok(video) => video,
            Err(message) => return self.wrong(message),
        };
        let rate = Some(video.rate());
        loop {
            let mut picture = self.spent_picture();
            match video.next(&mut picture) {
                Ok(false) => return,
                Ok(true) if self.sender.send(Ok(Played { picture, rate })).is_err() => return,
                Ok(true) => {}
                Err(message) => return self.wrong(message),
            }
        }
    }

    /// A picture that cannot be decoded is left out; the log tells of the first in a row.
    fn mjpeg(&self, mut bytes: impl BufRead) {
        let rate = self.is_file.then_some(MJPEG_FILE_RATE);
        let mut told = false;
        loop {
            let fault = match mjpeg::next(&mut bytes) {
                Ok(None) => return,
                Ok(Some(jpeg)) => match self.decoded(&jpeg) {
                    Ok(picture) => {
                        if self.sender.send(Ok(Played { picture, rate })).is_err() {
                            return;
                        }
                        told = false;
                        continue;
                    }
                    Err(fault) => fault,
                },
                Err(Trouble::Broken(message)) => self.fault(message),
                Err(Trouble::Over(message)) => return self.wrong(message),
            };
            if !std::mem::replace(&mut told, true) {
                log::warn!("left out: {fault}");
            }
        }
    }

    fn decoded(&self, bytes: &[u8]) -> Result<GreyImage, DeviceFault> {
        let mut picture = self.spent_picture();
        let wrong = |message| DeviceFault::Picture { name: self.name.clone(), message };
        jpeg::grey(bytes, &mut picture).map_err(wrong)?;
        Ok(picture)
    }

    fn spent_picture(&self) -> GreyImage {
        self.returned.try_recv().unwrap_or_default()
    }

    fn fault(&self, message: String) -> DeviceFault {
        DeviceFault::Stream { name: self.name.clone(), message }
    }

    fn wrong(&self, message: String) {
        self.tell(self.fault(message));
    }

    fn tell(&self, fault: DeviceFault) {
        // A camera that is gone need not know.
        let _ = self.sender.send(Err(fault));
    }
}

/// Reads on when a signal came in between.
struct Patient<R>(R);

impl<R: Read> Read for Patient<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(into) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}
