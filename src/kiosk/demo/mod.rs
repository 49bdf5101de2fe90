//! The demo world: invented firms and products that show every row of the verdict table, and a rack of their labels.
//!
//! Its records stand in `assets/demo/records.jsonl`, as the demo authority of `greengate-hub` graded and published them; what
//! depends on the day (issue time, expiries, validity, signatures) is made when the program starts. Its keys are known to
//! everyone and count in the demo world only.

use std::path::Path;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use crate::rules::code::{Expiry, Grade, Gtin, Header, Product, Scope};
use crate::rules::demo::DemoKey;
use crate::rules::label;
use crate::rules::record::{Key, Line, Listing, Meta, Record};
use crate::rules::ruling::Outcome;
use crate::rules::text::Text;
use crate::rules::virtual_board::RackLabel;
use crate::store::{self, Cache, StoreFault};

const RECORDS: &str = include_str!("../../../assets/demo/records.jsonl");
const RACK: &str = include_str!("../../../assets/demo/rack.jsonl");
/// Labels of the demo lead here; the name is reserved for examples (RFC 2606).
const HOST: &str = "QR.EXAMPLE.COM";
/// The demo's list is this many hours old, counted from the full hour: a replay makes the same list.
const AGE_H: i64 = 2;
/// Day 0 of the demo's versions.
const FIRST_DAY: Date = jiff::civil::date(2020, 1, 1);

/// The demo world on one day.
#[derive(Debug)]
pub struct World {
    /// The feed: a snapshot's lines.
    pub lines: Vec<Line>,
    /// The labels to hold up.
    pub rack: Vec<RackLabel>,
}

/// A line of `assets/demo/rack.jsonl`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RackLine {
    id: String,
    title: Option<Text>,
    about: Text,
    expected: Option<Outcome>,
    slug: String,
    listing: Option<u32>,
    signed: Option<Signed>,
    spoil: Option<Spoil>,
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    index: u32,
    grade: Grade,
    scope: Scope,
    lot: Option<String>,
    serial: Option<String>,
    expiry_days: Option<i64>,
    valid_days: Option<i64>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Spoil {
    Digit,
    Key,
    CutOff,
}

/// The demo world as of `now`, whose date in the site's time zone is `today`.
///
/// # Panics
/// Never in a build whose tests pass: the files are part of the program.
#[must_use]
pub fn world(now: Timestamp, today: Date) -> World {
    let records: Vec<Line> = lines(RECORDS);
    let listings: Vec<Listing> = records.iter().filter_map(listing).collect();
    let rack = lines::<RackLine>(RACK).into_iter().map(|line| rack_label(line, &listings, today)).collect();
    let hour = Timestamp::from_second(now.as_second() - now.as_second().rem_euclid(3600)).unwrap_or(now);
    let issued = hour.saturating_sub(AGE_H.hours()).expect("hours are a fixed span");
    let meta = Line::Meta(Meta { from: 0, to: version(today), issued });
    World { lines: [meta].into_iter().chain(keys()).chain(records).collect(), rack }
}

/// A day's version: the days since 2020, so that a folder that is used again gets the newer day's list.
fn version(today: Date) -> u64 {
    today.duration_since(FIRST_DAY).as_hours().unsigned_abs() / 24
}

/// Whether `folder` has a list that is not the demo world's.
///
/// # Errors
/// The store's fault.
pub fn is_taken(folder: &Path) -> Result<bool, StoreFault> {
    let Some(cache) = Cache::open(folder)? else { return Ok(false) };
    let key = cache.key(DemoKey::Authority.slot())?;
    Ok(key.is_none_or(|key| key.public != DemoKey::Authority.public()))
}

/// Loads the world's list into the cache of `folder`, unless it has that day's already.
///
/// # Errors
/// The store's fault.
pub fn load(folder: &Path, world: &World) -> Result<(), StoreFault> {
    let Some(Line::Meta(meta)) = world.lines.first() else { return Ok(()) };
    if Cache::open(folder)?.is_some_and(|cache| cache.facts().version >= meta.to) {
        return Ok(());
    }
    store::load_lines(folder, &world.lines).map(drop)
}

fn lines<T: for<'a> Deserialize<'a>>(text: &str) -> Vec<T> {
    text.lines().map(|line| serde_json::from_str(line).expect("the demo's files are tested")).collect()
}

fn listing(line: &Line) -> Option<Listing> {
    let Line::Put(record) = line else { return None };
    let Record::Listing(listing) = record.as_ref() else { return None };
    Some(listing.clone())
}

fn put(record: Record) -> Line {
    Line::Put(Box::new(record))
}

fn keys() -> [Line; 2] {
    [(DemoKey::Authority, None), (DemoKey::CutOff, Some(0))]
        .map(|(key, cut_off)| put(Record::Key(Key { slot: key.slot(), public: key.public(), cut_off })))
}

fn rack_label(line: RackLine, listings: &[Listing], today: Date) -> RackLabel {
    let listing = line.listing.and_then(|id| listings.iter().find(|listing| listing.id == id));
    let text = match (line.signed, listing) {
        (Some(signed), Some(listing)) => signed_text(signed, line.spoil, listing.gtin, today),
        (Some(_) | None, _) => line.text.expect("a line of the rack is signed or has a text"),
    };
    let title = line.title.or_else(|| listing.map(|listing| listing.name.clone())).unwrap_or_default();
    RackLabel { id: line.id, title, about: line.about, expected: line.expected, slug: line.slug, text }
}

fn signed_text(signed: Signed, spoil: Option<Spoil>, gtin: Gtin, today: Date) -> String {
    let day = |days: i64| today.saturating_add(days.days());
    let key = match spoil {
        Some(Spoil::Key) => DemoKey::Forger,
        Some(Spoil::CutOff) => DemoKey::CutOff,
        Some(Spoil::Digit) | None => DemoKey::Authority,
    };
    let header = Header {
        key_slot: key.slot(),
        valid_until: signed.valid_days.map(day),
        index: signed.index,
        grade: signed.grade,
        scope: signed.scope,
    };
    let expiry = signed.expiry_days.map(|days| day(days).strftime("%y%m%d").to_string());
    let product =
        Product { gtin, lot: signed.lot, serial: signed.serial, expiry: expiry.as_deref().and_then(Expiry::parse) };
    let label = label::sign(&header, &product, &key.signing_key()).expect("the demo's files are tested");
    let text = label.to_text(HOST);
    if spoil == Some(Spoil::Digit) { spoiled(&text) } else { text }
}

/// The text with the last digit of its stem changed: inside the signature.
fn spoiled(text: &str) -> String {
    let end = text.find("/01/").expect("a label has 01");
    let digit = if text[..end].ends_with('1') { "2" } else { "1" };
    format!("{}{digit}{}", &text[..end - 1], &text[end..])
}
