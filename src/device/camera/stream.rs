//! A Y4M or MJPEG stream from a file or standard input; its first bytes tell which.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::super::{DeviceFault, picture};
use super::{Frame, mjpeg};
use crate::rules::image::GreyImage;

const Y4M_MAGIC: &[u8] = b"YUV4MPEG2";
const JPEG_MAGIC: &[u8] = &[0xff, 0xd8];

/// An open stream.
pub struct Stream {
    name: String,
    kind: Option<Kind>,
}

type Bytes = BufReader<Box<dyn Read + Send>>;

enum Kind {
    /// Nothing was read yet.
    Unknown(Bytes),
    Y4m(y4m::Decoder<Bytes>),
    Mjpeg(Bytes),
}

impl Stream {
    pub fn open(path: &Path) -> Result<Self, DeviceFault> {
        let name = path.display().to_string();
        let bytes: Box<dyn Read + Send> = if name == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).map_err(|source| DeviceFault::file(path, "read", source))?)
        };
        Ok(Self { name, kind: Some(Kind::Unknown(BufReader::with_capacity(1 << 16, bytes))) })
    }

    pub fn next(&mut self, into: &mut GreyImage) -> Result<Frame, DeviceFault> {
        let kind = match self.kind.take() {
            None => return Ok(Frame::Ended),
            Some(Kind::Unknown(bytes)) => self.recognise(bytes)?,
            Some(known) => known,
        };
        let (kind, frame) = match kind {
            Kind::Y4m(mut video) => {
                let frame = self.y4m(&mut video, into);
                (Kind::Y4m(video), frame)
            }
            Kind::Mjpeg(mut bytes) => {
                let frame = self.jpeg(&mut bytes, into);
                (Kind::Mjpeg(bytes), frame)
            }
            Kind::Unknown(_) => unreachable!("the stream was recognised above"),
        };
        if matches!(frame, Ok(Frame::New | Frame::Same)) {
            self.kind = Some(kind);
        }
        frame
    }

    fn recognise(&self, mut bytes: Bytes) -> Result<Kind, DeviceFault> {
        let head = bytes.fill_buf().map_err(|error| self.wrong(format!("cannot be read: {error}")))?;
        if head.starts_with(JPEG_MAGIC) {
            return Ok(Kind::Mjpeg(bytes));
        }
        if !head.starts_with(Y4M_MAGIC) {
            return Err(self.wrong("begins neither as Y4M (`YUV4MPEG2`) nor as MJPEG (FF D8)"));
        }
        // Three planes of at most two bytes a pixel.
        let bytes_limit = usize::try_from(picture::PIXELS_LIMIT * 6).unwrap_or(usize::MAX);
        let video = y4m::Decoder::new_with_limits(bytes, y4m::Limits { bytes: bytes_limit })
            .map_err(|error| self.wrong(format!("has a Y4M header that makes no sense: {error}")))?;
        if video.get_bytes_per_sample() != 1 {
            return Err(self.wrong("has more than 8 bits a sample; convert it to 8 bits"));
        }
        Ok(Kind::Y4m(video))
    }

    fn y4m(&self, video: &mut y4m::Decoder<Bytes>, into: &mut GreyImage) -> Result<Frame, DeviceFault> {
        let (width, height) = (video.get_width(), video.get_height());
        match video.read_frame() {
            Ok(frame) => {
                (into.width, into.height) = (width, height);
                into.pixels.clear();
                into.pixels.extend_from_slice(frame.get_y_plane());
                Ok(Frame::New)
            }
            Err(y4m::Error::EOF) => Ok(Frame::Ended),
            Err(error) => Err(self.wrong(format!("is torn: {error}"))),
        }
    }

    /// The next JPEG; one that cannot be decoded is told in the log and left out.
    fn jpeg(&self, bytes: &mut Bytes, into: &mut GreyImage) -> Result<Frame, DeviceFault> {
        match mjpeg::next(bytes).map_err(|message| self.wrong(message))? {
            None => Ok(Frame::Ended),
            Some(jpeg) => match picture::decode(&self.name, &jpeg) {
                Ok(picture) => {
                    *into = picture;
                    Ok(Frame::New)
                }
                Err(fault) => {
                    log::warn!("left out: {fault}");
                    Ok(Frame::Same)
                }
            },
        }
    }

    fn wrong(&self, message: impl Into<String>) -> DeviceFault {
        DeviceFault::Stream { name: self.name.clone(), message: message.into() }
    }
}
