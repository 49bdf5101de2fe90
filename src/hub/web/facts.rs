//! What the registry says of a label, a product or a listing at this moment: what everybody may know, and nothing else.
//!
//! Contacts, partnerships, numbers and files of documents, and who decided what never get into these types, so no page
//! and no answer made from them can show any of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::hub::{HubFault, Registry, rulebook};
use crate::rules::code::{Grade, Gtin, Refusal, SignedLabel};
use crate::rules::demo::is_demo_key;
use crate::rules::dossier::{Document, DocumentState};
use crate::rules::label::{self, VerifiedLabel};
use crate::rules::record::{Exception, Key, Listing, Record, RecordKey};
use crate::rules::text::Text;

/// Most documents of a listing that are told.
const DOCUMENTS_LIMIT: usize = 64;
/// Most listings of a product that are told.
pub(super) const LISTINGS_LIMIT: usize = 50;

/// A listing as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListingFacts {
    pub id: u32,
    pub gtin: Gtin,
    pub name: Text,
    pub supplier: u32,
    pub supplier_name: Text,
    /// The code's own grade, else the listing's.
    pub grade: Grade,
    pub reason: Option<Text>,
    pub missing: Vec<Text>,
    /// When the authority last said something of the listing or the code.
    pub said: Option<Timestamp>,
}

/// A document that counts, or was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DocumentFacts {
    /// As the rulebook names it.
    pub kind: String,
    pub name: Text,
    pub issued: Date,
    pub expires: Option<Date>,
    pub revoked: bool,
}

/// What became of a label that claims a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LabelFacts {
    /// It is none of the authority's.
    Forged(Refusal),
    /// It is genuine.
    Genuine(Box<Genuine>),
}

/// A genuine label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Genuine {
    pub label: VerifiedLabel,
    /// Its key is the demo world's, whose secret everyone knows.
    pub demo: bool,
    /// The listing that it speaks of; nothing where the registry does not have the label.
    pub listing: Option<ListingFacts>,
}

/// Names of documents' kinds in the rulebook that holds, kept until another one does.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<Kinds>);

/// The names of one version of the rulebook.
#[derive(Clone, Debug, Default)]
struct Kinds {
    version: Option<u32>,
    names: Arc<BTreeMap<String, Text>>,
}

impl Names {
    fn of(&self, registry: &Registry) -> Result<Arc<BTreeMap<String, Text>>, HubFault> {
        let version = registry.newest_rulebook()?;
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if known.version == version {
            return Ok(known.names);
        }
        let names = Arc::new(rulebook::document_names(registry, version)?);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Kinds { version, names: Arc::clone(&names) };
        Ok(names)
    }

    /// Documents of a listing, newest first. What waits or was refused says nothing yet, or no more.
    pub fn documents(&self, registry: &Registry, listing: u32) -> Result<Vec<DocumentFacts>, HubFault> {
        let names = self.of(registry)?;
        let facts = |document: Document| {
            let revoked = match document.state {
                DocumentState::Accepted => false,
                DocumentState::Revoked(_) => true,
                DocumentState::Filed
                | DocumentState::Refused(_)
                | DocumentState::Settled(_)
                | DocumentState::Replaced(_) => return None,
            };
            let Document { kind, issued, expires, .. } = document;
            let name = names.get(&kind).cloned().unwrap_or_else(|| Text::new(kind.clone(), kind.clone()));
            Some(DocumentFacts { kind, name, issued, expires, revoked })
        };
        let mut found: Vec<_> = registry.documents(Some(listing))?.into_iter().filter_map(facts).collect();
        found.sort_by(|a, b| (b.issued, &a.kind).cmp(&(a.issued, &b.kind)));
        found.truncate(DOCUMENTS_LIMIT);
        Ok(found)
    }
}

/// What is true of a label now.
pub(super) fn of_label(registry: &Registry, signed: &SignedLabel) -> Result<LabelFacts, HubFault> {
    let key = key(registry, signed.header.key_slot)?;
    let label = match label::verify(signed, key.as_ref()) {
        Ok(label) => label,
        Err(refusal) => return Ok(LabelFacts::Forged(refusal)),
    };
    let demo = key.is_some_and(|key| is_demo_key(&key.public));
    let listing = listing_of(registry, &label)?;
    Ok(LabelFacts::Genuine(Box::new(Genuine { label, demo, listing })))
}

/// The listings of a product of which the authority has said something: anybody can file what is another firm's.
pub(super) fn of_product(registry: &Registry, gtin: Gtin) -> Result<Vec<ListingFacts>, HubFault> {
    let mut listings = registry.listings_of(&gtin.to_string())?;
    listings.sort_by_key(|listing| listing.id);
    let seen = listings.into_iter().filter(|listing| !listing.unseen);
    seen.take(LISTINGS_LIMIT).map(|listing| of_listing(registry, listing)).collect()
}

/// A listing with its texts.
pub(super) fn of_listing(registry: &Registry, listing: Listing) -> Result<ListingFacts, HubFault> {
    let Listing { id, supplier, gtin, name, grade, reason, missing, .. } = listing;
    let missing = missing.into_iter().map(|id| text(registry, id)).filter_map(Result::transpose);
    Ok(ListingFacts {
        id,
        gtin,
        name,
        supplier,
        supplier_name: supplier_name(registry, supplier)?,
        grade,
        reason: reason.map(|id| text(registry, id)).transpose()?.flatten(),
        missing: missing.collect::<Result<_, _>>()?,
        said: registry.said(RecordKey::Listing(id))?,
    })
}

fn listing_of(registry: &Registry, label: &VerifiedLabel) -> Result<Option<ListingFacts>, HubFault> {
    let index = label.header().index;
    let Some(block) = registry.block_of(index)? else { return Ok(None) };
    let Some(Record::Listing(listing)) = registry.record(Some(RecordKey::Listing(block.listing)))? else {
        return Ok(None);
    };
    // A block whose listing is another product's says nothing about this one.
    if listing.gtin != label.product().gtin {
        return Ok(None);
    }
    let facts = of_listing(registry, listing)?;
    match registry.record(Some(RecordKey::Exception(index)))? {
        Some(Record::Exception(own)) => own_grade(registry, facts, &own).map(Some),
        _ => Ok(Some(facts)),
    }
}

/// A code's own grade stands before its listing's, and with a reason of its own.
fn own_grade(registry: &Registry, listing: ListingFacts, own: &Exception) -> Result<ListingFacts, HubFault> {
    let why = own.reason.map(|id| text(registry, id)).transpose()?.flatten();
    let (reason, missing) = match own.grade {
        Grade::Red => (why, Vec::new()),
        Grade::Yellow | Grade::Green => (None, why.into_iter().collect()),
    };
    let said = registry.said(RecordKey::Exception(own.index))?;
    Ok(ListingFacts { grade: own.grade, reason, missing, said, ..listing })
}

fn key(registry: &Registry, slot: u16) -> Result<Option<Key>, HubFault> {
    let record = registry.record(Some(RecordKey::Key(slot)))?;
    Ok(record.and_then(|record| if let Record::Key(key) = record { Some(key) } else { None }))
}

fn text(registry: &Registry, reason: u32) -> Result<Option<Text>, HubFault> {
    let record = registry.record(Some(RecordKey::Reason(reason)))?;
    Ok(record.and_then(|record| if let Record::Reason(reason) = record { Some(reason.text) } else { None }))
}

fn supplier_name(registry: &Registry, supplier: u32) -> Result<Text, HubFault> {
    let record = registry.record(Some(RecordKey::Supplier(supplier)))?;
    Ok(record
        .and_then(|record| if let Record::Supplier(supplier) = record { Some(supplier.name) } else { None })
        .unwrap_or_default())
}
