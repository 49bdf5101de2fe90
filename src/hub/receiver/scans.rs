//! What kiosks saw lately, counted: by day, by kiosk, by reason; and how a kiosk does, as its newest row tells it.
//!
//! Journals are read backwards and only so far, so that a page of figures costs the same however long the journals are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{Kiosk, Receiver};
use crate::hub::HubFault;
use crate::hub::database::values;
use crate::rules::entry::{Entry, What};
use crate::rules::ruling::Outcome;
use crate::rules::time::date_of;

/// Rows that are read at once.
const BATCH: u32 = 500;

/// How often goods were accepted, held, rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Green.
    pub accepted: u64,
    /// Yellow.
    pub held: u64,
    /// Red.
    pub rejected: u64,
}

impl Counted {
    /// All of them.
    #[must_use]
    pub const fn all(self) -> u64 {
        self.accepted + self.held + self.rejected
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Accept => self.accepted += 1,
            Outcome::Hold => self.held += 1,
            Outcome::Reject => self.rejected += 1,
        }
    }
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scans {
    /// By the day on the kiosk's clock.
    pub days: BTreeMap<Date, Counted>,
    /// By kiosk.
    pub kiosks: BTreeMap<String, Counted>,
    /// By the row of the verdict table that decided, the accepted ones left out.
    pub reasons: BTreeMap<&'static str, u64>,
    /// Whether there are more rows than were read.
    pub is_cut: bool,
}

#[derive(Deserialize)]
struct Body {
    entry: Entry,
}

impl Receiver {
    /// Verdicts since a moment, at most `most` rows of each kiosk's newest journal.
    ///
    /// # Errors
    /// The database's.
    pub fn scans(&self, kiosks: &[Kiosk], since: Timestamp, zone: &TimeZone, most: u32) -> Result<Scans, HubFault> {
        let mut scans = Scans::default();
        for kiosk in kiosks {
            let Some(epoch) = &kiosk.epoch else { continue };
            let (mut before, mut read) = (i64::MAX, 0);
            loop {
                let rows = self.entries(&kiosk.name, epoch, before, BATCH)?;
                read += BATCH;
                let Some((last, _)) = rows.last() else { break };
                before = *last;
                // A clock that was wrong once makes a row old that is not, so only many of them are an end.
                if rows.iter().all(|(_, entry)| entry.as_ref().is_some_and(|entry| entry.at < since)) {
                    break;
                }
                rows.into_iter().filter_map(|(_, entry)| entry).filter(|entry| entry.at >= since).for_each(|entry| {
                    scans.count(&kiosk.name, &entry, zone);
                });
                if read >= most {
                    scans.is_cut = true;
                    break;
                }
            }
        }
        Ok(scans)
    }

    /// The newest row of a kiosk.
    ///
    /// # Errors
    /// The database's.
    pub fn newest(&self, kiosk: &Kiosk) -> Result<Option<Entry>, HubFault> {
        let Some(epoch) = &kiosk.epoch else { return Ok(None) };
        Ok(self.entries(&kiosk.name, epoch, i64::MAX, 1)?.pop().and_then(|(_, entry)| entry))
    }

    /// Rows before a number, newest first; one that a newer kiosk wrote may tell nothing.
    fn entries(&self, kiosk: &str, epoch: &str, before: i64, most: u32) -> Result<Vec<(i64, Option<Entry>)>, HubFault> {
        let sql = "SELECT seq, body FROM row WHERE kiosk = ?1 AND epoch = ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4";
        self.database.all(sql, values![kiosk, epoch, before, most], |row| {
            let body: Option<Body> = serde_json::from_str(row.text(1)?).ok();
            Ok((row.get(0)?, body.map(|body| body.entry)))
        })
    }
}

impl Scans {
    fn count(&mut self, kiosk: &str, entry: &Entry, zone: &TimeZone) {
        let What::Verdict(judgement) = &entry.what else { return };
        self.days.entry(date_of(entry.at, zone)).or_default().count(judgement.outcome);
        self.kiosks.entry(kiosk.to_owned()).or_default().count(judgement.outcome);
        if judgement.outcome != Outcome::Accept {
            *self.reasons.entry(judgement.ruling.slug()).or_default() += 1;
        }
    }
}
