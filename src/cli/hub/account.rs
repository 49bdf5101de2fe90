//! `greengate-hub account`: who can sign in to the authority's pages.

use std::process::ExitCode;

use super::Place;
use crate::cli::Failure;
use crate::cli::out::{put, put_list, say};
use crate::hub::Registry;
use crate::hub::accounts::{self, Link};
use crate::rules::account::{self, Role};

/// Add, list, disable and reset accounts.
#[derive(Debug, clap::Subcommand)]
pub enum Account {
    /// Add an account, and print the one-time link with which its owner sets the password
    Add {
        /// What its owner types to sign in, such as an e-mail address
        name: String,
        /// `officer`, `second`, `admin`, `platform`, or `supplier-7` for supplier 7
        #[arg(long, value_parser = role)]
        role: Role,
        #[command(flatten)]
        site: Site,
    },
    /// List the accounts: their roles, and what they sign in with
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Let an account sign in no more; its sessions end
    Disable {
        /// The account's name
        name: String,
        /// Let it sign in again
        #[arg(long)]
        undo: bool,
    },
    /// Take an account's password, second factor and sessions away, and print a new one-time link
    Reset {
        /// The account's name
        name: String,
        #[command(flatten)]
        site: Site,
    },
}

/// Where the pages are.
#[derive(Debug, clap::Args)]
pub struct Site {
    /// The address at which people reach the pages
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8470")]
    url: String,
}

fn role(name: &str) -> Result<Role, String> {
    Role::named(name).ok_or_else(|| "write `officer`, `second`, `admin`, `platform`, or `supplier-N`".to_owned())
}

impl Account {
    pub(super) fn execute(&self, place: &Place) -> Result<ExitCode, Failure> {
        let mut registry = Registry::open(&place.folder)?;
        match self {
            Self::Add { name, role, site } => {
                let author = place.author(format!("an account for {name}"));
                let (_, link) = accounts::add(&mut registry, &author, name, *role)?;
                tell(&link, site)?;
            }
            Self::List { json: true } => put(serde_json::json!(accounts::all(&registry)?))?,
            Self::List { json: false } => {
                let lines = accounts::all(&registry)?.into_iter();
                let lines = lines.map(|account| format!("{}: {}", account.name, told(&account)));
                put_list(
                    lines,
                    "nobody can sign in yet; `greengate-hub account add NAME --role admin` makes the first account",
                )?;
            }
            Self::Disable { name, undo } => {
                let why = if *undo { "the account is needed again" } else { "the account is not needed any more" };
                let account = accounts::disable(&mut registry, &place.author(why), name, !undo)?;
                say(format_args!("{}: {}", account.name, told(&account)));
            }
            Self::Reset { name, site } => {
                let author = place.author("password and second factor were taken away");
                let (_, link) = accounts::reset(&mut registry, &author, name)?;
                tell(&link, site)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(link: &Link, site: &Site) -> Result<(), Failure> {
    put(format_args!("{}{}", site.url.trim_end_matches('/'), link.path()))?;
    say(format_args!("whoever opens it sets the password; once, until {:.0}", link.until));
    Ok(())
}

/// `officer, password since 2026-11-24T01:00:00Z, no second factor`.
pub(super) fn told(account: &account::Account) -> String {
    let since = |what: &str, moment: Option<jiff::Timestamp>| match moment {
        Some(since) => format!("{what} since {since:.0}"),
        None => format!("no {what}"),
    };
    let disabled = if account.disabled { ", disabled" } else { "" };
    let (password, second) = (since("password", account.password), since("second factor", account.second));
    format!("{}, {password}, {second}{disabled}", account.role.name())
}
