//! A row and its place in the chain.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Committed;
use crate::rules::entry::Entry;
use crate::rules::hex;

const DOMAIN: &[u8] = b"greengate journal 1";

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Whose journal it is.
    pub kiosk: String,
    /// Which of that kiosk's journals, as hexadecimal digits.
    pub epoch: String,
    /// Counting from 1.
    pub seq: u64,
    /// What happened.
    pub entry: Entry,
    /// The hash of the row before.
    #[serde(with = "hex")]
    pub previous: [u8; 32],
    /// SHA-256 over the one before and this row's JSON.
    #[serde(with = "hex")]
    pub hash: [u8; 32],
}

/// What a row's hash covers, besides the hash before.
#[derive(Debug, Serialize, Deserialize)]
struct Body<K, E> {
    kiosk: K,
    epoch: K,
    seq: u64,
    entry: E,
}

impl Row {
    /// The row after `head`.
    pub(super) fn next(kiosk: &str, epoch: &[u8; 16], head: Committed, entry: Entry) -> Self {
        let (kiosk, epoch, previous) = (kiosk.to_owned(), hex::encode(epoch), head.hash);
        let mut row = Self { kiosk, epoch, seq: head.seq + 1, entry, previous, hash: [0; 32] };
        row.hash = hash(&previous, &row.body());
        row
    }

    /// The row's JSON: what is stored and what the hash covers.
    pub(super) fn body(&self) -> String {
        let Self { kiosk, epoch, seq, entry, .. } = self;
        let body = Body { kiosk: kiosk.as_str(), epoch: epoch.as_str(), seq: *seq, entry };
        // Every part of an entry has a JSON form; an empty body would not verify.
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// The row that `body` tells, or why it tells none.
    pub(super) fn parse(body: &str, previous: [u8; 32], hash: [u8; 32]) -> Result<Self, String> {
        let body: Body<String, Entry> = serde_json::from_str(body).map_err(|error| error.to_string())?;
        Ok(Self { kiosk: body.kiosk, epoch: body.epoch, seq: body.seq, entry: body.entry, previous, hash })
    }
}

/// The hash of the row with this body after `previous`.
pub(super) fn hash(previous: &[u8; 32], body: &str) -> [u8; 32] {
    Sha256::new().chain_update(DOMAIN).chain_update(previous).chain_update(body).finalize().into()
}

/// The hash before the first row.
pub(super) fn beginning(kiosk: &str, epoch: &[u8; 16]) -> [u8; 32] {
    Sha256::new().chain_update(DOMAIN).chain_update(epoch).chain_update(kiosk).finalize().into()
}
