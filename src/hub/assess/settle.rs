//! Giving listings the grade that goes out.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::{Assessed, Bench, in_force};
use crate::hub::{Author, Changes, HubFault, Registry, grade};
use crate::rules::assessment::{Reason, Rulebook};
use crate::rules::dossier::{Source, Word};
use crate::rules::hex;
use crate::rules::record::{self, Listing};
use crate::rules::text::Text;

/// Most documents or items of a record.
const RECORD_ITEMS: usize = 64;
/// Listings are settled for so long in one change.
const AT_ONCE: Duration = Duration::from_millis(500);

/// Gives one listing that is assessed the grade that goes out; without a rulebook a person's word alone.
pub(in crate::hub) fn settle(changes: &mut Changes<'_>, listing: u32) -> Result<(), HubFault> {
    if in_force(changes.papers())?.is_some() {
        return refresh(changes, listing);
    }
    let Some(Word { grade, reason, missing, .. }) = changes.papers().word(listing)? else { return Ok(()) };
    let now = grade::listing(changes, listing)?;
    grade::put_listing(changes, &Listing { grade, reason, missing, unseen: false, ..now })
}

/// Gives one listing the grade that goes out, if the rulebook assesses it.
pub(in crate::hub) fn refresh(changes: &mut Changes<'_>, listing: u32) -> Result<(), HubFault> {
    let Some(rulebook) = in_force(changes.papers())? else { return Ok(()) };
    Settling::begin(changes, rulebook)?.settle(changes, listing)
}

/// Gives every listing that the rulebook assesses the grade that goes out today, and tells how many changed.
///
/// # Errors
/// The database's.
pub fn settle_all(registry: &mut Registry, author: &Author) -> Result<u64, HubFault> {
    let all = registry.papers().assessed()?;
    settle_these(registry, author, &all, AT_ONCE)
}

/// The same for those alone of which something changed, or whose day has come; the others are what they are.
///
/// # Errors
/// The database's. Those that were settled before it stay settled.
pub fn settle_due(registry: &mut Registry, author: &Author) -> Result<u64, HubFault> {
    let due = registry.change(author, |changes| changes.due())?;
    settle_these(registry, author, &due, AT_ONCE)
}

/// A change keeps all others waiting, so many listings are settled in several of `at_once` each, between which others have
/// their turn.
fn settle_these(
    registry: &mut Registry,
    author: &Author,
    listings: &[u32],
    at_once: Duration,
) -> Result<u64, HubFault> {
    let (mut made, mut rest) = (0, listings);
    while !rest.is_empty() {
        made += registry.change(author, |changes| {
            let Some(rulebook) = in_force(changes.papers())? else {
                rest = &[];
                return Ok(0);
            };
            let mut settling = Settling::begin(changes, rulebook)?;
            let began = Instant::now();
            while let [listing, others @ ..] = rest {
                settling.settle(changes, *listing)?;
                rest = others;
                if began.elapsed() >= at_once {
                    break;
                }
            }
            Ok(changes.made())
        })?;
        if !rest.is_empty() {
            registry.database().let_others();
        }
    }
    Ok(made)
}

/// What is the same for all listings that are settled at once.
struct Settling {
    version: u32,
    rulebook: Rulebook,
    sources: Vec<Source>,
    texts: Texts,
}

impl Settling {
    fn begin(changes: &Changes<'_>, (version, rulebook): (u32, Rulebook)) -> Result<Self, HubFault> {
        Ok(Self { version, rulebook, sources: changes.papers().sources()?, texts: Texts::of(changes)? })
    }

    fn settle(&mut self, changes: &mut Changes<'_>, id: u32) -> Result<(), HubFault> {
        let (version, rulebook, texts) = (self.version, &self.rulebook, &mut self.texts);
        let bench = Bench { papers: changes.papers(), sources: &self.sources, today: changes.today() };
        let Some(assessed) = bench.assess(rulebook, id, 0)? else { return changes.settled(id, None) };
        let because = (!assessed.standing.by_person).then(|| because(version, &assessed));
        let Assessed { listing, standing, turns, seen, .. } = assessed;
        let category = changes.papers().product(id)?.map(|product| product.category).unwrap_or_default();
        let items: Vec<Reason> = rulebook.key_items(&category).map(|item| Reason::InWords(item.name.clone())).collect();
        changes.because(because);
        let reason = standing.reason.map(|reason| texts.number(changes, reason)).transpose()?;
        let missing = texts.numbers(changes, standing.missing)?;
        let inspect = if items.is_empty() { listing.inspect.clone() } else { texts.numbers(changes, items)? };
        let grade = standing.grade;
        grade::put_listing(changes, &Listing { grade, reason, missing, inspect, unseen: !seen, ..listing })?;
        changes.because(None);
        changes.settled(id, turns)
    }
}

/// `rulebook 2: shampoo-lead, item-failed; inputs 5f0c…`
fn because(version: u32, assessed: &Assessed) -> String {
    let inputs = hex::encode(&Sha256::digest(&assessed.inputs));
    match assessed.assessment.decided() {
        Some((finding, lack)) => format!("rulebook {version}: {}, {}; inputs {inputs}", finding.row, lack.state),
        None => format!("rulebook {version}: all is met; inputs {inputs}"),
    }
}

/// The number of a text that people see, a new one if there is none yet.
pub(in crate::hub) fn reason(changes: &mut Changes<'_>, text: Text) -> Result<u32, HubFault> {
    let mut texts = Texts::of(changes)?;
    texts.number(changes, Reason::InWords(text))
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
        changes.put_worded(&record::Reason { id, text: text.clone() })?;
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;
    use crate::hub::{init, rulebook};
    use crate::rules::code::{Grade, Gtin};
    use crate::rules::dossier::{Paper, Product};
    use crate::rules::record::{Record, ReviewLevel, Supplier};

    fn author(who: &str) -> Author {
        let at = "2026-11-28T08:00:00Z".parse().expect("a time");
        Author { who: who.to_owned(), why: "test".to_owned(), at }
    }

    fn listing(id: u32) -> Listing {
        Listing {
            id,
            supplier: 1,
            gtin: Gtin::with_check_digit(690_000_000_000 + u64::from(id)).expect("twelve digits"),
            name: Text::new("洗发水", "shampoo"),
            grade: Grade::Green,
            reason: None,
            missing: Vec::new(),
            review: ReviewLevel::Normal,
            inspect: Vec::new(),
            unseen: false,
        }
    }

    #[test]
    fn others_have_their_turn_while_many_listings_are_settled() {
        let folder = tempfile::tempdir().expect("a folder");
        init(folder.path(), None, &author("filer")).expect("an authority");
        let mut registry = Registry::open(folder.path()).expect("a registry");
        let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/authority/rulebook");
        rulebook::adopt(&mut registry, &author("filer"), &rulebook::read(&tables).expect("tables"))
            .expect("a rulebook");
        let filed = registry.change(&author("filer"), |changes| {
            changes.put(&Record::Supplier(Supplier { id: 1, name: Text::new("商贸", "Trading") }))?;
            (1..=5).try_for_each(|id| {
                changes.put(&Record::Listing(listing(id)))?;
                let (category, tags, brick, capacities) = ("shampoo".to_owned(), [].into(), None, BTreeMap::new());
                changes.put_paper(&Paper::Product(Product { listing: id, category, tags, brick, capacities }))
            })
        });
        filed.expect("listings without a paper");

        let is_over = AtomicBool::new(false);
        let others = || {
            let mut registry = Registry::open(folder.path()).expect("a registry");
            let mut turns = 0;
            while !is_over.load(Ordering::Acquire) {
                let name = Text::new(format!("商贸 {turns}"), "Trading");
                let supplier = Record::Supplier(Supplier { id: 2, name });
                registry.change(&author("other"), |changes| changes.put(&supplier)).expect("a turn");
                turns += 1;
                registry.database().let_others();
            }
        };
        let grades = || -> Vec<Grade> {
            let papers = registry.papers();
            (1..=5).map(|id| papers.listing(id).expect("readable").expect("it is there").grade).collect()
        };
        assert_eq!(grades(), [Grade::Green; 5]);
        let settled = thread::scope(|scope| {
            scope.spawn(others);
            let mut registry = Registry::open(folder.path()).expect("a registry");
            let settled = settle_these(&mut registry, &author("settler"), &[1, 2, 3, 4, 5], Duration::ZERO);
            is_over.store(true, Ordering::Release);
            settled
        });
        settled.expect("every listing has its turn");
        assert!(grades().iter().all(|grade| *grade != Grade::Green), "{:?}", grades());
        let mut who = Vec::new();
        let rows = registry.rows(0..i64::MAX as u64, &mut |row| {
            who.push(row.who);
            Ok(())
        });
        rows.expect("a history");
        let [first, last] = [who.iter().position(|who| who == "settler"), who.iter().rposition(|who| who == "settler")];
        let meanwhile = first.zip(last).map(|(first, last)| &who[first..last]).expect("listings that were settled");
        assert!(meanwhile.iter().any(|who| who == "other"), "{who:?}");
    }
}
