//! Changes on their way into one transaction, each checked against what is there.

use std::collections::HashSet;

use super::columns::Columns;
use super::log::last_row;
use super::{Author, block_of, newest, record, schema};
use crate::hub::HubFault;
use crate::hub::database::{Database, Row, values};
use crate::rules::record::{Block, Listing, Record, RecordKey};

/// Changes on their way into one transaction.
#[derive(Debug)]
pub struct Changes<'a> {
    pub(super) database: &'a Database,
    author: &'a Author,
    pub(super) at: String,
    version: u64,
    /// The number of the newest change: they count without a gap.
    seq: u64,
    pub(super) made: u64,
    /// Why the next changes are made, where it is not the author's reason.
    because: Option<String>,
    /// Records that were found to be there: an import names the same few a million times.
    there: HashSet<(u8, u32)>,
    /// Whether every listing is marked to be assessed anew.
    pub(super) all_marked: bool,
}

impl<'a> Changes<'a> {
    /// Within a change of `database`.
    pub(super) fn begin(database: &'a Database, author: &'a Author) -> Result<Self, HubFault> {
        let version = newest(database)?.map_or(0, |release| release.version) + 1;
        let seq = last_row(database)?;
        Ok(Self {
            database,
            author,
            at: author.at.to_string(),
            version,
            seq,
            made: 0,
            because: None,
            there: HashSet::new(),
            all_marked: false,
        })
    }

    /// How many changes were made so far. What was put and is the same as before does not count.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.made
    }

    /// What the changes are made in.
    pub(in crate::hub) fn database(&self) -> &'a Database {
        self.database
    }

    /// The date on which these changes are made.
    pub(in crate::hub) fn today(&self) -> jiff::civil::Date {
        crate::hub::document::date(self.author)
    }

    /// Gives the changes that follow a reason of their own.
    pub(in crate::hub) fn because(&mut self, why: Option<String>) {
        self.because = why;
    }

    /// Inserts a record, or replaces the one with its key. One that is the same already changes nothing.
    ///
    /// # Errors
    /// The record makes no sense by itself, names what is not there, overlaps another block, or is a second listing of a
    /// supplier's product.
    pub fn put(&mut self, record: &Record) -> Result<(), HubFault> {
        record.check().map_err(HubFault::Refused)?;
        self.check_references(record)?;
        let (kind, key) = schema::place(record);
        let body = serde_json::to_string(record).map_err(|error| HubFault::Refused(error.to_string()))?;
        let sql = "SELECT body FROM record WHERE kind = ?1 AND key = ?2";
        let same = |row: &Row<'_>| Ok(row.text_or_null(0)? == Some(&body));
        if self.database.one(sql, values![kind, key], same)? == Some(true) {
            return Ok(());
        }
        self.write(kind, key, Some(&body), &Columns::of(record))?;
        self.mark_for(record)
    }

    /// Removes a record.
    ///
    /// # Errors
    /// There is none with this key, or another record names it.
    pub fn drop(&mut self, key: RecordKey) -> Result<(), HubFault> {
        if !self.has(key)? {
            return Err(HubFault::Refused(format!("there is no {}", named(key))));
        }
        if let Some(user) = self.user_of(key)? {
            return Err(HubFault::Refused(format!("{} is named by {}", named(key), named(user))));
        }
        let (kind, number) = schema::place_of(key);
        self.there.remove(&(kind, number));
        self.write(kind, number, None, &Columns::default())?;
        self.mark_for_dropped(key)
    }

    /// A record as these changes leave it; `None` asks for the policy.
    ///
    /// # Errors
    /// The database's.
    pub fn record(&self, key: Option<RecordKey>) -> Result<Option<Record>, HubFault> {
        record(self.database, key)
    }

    /// Whether there is a record with this key.
    ///
    /// # Errors
    /// The database's.
    pub fn has(&mut self, key: RecordKey) -> Result<bool, HubFault> {
        let place = schema::place_of(key);
        if self.there.contains(&place) {
            return Ok(true);
        }
        let sql = "SELECT 1 FROM record WHERE kind = ?1 AND key = ?2 AND body IS NOT NULL";
        let found = self.database.exists(sql, values![place.0, place.1])?;
        if found {
            self.there.insert(place);
        }
        Ok(found)
    }

    /// Whether a row that tells of a review is taken up for the first time; from now on it was.
    pub(in crate::hub) fn first_review(&self, kiosk: &str, epoch: &str, seq: u64) -> Result<bool, HubFault> {
        let sql =
            "INSERT INTO reviewed (kiosk, epoch, seq) VALUES (?1, ?2, ?3) ON CONFLICT (kiosk, epoch, seq) DO NOTHING";
        Ok(self.database.execute(sql, values![kiosk, epoch, seq])? == 1)
    }

    /// The block that a label's index belongs to.
    ///
    /// # Errors
    /// The database's.
    pub fn block_of(&self, index: u32) -> Result<Option<Block>, HubFault> {
        block_of(self.database, index)
    }

    /// Indexes of a listing's labels that have a grade of their own.
    ///
    /// # Errors
    /// The database's.
    pub fn exceptions_of(&self, listing: u32) -> Result<Vec<u32>, HubFault> {
        let sql = "SELECT e.key FROM record b JOIN record e
                       ON e.kind = 6 AND e.key BETWEEN b.key AND b.last AND e.body IS NOT NULL
                   WHERE b.kind = 5 AND b.listing = ?1 ORDER BY e.key";
        self.database.all(sql, values![listing], |row| row.get(0))
    }

    /// Takes the next `count` label indexes for a listing. An index that was once taken is never taken again.
    ///
    /// # Errors
    /// There are not so many left.
    pub fn take_block(&mut self, listing: u32, count: u32) -> Result<Block, HubFault> {
        let sql = "SELECT coalesce(max(last), 0) FROM change WHERE kind = 5";
        let used: u32 = self.database.one(sql, &[], |row| row.get(0))?.unwrap_or_default();
        let range = used.checked_add(1).zip(used.checked_add(count)).filter(|_| count > 0);
        let (first, last) =
            range.ok_or_else(|| HubFault::Refused(format!("there are no {count} label indexes to take")))?;
        let block = Block { first, last, listing };
        self.put(&Record::Block(block))?;
        Ok(block)
    }

    fn write(&mut self, kind: u8, key: u32, body: Option<&str>, columns: &Columns) -> Result<(), HubFault> {
        // Only for the same key, so that a second listing of a product is a fault and not a replacement.
        let sql = "INSERT INTO record (kind, key, body, version, gtin, supplier, listing, last)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body, version = excluded.version,
                       gtin = excluded.gtin, supplier = excluded.supplier, listing = excluded.listing, last = excluded.last";
        let Columns { gtin, supplier, listing, last, .. } = columns;
        let gtin = gtin.as_deref();
        self.database.execute(sql, values![kind, key, body, self.version, gtin, *supplier, *listing, *last])?;
        self.made += 1;
        self.log(kind, key, body, columns)
    }

    /// Keeps what was done, who did it, when and why.
    pub(super) fn log(&mut self, kind: u8, key: u32, body: Option<&str>, columns: &Columns) -> Result<(), HubFault> {
        let Author { who, why, .. } = self.author;
        let why = self.because.as_ref().unwrap_or(why);
        let Columns { listing, last, .. } = *columns;
        self.seq += 1;
        let sql = "INSERT INTO change (seq, at, who, why, kind, key, version, body, listing, last)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let change = values![self.seq, &self.at, who, why, kind, key, self.version, body, listing, last];
        self.database.execute(sql, change).map(drop)
    }

    fn check_references(&mut self, record: &Record) -> Result<(), HubFault> {
        let mut needs = |key: RecordKey| {
            if self.has(key)? {
                return Ok(());
            }
            let owner = record.key().map_or_else(|| "the policy".to_owned(), named);
            Err(HubFault::Refused(format!("{owner} names {}, which is not there", named(key))))
        };
        match record {
            Record::Listing(listing) => {
                needs(RecordKey::Supplier(listing.supplier))?;
                let texts = listing.reason.iter().chain(&listing.missing).chain(&listing.inspect);
                texts.copied().map(RecordKey::Reason).try_for_each(needs)?;
                self.check_product(listing)
            }
            Record::Block(block) => {
                needs(RecordKey::Listing(block.listing))?;
                self.check_block(block)?;
                self.check_overlap(block)
            }
            Record::Exception(exception) => exception.reason.map(RecordKey::Reason).map_or(Ok(()), needs),
            Record::Supplier(_) | Record::Key(_) | Record::Reason(_) | Record::Policy(_) => Ok(()),
        }
    }

    /// Two listings of a supplier's product could say two different things of it.
    fn check_product(&self, listing: &Listing) -> Result<(), HubFault> {
        let sql = "SELECT key FROM record WHERE kind = 3 AND gtin = ?1 AND supplier = ?2 AND key <> ?3";
        let gtin = listing.gtin.to_string();
        let values = values![&gtin, listing.supplier, listing.id];
        let other: Option<u32> = self.database.one(sql, values, |row| row.get(0))?;
        let Some(other) = other else { return Ok(()) };
        let Listing { id, supplier, gtin, .. } = listing;
        let message =
            format!("listing {id} is of supplier {supplier} and GTIN `{gtin}`, as listing {other} is already");
        Err(HubFault::Refused(format!("{message}; a supplier's product has one listing")))
    }

    /// Labels of a block may be in the world. Under another listing, or under none, they could be green again.
    fn check_block(&self, block: &Block) -> Result<(), HubFault> {
        let Some(Record::Block(before)) = self.record(Some(RecordKey::Block(block.first)))? else { return Ok(()) };
        if before.listing == block.listing && before.last <= block.last {
            return Ok(());
        }
        let Block { first, last, listing } = before;
        let message = format!("labels {first} to {last} are of listing {listing}, and a block cannot lose labels");
        Err(HubFault::Refused(message))
    }

    /// The blocks that are there do not overlap, so only the last one that begins before the new one's end can.
    fn check_overlap(&self, block: &Block) -> Result<(), HubFault> {
        let sql = "SELECT key, last FROM record
                   WHERE kind = 5 AND body IS NOT NULL AND key <> ?1 AND key <= ?2 ORDER BY key DESC LIMIT 1";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let other: Option<(u32, u32)> = self.database.one(sql, values![block.first, block.last], read)?;
        match other.filter(|(_, last)| *last >= block.first) {
            Some((other, _)) => Err(HubFault::Refused(format!("block {} overlaps block {other}", block.first))),
            None => Ok(()),
        }
    }

    /// A record that names this one.
    fn user_of(&self, key: RecordKey) -> Result<Option<RecordKey>, HubFault> {
        let (sql, id) = match key {
            RecordKey::Supplier(id) => ("SELECT kind, key FROM record WHERE kind = 3 AND supplier = ?1 LIMIT 1", id),
            RecordKey::Listing(id) => ("SELECT kind, key FROM record WHERE kind = 5 AND listing = ?1 LIMIT 1", id),
            RecordKey::Reason(id) => return self.user_of_reason(id),
            RecordKey::Block(_) | RecordKey::Exception(_) | RecordKey::Key(_) => return Ok(None),
        };
        let place = self.database.one(sql, values![id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(place.and_then(|(kind, key)| schema::key_at(kind, key)))
    }

    /// A text is dropped so seldom that all who could name it are looked through.
    fn user_of_reason(&self, id: u32) -> Result<Option<RecordKey>, HubFault> {
        let mut found = None;
        let sql = "SELECT body FROM record WHERE kind IN (3, 6) AND body IS NOT NULL";
        self.database.each(sql, &[], &mut |row| {
            let record: Record = row.json(0)?;
            let names_it = match &record {
                Record::Listing(listing) => {
                    listing.reason.iter().chain(&listing.missing).chain(&listing.inspect).any(|text| *text == id)
                }
                Record::Exception(exception) => exception.reason == Some(id),
                Record::Supplier(_) | Record::Block(_) | Record::Key(_) | Record::Reason(_) | Record::Policy(_) => {
                    false
                }
            };
            if names_it {
                found = record.key();
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// A record in words.
pub(super) fn named(key: RecordKey) -> String {
    match key {
        RecordKey::Supplier(id) => format!("supplier {id}"),
        RecordKey::Listing(id) => format!("listing {id}"),
        RecordKey::Block(first) => format!("block {first}"),
        RecordKey::Exception(index) => format!("exception {index}"),
        RecordKey::Key(slot) => format!("key {slot}"),
        RecordKey::Reason(id) => format!("reason {id}"),
    }
}
