//! Looking for things: listings, suppliers and documents by what a person remembers of them, a page at a time.

use super::HubFault;
use super::database::values;
use super::registry::{DOCUMENT, Registry};
use crate::rules::code::{Grade, Gtin};
use crate::rules::dossier::{Document, Paper};
use crate::rules::record::{Listing, Record, Supplier};

/// Rows of a page.
pub const PAGE: usize = 50;
/// Most suppliers whose listings are looked for by the supplier's name.
const SUPPLIERS: usize = 20;

/// A page of what was found, in the order of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// At most [`PAGE`].
    pub rows: Vec<T>,
    /// The number after which the next page begins; none if this is the last.
    pub next: Option<u32>,
}

/// Which listings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A number, a GTIN, or a part of a product's or a supplier's name; empty for all.
    pub text: String,
    /// Of this supplier alone.
    pub supplier: Option<u32>,
    /// Of this grade alone.
    pub grade: Option<Grade>,
    /// With a higher number than this.
    pub after: u32,
}

/// Listings, a page of them.
///
/// # Errors
/// The database's.
pub fn listings(registry: &Registry, wanted: &Wanted) -> Result<Found<Listing>, HubFault> {
    let text = wanted.text.trim();
    let gtin = Gtin::parse(text).map(|gtin| gtin.to_string()).unwrap_or_default();
    let number: u32 = text.parse().unwrap_or_default();
    let grade = wanted.grade.map_or_else(|| "%".to_owned(), |grade| format!("%\"grade\":\"{}\"%", name(grade)));
    // A name stands between these two, and nothing else does.
    let named = format!("%\"name\":{{%{}%}},\"grade\":%", pattern(text));
    let of = if text.is_empty() { Vec::new() } else { supplier_ids(registry, text)? };
    let of = if of.is_empty() { "-1".to_owned() } else { of.iter().map(u32::to_string).collect::<Vec<_>>().join(", ") };
    let sql = format!(
        "SELECT body FROM record WHERE kind = 3 AND body IS NOT NULL AND key > ?1 AND (?2 = 0 OR supplier = ?2)
             AND body LIKE ?3 AND (?4 = '' OR key = ?5 OR gtin = ?6 OR supplier IN ({of}) OR lower(body) LIKE ?7 ESCAPE '\\')
         ORDER BY key LIMIT ?8"
    );
    let values =
        values![wanted.after, wanted.supplier.unwrap_or_default(), &grade, text, number, &gtin, &named, limit()];
    let records: Vec<Record> = registry.database().all(&sql, values, |row| row.json(0))?;
    let listings = records
        .into_iter()
        .filter_map(|record| if let Record::Listing(listing) = record { Some(listing) } else { None });
    Ok(page(listings.collect(), |listing: &Listing| listing.id))
}

fn name(grade: Grade) -> &'static str {
    match grade {
        Grade::Green => "green",
        Grade::Yellow => "yellow",
        Grade::Red => "red",
    }
}

/// Suppliers by number, a part of the name, or the credit code; a page of them.
///
/// # Errors
/// The database's.
pub fn suppliers(registry: &Registry, text: &str, after: u32) -> Result<Found<Supplier>, HubFault> {
    let text = text.trim();
    let number: u32 = text.parse().unwrap_or_default();
    let named = format!("%\"name\":{{%{}%}}%", pattern(text));
    let code = format!("%\"code\":\"{}\"%", pattern(text));
    let sql = "SELECT body FROM record r WHERE kind = 4 AND body IS NOT NULL AND key > ?1 AND (?2 = '' OR key = ?3
                   OR lower(body) LIKE ?4 ESCAPE '\\' OR EXISTS (SELECT 1 FROM paper p WHERE p.kind = 16 AND p.key = r.key
                       AND lower(p.body) LIKE ?5 ESCAPE '\\'))
               ORDER BY key LIMIT ?6";
    let values = values![after, text, number, &named, &code, limit()];
    let records: Vec<Record> = registry.database().all(sql, values, |row| row.json(0))?;
    let suppliers = records
        .into_iter()
        .filter_map(|record| if let Record::Supplier(supplier) = record { Some(supplier) } else { None });
    Ok(page(suppliers.collect(), |supplier: &Supplier| supplier.id))
}

fn supplier_ids(registry: &Registry, text: &str) -> Result<Vec<u32>, HubFault> {
    let found = suppliers(registry, text, 0)?.rows;
    // A number is a listing's here, not a supplier's.
    let named = found.into_iter().filter(|supplier| supplier.id.to_string() != text);
    Ok(named.take(SUPPLIERS).map(|supplier| supplier.id).collect())
}

/// Documents by a part of the number that their issuers gave them.
///
/// # Errors
/// The database's.
pub fn documents(registry: &Registry, text: &str) -> Result<Vec<Document>, HubFault> {
    let numbered = format!("%\"number\":\"%{}%\",\"issuer\":%", pattern(text.trim()));
    let sql = "SELECT body FROM paper WHERE kind = ?1 AND lower(body) LIKE ?2 ESCAPE '\\' ORDER BY key LIMIT ?3";
    let papers: Vec<Paper> = registry.database().all(sql, values![DOCUMENT, &numbered, limit()], |row| row.json(0))?;
    Ok(papers
        .into_iter()
        .filter_map(|paper| if let Paper::Document(document) = paper { Some(document) } else { None })
        .collect())
}

/// How many labels were issued for a listing.
///
/// # Errors
/// The database's.
pub fn label_count(registry: &Registry, listing: u32) -> Result<u64, HubFault> {
    let sql = "SELECT count(*) FROM label WHERE listing = ?1";
    Ok(registry.database().one(sql, values![listing], |row| row.get(0))?.unwrap_or_default())
}

/// How many labels of a listing have a grade of their own.
///
/// # Errors
/// The database's.
pub fn own_grades(registry: &Registry, listing: u32) -> Result<u64, HubFault> {
    let sql = "SELECT count(*) FROM record b JOIN record e ON e.kind = 6 AND e.key BETWEEN b.key AND b.last AND e.body IS NOT NULL
               WHERE b.kind = 5 AND b.listing = ?1";
    Ok(registry.database().one(sql, values![listing], |row| row.get(0))?.unwrap_or_default())
}

/// A text as it stands in JSON, in small letters, with what is special in a pattern escaped.
fn pattern(text: &str) -> String {
    let json = serde_json::Value::from(text.to_lowercase()).to_string();
    json[1..json.len() - 1].replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// One more than a page, which tells whether there is another.
fn limit() -> u32 {
    u32::try_from(PAGE + 1).unwrap_or(u32::MAX)
}

fn page<T>(mut rows: Vec<T>, number: impl Fn(&T) -> u32) -> Found<T> {
    let is_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| is_more).map(number);
    Found { rows, next }
}
