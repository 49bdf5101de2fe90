//! Issuing labels: what an officer orders becomes signed texts, each with an index of its own.
//!
//! Everything that could make a label useless at a kiosk is refused here, before it is printed. The last check is the
//! kiosk's own: each text is parsed and verified as the registry's key says.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use jiff::civil::Date;

use super::keys::{Kept, KeyName, Keys};
use super::publish::slots;
use super::registry::Changes;
use super::{HubFault, Registry, assess, grade};
use crate::rules::code::{Expiry, Grade, Header, Product, Refusal, Scope};
use crate::rules::label;
use crate::rules::record::{Key, Listing, Record, RecordKey, Supplier};

/// The most labels that are issued at once.
pub const BATCH_LIMIT: u32 = 10_000;
/// Digits of a serial that is made up.
const SERIAL_DIGITS: usize = 6;

/// What an officer orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelOrder {
    /// The listing that the labels speak of.
    pub listing: u32,
    /// The lot, if they are for one.
    pub lot: Option<String>,
    /// Last good day of the goods.
    pub expiry: Option<Date>,
    /// Last valid day of the labels.
    pub valid_until: Option<Date>,
    /// Which items, if they are for items.
    pub serials: Serials,
    /// Where the labels lead; not signed.
    pub host: String,
}

/// The items that labels are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Serials {
    /// None: one label for the lot or the product.
    None,
    /// These.
    Given(Vec<String>),
    /// So many, numbered on from those that were issued before.
    Next {
        /// What the serials begin with.
        prefix: String,
        /// How many.
        count: u32,
    },
}

/// A secret key and the slot that its labels name.
#[derive(Debug)]
pub struct LabelKey {
    /// 0 to 4095.
    pub slot: u16,
    /// The secret.
    pub secret: SigningKey,
}

/// Labels that were issued together, and what is printed on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The listing that they speak of.
    pub listing: Listing,
    /// Who supplies it.
    pub supplier: Supplier,
    /// In the order of their indexes.
    pub labels: Vec<BatchLabel>,
}

/// A label of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchLabel {
    /// Its index.
    pub index: u32,
    /// The GS1 elements.
    pub product: Product,
    /// What its QR code says.
    pub text: String,
}

/// Issues what `order` asks for; `today` is the date where the officer is.
///
/// # Errors
/// A red listing, an order that makes no sense, a key that kiosks do not believe; the database's.
pub fn issue(changes: &mut Changes<'_>, key: &LabelKey, order: &LabelOrder, today: Date) -> Result<Batch, HubFault> {
    // The grade of this hour is signed, not that of the last publish.
    assess::refresh(changes, order.listing)?;
    let (listing, supplier) = graded(changes, order.listing)?;
    let public = believed(changes, key)?;
    let product = product(&listing, order, today)?;
    let serials = serials(changes, order, &listing)?;
    let count = u32::try_from(serials.as_ref().map_or(1, Vec::len)).unwrap_or(u32::MAX);
    if !(1..=BATCH_LIMIT).contains(&count) {
        return refused(format!("`{count}` labels cannot be issued at once; ask for 1 to {BATCH_LIMIT}"));
    }
    // Whoever scans one of these asks for it.
    grade::see(changes, listing.id)?;
    let block = changes.take_block(listing.id, count)?;
    let scope = match (&serials, &order.lot) {
        (Some(_), _) => Scope::Item,
        (None, Some(_)) => Scope::Lot,
        (None, None) => Scope::Product,
    };
    let of_items = serials.map_or_else(|| vec![None], |serials| serials.into_iter().map(Some).collect());
    let mut labels = Vec::with_capacity(of_items.len());
    for (index, serial) in (block.first..=block.last).zip(of_items) {
        let product = Product { serial, ..product.clone() };
        let (key_slot, valid_until, grade) = (key.slot, order.valid_until, listing.grade);
        let header = Header { key_slot, valid_until, index, grade, scope };
        let text = signed(&header, &product, (key, &public), &order.host)?;
        changes.record_label(index, listing.id, key.slot, &text)?;
        labels.push(BatchLabel { index, product, text });
    }
    Ok(Batch { listing, supplier, labels })
}

pub(super) fn refused<T>(message: impl Into<String>) -> Result<T, HubFault> {
    Err(HubFault::Refused(message.into()))
}

/// The listing, unless it is red, and its supplier.
pub(super) fn graded(changes: &Changes<'_>, id: u32) -> Result<(Listing, Supplier), HubFault> {
    let Some(Record::Listing(listing)) = changes.record(Some(RecordKey::Listing(id)))? else {
        return refused(format!("there is no listing `{id}`"));
    };
    if listing.grade == Grade::Red {
        return refused(format!("listing {id} is red, and red products get no labels; assess it anew first"));
    }
    let Some(Record::Supplier(supplier)) = changes.record(Some(RecordKey::Supplier(listing.supplier)))? else {
        return refused(format!("supplier {} of listing {id} is not there", listing.supplier));
    };
    Ok((listing, supplier))
}

/// The public key that kiosks have for this slot, if it is that of the secret one and they will believe new labels.
fn believed(changes: &Changes<'_>, key: &LabelKey) -> Result<Key, HubFault> {
    let slot = key.slot;
    let Some(Record::Key(public)) = changes.record(Some(RecordKey::Key(slot)))? else {
        return refused(format!("kiosks do not know key {slot}; put its public key into the registry first"));
    };
    if public.public != key.secret.verifying_key().to_bytes() {
        return refused(format!("the secret key is not that of key {slot}, so no kiosk would believe its labels"));
    }
    if let Some(cut_off) = public.cut_off {
        return refused(format!("key {slot} is cut off from label {cut_off} on; sign with another key"));
    }
    Ok(public)
}

/// What all labels of the order carry.
fn product(listing: &Listing, order: &LabelOrder, today: Date) -> Result<Product, HubFault> {
    if let Some(lot) = order.lot.as_deref().filter(|lot| !label::is_element(lot)) {
        return refused(not_an_element("lot", lot));
    }
    past("", order.expiry, order.valid_until, today)?;
    let expiry = order.expiry.map(expiry).transpose()?;
    Ok(Product { gtin: listing.gtin, lot: order.lot.clone(), serial: None, expiry })
}

/// Whether goods or labels are good until today at least; `whose` they are stands before the date.
pub(super) fn past(whose: &str, expiry: Option<Date>, valid_until: Option<Date>, today: Date) -> Result<(), HubFault> {
    for (what, day) in [("expiry", expiry), ("last valid day", valid_until)] {
        if let Some(day) = day.filter(|day| *day < today) {
            return refused(format!("the {what} {whose}`{day}` is past: today is {today}"));
        }
    }
    Ok(())
}

fn not_an_element(what: &str, value: &str) -> String {
    format!("{what} `{value}` cannot stand on a label; write 1 to 20 of `A-Z 0-9 - .`")
}

/// Six digits, if a reader takes them for this very day.
fn expiry(day: Date) -> Result<Expiry, HubFault> {
    let read = Expiry::parse(&day.strftime("%y%m%d").to_string()).filter(|expiry| expiry.last_day() == day);
    read.ok_or_else(|| HubFault::Refused(format!("the expiry `{day}` is too far away for its two digits of the year")))
}

/// The serials of the order, none of which was issued before.
fn serials(changes: &Changes<'_>, order: &LabelOrder, listing: &Listing) -> Result<Option<Vec<String>>, HubFault> {
    let (given, prefix, count) = match &order.serials {
        Serials::None => return Ok(None),
        Serials::Given(given) => (Some(given), "", 0),
        Serials::Next { prefix, count } => (None, prefix.as_str(), *count),
    };
    let before = changes.serials(listing.gtin)?;
    let Some(given) = given else {
        let number = |serial: &String| serial.strip_prefix(prefix)?.parse::<u64>().ok();
        let last = before.keys().filter_map(number).max().unwrap_or_default();
        return next(prefix, last, count).map(Some);
    };
    let mut seen = BTreeSet::new();
    for serial in given {
        if !label::is_element(serial) {
            return refused(not_an_element("serial", serial));
        }
        if let Some(index) = before.get(serial) {
            return refused(format!("serial `{serial}` was issued before with label {index}; take another one"));
        }
        if !seen.insert(serial) {
            return refused(format!("serial `{serial}` is there twice; every item has its own"));
        }
    }
    Ok(Some(given.clone()))
}

/// `count` serials after number `last`.
fn next(prefix: &str, last: u64, count: u32) -> Result<Vec<String>, HubFault> {
    // The order's size is checked where all orders are; here it must only not be made up in vain.
    let count = u64::from(count.min(BATCH_LIMIT + 1));
    if last.checked_add(count).is_none() {
        return refused(format!("no number comes after serial `{prefix}{last}`; take another prefix"));
    }
    let serials: Vec<String> = (1..=count).map(|more| format!("{prefix}{:0SERIAL_DIGITS$}", last + more)).collect();
    match serials.last().filter(|serial| !label::is_element(serial)) {
        Some(serial) => refused(not_an_element("serial", serial)),
        None => Ok(serials),
    }
}

/// The text of a label, which a kiosk will believe.
fn signed(header: &Header, product: &Product, keys: (&LabelKey, &Key), host: &str) -> Result<String, HubFault> {
    let (secret, public) = keys;
    let text = label::sign(header, product, &secret.secret).map(|label| label.to_text(host));
    let read = text.and_then(|text| label::verify(&label::parse(&text)?, Some(public)).map(|_| text));
    read.map_err(|refusal| HubFault::Refused(in_words(refusal, header, host)))
}

fn in_words(refusal: Refusal, header: &Header, host: &str) -> String {
    match refusal {
        Refusal::Address => format!("`{host}` is not a host; write a name like `QR.EXAMPLE.COM`"),
        Refusal::Header => {
            let day = header.valid_until.map_or_else(String::new, |day| day.to_string());
            format!("a label cannot say that it is valid until `{day}`; write a day before 2199-06-06")
        }
        Refusal::StemLength
        | Refusal::StemRange
        | Refusal::Version
        | Refusal::Gtin
        | Refusal::Element
        | Refusal::Expiry
        | Refusal::Scope
        | Refusal::KeyUnknown
        | Refusal::KeyCutOff
        | Refusal::Signature => format!("a kiosk would refuse the label: {refusal}"),
    }
}

/// The key to sign with: that of `slot`, else that of the highest slot which kiosks know and which is not cut off.
///
/// # Errors
/// There is none, or it cannot be opened.
pub fn label_key(registry: &Registry, keys: &mut Keys, slot: Option<u16>) -> Result<LabelKey, HubFault> {
    let slot = match slot {
        Some(slot) => slot,
        None => newest_slot(registry, keys)?,
    };
    keys.open(KeyName::Label(slot)).map(|secret| LabelKey { slot, secret })
}

fn newest_slot(registry: &Registry, keys: &Keys) -> Result<u16, HubFault> {
    let Some((slot, _)) = newest_here(registry, keys)? else {
        return refused("there is no label key here that kiosks know; make one with `greengate-hub keys rotate`");
    };
    Ok(slot)
}

/// How the key lies here that labels are signed with; none if there is none that kiosks believe.
///
/// # Errors
/// A key file is there and cannot be read; the database's.
pub fn newest_label_key(registry: &Registry, keys: &Keys) -> Result<Option<Kept>, HubFault> {
    Ok(newest_here(registry, keys)?.map(|(_, kept)| kept))
}

fn newest_here(registry: &Registry, keys: &Keys) -> Result<Option<(u16, Kept)>, HubFault> {
    let mut known = slots(registry)?;
    known.retain(|key| key.cut_off.is_none());
    known.sort_unstable_by_key(|key| std::cmp::Reverse(key.slot));
    for key in known {
        let kept = keys.kept(KeyName::Label(key.slot))?;
        if kept != Kept::Away {
            return Ok(Some((key.slot, kept)));
        }
    }
    Ok(None)
}
