//! Rows of what the feed does not carry: firms, products with their capacities, documents with their items.

use serde::Deserialize;

use super::Wrong;
use crate::hub::checks::{check_capacity, check_firm, check_product};
use crate::hub::{Changes, HubFault, document};
use crate::rules::dossier::{Capacity, CapacityKind, Document, DocumentState, Firm, Item, Paper, Product};
use crate::rules::record::RecordKey;

/// One row. Some are a part of a paper, which has to be there.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slip {
    /// Who a supplier is.
    Firm(Firm),
    /// What a listing is of; without capacities those that it has stay.
    Product(Product),
    /// One capacity of a listing.
    Capacity(CapacitySlip),
    /// A document; without items those that it has stay.
    Document(Document),
    /// One item of a report.
    Item(ItemSlip),
}

/// One capacity.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacitySlip {
    pub listing: u32,
    pub kind: CapacityKind,
    pub capacity: Capacity,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemSlip {
    pub document: u32,
    pub item: Item,
}

impl Slip {
    /// What no two rows of an import may both be about.
    pub fn place(&self) -> (u8, u32, String) {
        match self {
            Self::Firm(firm) => (16, firm.supplier, String::new()),
            Self::Product(product) => (17, product.listing, String::new()),
            Self::Capacity(slip) => (17, slip.listing, slip.kind.name().to_owned()),
            Self::Document(slip) => (18, slip.id, String::new()),
            Self::Item(slip) => (18, slip.document, slip.item.item.clone()),
        }
    }

    /// The column that names it.
    pub const fn column(&self) -> &'static str {
        match self {
            Self::Firm(_) => "firm",
            Self::Product(_) => "product",
            Self::Capacity(_) => "capacity",
            Self::Document(_) => "document",
            Self::Item(_) => "item",
        }
    }

    /// Puts it where it belongs; inside is what is wrong with the row.
    pub fn put(self, changes: &mut Changes<'_>) -> Result<Result<(), Wrong>, HubFault> {
        if let Some(wrong) = self.dangling(changes)? {
            return Ok(Err(wrong));
        }
        let paper = match self {
            Self::Firm(firm) => check_firm(&firm).map(|()| Paper::Firm(firm)).map_err(Wrong::from),
            Self::Product(product) => self::product(changes, product)?.map(Paper::Product),
            Self::Capacity(slip) => capacity(changes, slip)?.map(Paper::Product),
            Self::Document(slip) => filed(changes, slip)?.map(Paper::Document),
            Self::Item(slip) => item(changes, slip)?.map(Paper::Document),
        };
        match paper {
            Ok(paper) => changes.put_paper(&paper).map(Ok),
            Err(wrong) => Ok(Err(wrong)),
        }
    }

    fn dangling(&self, changes: &mut Changes<'_>) -> Result<Option<Wrong>, HubFault> {
        let (column, owner, named) = match self {
            Self::Firm(firm) => ("firm", RecordKey::Supplier(firm.supplier), "supplier"),
            Self::Product(product) => ("product", RecordKey::Listing(product.listing), "listing"),
            Self::Capacity(slip) => ("listing", RecordKey::Listing(slip.listing), "listing"),
            Self::Document(slip) => ("listing", RecordKey::Listing(slip.listing), "listing"),
            Self::Item(_) => return Ok(None),
        };
        let message = || format!("there is no such {named}; import it before, or with this file");
        Ok((!changes.has(owner)?).then(|| Wrong::new(column, message())))
    }
}

fn product(changes: &Changes<'_>, mut product: Product) -> Result<Result<Product, Wrong>, HubFault> {
    if product.capacities.is_empty() {
        let now = changes.papers().product(product.listing)?;
        product.capacities = now.map(|now| now.capacities).unwrap_or_default();
    }
    Ok(check_product(&product).map(|()| product).map_err(Wrong::from))
}

fn capacity(changes: &Changes<'_>, slip: CapacitySlip) -> Result<Result<Product, Wrong>, HubFault> {
    let Some(mut product) = changes.papers().product(slip.listing)? else {
        let message = format!("listing {} has no product; import its category before, or with this file", slip.listing);
        return Ok(Err(Wrong::new("listing", message)));
    };
    if let Err(wrong) = check_capacity(&slip.capacity) {
        return Ok(Err(wrong.into()));
    }
    product.capacities.insert(slip.kind, slip.capacity);
    Ok(Ok(product))
}

/// A document that says something else than before has to be looked at anew.
fn filed(changes: &Changes<'_>, slip: Document) -> Result<Result<Document, Wrong>, HubFault> {
    let is_judged = slip.state != DocumentState::default();
    let own = [("file", slip.file.is_some()), ("state", is_judged), ("capture", slip.capture.is_some())];
    if let Some((column, _)) = own.into_iter().find(|(_, is_said)| *is_said) {
        return Ok(Err(Wrong::new(column, "this is the authority's to say; leave it out")));
    }
    let Some(before) = changes.papers().document(slip.id)? else { return Ok(checked(changes, slip)) };
    if before.listing != slip.listing {
        let message = format!("document {} is of listing {} already; take another number", slip.id, before.listing);
        return Ok(Err(Wrong::new("document", message)));
    }
    let items = if slip.items.is_empty() { before.items.clone() } else { slip.items };
    let (file, state, capture) = (before.file, before.state.clone(), before.capture.clone());
    let document = Document { items, file, state, capture, ..slip };
    Ok(checked(changes, anew(&before, document)))
}

fn item(changes: &Changes<'_>, slip: ItemSlip) -> Result<Result<Document, Wrong>, HubFault> {
    let Some(before) = changes.papers().document(slip.document)? else {
        let message = format!("there is no document {}; import it before, or with this file", slip.document);
        return Ok(Err(Wrong::new("document", message)));
    };
    let mut document = before.clone();
    match document.items.iter_mut().find(|item| item.item == slip.item.item) {
        Some(item) => *item = slip.item,
        None => document.items.push(slip.item),
    }
    Ok(checked(changes, anew(&before, document)))
}

fn anew(before: &Document, document: Document) -> Document {
    if *before == document {
        return document;
    }
    let is_accepted = document.state == DocumentState::Accepted;
    let state = if is_accepted { DocumentState::Filed } else { document.state };
    Document { state, capture: None, ..document }
}

fn checked(changes: &Changes<'_>, document: Document) -> Result<Document, Wrong> {
    let checked = document::check(&document, changes.today());
    checked.map(|()| document).map_err(Wrong::from)
}
