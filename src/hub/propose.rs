//! A grade that stands against the rulebook takes two persons: one proposes it, another one confirms it.
//!
//! ```text
//! propose ──► open ── another person confirms ──► the person's word, as `grade` keeps it
//!               └──── anybody drops it ─────────► dropped
//! ```

use jiff::civil::Date;
use serde::Serialize;

use super::registry::Papers;
use super::{Author, Changes, HubFault, Registry, assess, grade, shown};
use crate::rules::account::{Account, May, Proposal, ProposalState};
use crate::rules::code::Grade;
use crate::rules::dossier::{Paper, Word};
use crate::rules::record::Listing;
use crate::rules::text::Text;

/// Proposes a grade; an open proposal of before is replaced. `reason` is what kiosks show where it is not green.
///
/// # Errors
/// There is no such listing, or a grade that is not green has no reason; the database's.
pub fn propose(
    registry: &mut Registry,
    author: &Author,
    by: &Account,
    listing: u32,
    (grade, reason): (Grade, Option<Text>),
) -> Result<Proposal, HubFault> {
    registry.change(author, |changes| {
        let now = grade::listing(changes, listing)?;
        let reason = match (grade, reason) {
            (Grade::Green, _) => None,
            (Grade::Yellow | Grade::Red, Some(text)) => Some(assess::reason(changes, text)?),
            (Grade::Yellow | Grade::Red, None) => {
                return Err(HubFault::Refused(
                    "a grade that is not green needs a reason; write what kiosks show".to_owned(),
                ));
            }
        };
        grade::check_listing(&Listing { grade, reason, missing: Vec::new(), ..now })?;
        let (why, at) = (author.why.clone(), author.at);
        let state = ProposalState::Open;
        let proposal = Proposal { listing, grade, reason, by: by.id, name: by.name.clone(), why, at, state };
        changes.put_paper(&Paper::Proposal(proposal.clone()))?;
        Ok(proposal)
    })
}

/// The digest of a proposal, and of what a person weighs who confirms it: the listing as it is graded, a person's word, what
/// was assessed, and what of that is not met.
pub(super) fn seen(papers: Papers<'_>, proposal: &Proposal, today: Date) -> Result<String, HubFault> {
    Ok(shown::digest(&weighed(papers, proposal, today)?))
}

fn weighed(papers: Papers<'_>, proposal: &Proposal, today: Date) -> Result<impl Serialize, HubFault> {
    let id = proposal.listing;
    let grade = papers.listing(id)?.map(|listing| listing.grade);
    Ok((proposal.clone(), grade, papers.word(id)?, assess::basis(papers, id, today)?))
}

/// Confirms the open proposal of a listing: its grade is a person's word from then on. `digest` is what [`seen`] told of it
/// when the person looked.
///
/// # Errors
/// There is no such proposal, it or what it is about is another one by now, or `by` made it; the database's.
pub(super) fn confirm(
    registry: &mut Registry,
    author: &Author,
    by: &Account,
    (listing, digest): (u32, &str),
) -> Result<Listing, HubFault> {
    registry.change(author, |changes| {
        let proposal = open(changes, listing)?;
        shown::check(&weighed(changes.papers(), &proposal, changes.today())?, digest)?;
        if proposal.by == by.id || !by.role.may(May::Confirm) {
            let message = "whoever proposes a grade cannot confirm it; ask a second officer";
            return Err(HubFault::Refused(message.to_owned()));
        }
        let (grade, reason) = (proposal.grade, proposal.reason);
        changes.put_paper(&Paper::Proposal(Proposal { state: ProposalState::Confirmed, ..proposal }))?;
        let now = grade::listing(changes, listing)?;
        grade::say(changes, &Listing { grade, reason, missing: Vec::new(), ..now })
    })
}

/// Drops the open proposal of a listing.
///
/// # Errors
/// There is none; the database's.
pub fn drop_it(registry: &mut Registry, author: &Author, listing: u32) -> Result<(), HubFault> {
    registry.change(author, |changes| {
        let proposal = open(changes, listing)?;
        changes.put_paper(&Paper::Proposal(Proposal { state: ProposalState::Dropped, ..proposal }))
    })
}

/// Takes a person's word back. One that is better than what the rulebook says is anybody's to take back; for another one it
/// takes who may confirm, for the listing can be better afterwards. `digest` is that of the word which the person saw.
///
/// # Errors
/// It is another word by now, or `by` may not; the database's.
pub(super) fn lift(
    registry: &mut Registry,
    author: &Author,
    by: &Account,
    (listing, digest): (u32, &str),
) -> Result<Listing, HubFault> {
    registry.change(author, |changes| {
        let word = changes.papers().word(listing)?;
        shown::check(&word, digest)?;
        let loosens = word.is_some_and(|word: Word| word.grade != Grade::Green);
        if loosens && !by.role.may(May::Confirm) {
            let message = "the listing can be better without this grade; ask a second officer to lift it";
            return Err(HubFault::Refused(message.to_owned()));
        }
        grade::silence(changes, listing)
    })
}

fn open(changes: &Changes<'_>, listing: u32) -> Result<Proposal, HubFault> {
    let found = changes.papers().proposal(listing)?.filter(|proposal| proposal.state == ProposalState::Open);
    found.ok_or_else(|| HubFault::Refused(format!("no grade is proposed for listing {listing}")))
}

/// Every open proposal, with its listing's number; oldest first.
///
/// # Errors
/// The database's.
pub fn waiting(registry: &Registry) -> Result<Vec<Proposal>, HubFault> {
    let proposals = registry.papers().proposals()?.into_iter();
    let mut open: Vec<_> = proposals.filter(|proposal| proposal.state == ProposalState::Open).collect();
    open.sort_by_key(|proposal| proposal.at);
    Ok(open)
}
