//! What reviews found of a listing, and how strictly it is reviewed from then on.

use super::{Author, HubFault, Registry, grade};
use crate::rules::dossier::{Paper, Review};
use crate::rules::record::{Listing, Record};
use crate::rules::switching::{Outcome, Switching};

/// Keeps what a review found, or what a person says; the listing's level goes out with the next release.
///
/// # Errors
/// There is no such listing, or the person's word makes no sense at its level; the database's.
pub fn review(registry: &mut Registry, author: &Author, id: u32, outcome: Outcome) -> Result<Switching, HubFault> {
    registry.change(author, |changes| {
        let listing = grade::listing(changes, id)?;
        // A level that came otherwise, by an import, begins anew.
        let kept = changes.papers().review(id)?.map(|review| review.state);
        let kept = kept.filter(|state| state.level == listing.review).unwrap_or(Switching::at(listing.review));
        let refused = |why| HubFault::Refused(format!("listing {id} is at review level {}: {why}", kept.level.name()));
        let state = kept.after(outcome).map_err(refused)?;
        changes.put_paper(&Paper::Review(Review { listing: id, state }))?;
        changes.put(&Record::Listing(Listing { review: state.level, ..listing }))?;
        Ok(state)
    })
}
