//! The assessment of a listing: what a rulebook asks, what was filed, and which grade follows.
//!
//! ```text
//! each row of the rulebook ──▶ met, or a state ──▶ the decision rows for that state, most severe wins ──▶ finding
//! most severe finding = grade of the assessment ──▶ with the person's word = standing, which goes out with the feed
//! ```
//!
//! Same rulebook, case and date, same answer: nothing else is asked. Every state has a grade, so there is no case without one.

mod findings;
mod rulebook;
mod standing;
mod turn;

use std::cell::LazyCell;
use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use super::code::Grade;
use super::dossier::{Document, Product};
use super::record::ReviewLevel;
use super::text::Text;

pub use findings::says;
pub use rulebook::{Asks, CapacityRule, Decision, DocumentRule, ItemRule, Rule, Rulebook, State, When};
pub use standing::{Reason, Standing, standing};
pub use turn::next_turn;

/// What is known of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// What it is of.
    pub product: Product,
    /// What was filed.
    pub documents: Vec<Evidence>,
    /// How it is reviewed.
    pub review: ReviewLevel,
}

/// A document, and what registries and people say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The document.
    pub document: Document,
    /// What they say.
    pub answers: Vec<Answer>,
}

/// What one registry or person says of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Whether it is genuine.
    pub says: Says,
    /// Who says so.
    pub source: String,
    /// When it was asked.
    pub at: Date,
    /// The last day on which a confirmation counts; a denial counts until there is another answer.
    pub until: Date,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// It is what it says.
    Confirmed,
    /// There is no such document.
    Unknown,
    /// There is one, of another firm.
    AnotherHolder,
    /// It was taken back.
    Revoked,
}

/// What a row of the rulebook found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row that asked.
    pub row: String,
    /// What it asked for.
    pub what: Text,
    /// What is not met, and what follows; nothing if it is met.
    pub lacks: Option<Lack>,
    /// The figures: numbers, dates, values.
    pub detail: Text,
}

/// What is not met, and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// What was found.
    pub state: State,
    /// The row that decided.
    pub decision: String,
    /// What it decided.
    pub grade: Grade,
    /// The reason.
    pub says: Text,
    /// What would make it green; nothing if no document can.
    pub cure: Option<Text>,
}

/// A listing, assessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The most severe of all findings.
    pub grade: Grade,
    /// One for each row that was asked, in the rulebook's order.
    pub findings: Vec<Finding>,
}

impl Assessment {
    /// The finding that decided: the most severe, of equals the first; none where all is met.
    #[must_use]
    pub fn decided(&self) -> Option<(&Finding, &Lack)> {
        let lacks = self.lacking();
        lacks.reduce(|worst, next| if next.1.grade > worst.1.grade { next } else { worst })
    }

    /// What is not met.
    pub fn lacking(&self) -> impl Iterator<Item = (&Finding, &Lack)> {
        self.findings.iter().filter_map(|finding| Some((finding, finding.lacks.as_ref()?)))
    }

    /// What would make it green, each once.
    #[must_use]
    pub fn cures(&self) -> Vec<Text> {
        let mut seen = BTreeSet::new();
        let cures = self.lacking().filter_map(|(_, lack)| lack.cure.clone());
        cures.filter(|cure| seen.insert(cure.clone())).collect()
    }
}

/// Assesses a listing as it stands on `today`.
#[must_use]
pub fn assess(rulebook: &Rulebook, case: &Case, today: Date) -> Assessment {
    let findings = findings::all(rulebook, case, today);
    let grade = findings.iter().filter_map(|finding| finding.lacks.as_ref()).map(|lack| lack.grade).max();
    Assessment { grade: grade.unwrap_or(Grade::Green), findings }
}

/// The first of the next `days` days on which the grade is worse than on `today` if nothing is filed, and why.
#[must_use]
pub fn drops(rulebook: &Rulebook, case: &Case, today: Date, days: u32) -> Option<(Date, Assessment)> {
    let last = today.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    let turns = std::iter::successors(next_turn(rulebook, case, today), |turn| next_turn(rulebook, case, *turn));
    let turns = turns.take_while(|turn| *turn <= last);
    let now = LazyCell::new(|| assess(rulebook, case, today).grade);
    turns.map(|date| (date, assess(rulebook, case, date))).find(|(_, then)| then.grade > *now)
}
