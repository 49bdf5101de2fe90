//! The demo's tables, `assets/authority`: in `demo` the world of the kiosk's own demo, in `assessed` what waits to be tried.
//!
//! A cell `listing` or `document` may name several, with `;` between: the same paper is filed for each of them.

use std::fs;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::hub::HubFault;
use crate::rules::amount::Measure;
use crate::rules::code::{Grade, Gtin};
use crate::rules::dossier::CapacityKind;

macro_rules! table {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../assets/authority/", $name)))
    };
}

/// The rulebook, both registers, and who supplies: files that commands take.
const FILES: [(&str, &str); 12] = [
    table!("rulebook/categories.csv"),
    table!("rulebook/kinds.csv"),
    table!("rulebook/documents.csv"),
    table!("rulebook/items.csv"),
    table!("rulebook/capacities.csv"),
    table!("rulebook/decisions.csv"),
    table!("registers/cosmetics.csv"),
    table!("registers/food.csv"),
    table!("demo/suppliers.csv"),
    table!("demo/firms.csv"),
    table!("assessed/suppliers.csv"),
    table!("assessed/firms.csv"),
];
/// Those of them that are registers.
pub const REGISTERS: [&str; 2] = ["registers/cosmetics.csv", "registers/food.csv"];
/// Those of them that are suppliers, the kiosk's world first.
pub const SUPPLIERS: [[&str; 2]; 2] =
    [["demo/suppliers.csv", "demo/firms.csv"], ["assessed/suppliers.csv", "assessed/firms.csv"]];
const PRODUCTS: [(&str, &str); 2] = [table!("demo/products.csv"), table!("assessed/products.csv")];
const CAPACITIES: [(&str, &str); 2] = [table!("demo/capacities.csv"), table!("assessed/capacities.csv")];
const DOCUMENTS: [(&str, &str); 2] = [table!("demo/documents.csv"), table!("assessed/documents.csv")];
const ITEMS: [(&str, &str); 2] = [table!("demo/items.csv"), table!("assessed/items.csv")];

/// What suppliers file, and what an officer makes of it.
pub struct Tables {
    /// Listings of the kiosk's world.
    pub world: Vec<ListingRow>,
    /// Listings to try.
    pub to_try: Vec<ListingRow>,
    pub products: Vec<ProductRow>,
    pub capacities: Vec<CapacityRow>,
    pub documents: Vec<DocumentRow>,
    pub items: Vec<ItemRow>,
    pub reviews: Vec<ReviewRow>,
    pub exceptions: Vec<ExceptionRow>,
}

#[derive(Deserialize)]
pub struct ListingRow {
    pub listing: u32,
    pub supplier: u32,
    pub gtin: Gtin,
    pub name_zh: String,
    pub name_en: String,
}

#[derive(Deserialize)]
pub struct ProductRow {
    pub product: u32,
    pub category: String,
    pub tags: String,
    pub brick: Option<u32>,
}

#[derive(Deserialize)]
pub struct CapacityRow {
    pub capacity: CapacityKind,
    pub listing: String,
    pub declared: String,
    pub evidence: String,
    pub assessed: u8,
    pub note: String,
}

#[derive(Deserialize)]
pub struct DocumentRow {
    pub document: u32,
    pub listing: String,
    pub kind: String,
    pub number: String,
    pub issuer: String,
    pub issued: Date,
    pub expires: Option<Date>,
    /// What the officer says: `waits` for nothing yet, else why it is refused; accepted where there is nothing.
    #[serde(default)]
    pub found: String,
}

#[derive(Deserialize)]
pub struct ItemRow {
    pub document: String,
    pub item: String,
    pub method: String,
    pub limit: String,
    pub value: Measure,
    pub unit: String,
}

#[derive(Deserialize)]
pub struct ReviewRow {
    pub listing: u32,
    pub outcome: Reviewed,
    pub times: u32,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reviewed {
    Passed,
    Failed,
    Qualified,
}

#[derive(Deserialize)]
pub struct ExceptionRow {
    pub index: u32,
    pub grade: Grade,
    pub reason_zh: String,
    pub reason_en: String,
}

impl Tables {
    pub fn read() -> Result<Self, HubFault> {
        Ok(Self {
            world: rows(&[table!("demo/listings.csv")])?,
            to_try: rows(&[table!("assessed/listings.csv")])?,
            products: rows(&PRODUCTS)?,
            capacities: rows(&CAPACITIES)?,
            documents: rows(&DOCUMENTS)?,
            items: rows(&ITEMS)?,
            reviews: rows(&[table!("demo/reviews.csv")])?,
            exceptions: rows(&[table!("demo/exceptions.csv")])?,
        })
    }
}

/// Whether a cell names this number.
pub fn names(cell: &str, number: u32) -> bool {
    cell.split(';').any(|part| part.parse() == Ok(number))
}

/// The rows of all these tables.
fn rows<T: DeserializeOwned>(tables: &[(&str, &str)]) -> Result<Vec<T>, HubFault> {
    let mut found = Vec::new();
    for (name, text) in tables {
        let read = csv::Reader::from_reader(text.as_bytes()).into_deserialize().collect::<Result<Vec<T>, _>>();
        found.extend(read.map_err(|error| HubFault::Refused(format!("the demo's table `{name}`: {error}")))?);
    }
    Ok(found)
}

/// Writes the files that commands take.
pub fn write(folder: &Path) -> Result<(), HubFault> {
    for (name, text) in FILES {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, text));
        written.map_err(|source| HubFault::file(&path, "written", source))?;
    }
    Ok(())
}
