//! A rulebook: what is asked of each category, and what follows where it is not met. Data, which officers write as tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rules::amount::Amount;
use crate::rules::code::Grade;
use crate::rules::dossier::CapacityKind;
use crate::rules::text::Text;

/// What is asked, and what follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rulebook {
    /// Class-I categories.
    pub categories: BTreeMap<String, Text>,
    /// Kinds of documents.
    pub kinds: BTreeMap<String, Text>,
    /// What is asked, in the order of its tables.
    pub rules: Vec<Rule>,
    /// What follows where it is not met.
    pub decisions: Vec<Decision>,
}

/// One row of what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The row's name, which no other row has.
    pub row: String,
    /// The category that it is for.
    pub category: String,
    /// For which of its products.
    pub when: When,
    /// What is asked.
    pub asks: Asks,
}

/// Which products of a category a row is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// All of them.
    #[default]
    Always,
    /// Those with the tag.
    With(String),
    /// Those without it.
    Without(String),
}

/// What a row asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A document.
    Document(DocumentRule),
    /// An inspection item within its limits.
    Item(ItemRule),
    /// A capacity.
    Capacity(CapacityRule),
}

/// A document that has to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRule {
    /// One of these kinds; the first one names it.
    pub kinds: Vec<String>,
    /// How many days after its date it counts.
    pub age_days: Option<u32>,
    /// Whether a public registry or a person has to have confirmed it.
    pub confirmed: bool,
}

/// An inspection item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRule {
    /// Its name in reports.
    pub item: String,
    /// The kind of the report that it stands in.
    pub report: String,
    /// How many days after its date a report counts.
    pub age_days: Option<u32>,
    /// The least value.
    pub min: Option<Amount>,
    /// The most.
    pub max: Option<Amount>,
    /// The unit of both.
    pub unit: String,
    /// Whether reviews at the dock pick it.
    pub key: bool,
    /// Its name for people.
    pub name: Text,
}

/// A capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapacityRule {
    /// Which.
    pub capacity: CapacityKind,
    /// The least that is enough, of 100.
    pub min: u8,
    /// Below this it fails; 0 if it cannot.
    pub fails_below: u8,
}

/// What follows where something is not met. Of all rows that hold the most severe one decides, then the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The row's name.
    pub row: String,
    /// For this category only; for all without one.
    pub category: Option<String>,
    /// What was found.
    pub state: State,
    /// What follows.
    pub grade: Grade,
    /// The reason, with `{what}` and `{limit}`.
    pub says: Text,
    /// What would make it green; empty if no document can.
    pub cure: Text,
}

/// What was found of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The document is not there.
    DocumentMissing,
    /// It was filed and nobody has accepted it yet.
    DocumentFiled,
    /// It was refused.
    DocumentRefused,
    /// Its last day is over.
    DocumentExpired,
    /// It was issued too long ago.
    DocumentOld,
    /// Nobody has confirmed it, or the confirmation is over.
    DocumentUnconfirmed,
    /// A registry or a person says that it is not genuine.
    DocumentDenied,
    /// Its issuer took it back.
    DocumentRevoked,
    /// No report that counts has the item.
    ItemMissing,
    /// The report has another unit, or a method that is too coarse.
    ItemUnclear,
    /// It is outside of its limits.
    ItemFailed,
    /// Nobody has assessed the capacity.
    CapacityUnassessed,
    /// It is not enough.
    CapacityLow,
    /// It is so little that papers do not help.
    CapacityFailed,
    /// Reviews are tightened.
    ReviewTightened,
    /// Reviews stopped it.
    ReviewStopped,
    /// The rulebook does not know the category.
    CategoryUnknown,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::DocumentMissing,
        Self::DocumentFiled,
        Self::DocumentRefused,
        Self::DocumentExpired,
        Self::DocumentOld,
        Self::DocumentUnconfirmed,
        Self::DocumentDenied,
        Self::DocumentRevoked,
        Self::ItemMissing,
        Self::ItemUnclear,
        Self::ItemFailed,
        Self::CapacityUnassessed,
        Self::CapacityLow,
        Self::CapacityFailed,
        Self::ReviewTightened,
        Self::ReviewStopped,
        Self::CategoryUnknown,
    ];

    /// As tables write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DocumentMissing => "document-missing",
            Self::DocumentFiled => "document-filed",
            Self::DocumentRefused => "document-refused",
            Self::DocumentExpired => "document-expired",
            Self::DocumentOld => "document-old",
            Self::DocumentUnconfirmed => "document-unconfirmed",
            Self::DocumentDenied => "document-denied",
            Self::DocumentRevoked => "document-revoked",
            Self::ItemMissing => "item-missing",
            Self::ItemUnclear => "item-unclear",
            Self::ItemFailed => "item-failed",
            Self::CapacityUnassessed => "capacity-unassessed",
            Self::CapacityLow => "capacity-low",
            Self::CapacityFailed => "capacity-failed",
            Self::ReviewTightened => "review-tightened",
            Self::ReviewStopped => "review-stopped",
            Self::CategoryUnknown => "category-unknown",
        }
    }

    /// The least severe grade that may follow, whatever a rulebook says: nothing that is not met is green, and what no
    /// further document can mend is red.
    #[must_use]
    pub const fn at_least(self) -> Grade {
        match self {
            Self::DocumentDenied | Self::DocumentRevoked | Self::ItemFailed | Self::ReviewStopped => Grade::Red,
            Self::DocumentMissing
            | Self::DocumentFiled
            | Self::DocumentRefused
            | Self::DocumentExpired
            | Self::DocumentOld
            | Self::DocumentUnconfirmed
            | Self::ItemMissing
            | Self::ItemUnclear
            | Self::CapacityUnassessed
            | Self::CapacityLow
            | Self::CapacityFailed
            | Self::ReviewTightened
            | Self::CategoryUnknown => Grade::Yellow,
        }
    }
}

impl Asks {
    /// Whether a document of this kind is of use for it.
    #[must_use]
    pub fn of_kind(&self, kind: &str) -> bool {
        match self {
            Self::Document(asks) => asks.kinds.iter().any(|one| one == kind),
            Self::Item(asks) => asks.report == kind,
            Self::Capacity(_) => false,
        }
    }
}

impl When {
    /// Whether a product with these tags is meant.
    #[must_use]
    pub fn holds(&self, tags: &BTreeSet<String>) -> bool {
        match self {
            Self::Always => true,
            Self::With(tag) => tags.contains(tag),
            Self::Without(tag) => !tags.contains(tag),
        }
    }
}

impl CapacityRule {
    /// The least that is enough, as people read it.
    #[must_use]
    pub fn limit(&self) -> String {
        format!("≥ {}", self.min)
    }
}

impl Rulebook {
    /// What a category is called; as it is written in tables where the rulebook does not have it.
    #[must_use]
    pub fn category_name(&self, category: &str) -> Text {
        self.categories.get(category).cloned().unwrap_or(Text::new(category, category))
    }

    /// What a kind of documents is called, likewise.
    #[must_use]
    pub fn kind_name(&self, kind: &str) -> Text {
        self.kinds.get(kind).cloned().unwrap_or(Text::new(kind, kind))
    }

    /// What an inspection item is called, likewise.
    #[must_use]
    pub fn item_name(&self, item: &str) -> Text {
        let known = self.rules.iter().find_map(|rule| match &rule.asks {
            Asks::Item(asked) if asked.item == item => Some(asked.name.clone()),
            Asks::Item(_) | Asks::Document(_) | Asks::Capacity(_) => None,
        });
        known.unwrap_or(Text::new(item, item))
    }

    /// The row that decides what follows from a state: the most severe, of equals the first.
    #[must_use]
    pub fn decide(&self, category: &str, state: State) -> Option<&Decision> {
        let is_ours = |decision: &&Decision| {
            decision.state == state && decision.category.as_deref().is_none_or(|only| only == category)
        };
        let rows = self.decisions.iter().filter(is_ours);
        rows.reduce(|best, next| if next.grade > best.grade { next } else { best })
    }

    /// States that no row decides for every category.
    #[must_use]
    pub fn undecided(&self) -> Vec<State> {
        let is_decided =
            |state| self.decisions.iter().any(|decision| decision.state == state && decision.category.is_none());
        State::ALL.into_iter().filter(|state| !is_decided(*state)).collect()
    }

    /// The key inspection items of a category's products.
    pub fn key_items<'a>(&'a self, category: &'a str) -> impl Iterator<Item = &'a ItemRule> {
        self.rules.iter().filter(move |rule| rule.category == category).filter_map(|rule| match &rule.asks {
            Asks::Item(item) if item.key => Some(item),
            Asks::Item(_) | Asks::Document(_) | Asks::Capacity(_) => None,
        })
    }
}

impl ItemRule {
    /// Its limits in words: `≤ 10 mg/kg`.
    #[must_use]
    pub fn limit(&self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("{min}–{max} {}", self.unit),
            (Some(min), None) => format!("≥ {min} {}", self.unit),
            (None, Some(max)) => format!("≤ {max} {}", self.unit),
            (None, None) => self.unit.clone(),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
