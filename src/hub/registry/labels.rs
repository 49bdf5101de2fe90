//! The labels that were issued. Nothing of them ever changes: what is printed cannot be called back.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use rusqlite::{Connection, params, params_from_iter};
use serde::Serialize;

use super::{Changes, HubFault, Registry, time};
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
        let found = labels(&self.connection, "listing = ?", [listing, u32::MAX]);
        found.map_err(HubFault::database(&self.path))
    }
}

/// The labels that `which` tells, with its numbers and with how many there may be at most.
fn labels<const N: usize>(
    connection: &Connection,
    which: &str,
    numbers: [u32; N],
) -> rusqlite::Result<Vec<IssuedLabel>> {
    let sql = format!("SELECT idx, listing, slot, text, at FROM label WHERE {which} ORDER BY idx LIMIT ?");
    let mut query = connection.prepare_cached(&sql)?;
    let rows = query.query_map(params_from_iter(numbers), |row| {
        let at = time(row, 4)?;
        Ok(IssuedLabel { index: row.get(0)?, listing: row.get(1)?, slot: row.get(2)?, text: row.get(3)?, at })
    })?;
    rows.collect()
}

impl Changes<'_> {
    /// Keeps a label that is issued with these changes.
    ///
    /// # Errors
    /// There is a label with this index, or the database's.
    pub fn record_label(&mut self, index: u32, listing: u32, slot: u16, text: &str) -> Result<(), HubFault> {
        self.connection
            .prepare_cached("INSERT INTO label VALUES (?, ?, ?, ?, ?)")
            .and_then(|mut query| query.execute(params![index, listing, slot, text, self.at]))
            .map(drop)
            .map_err(HubFault::database(self.path))
    }

    /// The first `most` labels of a listing.
    pub(in crate::hub) fn labels_of(&self, listing: u32, most: u32) -> Result<Vec<IssuedLabel>, HubFault> {
        labels(self.connection, "listing = ?", [listing, most]).map_err(HubFault::database(self.path))
    }

    /// The first `most` labels with these indexes.
    pub(in crate::hub) fn labels_in(
        &self,
        indexes: &RangeInclusive<u32>,
        most: u32,
    ) -> Result<Vec<IssuedLabel>, HubFault> {
        let found = labels(self.connection, "idx BETWEEN ? AND ?", [*indexes.start(), *indexes.end(), most]);
        found.map_err(HubFault::database(self.path))
    }

    /// The serials that labels of a product carry already, whoever supplies it, with the labels' indexes.
    ///
    /// # Errors
    /// The database's.
    pub fn serials(&self, gtin: Gtin) -> Result<BTreeMap<String, u32>, HubFault> {
        let fault = HubFault::database(self.path);
        let sql = "SELECT idx, text FROM label WHERE listing IN
                       (SELECT key FROM record WHERE kind = 3 AND body ->> '$.listing.gtin' = ?)";
        let mut query = self.connection.prepare_cached(sql).map_err(&fault)?;
        let mut rows = query.query([gtin.to_string()]).map_err(&fault)?;
        let mut serials = BTreeMap::new();
        while let Some(row) = rows.next().map_err(&fault)? {
            let text = row.get_ref(1).and_then(|text| Ok(text.as_str()?)).map_err(&fault)?;
            if let Some(serial) = serial_of(text) {
                serials.insert(serial.to_owned(), row.get(0).map_err(&fault)?);
            }
        }
        Ok(serials)
    }
}

/// The serial in a text of our own: it is the last element of the path, and in no lot there is a stroke.
fn serial_of(text: &str) -> Option<&str> {
    let (_, serial) = text.rsplit_once("/21/")?;
    Some(serial.split_once('?').map_or(serial, |(serial, _)| serial))
}
