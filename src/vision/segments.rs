//! From a symbol's corrected data bits to the bytes that it carries.
//!
//! All modes of ISO/IEC 18004:2015 §7.4 and the Hanzi mode of GB/T 18284 are understood. Bytes come out as they were
//! put in: no character set is guessed, and an ECI designator is read and left out. GS1 symbols (FNC1 in first
//! position) start with the symbology identifier `]Q3`, AIM applications (FNC1 in second position) with `]Q5` and
//! the application indicator, and FNC1 as a separator is the byte 0x1D (GS), as a hand scanner would send them.

use thiserror::Error;

/// The 45 characters of alphanumeric mode in the order of their values (ISO/IEC 18004 table 5).
const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The separator that FNC1 stands for between two GS1 elements.
const GROUP_SEPARATOR: u8 = 0x1D;

/// Why data bits are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SegmentFault {
    /// A mode indicator that the standard does not define.
    #[error("mode indicator `{0:04b}` is not defined; the symbol is damaged or not a QR code")]
    Mode(u32),
    /// The bits end inside a segment.
    #[error("a segment needs `{needed}` more bits and `{left}` are left; the symbol is damaged")]
    Short {
        /// Bits that the segment asks for.
        needed: usize,
        /// Bits that are there.
        left: usize,
    },
    /// A value that no encoder writes.
    #[error("value `{value}` cannot stand in {mode} data; the symbol is damaged")]
    Value {
        /// The mode that it stands in.
        mode: &'static str,
        /// The value as read.
        value: u32,
    },
    /// No segment holds any data.
    #[error("the symbol holds no data; print it again")]
    Empty,
}

/// Reads all segments of a symbol of `version` (1 to 40; it decides how long the counts are) and returns the payload.
///
/// # Errors
/// A [`SegmentFault`] where the bits cannot have come from an encoder. Nothing is returned then, because half a
/// payload is worse than none.
pub fn parse(data: &[u8], version: usize) -> Result<Vec<u8>, SegmentFault> {
    let mut message =
        Message { bits: Bits { data, at: 0 }, class: class_of(version), fnc1: Fnc1::None, out: Vec::new() };
    while message.segment()? {}
    message.finish()
}

/// Which column of the standard's table 3 (bits of a count) a version stands in.
fn class_of(version: usize) -> usize {
    match version {
        0..=9 => 0,
        10..=26 => 1,
        _ => 2,
    }
}

/// Where FNC1 stood, if anywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fnc1 {
    None,
    First,
    Second(u8),
}

/// The message as far as it is read.
struct Message<'a> {
    bits: Bits<'a>,
    class: usize,
    fnc1: Fnc1,
    out: Vec<u8>,
}

impl Message<'_> {
    /// Reads one segment; `false` when the message has ended.
    fn segment(&mut self) -> Result<bool, SegmentFault> {
        if self.bits.left() < 4 {
            return Ok(false);
        }
        match self.bits.take(4)? {
            0b0000 => return Ok(false),
            0b0001 => self.numeric()?,
            0b0010 => self.alphanumeric()?,
            0b0011 => drop(self.bits.take(16)?),
            0b0100 => self.bytes()?,
            0b0101 => self.fnc1 = Fnc1::First,
            0b0111 => self.skip_eci()?,
            0b1000 => self.kanji()?,
            0b1001 => self.fnc1 = Fnc1::Second(self.application()?),
            0b1101 => self.hanzi()?,
            mode => return Err(SegmentFault::Mode(mode)),
        }
        Ok(true)
    }

    fn finish(self) -> Result<Vec<u8>, SegmentFault> {
        if self.out.is_empty() {
            return Err(SegmentFault::Empty);
        }
        let mut payload = match self.fnc1 {
            Fnc1::None => return Ok(self.out),
            Fnc1::First => b"]Q3".to_vec(),
            Fnc1::Second(indicator) => [b"]Q5".as_slice(), &spell(indicator)].concat(),
        };
        payload.extend(self.out);
        Ok(payload)
    }

    /// The count of a segment, refused at once where the bits for it are not there: no loop runs for nothing.
    fn count(&mut self, widths: [usize; 3], bits_for: fn(usize) -> usize) -> Result<usize, SegmentFault> {
        let count = self.bits.take(widths[self.class])? as usize;
        let (needed, left) = (bits_for(count), self.bits.left());
        if needed > left { Err(SegmentFault::Short { needed, left }) } else { Ok(count) }
    }

    fn numeric(&mut self) -> Result<(), SegmentFault> {
        let mut left = self.count([10, 12, 14], |n| n / 3 * 10 + [0, 4, 7][n % 3])?;
        while left > 0 {
            let digits = left.min(3);
            let value = self.bits.take([4, 7, 10][digits - 1])?;
            if value >= 10_u32.pow(digits as u32) {
                return Err(SegmentFault::Value { mode: "numeric", value });
            }
            for place in (0..digits as u32).rev() {
                self.out.push(b'0' + (value / 10_u32.pow(place) % 10) as u8);
            }
            left -= digits;
        }
        Ok(())
    }

    fn alphanumeric(&mut self) -> Result<(), SegmentFault> {
        let mut left = self.count([9, 11, 13], |n| n / 2 * 11 + n % 2 * 6)?;
        let start = self.out.len();
        while left > 0 {
            let pair = left.min(2);
            let value = self.bits.take([6, 11][pair - 1])?;
            if value >= 45_u32.pow(pair as u32) {
                return Err(SegmentFault::Value { mode: "alphanumeric", value });
            }
            if pair == 2 {
                self.out.push(ALPHANUMERIC[value as usize / 45]);
            }
            self.out.push(ALPHANUMERIC[value as usize % 45]);
            left -= pair;
        }
        if self.fnc1 != Fnc1::None {
            separate(&mut self.out, start);
        }
        Ok(())
    }

    fn bytes(&mut self) -> Result<(), SegmentFault> {
        let count = self.count([8, 16, 16], |n| n * 8)?;
        for _ in 0..count {
            let byte = self.bits.take(8)? as u8;
            self.out.push(byte);
        }
        Ok(())
    }

    /// Shift JIS double bytes (ISO/IEC 18004 §7.4.6).
    fn kanji(&mut self) -> Result<(), SegmentFault> {
        let count = self.count([8, 10, 12], |n| n * 13)?;
        for _ in 0..count {
            let value = self.bits.take(13)?;
            let packed = ((value / 0xC0) << 8) | (value % 0xC0);
            let code = packed + if packed < 0x1F00 { 0x8140 } else { 0xC140 };
            self.double_byte("kanji", value, code)?;
        }
        Ok(())
    }

    /// GB 2312 double bytes (GB/T 18284); the subset indicator says which character set, and 1 is the only one defined.
    fn hanzi(&mut self) -> Result<(), SegmentFault> {
        let subset = self.bits.take(4)?;
        if subset != 1 {
            return Err(SegmentFault::Value { mode: "hanzi", value: subset });
        }
        let count = self.count([8, 10, 12], |n| n * 13)?;
        for _ in 0..count {
            let value = self.bits.take(13)?;
            let packed = ((value / 0x60) << 8) | (value % 0x60);
            let code = packed + if packed < 0x0A00 { 0xA1A1 } else { 0xA6A1 };
            self.double_byte("hanzi", value, code)?;
        }
        Ok(())
    }

    fn double_byte(&mut self, mode: &'static str, value: u32, code: u32) -> Result<(), SegmentFault> {
        let code = u16::try_from(code).map_err(|_| SegmentFault::Value { mode, value })?;
        self.out.extend(code.to_be_bytes());
        Ok(())
    }

    /// Reads an ECI designator of one to three bytes (ISO/IEC 18004 table 4) and forgets it.
    fn skip_eci(&mut self) -> Result<(), SegmentFault> {
        let first = self.bits.take(8)?;
        let more = match first {
            0x00..=0x7F => 0,
            0x80..=0xBF => 8,
            0xC0..=0xDF => 16,
            _ => return Err(SegmentFault::Value { mode: "ECI", value: first }),
        };
        self.bits.take(more).map(drop)
    }

    /// The application indicator after FNC1 in second position: two digits as 0 to 99, or a letter plus 100.
    fn application(&mut self) -> Result<u8, SegmentFault> {
        let value = self.bits.take(8)?;
        match value {
            0..=99 | 165..=190 | 197..=222 => Ok(value as u8),
            _ => Err(SegmentFault::Value { mode: "FNC1", value }),
        }
    }
}

/// The application indicator as a scanner sends it.
fn spell(indicator: u8) -> Vec<u8> {
    if indicator < 100 { format!("{indicator:02}").into_bytes() } else { vec![indicator - 100] }
}

/// In FNC1 symbols `%` separates and `%%` is a percent sign (ISO/IEC 18004 §7.4.8.3).
fn separate(out: &mut Vec<u8>, start: usize) {
    let text = out.split_off(start);
    let mut rest = text.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let doubled = byte == b'%' && rest.next_if_eq(&b'%').is_some();
        out.push(if byte == b'%' && !doubled { GROUP_SEPARATOR } else { byte });
    }
}

/// Bits, most significant first.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn left(&self) -> usize {
        self.data.len() * 8 - self.at
    }

    /// The next `count` bits, at most 24.
    fn take(&mut self, count: usize) -> Result<u32, SegmentFault> {
        let left = self.left();
        if count > left {
            return Err(SegmentFault::Short { needed: count, left });
        }
        let mut value = 0;
        for at in self.at..self.at + count {
            value = (value << 1) | u32::from(self.data[at / 8] >> (7 - at % 8) & 1);
        }
        self.at += count;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_separate_only_in_gs1_symbols() {
        let mut out = b"A%B".to_vec();
        out.extend(b"10A%%1%21%%%S");
        separate(&mut out, 3);
        assert_eq!(out, b"A%B10A%1\x1d21%\x1dS");
    }

    #[test]
    fn application_indicators_are_two_digits_or_a_letter() {
        assert_eq!(spell(7), b"07");
        assert_eq!(spell(100 + b'a'), b"a");
    }
}
