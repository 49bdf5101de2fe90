//! What an officer decides: the grade of a listing or of one code, and the kiosks' policy.
//!
//! A decision that contradicts itself is refused here, whoever brings it: a file, a command or another part of the
//! authority. A listing that turns red takes its codes along, for a code's own grade would hide it from kiosks.

use std::collections::BTreeSet;

use super::{Author, Changes, HubFault, PaperKey, Registry, assess};
use crate::rules::account::{Proposal, ProposalState};
use crate::rules::code::Grade;
use crate::rules::dossier::{Paper, Word};
use crate::rules::policy::Policy;
use crate::rules::record::{Exception, Listing, Record, RecordKey};

/// A grade with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The grade.
    pub grade: Grade,
    /// The reason's number, why it is not green.
    pub reason: Option<u32>,
    /// Numbers of the documents that would turn it green.
    pub missing: Vec<u32>,
}

/// A part of a record that contradicts the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The part's name, as it heads a column.
    pub part: &'static str,
    /// What is wrong, and what to write.
    pub message: String,
}

impl Contradiction {
    fn new<T>(part: &'static str, message: impl Into<String>) -> Result<T, Self> {
        Err(Self { part, message: message.into() })
    }
}

impl From<Contradiction> for HubFault {
    fn from(wrong: Contradiction) -> Self {
        Self::Refused(wrong.message)
    }
}

/// Grades a listing; its reason and missing documents are those of the decision from then on. Of a listing that the
/// rulebook assesses this is a person's word, and what becomes of it is answered.
///
/// # Errors
/// There is no such listing or reason, or the decision contradicts itself.
pub fn grade(registry: &mut Registry, author: &Author, listing: u32, decision: Decision) -> Result<Listing, HubFault> {
    let Decision { grade, reason, missing } = decision;
    registry.change(author, |changes| {
        let listing = Listing { grade, reason, missing, ..self::listing(changes, listing)? };
        say(changes, &listing)
    })
}

/// Turns a listing red, and every code of it.
///
/// # Errors
/// There is no such listing or reason.
pub fn revoke(registry: &mut Registry, author: &Author, listing: u32, reason: u32) -> Result<Listing, HubFault> {
    registry.change(author, |changes| {
        let now = self::listing(changes, listing)?;
        // What the rulebook missed is its own word, and no person's.
        let missing = if changes.papers().product(listing)?.is_some() { Vec::new() } else { now.missing.clone() };
        let listing = Listing { grade: Grade::Red, reason: Some(reason), missing, ..now };
        say(changes, &listing)
    })
}

/// Takes a person's word back, so that the assessment alone grades the listing.
///
/// # Errors
/// No rulebook assesses the listing, or nobody said anything of it.
pub fn unsay(registry: &mut Registry, author: &Author, id: u32) -> Result<Listing, HubFault> {
    registry.change(author, |changes| silence(changes, id))
}

/// The same within a change.
pub(super) fn silence(changes: &mut Changes<'_>, id: u32) -> Result<Listing, HubFault> {
    if changes.papers().product(id)?.is_none() {
        let message = format!("no rulebook assesses listing {id}; say its grade instead");
        return Err(HubFault::Refused(message));
    }
    if !changes.drop_paper(PaperKey::Word(id))? {
        return Err(HubFault::Refused(format!("nobody said a grade of listing {id}")));
    }
    assess::settle(changes, id)?;
    listing(changes, id)
}

/// Keeps a person's word and lets it take effect.
pub(super) fn say(changes: &mut Changes<'_>, listing: &Listing) -> Result<Listing, HubFault> {
    check_listing(listing)?;
    let id = listing.id;
    let is_assessed = changes.papers().product(id)?.is_some();
    let excused =
        if is_assessed && listing.grade == Grade::Green { assess::lacking(changes, id)? } else { BTreeSet::new() };
    let texts = listing.reason.iter().chain(&listing.missing);
    for &reason in texts {
        if !changes.has(RecordKey::Reason(reason))? {
            let message = format!("listing {id} names reason {reason}, which is not there");
            return Err(HubFault::Refused(message));
        }
    }
    // What somebody proposed before does not outlive a newer word: nobody confirms it from a page that is still open.
    if let Some(open) = changes.papers().proposal(id)?.filter(|proposal| proposal.state == ProposalState::Open) {
        changes.put_paper(&Paper::Proposal(Proposal { state: ProposalState::Dropped, ..open }))?;
    }
    put_word(changes, listing, excused)?;
    if is_assessed {
        assess::settle(changes, id)?;
    } else {
        put_listing(changes, listing)?;
    }
    self::listing(changes, id)
}

fn put_word(changes: &mut Changes<'_>, listing: &Listing, excused: BTreeSet<String>) -> Result<(), HubFault> {
    let Listing { id, grade, reason, missing, .. } = listing.clone();
    changes.put_paper(&Paper::Word(Word { listing: id, grade, reason, missing, excused }))
}

/// Puts a listing that a file brings. Red is a person's word, whatever is assessed later, and better than red ends one if
/// `may_lift`. Of a listing that the rulebook assesses a file's other grades say nothing; of
/// another one they are the newest word. No file says of one that it is in no list.
pub(super) fn import_listing(changes: &mut Changes<'_>, listing: &Listing, may_lift: bool) -> Result<(), HubFault> {
    let listing = &Listing { unseen: false, ..listing.clone() };
    if listing.grade == Grade::Red {
        put_listing(changes, listing)?;
        return put_word(changes, listing, BTreeSet::new());
    }
    let is_assessed = changes.papers().product(listing.id)?.is_some();
    let said = changes.papers().word(listing.id)?;
    let is_over = !is_assessed || may_lift && said.as_ref().is_some_and(|word| word.grade == Grade::Red);
    if is_over && said.is_some() {
        changes.drop_paper(PaperKey::Word(listing.id))?;
    }
    match changes.record(Some(RecordKey::Listing(listing.id)))? {
        Some(Record::Listing(now)) if is_assessed => {
            let Listing { grade, reason, missing, inspect, unseen, .. } = now;
            put_listing(changes, &Listing { grade, reason, missing, inspect, unseen, ..listing.clone() })
        }
        _ => put_listing(changes, listing),
    }
}

/// Gives codes a grade of their own, and tells how many changed.
///
/// # Errors
/// An index belongs to no listing or to a red one, there is no such reason, or red has none. No code was changed.
pub fn except(
    registry: &mut Registry,
    author: &Author,
    indexes: &[u32],
    grade: Grade,
    reason: Option<u32>,
) -> Result<u64, HubFault> {
    registry.change(author, |changes| {
        indexes.iter().try_for_each(|&index| put_exception(changes, &Exception { index, grade, reason }))?;
        Ok(changes.made())
    })
}

/// Lets codes have their listing's grade again.
///
/// # Errors
/// A code has no grade of its own. No code was changed.
pub fn lift(registry: &mut Registry, author: &Author, indexes: &[u32]) -> Result<(), HubFault> {
    registry.change(author, |changes| {
        for &index in indexes {
            if !changes.has(RecordKey::Exception(index))? {
                return Err(HubFault::Refused(format!("label {index} has no grade of its own")));
            }
            changes.drop(RecordKey::Exception(index))?;
        }
        Ok(())
    })
}

/// The policy that kiosks follow.
///
/// # Errors
/// The database's.
pub fn policy(registry: &Registry) -> Result<Policy, HubFault> {
    Ok(known_policy(registry.record(None)?.as_ref()))
}

/// Changes the policy.
///
/// # Errors
/// The policy contradicts itself.
pub fn set_policy(
    registry: &mut Registry,
    author: &Author,
    set: impl FnOnce(Policy) -> Policy,
) -> Result<Policy, HubFault> {
    registry.change(author, |changes| {
        let policy = set(known_policy(changes.record(None)?.as_ref()));
        check_policy(&policy)?;
        changes.put(&Record::Policy(policy))?;
        Ok(policy)
    })
}

/// An authority that set none has the kiosks' own.
fn known_policy(record: Option<&Record>) -> Policy {
    if let Some(Record::Policy(policy)) = record { *policy } else { Policy::default() }
}

pub(super) fn listing(changes: &Changes<'_>, id: u32) -> Result<Listing, HubFault> {
    match changes.record(Some(RecordKey::Listing(id)))? {
        Some(Record::Listing(listing)) => Ok(listing),
        _ => Err(HubFault::Refused(format!("there is no listing {id}; `greengate-hub import` brings listings in"))),
    }
}

/// The authority has said something of a listing: it stands in lists from the next release on, whatever its grade is by then.
pub(super) fn see(changes: &mut Changes<'_>, id: u32) -> Result<(), HubFault> {
    let now = listing(changes, id)?;
    if now.unseen { put_listing(changes, &Listing { unseen: false, ..now }) } else { Ok(()) }
}

/// Puts a listing. Where it is red, codes of it that were better are red with it.
pub(super) fn put_listing(changes: &mut Changes<'_>, listing: &Listing) -> Result<(), HubFault> {
    check_listing(listing)?;
    changes.put(&Record::Listing(listing.clone()))?;
    if listing.grade != Grade::Red {
        return Ok(());
    }
    for index in changes.exceptions_of(listing.id)? {
        if own_grade(changes, index)? != Some(Grade::Red) {
            changes.drop(RecordKey::Exception(index))?;
        }
    }
    Ok(())
}

/// Puts a code's own grade.
pub(super) fn put_exception(changes: &mut Changes<'_>, exception: &Exception) -> Result<(), HubFault> {
    let index = exception.index;
    check_exception(exception)?;
    let Some(block) = changes.block_of(index)? else {
        return Err(HubFault::Refused(format!("label {index} belongs to no listing")));
    };
    let listing = listing(changes, block.listing)?;
    if listing.grade == Grade::Red && exception.grade != Grade::Red {
        let id = listing.id;
        let message = format!("label {index} is of listing {id}, which is red, and no code of it can be better");
        return Err(HubFault::Refused(message));
    }
    changes.put(&Record::Exception(*exception))
}

/// The grade that a code has of its own.
pub(super) fn own_grade(changes: &Changes<'_>, index: u32) -> Result<Option<Grade>, HubFault> {
    let record = changes.record(Some(RecordKey::Exception(index)))?;
    Ok(record.and_then(|record| if let Record::Exception(own) = record { Some(own.grade) } else { None }))
}

/// Whether grade, reason and missing documents of a listing go together.
pub(super) fn check_listing(listing: &Listing) -> Result<(), Contradiction> {
    let id = listing.id;
    match listing.grade {
        Grade::Green if !listing.missing.is_empty() => {
            Contradiction::new("missing", format!("listing {id} is green, so it misses no document; or say yellow"))
        }
        Grade::Green if listing.reason.is_some() => {
            Contradiction::new("reason", format!("listing {id} is green, so it has no reason; or say yellow"))
        }
        Grade::Yellow if listing.missing.is_empty() && listing.reason.is_none() => {
            let message = format!("listing {id} is yellow; say which documents it misses, or a reason");
            Contradiction::new("missing", message)
        }
        Grade::Red if listing.reason.is_none() => {
            Contradiction::new("reason", format!("listing {id} is red; say the reason"))
        }
        Grade::Green | Grade::Yellow | Grade::Red => Ok(()),
    }
}

/// Whether a code's own grade and reason go together.
pub(super) fn check_exception(exception: &Exception) -> Result<(), Contradiction> {
    match (exception.grade, exception.reason) {
        (Grade::Red, None) => Contradiction::new("reason", format!("label {} is red; say the reason", exception.index)),
        (Grade::Green, Some(_)) => {
            Contradiction::new("reason", format!("label {} is green, so it has no reason", exception.index))
        }
        (Grade::Green | Grade::Yellow, None) | (Grade::Yellow | Grade::Red, Some(_)) => Ok(()),
    }
}

/// Whether the hours of a policy follow on each other.
pub(super) fn check_policy(policy: &Policy) -> Result<(), Contradiction> {
    let Policy { normal_h, green_h, service_h, .. } = *policy;
    let told = |part, this: u32, next: &str, limit: u32| {
        Contradiction::new(part, format!("`{part}` is {this} and `{next}` {limit}; the first must not be more"))
    };
    if normal_h > green_h {
        told("normal_h", normal_h, "green_h", green_h)
    } else if green_h > service_h {
        told("green_h", green_h, "service_h", service_h)
    } else {
        Ok(())
    }
}
