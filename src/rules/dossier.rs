//! What the authority keeps of a firm and of a listing besides what the feed carries: who the firm is, which documents
//! were filed, what its capacities are, and what a person said of the grade.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::account::{Account, Proposal};
use super::amount::Measure;
use super::code::Grade;
use super::credit_code::CreditCode;
use super::switching::Switching;

/// Longest word, number or name of these, in bytes of UTF-8.
pub const TEXT_LIMIT: usize = 600;
/// Most tags, contacts, platforms or items of one of these.
pub const ITEMS_LIMIT: usize = 64;

/// A piece of what the authority keeps. Each is put as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Paper {
    /// Who a supplier is.
    Firm(Firm),
    /// What a listing is of, and what its supplier can do for it.
    Product(Product),
    /// A document of a listing.
    Document(Document),
    /// What a person said of a listing's grade.
    Word(Word),
    /// How a listing is reviewed.
    Review(Review),
    /// A rulebook that holds from then on.
    Rulebook(Adopted),
    /// A public registry's file that was imported, or a registry that is asked.
    Source(Source),
    /// Somebody who signs in.
    Account(Account),
    /// A grade that waits for a second person.
    Proposal(Proposal),
    /// What registries that are asked say of a document.
    Answers(Answers),
}

/// The firm behind a supplier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Firm {
    /// The supplier's number.
    pub supplier: u32,
    /// The unified social credit code.
    pub code: CreditCode,
    /// Whom to ask, each in one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// On which platforms it sells, and under which conditions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub partnerships: BTreeMap<String, String>,
}

/// What a listing is of. A listing that has this is assessed by the rulebook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The listing's number.
    pub listing: u32,
    /// Its class-I category, as the rulebook names it.
    pub category: String,
    /// What rules of the category ask about, like `special`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// The brick of GS1's product classification, eight digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brick: Option<u32>,
    /// What the supplier can do for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capacities: BTreeMap<CapacityKind, Capacity>,
}

/// What a supplier has to be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapacityKind {
    /// Make it.
    Production,
    /// Know that it is good.
    QualityControl,
    /// Send it.
    Shipment,
    /// Run the business.
    Operation,
}

/// A capacity: what the supplier says, what shows it, what the assessor found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// What the supplier says.
    pub declared: String,
    /// What shows it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// 0 to 100, once somebody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessed: Option<u8>,
    /// The assessor's note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A document of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The authority's number of it.
    pub id: u32,
    /// The listing that it is of.
    pub listing: u32,
    /// What it is, as the rulebook names it.
    pub kind: String,
    /// The number that its issuer gave it.
    pub number: String,
    /// Who issued it; of a report, the laboratory.
    pub issuer: String,
    /// On this date.
    pub issued: Date,
    /// The last day on which it holds; without one it holds for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// The document itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<StoredFile>,
    /// What a report says of its inspection items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What the authority made of it.
    #[serde(default)]
    pub state: DocumentState,
    /// What a person saw who looked it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<Capture>,
}

/// A file in the authority's store, which its digest names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredFile {
    /// SHA-256 of its bytes, hex.
    #[serde(with = "super::hex")]
    pub sha256: [u8; 32],
    /// What it is.
    pub form: FileForm,
    /// Its bytes.
    pub length: u64,
}

/// What a file is, told from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileForm {
    /// A PDF document.
    Pdf,
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
}

/// What the authority made of a document.
///
/// ```text
/// filed ──┬──► accepted ◄──┐
///         │                ├── an officer looks again
///         ├──► refused  ◄──┘
///         │
///         ├──► replaced             its supplier filed another one in its place; refused ones too
///         └──► revoked ──► settled  its issuer took it back; accepted and refused ones too
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentState {
    /// Nobody has looked yet.
    #[default]
    Filed,
    /// It is what it says.
    Accepted,
    /// It is not, for this reason; it counts for nothing.
    Refused(String),
    /// Its issuer took it back, for this reason.
    Revoked(String),
    /// It was revoked, and what followed from that is over, for this reason; it counts for nothing, now and later.
    Settled(String),
    /// Its supplier filed the document of this number in its place; it counts for nothing.
    Replaced(u32),
}

/// One inspection item of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What was measured, as the rulebook names it.
    pub item: String,
    /// How.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The limit that the report states.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub limit: String,
    /// What was found.
    pub value: Measure,
    /// In which unit.
    pub unit: String,
}

/// What a person saw who asked an issuer's own pages for a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Whether it is there, as it was filed.
    pub genuine: bool,
    /// Where.
    pub source: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: Date,
    /// The last day on which it counts.
    pub until: Date,
    /// SHA-256 of the picture of the screen, hex; the file is in the store.
    #[serde(with = "super::hex")]
    pub screenshot: [u8; 32],
}

/// A person's grade for a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The listing's number.
    pub listing: u32,
    /// The grade.
    pub grade: Grade,
    /// The reason's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<u32>,
    /// Numbers of the documents that are missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<u32>,
    /// Rows of the rulebook that were not met when the person said green: green holds against these alone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub excused: BTreeSet<String>,
}

/// How a listing is reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// The listing's number.
    pub listing: u32,
    /// Where it stands.
    pub state: Switching,
}

/// A rulebook that was adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    /// Counting from 1.
    pub version: u32,
    /// Its tables by their names, as they were written.
    pub tables: BTreeMap<String, String>,
}

/// A public registry's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The authority's number of the registry.
    pub id: u32,
    /// The registry's name.
    pub name: String,
    /// The kinds of documents that it lists, all of them: one that it does not list is not genuine.
    pub kinds: BTreeSet<String>,
    /// When it was asked.
    pub at: Date,
    /// The last day on which its confirmation counts.
    pub until: Date,
    /// Rows.
    pub rows: u32,
    /// SHA-256 of the file, hex.
    #[serde(with = "super::hex")]
    pub sha256: [u8; 32],
    /// Where it is asked about one document after another; there is no file then, and the rest is of no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
}

/// Where a registry is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The address, with `{number}` and perhaps `{kind}`.
    pub url: String,
    /// How many days an answer counts at most.
    pub days: u32,
}

/// What registries that are asked say of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// [`Document::id`]
    pub document: u32,
    /// The newest answers, by [`Source::id`].
    pub replies: BTreeMap<u32, Reply>,
}

/// What one registry answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// What it says.
    pub state: ReplyState,
    /// Who holds the document, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<CreditCode>,
    /// When it was asked.
    pub at: Date,
    /// The last day on which that counts.
    pub until: Date,
}

/// What a registry says of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyState {
    /// It is there and holds.
    Valid,
    /// It was taken back.
    Revoked,
    /// There is none.
    Unknown,
}

impl Document {
    /// Whether nobody has judged it yet.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.state == DocumentState::Filed
    }
}

impl DocumentState {
    /// Whether a document may go from here to there. What was revoked never counts again.
    #[must_use]
    pub const fn may_become(&self, next: &Self) -> bool {
        match self {
            Self::Filed | Self::Refused(_) => {
                matches!(next, Self::Accepted | Self::Refused(_) | Self::Revoked(_) | Self::Replaced(_))
            }
            Self::Accepted => matches!(next, Self::Accepted | Self::Refused(_) | Self::Revoked(_)),
            Self::Revoked(_) => matches!(next, Self::Revoked(_) | Self::Settled(_)),
            Self::Settled(_) | Self::Replaced(_) => false,
        }
    }
}

impl Capacity {
    /// Whether it was declared and nobody has assessed it yet.
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.declared.is_empty() && self.assessed.is_none()
    }
}

impl Product {
    /// The capacities that were declared and that nobody has assessed yet.
    pub fn waiting(&self) -> impl Iterator<Item = CapacityKind> {
        self.capacities.iter().filter(|(_, capacity)| capacity.waits()).map(|(kind, _)| *kind)
    }
}

impl CapacityKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Production, Self::QualityControl, Self::Shipment, Self::Operation];

    /// As files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::QualityControl => "quality-control",
            Self::Shipment => "shipment",
            Self::Operation => "operation",
        }
    }
}

impl FileForm {
    /// Its media type (RFC 9110, 8.3.1).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The ending of a file's name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// Whether `name` is a word that tables name things by: small letters, digits and hyphens.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=60).contains(&name.len()) && name.bytes().all(right)
}
