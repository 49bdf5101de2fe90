//! The demo authority: an authority of its own, made step by step by what officers and suppliers do, with invented firms.
//!
//! Nothing is put into its registry that a person could not have put there. Its tables are those of `assets/authority`, with
//! their dates moved so that the day for which they were written is today.

use std::fs;
use std::path::Path;

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::document::{self, Filing};
use super::filing::{Declared, NewProduct};
use super::import::{Red, import};
use super::receiver::{Receiver, random_bytes};
use super::source::{self, Asked};
use super::{
    Author, Batch, HubFault, LabelOrder, Publishing, Registry, Serials, accounts, capacity, files, filing, grade, init,
    issue, label_key, publish, rulebook,
};
use crate::rules::account::{Account, Role};
use crate::rules::amount::Measure;
use crate::rules::code::Gtin;
use crate::rules::dossier::{CapacityKind, DocumentState, Item, Paper};
use crate::rules::hex;
use crate::rules::text::Text;

/// The day for which the tables were written.
const DAY: Date = jiff::civil::date(2026, 5, 1);
/// How long the confirmations of the demo's public registries count, in days.
const CONFIRMED_DAYS: u32 = 90;
/// How long the kiosk's code can be used.
const CODE_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Where labels of the demo lead; the name is reserved for examples (RFC 2606).
const HOST: &str = "QR.EXAMPLE.COM";

macro_rules! table {
    ($name:literal) => {
        ($name, include_str!(concat!("../../assets/authority/", $name)))
    };
}

const RULEBOOK: [(&str, &str); 6] = [
    table!("rulebook/categories.csv"),
    table!("rulebook/kinds.csv"),
    table!("rulebook/documents.csv"),
    table!("rulebook/items.csv"),
    table!("rulebook/capacities.csv"),
    table!("rulebook/decisions.csv"),
];
const FIRMS: [(&str, &str); 2] = [table!("assessed/suppliers.csv"), table!("assessed/firms.csv")];
const REGISTERS: [(&str, &str); 2] = [table!("registers/cosmetics.csv"), table!("registers/food.csv")];
const LISTINGS: &str = include_str!("../../assets/authority/assessed/listings.csv");
const PRODUCTS: &str = include_str!("../../assets/authority/assessed/products.csv");
const CAPACITIES: &str = include_str!("../../assets/authority/assessed/capacities.csv");
const DOCUMENTS: &str = include_str!("../../assets/authority/assessed/documents.csv");
const ITEMS: &str = include_str!("../../assets/authority/assessed/items.csv");
/// What stands for every document's scan.
const SCAN: &[u8] = include_bytes!("../../assets/authority/report.pdf");

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
/// The file that says that a folder's authority is one to try; it comes last, so that what was broken off has none.
const MARK: &str = "DEMO";

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
    /// A label of each listing that gets one.
    pub labels: Vec<Batch>,
}

#[derive(Deserialize)]
struct ListingRow {
    listing: u32,
    supplier: u32,
    gtin: Gtin,
    name_zh: String,
    name_en: String,
}

#[derive(Deserialize)]
struct ProductRow {
    product: u32,
    category: String,
    tags: String,
    brick: Option<u32>,
}

#[derive(Deserialize)]
struct CapacityRow {
    capacity: CapacityKind,
    listing: u32,
    declared: String,
    evidence: String,
    assessed: u8,
    note: String,
}

#[derive(Deserialize)]
struct DocumentRow {
    document: u32,
    listing: u32,
    kind: String,
    number: String,
    issuer: String,
    issued: Date,
    expires: Option<Date>,
}

#[derive(Deserialize)]
struct ItemRow {
    document: u32,
    item: String,
    method: String,
    limit: String,
    value: Measure,
    unit: String,
}

/// Makes the demo authority in `folder`, as of `now`.
///
/// # Errors
/// There is an authority already, or the folder cannot be written.
pub fn make(folder: &Path, now: Timestamp) -> Result<Demo, HubFault> {
    let officer = |why: &str| Author { who: OFFICER.to_owned(), why: format!("DEMO: {why}"), at: now };
    let mut keys = init(folder, None, &officer("the authority begins"))?;
    let mut registry = Registry::open(folder)?;
    let tables = tempfile::tempdir().map_err(|source| HubFault::file(folder, "written", source))?;
    written(tables.path(), &RULEBOOK)?;
    written(tables.path(), &FIRMS)?;
    written(tables.path(), &REGISTERS)?;
    let book = rulebook::read(&tables.path().join("rulebook"))?;
    rulebook::adopt(&mut registry, &officer("the first rulebook"), &book)?;
    let firms = FIRMS.map(|(name, _)| tables.path().join(name));
    import(&mut registry, &officer("the first suppliers"), &firms, Red::Stays, &mut |_| ())?;
    let today = document::date(&officer(""));
    for (name, _) in REGISTERS {
        let path = tables.path().join(name);
        let name = path.file_stem().unwrap_or_default().display().to_string();
        source::import(
            &mut registry,
            &officer("its file of today"),
            Asked { name, at: today, days: CONFIRMED_DAYS },
            &path,
        )?;
    }
    let mut world = World { folder, registry: &mut registry, now, moved: today.since(DAY).map_err(wrong)? };
    let listings = rows::<ListingRow>(LISTINGS)?;
    let listings = listings.into_iter().map(|row| world.product(row)).collect::<Result<Vec<u32>, _>>()?;
    let key = label_key(world.registry, &mut keys, None)?;
    // Whoever walks through it is not stopped by the one label in fifty that is drawn.
    grade::set_policy(&mut registry, &officer("a review would surprise"), |mut policy| {
        policy.review_one_in.normal = 0;
        policy
    })?;
    publish(folder, &mut keys, &officer("the first list"), &Publishing::default())?;
    let mut labels = Vec::new();
    for listing in listings {
        let order = label_of(listing);
        let made = registry.change(&officer("a label to try"), |changes| issue(changes, &key, &order, today));
        match made {
            Ok(batch) => labels.push(batch),
            // What is red gets no label.
            Err(HubFault::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    publish(folder, &mut keys, &officer("the labels"), &Publishing::default())?;
    let author = officer("a demo account");
    let actors = ACTORS.map(|(name, role, words)| {
        let (_, link) = accounts::add(&mut registry, &author, name, role)?;
        actor(&mut registry, &author, (name, words), &link)
    });
    let actors = actors.into_iter().collect::<Result<_, HubFault>>()?;
    let code = code(folder, now)?;
    let mark = folder.join(MARK);
    let said = "nothing that this authority says is true\n";
    fs::write(&mark, said).map_err(|source| HubFault::file(&mark, "written", source))?;
    Ok(Demo { actors, code, labels })
}

/// Whether the authority in `folder` is one to try.
#[must_use]
pub fn is_demo(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

/// Goes on with the demo authority in `folder`, as of `now`: as nobody can read passwords again, its accounts get new
/// ones, except those that somebody disabled.
///
/// # Errors
/// The database's.
pub fn go_on(folder: &Path, now: Timestamp) -> Result<Demo, HubFault> {
    let author = Author { who: OFFICER.to_owned(), why: "DEMO: it is served again".to_owned(), at: now };
    let mut registry = Registry::open(folder)?;
    let mut actors = Vec::new();
    for (name, _, words) in ACTORS {
        if accounts::named(registry.database(), name)?.is_some_and(|account| !account.disabled) {
            let (_, link) = accounts::reset(&mut registry, &author, name)?;
            actors.push(actor(&mut registry, &author, (name, words), &link)?);
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
    let until = now.checked_add(CODE_LIFE).map_err(wrong)?;
    receiver.add(KIOSK, until).map(Some)
}

/// Sets the password of an account that has this link.
fn actor(
    registry: &mut Registry,
    author: &Author,
    (name, words): (&'static str, &'static str),
    link: &accounts::Link,
) -> Result<Actor, HubFault> {
    let secret = hex::encode(&random_bytes::<6>()?);
    let password = format!("demo-{}-{}-{}", &secret[..4], &secret[4..8], &secret[8..]);
    let set = accounts::set_password(registry, &link.token, &password, author.at)?;
    let account = set.map_err(|fault| HubFault::Refused(format!("the password of `{name}` was not set: {fault:?}")))?;
    // Nobody is asked for six digits in a demo: the account has a second factor that has no secret.
    let account = Account { second: Some(author.at), ..account };
    registry.change(author, |changes| changes.put_paper(&Paper::Account(account)))?;
    Ok(Actor { name, password, role: words })
}

fn label_of(listing: u32) -> LabelOrder {
    let serials = Serials::Next { prefix: format!("DEMO-{listing}-"), count: 1 };
    LabelOrder { listing, lot: None, expiry: None, valid_until: None, serials, host: HOST.to_owned() }
}

/// What suppliers file into.
struct World<'a> {
    folder: &'a Path,
    registry: &'a mut Registry,
    now: Timestamp,
    moved: Span,
}

impl World<'_> {
    /// Files a product with its documents as its supplier, and accepts them as an officer; the listing's number.
    fn product(&mut self, row: ListingRow) -> Result<u32, HubFault> {
        let ListingRow { listing: written, supplier, gtin, name_zh, name_en } = row;
        let products = rows::<ProductRow>(PRODUCTS)?;
        let none = || HubFault::Refused(format!("the demo's listing {written} has no product"));
        let ProductRow { category, tags, brick, .. } =
            products.into_iter().find(|row| row.product == written).ok_or_else(none)?;
        let tags = tags.split(';').filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        let found: Vec<CapacityRow> =
            rows(CAPACITIES)?.into_iter().filter(|row: &CapacityRow| row.listing == written).collect();
        let capacities = found.iter().map(|row| {
            let (declared, evidence) = (row.declared.clone(), row.evidence.clone());
            (row.capacity, Declared { declared, evidence })
        });
        let capacities = capacities.collect();
        let name = Text::new(name_zh, name_en);
        let by = self.author(supplier);
        let new = NewProduct { gtin, name, category, tags, brick, capacities };
        let listing = filing::product(self.registry, &by, supplier, new)?.id;
        for row in rows::<DocumentRow>(DOCUMENTS)?.into_iter().filter(|row| row.listing == written) {
            self.document(supplier, listing, row)?;
        }
        let officer = self.officer("a visit");
        for CapacityRow { capacity, assessed, note, .. } in found {
            capacity::assess(self.registry, &officer, listing, capacity, (assessed, &note))?;
        }
        Ok(listing)
    }

    fn officer(&self, why: &str) -> Author {
        Author { who: OFFICER.to_owned(), why: format!("DEMO: {why}"), at: self.now }
    }

    fn author(&self, supplier: u32) -> Author {
        Author { who: format!("supplier {supplier}"), why: "DEMO: a supplier files".to_owned(), at: self.now }
    }

    fn document(&mut self, supplier: u32, listing: u32, row: DocumentRow) -> Result<(), HubFault> {
        let DocumentRow { document, kind, number, issuer, issued, expires, .. } = row;
        let items = rows::<ItemRow>(ITEMS)?.into_iter().filter(|row| row.document == document);
        let items = items.map(|row| {
            let ItemRow { item, method, limit, value, unit, .. } = row;
            Item { item, method, limit, value, unit }
        });
        let moved = |day: Date| day.saturating_add(self.moved);
        let (issued, expires) = (moved(issued), expires.map(moved));
        let filing = Filing { listing, kind, number, issuer, issued, expires, items: items.collect() };
        let mut intake = files::Intake::begin(self.folder)?;
        intake.take(SCAN)?;
        let by = self.author(supplier);
        let filed = filing::file(self.registry, &by, supplier, filing, (self.folder, intake), None)?;
        let officer = self.officer("it is what it says");
        document::judge(self.registry, &officer, filed.id, DocumentState::Accepted).map(drop)
    }
}

fn written(folder: &Path, tables: &[(&str, &str)]) -> Result<(), HubFault> {
    for (name, text) in tables {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, text));
        written.map_err(|source| HubFault::file(&path, "written", source))?;
    }
    Ok(())
}

fn rows<T: DeserializeOwned>(table: &str) -> Result<Vec<T>, HubFault> {
    csv::Reader::from_reader(table.as_bytes()).deserialize().collect::<Result<_, _>>().map_err(wrong)
}

fn wrong(error: impl std::fmt::Display) -> HubFault {
    HubFault::Refused(format!("the demo's tables: {error}"))
}
