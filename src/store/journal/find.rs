//! What the journal remembers of a code, an item or a delivery.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::schema::{PREVIOUS_HASH, code_digest};
use super::{Journal, Row};
use crate::rules::code::{Code, Gtin};
use crate::rules::delivery::{Delivery, Tally};
use crate::rules::entry::What;
use crate::rules::evidence::{Reviewing, TakenIn};
use crate::rules::ruling::Outcome;
use crate::store::StoreFault;

/// A row that was not replaced by a later one of the same showing.
pub(super) const STANDS: &str = "NOT EXISTS (SELECT * FROM row later WHERE later.replaces = row.seq)";

impl Journal {
    /// The newest acceptance of this item that stands.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn taken_in(&self, gtin: Gtin, serial: &str) -> Result<Option<TakenIn>, StoreFault> {
        let sql = format!(
            "SELECT seq FROM row WHERE gtin = ? AND serial = ? AND outcome = 'accept' AND {STANDS}
             ORDER BY seq DESC LIMIT 1"
        );
        let seq = self.one(&sql, params![gtin.number(), serial])?;
        let Some(row) = seq.map(|seq| self.row(seq)).transpose()?.flatten() else {
            return self.taken_in_before(gtin, serial);
        };
        Ok(Some(TakenIn { at: row.entry.at, kiosk: row.kiosk, seq: row.seq }))
    }

    /// How far the review of this very item has come; for a code without a serial number that of the code, if the newest
    /// verdict or the newest check is of it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn reviewing(&self, code: &Code) -> Result<Reviewing, StoreFault> {
        let fault = StoreFault::database(&self.path);
        let is_item = code.product().is_some_and(|product| product.serial.is_some());
        let newest = "seq = (SELECT max(seq) FROM row WHERE what IN ('verdict', 'reviewed'))";
        let sql = format!(
            "SELECT seq, slug FROM row WHERE code = ? AND slug IN ('review', 'review-passed', 'review-failed')
             {} ORDER BY seq DESC LIMIT 1",
            if is_item { String::new() } else { format!("AND {newest}") }
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(&fault)?;
        let read = |row: &rusqlite::Row<'_>| {
            let (seq, slug): (u64, String) = row.try_into()?;
            let nothing = Reviewing::default();
            Ok(match slug.as_str() {
                "review-passed" => Reviewing { passed: Some(seq), ..nothing },
                "review-failed" => Reviewing { failed: Some(seq), ..nothing },
                _ => Reviewing { drawn: Some(seq), ..nothing },
            })
        };
        let found = statement.query_row([code_digest(code)], read).optional().map_err(&fault)?;
        Ok(found.unwrap_or_default())
    }

    /// The codes whose verdicts were shown since a moment, each once.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn codes_since(&self, since: Timestamp) -> Result<Vec<Code>, StoreFault> {
        const BATCH: u64 = 256;
        let (mut codes, mut known, mut next) = (Vec::new(), BTreeSet::new(), 0_u64);
        loop {
            let rows = self.rows("WHERE seq > ? AND what = 'verdict' ORDER BY seq LIMIT ?", params![next, BATCH])?;
            let Some(last) = rows.last() else { return Ok(codes) };
            next = last.seq;
            for row in rows.into_iter().filter(|row| row.entry.at >= since) {
                let What::Verdict(judgement) = row.entry.what else { continue };
                if known.insert(code_digest(&judgement.evidence.code)) {
                    codes.push(judgement.evidence.code);
                }
            }
        }
    }

    /// The delivery that has begun and not ended, counted from its rows.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn open_delivery(&self) -> Result<Option<Delivery>, StoreFault> {
        let newest = "SELECT max(seq) FROM row WHERE what LIKE 'delivery%'";
        let Some(row) = self.one(newest, params![])?.map(|seq| self.row(seq)).transpose()?.flatten() else {
            return Ok(None);
        };
        let started = row.entry.what == crate::rules::entry::What::DeliveryStarted;
        let Some(id) = row.entry.delivery.filter(|_| started) else { return Ok(None) };
        Ok(Some(Delivery { tally: self.tally(row.seq, &id)?, id, started: row.entry.at }))
    }

    fn tally(&self, since: u64, delivery: &str) -> Result<Tally, StoreFault> {
        let count = |outcome| {
            let sql = format!("SELECT count(*) FROM row WHERE seq > ? AND delivery = ? AND outcome = ? AND {STANDS}");
            let count = self.one(&sql, params![since, delivery, super::schema::outcome_name(outcome)])?;
            Ok::<_, StoreFault>(u32::try_from(count.unwrap_or_default()).unwrap_or(u32::MAX))
        };
        Ok(Tally { accepted: count(Outcome::Accept)?, held: count(Outcome::Hold)?, rejected: count(Outcome::Reject)? })
    }

    /// The version of the list that the newest row was decided by; none if no row knew one since the kiosk moved to
    /// another authority.
    ///
    /// # Errors
    /// The database cannot be read, or a row on the way makes no sense.
    pub fn newest_list(&self) -> Result<Option<u64>, StoreFault> {
        let knows =
            "CASE WHEN json_valid(body) THEN json_extract(body, '$.entry.cache_version') IS NOT NULL ELSE 1 END";
        let rows = self.rows(&format!("WHERE what = 'moved' OR {knows} ORDER BY seq DESC LIMIT 1"), params![])?;
        Ok(rows.first().and_then(|row| row.entry.cache_version))
    }

    /// One row.
    ///
    /// # Errors
    /// The database cannot be read, or the row makes no sense.
    pub fn row(&self, seq: u64) -> Result<Option<Row>, StoreFault> {
        Ok(self.rows("WHERE seq = ?", params![seq])?.pop())
    }

    /// The newest `count` rows, newest first.
    ///
    /// # Errors
    /// The database cannot be read, or a row makes no sense.
    pub fn recent(&self, count: usize) -> Result<Vec<Row>, StoreFault> {
        self.rows("ORDER BY seq DESC LIMIT ?", params![count as u64])
    }

    /// The hash of one row.
    pub(super) fn hash_of(&self, seq: u64) -> Result<Option<[u8; 32]>, StoreFault> {
        let fault = StoreFault::database(&self.path);
        let mut statement = self.connection.prepare_cached("SELECT hash FROM row WHERE seq = ?").map_err(&fault)?;
        statement.query_row([seq], |row| row.get(0)).optional().map_err(&fault)
    }

    fn one(&self, sql: &str, params: &[&dyn rusqlite::ToSql]) -> Result<Option<u64>, StoreFault> {
        let fault = StoreFault::database(&self.path);
        let mut statement = self.connection.prepare_cached(sql).map_err(&fault)?;
        let found = statement.query_row(params, |row| row.get::<_, Option<u64>>(0)).optional();
        found.map(Option::flatten).map_err(&fault)
    }

    pub(super) fn rows(&self, which: &str, params: &[&dyn rusqlite::ToSql]) -> Result<Vec<Row>, StoreFault> {
        let fault = StoreFault::database(&self.path);
        let sql = format!("SELECT seq, body, hash, {PREVIOUS_HASH} FROM row {which}");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&fault)?;
        let mut found = statement.query(params).map_err(&fault)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(&fault)? {
            let seq: u64 = row.get(0).map_err(&fault)?;
            let body: String = row.get(1).map_err(&fault)?;
            let before: Option<[u8; 32]> = row.get(3).map_err(&fault)?;
            let before = before.unwrap_or_else(|| super::chain::beginning(&self.kiosk, &self.epoch));
            let row = Row::parse(&body, before, row.get(2).map_err(&fault)?);
            rows.push(row.map_err(|what| StoreFault::Broken { path: self.path.clone(), seq, what })?);
        }
        Ok(rows)
    }
}
