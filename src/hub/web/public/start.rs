//! The first page: a field for what stands on a label or a package, and where it leads.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Deserialize;

use super::address;
use crate::hub::web::Here;
use crate::hub::web::frame::Frame;
use crate::hub::web::language::Spoken;
use crate::rules::code::{Code, PAYLOAD_LIMIT};
use crate::rules::gs1;
use crate::rules::text::Text;

pub(super) async fn page(_: Here, spoken: Spoken) -> Response {
    form(&spoken, "", None)
}

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// Leads to the page of what was typed or pasted: a GTIN, a label's address, or an element string.
pub(super) async fn search(State(_): Here, Query(Search { q }): Query<Search>, spoken: Spoken) -> Response {
    let place = match gs1::read(q.trim().as_bytes()) {
        Code::Signed(label) => Some(address::path_of(&label)),
        Code::Unsigned(product) => Some(address::product_path(&product)),
        Code::Broken(refusal) => {
            return (StatusCode::BAD_REQUEST, super::page::forged(&spoken, refusal)).into_response();
        }
        Code::Delivery(_) | Code::Other => None,
    };
    if let Some(place) = place {
        return Redirect::to(&place).into_response();
    }
    let wrong = if q.trim().is_empty() {
        Text::new("请输入商品条码或标签网址", "write a GTIN or a label's address")
    } else {
        Text::new(
            "这不是商品条码，也不是标签网址；请核对每一位数字，或用手机扫描标签",
            "this is no GTIN and no label's address; compare every digit, or scan the label with a phone",
        )
    };
    (StatusCode::BAD_REQUEST, form(&spoken, &q, Some(&wrong))).into_response()
}

fn form(spoken: &Spoken, typed: &str, wrong: Option<&Text>) -> Response {
    let frame = Frame::new(spoken, Text::new("质量绿码", "Quality codes"));
    let label = frame.say("商品条码，或标签上的网址", "GTIN, or the address on a label");
    frame.page(html! {
        p { (frame.say(
            "用手机扫描标签，就能看到这件商品现在是绿码、黄码还是红码，缺什么文件，由谁供应。没有手机，在这里输入。",
            "Scan a label with a phone to see whether the goods are green, yellow or red now, which documents are missing and who \
             supplies them. Without a phone, write it here.",
        )) }
        form class="fields" action="/search" role="search" {
            div class="field" {
                label for="q" { (label) }
                input id="q" name="q" type="search" value=(typed) maxlength=(PAYLOAD_LIMIT) autocomplete="off" required
                    aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| "wrong")];
                @if let Some(wrong) = wrong { span id="wrong" class="wrong" role="alert" { (frame.text(wrong)) } }
            }
            div { button { (frame.say("查询", "Look it up")) } }
        }
    })
}
