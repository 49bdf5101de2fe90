//! What reviews found at the docks: picked out of the rows as they come in, taken up by the registry later.

use serde::Deserialize;

use super::{Receiver, Taker};
use crate::hub::HubFault;
use crate::hub::database::values;
use crate::store::journal::Sealed;

/// Most of them that are taken up at once.
const BATCH: u32 = 1000;

/// What a review found, by the row that tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// Whose journal the row is in.
    pub kiosk: String,
    /// Which of that kiosk's journals, as hexadecimal digits.
    pub epoch: String,
    /// The row.
    pub seq: u64,
    /// The listing.
    pub listing: u32,
    /// Whether the item was as it should be.
    pub passed: bool,
}

/// Of a row only this, whatever its program's version.
#[derive(Deserialize)]
struct Row {
    entry: Entry,
}

#[derive(Deserialize)]
struct Entry {
    what: What,
}

#[derive(Deserialize)]
struct What {
    reviewed: Reviewed,
}

#[derive(Deserialize)]
struct Reviewed {
    /// A code that names no listing moves none.
    listing: Option<u32>,
    passed: bool,
}

impl Taker<'_> {
    /// Keeps what a row tells of a review. Other rows, nearly all, are not even parsed.
    pub(super) fn keep_found(&self, row: &Sealed) -> Result<(), HubFault> {
        if !row.body.contains(r#""what":{"reviewed":"#) {
            return Ok(());
        }
        let Ok(Row { entry: Entry { what: What { reviewed } } }) = serde_json::from_str(&row.body) else {
            return Ok(());
        };
        let Reviewed { listing: Some(listing), passed } = reviewed else { return Ok(()) };
        let sql = "INSERT INTO found (kiosk, epoch, seq, listing, passed, counted) VALUES (?1, ?2, ?3, ?4, ?5, 0)";
        self.database.execute(sql, values![self.kiosk, self.epoch, row.seq, listing, passed]).map(drop)
    }
}

impl Receiver {
    /// What reviews found and the registry has not taken up yet, each journal in its order, so many at once.
    ///
    /// # Errors
    /// The database's.
    pub fn found(&self) -> Result<Vec<FoundRow>, HubFault> {
        let sql = "SELECT kiosk, epoch, seq, listing, passed FROM found WHERE counted = 0
                   ORDER BY kiosk, epoch, seq LIMIT ?1";
        self.database.all(sql, values![BATCH], |row| {
            let passed: u8 = row.get(4)?;
            Ok(FoundRow {
                kiosk: row.get(0)?,
                epoch: row.get(1)?,
                seq: row.get(2)?,
                listing: row.get(3)?,
                passed: passed == 1,
            })
        })
    }

    /// The registry has taken this up.
    ///
    /// # Errors
    /// The database's.
    pub fn counted(&mut self, found: &FoundRow) -> Result<(), HubFault> {
        let sql = "UPDATE found SET counted = 1 WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3";
        self.database.execute(sql, values![&found.kiosk, &found.epoch, found.seq]).map(drop)
    }
}
