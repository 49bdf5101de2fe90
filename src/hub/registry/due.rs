//! Which listings are assessed anew: those of which something changed, and those whose day has come.
//!
//! A row says that the listing is what it is from one day until before another; one that is marked until none. Whatever an
//! assessment asks about marks the listings that it is of, in the transaction that changes it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Changes, HubFault, PaperKey, schema};
use crate::hub::database::{Database, values};
use crate::rules::dossier::Paper;
use crate::rules::record::{Reason, Record, RecordKey};

/// After every day.
const NEVER: &str = "9999-12-31";
/// Marks the listings that a query finds; a listing without a product is not assessed.
const MARK: &str = "INSERT INTO due (listing, since, until) SELECT key, '', '' FROM paper WHERE kind = 17 AND ";
const MARKED: &str = " ON CONFLICT (listing) DO UPDATE SET until = excluded.until";

/// Every product that was there before there were marks.
pub fn mark_products(database: &Database) -> Result<(), HubFault> {
    database.execute(&format!("{MARK} key >= 0 {MARKED}"), &[]).map(drop)
}

impl Changes<'_> {
    /// The listings that have to be assessed anew today, by their numbers.
    pub(in crate::hub) fn due(&self) -> Result<Vec<u32>, HubFault> {
        let today = self.today().to_string();
        // By two indexes; one query over both, or in the order of listings, would read a row for every listing.
        let of = |side: &str| {
            self.database.all(&format!("SELECT listing FROM due WHERE {side}"), values![&today], |row| row.get(0))
        };
        let mut due: Vec<u32> = of("until <= ?1")?;
        due.extend(of("since > ?1")?);
        due.sort_unstable();
        due.dedup();
        Ok(due)
    }

    /// Keeps that a listing was assessed today, and when it may be another one by itself.
    pub(in crate::hub) fn settled(&mut self, listing: u32, turns: Option<Date>) -> Result<(), HubFault> {
        let since = self.today().to_string();
        let until = turns.map_or_else(|| NEVER.to_owned(), |day| day.to_string());
        let sql = "UPDATE due SET since = ?2, until = ?3 WHERE listing = ?1";
        self.all_marked = false;
        self.database.execute(sql, values![listing, &since, &until]).map(drop)
    }

    /// Puts a text that an assessment needs and that nobody has: no other listing is worded otherwise by it.
    pub(in crate::hub) fn put_worded(&mut self, reason: &Reason) -> Result<(), HubFault> {
        let kept = std::mem::replace(&mut self.all_marked, true);
        let put = self.put(&Record::Reason(reason.clone()));
        self.all_marked = kept;
        put
    }

    /// Marks the listings that a record is of.
    pub(super) fn mark_for(&mut self, record: &Record) -> Result<(), HubFault> {
        match record {
            Record::Listing(listing) => self.mark(listing.id),
            Record::Block(block) => self.mark(block.listing),
            Record::Exception(exception) => {
                self.block_of(exception.index)?.map_or(Ok(()), |block| self.mark(block.listing))
            }
            Record::Reason(_) => self.mark_all(),
            Record::Supplier(_) | Record::Key(_) | Record::Policy(_) => Ok(()),
        }
    }

    /// The same for one that goes. Of a text nobody is left who names it; but another one may have its words.
    pub(super) fn mark_for_dropped(&mut self, key: RecordKey) -> Result<(), HubFault> {
        match key {
            RecordKey::Listing(id) => self.mark(id),
            RecordKey::Reason(_) => self.mark_all(),
            RecordKey::Block(_) | RecordKey::Exception(_) | RecordKey::Supplier(_) | RecordKey::Key(_) => Ok(()),
        }
    }

    /// Marks the listings that a paper is of, as it is and as it was.
    pub(super) fn mark_for_paper(&mut self, key: PaperKey, papers: &[&Paper]) -> Result<(), HubFault> {
        match key {
            PaperKey::Product(id) | PaperKey::Word(id) | PaperKey::Review(id) => self.mark(id),
            PaperKey::Firm(supplier) => {
                let of_supplier = "key IN (SELECT key FROM record WHERE kind = 3 AND supplier = ?1)";
                self.database.execute(&format!("{MARK} {of_supplier} {MARKED}"), values![supplier]).map(drop)
            }
            PaperKey::Document(_) => papers.iter().try_for_each(|paper| match paper {
                Paper::Document(document) => self.mark(document.listing),
                Paper::Firm(_)
                | Paper::Product(_)
                | Paper::Word(_)
                | Paper::Review(_)
                | Paper::Rulebook(_)
                | Paper::Source(_)
                | Paper::Answers(_)
                | Paper::Account(_)
                | Paper::Proposal(_) => Ok(()),
            }),
            PaperKey::Answers(document) => {
                let document = self.papers().document(document)?;
                document.map_or(Ok(()), |document| self.mark(document.listing))
            }
            PaperKey::Rulebook(_) => self.mark_all(),
            // Who may sign in grades nothing, and what is proposed does not until it is confirmed.
            PaperKey::Account(_) | PaperKey::Proposal(_) => Ok(()),
            PaperKey::Source(_) => {
                let sources = papers
                    .iter()
                    .filter_map(|paper| if let Paper::Source(source) = paper { Some(source) } else { None });
                let kinds: BTreeSet<String> = sources.flat_map(|source| source.kinds.iter().cloned()).collect();
                self.mark_kinds(&kinds)
            }
        }
    }

    fn mark(&mut self, listing: u32) -> Result<(), HubFault> {
        self.database.execute(&format!("{MARK} key = ?1 {MARKED}"), values![listing]).map(drop)
    }

    /// Once, however many texts an import brings.
    fn mark_all(&mut self) -> Result<(), HubFault> {
        if !std::mem::replace(&mut self.all_marked, true) {
            self.database.execute("UPDATE due SET until = ''", &[])?;
        }
        Ok(())
    }

    /// Marks the listings that have a document of one of these kinds.
    fn mark_kinds(&mut self, kinds: &BTreeSet<String>) -> Result<(), HubFault> {
        let mut listings = BTreeSet::new();
        let sql = "SELECT body FROM paper WHERE kind = ?1";
        self.database.each(sql, values![schema::DOCUMENT], &mut |row| {
            if let Paper::Document(document) = row.json(0)?
                && kinds.contains(&document.kind)
            {
                listings.insert(document.listing);
            }
            Ok(())
        })?;
        listings.into_iter().try_for_each(|listing| self.mark(listing))
    }
}
