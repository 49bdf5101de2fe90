//! What the rulebook asks of one listing, as its supplier works through it: each document with what it must contain and
//! until when it holds, each capacity, and what of it is missing.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{HubFault, Registry, assess};
use crate::rules::assessment::{Asks, CapacityRule, DocumentRule, Finding, ItemRule, Rule, Rulebook, Standing, When};
use crate::rules::dossier::{Capacity, Document, DocumentState, Product};
use crate::rules::record::Listing;
use crate::rules::text::Text;

/// What is asked of a listing, and how far it is.
#[derive(Clone, Debug)]
pub struct Checklist {
    /// The listing.
    pub listing: Listing,
    /// What it is of.
    pub product: Product,
    /// The rulebook's version.
    pub rulebook: u32,
    /// The category's name.
    pub category: Text,
    /// What goes out, and what would make it green.
    pub standing: Standing,
    /// The first day within the horizon on which the grade is worse if nothing is filed.
    pub drops: Option<Date>,
    /// Documents, in the rulebook's order.
    pub papers: Vec<AskedPaper>,
    /// Capacities, in the rulebook's order.
    pub capacities: Vec<AskedCapacity>,
    /// What was found and no document is asked for.
    pub others: Vec<Finding>,
    /// Documents that were filed and that no row asks for.
    pub besides: Vec<Document>,
}

/// A document that is asked for.
#[derive(Clone, Debug)]
pub struct AskedPaper {
    /// What it is, and whether it is there.
    pub finding: Finding,
    /// The kinds of which one has to be there, with their names.
    pub kinds: Vec<(String, Text)>,
    /// How many days after its date it counts.
    pub age_days: Option<u32>,
    /// Whether a public registry or a person has to confirm it.
    pub confirmed: bool,
    /// What a report has to have measured, and what was found.
    pub items: Vec<(ItemRule, Finding)>,
    /// What was filed of these kinds, each with the last day on which it counts; none counts for ever.
    pub filed: Vec<(Document, Option<Date>)>,
}

/// A capacity that is asked for.
#[derive(Clone, Debug)]
pub struct AskedCapacity {
    /// What it is, and whether it is enough.
    pub finding: Finding,
    /// How much is asked.
    pub rule: CapacityRule,
    /// What was declared, and what the assessor found.
    pub declared: Option<Capacity>,
}

impl AskedPaper {
    /// Whether it is met, with all that it has to contain.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.finding.lacks.is_none() && self.items.iter().all(|(_, finding)| finding.lacks.is_none())
    }
}

/// How far ahead a drop is told, in days.
pub const HORIZON_DAYS: u32 = 30;

/// The checklist of a listing as it stands on `on`.
///
/// # Errors
/// There is no rulebook, no such listing, or it has no product; the database's.
pub fn checklist(registry: &Registry, listing: u32, on: Date) -> Result<Checklist, HubFault> {
    let (version, mut assessed) = assess::look(registry, Some(listing), on, HORIZON_DAYS)?;
    let (Some(assessed), Some(product), Some((_, rulebook))) =
        (assessed.pop(), registry.product(listing)?, assess::in_force(registry.papers())?)
    else {
        return Err(HubFault::Refused(format!("listing {listing} has no product")));
    };
    let mut found: Vec<Finding> = assessed.assessment.findings;
    let documents = registry.documents(Some(listing))?;
    let asked: Vec<&Rule> = asked(&rulebook, &product.category, &product.tags).collect();
    let papers = papers(&rulebook, &asked, &mut found, &documents);
    let capacities = asked.iter().filter_map(|rule| match rule.asks {
        Asks::Capacity(asks) => {
            let declared = product.capacities.get(&asks.capacity).cloned();
            Some(AskedCapacity { finding: taken(&mut found, &rule.row)?, rule: asks, declared })
        }
        Asks::Document(_) | Asks::Item(_) => None,
    });
    let capacities = capacities.collect();
    let is_asked =
        |document: &Document| papers.iter().any(|paper| paper.filed.iter().any(|(filed, _)| filed.id == document.id));
    let besides = documents.iter().filter(|document| !is_asked(document)).cloned().collect();
    Ok(Checklist {
        listing: assessed.listing,
        rulebook: version,
        category: rulebook.category_name(&product.category),
        standing: assessed.standing,
        drops: assessed.drops.map(|(date, _)| date),
        papers,
        capacities,
        others: found.into_iter().filter(|finding| finding.lacks.is_some()).collect(),
        besides,
        product,
    })
}

/// The rows that a product of this category with these tags is asked.
pub fn asked<'a>(
    rulebook: &'a Rulebook,
    category: &'a str,
    tags: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a Rule> {
    rulebook.rules.iter().filter(move |rule| rule.category == category && rule.when.holds(tags))
}

/// The tags that rows of a category ask about, each with what it is about.
#[must_use]
pub fn tags(rulebook: &Rulebook, category: &str) -> Vec<(String, Vec<Text>)> {
    let mut tags: Vec<(String, Vec<Text>)> = Vec::new();
    for rule in rulebook.rules.iter().filter(|rule| rule.category == category) {
        let (When::With(tag) | When::Without(tag)) = &rule.when else { continue };
        let at = tags.iter().position(|(known, _)| known == tag).unwrap_or_else(|| {
            tags.push((tag.clone(), Vec::new()));
            tags.len() - 1
        });
        if matches!(rule.when, When::With(_)) {
            tags[at].1.extend(name(rulebook, rule));
        }
    }
    tags
}

/// What a row asks for, in words.
fn name(rulebook: &Rulebook, rule: &Rule) -> Option<Text> {
    match &rule.asks {
        Asks::Document(asks) => asks.kinds.first().map(|kind| rulebook.kind_name(kind)),
        Asks::Item(asks) => Some(Text::new(
            format!("{}（{}）", asks.name.zh, asks.limit()),
            format!("{} ({})", asks.name.en, asks.limit()),
        )),
        Asks::Capacity(_) => None,
    }
}

fn taken(found: &mut Vec<Finding>, row: &str) -> Option<Finding> {
    let at = found.iter().position(|finding| finding.row == row)?;
    Some(found.remove(at))
}

fn papers(rulebook: &Rulebook, asked: &[&Rule], found: &mut Vec<Finding>, documents: &[Document]) -> Vec<AskedPaper> {
    let mut papers: Vec<AskedPaper> = Vec::new();
    for rule in asked {
        let Asks::Document(asks) = &rule.asks else { continue };
        papers.extend(taken(found, &rule.row).map(|finding| paper(rulebook, asks, finding, documents)));
    }
    for rule in asked {
        let Asks::Item(asks) = &rule.asks else { continue };
        // An item of a report that no row asks for is told among the others.
        let Some(paper) = papers.iter_mut().find(|paper| paper.kinds.iter().any(|(kind, _)| *kind == asks.report))
        else {
            continue;
        };
        paper.items.extend(taken(found, &rule.row).map(|finding| (asks.clone(), finding)));
    }
    papers
}

fn paper(rulebook: &Rulebook, asks: &DocumentRule, finding: Finding, documents: &[Document]) -> AskedPaper {
    let ours = documents.iter().filter(|document| asks.kinds.contains(&document.kind));
    let ours = ours.filter(|document| !matches!(document.state, DocumentState::Replaced(_)));
    AskedPaper {
        finding,
        kinds: asks.kinds.iter().map(|kind| (kind.clone(), rulebook.kind_name(kind))).collect(),
        age_days: asks.age_days,
        confirmed: asks.confirmed,
        items: Vec::new(),
        filed: ours.map(|document| (document.clone(), until(document, asks.age_days))).collect(),
    }
}

/// The last day on which a document counts.
fn until(document: &Document, age_days: Option<u32>) -> Option<Date> {
    let aged = age_days.map(|days| document.issued.saturating_add(i64::from(days).days()));
    [document.expires, aged].into_iter().flatten().min()
}
