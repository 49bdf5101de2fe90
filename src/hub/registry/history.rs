//! Who did what, when and why: changes of records, and what no record tells, as roots of the feed and labels that were
//! printed again. All of it stands in one table in the order in which it was done, and nothing there ever changes.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};
use serde::{Deserialize, Serialize};

use super::{Changes, HubFault, Registry, body, schema, time};
use crate::rules::dossier::Paper;
use crate::rules::record::{Record, RecordKey};

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Counting from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
    /// What.
    #[serde(flatten)]
    pub did: Did,
}

/// What a change did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Did {
    /// The record is this one from then on.
    Put(Record),
    /// There is no such record from then on.
    Drop(RecordKey),
    /// The feed got another root.
    Root(NewRoot),
    /// The root of this number, which was about to come, never came.
    Withdraw(u32),
    /// Labels were printed again.
    Reprint(Reprint),
    /// What the authority keeps is this from then on.
    Paper(Box<Paper>),
    /// A person's grade holds no longer.
    Silence(u32),
}

/// A root that the feed got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRoot {
    /// Its number.
    pub version: u32,
    /// The key that another one took the place of; none where all are as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
    /// The new key's identity in the root, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Labels of one listing that were printed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reprint {
    /// The first one's index.
    pub first: u32,
    /// The last one's index.
    pub last: u32,
    /// The listing.
    pub listing: u32,
}

/// Whose history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The kiosks' policy.
    Policy,
    /// The keys: those that sign labels, and those that the feed's root names.
    Keys,
    /// A listing, with the labels that were issued and printed again for it.
    Listing(u32),
    /// A label.
    Label(u32),
    /// A supplier.
    Supplier(u32),
    /// A reason, a document or an inspection item.
    Reason(u32),
    /// A document that was filed.
    Document(u32),
    /// The rulebooks, and the public registries.
    Rulebook,
}

impl Of {
    /// Which changes these are, as SQL, and the number that it asks for.
    const fn changes(self) -> (&'static str, Option<u32>) {
        match self {
            Self::Policy => ("kind = 0", None),
            Self::Keys => ("kind IN (1, 7)", None),
            Self::Listing(id) => (
                "(kind = 3 AND key = ?1) OR (kind = 5 AND body ->> '$.block.listing' = ?1)
                     OR (kind = 8 AND body ->> '$.listing' = ?1) OR (kind IN (17, 20) AND key = ?1)
                     OR (kind = 18 AND body ->> '$.document.listing' = ?1)
                     OR (kind = 19 AND key = ?1 AND NOT EXISTS
                            (SELECT * FROM change n WHERE n.kind = 3 AND n.key = ?1 AND n.at = change.at AND n.why = change.why))",
                Some(id),
            ),
            Self::Supplier(id) => ("kind IN (4, 16) AND key = ?1", Some(id)),
            Self::Document(id) => ("kind = 18 AND key = ?1", Some(id)),
            Self::Rulebook => ("kind IN (21, 22)", None),
            Self::Reason(id) => ("kind = 2 AND key = ?1", Some(id)),
            Self::Label(index) => (
                "(kind = 6 AND key = ?1) OR (kind = 5 AND key <= ?1 AND body ->> '$.block.last' >= ?1)
                     OR (kind = 8 AND key <= ?1 AND body ->> '$.last' >= ?1)",
                Some(index),
            ),
        }
    }
}

impl Registry {
    /// What was done, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn history(&self, of: Of) -> Result<Vec<Change>, HubFault> {
        let fault = HubFault::database(&self.path);
        let (changes, number) = of.changes();
        let sql = format!("SELECT seq, at, who, why, kind, key, body FROM change WHERE {changes} ORDER BY seq");
        let mut query = self.connection.prepare(&sql).map_err(&fault)?;
        let rows = query.query_map(params_from_iter(number), |row| {
            let at = time(row, 1)?;
            Ok(Change { seq: row.get(0)?, at, who: row.get(2)?, why: row.get(3)?, did: did(row)? })
        });
        rows.and_then(Iterator::collect).map_err(&fault)
    }
}

impl Changes<'_> {
    /// Keeps that the feed gets another root. It is kept before the root is published, so that no root is without it.
    pub(in crate::hub) fn note_root(&mut self, root: &NewRoot) -> Result<(), HubFault> {
        self.note(schema::ROOT, root.version, root)
    }

    /// Takes back what was kept of a root above `version`, the newest one: a crash came before it was published.
    pub(in crate::hub) fn withdraw_root(&mut self, version: u32) -> Result<(), HubFault> {
        let fault = HubFault::database(self.path);
        let sql = "SELECT key, body IS NULL FROM change WHERE kind = ? ORDER BY seq DESC LIMIT 1";
        let newest: Option<(u32, bool)> =
            self.connection.query_row(sql, [schema::ROOT], |row| row.try_into()).optional().map_err(&fault)?;
        match newest.filter(|(noted, withdrawn)| *noted > version && !withdrawn) {
            Some((noted, _)) => self.log(schema::ROOT, noted, None).map_err(&fault),
            None => Ok(()),
        }
    }

    /// A record as it was when the record with the key `when` came.
    pub(in crate::hub) fn record_at(&self, key: RecordKey, when: RecordKey) -> Result<Option<Record>, HubFault> {
        let [(kind, key), (when_kind, when_key)] = [key, when].map(schema::place_of);
        let sql = "SELECT body FROM change WHERE kind = ? AND key = ?
                       AND seq < (SELECT min(seq) FROM change WHERE kind = ? AND key = ?) ORDER BY seq DESC LIMIT 1";
        let found = self.connection.prepare_cached(sql).and_then(|mut query| {
            let places = params![kind, key, when_kind, when_key];
            query
                .query_row(places, |row| row.get_ref(0)?.as_str_or_null()?.map(|_| body(row, 0)).transpose())
                .optional()
        });
        found.map(Option::flatten).map_err(HubFault::database(self.path))
    }

    /// Keeps that labels are printed again.
    pub(in crate::hub) fn note_reprint(&mut self, reprint: &Reprint) -> Result<(), HubFault> {
        self.note(schema::REPRINT, reprint.first, reprint)
    }

    fn note(&mut self, kind: u8, key: u32, what: &impl Serialize) -> Result<(), HubFault> {
        let body = serde_json::to_string(what).map_err(|error| HubFault::Refused(error.to_string()))?;
        self.log(kind, key, Some(&body)).map_err(HubFault::database(self.path))
    }
}

/// Kind, key and body stand in columns 4 to 6.
fn did(row: &Row<'_>) -> rusqlite::Result<Did> {
    let (kind, key): (u8, u32) = (row.get(4)?, row.get(5)?);
    let is_gone = row.get_ref(6)?.as_str_or_null()?.is_none();
    Ok(match (kind, is_gone) {
        (schema::ROOT, false) => Did::Root(body(row, 6)?),
        (schema::ROOT, true) => Did::Withdraw(key),
        (schema::REPRINT, _) => Did::Reprint(body(row, 6)?),
        (schema::FIRM.., false) => Did::Paper(body(row, 6)?),
        (schema::FIRM.., true) => Did::Silence(key),
        (_, false) => Did::Put(body(row, 6)?),
        (_, true) => schema::key_at(kind, key).map(Did::Drop).ok_or(rusqlite::Error::InvalidQuery)?,
    })
}
