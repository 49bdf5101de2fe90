//! Capacities as an officer assesses them.

use super::{Author, Changes, HubFault, Registry, document};
use crate::rules::dossier::{Capacity, CapacityKind, Paper, Product};

/// The best score.
const MOST: u8 = 100;

/// Keeps what an officer found of a capacity.
///
/// # Errors
/// The listing has no product, the score is above 100, the note is empty or too long; the database's.
pub fn assess(
    registry: &mut Registry,
    author: &Author,
    listing: u32,
    kind: CapacityKind,
    found: (u8, &str),
) -> Result<Product, HubFault> {
    registry.change(author, |changes| put_assessed(changes, listing, kind, found))
}

pub(super) fn put_assessed(
    changes: &mut Changes<'_>,
    listing: u32,
    kind: CapacityKind,
    (score, note): (u8, &str),
) -> Result<Product, HubFault> {
    if score > MOST {
        return Err(HubFault::Refused(format!("{score} is above {MOST}; write 0 to {MOST}")));
    }
    if note.is_empty() {
        return Err(HubFault::Refused("the note is empty; write what you saw".to_owned()));
    }
    document::check_line(note).map_err(HubFault::Refused)?;
    let none = || HubFault::Refused(format!("listing {listing} has no product; give it a category first"));
    let mut product = changes.papers().product(listing)?.ok_or_else(none)?;
    let before = product.capacities.remove(&kind).unwrap_or_default();
    product.capacities.insert(kind, Capacity { assessed: Some(score), note: note.to_owned(), ..before });
    changes.put_paper(&Paper::Product(product.clone()))?;
    Ok(product)
}
