//! The second factor as it is set up, and the codes for the day on which the telephone is gone.

use jiff::Timestamp;

use super::credential::{proven, still_in};
use super::totp::{self, SECRET_BYTES};
use crate::hub::database::{Database, values};
use crate::hub::receiver::{code_digest, random_bytes, random_code};
use crate::hub::{Author, HubFault, Registry};
use crate::rules::account::Account;
use crate::rules::dossier::Paper;

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 8;

/// A second factor that was not confirmed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// As a person types it.
    pub secret: String,
    /// As an app reads it from a QR code.
    pub address: String,
}

/// A secret for whoever knows the account's password; nothing if it is another one. It is a new one each time: whoever has
/// only the session has not seen it, so nobody else can confirm it.
///
/// # Errors
/// The database's.
pub fn begin_second(database: &Database, account: &Account, password: &str) -> Result<Option<Waiting>, HubFault> {
    let Some(kept) = proven(database, account.id, password)? else { return Ok(None) };
    let secret = random_bytes::<SECRET_BYTES>()?;
    // Of a password that was set meanwhile nothing was proven.
    let sql = "UPDATE credential SET waiting = ?2 WHERE account = ?1 AND password = ?3";
    let is_kept = database.execute(sql, values![account.id, &secret, &kept])? == 1;
    let waiting = Waiting { secret: totp::base32(&secret), address: totp::address(&account.name, &secret) };
    Ok(is_kept.then_some(waiting))
}

fn waiting(database: &Database, account: u32) -> Result<Option<[u8; SECRET_BYTES]>, HubFault> {
    let sql = "SELECT waiting FROM credential WHERE account = ?1";
    Ok(database.one(sql, values![account], |row| row.get(0))?.flatten())
}

/// Confirms the secret with a code of it, and gives new recovery codes; nothing if the code is not right.
///
/// # Errors
/// The database's.
pub fn confirm_second(
    registry: &mut Registry,
    account: &Account,
    typed: &str,
    now: Timestamp,
) -> Result<Option<Vec<String>>, HubFault> {
    let codes = (0..RECOVERY_CODES).map(|_| random_code()).collect::<Result<Vec<String>, HubFault>>()?;
    let why = "the second factor was set up".to_owned();
    registry.change(&Author { who: account.name.clone(), why, at: now }, |changes| {
        let Some(account) = still_in(changes, account.id)? else { return Ok(None) };
        let database = changes.database();
        let Some(secret) = waiting(database, account.id)? else { return Ok(None) };
        let Some(step) = totp::accepted(&secret, typed, now, None) else { return Ok(None) };
        let sql = "UPDATE credential SET second = waiting, second_step = ?2, waiting = NULL WHERE account = ?1";
        database.execute(sql, values![account.id, step])?;
        database.execute("DELETE FROM recovery WHERE account = ?1", values![account.id])?;
        for code in &codes {
            let sql = "INSERT INTO recovery (account, digest) VALUES (?1, ?2)";
            database.execute(sql, values![account.id, &code_digest(code)])?;
        }
        changes.put_paper(&Paper::Account(Account { second: Some(now), ..account }))?;
        Ok(Some(codes))
    })
}

/// Whether what was typed is a code of now or one of the recovery codes; either is used up. Within a change.
pub(super) fn uses(
    database: &Database,
    account: u32,
    secret: &[u8; SECRET_BYTES],
    typed: &str,
    now: Timestamp,
) -> Result<bool, HubFault> {
    if let Some(step) = totp::accepted(secret, typed, now, None) {
        let sql = "UPDATE credential SET second_step = ?2
                   WHERE account = ?1 AND (second_step IS NULL OR second_step < ?2)";
        return Ok(database.execute(sql, values![account, step])? == 1);
    }
    let sql = "DELETE FROM recovery WHERE account = ?1 AND digest = ?2";
    Ok(database.execute(sql, values![account, &code_digest(typed)])? == 1)
}
