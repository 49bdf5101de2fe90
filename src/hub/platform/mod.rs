//! Platforms: who may ask the interface for programs, for what, and whom a new grade is told.
//!
//! ```text
//! admin ── platform add ──► key ── platform ──► /api/v1/…            keys are kept as digests
//! publish ──► release ──► changed grades ──► event ──► a delivery for each webhook ──► POST, again and again
//!                                                      waiting ──► delivered
//!                                                         │  ▲          │ after the last try
//!                                                         └──┘          ▼
//!                                                       a later try    dead
//! ```
//!
//! It has tables of its own, apart from the registry's: an import of a million listings keeps nobody here waiting.

mod events;
mod once;
mod sender;
mod webhooks;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use events::Regraded;
pub use once::{Before, Kept};
pub use sender::{Sender, Sending, signature};
pub use webhooks::{Delivery, DeliveryState, Webhook};
pub(in crate::hub) use webhooks::{WEBHOOKS_LIMIT, create as create_webhook};

use super::database::{Database, Row, Step, values};
use super::{Home, HubFault, Registry};
use crate::rules::hex;

/// The database's file in the authority's folder.
pub(super) const FILE: &str = "platforms.db";
/// Kept in memory at most.
const CACHE_KIB: u32 = 2048;
/// What a key begins with, so that it is known for what it is where it should not be.
const KEY_MARK: &str = "ggk_";
/// Longest name of a platform, in characters.
const NAME_LIMIT: usize = 60;

const STEPS: &[Step] = &[Step {
    statements: &[
        "CREATE TABLE platform (
            name TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, scopes TEXT NOT NULL, rate INTEGER NOT NULL, added TEXT NOT NULL
        )",
        "CREATE TABLE webhook (
            id TEXT PRIMARY KEY, platform TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL, created TEXT NOT NULL
        )",
        "CREATE TABLE event (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
        "CREATE TABLE delivery (
            webhook TEXT NOT NULL, event TEXT NOT NULL, state INTEGER NOT NULL, tries INTEGER NOT NULL, due INTEGER NOT NULL,
            said TEXT, at TEXT NOT NULL, PRIMARY KEY (webhook, event)
        )",
        "CREATE INDEX delivery_due ON delivery (state, due)",
        "CREATE TABLE told (id INTEGER PRIMARY KEY, release INTEGER NOT NULL)",
        "CREATE TABLE once (
            platform TEXT NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
            place TEXT, at INTEGER NOT NULL, PRIMARY KEY (platform, name)
        )",
    ],
    then: None,
}];

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Scope {
    /// Lists of listings, and one listing.
    #[serde(rename = "listings:read")]
    Listings,
    /// What labels and GTINs say.
    #[serde(rename = "labels:read")]
    Labels,
    /// The facts of suppliers who named the platform as their partner.
    #[serde(rename = "suppliers:read")]
    Suppliers,
    /// Being told of new grades.
    #[serde(rename = "webhooks")]
    Webhooks,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Listings, Self::Labels, Self::Suppliers, Self::Webhooks];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listings => "listings:read",
            Self::Labels => "labels:read",
            Self::Suppliers => "suppliers:read",
            Self::Webhooks => "webhooks",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = || Self::ALL.map(Self::name).join("`, `");
        Self::ALL
            .into_iter()
            .find(|scope| scope.name() == text)
            .ok_or_else(|| format!("`{text}` is none of `{}`", all()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A platform that has a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Platform {
    /// Its name, as suppliers' partnerships have it.
    pub name: String,
    /// What its key opens.
    pub scopes: BTreeSet<Scope>,
    /// Requests in a minute, at each of the authority's processes.
    pub rate: u32,
    /// Since when it has this key.
    pub added: Timestamp,
}

/// Platforms, their webhooks, and what was told to them.
#[derive(Debug)]
pub struct Platforms {
    database: Database,
}

impl Platforms {
    /// Opens the tables of the authority in `folder`, or begins them.
    ///
    /// # Errors
    /// There is no authority, or the database cannot be written or is of a newer program.
    pub fn open(home: impl Into<Home>) -> Result<Self, HubFault> {
        let home = home.into();
        drop(Registry::open(&home)?);
        let none = || HubFault::NoAuthority { folder: home.to_path_buf() };
        let mut database = home.open(FILE, CACHE_KIB, true)?.ok_or_else(none)?;
        database.bring_up("platforms", STEPS)?;
        Ok(Self { database })
    }

    /// Gives a platform a key; one that it had is void from then on. The key is nowhere to be read again.
    ///
    /// # Errors
    /// It is no name, no scope or no rate; the database's.
    pub fn add(&mut self, name: &str, scopes: &BTreeSet<Scope>, rate: u32, now: Timestamp) -> Result<String, HubFault> {
        let is_name = !name.is_empty() && name.chars().count() <= NAME_LIMIT && !name.contains(char::is_control);
        if !is_name || name.trim() != name {
            let message = format!(
                "`{name}` is no name for a platform; write 1 to {NAME_LIMIT} characters, as suppliers' files have it"
            );
            return Err(HubFault::Refused(message));
        }
        if scopes.is_empty() || rate == 0 {
            return Err(HubFault::Refused("a key without a scope or a rate opens nothing; name both".to_owned()));
        }
        let key = format!("{KEY_MARK}{}", hex::encode(&random::<32>()?));
        let list = scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ");
        let sql = "INSERT INTO platform (name, digest, scopes, rate, added) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, scopes = excluded.scopes,
                       rate = excluded.rate, added = excluded.added";
        let (digest, added) = (digest(key.as_bytes()), now.to_string());
        self.database.change(|inside| {
            if !scopes.contains(&Scope::Webhooks) {
                drop_webhooks(inside, name)?;
            }
            inside.execute(sql, values![name, &digest, &list, rate, &added])
        })?;
        Ok(key)
    }

    /// Every platform, by name.
    ///
    /// # Errors
    /// The database's.
    pub fn list(&self) -> Result<Vec<Platform>, HubFault> {
        self.database.all("SELECT name, scopes, rate, added FROM platform ORDER BY name", &[], platform)
    }

    /// Takes a platform's key, its webhooks and what waits for them away.
    ///
    /// # Errors
    /// There is no such platform, or the database's.
    pub fn remove(&mut self, name: &str) -> Result<(), HubFault> {
        let known = self.database.change(|inside| {
            drop_webhooks(inside, name)?;
            inside.execute("DELETE FROM once WHERE platform = ?1", values![name])?;
            inside.execute("DELETE FROM platform WHERE name = ?1", values![name])
        })?;
        let none =
            || HubFault::Refused(format!("there is no platform `{name}`; `greengate-hub platform list` tells them"));
        if known == 0 { Err(none()) } else { Ok(()) }
    }

    /// The platform that this key was given to. It is looked for by its digest, from which no key can be guessed.
    ///
    /// # Errors
    /// The database's.
    pub fn with_key(&self, key: &str) -> Result<Option<Platform>, HubFault> {
        let sql = "SELECT name, scopes, rate, added FROM platform WHERE digest = ?1";
        self.database.one(sql, values![&digest(key.as_bytes())], platform)
    }
}

/// Whoever may have no webhooks is told nothing any more.
fn drop_webhooks(inside: &Database, platform: &str) -> Result<(), HubFault> {
    let hooks = "SELECT id FROM webhook WHERE platform = ?1";
    inside.execute(&format!("DELETE FROM delivery WHERE webhook IN ({hooks})"), values![platform])?;
    inside.execute("DELETE FROM webhook WHERE platform = ?1", values![platform]).map(drop)
}

fn platform(row: &Row<'_>) -> Result<Platform, HubFault> {
    let scopes = row.text(1)?.split(' ').map(str::parse).collect::<Result<_, String>>();
    let scopes = scopes.map_err(|what| row.senseless(1, what))?;
    Ok(Platform { name: row.get(0)?, scopes, rate: row.get(2)?, added: row.time(3)? })
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// `N` bytes that no one can guess.
fn random<const N: usize>() -> Result<[u8; N], HubFault> {
    let mut bytes = [0; N];
    let fault = |error: getrandom::Error| HubFault::Refused(format!("the system gives no random numbers: {error}"));
    getrandom::fill(&mut bytes).map_err(fault)?;
    Ok(bytes)
}
