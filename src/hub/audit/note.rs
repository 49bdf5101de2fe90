//! Signed notes (c2sp.org/signed-note): a text, an empty line, and signatures that name their key.

use std::fmt;
use std::str::FromStr;

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::rules::hex;

/// The algorithm's number: Ed25519.
const ED25519: u8 = 1;
/// How a line with a signature begins.
const DASH: &str = "\u{2014} ";
/// Most lines with signatures of one note.
const SIGNATURES: usize = 16;

/// The public half of a key that signs notes, with the name that it signs by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    name: String,
    public: [u8; 32],
}

impl NoteKey {
    /// The public half of `key`, which signs as `name`.
    #[must_use]
    pub fn of(name: &str, key: &SigningKey) -> Self {
        Self { name: name.to_owned(), public: key.verifying_key().to_bytes() }
    }

    /// Whom it is of.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> [u8; 4] {
        let digest =
            Sha256::new().chain_update(&self.name).chain_update(b"\n\x01").chain_update(self.public).finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }
}

/// As C2SP writes it: `name+id+key`.
impl fmt::Display for NoteKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519][..], &self.public].concat();
        write!(out, "{}+{}+{}", self.name, hex::encode(&self.id()), BASE64_STANDARD.encode(key))
    }
}

impl FromStr for NoteKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let none = || format!("`{text}` is no key of a log; take the line that `greengate-hub audit key` prints");
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(none());
        };
        let key = BASE64_STANDARD.decode(key).map_err(|_| none())?;
        let Some((&ED25519, public)) = key.split_first() else { return Err(none()) };
        let key = Self { name: name.to_owned(), public: public.try_into().map_err(|_| none())? };
        if !is_name(name) || hex::decode(id) != Some(key.id()) {
            return Err(none());
        }
        Ok(key)
    }
}

/// Signs a text, each line of which is ended.
#[must_use]
pub fn sign(text: &str, name: &str, key: &SigningKey) -> String {
    let id = NoteKey::of(name, key).id();
    let signature = [&id[..], &key.sign(text.as_bytes()).to_bytes()].concat();
    format!("{text}\n{DASH}{name} {}\n", BASE64_STANDARD.encode(signature))
}

/// The text of a note that this key signed.
///
/// # Errors
/// It is no note, or another key signed it.
pub fn open<'a>(note: &'a str, key: &NoteKey) -> Result<&'a str, String> {
    let end = note.rfind("\n\n").ok_or("it is no signed note; take the file as it was published")?;
    let (text, signatures) = (&note[..=end], &note[end + 2..]);
    let none = || "it is no signed note; take the file as it was published".to_owned();
    if text.chars().any(|sign| sign.is_control() && sign != '\n') || !signatures.ends_with('\n') {
        return Err(none());
    }
    let ours = [&key.id()[..]];
    for line in signatures.lines().take(SIGNATURES) {
        let (name, signature) = line.strip_prefix(DASH).and_then(|line| line.split_once(' ')).ok_or_else(none)?;
        let signature = BASE64_STANDARD.decode(signature).map_err(|_| none())?;
        let Some((id, signature)) = signature.split_at_checked(4) else { return Err(none()) };
        if name != key.name || !ours.contains(&id) {
            continue;
        }
        let signature = Signature::from_slice(signature).map_err(|_| none())?;
        let public = VerifyingKey::from_bytes(&key.public).map_err(|_| format!("`{key}` is no key"))?;
        let right = public.verify_strict(text.as_bytes(), &signature);
        return right.map(|()| text).map_err(|_| "its signature is wrong: somebody changed it".to_owned());
    }
    Err(format!("another key than `{key}` signed it"))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|sign: char| sign.is_whitespace() || sign.is_control() || sign == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in Go's `golang.org/x/mod/sumdb/note`.
    const TEXT: &str =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const SIGNATURE: &str = "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SECRET: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

    #[test]
    fn notes_are_signed_and_read_as_gos_are() {
        let secret: [u8; 32] = BASE64_STANDARD.decode(SECRET).expect("base64")[1..].try_into().expect("32 bytes");
        let secret = SigningKey::from_bytes(&secret);
        let key: NoteKey = KEY.parse().expect("a key");
        assert_eq!(NoteKey::of("PeterNeumann", &secret), key);
        assert_eq!(key.to_string(), KEY);
        let note = format!("{TEXT}{SIGNATURE}");
        assert_eq!(sign(TEXT, "PeterNeumann", &secret), note);
        assert_eq!(open(&note, &key), Ok(TEXT));
        let others = format!("{note}— Enoch+Root AAAAAA==\n").replace("Enoch+Root", "EnochRoot");
        assert_eq!(open(&others, &key), Ok(TEXT), "other keys may have signed it too");
    }

    #[test]
    fn what_is_not_signed_by_the_key_is_refused() {
        let key: NoteKey = KEY.parse().expect("a key");
        let note = format!("{TEXT}{SIGNATURE}");
        let changed = open(&note.replace("answer", "cause"), &key).expect_err("changed");
        assert_eq!(changed, "its signature is wrong: somebody changed it");
        let other = NoteKey::of("PeterNeumann", &SigningKey::from_bytes(&[7; 32]));
        assert!(open(&note, &other).expect_err("another key").starts_with("another key than `PeterNeumann+"));
        let renamed = NoteKey { name: "Peter".to_owned(), ..key.clone() };
        assert!(open(&note, &renamed).is_err());
        for wrong in ["", "\n\n", TEXT, "a\n\nb\n", &note[..note.len() - 1], "a\tb\n\n— x AAAA\n"] {
            assert!(open(wrong, &key).is_err(), "{wrong:?}");
        }
        for wrong in ["", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"] {
            assert!(wrong.parse::<NoteKey>().is_err(), "{wrong}");
        }
    }
}
