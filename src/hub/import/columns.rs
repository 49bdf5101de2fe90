//! The tables of what the feed does not carry, row by row.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Wrong;
use super::slips::{CapacitySlip, ItemSlip, Slip};
use super::table::Piece;
use crate::rules::amount::Measure;
use crate::rules::credit_code::CreditCode;
use crate::rules::dossier::{Capacity, CapacityKind, Document, DocumentState, Firm, Item, Product};

pub const FIRMS: &[&str] = &["firm", "code", "contacts", "partnerships"];
pub const PRODUCTS: &[&str] = &["product", "category", "tags", "brick"];
pub const CAPACITIES: &[&str] = &["capacity", "listing", "declared", "evidence", "assessed", "note"];
pub const DOCUMENTS: &[&str] = &["document", "listing", "kind", "number", "issuer", "issued", "expires"];
pub const ITEMS: &[&str] = &["item", "document", "method", "limit", "value", "unit"];

/// What the cells of a row say, if they are of one of these tables.
pub fn slip(columns: &[&str], cells: &[Piece<'_>]) -> Option<Result<Slip, Wrong>> {
    Some(match columns {
        FIRMS => firm(cells.try_into().ok()?),
        PRODUCTS => product(cells.try_into().ok()?),
        CAPACITIES => capacity(cells.try_into().ok()?),
        DOCUMENTS => document(cells.try_into().ok()?),
        ITEMS => item(cells.try_into().ok()?),
        _ => return None,
    })
}

fn firm(cells: [Piece<'_>; 4]) -> Result<Slip, Wrong> {
    let [id, code, contacts, partnerships] = cells;
    let code = CreditCode::try_from(code.text.to_owned()).map_err(|message| Wrong::new(code.column, message))?;
    let mut terms = BTreeMap::new();
    for part in parts(partnerships.text) {
        let Some((platform, term)) = part.split_once('=') else {
            let message = format!("`{part}` names no conditions; write `platform=conditions`, with `;` between");
            return Err(Wrong::new(partnerships.column, message));
        };
        terms.insert(platform.trim().to_owned(), term.trim().to_owned());
    }
    let contacts = parts(contacts.text).map(str::to_owned).collect();
    Ok(Slip::Firm(Firm { supplier: id.number()?, code, contacts, partnerships: terms }))
}

fn product(cells: [Piece<'_>; 4]) -> Result<Slip, Wrong> {
    let [id, category, tags, brick] = cells;
    let tags: BTreeSet<String> = parts(tags.text).map(str::to_owned).collect();
    let brick = if brick.text.is_empty() { None } else { Some(brick.number()?) };
    let (listing, category) = (id.number()?, category.text.to_owned());
    Ok(Slip::Product(Product { listing, category, tags, brick, capacities: BTreeMap::new() }))
}

fn capacity(cells: [Piece<'_>; 6]) -> Result<Slip, Wrong> {
    let [kind, listing, declared, evidence, assessed, note] = cells;
    let kind: CapacityKind = kind.named("`production`, `quality-control`, `shipment` or `operation`")?;
    let assessed = match assessed.text {
        "" => None,
        text => Some(text.parse().map_err(|_| assessed.wrong("a number from 0 to 100"))?),
    };
    let [declared, evidence, note] = [declared, evidence, note].map(|cell| cell.text.to_owned());
    let capacity = Capacity { declared, evidence, assessed, note };
    Ok(Slip::Capacity(CapacitySlip { listing: listing.number()?, kind, capacity }))
}

fn document(cells: [Piece<'_>; 7]) -> Result<Slip, Wrong> {
    let [id, listing, kind, number, issuer, issued, expires] = cells;
    let expires = if expires.text.is_empty() { None } else { Some(date(expires)?) };
    let (id, listing, issued) = (id.number()?, listing.number()?, date(issued)?);
    let [kind, number, issuer] = [kind, number, issuer].map(|cell| cell.text.to_owned());
    let (items, state) = (Vec::new(), DocumentState::default());
    let document =
        Document { id, listing, kind, number, issuer, issued, expires, file: None, items, state, capture: None };
    Ok(Slip::Document(document))
}

fn item(cells: [Piece<'_>; 6]) -> Result<Slip, Wrong> {
    let [name, document, method, limit, value, unit] = cells;
    let value = Measure::try_from(value.text.to_owned()).map_err(|message| Wrong::new(value.column, message))?;
    let [name, method, limit, unit] = [name, method, limit, unit].map(|cell| cell.text.to_owned());
    let item = Item { item: name, method, limit, value, unit };
    Ok(Slip::Item(ItemSlip { document: document.number()?, item }))
}

fn date(cell: Piece<'_>) -> Result<Date, Wrong> {
    cell.text.parse().map_err(|_| cell.wrong("a date; write it like 2026-11-24, in a column formatted as text"))
}

/// What stands between semicolons.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}
