//! The history row by row, as the audit log takes it.

use std::ops::Range;

use super::{HubFault, Registry, changes, schema};
use crate::hub::audit::{Row, Salt};
use crate::hub::database::{Database, Row as Found, values};
use crate::rules::hex;

const ROW: &str = "SELECT seq, at, who, why, kind, key, version, body FROM change";

/// What is kept and is not as the newest row of its history says. Words that schema 2 found in records stand in no row.
const STRAYS: &str = "
    SELECT kind, key FROM (SELECT kind, key, body FROM record UNION ALL SELECT kind, key, body FROM paper) s
    WHERE body IS DISTINCT FROM (
            SELECT body FROM change c WHERE c.kind = s.kind AND c.key = s.key ORDER BY seq DESC LIMIT 1
        ) AND (kind <> 19 OR EXISTS (SELECT 1 FROM change c WHERE c.kind = s.kind AND c.key = s.key))
    LIMIT 1";

/// What the history says that there is, and is not there.
const LOST: &str = "
    SELECT kind, key FROM change c
    WHERE kind NOT IN (7, 8, 9) AND body IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM change n WHERE n.kind = c.kind AND n.key = c.key AND n.seq > c.seq)
        AND NOT EXISTS (SELECT 1 FROM record r WHERE r.kind = c.kind AND r.key = c.key)
        AND NOT EXISTS (SELECT 1 FROM paper p WHERE p.kind = c.kind AND p.key = c.key)
    LIMIT 1";

/// Draws the secret that the salts of entries follow from.
pub fn draw_salt(database: &Database) -> Result<(), HubFault> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)
        .map_err(|error| HubFault::Refused(format!("the system gives no random numbers: {error}")))?;
    database.execute("INSERT INTO audit (salt) VALUES (?1)", values![&hex::encode(&secret)]).map(drop)
}

impl Registry {
    /// What the salts of entries follow from.
    pub(in crate::hub) fn salt(&self) -> Result<Salt, HubFault> {
        let text: Option<String> = self.database.one("SELECT salt FROM audit", &[], |row| row.get(0))?;
        let salt = text.and_then(|text| hex::decode(&text)).map(Salt);
        salt.ok_or_else(|| HubFault::Audit("the registry's salt is not there; bring a copy of it back".to_owned()))
    }

    /// The rows that follow on so many others, up to a number of them, the oldest first. While they are read nothing else can
    /// be asked.
    pub(in crate::hub) fn rows(
        &self,
        after: Range<u64>,
        each: &mut dyn FnMut(Row) -> Result<(), HubFault>,
    ) -> Result<(), HubFault> {
        let sql = format!("{ROW} WHERE seq > ?1 AND seq <= ?2 ORDER BY seq");
        self.database.each(&sql, values![after.start, after.end], &mut |found| each(row(found)?))
    }

    /// The number of the newest row; 0 where there is none.
    pub(in crate::hub) fn last_row(&self) -> Result<u64, HubFault> {
        last_row(&self.database)
    }

    /// A row by its number.
    pub(in crate::hub) fn row(&self, seq: u64) -> Result<Option<Row>, HubFault> {
        self.database.one(&format!("{ROW} WHERE seq = ?1"), values![seq], row)
    }

    /// The number of the newest row of a record.
    pub(in crate::hub) fn newest_row(&self, (kind, key): (u8, u32)) -> Result<Option<u64>, HubFault> {
        let sql = "SELECT max(seq) FROM change WHERE kind = ?1 AND key = ?2";
        Ok(self.database.one(sql, values![kind, key], |row| row.get(0))?.flatten())
    }

    /// A record or a paper, in words, that is not what the newest row of its history says.
    pub(in crate::hub) fn stray(&self) -> Result<Option<String>, HubFault> {
        for sql in [STRAYS, LOST] {
            let found: Option<(u8, u32)> = self.database.one(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if let Some((kind, key)) = found {
                return Ok(Some(match schema::key_at(kind, key) {
                    Some(record) => changes::named(record),
                    None if kind == 0 => "the policy".to_owned(),
                    None => format!("what is kept of kind {kind} under {key}"),
                }));
            }
        }
        Ok(None)
    }
}

/// The number of the newest row; 0 where there is none.
pub fn last_row(database: &Database) -> Result<u64, HubFault> {
    let newest = database.one("SELECT coalesce(max(seq), 0) FROM change", &[], |row| row.get(0))?;
    Ok(newest.unwrap_or_default())
}

fn row(found: &Found<'_>) -> Result<Row, HubFault> {
    let [at, who, why] = [found.get(1)?, found.get(2)?, found.get(3)?];
    let (seq, kind, key, version, body) = (found.get(0)?, found.get(4)?, found.get(5)?, found.get(6)?, found.get(7)?);
    Ok(Row { seq, at, who, why, kind, key, version, body })
}
