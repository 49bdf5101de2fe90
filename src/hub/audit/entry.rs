//! What a row of the registry's history is as a leaf of the log.
//!
//! The entry of row N, which is leaf N - 1, is a JSON array as RFC 8785 writes it, without spaces:
//!
//! ```text
//! ["greengate-change-1","<salt>",seq,"at","who","why",kind,key,version,"body" or null]
//! ```
//!
//! `at` is a moment in UTC (RFC 3339), `kind` and `key` say what was changed, `version` is the release that it went out
//! with, `body` is what it is from then on, and null where it is gone.
//!
//! Entries are not published, for they may have what is nobody's business; their hashes are. A hash of so few words could be
//! found by guessing, so every entry has a salt of its own, which follows from the registry's secret and the row's number:
//! whoever is shown one entry can hash it, and learns nothing of the next.

use sha2::{Digest, Sha256};

use super::tree::{Hash, leaf_hash};
use crate::hub::HubFault;
use crate::rules::hex;

/// The form's name, which changes with it.
const FORM: &str = "greengate-change-1";

/// What the salts of a registry follow from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::hub) struct Salt(pub [u8; 32]);

/// A row of the history, as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Counting from 1.
    pub seq: u64,
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
    /// What kind of thing was changed.
    pub kind: u8,
    /// Which of them.
    pub key: u32,
    /// The release that it goes out with.
    pub version: u64,
    /// What it is from then on; nothing where it is gone.
    pub body: Option<String>,
}

impl Row {
    /// The entry's bytes.
    pub(in crate::hub) fn entry(&self, salt: Salt) -> Result<Vec<u8>, HubFault> {
        let Self { seq, at, who, why, kind, key, version, body } = self;
        let salt = Sha256::new().chain_update(FORM).chain_update(salt.0).chain_update(seq.to_be_bytes()).finalize();
        let cells = (FORM, hex::encode(&salt), seq, at, who, why, kind, key, version, body);
        serde_json::to_vec(&cells).map_err(|error| HubFault::Refused(error.to_string()))
    }

    /// The leaf's hash.
    pub(in crate::hub) fn leaf(&self, salt: Salt) -> Result<Hash, HubFault> {
        Ok(leaf_hash(&self.entry(salt)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_one_form() {
        let row = Row {
            seq: 7,
            at: "2026-11-24T01:00:00Z".to_owned(),
            who: "梅\u{1}".to_owned(),
            why: "a \"test\"\n".to_owned(),
            kind: 3,
            key: 2001,
            version: 2,
            body: None,
        };
        let entry = String::from_utf8(row.entry(Salt([1; 32])).expect("an entry")).expect("text");
        assert!(entry.starts_with(r#"["greengate-change-1",""#));
        let expected = r#"",7,"2026-11-24T01:00:00Z","梅\u0001","a \"test\"\n",3,2001,2,null]"#;
        assert_eq!(&entry[23 + 64..], expected);
        let other = Row { seq: 8, ..row.clone() };
        let salt_of = |row: &Row, salt| row.entry(salt).expect("an entry")[23..23 + 64].to_vec();
        assert_ne!(salt_of(&row, Salt([1; 32])), salt_of(&other, Salt([1; 32])));
        assert_ne!(salt_of(&row, Salt([1; 32])), salt_of(&row, Salt([2; 32])));
    }
}
