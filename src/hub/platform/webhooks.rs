//! Webhooks: where a platform is told of new grades, and what became of each telling.

use jiff::Timestamp;
use serde::Serialize;

use super::{Database, Platforms, Row, random, values};
use crate::hub::HubFault;
use crate::rules::hex;

/// Most webhooks of a platform.
pub const WEBHOOKS_LIMIT: u32 = 10;
/// Most deliveries that are told at once, newest first.
const DELIVERIES_LIMIT: u32 = 100;

/// A webhook. Its secret is never told again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// The authority's name of it.
    pub id: String,
    /// Where events are posted.
    pub url: String,
    /// Since when.
    pub created: Timestamp,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It will be tried, or tried again.
    Waiting,
    /// The platform answered that it has it.
    Delivered,
    /// It was tried as often as it is tried.
    Dead,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Dead];

    /// As programs write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Waiting => 0,
            Self::Delivered => 1,
            Self::Dead => 2,
        }
    }
}

/// An event on its way to a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The event's name; one that comes twice has the same.
    pub event: String,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next.
    pub due: Option<Timestamp>,
    /// What the last try came to.
    pub said: Option<String>,
    /// When that was, or when the event came about.
    pub at: Timestamp,
}

/// Makes a webhook; nothing where the platform has as many as it may.
pub fn create(
    inside: &Database,
    platform: &str,
    url: &str,
    secret: &str,
    now: Timestamp,
) -> Result<Option<Webhook>, HubFault> {
    let sql = "SELECT count(*) FROM webhook WHERE platform = ?1";
    if inside.one(sql, values![platform], |row| row.get::<u32>(0))?.is_some_and(|count| count >= WEBHOOKS_LIMIT) {
        return Ok(None);
    }
    let id = hex::encode(&random::<8>()?);
    let sql = "INSERT INTO webhook (id, platform, url, secret, created) VALUES (?1, ?2, ?3, ?4, ?5)";
    inside.execute(sql, values![&id, platform, url, secret, &now.to_string()])?;
    Ok(Some(Webhook { id, url: url.to_owned(), created: now }))
}

impl Platforms {
    /// A platform's webhooks, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn webhooks(&self, platform: &str) -> Result<Vec<Webhook>, HubFault> {
        let sql = "SELECT id, url, created FROM webhook WHERE platform = ?1 ORDER BY created, id";
        self.database.all(sql, values![platform], webhook)
    }

    /// One of them.
    ///
    /// # Errors
    /// The database's.
    pub fn webhook(&self, platform: &str, id: &str) -> Result<Option<Webhook>, HubFault> {
        let sql = "SELECT id, url, created FROM webhook WHERE platform = ?1 AND id = ?2";
        self.database.one(sql, values![platform, id], webhook)
    }

    /// Removes a webhook with what waits for it, and tells whether there was one.
    ///
    /// # Errors
    /// The database's.
    pub fn drop_webhook(&mut self, platform: &str, id: &str) -> Result<bool, HubFault> {
        self.database.change(|inside| {
            let dropped =
                inside.execute("DELETE FROM webhook WHERE platform = ?1 AND id = ?2", values![platform, id])?;
            if dropped > 0 {
                inside.execute("DELETE FROM delivery WHERE webhook = ?1", values![id])?;
            }
            Ok(dropped > 0)
        })
    }

    /// Deliveries to a webhook, newest first; of one state, or all.
    ///
    /// # Errors
    /// The database's.
    pub fn deliveries(&self, webhook: &str, state: Option<DeliveryState>) -> Result<Vec<Delivery>, HubFault> {
        let sql = "SELECT event, state, tries, due, said, at FROM delivery
                   WHERE webhook = ?1 AND (?2 = -1 OR state = ?2) ORDER BY at DESC, event DESC LIMIT ?3";
        let state = state.map_or(-1, |state| i64::from(state.number()));
        self.database.all(sql, values![webhook, state, DELIVERIES_LIMIT], delivery)
    }
}

fn webhook(row: &Row<'_>) -> Result<Webhook, HubFault> {
    Ok(Webhook { id: row.get(0)?, url: row.get(1)?, created: row.time(2)? })
}

fn delivery(row: &Row<'_>) -> Result<Delivery, HubFault> {
    let number: u8 = row.get(1)?;
    let state = DeliveryState::ALL.into_iter().find(|state| state.number() == number);
    let state = state.ok_or_else(|| row.senseless(1, format!("{number} is no state")))?;
    let due = Timestamp::from_second(row.get(3)?).ok().filter(|_| state == DeliveryState::Waiting);
    Ok(Delivery { event: row.get(0)?, state, tries: row.get(2)?, due, said: row.get(4)?, at: row.time(5)? })
}
