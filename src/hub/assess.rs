//! Listings against the rulebook that holds: what goes out, why, and what would change.

mod settle;

use std::collections::BTreeSet;
use std::iter;

use jiff::civil::Date;
pub(super) use settle::{reason, refresh, settle};
pub use settle::{settle_all, settle_due};

use super::registry::Papers;
use super::{Author, Changes, HubFault, Registry, document, rulebook};
use crate::rules::assessment::{
    Answer, Assessment, Case, Evidence, Rulebook, Says, Standing, assess, drops, next_turn, standing,
};
use crate::rules::code::Grade;
use crate::rules::credit_code::CreditCode;
use crate::rules::dossier::{Capture, Document, DocumentState, Paper, Product, Reply, ReplyState, Source};
use crate::rules::record::Listing;

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
    /// The first day on which it may be another one if nothing is filed.
    pub turns: Option<Date>,
    /// What was assessed, as a line of JSON.
    pub inputs: String,
    /// Whether the authority has said anything of it.
    pub seen: bool,
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
    sources: &'a [Source],
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
        let turns = next_turn(rulebook, &case, self.today);
        let inputs = serde_json::to_string(&case).map_err(|error| HubFault::Refused(error.to_string()))? + "\n";
        let said = word.is_some() || is_judged(&case.product, case.documents.iter().map(|found| &found.document.state));
        // What was in a list stays there: a supplier that declares a capacity anew takes no grade out of it.
        let seen = said || self.papers.has_labels(id)? || !listing.unseen && was_seen(self.papers, id)?;
        Ok(Some(Assessed { listing, assessment, standing, drops, turns, inputs, seen }))
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
        let ours: Vec<&Source> = self.sources.iter().filter(|source| source.kinds.contains(&document.kind)).collect();
        let is_asked = ours.iter().any(|source| source.asked.is_some());
        let mut replies = if is_asked { self.papers.answers(document.id)?.map(|kept| kept.replies) } else { None };
        for Source { id, name, at, until, asked, .. } in ours {
            if asked.is_some() {
                let reply = replies.as_mut().and_then(|replies| replies.remove(id));
                let answer = reply.map(|reply| answer(&reply, name, holder));
                // A registry that was asked before the document was issued cannot know it.
                answers.extend(answer.filter(|answer| answer.says != Says::Unknown || answer.at >= document.issued));
                continue;
            }
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

/// What a registry's reply says of a document of this holder.
fn answer(reply: &Reply, source: &str, holder: Option<&str>) -> Answer {
    let is_others = reply.holder.as_ref().is_some_and(|other| Some(other.as_str()) != holder);
    let says = match reply.state {
        ReplyState::Valid if is_others => Says::AnotherHolder,
        ReplyState::Valid => Says::Confirmed,
        ReplyState::Revoked => Says::Revoked,
        ReplyState::Unknown => Says::Unknown,
    };
    Answer { says, source: source.to_owned(), at: reply.at, until: reply.until }
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
    let bench = Bench { papers, sources: &papers.sources()?, today: on };
    let ids = listing.map_or_else(|| papers.assessed(), |id| Ok(vec![id]))?;
    let mut found = Vec::new();
    for id in ids {
        let Some(assessed) = bench.assess(&rulebook, id, days)? else {
            return Err(HubFault::Refused(match papers.listing(id)? {
                Some(_) => format!("listing {id} has no product, so no rulebook assesses it; import its category"),
                None => format!("there is no listing {id}"),
            }));
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
    let bench = Bench { papers, sources: &papers.sources()?, today: on };
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
    Ok(basis(changes.papers(), listing, changes.today())?.map(|(_, rows)| rows).unwrap_or_default())
}

/// What was assessed of a listing, as a line of JSON, and the rows of the rulebook that it does not meet; none if it is not
/// assessed.
pub(super) fn basis(
    papers: Papers<'_>,
    listing: u32,
    today: Date,
) -> Result<Option<(String, BTreeSet<String>)>, HubFault> {
    let Some((_, rulebook)) = in_force(papers)? else { return Ok(None) };
    let bench = Bench { papers, sources: &papers.sources()?, today };
    let assessed = bench.assess(&rulebook, listing, 0)?;
    Ok(assessed.map(|Assessed { assessment, inputs, .. }| {
        let rows = assessment.lacking().map(|(finding, _)| finding.row.clone());
        (inputs, rows.collect())
    }))
}

/// Whether the authority judged something of what was filed. What a supplier files tells the public nothing before that, and
/// neither does what was refused.
fn is_judged<'a>(product: &Product, mut documents: impl Iterator<Item = &'a DocumentState>) -> bool {
    product.capacities.values().any(|capacity| capacity.assessed.is_some()) || documents.any(counts)
}

/// Whether the authority ever said something of a listing, or had it in a list before it was assessed at all. Registries of
/// before do not tell that with the listing.
fn was_seen(papers: Papers<'_>, listing: u32) -> Result<bool, HubFault> {
    let said = |paper: &Paper| match paper {
        Paper::Word(_) => true,
        Paper::Product(product) => is_judged(product, iter::empty()),
        Paper::Document(document) => counts(&document.state),
        Paper::Firm(_)
        | Paper::Review(_)
        | Paper::Rulebook(_)
        | Paper::Source(_)
        | Paper::Answers(_)
        | Paper::Account(_)
        | Paper::Proposal(_) => false,
    };
    Ok(papers.was_listed(listing)? || papers.were_there(listing)?.iter().any(said))
}

/// Whether a document in this state says something of its listing.
pub(super) fn counts(state: &DocumentState) -> bool {
    match state {
        DocumentState::Accepted | DocumentState::Revoked(_) | DocumentState::Settled(_) => true,
        DocumentState::Filed | DocumentState::Refused(_) | DocumentState::Replaced(_) => false,
    }
}

/// Whether a registry or a person says that a document is not genuine.
pub(super) fn is_denied(changes: &Changes<'_>, document: &Document) -> Result<bool, HubFault> {
    let papers = changes.papers();
    let holder = papers.listing(document.listing)?.map(|listing| papers.firm(listing.supplier)).transpose()?.flatten();
    let holder = holder.map(|firm| firm.code);
    let bench = Bench { papers, sources: &papers.sources()?, today: changes.today() };
    let answers = bench.answers(document, holder.as_ref().map(CreditCode::as_str))?;
    Ok(answers.iter().any(|answer| answer.says != Says::Confirmed))
}

/// The date of today, as documents and rulebooks mean it.
#[must_use]
pub fn today(author: &Author) -> Date {
    document::date(author)
}
