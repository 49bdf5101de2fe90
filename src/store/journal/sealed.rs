//! Rows on their way to the authority, as the very bytes that their hashes cover.
//!
//! Programs of different versions know different parts of an entry and would write a row's JSON in different words. So a
//! row leaves as the text that was hashed when it was written, and its two hashes follow behind it. Today's
//! [`export()`](super::export()) as JSON Lines writes the same lines.

use rusqlite::params;
use serde::Deserialize;

use super::schema::PREVIOUS_HASH;
use super::{Journal, chain};
use crate::rules::hex;
use crate::store::StoreFault;

const PREVIOUS: &str = ",\"previous\":\"";
const HASH: &str = "\",\"hash\":\"";
const END: &str = "\"}";
/// How long the hashes and what stands around them are.
const SEAL_BYTES: usize = PREVIOUS.len() + 64 + HASH.len() + 64 + END.len();

/// A row as it was written, whether or not this program knows all that its entry tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Whose journal it is.
    pub kiosk: String,
    /// Which of that kiosk's journals, as hexadecimal digits.
    pub epoch: String,
    /// Counting from 1.
    pub seq: u64,
    /// The row's JSON, which the hash covers.
    pub body: String,
    /// The hash of the row before.
    pub previous: [u8; 32],
    /// The row's hash.
    pub hash: [u8; 32],
}

/// What every row's JSON has, in whatever version.
#[derive(Deserialize)]
struct Place {
    kiosk: String,
    epoch: String,
    seq: u64,
    #[serde(rename = "entry")]
    _entry: serde_json::Map<String, serde_json::Value>,
}

impl Sealed {
    /// Reads a line. Nothing is believed of it yet: see [`Sealed::is_whole`].
    ///
    /// # Errors
    /// Why it is no row.
    pub fn read(line: &str) -> Result<Self, String> {
        let parts = line.len().checked_sub(SEAL_BYTES).and_then(|at| line.split_at_checked(at));
        let hashes = parts.and_then(|(_, seal)| {
            let (previous, hash) = seal.strip_prefix(PREVIOUS)?.strip_suffix(END)?.split_once(HASH)?;
            Some((hex::decode(previous)?, hex::decode(hash)?))
        });
        let (Some((body, _)), Some((previous, hash))) = (parts, hashes) else {
            return Err("it does not end with `previous` and `hash` as a journal writes them".to_owned());
        };
        let body = format!("{body}}}");
        let place: Place = serde_json::from_str(&body).map_err(|error| error.to_string())?;
        Ok(Self { kiosk: place.kiosk, epoch: place.epoch, seq: place.seq, body, previous, hash })
    }

    /// Whether its hash follows from its JSON and the hash before.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        chain::hash(&self.previous, &self.body) == self.hash
    }
}

/// The hash that the first row of a journal follows on.
#[must_use]
pub fn beginning(kiosk: &str, epoch: &[u8; 16]) -> [u8; 32] {
    chain::beginning(kiosk, epoch)
}

/// Whether a row with this JSON and this hash follows on a row with the hash `previous`.
#[must_use]
pub fn follows(previous: &[u8; 32], body: &str, hash: &[u8; 32]) -> bool {
    chain::hash(previous, body) == *hash
}

impl Journal {
    /// Whose journal it is.
    #[must_use]
    pub fn kiosk(&self) -> &str {
        &self.kiosk
    }

    /// The lines of the rows behind number `after`, at most `count` of them, each with its number. A row that was damaged
    /// becomes a line that no one will take for a row; one that is missing is left out.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn lines(&self, after: u64, count: u32) -> Result<Vec<(u64, String)>, StoreFault> {
        let fault = StoreFault::database(&self.path);
        let sql = format!("SELECT seq, body, hash, {PREVIOUS_HASH} FROM row WHERE seq > ? ORDER BY seq LIMIT ?");
        let mut query = self.connection.prepare_cached(&sql).map_err(&fault)?;
        let mut found = query.query(params![after, count]).map_err(&fault)?;
        let mut lines = Vec::new();
        while let Some(row) = found.next().map_err(&fault)? {
            let seq: u64 = row.get(0).map_err(&fault)?;
            let bytes = |column| row.get_ref(column).ok().and_then(|value| value.as_bytes_or_null().ok().flatten());
            let body = String::from_utf8_lossy(bytes(1).unwrap_or_default()).replace(['\n', '\r'], " ");
            let hash = hex::encode(bytes(2).unwrap_or_default());
            let first = || chain::beginning(&self.kiosk, &self.epoch);
            let previous = bytes(3).map_or_else(|| hex::encode(&first()), hex::encode);
            let open = body.strip_suffix('}').unwrap_or(&body);
            lines.push((seq, format!("{open}{PREVIOUS}{previous}{HASH}{hash}{END}")));
        }
        Ok(lines)
    }
}
