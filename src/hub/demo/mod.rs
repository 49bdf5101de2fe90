//! The demo authority: an authority of its own, made step by step by what officers and suppliers do, with invented firms.
//!
//! Nothing is put into its registry that a person could not have put there. Its tables are those of `assets/authority`, with
//! their dates moved so that the day for which they were written is today. The kiosk's own demo world,
//! `assets/demo/records.jsonl`, is what this authority publishes; a test writes it.

mod tables;
mod world;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::database::values;
use super::receiver::{Receiver, random_bytes};
use super::source::{self, Asked};
use super::{
    Author, Batch, HubFault, LabelOrder, Publishing, Registry, Rotated, Rotation, Serials, accounts, cut_off, document,
    import, init, issue, label_key, propose, publish, rotate, rulebook,
};
use crate::rules::account::{Account, Role};
use crate::rules::code::Grade;
use crate::rules::dossier::Paper;
use crate::rules::hex;
use world::World;

/// How long the confirmations of the demo's public registries count, in days.
const CONFIRMED_DAYS: u32 = 90;
/// How long the kiosk's code can be used.
const CODE_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Where labels of the demo lead; the name is reserved for examples (RFC 2606).
const HOST: &str = "QR.EXAMPLE.COM";
/// A listing whose reviews are tightened and that two persons leave green: each item of it is drawn.
const LEFT_GREEN: u32 = 6;

/// Who examines.
const OFFICER: &str = "mei";
/// Who can sign in: a name, what it may do, and that in words.
const ACTORS: [(&str, Role, &str); 5] = [
    ("wang", Role::Supplier(201), "supplier: Xixi Spring Toiletries"),
    ("li", Role::Supplier(202), "supplier: Qiandao Kids' Foods"),
    (OFFICER, Role::Officer, "quality officer"),
    ("chen", Role::Second, "second quality officer, who confirms"),
    ("admin", Role::Admin, "admin of the accounts"),
];

/// The kiosk that the demo expects.
pub const KIOSK: &str = "demo-kiosk";
/// Why its first change was made, which is what tells an authority to try from others wherever its registry is.
const BEGINS: &str = "the authority begins";

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account's name.
    pub name: &'static str,
    /// Made anew for each demo.
    pub password: String,
    /// What the account may do, in words.
    pub role: &'static str,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// Who can sign in.
    pub actors: Vec<Actor>,
    /// The one-time code with which the kiosk enrols, unless it has.
    pub code: Option<String>,
    /// A label of each listing to try that gets one.
    pub labels: Vec<Batch>,
}

/// Makes the demo authority in `folder`, as of `now`.
///
/// # Errors
/// There is an authority already, or the folder cannot be written.
pub fn make(folder: &Path, now: Timestamp) -> Result<Demo, HubFault> {
    let officer = |why: &str| author(OFFICER, why, now);
    let mut keys = init(folder, None, &officer(BEGINS))?;
    let mut registry = Registry::open(folder)?;
    begin(folder, &mut registry, now)?;
    let mut people = Vec::new();
    for (name, role, words) in ACTORS {
        let author = officer("a demo account");
        let (_, link) = accounts::add(&mut registry, &author, name, role)?;
        people.push(actor(&mut registry, &author, (name, words), &link)?);
    }
    let to_try = World::new(folder, &mut registry, now)?.make()?;
    leave_green(&mut registry, &people, now)?;
    if let Rotated::Slot(slot) = rotate(folder, &mut keys, &officer("a second printer"), Rotation::Label, None)? {
        cut_off(folder, &officer("that printer was stolen"), slot, 0)?;
    }
    let key = label_key(&registry, &mut keys, None)?;
    let mut labels = Vec::new();
    for listing in to_try {
        let (author, order) = (officer("a label to try"), label_of(listing));
        let made = registry.change(&author, |changes| issue(changes, &key, &order, document::date(&author)));
        match made {
            Ok(batch) => labels.push(batch),
            // What is red gets no label.
            Err(HubFault::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    publish(folder, &mut keys, &officer("the first list"), &Publishing::default())?;
    let code = code(folder, now)?;
    let actors = people.into_iter().map(|(actor, _)| actor).collect();
    Ok(Demo { actors, code, labels })
}

fn author(who: &str, why: &str, at: Timestamp) -> Author {
    Author { who: who.to_owned(), why: in_a_demo(why), at }
}

fn in_a_demo(why: &str) -> String {
    format!("DEMO: {why}")
}

/// The rulebook, the suppliers and the public registries.
fn begin(folder: &Path, registry: &mut Registry, now: Timestamp) -> Result<(), HubFault> {
    let officer = |why: &str| author(OFFICER, why, now);
    let files = tempfile::tempdir().map_err(|source| HubFault::file(folder, "written", source))?;
    let files = files.path();
    tables::write(files)?;
    rulebook::adopt(registry, &officer("the first rulebook"), &rulebook::read(&files.join("rulebook"))?)?;
    for names in tables::SUPPLIERS {
        let names = names.map(|name| files.join(name));
        import::import(registry, &officer("suppliers"), &names, import::Red::Stays, &mut |_| ())?;
    }
    for path in tables::REGISTERS.map(|name| files.join(name)) {
        let name = path.file_stem().unwrap_or_default().display().to_string();
        let asked = Asked { name, at: document::date_at(now), days: CONFIRMED_DAYS };
        source::import(registry, &officer("its file of today"), asked, &path)?;
    }
    Ok(())
}

/// Reviews of a listing are tightened, which makes it yellow; one officer proposes green all the same, another one confirms.
fn leave_green(registry: &mut Registry, people: &[(Actor, Account)], now: Timestamp) -> Result<(), HubFault> {
    let account = |role| people.iter().map(|(_, account)| account).find(|account| account.role == role);
    let (Some(one), Some(other)) = (account(Role::Officer), account(Role::Second)) else { return Ok(()) };
    let why = "the weights were short and are right again; every item is looked at";
    let proposal = propose::propose(registry, &author(&one.name, why, now), one, LEFT_GREEN, (Grade::Green, None))?;
    let seen = propose::seen(registry.papers(), &proposal, document::date_at(now))?;
    propose::confirm(registry, &author(&other.name, why, now), other, (LEFT_GREEN, &seen)).map(drop)
}

/// Whether the authority of a registry is one to try, as its history says. What was broken off before its first release is
/// none.
///
/// # Errors
/// The database's.
pub fn is_demo(registry: &Registry) -> Result<bool, HubFault> {
    let sql = "SELECT 1 FROM change WHERE seq = 1 AND why = ?1 AND EXISTS (SELECT 1 FROM release)";
    registry.database().exists(sql, values![&in_a_demo(BEGINS)])
}

/// Goes on with the demo authority in `folder`, as of `now`: as nobody can read passwords again, its accounts get new
/// ones, except those that somebody disabled.
///
/// # Errors
/// The database's.
pub fn go_on(folder: &Path, now: Timestamp) -> Result<Demo, HubFault> {
    let author = author(OFFICER, "it is served again", now);
    let mut registry = Registry::open(folder)?;
    let mut actors = Vec::new();
    for (name, _, words) in ACTORS {
        if accounts::named(registry.database(), name)?.is_some_and(|account| !account.disabled) {
            let (_, link) = accounts::reset(&mut registry, &author, name)?;
            actors.push(actor(&mut registry, &author, (name, words), &link)?.0);
        }
    }
    Ok(Demo { actors, code: code(folder, now)?, labels: Vec::new() })
}

/// What the kiosk enrols with, if it has not.
fn code(folder: &Path, now: Timestamp) -> Result<Option<String>, HubFault> {
    let mut receiver = Receiver::open(folder)?;
    if receiver.kiosks()?.iter().any(|kiosk| kiosk.name == KIOSK && kiosk.enrolled.is_some()) {
        return Ok(None);
    }
    let until = now.saturating_add(CODE_LIFE).unwrap_or(now);
    receiver.add(KIOSK, until).map(Some)
}

/// Sets the password of an account that has this link.
fn actor(
    registry: &mut Registry,
    author: &Author,
    (name, words): (&'static str, &'static str),
    link: &accounts::Link,
) -> Result<(Actor, Account), HubFault> {
    let secret = hex::encode(&random_bytes::<6>()?);
    let password = format!("demo-{}-{}-{}", &secret[..4], &secret[4..8], &secret[8..]);
    let set = accounts::set_password(registry, &link.token, &password, author.at)?;
    let account = set.map_err(|fault| HubFault::Refused(format!("the password of `{name}` was not set: {fault:?}")))?;
    // Nobody is asked for six digits in a demo: the account has a second factor that has no secret.
    let account = Account { second: Some(author.at), ..account };
    registry.change(author, |changes| changes.put_paper(&Paper::Account(account.clone())))?;
    Ok((Actor { name, password, role: words }, account))
}

fn label_of(listing: u32) -> LabelOrder {
    let serials = Serials::Next { prefix: format!("DEMO-{listing}-"), count: 1 };
    LabelOrder { listing, lot: None, expiry: None, valid_until: None, serials, host: HOST.to_owned() }
}
