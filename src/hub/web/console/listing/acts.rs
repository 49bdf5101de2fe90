//! What officers do with a listing: each form leads back to its page, what is refused with what was typed.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use crate::hub::registry::Registry;
use crate::hub::web::Site;
use crate::hub::web::fields::Fields;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, done};
use crate::hub::{HubFault, capacity as capacities, document, propose as proposals, review as reviews};
use crate::rules::account::May;
use crate::rules::code::Grade;
use crate::rules::dossier::{CapacityKind, DocumentState};
use crate::rules::switching::Outcome;
use crate::rules::text::Text;

/// What a form has that the page does not offer.
fn odd(what: &str) -> Trouble {
    Trouble::wrong(Text::new("请在列表中选择", format!("there is no such {what}; choose one of the list")))
}

fn to_listing(visitor: &Visitor, id: u32, part: &str, notice: &Text) -> Response {
    done(visitor, &format!("/console/listings/{id}{part}"), notice)
}

/// Works as this visitor and leads back.
async fn act(
    site: &Arc<Site>,
    visitor: &Visitor,
    (id, part, notice): (u32, &str, Text),
    work: impl FnOnce(&mut Registry) -> Result<(), HubFault> + Send + 'static,
) -> Result<Response, Trouble> {
    site.registry(work).await.map(|()| to_listing(visitor, id, part, &notice))
}

pub(in crate::hub::web::console) async fn judge(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let why = fields.get("why").to_owned();
    let needed = || fields.needed("why", ("意见", "reason")).map(str::to_owned);
    let state = match fields.get("state") {
        "accepted" => DocumentState::Accepted,
        "refused" => DocumentState::Refused(needed()?),
        "revoked" => DocumentState::Revoked(needed()?),
        _ => return Err(odd("state")),
    };
    document::check_line(&why)
        .map_err(|message| Trouble::wrong(Text::new("意见请写成一行，最多 200 个汉字", message)).at("why"))?;
    let author = visitor.author(if why.is_empty() { "looked at the document".to_owned() } else { why });
    let found = site.registry(move |registry| registry.papers().document(id)).await?;
    let listing = found.ok_or_else(|| odd("document"))?.listing;
    let notice = Text::new("已记录，等级已重新评定", "kept, and the listing is assessed anew");
    let shown = fields.get("shown").to_owned();
    act(&site, &visitor, (listing, &format!("#document-{id}"), notice), move |registry| {
        document::judge_shown(registry, &author, (id, &shown), state).map(drop)
    })
    .await
}

pub(in crate::hub::web::console) async fn capacity(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let kind =
        CapacityKind::ALL.into_iter().find(|kind| kind.name() == fields.get("kind")).ok_or_else(|| odd("capacity"))?;
    let none = || Trouble::wrong(Text::new("请填写 0 到 100 的评分", "this is no score; write a number from 0 to 100"));
    let score = fields.number("score").filter(|score| *score <= 100).ok_or_else(|| none().at("score"))?;
    let note = fields.needed("note", ("所见", "what you saw"))?.to_owned();
    let shown = fields.get("shown").to_owned();
    let author = visitor.author(format!("assessed {}", kind.name()));
    let notice = Text::new("评分已保存，等级已重新评定", "the score is kept, and the listing is assessed anew");
    act(&site, &visitor, (id, "#capacities", notice), move |registry| {
        capacities::assess_shown(registry, &author, id, (kind, &shown), (score, &note)).map(drop)
    })
    .await
}

pub(in crate::hub::web::console) async fn review(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let outcome = match fields.get("outcome") {
        "passed" => Outcome::Passed,
        "failed" => Outcome::Failed,
        "irregular" => Outcome::Irregular,
        "resumed" => Outcome::Resumed,
        "qualified" => Outcome::Qualified,
        _ => return Err(odd("outcome")),
    };
    let author = visitor.author(fields.needed("found", ("说明", "in words"))?);
    let notice = Text::new("抽检结果已记录", "what the review found is kept");
    act(&site, &visitor, (id, "#review", notice), move |registry| {
        reviews::review(registry, &author, id, outcome)?;
        registry.change(&author, |changes| crate::hub::assess::refresh(changes, id))
    })
    .await
}

pub(in crate::hub::web::console) async fn propose(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let grade = match fields.get("grade") {
        "green" => Grade::Green,
        "yellow" => Grade::Yellow,
        "red" => Grade::Red,
        _ => return Err(odd("grade")),
    };
    let reason = if grade == Grade::Green { None } else { Some(reason(&fields)?) };
    let author = visitor.author(fields.needed("why", ("为什么不按规则手册", "why not as the rulebook says"))?);
    let by = visitor.account.clone();
    let notice = Text::new("已提交，等待另一位复核质量官确认", "handed to a second person, who has to confirm it");
    act(&site, &visitor, (id, "#proposal", notice), move |registry| {
        proposals::propose(registry, &author, &by, id, (grade, reason)).map(drop)
    })
    .await
}

/// What kiosks show, in both languages or in one for both.
pub(in crate::hub::web::console) fn reason(fields: &Fields) -> Result<Text, Trouble> {
    let [zh, en] = ["zh", "en"].map(|name| fields.get(name));
    if zh.is_empty() && en.is_empty() {
        let says = Text::new(
            "请写明验收机上显示的原因，中英文至少一种",
            "write the reason that kiosks show, in one language at least",
        );
        return Err(Trouble::wrong(says).at("zh"));
    }
    for (name, text) in [("zh", zh), ("en", en)] {
        let wrong = |message| Trouble::wrong(Text::new("原因请写成一行，最多 200 个汉字", message)).at(name);
        document::check_line(text).map_err(wrong)?;
    }
    Ok(Text::new(if zh.is_empty() { en } else { zh }, if en.is_empty() { zh } else { en }))
}

pub(in crate::hub::web::console) async fn confirm(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Confirm)?;
    let shown = fields.get("shown").to_owned();
    let (author, by) = (visitor.author("confirmed the proposed grade"), visitor.account.clone());
    let notice = Text::new("人工等级已确认", "the person's grade holds");
    act(&site, &visitor, (id, "#word", notice), move |registry| {
        proposals::confirm(registry, &author, &by, (id, &shown)).map(drop)
    })
    .await
}

pub(in crate::hub::web::console) async fn drop_it(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, .. }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let author = visitor.author("dropped the proposed grade");
    let notice = Text::new("提议已放弃", "the proposal is dropped");
    act(&site, &visitor, (id, "#word", notice), move |registry| proposals::drop_it(registry, &author, id)).await
}

pub(in crate::hub::web::console) async fn lift(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let author = visitor.author(fields.needed("lifted", ("解除原因", "why it is lifted"))?);
    let (by, shown) = (visitor.account.clone(), fields.get("shown").to_owned());
    let notice = Text::new("人工等级已解除", "no person's grade holds any more");
    act(&site, &visitor, (id, "#word", notice), move |registry| {
        proposals::lift(registry, &author, &by, (id, &shown)).map(drop)
    })
    .await
}
