//! Suppliers: who they are, and what they list.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::parts::{gone, listings, next_page, nothing, search};
use super::told;
use crate::hub::assess;
use crate::hub::find::{self, Wanted};
use crate::hub::registry::Of;
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::account::May;
use crate::rules::record::{Record, RecordKey};
use crate::rules::text::Text;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    after: u32,
}

pub(super) async fn list(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Query(Asked { q, after }): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let text = q.clone();
    let found = site.registry(move |registry| find::suppliers(registry, &text, after)).await?;
    let frame = visitor.frame(Text::new("供应商", "Suppliers"));
    Ok(frame.page(html! {
        (search(&frame, "/console/suppliers", &q, &html! {}))
        @if found.rows.is_empty() {
            (nothing(frame.say("没有找到", "Nothing was found")))
        } @else {
            div class="table" { table {
                thead { tr {
                    th class="number" scope="col" { (frame.say("编号", "Number")) }
                    th scope="col" { (frame.say("名称", "Name")) }
                } }
                tbody { @for supplier in &found.rows { tr {
                    td class="number" { (supplier.id) }
                    th scope="row" { a href={ "/console/suppliers/" (supplier.id) } { (frame.text(&supplier.name)) } }
                } } }
            } }
            (next_page(&frame, "/console/suppliers", &[("q", &q)], found.next))
        }
    }))
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
    Query(Asked { after, .. }): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let seen = site.registry(move |registry| {
        let Some(Record::Supplier(supplier)) = registry.record(Some(RecordKey::Supplier(id)))? else { return Ok(None) };
        let wanted = Wanted { supplier: Some(id), after, ..Wanted::default() };
        let (firm, listings) = (registry.firm(id)?, find::listings(registry, &wanted)?);
        let history = registry.recent(Of::Supplier(id), told::SHOWN)?;
        let names = told::names(registry, &history)?;
        let rulebook = assess::in_force(registry.papers())?.unwrap_or_default();
        Ok(Some((supplier, firm, listings, history, names, rulebook)))
    });
    let (supplier, firm, found, history, names, rulebook) =
        seen.await?.ok_or_else(|| gone(&format!("供应商 {id}"), &format!("supplier {id}")))?;
    let frame = visitor.frame(supplier.name.clone());
    Ok(frame.page(html! {
        div class="card" { dl {
            dt { (frame.say("编号", "Number")) } dd { (id) }
            dt { (frame.say("中文名称", "Chinese name")) } dd lang="zh-CN" { (supplier.name.zh) }
            dt { (frame.say("英文名称", "English name")) } dd lang="en" { (supplier.name.en) }
            @if let Some(firm) = &firm {
                dt { (frame.say("统一社会信用代码", "Credit code")) } dd { (firm.code) }
                dt { (frame.say("联系方式", "Contacts")) } dd { @for contact in &firm.contacts { div { (contact) } } }
                dt { (frame.say("平台合作条件", "Conditions by platform")) }
                dd { @for (platform, terms) in &firm.partnerships { div { (platform) (frame.say("：", ": ")) (terms) } } }
            } @else {
                dt { (frame.say("企业信息", "Firm")) } dd { (frame.say("尚未提交", "not filed yet")) }
            }
        } }
        h2 { (frame.say("商品", "Listings")) }
        @if found.rows.is_empty() { (nothing(frame.say("还没有商品", "No listings yet"))) }
        @else {
            (listings(&frame, &found.rows))
            (next_page(&frame, &format!("/console/suppliers/{id}"), &[], found.next))
        }
        h2 { (frame.say("变更记录", "History")) }
        (told::table(&frame, &rulebook, &history, &names))
    }))
}
