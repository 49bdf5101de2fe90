//! What a supplier files by itself: products, capacities, documents, facts of the firm, and labels of what is green.
//!
//! Each of these asks first whose listing it is. Whoever asks for another supplier's is told the same as where there is none.
//! What was filed is assessed at once, so that the supplier sees what is still missing, and the next release has it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::checks::{check_firm, check_product, check_text};
use super::document::{Filing, refused};
use super::files::Whole;
use super::registry::Papers;
use super::{
    Author, Batch, Changes, HubFault, LabelKey, LabelOrder, Registry, assess, checklist, document, files, grade, issue,
};
use crate::rules::code::{Grade, Gtin};
use crate::rules::dossier::{Capacity, CapacityKind, Document, DocumentState, Firm, Paper, Product};
use crate::rules::record::{Listing, Record, RecordKey, ReviewLevel};
use crate::rules::text::Text;

/// Most documents of one listing, replaced ones too: nobody reads more.
pub const DOCUMENTS_LIMIT: usize = 200;
/// Most listings of one supplier that files them by itself.
pub const LISTINGS_LIMIT: usize = 5_000;
/// Most labels that a supplier prints at once: twenty sheets.
pub const LABELS_LIMIT: u32 = 480;

/// A product as it is filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProduct {
    /// What it is sold as.
    pub gtin: Gtin,
    /// Its name.
    pub name: Text,
    /// Its class-I category, as the rulebook names it.
    pub category: String,
    /// What rules of the category ask about.
    pub tags: BTreeSet<String>,
    /// The brick of GS1's product classification.
    pub brick: Option<u32>,
    /// What the supplier can do for it.
    pub capacities: BTreeMap<CapacityKind, Declared>,
}

/// What a supplier says of a capacity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// How much.
    pub declared: String,
    /// What shows it.
    pub evidence: String,
}

/// The supplier's listing of this number; none if there is none, or it is another supplier's.
///
/// # Errors
/// The database's.
pub fn own(registry: &Registry, supplier: u32, listing: u32) -> Result<Option<Listing>, HubFault> {
    owned(registry.papers(), supplier, listing)
}

/// The supplier's document of this number; none if there is none, or it is another supplier's.
///
/// # Errors
/// The database's.
pub fn own_document(registry: &Registry, supplier: u32, id: u32) -> Result<Option<Document>, HubFault> {
    let Some(document) = registry.papers().document(id)? else { return Ok(None) };
    Ok(own(registry, supplier, document.listing)?.map(|_| document))
}

fn owned(papers: Papers<'_>, supplier: u32, listing: u32) -> Result<Option<Listing>, HubFault> {
    Ok(papers.listing(listing)?.filter(|listing| listing.supplier == supplier))
}

fn expected(papers: Papers<'_>, supplier: u32, listing: u32) -> Result<Listing, HubFault> {
    let none = || HubFault::Refused(format!("you have no listing {listing}"));
    owned(papers, supplier, listing)?.ok_or_else(none)
}

/// Files a product: it gets its number, and is assessed.
///
/// # Errors
/// A part makes no sense, the rulebook does not know the category, or the supplier has this product already; the database's.
pub fn product(registry: &mut Registry, author: &Author, supplier: u32, new: NewProduct) -> Result<Listing, HubFault> {
    if registry.listings_by(supplier)?.len() >= LISTINGS_LIMIT {
        let message = format!("you have {LISTINGS_LIMIT} products; ask the authority to import more");
        return Err(HubFault::Refused(message));
    }
    registry.change(author, |changes| {
        let id = put_product(changes, supplier, new)?;
        assess::settle(changes, id)?;
        grade::listing(changes, id)
    })
}

/// Gives a product its number; whoever has put all that belongs to it has it assessed.
pub(super) fn put_product(changes: &mut Changes<'_>, supplier: u32, new: NewProduct) -> Result<u32, HubFault> {
    let NewProduct { gtin, name, category, tags, brick, capacities } = new;
    check_text(&name, ["name_zh", "name_en"]).map_err(refused)?;
    let known = assess::in_force(changes.papers())?;
    if !known.is_some_and(|(_, rulebook)| rulebook.categories.contains_key(&category)) {
        let message = format!("the rulebook has no category `{category}`; take one that it has");
        return Err(HubFault::Refused(message));
    }
    let id = changes.next_listing()?;
    let capacities = capacities.into_iter().filter(|(_, said)| !said.declared.is_empty());
    let capacities = capacities.map(|(kind, said)| (kind, unassessed(said))).collect();
    let product = Product { listing: id, category, tags, brick, capacities };
    check_product(&product).map_err(refused)?;
    let waiting = Text::new("尚未评估", "Not assessed yet");
    let listing = Listing {
        id,
        supplier,
        gtin,
        name,
        grade: Grade::Yellow,
        reason: Some(assess::reason(changes, waiting)?),
        missing: Vec::new(),
        review: ReviewLevel::Normal,
        inspect: Vec::new(),
        unseen: true,
    };
    grade::put_listing(changes, &listing)?;
    changes.put_paper(&Paper::Product(product))?;
    Ok(id)
}

fn unassessed(Declared { declared, evidence }: Declared) -> Capacity {
    Capacity { declared, evidence, assessed: None, note: String::new() }
}

/// Declares capacities of a listing. One that says something else than before has to be assessed anew.
///
/// # Errors
/// It is no listing of the supplier's, or a part makes no sense; the database's.
pub fn capacities(
    registry: &mut Registry,
    author: &Author,
    supplier: u32,
    listing: u32,
    said: BTreeMap<CapacityKind, Declared>,
) -> Result<Product, HubFault> {
    registry.change(author, |changes| {
        expected(changes.papers(), supplier, listing)?;
        let none =
            || HubFault::Refused(format!("listing {listing} has no product; ask the authority for its category"));
        let mut product = changes.papers().product(listing)?.ok_or_else(none)?;
        for (kind, said) in said {
            let is_same = product
                .capacities
                .get(&kind)
                .is_some_and(|now| now.declared == said.declared && now.evidence == said.evidence);
            if !is_same && !said.declared.is_empty() {
                product.capacities.insert(kind, unassessed(said));
            }
        }
        check_product(&product).map_err(refused)?;
        changes.put_paper(&Paper::Product(product.clone()))?;
        assess::settle(changes, listing)?;
        Ok(product)
    })
}

/// Files a document, in place of another one if so. One that nobody judged or that was refused gives way; one that counts
/// goes on counting until the new one does. The file is kept last: of what is refused none stays.
///
/// # Errors
/// It is no listing of the supplier's, a part makes no sense, the rulebook asks for no such kind, or the other document has
/// to stay; the database's.
pub fn file(
    registry: &mut Registry,
    author: &Author,
    supplier: u32,
    filing: Filing,
    (authority, whole): (&Path, Whole),
    replaces: Option<u32>,
) -> Result<Document, HubFault> {
    registry.change(author, |changes| {
        let document = begun(changes, supplier, filing)?;
        let listing = document.listing;
        files::keep(authority, whole, |file| {
            let new = document::put_new(changes, Document { file: Some(file), ..document })?;
            if let Some(old) = replaces {
                replace(changes, old, &new)?;
            }
            assess::settle(changes, listing)?;
            Ok(new)
        })
    })
}

/// A document without its number and its file, if the supplier may file it.
pub(super) fn begun(changes: &Changes<'_>, supplier: u32, filing: Filing) -> Result<Document, HubFault> {
    let listing = expected(changes.papers(), supplier, filing.listing)?.id;
    if changes.papers().documents(Some(listing))?.len() >= DOCUMENTS_LIMIT {
        let message = format!("there are {DOCUMENTS_LIMIT} documents of listing {listing}; ask the authority");
        return Err(HubFault::Refused(message));
    }
    check_kind(changes, listing, &filing.kind)?;
    document::begun(filing, changes.today())
}

fn check_kind(changes: &Changes<'_>, listing: u32, kind: &str) -> Result<(), HubFault> {
    let papers = changes.papers();
    let (Some((_, rulebook)), Some(product)) = (assess::in_force(papers)?, papers.product(listing)?) else {
        return Ok(());
    };
    let asks = checklist::asked(&rulebook, &product.category, &product.tags).any(|rule| rule.asks.of_kind(kind));
    if asks {
        return Ok(());
    }
    Err(HubFault::Refused(format!("nothing of kind `{kind}` is asked of listing {listing}; take one of its checklist")))
}

fn replace(changes: &mut Changes<'_>, id: u32, new: &Document) -> Result<(), HubFault> {
    let old = changes.papers().document(id)?;
    let old = old.filter(|old| old.listing == new.listing && old.kind == new.kind && old.id != new.id);
    let Some(old) = old else {
        return Err(HubFault::Refused(format!("there is no document {id} of this kind to replace")));
    };
    match old.state {
        DocumentState::Accepted => Ok(()),
        DocumentState::Filed | DocumentState::Refused(_) => {
            // What a registry denies is an officer's to settle: a forged licence must not go away unseen.
            if assess::is_denied(changes, &old)? {
                return Ok(());
            }
            changes.put_paper(&Paper::Document(Document { state: DocumentState::Replaced(new.id), ..old }))
        }
        DocumentState::Revoked(_) | DocumentState::Settled(_) | DocumentState::Replaced(_) => Err(HubFault::Refused(
            format!("document {id} was revoked or replaced already; file the new one without replacing"),
        )),
    }
}

/// Says whom to ask and under which conditions the firm sells where. Its credit code is the authority's to enter.
///
/// # Errors
/// The authority has not entered the firm yet, or a part makes no sense; the database's.
pub fn firm(
    registry: &mut Registry,
    author: &Author,
    supplier: u32,
    contacts: Vec<String>,
    partnerships: BTreeMap<String, String>,
) -> Result<Firm, HubFault> {
    registry.change(author, |changes| {
        let none = "the authority has not entered your credit code yet; ask it to";
        let now = changes.papers().firm(supplier)?.ok_or_else(|| HubFault::Refused(none.to_owned()))?;
        let firm = Firm { contacts, partnerships, ..now };
        check_firm(&firm).map_err(refused)?;
        changes.put_paper(&Paper::Firm(firm.clone()))?;
        Ok(firm)
    })
}

/// Issues labels of a listing that is green this very hour.
///
/// # Errors
/// It is no listing of the supplier's, it is not green, or the order makes no sense; those of [`issue()`].
pub fn labels(changes: &mut Changes<'_>, supplier: u32, key: &LabelKey, order: &LabelOrder) -> Result<Batch, HubFault> {
    expected(changes.papers(), supplier, order.listing)?;
    assess::refresh(changes, order.listing)?;
    let grade = grade::listing(changes, order.listing)?.grade;
    if grade != Grade::Green {
        let message = format!("listing {} is not green, and labels are for what is; see its checklist", order.listing);
        return Err(HubFault::Refused(message));
    }
    let today = changes.today();
    let batch = issue(changes, key, order, today)?;
    if batch.labels.len() > LABELS_LIMIT as usize {
        return Err(HubFault::Refused(format!("print at most {LABELS_LIMIT} labels at once")));
    }
    Ok(batch)
}

/// The supplier as the feed names it.
///
/// # Errors
/// The database's.
pub fn supplier(registry: &Registry, supplier: u32) -> Result<Option<Text>, HubFault> {
    let record = registry.record(Some(RecordKey::Supplier(supplier)))?;
    Ok(record.and_then(|record| if let Record::Supplier(supplier) = record { Some(supplier.name) } else { None }))
}
