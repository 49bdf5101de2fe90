//! What the kiosk says of a code: one outcome, one reason, one next step.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::code::{Grade, Refusal};
use super::evidence::TakenIn;
use super::text::Text;

/// What happens to the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Take it in: green.
    Accept,
    /// Set it aside: yellow.
    Hold,
    /// Do not take it in: red.
    Reject,
}

/// A row of the verdict table, with what it was decided from. Slugs are stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    /// More than one different label in view.
    ShowOne,
    /// Not a product code.
    NotAProduct,
    /// Signature wrong, key unknown or cut off, or the label's grammar broken.
    Forged(Refusal),
    /// Code or listing is red, for the authority's reason.
    Red(Option<Text>),
    /// The goods are past this last good day.
    ExpiredGoods(Date),
    /// This item was accepted before.
    AlreadyTakenIn(TakenIn),
    /// A date decides and the clock is not trusted.
    Clock,
    /// The label was valid until this day.
    LabelExpired(Date),
    /// The cache is this many whole days old, too old for green.
    CacheOld(i64),
    /// Yellow: these documents are missing.
    MissingDocuments(Vec<Text>),
    /// Newer than the cache: the grade that the authority signed.
    New(Grade),
    /// Listed, but the label carries no signature.
    Unsigned,
    /// The cache does not list it.
    NotListed,
    /// Drawn for review, with the item to check.
    Review(Option<Text>),
    /// It was drawn for review, and the check found that it is not as it should be.
    ReviewFailed,
    /// Everything is in order.
    Accept,
}

impl Ruling {
    /// What happens to the goods, or `None` where this is no verdict.
    #[must_use]
    pub const fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::ShowOne | Self::NotAProduct => None,
            Self::Accept | Self::New(Grade::Green) => Some(Outcome::Accept),
            Self::Forged(_) | Self::Red(_) | Self::ExpiredGoods(_) | Self::New(Grade::Red) => Some(Outcome::Reject),
            Self::AlreadyTakenIn(_)
            | Self::Clock
            | Self::LabelExpired(_)
            | Self::CacheOld(_)
            | Self::MissingDocuments(_)
            | Self::New(Grade::Yellow)
            | Self::Unsigned
            | Self::NotListed
            | Self::Review(_)
            | Self::ReviewFailed => Some(Outcome::Hold),
        }
    }

    /// Whether the label may claim what is not true, so that nothing it names is to be believed.
    #[must_use]
    pub const fn is_forged(&self) -> bool {
        matches!(self, Self::Forged(_))
    }

    /// The row's stable name, for journals, feeds and scripts.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::ShowOne => "show-one",
            Self::NotAProduct => "not-a-product",
            Self::Forged(_) => "forged",
            Self::Red(_) => "red",
            Self::ExpiredGoods(_) => "expired-goods",
            Self::AlreadyTakenIn(_) => "already-taken-in",
            Self::Clock => "clock",
            Self::LabelExpired(_) => "label-expired",
            Self::CacheOld(_) => "cache-old",
            Self::MissingDocuments(_) => "missing-documents",
            Self::New(Grade::Green) => "new-green",
            Self::New(Grade::Yellow) => "new-yellow",
            Self::New(Grade::Red) => "new-red",
            Self::Unsigned => "unsigned",
            Self::NotListed => "not-listed",
            Self::Review(_) => "review",
            Self::ReviewFailed => "review-failed",
            Self::Accept => "accept",
        }
    }
}
