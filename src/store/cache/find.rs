//! What the list says of a code.

use rusqlite::{CachedStatement, OptionalExtension, Row};

use super::schema::HALVES;
use super::{Cache, StoreFault};
use crate::rules::code::{Code, Grade, Gtin, SignedLabel};
use crate::rules::evidence::{ExceptionFacts, Found, LISTINGS_LIMIT, ListingFacts};
use crate::rules::record::{Key, ReviewLevel};
use crate::rules::text::Text;

const LISTING: &str = "l.id, l.gtin, s.zh, s.en, l.zh, l.en, l.grade, l.reason, l.missing, l.review, l.inspect";

impl Cache {
    /// Everything about `code`: for a quality code its key, its exception and the listing of its index; for an unsigned
    /// one every listing of its product.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn find(&self, code: &Code) -> Result<Found, StoreFault> {
        self.found(code).map_err(StoreFault::database(&self.path))
    }

    /// The key in `slot`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn key(&self, slot: u16) -> Result<Option<Key>, StoreFault> {
        self.key_in(slot).map_err(StoreFault::database(&self.path))
    }

    /// In one transaction: a delta that arrives between two questions must not mix two lists.
    fn found(&self, code: &Code) -> rusqlite::Result<Found> {
        let transaction = self.connection.unchecked_transaction()?;
        let found = match code {
            Code::Signed(label) => self.of_label(label)?,
            Code::Unsigned(product) => self.of_product(product.gtin)?,
            Code::Broken(_) | Code::Delivery(_) | Code::Other => Found::default(),
        };
        transaction.commit()?;
        Ok(found)
    }

    fn of_label(&self, label: &SignedLabel) -> rusqlite::Result<Found> {
        Ok(Found {
            key: self.key_in(label.header.key_slot)?,
            exception: self.exception(label.header.index)?,
            listings: self.listing_of(label.header.index)?,
        })
    }

    fn of_product(&self, gtin: Gtin) -> rusqlite::Result<Found> {
        let mut listings = self.listings_where("gtin", gtin.number())?;
        listings.sort_by_key(|listing| listing.id);
        listings.truncate(LISTINGS_LIMIT);
        Ok(Found { listings, ..Found::default() })
    }

    /// The first ones of either half.
    fn listings_where(&self, column: &str, value: u64) -> rusqlite::Result<Vec<ListingFacts>> {
        let mut listings = Vec::new();
        for half in HALVES {
            let mut statement = self.prepare(&format!(
                "SELECT {LISTING} FROM {half}_listing l JOIN supplier s ON s.id = l.supplier
                 WHERE l.{column} = ? ORDER BY l.id LIMIT {LISTINGS_LIMIT}"
            ))?;
            let rows = statement.query_map([value], |row| self.listing(row))?;
            for listing in rows {
                listings.push(listing?);
            }
        }
        Ok(listings)
    }

    fn key_in(&self, slot: u16) -> rusqlite::Result<Option<Key>> {
        let mut statement = self.prepare("SELECT public, cut_off FROM key WHERE slot = ?")?;
        let key = |row: &Row<'_>| Ok(Key { slot, public: row.get(0)?, cut_off: row.get(1)? });
        statement.query_row([slot], key).optional()
    }

    fn exception(&self, index: u32) -> rusqlite::Result<Option<ExceptionFacts>> {
        for half in HALVES {
            let mut statement = self.prepare(&format!("SELECT grade, reason FROM {half}_exception WHERE idx = ?"))?;
            let exception = |row: &Row<'_>| {
                let reason = row.get::<_, Option<u32>>(1)?.map(|id| self.text(id)).transpose()?;
                Ok(ExceptionFacts { grade: grade(row, 0)?, reason })
            };
            let found = statement.query_row([index], exception).optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The listing whose block has `index`, if any has.
    fn listing_of(&self, index: u32) -> rusqlite::Result<Vec<ListingFacts>> {
        let mut statement =
            self.prepare("SELECT last, listing FROM block WHERE first <= ? ORDER BY first DESC LIMIT 1")?;
        let block = |row: &Row<'_>| Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?));
        let block = statement.query_row([index], block).optional()?;
        let Some((_, id)) = block.filter(|(last, _)| index <= *last) else { return Ok(Vec::new()) };
        self.listings_where("id", id.into())
    }

    fn listing(&self, row: &Row<'_>) -> rusqlite::Result<ListingFacts> {
        let gtin = Gtin::from_number(row.get(1)?).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, 0))?;
        Ok(ListingFacts {
            id: row.get(0)?,
            gtin,
            supplier: Text::new(row.get::<_, String>(2)?, row.get::<_, String>(3)?),
            product: Text::new(row.get::<_, String>(4)?, row.get::<_, String>(5)?),
            grade: grade(row, 6)?,
            reason: row.get::<_, Option<u32>>(7)?.map(|id| self.text(id)).transpose()?,
            missing: self.texts(row, 8)?,
            review: review(row, 9)?,
            inspect: self.texts(row, 10)?,
        })
    }

    fn texts(&self, row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<Text>> {
        let Some(json) = row.get::<_, Option<String>>(column)? else { return Ok(Vec::new()) };
        let ids: Vec<u32> =
            serde_json::from_str(&json).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, 0))?;
        ids.into_iter().map(|id| self.text(id)).collect()
    }

    fn text(&self, id: u32) -> rusqlite::Result<Text> {
        let mut statement = self.prepare("SELECT zh, en FROM reason WHERE id = ?")?;
        statement.query_row([id], |row| Ok(Text::new(row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
    }

    fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.connection.prepare_cached(sql)
    }
}

/// How a grade is stored.
pub const fn grade_number(grade: Grade) -> u8 {
    match grade {
        Grade::Green => 1,
        Grade::Yellow => 2,
        Grade::Red => 3,
    }
}

pub(super) fn grade(row: &Row<'_>, column: usize) -> rusqlite::Result<Grade> {
    let number: i64 = row.get(column)?;
    [Grade::Green, Grade::Yellow, Grade::Red]
        .into_iter()
        .find(|grade| i64::from(grade_number(*grade)) == number)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(column, number))
}

const LEVELS: [ReviewLevel; 5] =
    [ReviewLevel::Skip, ReviewLevel::Reduced, ReviewLevel::Normal, ReviewLevel::Tightened, ReviewLevel::Stopped];

/// How a review level is stored: its place in [`LEVELS`].
pub fn review_number(level: ReviewLevel) -> i64 {
    LEVELS.iter().zip(0..).find(|(known, _)| **known == level).map_or(0, |(_, number)| number)
}

fn review(row: &Row<'_>, column: usize) -> rusqlite::Result<ReviewLevel> {
    let number: i64 = row.get(column)?;
    let level = usize::try_from(number).ok().and_then(|number| LEVELS.get(number).copied());
    level.ok_or(rusqlite::Error::IntegralValueOutOfRange(column, number))
}
