//! Rows that are old, and that are somewhere else too, leave the journal; what they leave behind.
//!
//! The chain goes on from the hash of the last row that left, which is kept in the same transaction. An item that was
//! taken in stays known for ever: a line of some forty bytes takes the place of its row. The pages that become free are
//! used again by the rows that come, so the file stops growing and does not shrink.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Deserialize;

use super::find::STANDS;
use super::{Journal, chain};
use crate::rules::clock::ClockTrust;
use crate::rules::code::Gtin;
use crate::rules::evidence::TakenIn;
use crate::store::StoreFault;

/// How far a journal's rows are somewhere else too: at the hub that answered for them, or in a file that was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// Which of the kiosk's journals.
    pub epoch: [u8; 16],
    /// Every row up to this number.
    pub seq: u64,
}

/// Where the rows that are here begin to follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchor {
    /// The last row that was pruned; 0 if none was.
    pub seq: u64,
    /// Its hash, or the journal's beginning.
    pub hash: [u8; 32],
    /// The newest trusted time of what was pruned.
    pub highest: Option<Timestamp>,
}

impl Anchor {
    pub fn read(connection: &Connection, kiosk: &str, epoch: &[u8; 16]) -> rusqlite::Result<Self> {
        let kept = connection.query_row("SELECT seq, hash, highest_ms FROM pruned", [], |row| {
            let highest: Option<i64> = row.get(2)?;
            let highest = highest.and_then(|ms| Timestamp::from_millisecond(ms).ok());
            Ok(Self { seq: row.get(0)?, hash: row.get(1)?, highest })
        });
        let beginning = Self { seq: 0, hash: chain::beginning(kiosk, epoch), highest: None };
        Ok(kept.optional()?.unwrap_or(beginning))
    }

    fn write(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        let mut replace = transaction.prepare_cached("INSERT OR REPLACE INTO pruned VALUES (1, ?, ?, ?)")?;
        replace.execute(params![self.seq, self.hash, self.highest.map(Timestamp::as_millisecond)]).map(drop)
    }
}

/// What pruning looks at of a row, in whatever version it was written.
#[derive(Deserialize)]
struct Dated {
    entry: Time,
}

#[derive(Deserialize)]
struct Time {
    at: Timestamp,
    trust: ClockTrust,
}

impl Time {
    /// The newest time that was certain when the row was written.
    fn certain(&self) -> Timestamp {
        let off_s = match self.trust {
            ClockTrust::Trusted => 0,
            ClockTrust::Behind(seconds) => seconds,
            ClockTrust::Ahead(seconds) => seconds.saturating_neg(),
        };
        self.at.saturating_add(jiff::SignedDuration::from_secs(off_s)).unwrap_or(Timestamp::MAX)
    }
}

/// The oldest row that is here.
struct Oldest {
    seq: u64,
    time: Time,
    hash: [u8; 32],
    /// The item that was taken in by it, if it still stands.
    taken_in: Option<(u64, String)>,
}

impl Oldest {
    /// `None` if it was damaged.
    fn read(row: &rusqlite::Row<'_>) -> Option<Self> {
        let Dated { entry: time } = serde_json::from_slice(row.get_ref(1).ok()?.as_bytes().ok()?).ok()?;
        let is_taken_in: Option<bool> = row.get(5).ok()?;
        let taken_in = if is_taken_in == Some(true) { Some((row.get(3).ok()?, row.get(4).ok()?)) } else { None };
        Some(Self { seq: row.get(0).ok()?, time, hash: row.get(2).ok()?, taken_in })
    }
}

impl Journal {
    /// Prunes the oldest rows, at most `limit` of them and in one transaction: those that were written before `before`
    /// and lie below what is `confirmed`. Gives how many are gone; 0 if there is nothing to prune.
    ///
    /// # Errors
    /// The database refuses; nothing is pruned then.
    pub fn prune(&mut self, confirmed: Confirmed, before: Timestamp, limit: u32) -> Result<u64, StoreFault> {
        if confirmed.epoch != self.epoch {
            return Ok(0);
        }
        let fault = StoreFault::database(&self.path);
        let old = self.old(confirmed.seq, before, limit).map_err(&fault)?;
        let Some(last) = old.last() else { return Ok(0) };
        let seq = last.seq;
        let pruned = Self::leave(&mut self.connection, &self.kiosk, &self.epoch, &old).map_err(&fault)?;
        self.pruned = seq;
        Ok(pruned)
    }

    /// The rows to prune. One that was damaged goes with the next that was not. One whose clock was not trusted may be newer
    /// than what was certain: it goes with the next whose clock was, or when there are `limit` of them.
    fn old(&self, below: u64, before: Timestamp, limit: u32) -> rusqlite::Result<Vec<Oldest>> {
        let sql = format!(
            "SELECT seq, body, hash, gtin, serial,
                 outcome = 'accept' AND gtin IS NOT NULL AND serial IS NOT NULL AND {STANDS}
             FROM row WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let mut found = query.query(params![self.pruned, below, limit])?;
        let (mut old, mut trusted) = (Vec::new(), 0);
        while let Some(row) = found.next()? {
            let Some(row) = Oldest::read(row) else { continue };
            if row.time.certain() >= before {
                break;
            }
            let is_trusted = row.time.trust == ClockTrust::Trusted;
            old.push(row);
            if is_trusted {
                trusted = old.len();
            }
        }
        if trusted > 0 || old.len() < usize::try_from(limit).unwrap_or(usize::MAX) {
            old.truncate(trusted);
        }
        Ok(old)
    }

    fn leave(connection: &mut Connection, kiosk: &str, epoch: &[u8; 16], old: &[Oldest]) -> rusqlite::Result<u64> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut anchor = Anchor::read(&transaction, kiosk, epoch)?;
        for row in old {
            if let Some((gtin, serial)) = &row.taken_in {
                let mut remember = transaction.prepare_cached("INSERT OR REPLACE INTO taken_in VALUES (?, ?, ?, ?)")?;
                remember.execute(params![gtin, serial, row.seq, row.time.at.as_millisecond()])?;
            }
            let trusted = (row.time.trust == ClockTrust::Trusted).then_some(row.time.at);
            anchor = Anchor { seq: row.seq, hash: row.hash, highest: anchor.highest.max(trusted) };
        }
        let gone = transaction.prepare_cached("DELETE FROM row WHERE seq <= ?")?.execute([anchor.seq])?;
        anchor.write(&transaction)?;
        transaction.commit()?;
        Ok(gone as u64)
    }

    /// The last row that was pruned; 0 if none was.
    #[must_use]
    pub const fn pruned(&self) -> u64 {
        self.pruned
    }

    /// The acceptance of this item in a row that was pruned.
    pub(super) fn taken_in_before(&self, gtin: Gtin, serial: &str) -> Result<Option<TakenIn>, StoreFault> {
        let fault = StoreFault::database(&self.path);
        let sql = "SELECT seq, at_ms FROM taken_in WHERE gtin = ? AND serial = ?";
        let mut query = self.connection.prepare_cached(sql).map_err(&fault)?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found: Option<(u64, i64)> =
            query.query_row(params![gtin.number(), serial], read).optional().map_err(&fault)?;
        Ok(found.map(|(seq, at_ms)| {
            let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
            TakenIn { at, kiosk: self.kiosk.clone(), seq }
        }))
    }
}
