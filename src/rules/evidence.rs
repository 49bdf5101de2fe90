//! Everything that bears on one code: gathered by the kiosk, handed to the core with the event.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::code::{Code, Grade};
use super::policy::Policy;
use super::record::{Key, ReviewLevel};
use super::text::Text;

/// What cache and journal know about one code at the moment it was seen.
///
/// The journal keeps it with the verdict, so `explain` can decide again from the same facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What the text says.
    pub code: Code,
    /// What the cache says of itself; `None` while there is no cache.
    pub cache: Option<CacheFacts>,
    /// What the cache says of the code.
    pub found: Found,
    /// When this very item was accepted before, if it has a serial number.
    pub taken_in: Option<TakenIn>,
    /// How far a review of this very item has come, or, for a label without a serial number, of this label if the newest
    /// row is of it: showing it again does not draw again.
    #[serde(flatten)]
    pub review: Reviewing,
    /// The journal's newest hash: unpredictable to a supplier, and kept in the row, so the review draw can be repeated.
    #[serde(with = "super::hex")]
    pub draw_seed: [u8; 32],
}

/// How far a review has come, and in which row of the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewing {
    /// It was drawn and nobody has told what was found.
    #[serde(default)]
    pub drawn: Option<u64>,
    /// It was as it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<u64>,
    /// It was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
}

/// What the cache says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheFacts {
    /// The feed's version that was loaded last.
    pub version: u64,
    /// When the authority issued it.
    pub issued: Timestamp,
    /// One more than the highest label index in any block; a code at or above it is newer than the cache.
    pub index_end: u64,
    /// The authority's policy.
    pub policy: Policy,
}

/// What the cache holds about one code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The key in the label's slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// The code's own grade, where it differs from its listing's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<ExceptionFacts>,
    /// The listing that the label's index belongs to; for an unsigned code every listing of the GTIN, at most
    /// [`LISTINGS_LIMIT`], lowest id first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listings: Vec<ListingFacts>,
}

/// How many listings of one GTIN are looked at.
pub const LISTINGS_LIMIT: usize = 8;

/// One code's own grade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionFacts {
    /// The code's own grade.
    pub grade: Grade,
    /// Why.
    pub reason: Option<Text>,
}

/// A listing with its texts looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingFacts {
    /// The authority's number of it.
    pub id: u32,
    /// The product that the listing is for.
    pub gtin: super::code::Gtin,
    /// The supplier's name.
    pub supplier: Text,
    /// The product's name.
    pub product: Text,
    /// The listing's grade.
    pub grade: Grade,
    /// Why it is not green.
    pub reason: Option<Text>,
    /// Documents that would turn it green.
    pub missing: Vec<Text>,
    /// How often its items are drawn.
    pub review: ReviewLevel,
    /// What a review checks.
    pub inspect: Vec<Text>,
}

/// An earlier acceptance of the same item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenIn {
    /// When.
    pub at: Timestamp,
    /// Where: the kiosk's name.
    pub kiosk: String,
    /// The journal row.
    pub seq: u64,
}
