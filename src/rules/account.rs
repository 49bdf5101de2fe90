//! Accounts of the authority's pages: who somebody is, and what a role may do.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::code::Grade;

/// Longest name of an account, in bytes.
const NAME_LIMIT: usize = 64;

/// Somebody who signs in. Nothing of it is a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Counting from 1.
    pub id: u32,
    /// What is typed to sign in, and what stands in the history.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Whether it cannot sign in for now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Since when it has its password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Timestamp>,
    /// Since when it has its second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Timestamp>,
}

/// What somebody is to the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Files for the supplier of this number.
    Supplier(u32),
    /// Assesses what suppliers file.
    Officer,
    /// An officer who also confirms what another one proposed.
    Second,
    /// Looks after accounts, and sees all.
    Admin,
    /// Looks listings up for a platform.
    Platform,
}

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// See the console.
    Look,
    /// Judge documents, capacities and reviews, propose a grade, revoke, print, publish.
    Judge,
    /// Confirm a grade that somebody else proposed.
    Confirm,
    /// Make, change and disable accounts.
    Manage,
    /// File for a supplier.
    Supply,
    /// Use the platforms' interface.
    Query,
}

impl Role {
    /// Whether the role may do it.
    #[must_use]
    pub const fn may(self, what: May) -> bool {
        match what {
            May::Look => matches!(self, Self::Officer | Self::Second | Self::Admin),
            May::Judge => matches!(self, Self::Officer | Self::Second),
            May::Confirm => matches!(self, Self::Second),
            May::Manage => matches!(self, Self::Admin),
            May::Supply => matches!(self, Self::Supplier(_)),
            May::Query => matches!(self, Self::Platform),
        }
    }

    /// Whether nobody signs in to it with a password alone.
    #[must_use]
    pub const fn needs_second(self) -> bool {
        matches!(self, Self::Officer | Self::Second | Self::Admin)
    }

    /// As commands and forms write it: `officer`, `supplier-7`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Supplier(supplier) => format!("supplier-{supplier}"),
            Self::Officer => "officer".to_owned(),
            Self::Second => "second".to_owned(),
            Self::Admin => "admin".to_owned(),
            Self::Platform => "platform".to_owned(),
        }
    }

    /// The role that is called so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "officer" => Some(Self::Officer),
            "second" => Some(Self::Second),
            "admin" => Some(Self::Admin),
            "platform" => Some(Self::Platform),
            _ => name.strip_prefix("supplier-")?.parse().ok().map(Self::Supplier),
        }
    }
}

/// A grade that one officer proposes for a listing and another person confirms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The listing's number; it has one open proposal at most.
    pub listing: u32,
    /// The grade.
    pub grade: Grade,
    /// The reason's number, where it is not green.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<u32>,
    /// [`Account::id`] of who proposes it.
    pub by: u32,
    /// That account's name.
    pub name: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// What became of it.
    #[serde(default)]
    pub state: ProposalState,
}

/// What became of a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProposalState {
    /// It waits for another person.
    #[default]
    Open,
    /// It holds.
    Confirmed,
    /// It was turned down or taken back.
    Dropped,
}

/// A name as it is kept: people type capitals and spaces.
#[must_use]
pub fn plain_name(typed: &str) -> String {
    typed.trim().to_lowercase()
}

/// Whether an account can be called so: an e-mail address can be a name, a line of markup cannot.
#[must_use]
pub fn is_account_name(name: &str) -> bool {
    let right =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_' | b'@');
    (1..=NAME_LIMIT).contains(&name.len()) && name.bytes().all(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_as_it_is_written() {
        for role in [Role::Supplier(7), Role::Officer, Role::Second, Role::Admin, Role::Platform] {
            assert_eq!(Role::named(&role.name()), Some(role));
        }
        for odd in ["", "supplier-", "supplier-x", "root"] {
            assert_eq!(Role::named(odd), None, "{odd}");
        }
    }

    #[test]
    fn names_are_one_plain_word() {
        assert!(is_account_name("mei.li@west-lake.example") && is_account_name(&plain_name(" Mei ")));
        for odd in ["", "mei li", "<b>", "李", &"a".repeat(65)] {
            assert!(!is_account_name(odd), "{odd}");
        }
    }
}
