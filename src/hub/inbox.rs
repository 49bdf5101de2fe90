//! What waits for an officer: documents that nobody judged, capacities that nobody assessed, oldest first; and for a supplier
//! the clock of its listings.
//!
//! Nothing is kept for it. What waits is told by the papers as they are, since when by their history.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::registry::{Change, Did, Of};
use super::{HubFault, Registry};
use crate::rules::dossier::{CapacityKind, DocumentState, Paper, Product};
use crate::rules::record::Listing;

/// What suppliers are promised: what they file is looked at within this.
pub const PROMISE: SignedDuration = SignedDuration::from_hours(2 * 24);

/// A listing that waits for an officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The listing.
    pub listing: Listing,
    /// When the oldest of what waits was filed.
    pub since: Timestamp,
    /// Numbers of the documents that nobody judged.
    pub documents: Vec<u32>,
    /// Capacities that were declared and that nobody assessed.
    pub capacities: Vec<CapacityKind>,
    /// Whether nobody looked at anything of this product before.
    pub is_new: bool,
}

impl Waiting {
    /// The last moment at which the promise is kept.
    #[must_use]
    pub fn due(&self) -> Timestamp {
        self.since.saturating_add(PROMISE).unwrap_or(Timestamp::MAX)
    }
}

/// How long a listing's supplier waits, or waited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// What waits now.
    pub waiting: Option<Waiting>,
    /// What was answered last: when it was filed, and when somebody had looked.
    pub answered: Option<(Timestamp, Timestamp)>,
}

/// Every listing that waits, the oldest first.
///
/// # Errors
/// The database's.
pub fn waiting(registry: &Registry) -> Result<Vec<Waiting>, HubFault> {
    let mut all = Vec::new();
    for id in registry.papers().waiting()? {
        all.extend(clock(registry, id)?.waiting);
    }
    all.sort_by_key(|waiting| (waiting.since, waiting.listing.id));
    Ok(all)
}

/// Other suppliers' listings of the same product: resellers have them, and so has who files what is another firm's.
///
/// # Errors
/// The database's.
pub fn others(registry: &Registry, listing: &Listing) -> Result<Vec<Listing>, HubFault> {
    let mut others = registry.listings_of(&listing.gtin.to_string())?;
    others.retain(|other| other.supplier != listing.supplier);
    others.sort_by_key(|other| other.id);
    Ok(others)
}

/// The clock of one listing.
///
/// # Errors
/// The database's.
pub fn clock(registry: &Registry, listing: u32) -> Result<Clock, HubFault> {
    let mut past = Past { since: BTreeMap::new(), answered: None, is_new: true };
    for change in registry.history(Of::Listing(listing))? {
        past.follow(change);
    }
    let documents: Vec<u32> =
        registry.documents(Some(listing))?.iter().filter(|document| document.waits()).map(|d| d.id).collect();
    let product = registry.product(listing)?;
    let capacities: Vec<CapacityKind> = product.iter().flat_map(Product::waiting).collect();
    let pieces = documents.iter().copied().map(Piece::Document);
    let pieces = pieces.chain(capacities.iter().copied().map(Piece::Capacity));
    let since = pieces.filter_map(|piece| past.since.get(&piece)).min().copied();
    let waiting = since.zip(registry.papers().listing(listing)?).map(|(since, listing)| Waiting {
        listing,
        since,
        documents,
        capacities,
        is_new: past.is_new,
    });
    Ok(Clock { waiting, answered: past.answered })
}

/// What an officer looks at in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Document(u32),
    Capacity(CapacityKind),
}

/// What the changes so far left.
struct Past {
    since: BTreeMap<Piece, Timestamp>,
    answered: Option<(Timestamp, Timestamp)>,
    is_new: bool,
}

impl Past {
    fn follow(&mut self, change: Change) {
        let Did::Paper(paper) = change.did else { return };
        match *paper {
            Paper::Document(document) => match document.state {
                DocumentState::Filed => self.files(Piece::Document(document.id), change.at),
                DocumentState::Replaced(_) => drop(self.since.remove(&Piece::Document(document.id))),
                DocumentState::Accepted
                | DocumentState::Refused(_)
                | DocumentState::Revoked(_)
                | DocumentState::Settled(_) => {
                    self.answers(Piece::Document(document.id), change.at);
                }
            },
            Paper::Product(product) => {
                for (kind, capacity) in &product.capacities {
                    if capacity.waits() {
                        self.files(Piece::Capacity(*kind), change.at);
                    } else if capacity.assessed.is_some() {
                        self.answers(Piece::Capacity(*kind), change.at);
                    }
                }
            }
            Paper::Firm(_)
            | Paper::Word(_)
            | Paper::Review(_)
            | Paper::Rulebook(_)
            | Paper::Source(_)
            | Paper::Answers(_)
            | Paper::Account(_)
            | Paper::Proposal(_) => {}
        }
    }

    /// What is filed again while it waits does not wait for longer.
    fn files(&mut self, piece: Piece, at: Timestamp) {
        self.since.entry(piece).or_insert(at);
    }

    fn answers(&mut self, piece: Piece, at: Timestamp) {
        self.is_new = false;
        if let Some(since) = self.since.remove(&piece) {
            self.answered = Some((since, at));
        }
    }
}
