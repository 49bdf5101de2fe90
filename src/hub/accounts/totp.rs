//! The second factor: six digits that an app shows for half a minute (RFC 6238, with HMAC-SHA-1 as every app has it).

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;

/// Bytes of a secret: those of SHA-1's answer, as RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
/// How long a code is shown, in seconds.
const STEP_S: i64 = 30;
/// Steps by which an app's clock may be off, before and behind.
const DRIFT: i64 = 1;
const DIGITS: usize = 6;
/// RFC 4648's base 32, in which apps take secrets.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step whose code was typed, if it is one of now and later than `last`: a code counts once.
pub fn accepted(secret: &[u8; SECRET_BYTES], typed: &str, now: Timestamp, last: Option<i64>) -> Option<i64> {
    let typed: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
    let now = now.as_second().div_euclid(STEP_S);
    let steps = now - DRIFT..=now + DRIFT;
    // Each is looked at: which one it was, time does not tell.
    let found = steps.filter(|step| same(&code(secret, *step), &typed)).max();
    found.filter(|step| last.is_none_or(|last| *step > last))
}

/// The code of a step.
fn code(secret: &[u8; SECRET_BYTES], step: i64) -> String {
    let mut mac =
        Hmac::<Sha1>::new_from_slice(secret).unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(&step.to_be_bytes());
    let mac: [u8; 20] = mac.finalize().into_bytes().into();
    // RFC 4226, 5.3: the last four bits say which four bytes count.
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes([mac[at] & 0x7f, mac[at + 1], mac[at + 2], mac[at + 3]]);
    format!("{:0DIGITS$}", number % 10_u32.pow(6))
}

/// Whether two texts are the same, in a time that does not tell where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |odd, (a, b)| odd | a ^ b) == 0
}

/// A secret as a person types it into an app.
pub fn base32(secret: &[u8; SECRET_BYTES]) -> String {
    let fives = secret.chunks(5).flat_map(|chunk| {
        let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |at| ALPHABET[usize::try_from((bits >> (5 * at)) & 31).unwrap_or_default()])
    });
    fives.map(char::from).collect()
}

/// What an app reads from a QR code.
pub fn address(name: &str, secret: &[u8; SECRET_BYTES]) -> String {
    format!("otpauth://totp/Greengate:{name}?secret={}&issuer=Greengate", base32(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; SECRET_BYTES] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: of its eight digits the last six.
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (second, digits) in vectors {
            assert_eq!(code(SECRET, second / STEP_S), digits);
            assert_eq!(accepted(SECRET, digits, at(second), None), Some(second / STEP_S));
        }
    }

    #[test]
    fn a_code_counts_once_and_half_a_minute_too_early_or_too_late() {
        let step = 59 / STEP_S;
        assert_eq!(accepted(SECRET, " 287 082 ", at(59 + STEP_S), Some(0)), Some(step));
        assert_eq!(accepted(SECRET, "287082", at(59 - STEP_S), None), Some(step));
        assert_eq!(accepted(SECRET, "287082", at(59 + 2 * STEP_S), None), None);
        assert_eq!(accepted(SECRET, "287082", at(59), Some(step)), None);
        for wrong in ["", "28708", "2870822", "287083"] {
            assert_eq!(accepted(SECRET, wrong, at(59), None), None, "{wrong}");
        }
    }

    #[test]
    fn secrets_are_written_as_apps_read_them() {
        // The example of the key URI format that all of them follow.
        assert_eq!(base32(b"Hello!\xde\xad\xbe\xef0123456789"), "JBSWY3DPEHPK3PXPGAYTEMZUGU3DOOBZ");
        assert!(address("mei", SECRET).starts_with("otpauth://totp/Greengate:mei?secret=GEZDGNBVGY3TQOJQ"));
    }
}
