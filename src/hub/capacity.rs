//! Capacities as an officer assesses them.

use super::{Author, Changes, HubFault, Registry, assess as assessment, document, grade, shown};
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
    registry.change(author, |changes| {
        let product = keep(changes, listing, kind, found, None)?;
        grade::see(changes, listing)?;
        Ok(product)
    })
}

/// The same of a capacity that a page showed, of which `digest` is the digest; the listing's grade follows.
///
/// # Errors
/// Those of [`assess`], or the capacity is another one by now.
pub(super) fn assess_shown(
    registry: &mut Registry,
    author: &Author,
    listing: u32,
    (kind, digest): (CapacityKind, &str),
    found: (u8, &str),
) -> Result<Product, HubFault> {
    registry.change(author, |changes| {
        let product = keep(changes, listing, kind, found, Some(digest))?;
        assessment::refresh(changes, listing)?;
        Ok(product)
    })
}

/// Puts what was found; a capacity that a page showed has to be the same still.
pub(super) fn keep(
    changes: &mut Changes<'_>,
    listing: u32,
    kind: CapacityKind,
    (score, note): (u8, &str),
    digest: Option<&str>,
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
    digest.map_or(Ok(()), |digest| shown::check(&before, digest))?;
    product.capacities.insert(kind, Capacity { assessed: Some(score), note: note.to_owned(), ..before });
    changes.put_paper(&Paper::Product(product.clone()))?;
    Ok(product)
}
