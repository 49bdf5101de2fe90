//! Listings against the rulebook that holds: what goes out, why, and what would change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::registry::Papers;
use super::{Author, Changes, HubFault, Registry, document, grade, rulebook};
use crate::rules::assessment::{
    Answer, Assessment, Case, Evidence, Reason, Rulebook, Says, Standing, assess, drops, standing,
};
use crate::rules::code::Grade;
use crate::rules::credit_code::CreditCode;
use crate::rules::dossier::{Capture, Document, Product, Source, Word};
use crate::rules::record::{self, Listing, Record};
use crate::rules::text::Text;

/// Most documents or items of a record.
const RECORD_ITEMS: usize = 64;

/// A listing, assessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessed {
    /// The listing as it is in the registry.
    pub listing: Listing,
    /// What the rulebook says.
    pub assessment: Assessment,
    /// What goes out, with a person's word.
    pub standing: Standing,
    /// The first day within the horizon on which it is worse if nothing is filed, and why.
    pub drops: Option<(Date, Assessment)>,
}

/// What another rulebook would make of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The listing.
    pub listing: u32,
    /// Its grade as it is.
    pub before: Grade,
    /// What goes out then.
    pub after: Assessed,
}

/// Everything that is the same for all listings of one assessment.
struct Bench<'a> {
    papers: Papers<'a>,
    sources: Vec<Source>,
    today: Date,
}

impl Bench<'_> {
    fn assess(&self, rulebook: &Rulebook, id: u32, days: u32) -> Result<Option<Assessed>, HubFault> {
        let (Some(listing), Some(product)) = (self.papers.listing(id)?, self.papers.product(id)?) else {
            return Ok(None);
        };
        let case = self.case(&listing, product)?;
        let word = self.papers.word(id)?;
        let assessment = assess(rulebook, &case, self.today);
        let standing = standing(&assessment, word.as_ref());
        let drops = drops(rulebook, &case, self.today, days);
        Ok(Some(Assessed { listing, assessment, standing, drops }))
    }

    fn case(&self, listing: &Listing, product: Product) -> Result<Case, HubFault> {
        let holder = self.papers.firm(listing.supplier)?.map(|firm| firm.code);
        let documents = self.papers.documents(Some(listing.id))?.into_iter();
        let documents = documents.map(|document| {
            let answers = self.answers(&document, holder.as_ref().map(CreditCode::as_str))?;
            Ok(Evidence { document, answers })
        });
        let documents = documents.collect::<Result<_, HubFault>>()?;
        Ok(Case { product, documents, review: listing.review })
    }

    /// What registries and people say of a document.
    fn answers(&self, document: &Document, holder: Option<&str>) -> Result<Vec<Answer>, HubFault> {
        let mut answers = Vec::new();
        for Source { id, name, at, until, .. } in
            self.sources.iter().filter(|source| source.kinds.contains(&document.kind))
        {
            let says = match self.papers.licence(*id, &document.kind, &document.number)? {
                None => Says::Unknown,
                Some(licence) if licence.revoked => Says::Revoked,
                Some(licence) if !licence.holder.is_empty() && Some(licence.holder.as_str()) != holder => {
                    Says::AnotherHolder
                }
                Some(_) => Says::Confirmed,
            };
            // A registry that was asked before the document was issued cannot know it.
            if says != Says::Unknown || *at >= document.issued {
                answers.push(Answer { says, source: name.clone(), at: *at, until: *until });
            }
        }
        if let Some(Capture { genuine, source, who, at, until, .. }) = &document.capture {
            let says = if *genuine { Says::Confirmed } else { Says::Unknown };
            answers.push(Answer { says, source: format!("{source} ({who})"), at: *at, until: *until });
        }
        Ok(answers)
    }
}

fn bench(papers: Papers<'_>, today: Date) -> Result<Bench<'_>, HubFault> {
    Ok(Bench { papers, sources: papers.sources()?, today })
}

/// The rulebook that holds, with its version.
///
/// # Errors
/// There is none; the database's.
pub(super) fn in_force(papers: Papers<'_>) -> Result<Option<(u32, Rulebook)>, HubFault> {
    let Some(adopted) = papers.rulebook(None)? else { return Ok(None) };
    Ok(Some((adopted.version, rulebook::parsed(&adopted.tables)?)))
}

/// Assesses listings as they stand on `on`, one or all that have a product; `days` is how far ahead drops are looked for.
///
/// # Errors
/// There is no rulebook, no such listing, or it has no product; the database's.
pub fn look(registry: &Registry, listing: Option<u32>, on: Date, days: u32) -> Result<(u32, Vec<Assessed>), HubFault> {
    let papers = registry.papers();
    let Some((version, rulebook)) = in_force(papers)? else {
        let message = "there is no rulebook yet; `greengate-hub rulebook adopt` takes one";
        return Err(HubFault::Refused(message.to_owned()));
    };
    let bench = bench(papers, on)?;
    let ids = listing.map_or_else(|| papers.assessed(), |id| Ok(vec![id]))?;
    let mut found = Vec::new();
    for id in ids {
        let Some(assessed) = bench.assess(&rulebook, id, days)? else {
            let message = format!("listing {id} has no product, so no rulebook assesses it; import its category");
            return Err(HubFault::Refused(message));
        };
        found.push(assessed);
    }
    Ok((version, found))
}

/// What a rulebook would change of what goes out on that date, and how many listings it assesses.
///
/// # Errors
/// The database's.
pub fn compare(registry: &Registry, new: &Rulebook, on: Date) -> Result<(usize, Vec<Difference>), HubFault> {
    let papers = registry.papers();
    let now = in_force(papers)?.map(|(_, rulebook)| rulebook);
    let bench = bench(papers, on)?;
    let ids = papers.assessed()?;
    let mut changes = Vec::new();
    for &listing in &ids {
        let Some(after) = bench.assess(new, listing, 0)? else { continue };
        let before = now.as_ref().map(|now| bench.assess(now, listing, 0)).transpose()?.flatten();
        let before = before.map_or(after.listing.grade, |before| before.standing.grade);
        if before != after.standing.grade {
            changes.push(Difference { listing, before, after });
        }
    }
    Ok((ids.len(), changes))
}

/// Rows of the rulebook that a listing does not meet and that a person may excuse.
pub(super) fn lacking(changes: &Changes<'_>, listing: u32) -> Result<BTreeSet<String>, HubFault> {
    let papers = changes.papers();
    let Some((_, rulebook)) = in_force(papers)? else { return Ok(BTreeSet::new()) };
    let assessed = bench(papers, changes.today())?.assess(&rulebook, listing, 0)?;
    let rows = assessed
        .map(|assessed| assessed.assessment.lacking().map(|(finding, _)| finding.row.clone()).collect::<BTreeSet<_>>());
    Ok(rows.unwrap_or_default())
}

/// Gives one listing that is assessed the grade that goes out; without a rulebook a person's word alone.
pub(super) fn settle(changes: &mut Changes<'_>, listing: u32) -> Result<(), HubFault> {
    if in_force(changes.papers())?.is_some() {
        return refresh(changes, listing);
    }
    let Some(Word { grade, reason, missing, .. }) = changes.papers().word(listing)? else { return Ok(()) };
    let now = grade::listing(changes, listing)?;
    grade::put_listing(changes, &Listing { grade, reason, missing, ..now })
}

/// Gives one listing the grade that goes out, if the rulebook assesses it.
pub(super) fn refresh(changes: &mut Changes<'_>, listing: u32) -> Result<(), HubFault> {
    let Some((version, rulebook)) = in_force(changes.papers())? else { return Ok(()) };
    let mut texts = Texts::of(changes)?;
    settle_one(changes, &mut texts, (version, &rulebook), listing)
}

/// Gives every listing that the rulebook assesses the grade that goes out today, and tells how many changed.
///
/// # Errors
/// The database's.
pub fn settle_all(registry: &mut Registry, author: &Author) -> Result<u64, HubFault> {
    let Some((version, rulebook)) = in_force(registry.papers())? else { return Ok(0) };
    registry.change(author, |changes| {
        let mut texts = Texts::of(changes)?;
        for listing in changes.papers().assessed()? {
            settle_one(changes, &mut texts, (version, &rulebook), listing)?;
        }
        changes.because(None);
        Ok(changes.made())
    })
}

fn settle_one(
    changes: &mut Changes<'_>,
    texts: &mut Texts,
    (version, rulebook): (u32, &Rulebook),
    id: u32,
) -> Result<(), HubFault> {
    let Some(assessed) = bench(changes.papers(), changes.today())?.assess(rulebook, id, 0)? else { return Ok(()) };
    let Assessed { listing, assessment, standing, .. } = assessed;
    let category = changes.papers().product(id)?.map(|product| product.category).unwrap_or_default();
    let items: Vec<Reason> = rulebook.key_items(&category).map(|item| Reason::InWords(item.name.clone())).collect();
    changes.because((!standing.by_person).then(|| because(version, &assessment)));
    let reason = standing.reason.map(|reason| texts.number(changes, reason)).transpose()?;
    let missing = texts.numbers(changes, standing.missing)?;
    let inspect = if items.is_empty() { listing.inspect.clone() } else { texts.numbers(changes, items)? };
    let settled = Listing { grade: standing.grade, reason, missing, inspect, ..listing };
    grade::put_listing(changes, &settled)?;
    changes.because(None);
    Ok(())
}

/// `rulebook 2: shampoo-lead, item-failed`.
fn because(version: u32, assessment: &Assessment) -> String {
    match assessment.decided() {
        Some((finding, lack)) => format!("rulebook {version}: {}, {}", finding.row, lack.state),
        None => format!("rulebook {version}: all is met"),
    }
}

/// The number of a text that people see, a new one if there is none yet.
pub(super) fn reason(changes: &mut Changes<'_>, text: Text) -> Result<u32, HubFault> {
    let mut texts = Texts::of(changes)?;
    texts.number(changes, Reason::InWords(text))
}

/// Whether a registry or a person says that a document is not genuine.
pub(super) fn is_denied(changes: &Changes<'_>, document: &Document) -> Result<bool, HubFault> {
    let papers = changes.papers();
    let holder = papers.listing(document.listing)?.map(|listing| papers.firm(listing.supplier)).transpose()?.flatten();
    let holder = holder.map(|firm| firm.code);
    let answers = bench(papers, changes.today())?.answers(document, holder.as_ref().map(CreditCode::as_str))?;
    Ok(answers.iter().any(|answer| answer.says != Says::Confirmed))
}

/// Texts of the registry by their words, so that each has one number.
struct Texts(BTreeMap<Text, u32>);

impl Texts {
    fn of(changes: &Changes<'_>) -> Result<Self, HubFault> {
        // Of several with the same words the lowest number, whichever comes first.
        Ok(Self(changes.papers().reasons()?.into_iter().collect()))
    }

    fn number(&mut self, changes: &mut Changes<'_>, reason: Reason) -> Result<u32, HubFault> {
        let text = match reason {
            Reason::Numbered(id) => return Ok(id),
            Reason::InWords(text) => text,
        };
        if let Some(id) = self.0.get(&text) {
            return Ok(*id);
        }
        let id = changes.next_reason()?;
        changes.put(&Record::Reason(record::Reason { id, text: text.clone() }))?;
        self.0.insert(text, id);
        Ok(id)
    }

    /// Each once, and no more than a record may have.
    fn numbers(&mut self, changes: &mut Changes<'_>, reasons: Vec<Reason>) -> Result<Vec<u32>, HubFault> {
        let mut numbers = Vec::new();
        for reason in reasons {
            let number = self.number(changes, reason)?;
            if !numbers.contains(&number) && numbers.len() < RECORD_ITEMS {
                numbers.push(number);
            }
        }
        Ok(numbers)
    }
}

/// The date of today, as documents and rulebooks mean it.
#[must_use]
pub fn today(author: &Author) -> Date {
    document::date(author)
}
