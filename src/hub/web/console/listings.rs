//! Listings, a page at a time, by what an officer remembers of them.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::parts::{listings, next_page, nothing, search};
use crate::hub::find::{self, Wanted};
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::account::May;
use crate::rules::code::Grade;
use crate::rules::text::Text;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    grade: String,
    after: u32,
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let Asked { q, grade, after } = asked;
    let wanted = Wanted { text: q.clone(), supplier: None, grade: named(&grade), after };
    let found = site.registry(move |registry| find::listings(registry, &wanted)).await?;
    let frame = visitor.frame(Text::new("商品", "Listings"));
    let grades =
        [("", ("全部", "All")), ("green", ("绿码", "Green")), ("yellow", ("黄码", "Yellow")), ("red", ("红码", "Red"))];
    let chooser = html! {
        label class="unseen" for="grade" { (frame.say("等级", "Grade")) }
        select id="grade" name="grade" class="narrow" {
            @for (value, (zh, en)) in grades { option value=(value) selected[value == grade] { (frame.say(zh, en)) } }
        }
    };
    Ok(frame.page(html! {
        (search(&frame, "/console/listings", &q, &chooser))
        @if found.rows.is_empty() {
            (nothing(frame.say("没有找到；换个词，或用 GTIN、编号搜索", "Nothing was found; try another word, the GTIN, or the number")))
        } @else {
            (listings(&frame, &found.rows))
            (next_page(&frame, "/console/listings", &[("q", &q), ("grade", &grade)], found.next))
        }
    }))
}

fn named(grade: &str) -> Option<Grade> {
    match grade {
        "green" => Some(Grade::Green),
        "yellow" => Some(Grade::Yellow),
        "red" => Some(Grade::Red),
        _ => None,
    }
}
