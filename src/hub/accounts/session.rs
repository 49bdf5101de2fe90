//! Sessions: a name, a password and perhaps six digits become a token that a browser shows until it ends.

use jiff::{SignedDuration, Timestamp};

use super::manage::numbered;
use super::{password, second};
use crate::hub::database::{Database, values};
use crate::hub::receiver::{digest, random_bytes};
use crate::hub::{HubFault, Registry};
use crate::rules::account::{Account, plain_name};
use crate::rules::hex;

/// Nothing happened for so long.
const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// Nobody works longer at a stretch.
const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);
/// A session's last moment is written no oftener than this.
const SEEN: SignedDuration = SignedDuration::from_mins(1);
/// A browser is known for so long.
const KNOWN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What was typed.
#[derive(Clone, Copy)]
pub struct Tried<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
    /// Six digits, or a recovery code; empty where the account has no second factor.
    pub code: &'a str,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Who.
    pub account: Account,
    /// What the browser shows; only its digest is kept.
    pub token: String,
}

/// Signs somebody in; nothing if any of what was typed is not right, and which of it is not told.
///
/// # Errors
/// The database's.
pub fn sign_in(registry: &mut Registry, tried: Tried<'_>, now: Timestamp) -> Result<Option<Signed>, HubFault> {
    let sql = "SELECT account, password, second FROM credential WHERE name = ?1";
    let read =
        |row: &crate::hub::database::Row<'_>| Ok((row.get::<u32>(0)?, row.get::<Option<String>>(1)?, row.get(2)?));
    let found = registry.database().one(sql, values![&plain_name(tried.name)], read)?;
    let kept = found.as_ref().and_then(|(_, password, _)| password.as_deref());
    let right = password::verify(tried.password, kept);
    let Some((id, _, secret)) = found.filter(|_| right) else { return Ok(None) };
    registry.database_mut().change(|database| {
        let Some(account) = numbered(database, id)?.filter(|account| !account.disabled) else { return Ok(None) };
        if let Some(secret) = secret
            && !second::uses(database, id, &secret, tried.code, now)?
        {
            return Ok(None);
        }
        start(database, account, now).map(Some)
    })
}

/// Begins a session.
///
/// # Errors
/// The database's.
pub fn start(database: &Database, account: Account, now: Timestamp) -> Result<Signed, HubFault> {
    let token = hex::encode(&random_bytes::<32>()?);
    let at = now.to_string();
    let sql = "INSERT INTO session (digest, account, began, seen, ended) VALUES (?1, ?2, ?3, ?3, 0)";
    database.execute(sql, values![&digest(token.as_bytes()), account.id, &at])?;
    let forgotten = now.checked_sub(KNOWN).unwrap_or(Timestamp::MIN).to_string();
    database.execute("DELETE FROM session WHERE seen < ?1", values![&forgotten])?;
    Ok(Signed { account, token })
}

/// Who shows this token, if the session has not ended; it goes on from now.
///
/// # Errors
/// The database's.
pub fn signed(database: &Database, token: &str, now: Timestamp) -> Result<Option<Account>, HubFault> {
    let digest = digest(token.as_bytes());
    let sql = "SELECT account, began, seen FROM session WHERE digest = ?1 AND ended = 0";
    let read = database.one(sql, values![&digest], |row| Ok((row.get(0)?, row.time(1)?, row.time(2)?)))?;
    let lasts = |began, seen| now.duration_since(seen) < IDLE && now.duration_since(began) < ABSOLUTE;
    let Some((id, _, seen)) = read.filter(|(_, began, seen)| lasts(*began, *seen)) else { return Ok(None) };
    if now.duration_since(seen) >= SEEN {
        database.execute("UPDATE session SET seen = ?2 WHERE digest = ?1", values![&digest, &now.to_string()])?;
    }
    Ok(numbered(database, id)?.filter(|account| !account.disabled))
}

/// The digest of a token whose browser was signed in to the account of this name before.
///
/// # Errors
/// The database's.
pub fn known(database: &Database, token: &str, name: &str) -> Result<Option<[u8; 32]>, HubFault> {
    let digest = digest(token.as_bytes());
    let sql = "SELECT 1 FROM session s JOIN credential c ON c.account = s.account WHERE s.digest = ?1 AND c.name = ?2";
    Ok(database.exists(sql, values![&digest, &plain_name(name)])?.then_some(digest))
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub fn end(database: &Database, token: &str) -> Result<(), HubFault> {
    database.execute("UPDATE session SET ended = 1 WHERE digest = ?1", values![&digest(token.as_bytes())]).map(drop)
}

/// Ends every session of an account.
pub(super) fn end_all(database: &Database, account: u32) -> Result<(), HubFault> {
    database.execute("UPDATE session SET ended = 1 WHERE account = ?1", values![account]).map(drop)
}
