//! Revocation: what it will do, then a second look, then it is done.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::html;

use super::listing::acts::reason;
use super::parts::{gone, minute};
use crate::hub::receiver::Receiver;
use crate::hub::web::Site;
use crate::hub::web::fields::{Field, tick};
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field, done};
use crate::hub::{assess, find, grade};
use crate::rules::account::May;
use crate::rules::record::{Record, RecordKey};
use crate::rules::text::Text;

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let folder = site.home();
    let seen = site.registry(move |registry| {
        let Some(Record::Listing(listing)) = registry.record(Some(RecordKey::Listing(id)))? else { return Ok(None) };
        let (labels, own) = (find::label_count(registry, id)?, find::own_grades(registry, id)?);
        let kiosks = Receiver::open(&folder)?.kiosks()?;
        Ok(Some((listing, labels, own, kiosks, registry.newest_release()?)))
    });
    let (listing, labels, own, kiosks, release) =
        seen.await?.ok_or_else(|| gone(&format!("商品 {id}"), &format!("listing {id}")))?;
    let enrolled = kiosks.iter().filter(|kiosk| kiosk.enrolled.is_some());
    let frame = visitor.frame(Text::new("吊销", "Revoke"));
    let path = format!("/console/listings/{id}/revoke");
    let typed = visitor.typed(&path).unwrap_or_default();
    Ok(frame.page(html! {
        p { a href={ "/console/listings/" (id) } { (frame.text(&listing.name)) } " " (frame.grade(listing.grade)) }
        div class="card" {
            h2 { (frame.say("将会发生什么", "What it will do")) }
            ul {
                li { (frame.say("商品变为红码，人工等级，直到复核质量官解除。", "The listing is red, as a person's grade, until a second officer lifts it.")) }
                li { (frame.say("已发标签变红：", "Issued labels that turn red: ")) strong { (labels) }
                    @if own > 0 { (frame.say("；其中有单独等级的：", "; of these with a grade of their own: ")) (own) } }
                li { (frame.say("不能再为它打印标签。", "No labels can be printed for it.")) }
                li {
                    (frame.say("下次发布后，验收机的下一份名单里就是红码：", "After the next release it is red in the next list of kiosks: "))
                    strong { (enrolled.clone().count()) }
                    @if let Some(release) = &release { (frame.say("；现在的版本 ", "; the release of now is ")) (release.version) }
                }
            }
            @if enrolled.clone().next().is_some() {
                details {
                    summary { (frame.say("哪些验收机", "Which kiosks")) }
                    ul { @for kiosk in enrolled {
                        li { (kiosk.name) (frame.say("：", ": ")) (frame.say("最近 ", "last seen ")) (kiosk.last_seen.as_deref().and_then(|seen| seen.parse().ok()).map_or_else(|| frame.say("未见", "never").to_owned(), minute)) }
                    } }
                }
            }
        }
        form class="fields card" method="post" action=(path) {
            (csrf_field(&visitor))
            (Field::line("zh", "中文原因", "Reason in Chinese").bare()
                .hint("验收机屏幕上显示；中英文至少写一种", "kiosks show it; write it in one language at least").draw(&frame, &typed))
            (Field::line("en", "英文原因", "Reason in English").bare().draw(&frame, &typed))
            (Field::line("why", "依据", "What it rests on").hint("留在记录里", "for the record").draw(&frame, &typed))
            (tick(&frame, "sure", ("我已看过后果，确定吊销", "I have seen what it does; revoke it"), &typed))
            div class="acts" {
                button class="grave" { (frame.say("吊销", "Revoke")) }
                a class="button second" href={ "/console/listings/" (id) } { (frame.say("返回", "Back")) }
            }
        }
    }))
}

pub(super) async fn revoke(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    fields.needed("sure", ("确定吊销", "I have seen what it does"))?;
    let text = reason(&fields)?;
    let author = visitor.author(fields.needed("why", ("依据", "what it rests on"))?);
    site.registry(move |registry| {
        let number = registry.change(&author, |changes| assess::reason(changes, text))?;
        grade::revoke(registry, &author, id, number).map(drop)
    })
    .await?;
    let notice = Text::new("已吊销；发布后验收机才会知道", "it is red; kiosks know it once it is published");
    Ok(done(&visitor, &format!("/console/listings/{id}"), &notice))
}
