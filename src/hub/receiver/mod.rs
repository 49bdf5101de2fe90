//! What kiosks hand up: who they are, and the rows of their journals.
//!
//! ```text
//! officer ── kiosk add ──► one-time code ── person ──► kiosk ── POST /enroll ──► token, feed, root
//!                                                      kiosk ── POST /journal ─► rows, or parked with a reason
//! ```
//!
//! In SQLite it has a database of its own, `journals.db`: kiosks write at any time, and the registry is in no one's way. A row is
//! kept as the text that its hash covers, keyed by (kiosk, epoch, seq), and never changes. One that is malformed or
//! whose hash does not fit is parked with the reason, and counts as received: it is a matter for a person, and the rows
//! behind it come in all the same.

mod codes;
mod files;
mod found;
mod prune;
mod routes;
mod rows;
mod said;
mod scans;
mod schema;
mod window;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use codes::{CodeFault, Enrolled};
pub(super) use codes::{digest_of as code_digest, random as random_code};
pub(super) use files::streamed;
pub use found::FoundRow;
pub use routes::{Door, router};
use rows::Taker;
pub use rows::{Parked, Taken};
pub use said::{Said, span};
pub use scans::{Counted, Scans};

use super::database::{Database, values};
use super::{Home, HubFault, Registry};
use crate::rules::site::is_kiosk_name;

/// The database's file in the authority's folder.
pub(super) const FILE: &str = "journals.db";
/// Rows come in at the end of each journal, so little of the file is needed again.
const CACHE_KIB: u32 = 8 << 10;

/// What kiosks handed up.
#[derive(Debug)]
pub struct Receiver {
    database: Database,
}

/// A kiosk as the authority knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kiosk {
    /// Its name, which its journal has too.
    pub name: String,
    /// Since when it has its token; nothing if it has none, or none any more.
    pub enrolled: Option<String>,
    /// Until when its newest code can be used, if it waits for that.
    pub code_until: Option<String>,
    /// When it last handed rows up.
    pub last_seen: Option<String>,
    /// Its newest journal.
    pub epoch: Option<String>,
    /// How many rows of all its journals are here.
    pub rows: u64,
    /// How many were parked.
    pub parked: u64,
    /// How it was when it was last seen; nothing if its program does not say it.
    pub said: Option<Said>,
}

impl Receiver {
    /// Opens the journals of an authority, or begins them.
    ///
    /// # Errors
    /// There is no authority, or the database cannot be written or is of a newer program.
    pub fn open(home: impl Into<Home>) -> Result<Self, HubFault> {
        let home = home.into();
        drop(Registry::open(&home)?);
        let none = || HubFault::NoAuthority { folder: home.to_path_buf() };
        let mut database = home.open(FILE, CACHE_KIB, true)?.ok_or_else(none)?;
        database.bring_up(schema::PART, schema::STEPS)?;
        Ok(Self { database })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub fn check(&self) -> Result<(), HubFault> {
        self.database.exists("SELECT name FROM kiosk LIMIT 1", &[]).map(drop)
    }

    /// Every kiosk, by name.
    ///
    /// # Errors
    /// The database's.
    pub fn kiosks(&self) -> Result<Vec<Kiosk>, HubFault> {
        let sql = "
            SELECT name, enrolled, (SELECT max(expires) FROM code WHERE kiosk = name AND used IS NULL), last_seen, epoch,
                (SELECT count(*) FROM row WHERE kiosk = name), (SELECT count(*) FROM parked WHERE kiosk = name), said,
                (SELECT seq FROM journal WHERE journal.kiosk = name AND journal.epoch = kiosk.epoch)
            FROM kiosk ORDER BY name";
        self.database.all(sql, &[], |row| {
            let said = Said::read(row, [3, 7, 8])?;
            Ok(Kiosk {
                name: row.get(0)?,
                enrolled: row.get(1)?,
                code_until: row.get(2)?,
                last_seen: row.get(3)?,
                epoch: row.get(4)?,
                rows: row.get(5)?,
                parked: row.get(6)?,
                said,
            })
        })
    }

    /// Expects a kiosk of this name, or its replacement: gives the one-time code that it enrols with. Earlier codes of that
    /// name are void; a token stays good until the code is used.
    ///
    /// # Errors
    /// It is no name for a kiosk, or the database's.
    pub fn add(&mut self, name: &str, expires: Timestamp) -> Result<String, HubFault> {
        if !is_kiosk_name(name) {
            let message = format!("`{name}` is no name for a kiosk; use 1 to 40 of `a-z 0-9 -`, as its site file does");
            return Err(HubFault::Refused(message));
        }
        let code = codes::random()?;
        self.database.change(|inside| {
            inside.execute("INSERT INTO kiosk (name) VALUES (?1) ON CONFLICT (name) DO NOTHING", values![name])?;
            inside.execute("DELETE FROM code WHERE kiosk = ?1 AND used IS NULL", values![name])?;
            let sql = "INSERT INTO code (digest, kiosk, expires) VALUES (?1, ?2, ?3)";
            inside.execute(sql, values![&codes::digest_of(&code), name, &expires.to_string()])
        })?;
        Ok(code)
    }

    /// Takes a kiosk's token and codes away. Its rows stay.
    ///
    /// # Errors
    /// There is no such kiosk, or the database's.
    pub fn remove(&mut self, name: &str) -> Result<(), HubFault> {
        let known = self.database.change(|inside| {
            inside.execute("DELETE FROM code WHERE kiosk = ?1 AND used IS NULL", values![name])?;
            inside.execute("UPDATE kiosk SET token = NULL, enrolled = NULL WHERE name = ?1", values![name])
        })?;
        let none = || HubFault::Refused(format!("there is no kiosk `{name}`; `greengate-hub kiosk list` tells them"));
        if known == 0 { Err(none()) } else { Ok(()) }
    }

    /// The kiosk that this token was given to.
    ///
    /// The token is looked for by its digest: how long that takes tells of digests, from which no token can be guessed.
    ///
    /// # Errors
    /// The database's.
    pub fn kiosk_with(&self, token: &[u8]) -> Result<Option<String>, HubFault> {
        self.database.one("SELECT name FROM kiosk WHERE token = ?1", values![&digest(token)], |row| row.get(0))
    }

    /// What was parked of a kiosk's journals, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub fn parked(&self, kiosk: &str) -> Result<Vec<Parked>, HubFault> {
        let sql = "SELECT seq, why FROM parked WHERE kiosk = ?1 ORDER BY place, epoch, seq";
        self.database.all(sql, values![kiosk], |row| Ok(Parked { seq: row.get(0)?, why: row.get(1)? }))
    }
}

pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// `N` bytes that no one can guess.
pub(super) fn random_bytes<const N: usize>() -> Result<[u8; N], HubFault> {
    let mut bytes = [0; N];
    let fault = |error: getrandom::Error| HubFault::Refused(format!("the system gives no random numbers: {error}"));
    getrandom::fill(&mut bytes).map_err(fault)?;
    Ok(bytes)
}
