//! What a page showed to somebody who decides on it: its form carries a digest, so that nobody says something of what is
//! another one by then.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::HubFault;
use crate::rules::hex;

/// Tells one state of a piece from every other.
pub(super) fn digest(piece: &impl Serialize) -> String {
    // A piece that cannot be written is as no page showed it.
    serde_json::to_vec(piece).map(|text| hex::encode(&Sha256::digest(text))).unwrap_or_default()
}

/// Nothing, if a piece is what the page showed.
pub(super) fn check(piece: &impl Serialize, shown: &str) -> Result<(), HubFault> {
    if !shown.is_empty() && digest(piece) == shown { Ok(()) } else { Err(HubFault::Changed) }
}
