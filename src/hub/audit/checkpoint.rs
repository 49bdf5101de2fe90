//! What is signed of a log (c2sp.org/tlog-checkpoint): whose it is, how many leaves it has, and their root.

use base64::prelude::{BASE64_STANDARD, Engine};

use super::note::{self, NoteKey};
use super::tree::Hash;

/// A state of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log it is; the name of its key too.
    pub origin: String,
    /// Leaves.
    pub size: usize,
    /// Their root.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { origin, size, root } = self;
        format!("{origin}\n{size}\n{}\n", BASE64_STANDARD.encode(root))
    }

    /// Reads a checkpoint that `key` signed, and that is of the key's log.
    ///
    /// # Errors
    /// Another key signed it, or it is none.
    pub fn open(signed: &str, key: &NoteKey) -> Result<Self, String> {
        let text = note::open(signed, key)?;
        let none = || "it is no checkpoint of a log".to_owned();
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(none());
        };
        let root = BASE64_STANDARD.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or_else(none)?;
        let checkpoint = Self { origin: origin.to_owned(), size: size.parse().map_err(|_| none())?, root };
        // A size has one way to be written, and lines of extensions may follow.
        if checkpoint.size.to_string() != size || lines.any(str::is_empty) {
            return Err(none());
        }
        if origin != key.name() {
            return Err(format!("it is of the log `{origin}`, and the key of `{}`", key.name()));
        }
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    #[test]
    fn a_checkpoint_is_three_lines_and_comes_back() {
        let secret = SigningKey::from_bytes(&[3; 32]);
        let key = NoteKey::of("greengate/0123", &secret);
        let checkpoint = Checkpoint { origin: "greengate/0123".to_owned(), size: 15, root: [0; 32] };
        let text = checkpoint.text();
        assert_eq!(text, "greengate/0123\n15\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
        let open = |text: &str| Checkpoint::open(&note::sign(text, "greengate/0123", &secret), &key);
        assert_eq!(open(&text), Ok(checkpoint.clone()));
        assert_eq!(open(&format!("{text}an extension\n")), Ok(checkpoint));
        for (from, to) in [("15", "015"), ("15", "+15"), ("15", "-1"), ("AAA=", "AAA"), ("0123\n", "0124\n")] {
            assert!(open(&text.replace(from, to)).is_err(), "{from} {to}");
        }
        assert!(open("greengate/0123\n15\n").is_err());
    }
}
