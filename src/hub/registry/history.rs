//! Who did what, when and why: changes of records, and what no record tells, as roots of the feed and labels that were
//! printed again. All of it stands in one table in the order in which it was done, and nothing there ever changes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::columns::Columns;
use super::{Changes, HubFault, Registry, schema};
use crate::hub::database::{Row, Value, values};
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
    /// The audit log is signed with another key.
    Audit(NewAuditKey),
    /// The root of this number, which was about to come, never came.
    Withdraw(u32),
    /// Labels were printed again.
    Reprint(Reprint),
    /// What the authority keeps is this from then on.
    Paper(Box<Paper>),
    /// A person's grade holds no longer.
    Silence(u32),
    /// The public registry of this number is asked and looked up no longer.
    Remove(u32),
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

/// A key that signs the audit log's checkpoints from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAuditKey {
    /// Its public half, hex.
    pub key: String,
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
    /// The accounts.
    Accounts,
    /// Records that changed after this release.
    Since(u32),
}

impl Of {
    /// Which changes these are, as SQL, and the number that it asks for.
    const fn changes(self) -> (&'static str, Option<u32>) {
        match self {
            Self::Policy => ("kind = 0", None),
            Self::Keys => ("kind IN (1, 7, 9)", None),
            Self::Listing(id) => (
                "(kind = 3 AND key = ?1) OR (kind IN (5, 8, 18) AND listing = ?1)
                     OR (kind IN (17, 20, 33) AND key = ?1)
                     OR (kind = 19 AND key = ?1 AND NOT EXISTS
                            (SELECT * FROM change n WHERE n.kind = 3 AND n.key = ?1 AND n.at = change.at AND n.why = change.why))",
                Some(id),
            ),
            Self::Supplier(id) => ("kind IN (4, 16) AND key = ?1", Some(id)),
            Self::Document(id) => ("kind IN (18, 23) AND key = ?1", Some(id)),
            Self::Rulebook => ("kind IN (21, 22)", None),
            Self::Accounts => ("kind = 32", None),
            Self::Since(release) => ("version > ?1 AND kind < 7", Some(release)),
            Self::Reason(id) => ("kind = 2 AND key = ?1", Some(id)),
            Self::Label(index) => (
                "(kind = 6 AND key = ?1) OR (kind IN (5, 8) AND key <= ?1 AND last >= ?1)",
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
        self.changes(of, "ORDER BY seq")
    }

    /// The last `most` things that were done, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn recent(&self, of: Of, most: u32) -> Result<Vec<Change>, HubFault> {
        let mut changes = self.changes(of, &format!("ORDER BY seq DESC LIMIT {most}"))?;
        changes.reverse();
        Ok(changes)
    }

    fn changes(&self, of: Of, order: &str) -> Result<Vec<Change>, HubFault> {
        let (changes, number) = of.changes();
        let sql = format!("SELECT seq, at, who, why, kind, key, body FROM change WHERE ({changes}) {order}");
        let numbers: Vec<Value<'_>> = number.into_iter().map(Value::from).collect();
        self.database.all(&sql, &numbers, |row| {
            let (at, who, why) = (row.time(1)?, row.get(2)?, row.get(3)?);
            Ok(Change { seq: row.get(0)?, at, who, why, did: did(row)? })
        })
    }
}

impl Changes<'_> {
    /// Keeps that the feed gets another root. It is kept before the root is published, so that no root is without it.
    pub(in crate::hub) fn note_root(&mut self, root: &NewRoot) -> Result<(), HubFault> {
        self.note(schema::ROOT, root.version, root, &Columns::default())
    }

    /// Takes back what was kept of a root above `version`, the newest one: a crash came before it was published.
    pub(in crate::hub) fn withdraw_root(&mut self, version: u32) -> Result<(), HubFault> {
        // `+ 0`: roots are so few that they are looked through, and not the whole history backwards until there is one.
        let sql = "SELECT key, body IS NULL FROM change WHERE kind = ?1 ORDER BY seq + 0 DESC LIMIT 1";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let newest: Option<(u32, bool)> = self.database.one(sql, values![schema::ROOT], read)?;
        match newest.filter(|(noted, withdrawn)| *noted > version && !withdrawn) {
            Some((noted, _)) => self.log(schema::ROOT, noted, None, &Columns::default()),
            None => Ok(()),
        }
    }

    /// A record as it was when the record with the key `when` came.
    pub(in crate::hub) fn record_at(&self, key: RecordKey, when: RecordKey) -> Result<Option<Record>, HubFault> {
        let [(kind, key), (when_kind, when_key)] = [key, when].map(schema::place_of);
        let sql = "SELECT body FROM change WHERE kind = ?1 AND key = ?2
                       AND seq < (SELECT min(seq) FROM change WHERE kind = ?3 AND key = ?4) ORDER BY seq DESC LIMIT 1";
        let read = |row: &Row<'_>| row.text_or_null(0)?.map(|_| row.json(0)).transpose();
        let found = self.database.one(sql, values![kind, key, when_kind, when_key], read)?;
        Ok(found.flatten())
    }

    /// Keeps that the audit log is signed with another key.
    pub(in crate::hub) fn note_audit_key(&mut self, key: &NewAuditKey) -> Result<(), HubFault> {
        self.note(schema::AUDIT_KEY, 0, key, &Columns::default())
    }

    /// Keeps that labels are printed again.
    pub(in crate::hub) fn note_reprint(&mut self, reprint: &Reprint) -> Result<(), HubFault> {
        self.note(schema::REPRINT, reprint.first, reprint, &Columns::of_reprint(reprint))
    }

    fn note(&mut self, kind: u8, key: u32, what: &impl Serialize, columns: &Columns) -> Result<(), HubFault> {
        let body = serde_json::to_string(what).map_err(|error| HubFault::Refused(error.to_string()))?;
        self.log(kind, key, Some(&body), columns)
    }
}

/// Kind, key and body stand in columns 4 to 6.
fn did(row: &Row<'_>) -> Result<Did, HubFault> {
    let (kind, key): (u8, u32) = (row.get(4)?, row.get(5)?);
    let is_gone = row.text_or_null(6)?.is_none();
    Ok(match (kind, is_gone) {
        (schema::ROOT, false) => Did::Root(row.json(6)?),
        (schema::ROOT, true) => Did::Withdraw(key),
        (schema::AUDIT_KEY, _) => Did::Audit(row.json(6)?),
        (schema::REPRINT, _) => Did::Reprint(row.json(6)?),
        (schema::FIRM.., false) => Did::Paper(row.json(6)?),
        (schema::SOURCE, true) => Did::Remove(key),
        (schema::FIRM.., true) => Did::Silence(key),
        (_, false) => Did::Put(row.json(6)?),
        (_, true) => {
            let key = schema::key_at(kind, key);
            key.map(Did::Drop).ok_or_else(|| row.senseless(4, format!("has kind {kind}, which is none")))?
        }
    })
}
