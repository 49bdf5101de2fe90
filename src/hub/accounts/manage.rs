//! Who has an account: made, changed and disabled by the admin, or on the machine itself.

use super::credential::{self, Link};
use super::{password, session};
use crate::hub::database::{Database, values};
use crate::hub::registry::{ACCOUNT, Changes};
use crate::hub::{Author, HubFault, Registry};
use crate::rules::account::{Account, Role, is_account_name, plain_name};
use crate::rules::dossier::Paper;

/// Every account, oldest first.
///
/// # Errors
/// The database's.
pub fn list(database: &Database) -> Result<Vec<Account>, HubFault> {
    let sql = "SELECT body FROM paper WHERE kind = ?1 ORDER BY key";
    let papers: Vec<Paper> = database.all(sql, values![ACCOUNT], |row| row.json(0))?;
    Ok(papers.into_iter().filter_map(account_of).collect())
}

/// The same of a registry.
///
/// # Errors
/// The database's.
pub fn all(registry: &Registry) -> Result<Vec<Account>, HubFault> {
    list(registry.database())
}

/// The account of this number.
///
/// # Errors
/// The database's.
pub fn numbered(database: &Database, id: u32) -> Result<Option<Account>, HubFault> {
    let sql = "SELECT body FROM paper WHERE kind = ?1 AND key = ?2";
    Ok(database.one(sql, values![ACCOUNT, id], |row| row.json(0))?.and_then(account_of))
}

/// The account of this name.
///
/// # Errors
/// The database's.
pub fn named(database: &Database, name: &str) -> Result<Option<Account>, HubFault> {
    let sql = "SELECT p.body FROM credential c JOIN paper p ON p.kind = ?1 AND p.key = c.account WHERE c.name = ?2";
    Ok(database.one(sql, values![ACCOUNT, &plain_name(name)], |row| row.json(0))?.and_then(account_of))
}

fn account_of(paper: Paper) -> Option<Account> {
    if let Paper::Account(account) = paper { Some(account) } else { None }
}

/// Whether somebody can look after the accounts.
///
/// # Errors
/// The database's.
pub fn has_admin(database: &Database) -> Result<bool, HubFault> {
    Ok(list(database)?.iter().any(|account| account.role == Role::Admin && !account.disabled))
}

/// Makes an account; whoever has the link sets its password.
///
/// # Errors
/// The name is none or taken, there is no such supplier; the database's.
pub fn add(registry: &mut Registry, author: &Author, name: &str, role: Role) -> Result<(Account, Link), HubFault> {
    registry.change(author, |changes| {
        let account = make(changes, name, role)?;
        let link = credential::link(changes.database(), account.id, author.at)?;
        Ok((account, link))
    })
}

/// Makes the first admin with its password, which was checked before.
///
/// # Errors
/// There is an admin already, the name is none or taken; the database's.
pub fn first_admin(registry: &mut Registry, author: &Author, name: &str, typed: &str) -> Result<Account, HubFault> {
    let hash = password::hash(typed)?;
    registry.change(author, |changes| {
        if has_admin(changes.database())? {
            return Err(HubFault::Refused("there is an admin already; sign in".to_owned()));
        }
        let account = make(changes, name, Role::Admin)?;
        credential::put_password(changes, account, &hash, author.at)
    })
}

fn make(changes: &mut Changes<'_>, name: &str, role: Role) -> Result<Account, HubFault> {
    let name = plain_name(name);
    if !is_account_name(&name) {
        let message = format!("`{name}` is no name for an account; use 1 to 64 of `a-z 0-9 . - _ @`");
        return Err(HubFault::Refused(message));
    }
    if named(changes.database(), &name)?.is_some() {
        return Err(HubFault::Refused(format!("there is an account `{name}` already; take another name")));
    }
    let account = Account { id: changes.next_account()?, name, role, disabled: false, password: None, second: None };
    changes.put_paper(&Paper::Account(account.clone()))?;
    let sql = "INSERT INTO credential (account, name) VALUES (?1, ?2)";
    changes.database().execute(sql, values![account.id, &account.name])?;
    Ok(account)
}

/// Lets an account sign in no more, or again; its sessions end.
///
/// # Errors
/// There is no such account; the database's.
pub fn disable(registry: &mut Registry, author: &Author, name: &str, disabled: bool) -> Result<Account, HubFault> {
    registry.change(author, |changes| {
        let account = Account { disabled, ..existing(changes, name)? };
        changes.put_paper(&Paper::Account(account.clone()))?;
        session::end_all(changes.database(), account.id)?;
        Ok(account)
    })
}

/// Gives an account another role; its sessions end.
///
/// # Errors
/// There is no such account or supplier; the database's.
pub fn set_role(registry: &mut Registry, author: &Author, name: &str, role: Role) -> Result<Account, HubFault> {
    registry.change(author, |changes| {
        let account = Account { role, ..existing(changes, name)? };
        changes.put_paper(&Paper::Account(account.clone()))?;
        session::end_all(changes.database(), account.id)?;
        Ok(account)
    })
}

/// Takes password, second factor and sessions of an account away; whoever has the link sets a new password.
///
/// # Errors
/// There is no such account; the database's.
pub fn reset(registry: &mut Registry, author: &Author, name: &str) -> Result<(Account, Link), HubFault> {
    registry.change(author, |changes| {
        let account = Account { password: None, second: None, ..existing(changes, name)? };
        changes.put_paper(&Paper::Account(account.clone()))?;
        let database = changes.database();
        session::end_all(database, account.id)?;
        credential::void(database, account.id)?;
        let link = credential::link(database, account.id, author.at)?;
        Ok((account, link))
    })
}

fn existing(changes: &Changes<'_>, name: &str) -> Result<Account, HubFault> {
    let none = || HubFault::Refused(format!("there is no account `{name}`; `greengate-hub account list` has them"));
    named(changes.database(), name)?.ok_or_else(none)
}
