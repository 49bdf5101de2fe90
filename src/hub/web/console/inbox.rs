//! What waits for an officer: submissions, oldest first, with the day that was promised, and grades that wait for a second
//! person.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use super::parts::{minute, nothing, search};
use super::told;
use crate::hub::inbox::{self, Waiting};
use crate::hub::propose;
use crate::hub::web::Site;
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::account::{May, Proposal};
use crate::rules::record::Listing;
use crate::rules::text::{Text, counted};

/// Most submissions that the page lists.
const SHOWN: usize = 200;
/// Most suppliers of the same product that it names.
const CLAIMS_SHOWN: usize = 3;

pub(super) async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let seen = site.registry(|registry| {
        let waiting = inbox::waiting(registry)?;
        let shown = waiting.iter().take(SHOWN);
        let others = shown.map(|one| inbox::others(registry, &one.listing)).collect::<Result<Vec<_>, _>>()?;
        Ok((waiting, others, propose::waiting(registry)?, registry.pending()?))
    });
    let (waiting, others, proposals, pending) = seen.await?;
    let now = site.now();
    let late = waiting.iter().filter(|waiting| waiting.due() < now).count();
    let frame = visitor.frame(Text::new("待办", "Inbox"));
    Ok(frame.page(html! {
        (search(&frame, "/console/search", "", &html! {}))
        div class="cards figures" {
            section class="card" { h2 { (frame.say("待审核", "Submissions")) } p class="figure" { (waiting.len()) } }
            section class="card" { h2 { (frame.say("已超期", "Overdue")) } p class="figure" { (late) } }
            section class="card" { h2 { (frame.say("待复核", "For a second person")) } p class="figure" { (proposals.len()) } }
            section class="card" { h2 { (frame.say("待发布", "To be published")) } p class="figure" { a href="/console/publish" { (pending) } } }
        }
        (second(&frame, &visitor, &proposals))
        h2 { (frame.say("待审核", "Submissions")) }
        @if waiting.is_empty() { (nothing(frame.say("没有待审核的提交", "Nothing waits"))) }
        @else { (table(&frame, waiting.iter().zip(&others), now)) }
    }))
}

fn table<'a>(frame: &Frame, waiting: impl Iterator<Item = (&'a Waiting, &'a Vec<Listing>)>, now: Timestamp) -> Markup {
    html! {
        div class="table" tabindex="0" role="region" aria-label=(frame.say("待审核", "Submissions")) { table {
            thead { tr {
                th scope="col" { (frame.say("商品", "Product")) }
                th scope="col" { (frame.say("等什么", "What waits")) }
                th scope="col" { (frame.say("提交于", "Since")) }
                th scope="col" { (frame.say("最迟", "Due")) }
                th scope="col" { (frame.say("等级", "Grade")) }
            } }
            tbody { @for (one, others) in waiting { tr {
                th scope="row" {
                    a href={ "/console/listings/" (one.listing.id) } { (frame.text(&one.listing.name)) }
                    " · " (one.listing.id)
                    @if one.is_new { " " span class="chip" { (frame.say("新", "new")) } }
                }
                td {
                    (what(frame, one))
                    @if !others.is_empty() { " " (claimed(frame, others)) }
                }
                td class="moment" { (minute(one.since)) }
                td class="moment" {
                    (minute(one.due()))
                    @if one.due() < now { " " span class="grade red" { (frame.say("超期", "overdue")) } }
                }
                td { (frame.grade(one.listing.grade)) }
            } } }
        } }
    }
}

/// That other suppliers list this product too, which the officer weighs.
fn claimed(frame: &Frame, others: &[Listing]) -> Markup {
    html! {
        span class="chip" {
            (frame.say("同一商品条码：供应商", "same GTIN: supplier"))
            @for other in others.iter().take(CLAIMS_SHOWN) { " " a href={ "/console/listings/" (other.id) } { (other.supplier) } }
            @if others.len() > CLAIMS_SHOWN { " …" }
        }
    }
}

fn what(frame: &Frame, waiting: &Waiting) -> String {
    let mut parts = Vec::new();
    if !waiting.documents.is_empty() {
        let count = waiting.documents.len();
        parts.push(frame.text(&Text::new(format!("文件 {count} 份"), counted(count, "document"))).to_owned());
    }
    parts.extend(waiting.capacities.iter().map(|kind| frame.text(&told::capacity_name(*kind)).to_owned()));
    parts.join(frame.say("、", ", "))
}

fn second(frame: &Frame, visitor: &Visitor, proposals: &[Proposal]) -> Markup {
    if proposals.is_empty() {
        return html! {};
    }
    html! {
        h2 { (frame.say("待复核的等级", "Grades for a second person")) }
        ul class="card" { @for proposal in proposals { li {
            a href={ "/console/listings/" (proposal.listing) "#proposal" } { (frame.say("商品 ", "Listing ")) (proposal.listing) }
            " " (frame.grade(proposal.grade)) " " (proposal.name) (frame.say("，", ", ")) (minute(proposal.at)) (frame.say("：", ": ")) (proposal.why)
            @if proposal.by == visitor.account.id { " " span class="chip" { (frame.say("您提议的", "yours")) } }
        } } }
    }
}
