//! What GTINs and labels say: one, or up to a thousand at once.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::guard::Caller;
use super::shapes::Listing;
use super::{Answer, Problem, body, parameters, read, told};
use crate::hub::document::date_at;
use crate::hub::platform::Scope;
use crate::hub::web::facts::{self, Genuine, LabelFacts, ListingFacts};
use crate::hub::web::{Here, Site};
use crate::hub::{HubFault, Registry};
use crate::rules::code::{Code, Expiry, Product, Refusal};
use crate::rules::gs1;

/// Most items of a request, and the longest one in characters.
const ITEMS_LIMIT: usize = 1000;
const ITEM_LIMIT: usize = 600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Many {
    items: Vec<String>,
}

#[derive(Serialize)]
struct All {
    release: u64,
    results: Vec<Found>,
}

/// What one text is.
#[derive(Serialize)]
struct Found {
    asked: String,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Kind {
    /// A genuine label; nothing for its listing where the registry does not have it.
    Label { label: Printed, listing: Option<Box<Listing>> },
    /// It claims a signature and is no label.
    Forged { refusal: &'static str, detail: String },
    /// A product code that nobody signed.
    Product { product: Elements, listings: Vec<Listing> },
    /// No product code.
    Other,
}

/// What a label says of itself, and what of it is over.
#[derive(Serialize)]
struct Printed {
    index: u32,
    product: Elements,
    valid_until: Option<Date>,
    label_expired: bool,
    goods_expired: bool,
    demo: bool,
}

#[derive(Serialize)]
struct Elements {
    gtin: String,
    lot: Option<String>,
    serial: Option<String>,
    good_until: Option<Date>,
}

pub(super) async fn one(
    State(site): Here,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    caller.may(Scope::Labels)?;
    let One { text } = parameters(&uri)?;
    let all = looked_up(&site, vec![text]).await?;
    told(&all, &headers).await
}

pub(super) async fn many(State(site): Here, Extension(caller): Extension<Caller>, request: Request) -> Answer {
    caller.may(Scope::Labels)?;
    let Many { items } = read(&body(request).await?)?;
    Ok(Json(looked_up(&site, items).await?).into_response())
}

async fn looked_up(site: &Arc<Site>, items: Vec<String>) -> Result<All, Problem> {
    if !(1..=ITEMS_LIMIT).contains(&items.len()) {
        return Err(Problem::bad(&format!("there are {} items and should be 1 to {ITEMS_LIMIT}", items.len())));
    }
    if let Some(long) = items.iter().find(|item| !(1..=ITEM_LIMIT).contains(&item.chars().count())) {
        let length = long.chars().count();
        return Err(Problem::bad(&format!("an item has {length} characters and should have 1 to {ITEM_LIMIT}")));
    }
    let read = move |registry: &mut Registry| {
        let today = date_at(Timestamp::now());
        let release = registry.newest_release()?.map_or(0, |release| release.version);
        let results = items.into_iter().map(|asked| Ok(Found { kind: kind(registry, &asked, today)?, asked }));
        Ok(All { release, results: results.collect::<Result<_, HubFault>>()? })
    };
    Ok(site.registry(read).await?)
}

fn kind(registry: &Registry, text: &str, today: Date) -> Result<Kind, HubFault> {
    Ok(match gs1::read(text.as_bytes()) {
        Code::Signed(signed) => match facts::of_label(registry, &signed)? {
            LabelFacts::Forged(refusal) => forged(refusal),
            LabelFacts::Genuine(genuine) => label(*genuine, today),
        },
        Code::Broken(refusal) => forged(refusal),
        Code::Unsigned(product) => {
            let listings = facts::of_product(registry, product.gtin)?;
            Kind::Product { product: (&product).into(), listings: all(listings) }
        }
        Code::Delivery(_) | Code::Other => Kind::Other,
    })
}

fn all(listings: Vec<ListingFacts>) -> Vec<Listing> {
    listings.into_iter().map(Listing::from).collect()
}

fn forged(refusal: Refusal) -> Kind {
    Kind::Forged { refusal: refusal.slug(), detail: refusal.to_string() }
}

fn label(genuine: Genuine, today: Date) -> Kind {
    let Genuine { label, demo, listing } = genuine;
    let (header, product) = (label.header(), label.product());
    let label = Printed {
        index: header.index,
        product: product.into(),
        valid_until: header.valid_until,
        label_expired: header.valid_until.is_some_and(|day| today > day),
        goods_expired: product.expiry.is_some_and(|expiry| today > expiry.last_day()),
        demo,
    };
    Kind::Label { label, listing: listing.map(|listing| Box::new(listing.into())) }
}

impl From<&Product> for Elements {
    fn from(product: &Product) -> Self {
        let Product { gtin, lot, serial, expiry } = product.clone();
        Self { gtin: gtin.to_string(), lot, serial, good_until: expiry.map(Expiry::last_day) }
    }
}
