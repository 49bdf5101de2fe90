//! Pieces that several of these pages have.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::hub::web::frame::Frame;
use crate::rules::record::Listing;
use crate::rules::text::Text;

/// China has one time zone, and everything of the authority is dated in it.
const OFFSET_HOURS: i8 = 8;

/// That zone.
pub(super) fn zone() -> TimeZone {
    jiff::tz::offset(OFFSET_HOURS).to_time_zone()
}

/// A moment to the minute.
pub(super) fn minute(at: Timestamp) -> String {
    zone().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Listings as a table.
pub(super) fn listings(frame: &Frame, listings: &[Listing]) -> Markup {
    html! {
        div class="table" tabindex="0" role="region" aria-label=(frame.say("商品列表", "Listings")) {
            table {
                thead { tr {
                    th class="number" scope="col" { (frame.say("编号", "Number")) }
                    th scope="col" { (frame.say("商品", "Product")) }
                    th scope="col" { "GTIN" }
                    th class="number" scope="col" { (frame.say("供应商", "Supplier")) }
                    th scope="col" { (frame.say("等级", "Grade")) }
                } }
                tbody { @for listing in listings {
                    tr {
                        td class="number" { (listing.id) }
                        th scope="row" { a href={ "/console/listings/" (listing.id) } { (frame.text(&listing.name)) } }
                        td { (listing.gtin.to_string()) }
                        td class="number" { a href={ "/console/suppliers/" (listing.supplier) } { (listing.supplier) } }
                        td { (frame.grade(listing.grade)) }
                    }
                } }
            }
        }
    }
}

/// The way to the next page of a list.
pub(super) fn next_page(frame: &Frame, path: &str, query: &[(&str, &str)], next: Option<u32>) -> Markup {
    let Some(next) = next else { return html! {} };
    let query = query.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> =
        query.map(|(name, value)| format!("{name}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC))).collect();
    let query = query.concat();
    html! { p { a class="button second" rel="next" href={ (path) "?" (query) "after=" (next) } { (frame.say("下一页", "Next page")) } } }
}

/// The field to look for everything.
pub(super) fn search(frame: &Frame, path: &str, text: &str, more: &Markup) -> Markup {
    html! {
        form class="search" method="get" action=(path) role="search" {
            label class="unseen" for="q" { (frame.say("搜索", "Search")) }
            input id="q" name="q" type="search" value=(text) placeholder=(frame.say("编号、GTIN、商品名、供应商名", "Number, GTIN, product or supplier"));
            (more)
            button { (frame.say("搜索", "Search")) }
        }
    }
}

/// What is shown where there is nothing.
pub(super) fn nothing(text: &str) -> Markup {
    html! { p class="card quiet" { (text) } }
}

/// There is no such thing; `what` names it with its number.
pub(super) fn gone(zh: &str, en: &str) -> crate::hub::web::trouble::Trouble {
    let says = Text::new(format!("没有{zh}，请从列表中选择"), format!("there is no {en}; choose one from the list"));
    crate::hub::web::trouble::Trouble::new(axum::http::StatusCode::NOT_FOUND, says)
}
