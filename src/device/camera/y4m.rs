//! Y4M: uncompressed video with a line of text before it and before each frame (mjpegtools, `yuv4mpeg(5)`).

use std::io::{self, BufRead, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use y4m::{Decoder, Limits};

use super::super::picture::PIXELS_LIMIT;
use crate::rules::image::GreyImage;

/// How such a stream begins.
pub const MAGIC: &[u8] = b"YUV4MPEG2";
/// Longest first line.
const HEADER_LIMIT: u64 = 1024;
/// Frames a second of a stream that does not say it in earnest.
const USUAL_RATE: u32 = 25;

/// A stream whose first line was read.
pub struct Video<R: Read> {
    decoder: Decoder<Counted<io::Chain<Cursor<Vec<u8>>, R>>>,
    read: Arc<AtomicU64>,
    frames: u64,
}

impl<R: BufRead> Video<R> {
    /// Reads the first line, or says what is wrong with it.
    pub fn open(mut bytes: R) -> Result<Self, String> {
        let mut header = Vec::new();
        let line = bytes.by_ref().take(HEADER_LIMIT).read_until(b'\n', &mut header);
        line.map_err(|error| format!("cannot be read: {error}"))?;
        if header.last() != Some(&b'\n') {
            return Err(format!("has no Y4M header of at most {HEADER_LIMIT} bytes"));
        }
        check_size(&header)?;
        let read = Arc::new(AtomicU64::new(0));
        let bytes = Counted { inner: Cursor::new(header).chain(bytes), read: Arc::clone(&read) };
        // Three planes of at most two bytes a pixel.
        let limits = Limits { bytes: usize::try_from(PIXELS_LIMIT * 6).unwrap_or(usize::MAX) };
        let decoder = Decoder::new_with_limits(bytes, limits).map_err(|error| {
            if matches!(error, y4m::Error::UnknownColorspace) {
                return samples("samples that are not known here");
            }
            format!("has a Y4M header that makes no sense: {error}")
        })?;
        if decoder.get_bytes_per_sample() != 1 {
            return Err(samples("more than 8 bits a sample"));
        }
        Ok(Self { decoder, read, frames: 0 })
    }

    /// Frames a second, as the header says.
    pub fn rate(&self) -> u32 {
        let ratio = self.decoder.get_framerate();
        let rate = ratio.num.checked_div(ratio.den).and_then(|rate| u32::try_from(rate).ok());
        // Rounded up: 30000:1001 must not be read more slowly than it comes.
        let up = |rate: u32| rate + u32::from(!ratio.num.is_multiple_of(ratio.den));
        rate.filter(|rate| (1..1000).contains(rate)).map_or(USUAL_RATE, up)
    }

    /// Puts the next frame's brightness into `into`; `false` at the stream's end.
    pub fn next(&mut self, into: &mut GreyImage) -> Result<bool, String> {
        let (width, height) = (self.decoder.get_width(), self.decoder.get_height());
        let before = self.read.load(Ordering::Relaxed);
        match self.decoder.read_frame() {
            Ok(frame) => {
                (into.width, into.height) = (width, height);
                into.pixels.clear();
                into.pixels.extend_from_slice(frame.get_y_plane());
                self.frames += 1;
                Ok(true)
            }
            Err(y4m::Error::EOF) if self.read.load(Ordering::Relaxed) == before => Ok(false),
            Err(y4m::Error::EOF) => Err(format!("is torn: it ends inside frame {}", self.frames + 1)),
            Err(y4m::Error::IoError(error)) => Err(format!("cannot be read: {error}")),
            Err(_) => Err(format!("is torn: what follows frame {} is no frame", self.frames)),
        }
    }
}

fn samples(found: &str) -> String {
    format!("has {found}; convert it, for example with `ffmpeg -pix_fmt yuv420p`")
}

/// Width and height within limits, before the decoder multiplies them.
fn check_size(header: &[u8]) -> Result<(), String> {
    let side = |name: u8| {
        let fields = header.trim_ascii_end().split(|byte| *byte == b' ');
        // Of a repeated field the last one counts, as for the decoder.
        let value = fields.filter_map(|field| field.strip_prefix(&[name])).next_back()?;
        std::str::from_utf8(value).ok()?.parse::<u64>().ok().filter(|side| *side > 0)
    };
    // The first field is the magic, whose letters are none of these.
    let (Some(width), Some(height)) = (side(b'W'), side(b'H')) else {
        return Err("has a Y4M header without a width and a height".to_owned());
    };
    match width.checked_mul(height) {
        Some(pixels) if pixels <= PIXELS_LIMIT => Ok(()),
        _ => Err(format!("has frames of {width}×{height} pixels, at most {PIXELS_LIMIT} are read; scale it down")),
    }
}

/// Counts what is read, because the decoder does not tell an end between frames from one inside.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
