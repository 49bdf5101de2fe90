//! `greengate-hub history`: who did what, when and why.

use std::process::ExitCode;

use super::{Place, policy, why};
use crate::cli::out::{put, say};
use crate::cli::{Exit, Failure};
use crate::hub::{Change, Did, NewRoot, Of, Registry, Reprint, review};
use crate::rules::account::{Proposal, ProposalState};
use crate::rules::code::Grade;
use crate::rules::dossier::Paper;
use crate::rules::hex;
use crate::rules::policy::Policy;
use crate::rules::record::{Key, Reason, Record, Supplier};

/// How much of a key tells it from the others; `keys list` has the rest.
const KEY_SHOWN: usize = 16;

/// Tell who changed a listing, a label, the policy or the keys, when and why; the oldest change comes first.
#[derive(Debug, clap::Args)]
pub struct History {
    #[command(flatten)]
    whose: Whose,
    /// As JSON, one change in each line, with the whole record
    #[arg(long)]
    json: bool,
}

/// What there is a history of.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct Whose {
    /// The listing's number
    listing: Option<u32>,
    /// A label's index instead
    #[arg(long, value_name = "INDEX")]
    label: Option<u32>,
    /// A supplier's number instead
    #[arg(long, value_name = "ID")]
    supplier: Option<u32>,
    /// A reason's number instead
    #[arg(long, value_name = "ID")]
    reason: Option<u32>,
    /// A document's number instead
    #[arg(long, value_name = "ID")]
    document: Option<u32>,
    /// The rulebooks and the public registries instead
    #[arg(long)]
    rulebook: bool,
    /// The accounts instead
    #[arg(long)]
    accounts: bool,
    /// The kiosks' policy instead
    #[arg(long)]
    policy: bool,
    /// The keys of labels and of the feed instead
    #[arg(long)]
    keys: bool,
}

impl History {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let registry = Registry::open(&place.folder)?;
        let of = match self.whose {
            Whose { listing: Some(id), .. } => Of::Listing(id),
            Whose { label: Some(index), .. } => Of::Label(index),
            Whose { supplier: Some(id), .. } => Of::Supplier(id),
            Whose { reason: Some(id), .. } => Of::Reason(id),
            Whose { document: Some(id), .. } => Of::Document(id),
            Whose { rulebook: true, .. } => Of::Rulebook,
            Whose { accounts: true, .. } => Of::Accounts,
            Whose { policy: true, .. } => Of::Policy,
            Whose { .. } => Of::Keys,
        };
        let changes = registry.history(of)?;
        if let Of::Label(index) = of {
            of_label(&registry, index)?;
        } else if changes.is_empty() {
            let message = "there never was such a thing; `greengate-hub status` counts those that are";
            return Err(Failure::new(Exit::Data, message));
        }
        let mut before = None;
        for change in &changes {
            if self.json {
                put(serde_json::json!(change))?;
            } else {
                put(told(change, before))?;
            }
            before = policy_of(change).or(before);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Whose label it is, as a remark.
fn of_label(registry: &Registry, index: u32) -> Result<(), Failure> {
    match registry.block_of(index)? {
        Some(block) => say(format_args!("label {index} is of listing {}", block.listing)),
        None => say(format_args!("label {index} belongs to no listing")),
    }
    Ok(())
}

/// `2026-11-24T01:00:00Z  mei  red, reason 20  failed a laboratory's check`. A policy is told by what is not as `before`.
pub(super) fn told(change: &Change, before: Option<Policy>) -> String {
    let what = match &change.did {
        Did::Put(Record::Listing(listing)) => standing(listing.grade, listing.reason, &listing.missing),
        Did::Put(Record::Exception(own)) => standing(own.grade, own.reason, &[]),
        Did::Put(Record::Block(block)) => format!("{} assigned", labels(block.first, block.last)),
        Did::Put(Record::Key(key)) => key_told(key),
        Did::Put(Record::Policy(policy)) => difference(before, *policy),
        Did::Put(Record::Supplier(Supplier { name: text, .. }) | Record::Reason(Reason { text, .. })) => {
            [&text.zh, &text.en].map(String::as_str).join(" / ")
        }
        Did::Drop(_) => "lifted".to_owned(),
        Did::Root(root) => root_told(root),
        Did::Audit(audit) => {
            format!("the audit log has a new key: {}", audit.key.get(..KEY_SHOWN).unwrap_or(&audit.key))
        }
        Did::Withdraw(version) => format!("root {version} never came"),
        Did::Reprint(Reprint { first, last, .. }) => format!("{} printed again", labels(*first, *last)),
        Did::Paper(paper) => paper_told(paper),
        Did::Silence(_) => "no person's grade any more".to_owned(),
        Did::Remove(source) => format!("registry {source} is removed"),
    };
    harmless(&format!("{:.0}  {}  {what}  {}", change.at, change.who, change.why))
}

fn paper_told(paper: &Paper) -> String {
    match paper {
        Paper::Firm(firm) => format!("firm {}", firm.code),
        Paper::Product(product) => {
            let scores = product.capacities.iter().filter_map(|(kind, capacity)| Some((kind, capacity.assessed?)));
            let scores = scores.map(|(kind, score)| format!(", {} {score}", kind.name())).collect::<Vec<_>>().concat();
            format!("product of {}{scores}", product.category)
        }
        Paper::Document(document) => super::document::told(document),
        Paper::Word(word) => format!("a person says {}", standing(word.grade, word.reason, &word.missing)),
        Paper::Review(kept) => review::told(&kept.state).en,
        Paper::Rulebook(adopted) => format!("rulebook {} holds", adopted.version),
        Paper::Source(source) => super::source::told(source),
        Paper::Account(account) => super::account::told(account),
        Paper::Proposal(Proposal { grade, name, why, state, .. }) => {
            let state = match state {
                ProposalState::Open => "waits for a second person",
                ProposalState::Confirmed => "is confirmed",
                ProposalState::Dropped => "is dropped",
            };
            format!("{}, proposed by {name} ({why}), {state}", why::name(*grade))
        }
        Paper::Answers(answers) => super::source::answers_told(answers),
    }
}

const fn policy_of(change: &Change) -> Option<Policy> {
    if let Did::Put(Record::Policy(policy)) = change.did { Some(policy) } else { None }
}

fn standing(grade: Grade, reason: Option<u32>, missing: &[u32]) -> String {
    let mut told = why::name(grade).to_owned();
    if let Some(reason) = reason {
        told.extend([", reason ".to_owned(), reason.to_string()]);
    }
    if !missing.is_empty() {
        let missing: Vec<String> = missing.iter().map(u32::to_string).collect();
        told.extend([", missing ".to_owned(), missing.join(",")]);
    }
    told
}

/// `label 7`, `labels 7 to 9`.
pub(super) fn labels(first: u32, last: u32) -> String {
    if first == last { format!("label {first}") } else { format!("labels {first} to {last}") }
}

fn key_told(key: &Key) -> String {
    let Key { slot, public, cut_off } = key;
    match cut_off {
        Some(index) => format!("label-{slot} is cut off at index {index}"),
        None => format!("label-{slot} is new: {}", &hex::encode(public)[..KEY_SHOWN]),
    }
}

fn root_told(root: &NewRoot) -> String {
    let version = root.version;
    match (&root.replaced, &root.by) {
        (Some(name), Some(by)) => {
            format!("root {version} names a new {name}: {}", by.get(..KEY_SHOWN).unwrap_or(by))
        }
        _ if version == 1 => "root 1 is the first".to_owned(),
        _ => format!("root {version} names the same keys"),
    }
}

/// `normal-h 24 → 12, review-normal 50 → 0`; all of the first one.
fn difference(before: Option<Policy>, policy: Policy) -> String {
    let old = before.map(|before| policy::rows(&before));
    let row = |(at, (name, new)): (usize, (&str, String))| match &old {
        Some(old) if old[at].1 == new => None,
        Some(old) => Some(format!("{name} {} → {new}", old[at].1)),
        None => Some(format!("{name} {new}")),
    };
    policy::rows(&policy).into_iter().enumerate().filter_map(row).collect::<Vec<_>>().join(", ")
}

/// Without characters that move a terminal's cursor.
pub(super) fn harmless(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}
