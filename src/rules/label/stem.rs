//! The signature stem: 9 header bytes and 64 signature bytes as one number of 176 decimal digits.
//!
//! Decimal, because a QR code packs three digits into ten bits; base64 would need a fifth more modules.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::rules::code::{Grade, Header, Refusal, Scope};

/// The header as the signature covers it, big-endian.
pub(super) type HeaderBytes = [u8; 9];

/// Header and signature.
const STEM_BYTES: usize = 73;
/// What 73 bytes need in decimal, zero-padded.
pub(super) const STEM_DIGITS: usize = 176;
/// The stem is calculated in groups of this many digits; it divides [`STEM_DIGITS`].
const GROUP_DIGITS: usize = 8;
/// Ten to the power of [`GROUP_DIGITS`].
const GROUP: u64 = 100_000_000;

/// The only version so far.
const VERSION: u16 = 1;
/// Day 0 of the valid-until field.
const FIRST_DAY: Date = date(2020, 1, 1);
/// The valid-until field of a label that has no end.
const NO_END: u16 = u16::MAX;
/// The highest key slot that twelve bits hold.
const SLOT_LIMIT: u16 = 0x0FFF;

/// Header and signature as 176 digits.
pub(super) fn encode(header: HeaderBytes, signature: &[u8; 64]) -> String {
    let mut number = join(header, signature);
    let mut groups = [0; STEM_DIGITS / GROUP_DIGITS];
    for group in groups.iter_mut().rev() {
        *group = divide(&mut number);
    }
    groups.iter().fold(String::with_capacity(STEM_DIGITS), |digits, group| digits + &format!("{group:08}"))
}

/// The header and the signature that `digits` spell.
///
/// # Errors
/// [`Refusal::StemLength`] unless it is exactly 176 digits, [`Refusal::StemRange`] beyond 73 bytes.
pub(super) fn decode(digits: &str) -> Result<(HeaderBytes, [u8; 64]), Refusal> {
    if digits.len() != STEM_DIGITS || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Refusal::StemLength);
    }
    let mut number = [0; STEM_BYTES];
    for group in digits.as_bytes().chunks_exact(GROUP_DIGITS) {
        let group = group.iter().fold(0, |group, digit| group * 10 + u64::from(digit - b'0'));
        multiply_and_add(&mut number, group)?;
    }
    Ok(split(number))
}

/// Divides the number by [`GROUP`] in place and returns the remainder.
fn divide(number: &mut [u8; STEM_BYTES]) -> u64 {
    number.iter_mut().fold(0, |remainder, byte| {
        let dividend = remainder << 8 | u64::from(*byte);
        *byte = low_byte(dividend / GROUP);
        dividend % GROUP
    })
}

/// Multiplies the number by [`GROUP`] in place and adds `group`.
fn multiply_and_add(number: &mut [u8; STEM_BYTES], group: u64) -> Result<(), Refusal> {
    let carry = number.iter_mut().rev().fold(group, |carry, byte| {
        let sum = u64::from(*byte) * GROUP + carry;
        *byte = low_byte(sum);
        sum >> 8
    });
    if carry == 0 { Ok(()) } else { Err(Refusal::StemRange) }
}

const fn low_byte(number: u64) -> u8 {
    number.to_be_bytes()[7]
}

fn join(header: HeaderBytes, signature: &[u8; 64]) -> [u8; STEM_BYTES] {
    let mut number = [0; STEM_BYTES];
    number[..9].copy_from_slice(&header);
    number[9..].copy_from_slice(signature);
    number
}

fn split(number: [u8; STEM_BYTES]) -> (HeaderBytes, [u8; 64]) {
    let (mut header, mut signature) = ([0; 9], [0; 64]);
    header.copy_from_slice(&number[..9]);
    signature.copy_from_slice(&number[9..]);
    (header, signature)
}

/// The header's nine bytes: version 4, key slot 12, valid-until 16, index 32, grade 2, scope 2, reserved 4 bits.
///
/// # Errors
/// [`Refusal::Header`] for a key slot or a date that has no room in it.
pub(super) fn header_bytes(header: &Header) -> Result<HeaderBytes, Refusal> {
    if header.key_slot > SLOT_LIMIT {
        return Err(Refusal::Header);
    }
    let [version, slot] = (VERSION << 12 | header.key_slot).to_be_bytes();
    let [days_high, days_low] = days(header.valid_until)?.to_be_bytes();
    let [a, b, c, d] = header.index.to_be_bytes();
    let marks = grade_bits(header.grade) << 6 | scope_bits(header.scope) << 4;
    Ok([version, slot, days_high, days_low, a, b, c, d, marks])
}

/// The header that nine bytes spell.
///
/// # Errors
/// [`Refusal::Version`] or [`Refusal::Header`].
pub(super) fn header(bytes: HeaderBytes) -> Result<Header, Refusal> {
    let [version, slot, days_high, days_low, a, b, c, d, marks] = bytes;
    if u16::from(version >> 4) != VERSION {
        return Err(Refusal::Version);
    }
    if marks & 0x0F != 0 {
        return Err(Refusal::Header);
    }
    Ok(Header {
        key_slot: u16::from_be_bytes([version, slot]) & SLOT_LIMIT,
        valid_until: last_valid_day(u16::from_be_bytes([days_high, days_low]))?,
        index: u32::from_be_bytes([a, b, c, d]),
        grade: grade(marks >> 6)?,
        scope: scope(marks >> 4 & 3)?,
    })
}

fn days(valid_until: Option<Date>) -> Result<u16, Refusal> {
    let Some(day) = valid_until else { return Ok(NO_END) };
    let days = FIRST_DAY.until(day).map_err(|_| Refusal::Header)?.get_days();
    u16::try_from(days).ok().filter(|days| *days != NO_END).ok_or(Refusal::Header)
}

fn last_valid_day(days: u16) -> Result<Option<Date>, Refusal> {
    if days == NO_END {
        return Ok(None);
    }
    FIRST_DAY.checked_add(i32::from(days).days()).map(Some).map_err(|_| Refusal::Header)
}

const fn grade_bits(grade: Grade) -> u8 {
    match grade {
        Grade::Green => 1,
        Grade::Yellow => 2,
        Grade::Red => 3,
    }
}

const fn grade(bits: u8) -> Result<Grade, Refusal> {
    match bits {
        1 => Ok(Grade::Green),
        2 => Ok(Grade::Yellow),
        3 => Ok(Grade::Red),
        _ => Err(Refusal::Header),
    }
}

const fn scope_bits(scope: Scope) -> u8 {
    match scope {
        Scope::Product => 0,
        Scope::Lot => 1,
        Scope::Item => 2,
    }
}

const fn scope(bits: u8) -> Result<Scope, Refusal> {
    match bits {
        0 => Ok(Scope::Product),
        1 => Ok(Scope::Lot),
        2 => Ok(Scope::Item),
        _ => Err(Refusal::Header),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Header = Header {
        key_slot: 0x0ABC,
        valid_until: Some(date(2199, 6, 5)),
        index: 0x0102_0304,
        grade: Grade::Red,
        scope: Scope::Item,
    };

    #[test]
    fn header_fields_lie_where_the_design_puts_them() {
        assert_eq!(header_bytes(&FULL), Ok([0x1A, 0xBC, 0xFF, 0xFE, 1, 2, 3, 4, 0b1110_0000]));
        assert_eq!(header([0x1A, 0xBC, 0xFF, 0xFE, 1, 2, 3, 4, 0b1110_0000]), Ok(FULL));
    }

    #[test]
    fn header_has_no_room_for_other_slots_and_days() {
        let refused = |header: Header| assert_eq!(header_bytes(&header), Err(Refusal::Header), "{header:?}");
        refused(Header { key_slot: 4096, ..FULL });
        refused(Header { valid_until: Some(date(2019, 12, 31)), ..FULL });
        refused(Header { valid_until: Some(date(2199, 6, 6)), ..FULL });
        refused(Header { valid_until: Some(Date::MAX), ..FULL });
    }

    #[test]
    fn largest_stem_is_read_and_one_more_is_not() {
        let largest = encode([0xFF; 9], &[0xFF; 64]);
        assert_eq!(decode(&largest), Ok(([0xFF; 9], [0xFF; 64])));
        // 2^584 - 1 ends in 5, so one more changes its last digit only.
        let beyond = format!("{}6", &largest[..STEM_DIGITS - 1]);
        assert!(largest.ends_with('5'));
        assert_eq!(decode(&beyond), Err(Refusal::StemRange));
    }

    #[test]
    fn stem_is_a_big_endian_number_with_leading_zeros() {
        let mut signature = [0; 64];
        signature[62..].copy_from_slice(&[1, 2]);
        assert_eq!(encode([0; 9], &signature), format!("{:0176}", 258));
        assert_eq!(decode(&format!("{:0176}", 258)), Ok(([0; 9], signature)));
    }
}
