//! The world of the demo, filed by its suppliers and examined by its officers.
//!
//! Each takes the steps of the desk and the console, many of them in one change of the registry, so that a demo is there
//! at once; the publish that follows assesses what came of it.

use std::path::Path;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::tables::{CapacityRow, DocumentRow, ExceptionRow, ListingRow, ReviewRow, Reviewed, Tables, names};
use super::{author, tables};
use crate::hub::document::Filing;
use crate::hub::filing::{Declared, NewProduct};
use crate::hub::{Author, Changes, HubFault, Registry, assess, capacity, document, files, filing, grade, review};
use crate::rules::dossier::{Document, DocumentState, Item, StoredFile};
use crate::rules::policy::{Policy, ReviewRates};
use crate::rules::record::{Block, Exception, Record};
use crate::rules::switching::Outcome;
use crate::rules::text::Text;

/// The day for which the tables were written.
const DAY: Date = jiff::civil::date(2026, 5, 1);
/// What stands for every document's scan.
const SCAN: &[u8] = include_bytes!("../../../assets/authority/report.pdf");
/// Indexes of labels that each listing of the world has had printed: 4 has 4000 to 4999.
const PRINTED: u32 = 1000;

/// What suppliers file into.
pub struct World<'a> {
    registry: &'a mut Registry,
    tables: Tables,
    scan: StoredFile,
    now: Timestamp,
    /// How far the tables' day is from today.
    moved: Span,
}

/// A listing that was filed.
struct Filed {
    /// Its number in the tables.
    written: u32,
    /// Its number in the registry.
    listing: u32,
    /// Its documents, each with what the officer will say of it.
    documents: Vec<(Document, String)>,
}

impl<'a> World<'a> {
    pub fn new(folder: &Path, registry: &'a mut Registry, now: Timestamp) -> Result<Self, HubFault> {
        let mut intake = files::Intake::begin(folder)?;
        intake.take(SCAN)?;
        let scan = files::keep(folder, intake.finish()?, Ok)?;
        let moved = document::date_at(now).since(DAY).map_err(|error| HubFault::Refused(error.to_string()))?;
        Ok(Self { registry, tables: Tables::read()?, scan, now, moved })
    }

    /// Takes all steps; the numbers of the listings to try.
    pub fn make(&mut self) -> Result<Vec<u32>, HubFault> {
        let world = self.all_filed(|tables| &tables.world)?;
        let to_try = self.all_filed(|tables| &tables.to_try)?;
        self.examine(world.iter().chain(&to_try))?;
        self.print(&world)?;
        self.review(&world)?;
        self.except()?;
        // Whoever walks through it is not surprised by the one label in fifty that is drawn; of what is tightened each is.
        let rates = ReviewRates { normal: 0, tightened: 1, ..ReviewRates::default() };
        let officer = self.officer("only what is tightened is drawn, and all of it");
        grade::set_policy(self.registry, &officer, |policy| Policy { review_one_in: rates, ..policy })?;
        Ok(to_try.into_iter().map(|filed| filed.listing).collect())
    }

    fn officer(&self, why: &str) -> Author {
        author(super::OFFICER, why, self.now)
    }

    /// Each supplier files what stands together in the table.
    fn all_filed(&mut self, which: impl Fn(&Tables) -> &Vec<ListingRow>) -> Result<Vec<Filed>, HubFault> {
        let Self { registry, tables, now, .. } = self;
        let mut all = Vec::new();
        for rows in which(tables).chunk_by(|one, next| one.supplier == next.supplier) {
            let supplier = rows[0].supplier;
            let by = author(&format!("supplier {supplier}"), "a supplier files", *now);
            let (tables, scan, moved) = (&*tables, self.scan, self.moved);
            registry.change(&by, |changes| {
                for row in rows {
                    all.push(tables.file(changes, row, scan, moved)?);
                }
                Ok(())
            })?;
        }
        Ok(all)
    }

    /// An officer looks at every document and visits every firm.
    fn examine<'f>(&mut self, filed: impl Iterator<Item = &'f Filed>) -> Result<(), HubFault> {
        let officer = self.officer("looked at, and visited");
        let tables = &self.tables;
        self.registry.change(&officer, |changes| {
            for Filed { written, listing, documents } in filed {
                for (document, found) in documents {
                    let state = match found.as_str() {
                        "waits" => continue,
                        "" => DocumentState::Accepted,
                        why => DocumentState::Refused(why.to_owned()),
                    };
                    document::put_judged(changes, document.clone(), state)?;
                }
                for CapacityRow { capacity, assessed, note, .. } in tables.capacities_of(*written) {
                    capacity::keep(changes, *listing, *capacity, (*assessed, note), None)?;
                }
            }
            Ok(())
        })
    }

    /// Labels of the world were printed long ago.
    fn print(&mut self, world: &[Filed]) -> Result<(), HubFault> {
        let officer = self.officer("labels of before");
        self.registry.change(&officer, |changes| {
            world.iter().try_for_each(|Filed { listing, .. }| {
                let first = listing * PRINTED;
                changes.put(&Record::Block(Block { first, last: first + PRINTED - 1, listing: *listing }))
            })
        })
    }

    fn review(&mut self, world: &[Filed]) -> Result<(), HubFault> {
        let officer = self.officer("a review");
        let reviews = &self.tables.reviews;
        self.registry.change(&officer, |changes| {
            for Filed { written, listing, .. } in world {
                for ReviewRow { outcome, times, .. } in reviews.iter().filter(|row| row.listing == *written) {
                    let outcome = match outcome {
                        Reviewed::Passed => Outcome::Passed,
                        Reviewed::Failed => Outcome::Failed,
                        Reviewed::Qualified => Outcome::Qualified,
                    };
                    for _ in 0..*times {
                        review::after(changes, *listing, outcome)?;
                    }
                }
            }
            Ok(())
        })
    }

    fn except(&mut self) -> Result<(), HubFault> {
        let officer = self.officer("a word on single items");
        let exceptions = &self.tables.exceptions;
        self.registry.change(&officer, |changes| {
            for ExceptionRow { index, grade, reason_zh, reason_en } in exceptions {
                let reason = Some(assess::reason(changes, Text::new(reason_zh, reason_en))?);
                grade::put_exception(changes, &Exception { index: *index, grade: *grade, reason })?;
            }
            Ok(())
        })
    }
}

impl Tables {
    fn capacities_of(&self, written: u32) -> impl Iterator<Item = &CapacityRow> {
        self.capacities.iter().filter(move |row| names(&row.listing, written))
    }

    /// Files a listing with all that its supplier has for it.
    fn file(
        &self,
        changes: &mut Changes<'_>,
        row: &ListingRow,
        scan: StoredFile,
        moved: Span,
    ) -> Result<Filed, HubFault> {
        let ListingRow { listing: written, supplier, gtin, name_zh, name_en } = row;
        let none = || HubFault::Refused(format!("the demo's listing {written} has no product"));
        let product = self.products.iter().find(|row| row.product == *written).ok_or_else(none)?;
        let tags = product.tags.split(';').filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        let capacities = self.capacities_of(*written).map(|row| {
            let (declared, evidence) = (row.declared.clone(), row.evidence.clone());
            (row.capacity, Declared { declared, evidence })
        });
        let capacities = capacities.collect();
        let (name, category) = (Text::new(name_zh, name_en), product.category.clone());
        let new = NewProduct { gtin: *gtin, name, category, tags, brick: product.brick, capacities };
        let listing = filing::put_product(changes, *supplier, new)?;
        let mut documents = Vec::new();
        for row in self.documents.iter().filter(|row| names(&row.listing, *written)) {
            let begun = filing::begun(changes, *supplier, self.filing(listing, row, moved))?;
            let document = document::put_new(changes, Document { file: Some(scan), ..begun })?;
            documents.push((document, row.found.clone()));
        }
        Ok(Filed { written: *written, listing, documents })
    }

    fn filing(&self, listing: u32, row: &DocumentRow, moved: Span) -> Filing {
        let items = self.items.iter().filter(|item| names(&item.document, row.document));
        let items = items.map(|row| {
            let tables::ItemRow { item, method, limit, value, unit, .. } = row;
            let [item, method, limit, unit] = [item, method, limit, unit].map(String::clone);
            Item { item, method, limit, value: *value, unit }
        });
        let items = items.collect();
        let (issued, expires) = (row.issued, row.expires);
        let (issued, expires) = (issued.saturating_add(moved), expires.map(|day| day.saturating_add(moved)));
        let [kind, number, issuer] = [&row.kind, &row.number, &row.issuer].map(String::clone);
        Filing { listing, kind, number, issuer, issued, expires, items }
    }
}
