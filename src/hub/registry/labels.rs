//! The labels that were issued. Nothing of them ever changes: what is printed cannot be called back.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use serde::Serialize;

use super::{Changes, HubFault, Registry};
use crate::hub::database::{Database, Value, values};
use crate::rules::code::Gtin;

/// A label that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssuedLabel {
    /// Its index.
    pub index: u32,
    /// The listing that it speaks of.
    pub listing: u32,
    /// The slot of the key that signed it.
    pub slot: u16,
    /// What its QR code says.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

impl Registry {
    /// The labels of a listing, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn labels(&self, listing: u32) -> Result<Vec<IssuedLabel>, HubFault> {
        labels(&self.database, "listing = ?1", [listing, u32::MAX])
    }
}

/// The labels that `which` tells, with its numbers and with how many there may be at most.
fn labels<const N: usize>(database: &Database, which: &str, numbers: [u32; N]) -> Result<Vec<IssuedLabel>, HubFault> {
    let sql = format!("SELECT idx, listing, slot, text, at FROM label WHERE {which} ORDER BY idx LIMIT ?{N}");
    database.all(&sql, &numbers.map(Value::from), |row| {
        let (listing, slot) = (row.get(1)?, row.get(2)?);
        Ok(IssuedLabel { index: row.get(0)?, listing, slot, text: row.get(3)?, at: row.time(4)? })
    })
}

impl Changes<'_> {
    /// Keeps a label that is issued with these changes.
    ///
    /// # Errors
    /// There is a label with this index, or the database's.
    pub fn record_label(&mut self, index: u32, listing: u32, slot: u16, text: &str) -> Result<(), HubFault> {
        let sql = "INSERT INTO label (idx, listing, slot, text, at) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.database.execute(sql, values![index, listing, slot, text, &self.at]).map(drop)
    }

    /// The first `most` labels of a listing.
    pub(in crate::hub) fn labels_of(&self, listing: u32, most: u32) -> Result<Vec<IssuedLabel>, HubFault> {
        labels(self.database, "listing = ?1", [listing, most])
    }

    /// The first `most` labels with these indexes.
    pub(in crate::hub) fn labels_in(
        &self,
        indexes: &RangeInclusive<u32>,
        most: u32,
    ) -> Result<Vec<IssuedLabel>, HubFault> {
        labels(self.database, "idx BETWEEN ?1 AND ?2", [*indexes.start(), *indexes.end(), most])
    }

    /// The serials that labels of a product carry already, whoever supplies it, with the labels' indexes.
    ///
    /// # Errors
    /// The database's.
    pub fn serials(&self, gtin: Gtin) -> Result<BTreeMap<String, u32>, HubFault> {
        let sql = "SELECT idx, text FROM label WHERE listing IN (SELECT key FROM record WHERE kind = 3 AND gtin = ?1)";
        let mut serials = BTreeMap::new();
        self.database.each(sql, values![&gtin.to_string()], &mut |row| {
            if let Some(serial) = serial_of(row.text(1)?) {
                serials.insert(serial.to_owned(), row.get(0)?);
            }
            Ok(())
        })?;
        Ok(serials)
    }
}

/// The serial in a text of our own: it is the last element of the path, and in no lot there is a stroke.
fn serial_of(text: &str) -> Option<&str> {
    let (_, serial) = text.rsplit_once("/21/")?;
    Some(serial.split_once('?').map_or(serial, |(serial, _)| serial))
}
