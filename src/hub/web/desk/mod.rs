//! A supplier's desk: its products, what is asked of each and what is missing, documents, capacities, labels, and the facts of
//! the firm. What is done stands in [`crate::hub::filing`]; here it is shown and asked for.

mod capacities;
mod checklist;
mod draft;
mod firm;
mod labels;
mod product;
mod upload;

pub(super) use product::tag_name;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Router, http::header};
use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};
use serde::Deserialize;

use super::download::{Wish, download};
use super::frame::Frame;
use super::trouble::Trouble;
use super::visitor::Visitor;
use super::{Site, asset};
use crate::hub::inbox::{self, Clock};
use crate::hub::{HubFault, Registry, filing};
use crate::rules::record::Listing;
use crate::rules::text::Text;

const SCRIPT: &str = include_str!("../page/desk.js");
/// The largest form that is read. A file may be half of it: a larger one is read on and forgotten, so that the browser gets to
/// the answer that says so.
const BODY_BYTES: usize = 20 << 20;

/// Products on a page.
const SHOWN: usize = 48;

/// The desk's pages.
pub(super) fn router() -> Router<Arc<Site>> {
    let upload = DefaultBodyLimit::max(BODY_BYTES);
    Router::new()
        .route("/desk", get(products))
        .route("/desk.js", get(|| async { asset("text/javascript; charset=utf-8", SCRIPT) }))
        .route("/desk/new", get(product::page).post(product::file))
        .route("/desk/firm", get(firm::page).post(firm::save))
        .route("/desk/listing/{id}", get(checklist::page))
        .route("/desk/listing/{id}/capacities", get(capacities::page).post(capacities::save))
        .route("/desk/listing/{id}/file", get(upload::page).post(upload::take).layer(upload))
        .route("/desk/listing/{id}/labels", get(labels::page).post(labels::print))
        .route("/desk/document/{id}", get(document))
}

/// There is nothing of the visitor's here.
fn nothing() -> Trouble {
    let en = "you have no such product or document; `My products` lists them";
    Trouble::new(StatusCode::NOT_FOUND, Text::new("您没有这个商品或文件，请从“我的商品”进入", en))
}

/// Works with a listing of the visitor's.
async fn with_own<T: Send + 'static>(
    site: &Arc<Site>,
    visitor: &Visitor,
    listing: u32,
    work: impl FnOnce(&mut Registry, Listing) -> Result<T, HubFault> + Send + 'static,
) -> Result<T, Trouble> {
    let supplier = visitor.supplier()?;
    let done = site.registry(move |registry| {
        let Some(listing) = filing::own(registry, supplier, listing)? else { return Ok(None) };
        work(registry, listing).map(Some)
    });
    done.await?.ok_or_else(nothing)
}

/// A form that is sent back.
fn again(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// The script that tells mistakes as they are typed; all of them are told without it too.
fn script() -> Markup {
    html! { script src="/desk.js" defer {} }
}

/// A moment as people at the desk say it.
fn moment(at: Timestamp) -> String {
    let china = TimeZone::fixed(jiff::tz::offset(crate::hub::document::OFFSET_HOURS));
    china.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

#[derive(Debug, Deserialize)]
struct Turned {
    #[serde(default)]
    page: usize,
}

async fn products(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Query(Turned { page }): Query<Turned>,
) -> Result<Response, Trouble> {
    let supplier = visitor.supplier()?;
    let (name, rows, more) = site
        .registry(move |registry| {
            let name = filing::supplier(registry, supplier)?;
            let listings = registry.listings_by(supplier)?;
            let begin = page.saturating_mul(SHOWN);
            let more = listings.len() > begin.saturating_add(SHOWN);
            // The newest first: that is what is worked on.
            let rows = listings.into_iter().rev().skip(begin).take(SHOWN).map(|listing| {
                let clock = inbox::clock(registry, listing.id)?;
                Ok((listing, clock))
            });
            Ok((name, rows.collect::<Result<Vec<_>, HubFault>>()?, more))
        })
        .await?;
    let frame = visitor.frame(Text::new("我的商品", "My products"));
    let now = site.now();
    Ok(frame.page(html! {
        @if let Some(name) = &name { p { (frame.text(name)) } }
        p class="acts" {
            a class="button" href="/desk/new" { (frame.say("申报新商品", "File a product")) }
            a class="button second" href="/desk/firm" { (frame.say("企业信息", "The firm")) }
        }
        @if rows.is_empty() {
            p class="note" { (frame.say("还没有商品。申报第一个商品大约需要三分钟。", "There is no product yet. Filing the first one takes about three minutes.")) }
        }
        div class="cards" { @for (listing, clock) in &rows { (product_card(&frame, listing, clock, now)) } }
        p class="acts" {
            @if page > 0 { a class="button second" href={ "/desk?page=" (page - 1) } { (frame.say("较新的", "Newer ones")) } }
            @if more { a class="button second" href={ "/desk?page=" (page + 1) } { (frame.say("较早的", "Older ones")) } }
        }
    }))
}

fn product_card(frame: &Frame, listing: &Listing, clock: &Clock, now: Timestamp) -> Markup {
    let missing = listing.missing.len();
    html! {
        section class="card" {
            h2 { a href={ "/desk/listing/" (listing.id) } { (frame.text(&listing.name)) } }
            p class="quiet" { "GTIN " (listing.gtin) }
            p {
                (frame.grade(listing.grade)) " "
                @if missing > 0 { (frame.say("还缺 ", "missing: ")) (missing) (frame.say(" 项", "")) }
            }
            p class="quiet" { (told(frame, clock, now)) }
        }
    }
}

/// The clock in words: what the authority owes the supplier, or when it answered.
fn told(frame: &Frame, clock: &Clock, now: Timestamp) -> Markup {
    if let Some(waiting) = &clock.waiting {
        let due = waiting.due();
        let late = now > due;
        return html! {
            (frame.say("已提交 ", "filed ")) time datetime=(waiting.since) { (moment(waiting.since)) }
            (frame.say("，最迟 ", ", due ")) time datetime=(due) { (moment(due)) } (frame.say(" 答复（北京时间）", " (Beijing time)"))
            @if late { " " strong { (frame.say("（已超时，请联系质量官）", "(late: ask the officer)")) } }
        };
    }
    let Some((since, at)) = clock.answered else {
        return html! { (frame.say("尚未提交待审内容", "nothing was filed to assess")) };
    };
    html! {
        (frame.say("无待审；上次答复用了 ", "nothing waits; the last answer took "))
        @match at.duration_since(since).as_hours() {
            0 => { (frame.say("不到 1 小时", "less than 1 h")) },
            hours => { (hours) (frame.say(" 小时", " h")) },
        }
    }
}

async fn document(State(site): State<Arc<Site>>, visitor: Visitor, Path(id): Path<u32>) -> Result<Response, Trouble> {
    let supplier = visitor.supplier()?;
    let found = site.registry(move |registry| filing::own_document(registry, supplier, id)).await?;
    let stored = found.and_then(|document| document.file).ok_or_else(nothing)?;
    download(&site, id, stored, Wish::Take).await
}

/// A PDF that was made for the visitor, to be printed.
fn printed(bytes: Vec<u8>, name: &str) -> Response {
    use axum::response::IntoResponse;
    let about = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.pdf\"")),
    ];
    (about, bytes).into_response()
}
