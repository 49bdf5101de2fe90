//! The authority's records as the feed carries them and the cache keeps them (DESIGN, "The cache and the feed").
//!
//! One file is JSON Lines: first a [`Line::Meta`], then a [`Line::Put`] or [`Line::Drop`] per record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::code::{Grade, Gtin};
use super::policy::Policy;
use super::text::Text;

/// Longest name, in bytes of UTF-8.
const NAME_LIMIT: usize = 600;
/// Most documents or inspection items of one listing.
const ITEMS_LIMIT: usize = 64;
/// Highest key slot: it has twelve bits in a label.
const SLOT_LIMIT: u16 = 4095;

/// One line of a snapshot or a delta.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// Always the first line, and only there.
    Meta(Meta),
    /// Insert the record, or replace the one with the same key.
    Put(Box<Record>),
    /// Remove the record with this key; one that is not there is an error.
    Drop(RecordKey),
}

/// Which version a file starts from and leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// The version that the cache must have; 0 for a snapshot, which replaces everything.
    pub from: u64,
    /// The version that the cache has afterwards.
    pub to: u64,
    /// When the authority issued it.
    pub issued: Timestamp,
}

/// A record of the cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// A firm.
    Supplier(Supplier),
    /// A product of a supplier, graded.
    Listing(Listing),
    /// Label indexes that belong to one listing.
    Block(Block),
    /// One code whose grade differs from its listing's.
    Exception(Exception),
    /// A key that signs labels.
    Key(Key),
    /// A reason's text.
    Reason(Reason),
    /// The kiosks' policy; there is one.
    Policy(Policy),
}

/// The key of a record that is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKey {
    /// By [`Supplier::id`].
    Supplier(u32),
    /// By [`Listing::id`].
    Listing(u32),
    /// By [`Block::first`].
    Block(u32),
    /// By [`Exception::index`].
    Exception(u32),
    /// By [`Key::slot`].
    Key(u16),
    /// By [`Reason::id`].
    Reason(u32),
}

/// A firm that supplies products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplier {
    /// The authority's number of it.
    pub id: u32,
    /// Its name.
    pub name: Text,
}

/// One supplier's product and its grade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The authority's number of it.
    pub id: u32,
    /// [`Supplier::id`].
    pub supplier: u32,
    /// The product.
    pub gtin: Gtin,
    /// The product's name.
    pub name: Text,
    /// The grade of every code of it that has no exception.
    pub grade: Grade,
    /// [`Reason::id`], why it is not green.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<u32>,
    /// Documents that would turn it green: [`Reason::id`]s, in the authority's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<u32>,
    /// How often its items are drawn for review.
    #[serde(default)]
    pub review: ReviewLevel,
    /// Key inspection items, one of which a review checks: [`Reason::id`]s.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inspect: Vec<u32>,
    /// A supplier filed it and the authority has said nothing of it yet, so it stands in no list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unseen: bool,
}

/// How often the items of a listing are drawn for review (ISO 2859-1 switching states).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewLevel {
    /// Never drawn.
    Skip,
    /// Rarely.
    Reduced,
    /// The usual rate.
    #[default]
    Normal,
    /// Often.
    Tightened,
    /// Every item.
    Stopped,
}

impl ReviewLevel {
    /// As files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Reduced => "reduced",
            Self::Normal => "normal",
            Self::Tightened => "tightened",
            Self::Stopped => "stopped",
        }
    }
}

/// Label indexes `first..=last` belong to a listing. Blocks do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// First index.
    pub first: u32,
    /// Last index.
    pub last: u32,
    /// [`Listing::id`].
    pub listing: u32,
}

/// One code whose grade differs from its listing's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The code's index.
    pub index: u32,
    /// Its own grade.
    pub grade: Grade,
    /// [`Reason::id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<u32>,
}

/// A public key that verifies labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// 0 to 4095.
    pub slot: u16,
    /// Ed25519 public key, hex.
    #[serde(with = "super::hex")]
    pub public: [u8; 32],
    /// Labels with this index or a higher one are refused: the key was cut off there. 0 refuses them all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<u32>,
}

/// A reason, a missing document or an inspection item in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The authority's number of it.
    pub id: u32,
    /// The words.
    pub text: Text,
}

impl Record {
    /// What names this record; the policy has no key, because there is only one.
    #[must_use]
    pub const fn key(&self) -> Option<RecordKey> {
        match self {
            Self::Supplier(supplier) => Some(RecordKey::Supplier(supplier.id)),
            Self::Listing(listing) => Some(RecordKey::Listing(listing.id)),
            Self::Block(block) => Some(RecordKey::Block(block.first)),
            Self::Exception(exception) => Some(RecordKey::Exception(exception.index)),
            Self::Key(key) => Some(RecordKey::Key(key.slot)),
            Self::Reason(reason) => Some(RecordKey::Reason(reason.id)),
            Self::Policy(_) => None,
        }
    }

    /// Whether the record keeps to what a record must by itself.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Supplier(supplier) => check_text("supplier", supplier.id, &supplier.name),
            Self::Reason(reason) => check_text("reason", reason.id, &reason.text),
            Self::Listing(l) if l.missing.len().max(l.inspect.len()) > ITEMS_LIMIT => {
                Err(format!("listing {} has more than {ITEMS_LIMIT} documents or items", l.id))
            }
            Self::Listing(listing) => check_text("listing", listing.id, &listing.name),
            Self::Block(block) if block.first > block.last => {
                Err(format!("block {} ends before it begins", block.first))
            }
            Self::Key(key) if key.slot > SLOT_LIMIT => Err(format!("key slot {} is above {SLOT_LIMIT}", key.slot)),
            Self::Block(_) | Self::Exception(_) | Self::Key(_) | Self::Policy(_) => Ok(()),
        }
    }
}

fn check_text(what: &str, id: u32, text: &Text) -> Result<(), String> {
    let empty = text.zh.is_empty() && text.en.is_empty();
    let long = text.zh.len().max(text.en.len()) > NAME_LIMIT;
    match (empty, long) {
        (true, _) => Err(format!("{what} {id} has no text")),
        (_, true) => Err(format!("{what} {id} has a text longer than {NAME_LIMIT} bytes")),
        (false, false) => Ok(()),
    }
}
