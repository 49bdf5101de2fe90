//! Passwords: long ones, kept as Argon2id hashes.
//!
//! What is asked of one follows NIST SP 800-63B: a length, and that it is not among those that everybody tries first;
//! no rules on which signs it has. Argon2's parameters are those that OWASP names (19 MiB, two passes, one lane).

use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use crate::hub::HubFault;

/// Fewest characters.
pub const LEAST: usize = 12;
/// Most bytes: hashing more of them gains nothing.
const MOST: usize = 256;
/// Fewer different characters than this are no password.
const DIFFERENT: usize = 5;
/// What is tried first and is long enough, without what people put behind it: digits and signs.
const COMMON: [&str; 16] = [
    "password",
    "passwordpassword",
    "qwertyuiop",
    "qwertyuiopasdfghjkl",
    "administrator",
    "letmein",
    "iloveyou",
    "welcome",
    "changeme",
    "greengate",
    "woaini",
    "mima",
    "correcthorsebatterystaple",
    "abcdefghijkl",
    "abcdefghijklmnopqrstuvwxyz",
    "qazwsxedcrfv",
];
/// A hash of nobody's password, so that an unknown name takes as long as a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password is refused; each says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// It is shorter than [`LEAST`] characters, or longer than any person types.
    Length,
    /// It is one of those that are tried first.
    Common,
}

/// Whether a password will do for the account of this name.
pub fn check(password: &str, name: &str) -> Result<(), Weak> {
    if password.chars().count() < LEAST || password.len() > MOST {
        return Err(Weak::Length);
    }
    let plain = password.to_lowercase();
    let word = plain.trim_matches(|sign: char| !sign.is_alphabetic());
    let mut different: Vec<char> = plain.chars().collect();
    different.sort_unstable();
    different.dedup();
    let is_common = COMMON.contains(&word) || word.is_empty() && different.len() < 2 * DIFFERENT;
    let is_name = name.len() > 3 && plain.replace(name, "").chars().count() < LEAST / 2;
    if different.len() < DIFFERENT || is_common || is_run(&plain) || is_name { Err(Weak::Common) } else { Ok(()) }
}

/// Whether it counts on, like `234567890123`.
fn is_run(text: &str) -> bool {
    let steps = text
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[1] == pair[0].wrapping_add(1) || (pair[0], pair[1]) == (b'9', b'0'));
    steps.count() + 2 >= text.len()
}

/// What is kept of a password.
pub fn hash(password: &str) -> Result<String, HubFault> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    let fault = |error| HubFault::Refused(format!("the password cannot be hashed: {error}"));
    hashed.map(|hash| hash.to_string()).map_err(fault)
}

/// Whether `password` is the one of which `kept` is kept. It takes as long where nothing is kept.
pub fn verify(password: &str, kept: Option<&str>) -> bool {
    let right = Argon2::default().verify_password(password.as_bytes(), kept.unwrap_or(NOBODY)).is_ok();
    right && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ones_pass_and_those_that_are_tried_first_do_not() {
        for good in ["three blue herons", "西湖边上有三只很大的蓝色苍鹭", "x7#kQ9!mZ2&p", "tea in the rain 2026"]
        {
            assert_eq!(check(good, "mei"), Ok(()), "{good}");
        }
        for short in ["", "elevenchars", "十一个字也还是太短了呢"] {
            assert_eq!(check(short, "mei"), Err(Weak::Length), "{short}");
        }
        assert_eq!(check(&"a1b2c3d4".repeat(40), "mei"), Err(Weak::Length));
        for common in [
            "Password2026!",
            "123456789012",
            "aaaaaaaaaaaab",
            "abcabcabcabc",
            "qwertyuiop12",
            "administrator",
            "20262026202620",
            "mei.li@tea.example1",
        ] {
            assert_eq!(check(common, "mei.li@tea.example"), Err(Weak::Common), "{common}");
        }
    }

    #[test]
    fn a_hash_says_how_it_was_made_and_is_another_one_each_time() {
        let [first, second] = [hash("three blue herons"), hash("three blue herons")].map(|hash| hash.expect("a hash"));
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, second);
        assert!(verify("three blue herons", Some(&first)) && verify("three blue herons", Some(&second)));
        assert!(!verify("three blue heron", Some(&first)));
        assert!(!verify("three blue herons", None) && !verify("", None));
    }
}
