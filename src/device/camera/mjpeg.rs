//! JPEG pictures one after the other in a stream (ITU-T T.81, annex B).

use std::io::{BufRead, Read};

/// Largest JPEG of a stream, in bytes.
const LIMIT: usize = 16 << 20;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// The next JPEG from its first byte to its last, `None` at the stream's end, or why there is none.
pub fn next(bytes: &mut impl BufRead) -> Result<Option<Vec<u8>>, String> {
    if !find_start(bytes)? {
        return Ok(None);
    }
    let mut jpeg = vec![0xff, SOI];
    loop {
        match marker(bytes, &mut jpeg)? {
            EOI => return Ok(Some(jpeg)),
            // Markers without a length: restarts, and a stuffed byte after a scan.
            0x00 | 0x01 | 0xd0..=0xd7 => {}
            SOI => return Err("has a JPEG that begins inside another".to_owned()),
            marker => {
                segment(bytes, &mut jpeg)?;
                if marker == SOS {
                    entropy_coded(bytes, &mut jpeg)?;
                }
            }
        }
        if jpeg.len() > LIMIT {
            return Err(format!("has a JPEG larger than {LIMIT} bytes"));
        }
    }
}

/// Skips what lies between two pictures.
fn find_start(bytes: &mut impl BufRead) -> Result<bool, String> {
    let mut before = 0;
    for _ in 0..LIMIT {
        let Some(byte) = byte(bytes)? else { return Ok(false) };
        if before == 0xff && byte == SOI {
            return Ok(true);
        }
        before = byte;
    }
    Err(format!("has no JPEG within {LIMIT} bytes"))
}

fn byte(bytes: &mut impl BufRead) -> Result<Option<u8>, String> {
    let mut byte = [0];
    match bytes.read(&mut byte) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(byte[0])),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

fn push(bytes: &mut impl BufRead, jpeg: &mut Vec<u8>) -> Result<u8, String> {
    let byte = byte(bytes)?.ok_or("is torn: it ends inside a JPEG")?;
    jpeg.push(byte);
    Ok(byte)
}

/// The next marker's second byte.
fn marker(bytes: &mut impl BufRead, jpeg: &mut Vec<u8>) -> Result<u8, String> {
    if push(bytes, jpeg)? != 0xff {
        return Err("has a JPEG without a marker where one must be".to_owned());
    }
    loop {
        match push(bytes, jpeg)? {
            // Any number of fill bytes may come before a marker.
            0xff if jpeg.len() <= LIMIT => {}
            marker => return Ok(marker),
        }
    }
}

/// A segment with its length.
fn segment(bytes: &mut impl BufRead, jpeg: &mut Vec<u8>) -> Result<(), String> {
    let length = u16::from_be_bytes([push(bytes, jpeg)?, push(bytes, jpeg)?]);
    let rest = u64::from(length).checked_sub(2).ok_or("has a JPEG segment shorter than its length")?;
    let read = bytes.by_ref().take(rest).read_to_end(jpeg).map_err(|error| format!("cannot be read: {error}"))?;
    if read as u64 == rest { Ok(()) } else { Err("is torn: it ends inside a JPEG".to_owned()) }
}

/// Everything up to the marker after a scan; the marker stays in the stream.
fn entropy_coded(bytes: &mut impl BufRead, jpeg: &mut Vec<u8>) -> Result<(), String> {
    while jpeg.len() <= LIMIT {
        let ready = bytes.fill_buf().map_err(|error| format!("cannot be read: {error}"))?;
        if ready.is_empty() {
            return Err("is torn: it ends inside a JPEG".to_owned());
        }
        let plain = ready.iter().position(|byte| *byte == 0xff).unwrap_or(ready.len());
        jpeg.extend_from_slice(&ready[..plain]);
        let at_marker = plain < ready.len();
        bytes.consume(plain);
        if at_marker {
            return Ok(());
        }
    }
    Ok(())
}
