//! One field for everything: listings, suppliers, documents, labels.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::parts::{listings, nothing, search};
use crate::hub::assess;
use crate::hub::find::{self, Wanted};
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::account::May;
use crate::rules::label;
use crate::rules::text::Text;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

/// The index that a label's text has, or that a number is.
fn label_index(text: &str) -> Option<u32> {
    text.parse().ok().or_else(|| label::parse(text).ok().map(|label| label.header.index))
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Query(Asked { q }): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let wanted = Wanted { text: q.clone(), ..Wanted::default() };
    let found = site.registry(move |registry| {
        let text = wanted.text.trim().to_owned();
        if text.is_empty() {
            return Ok(None);
        }
        let block = label_index(&text).map(|index| registry.block_of(index)).transpose()?.flatten();
        let suppliers = find::suppliers(registry, &text, 0)?;
        let (_, rulebook) = assess::in_force(registry.papers())?.unwrap_or_default();
        Ok(Some((find::listings(registry, &wanted)?, suppliers, find::documents(registry, &text)?, block, rulebook)))
    });
    let found = found.await?;
    let frame = visitor.frame(Text::new("搜索", "Search"));
    Ok(frame.page(html! {
        (search(&frame, "/console/search", &q, &html! {}))
        @if let Some((products, suppliers, documents, block, rulebook)) = &found {
            @if products.rows.is_empty() && suppliers.rows.is_empty() && documents.is_empty() && block.is_none() {
                (nothing(frame.say("没有找到", "Nothing was found")))
            }
            @if let Some(block) = block {
                p class="card" {
                    (frame.say("标签属于商品", "The label is of listing")) " "
                    a href={ "/console/listings/" (block.listing) } { (block.listing) }
                    " (" (block.first) "–" (block.last) ")"
                }
            }
            @if !products.rows.is_empty() {
                h2 { (frame.say("商品", "Listings")) }
                (listings(&frame, &products.rows))
                @if products.next.is_some() {
                    p { (frame.say("还有更多，请在“商品”页搜索。", "There are more; the page “Listings” has them.")) }
                }
            }
            @if !suppliers.rows.is_empty() {
                h2 { (frame.say("供应商", "Suppliers")) }
                ul class="card" { @for supplier in &suppliers.rows {
                    li { a href={ "/console/suppliers/" (supplier.id) } { (frame.text(&supplier.name)) } " · " (supplier.id) }
                } }
            }
            @if !documents.is_empty() {
                h2 { (frame.say("文件", "Documents")) }
                ul class="card" { @for document in documents {
                    li { a href={ "/console/listings/" (document.listing) "#document-" (document.id) } { (document.number) } " · " (frame.text(&rulebook.kind_name(&document.kind))) }
                } }
            }
        }
    }))
}
