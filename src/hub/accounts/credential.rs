//! Passwords as they are set: by a one-time link, or by whoever knows the one of before.

use jiff::{SignedDuration, Timestamp};

use super::manage::numbered;
use super::password::{self, Weak};
use super::session;
use crate::hub::database::{Database, values};
use crate::hub::receiver::{digest, random_bytes};
use crate::hub::registry::Changes;
use crate::hub::{Author, HubFault, Registry};
use crate::rules::account::Account;
use crate::rules::dossier::Paper;
use crate::rules::hex;

/// How long a link can be used.
const LINK_LIFE: SignedDuration = SignedDuration::from_hours(72);

/// A link with which a password is set, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The last part of its address; nobody can read it here again.
    pub token: String,
    /// Its last moment.
    pub until: Timestamp,
}

impl Link {
    /// The path that it leads to.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/enter/link/{}", self.token)
    }
}

/// Why a password was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// There is no such link, or it was used, or it is too old.
    Gone,
    /// The password that it had is another one.
    Wrong,
    /// The new one will not do.
    Weak(Weak),
}

/// A new link; the one of before is void.
pub(super) fn link(database: &Database, account: u32, now: Timestamp) -> Result<Link, HubFault> {
    let token = hex::encode(&random_bytes::<32>()?);
    let until = now.checked_add(LINK_LIFE).unwrap_or(Timestamp::MAX);
    let sql = "UPDATE credential SET link = ?2, link_until = ?3 WHERE account = ?1";
    database.execute(sql, values![account, &digest(token.as_bytes()), &until.to_string()])?;
    Ok(Link { token, until })
}

/// Takes everything away that an account could sign in with.
pub(super) fn void(database: &Database, account: u32) -> Result<(), HubFault> {
    let sql = "UPDATE credential SET password = NULL, second = NULL, second_step = NULL, waiting = NULL, link = NULL
               WHERE account = ?1";
    database.execute(sql, values![account])?;
    database.execute("DELETE FROM recovery WHERE account = ?1", values![account])?;
    Ok(())
}

/// The account as it is now, if it may still sign in. What a request knew of it may be minutes old.
pub(super) fn still_in(changes: &Changes<'_>, account: u32) -> Result<Option<Account>, HubFault> {
    Ok(numbered(changes.database(), account)?.filter(|account| !account.disabled))
}

/// Keeps a password, ends all sessions and voids the link.
pub(super) fn put_password(
    changes: &mut Changes<'_>,
    account: Account,
    hash: &str,
    now: Timestamp,
) -> Result<Account, HubFault> {
    let account = Account { password: Some(now), ..account };
    changes.put_paper(&Paper::Account(account.clone()))?;
    let database = changes.database();
    let sql = "UPDATE credential SET password = ?2, link = NULL, link_until = NULL WHERE account = ?1";
    database.execute(sql, values![account.id, hash])?;
    session::end_all(database, account.id)?;
    Ok(account)
}

/// The account that a link is of, if it can be used.
///
/// # Errors
/// The database's.
pub fn with_link(database: &Database, token: &str, now: Timestamp) -> Result<Option<Account>, HubFault> {
    let sql = "SELECT account, link_until FROM credential WHERE link = ?1";
    let read = database.one(sql, values![&digest(token.as_bytes())], |row| Ok((row.get(0)?, row.time(1)?)))?;
    let Some((account, _)) = read.filter(|(_, until)| now <= *until) else { return Ok(None) };
    Ok(numbered(database, account)?.filter(|account| !account.disabled))
}

/// Sets a password by a link, which is used up.
///
/// # Errors
/// The database's; inside, why it was not set.
pub fn set_password(
    registry: &mut Registry,
    token: &str,
    typed: &str,
    now: Timestamp,
) -> Result<Result<Account, LinkFault>, HubFault> {
    let Some(account) = with_link(registry.database(), token, now)? else { return Ok(Err(LinkFault::Gone)) };
    if let Err(weak) = password::check(typed, &account.name) {
        return Ok(Err(LinkFault::Weak(weak)));
    }
    let hash = password::hash(typed)?;
    let why = "the password was set by a one-time link".to_owned();
    registry.change(&Author { who: account.name.clone(), why, at: now }, |changes| {
        // Somebody may have used it meanwhile.
        match with_link(changes.database(), token, now)? {
            Some(account) => put_password(changes, account, &hash, now).map(Ok),
            None => Ok(Err(LinkFault::Gone)),
        }
    })
}

/// Changes a password for whoever knows the one of before; all sessions end.
///
/// # Errors
/// The database's; inside, why it was not changed.
pub fn change_password(
    registry: &mut Registry,
    account: &Account,
    (before, typed): (&str, &str),
    now: Timestamp,
) -> Result<Result<Account, LinkFault>, HubFault> {
    let Some(kept) = proven(registry.database(), account.id, before)? else { return Ok(Err(LinkFault::Wrong)) };
    if let Err(weak) = password::check(typed, &account.name) {
        return Ok(Err(LinkFault::Weak(weak)));
    }
    let hash = password::hash(typed)?;
    let author = Author { who: account.name.clone(), why: "the password was changed".to_owned(), at: now };
    registry.change(&author, |changes| match still_in(changes, account.id)? {
        Some(_) if self::kept(changes.database(), account.id)?.as_ref() != Some(&kept) => Ok(Err(LinkFault::Wrong)),
        Some(account) => put_password(changes, account, &hash, now).map(Ok),
        None => Ok(Err(LinkFault::Gone)),
    })
}

/// What is kept of an account's password, if `typed` is that password.
pub(super) fn proven(database: &Database, account: u32, typed: &str) -> Result<Option<String>, HubFault> {
    let kept = kept(database, account)?;
    Ok(if password::verify(typed, kept.as_deref()) { kept } else { None })
}

fn kept(database: &Database, account: u32) -> Result<Option<String>, HubFault> {
    let sql = "SELECT password FROM credential WHERE account = ?1";
    Ok(database.one(sql, values![account], |row| row.get(0))?.flatten())
}

/// Whether a password will do.
///
/// # Errors
/// It will not.
pub fn check(typed: &str, name: &str) -> Result<(), Weak> {
    password::check(typed, name)
}
