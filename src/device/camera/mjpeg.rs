//! JPEG pictures one after the other in a stream (ITU-T T.81, annex B).

use std::io::{self, BufRead, Read};

/// Largest JPEG of a stream, in bytes.
const LIMIT: usize = 16 << 20;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DHT: u8 = 0xc4;
/// An application segment by which cameras say that the tables of annex K, which they leave out, are meant.
const AVI1: [u8; 9] = [0xff, 0xe0, 0, 7, b'A', b'V', b'I', b'1', 0];

/// Why there is no picture.
#[derive(Debug)]
pub enum Trouble {
    /// These bytes are no JPEG; another one may follow.
    Broken(String),
    /// The stream is over for good.
    Over(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Over(if error.kind() == io::ErrorKind::UnexpectedEof {
            "is torn: it ends inside a JPEG".to_owned()
        } else {
            format!("cannot be read: {error}")
        })
    }
}

/// The next JPEG from its first byte to its last, `None` at the stream's end, or why there is none.
pub fn next(bytes: &mut impl BufRead) -> Result<Option<Vec<u8>>, Trouble> {
    if !find_start(bytes)? {
        return Ok(None);
    }
    let mut jpeg = vec![0xff, SOI];
    let (mut has_tables, mut in_scan) = (false, false);
    loop {
        match marker(bytes, &mut jpeg)? {
            EOI => break,
            // The one before was cut off: this is the next.
            SOI => (jpeg, has_tables, in_scan) = (vec![0xff, SOI], false, false),
            // A stuffed byte and a restart belong to the scan, which goes on.
            0x00 | 0xd0..=0xd7 if in_scan => {}
            0x01 => {}
            marker => {
                has_tables |= marker == DHT;
                in_scan = marker == SOS;
                segment(bytes, &mut jpeg)?;
            }
        }
        if in_scan {
            entropy_coded(bytes, &mut jpeg)?;
        }
        within_limit(&jpeg)?;
    }
    if !has_tables {
        jpeg.splice(2..2, AVI1);
    }
    Ok(Some(jpeg))
}

fn within_limit(jpeg: &[u8]) -> Result<(), Trouble> {
    if jpeg.len() <= LIMIT { Ok(()) } else { Err(Trouble::Broken(format!("has a JPEG larger than {LIMIT} bytes"))) }
}

/// Skips what lies between two pictures.
fn find_start(bytes: &mut impl BufRead) -> Result<bool, Trouble> {
    let mut before = 0;
    let mut skipped = 0;
    while skipped <= LIMIT {
        let ready = bytes.fill_buf()?;
        if ready.is_empty() {
            return Ok(false);
        }
        for (at, byte) in ready.iter().enumerate() {
            if before == 0xff && *byte == SOI {
                bytes.consume(at + 1);
                return Ok(true);
            }
            before = *byte;
        }
        let read = ready.len();
        skipped += read;
        bytes.consume(read);
    }
    Err(Trouble::Broken(format!("has no JPEG within {LIMIT} bytes")))
}

fn push(bytes: &mut impl BufRead, jpeg: &mut Vec<u8>) -> Result<u8, Trouble> {
    let mut byte = [0];
    bytes.read_exact(&mut byte)?;
    jpeg.push(byte[0]);
    Ok(byte[0])
}

/// The next marker's second byte.
fn marker(bytes: &mut impl BufRead, jpeg: &mut Vec<u8>) -> Result<u8, Trouble> {
    if push(bytes, jpeg)? != 0xff {
        return Err(Trouble::Broken("has a JPEG without a marker where one must be".to_owned()));
    }
    loop {
        match push(bytes, jpeg)? {
            // Any number of fill bytes may come before a marker.
            0xff => within_limit(jpeg)?,
            marker => return Ok(marker),
        }
    }
}

/// A segment with its length.
fn segment(bytes: &mut impl BufRead, jpeg: &mut Vec<u8>) -> Result<(), Trouble> {
    let length = u16::from_be_bytes([push(bytes, jpeg)?, push(bytes, jpeg)?]);
    let shorter = || Trouble::Broken("has a JPEG segment shorter than its length".to_owned());
    let rest = u64::from(length).checked_sub(2).ok_or_else(shorter)?;
    let read = bytes.by_ref().take(rest).read_to_end(jpeg)?;
    if read as u64 == rest { Ok(()) } else { Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) }
}

/// Everything up to the marker after a scan; the marker stays in the stream.
fn entropy_coded(bytes: &mut impl BufRead, jpeg: &mut Vec<u8>) -> Result<(), Trouble> {
    loop {
        let ready = bytes.fill_buf()?;
        if ready.is_empty() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let plain = ready.iter().position(|byte| *byte == 0xff).unwrap_or(ready.len());
        jpeg.extend_from_slice(&ready[..plain]);
        let at_marker = plain < ready.len();
        bytes.consume(plain);
        within_limit(jpeg)?;
        if at_marker {
            return Ok(());
        }
    }
}
