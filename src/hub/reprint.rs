//! Labels that were issued are printed again: a printer jammed, a sheet was lost.
//!
//! They come out of the registry as they were, byte for byte: the signature is part of the text that it keeps, so no label
//! key is needed, and the names are those of the day of issue. What a kiosk would not let in any more is refused.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::issue::{graded, past, refused};
use super::registry::{Changes, IssuedLabel, Reprint};
use super::{BATCH_LIMIT, Batch, BatchLabel, HubFault, grade};
use crate::rules::code::{Expiry, Grade, SignedLabel};
use crate::rules::label;
use crate::rules::record::{Listing, Record, RecordKey, Supplier};

/// Which labels are printed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Those with these indexes.
    Indexes(RangeInclusive<u32>),
    /// All of a listing.
    Listing(u32),
}

/// Labels that were issued, in the batches in which they were; `today` is the date where the officer is. The registry
/// keeps that they are printed again.
///
/// # Errors
/// A label was never issued, or a kiosk would refuse or hold it; there are too many; the database's.
pub fn reprint(changes: &mut Changes<'_>, again: &Again, today: Date) -> Result<Vec<Batch>, HubFault> {
    let labels = issued(changes, again)?;
    let mut batches: Vec<(u32, Batch)> = Vec::new();
    for kept in labels {
        let listing = graded(changes, kept.listing)?.0;
        let signed = believed(changes, &kept, &listing, today)?;
        let Some(block) = changes.block_of(kept.index)?.filter(|block| block.listing == kept.listing) else {
            return refused(format!("label {} does not belong to listing {} any more", kept.index, kept.listing));
        };
        let label = BatchLabel { index: kept.index, product: signed.product, text: kept.text };
        if let Some((_, batch)) = batches.last_mut().filter(|(first, _)| *first == block.first) {
            batch.labels.push(label);
        } else {
            let (listing, supplier) = named_then(changes, kept.listing, block.first)?;
            batches.push((block.first, Batch { listing, supplier, labels: vec![label] }));
        }
    }
    for (_, Batch { listing, labels, .. }) in &batches {
        if let (Some(first), Some(last)) = (labels.first(), labels.last()) {
            changes.note_reprint(&Reprint { first: first.index, last: last.index, listing: listing.id })?;
        }
    }
    Ok(batches.into_iter().map(|(_, batch)| batch).collect())
}

/// The labels as the registry keeps them; every one that was asked for.
fn issued(changes: &Changes<'_>, again: &Again) -> Result<Vec<IssuedLabel>, HubFault> {
    let (labels, wanted) = match again {
        Again::Listing(id) => (changes.labels_of(*id, BATCH_LIMIT + 1)?, None),
        Again::Indexes(indexes) => (changes.labels_in(indexes, BATCH_LIMIT + 1)?, Some(indexes)),
    };
    if labels.len() > BATCH_LIMIT as usize {
        return refused(format!("more than {BATCH_LIMIT} labels cannot be printed at once; name fewer indexes"));
    }
    let mut there = labels.iter().map(|label| label.index);
    if let Some(never) = wanted.and_then(|indexes| indexes.clone().find(|index| there.next() != Some(*index))) {
        return refused(format!("label {never} was never issued"));
    }
    match (again, labels.is_empty()) {
        (Again::Listing(id), true) => refused(format!("no label of listing {id} was ever issued")),
        (Again::Indexes(_), true) => refused("no label is named; write `FIRST..LAST`"),
        (_, false) => Ok(labels),
    }
}

/// The label, if a kiosk would let its goods in.
fn believed(
    changes: &Changes<'_>,
    kept: &IssuedLabel,
    listing: &Listing,
    today: Date,
) -> Result<SignedLabel, HubFault> {
    let IssuedLabel { index, slot, text, .. } = kept;
    let key = changes.record(Some(RecordKey::Key(*slot)))?;
    let key = key.and_then(|key| if let Record::Key(key) = key { Some(key) } else { None });
    let read = label::parse(text).and_then(|signed| label::verify(&signed, key.as_ref()).map(|_| signed));
    let signed = read.map_err(|refusal| HubFault::Refused(format!("a kiosk would refuse label {index}: {refusal}")))?;
    if grade::own_grade(changes, *index)? == Some(Grade::Red) {
        return refused(format!("label {index} of listing {} is red; issue another one", listing.id));
    }
    let expiry = signed.product.expiry.map(Expiry::last_day);
    past(&format!("of label {index} "), expiry, signed.header.valid_until, today).map(|()| signed)
}

/// Listing and supplier as they were when the block that begins at `first` was issued.
fn named_then(changes: &Changes<'_>, listing: u32, first: u32) -> Result<(Listing, Supplier), HubFault> {
    let then = |key| changes.record_at(key, RecordKey::Block(first));
    let Some(Record::Listing(listing)) = then(RecordKey::Listing(listing))? else {
        return refused(format!("listing {listing} was not there when label {first} was issued"));
    };
    match then(RecordKey::Supplier(listing.supplier))? {
        Some(Record::Supplier(supplier)) => Ok((listing, supplier)),
        _ => refused(format!("supplier {} was not there when label {first} was issued", listing.supplier)),
    }
}
