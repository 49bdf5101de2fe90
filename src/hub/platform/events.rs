//! From a release to events: which listings have another grade than in the release that was told before.
//!
//! One event carries many changes, so a release that regrades a million listings is some thousand posts and not a
//! million. Its name is made of the release and a number, and is the same however often it is sent.

use jiff::Timestamp;
use serde::Serialize;

use super::{Platforms, values};
use crate::hub::{HubFault, Registry};
use crate::rules::code::{Grade, Gtin};

/// Changes in one event.
const CHANGES_LIMIT: usize = 500;
/// What became of a delivery can be looked up for so long.
const KEPT_S: i64 = 30 * 24 * 60 * 60;

/// A listing whose grade changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Regraded {
    /// Its number.
    pub listing: u32,
    /// Its supplier's number.
    pub supplier: u32,
    /// The product.
    pub gtin: Gtin,
    /// Its grade before; nothing where it is new.
    pub before: Option<Grade>,
    /// Its grade now; nothing where it is gone.
    pub after: Option<Grade>,
}

#[derive(Serialize)]
struct Event<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    release: u64,
    issued: Timestamp,
    changes: &'a [Regraded],
}

impl Platforms {
    /// Makes events of what changed up to release `published`, which is out, for every webhook that there is. A release is
    /// told once, whoever tells it; with the first webhook the telling begins.
    pub(super) fn tell(&mut self, registry: &Registry, published: u64, now: Timestamp) -> Result<(), HubFault> {
        let before = self.told()?;
        if before == Some(published) {
            return Ok(());
        }
        // Read first: nothing else can be asked while rows come.
        let hooks = self.database.all("SELECT id FROM webhook", &[], |row| row.get::<String>(0))?;
        let changes = match before {
            Some(from) if from < published && !hooks.is_empty() => registry.regraded(from, published)?,
            Some(_) | None => Vec::new(),
        };
        self.database.change(|inside| {
            let sql = "SELECT release FROM told WHERE id = 1";
            if inside.one(sql, &[], |row| row.get::<u64>(0))? != before {
                return Ok(());
            }
            let sql = "INSERT INTO told (id, release) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET release = excluded.release";
            inside.execute(sql, values![published])?;
            let old = now.as_second() - KEPT_S;
            inside.execute("DELETE FROM delivery WHERE state <> 0 AND due < ?1", values![old])?;
            inside.execute("DELETE FROM event WHERE id NOT IN (SELECT event FROM delivery)", &[])?;
            for (number, changes) in (1..).zip(changes.chunks(CHANGES_LIMIT)) {
                let id = format!("{published}-{number}");
                let event = Event { id: &id, kind: "listings.regraded", release: published, issued: now, changes };
                let body = serde_json::to_string(&event).map_err(|error| HubFault::Refused(error.to_string()))?;
                let sql = "INSERT INTO event (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING";
                inside.execute(sql, values![&id, &body])?;
                for hook in &hooks {
                    let sql = "INSERT INTO delivery (webhook, event, state, tries, due, said, at)
                               VALUES (?1, ?2, 0, 0, ?3, NULL, ?4) ON CONFLICT (webhook, event) DO NOTHING";
                    inside.execute(sql, values![hook, &id, now.as_second(), &now.to_string()])?;
                }
            }
            Ok(())
        })
    }

    /// The newest release that was told.
    ///
    /// # Errors
    /// The database's.
    pub fn told(&self) -> Result<Option<u64>, HubFault> {
        self.database.one("SELECT release FROM told WHERE id = 1", &[], |row| row.get(0))
    }
}
