//! The part of a journal that a request is about: asked for once, and what it adds is written at once.
//!
//! A row needs its place, the row before it and the one behind it looked at. Asked for one by one, that is five questions
//! for each row, and most of the time is spent on the way to the database.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::rows::counts;
use crate::hub::HubFault;
use crate::hub::database::{Database, Row, Value, values};
use crate::store::journal::Sealed;

/// Numbers may lie so many times as far apart as there are lines; else they are not worth to be brought together.
const SPREAD: u64 = 2;
/// Rows in one statement, largest first; each size is a statement of its own that is kept ready.
const BATCHES: [usize; 3] = [64, 8, 1];

/// A row that is here.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub body: String,
    pub hash: [u8; 32],
}

/// A part of one journal.
pub(super) struct Window<'a> {
    database: &'a Database,
    kiosk: &'a str,
    epoch: &'a str,
    /// What is known of these numbers is all that there is.
    span: RangeInclusive<u64>,
    rows: BTreeMap<u64, Kept>,
    parked: BTreeSet<u64>,
    /// Rows that are not written yet.
    added: Vec<u64>,
}

impl<'a> Window<'a> {
    /// The rows with these numbers and their neighbours.
    pub fn open(
        database: &'a Database,
        kiosk: &'a str,
        epoch: &'a str,
        numbers: &[Option<u64>],
    ) -> Result<Self, HubFault> {
        let known = || numbers.iter().copied().flatten();
        let (first, last) = (known().min().unwrap_or(1), known().max().unwrap_or(0));
        let is_dense = last.saturating_sub(first) <= SPREAD * numbers.len() as u64;
        let span = if is_dense { first.saturating_sub(1)..=last + 1 } else { RangeInclusive::new(1, 0) };
        let mut window =
            Self { database, kiosk, epoch, span, rows: BTreeMap::new(), parked: BTreeSet::new(), added: Vec::new() };
        window.look()?;
        Ok(window)
    }

    fn look(&mut self) -> Result<(), HubFault> {
        if self.span.is_empty() {
            return Ok(());
        }
        let values = values![self.kiosk, self.epoch, *self.span.start(), *self.span.end()];
        let sql = "SELECT seq, body, hash FROM row WHERE kiosk = ?1 AND epoch = ?2 AND seq BETWEEN ?3 AND ?4";
        let (rows, parked) = (&mut self.rows, &mut self.parked);
        self.database.each(sql, values, &mut |row| {
            rows.insert(row.get(0)?, kept(row, 1)?);
            Ok(())
        })?;
        let sql = "SELECT seq FROM parked WHERE kiosk = ?1 AND epoch = ?2 AND seq BETWEEN ?3 AND ?4";
        self.database.each(sql, values, &mut |row| {
            parked.insert(row.get(0)?);
            Ok(())
        })
    }

    /// The row with a number, if it is here.
    pub fn row(&self, seq: u64) -> Result<Option<Cow<'_, Kept>>, HubFault> {
        if self.span.contains(&seq) {
            return Ok(self.rows.get(&seq).map(Cow::Borrowed));
        }
        let sql = "SELECT body, hash FROM row WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3";
        let found = self.database.one(sql, values![self.kiosk, self.epoch, seq], |row| kept(row, 0))?;
        Ok(found.map(Cow::Owned))
    }

    /// Whether a number is here, as a row or parked.
    pub fn has(&self, seq: u64) -> Result<bool, HubFault> {
        if self.span.contains(&seq) {
            return Ok(self.rows.contains_key(&seq) || self.parked.contains(&seq));
        }
        let sql = "SELECT EXISTS (SELECT * FROM row WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3)
                       OR EXISTS (SELECT * FROM parked WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3)";
        let found = self.database.one(sql, values![self.kiosk, self.epoch, seq], |row| row.get(0))?;
        Ok(found.unwrap_or_default())
    }

    /// Adds a row that is not here; it is written with the others.
    pub fn add(&mut self, row: Sealed) -> Result<(), HubFault> {
        debug_assert!(counts(row.seq));
        self.rows.insert(row.seq, Kept { body: row.body, hash: row.hash });
        self.added.push(row.seq);
        // What is asked for outside of the span is asked of the database.
        if self.span.contains(&row.seq) { Ok(()) } else { self.write() }
    }

    /// A number was parked.
    pub fn note_parked(&mut self, seq: u64) {
        self.parked.insert(seq);
    }

    /// Writes what was added.
    pub fn write(&mut self) -> Result<(), HubFault> {
        let added = std::mem::take(&mut self.added);
        let mut rest = &added[..];
        for size in BATCHES {
            while rest.len() >= size {
                let (batch, behind) = rest.split_at(size);
                self.insert(batch)?;
                rest = behind;
            }
        }
        Ok(())
    }

    fn insert(&self, batch: &[u64]) -> Result<(), HubFault> {
        let mut values: Vec<Value<'_>> = vec![self.kiosk.into(), self.epoch.into()];
        let mut places = Vec::with_capacity(batch.len());
        for seq in batch {
            let Some(Kept { body, hash }) = self.rows.get(seq) else { continue };
            let next = values.len() + 1;
            places.push(format!("(?1, ?2, ?{next}, ?{}, ?{})", next + 1, next + 2));
            values.extend([Value::from(*seq), body.into(), hash.into()]);
        }
        let sql = format!("INSERT INTO row (kiosk, epoch, seq, body, hash) VALUES {}", places.join(", "));
        self.database.execute(&sql, &values).map(drop)
    }
}

fn kept(row: &Row<'_>, first: usize) -> Result<Kept, HubFault> {
    Ok(Kept { body: row.get(first)?, hash: row.get(first + 1)? })
}
