//! Listings: one, or page after page of those that a platform asks for.
//!
//! A page goes on from a place that no change moves: the number of the last listing that was looked at, or, for what
//! changed since a release, the release and the number. One that changes again meanwhile comes again. A request looks at
//! so many listings at most, so a page of something rare may be short or empty and still have a `next`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::{Extension, extract::rejection::PathRejection};
use serde::{Deserialize, Serialize};

use super::guard::Caller;
use super::shapes;
use super::{Answer, Problem, parameters, told};
use crate::hub::platform::Scope;
use crate::hub::web::{Here, Site, facts};
use crate::hub::{HubFault, Registry};
use crate::rules::code::Grade;
use crate::rules::record::{Listing, Record, RecordKey};

/// Listings on a page, and the most of them.
const PAGE: u32 = 50;
const PAGE_LIMIT: u32 = 200;
/// Listings that one request looks at.
const LOOKS: u32 = 5000;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    grade: Option<Grade>,
    supplier: Option<u32>,
    gtin: Option<String>,
    changed_since: Option<u32>,
    cursor: Option<String>,
    limit: Option<u32>,
}

/// A place in the order of listings: the release that the last change goes out with, where that is asked for, and the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    release: u64,
    id: u32,
}

#[derive(Serialize)]
struct Page {
    /// The newest list that is out.
    release: u64,
    listings: Vec<shapes::Listing>,
    removed: Vec<u32>,
    next: Option<String>,
}

pub(super) async fn list(
    State(site): Here,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    caller.may(Scope::Listings)?;
    let asked: Asked = parameters(&uri)?;
    let limit = asked.limit.unwrap_or(PAGE);
    if !(1..=PAGE_LIMIT).contains(&limit) {
        return Err(Problem::bad(&format!("`limit` is {limit} and should be 1 to {PAGE_LIMIT}")));
    }
    if let Some(gtin) = &asked.gtin {
        let is_one = matches!(gtin.len(), 8 | 12..=14) && gtin.bytes().all(|byte| byte.is_ascii_digit());
        if !is_one {
            return Err(Problem::bad(&format!("`gtin` is `{gtin}` and should be 8, 12, 13 or 14 digits")));
        }
    }
    let wrong = || Problem::bad("`cursor` is none that was given here");
    let place = asked.cursor.as_deref().map(|cursor| Place::read(cursor).ok_or_else(wrong)).transpose()?;
    let page = site.registry(move |registry| page(registry, &asked, place, limit)).await?;
    told(&page, &headers).await
}

pub(super) async fn one(
    State(site): Here,
    Extension(caller): Extension<Caller>,
    id: Result<Path<u32>, PathRejection>,
    headers: HeaderMap,
) -> Answer {
    caller.may(Scope::Listings)?;
    let Path(id) = id.map_err(|fault| Problem::bad(&fault.body_text()))?;
    let found = site.registry({
        let site = Arc::clone(&site);
        move |registry| whole(&site, registry, id)
    });
    told(&found.await?.ok_or_else(|| Problem::nothing("listing", &id.to_string()))?, &headers).await
}

fn whole(site: &Site, registry: &Registry, id: u32) -> Result<Option<shapes::Listing>, HubFault> {
    let listing = match registry.record(Some(RecordKey::Listing(id)))? {
        Some(Record::Listing(listing)) if !listing.unseen => listing,
        _ => return Ok(None),
    };
    let documents = site.names.documents(registry, id)?;
    Ok(Some(shapes::Listing::from(facts::of_listing(registry, listing)?).with(documents)))
}

impl Place {
    fn read(cursor: &str) -> Option<Self> {
        let (release, id) = cursor.split_once('-')?;
        Some(Self { release: release.parse().ok()?, id: id.parse().ok()? })
    }

    fn write(self) -> String {
        format!("{}-{}", self.release, self.id)
    }
}

fn page(registry: &Registry, asked: &Asked, place: Option<Place>, limit: u32) -> Result<Page, HubFault> {
    let release = registry.newest_release()?.map_or(0, |release| release.version);
    let (seen, is_end) = looked_at(registry, asked, place)?;
    let mut page = Page { release, listings: Vec::new(), removed: Vec::new(), next: None };
    for (place, listing) in seen {
        if page.listings.len() + page.removed.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Ok(page);
        }
        page.next = Some(place.write());
        match listing {
            Some(listing) if asked.wants(&listing) => page.listings.push(facts::of_listing(registry, listing)?.into()),
            // Of what is gone nobody knows whose it was.
            None => page.removed.push(place.id),
            Some(_) => {}
        }
    }
    if is_end {
        page.next = None;
    }
    Ok(page)
}

/// Listings after a place, with their own, and whether there are no more.
type Seen = (Vec<(Place, Option<Listing>)>, bool);

fn looked_at(registry: &Registry, asked: &Asked, place: Option<Place>) -> Result<Seen, HubFault> {
    let after = place.unwrap_or(Place { release: u64::from(asked.changed_since.unwrap_or(0)), id: u32::MAX });
    if let Some(gtin) = &asked.gtin {
        let gtin = format!("{gtin:0>14}");
        let mut found = registry.listings_of(&gtin)?;
        found.sort_by_key(|listing| listing.id);
        let after = place.map_or(0, |place| place.id);
        let found = found.into_iter().filter(|listing| listing.id > after || place.is_none());
        return Ok((found.map(|listing| (Place { release: 0, id: listing.id }, Some(listing))).collect(), true));
    }
    let seen: Vec<_> = if asked.changed_since.is_some() {
        let changed = registry.listings_changed((after.release, after.id), LOOKS)?;
        // One of which the authority says nothing any more is gone, and whoever never heard of it passes it over.
        let seen = |listing: Option<Listing>| listing.filter(|listing| !listing.unseen);
        changed.into_iter().map(|(release, id, listing)| (Place { release, id }, seen(listing))).collect()
    } else {
        let found = registry.listings_after(place.map(|place| place.id), LOOKS)?;
        found.into_iter().map(|listing| (Place { release: 0, id: listing.id }, Some(listing))).collect()
    };
    let is_end = seen.len() < usize::try_from(LOOKS).unwrap_or(usize::MAX);
    Ok((seen, is_end))
}

impl Asked {
    fn wants(&self, listing: &Listing) -> bool {
        !listing.unseen
            && self.grade.is_none_or(|grade| grade == listing.grade)
            && self.supplier.is_none_or(|supplier| supplier == listing.supplier)
    }
}
