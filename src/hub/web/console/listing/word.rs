//! A grade against the rulebook: one officer proposes it, a second one confirms it, and it can be lifted.

use maud::{Markup, html};

use super::{Seen, shown};
use crate::hub::shown::digest;
use crate::hub::web::console::parts::minute;
use crate::hub::web::console::told;
use crate::hub::web::fields::{Field, choice};
use crate::hub::web::frame::Frame;
use crate::hub::web::visitor::{Visitor, csrf_field};
use crate::rules::account::May;

/// The proposal that waits for a second person.
pub(super) fn waiting(frame: &Frame, visitor: &Visitor, seen: &Seen) -> Markup {
    let Some((proposal, digest)) = &seen.proposal else { return html! {} };
    let id = seen.listing.id;
    let is_own = proposal.by == visitor.account.id;
    html! {
        section class="card" id="proposal" {
            h2 { (frame.say("等待复核", "Waits for a second person")) }
            p { (frame.grade(proposal.grade)) " " (proposal.name) (frame.say("，", ", ")) (minute(proposal.at)) (frame.say("：", ": ")) (proposal.why) }
            @if is_own {
                p class="quiet" { (frame.say("您提议的等级要由另一位复核质量官确认。", "You proposed it; another person, a second officer, confirms it.")) }
            }
            @if visitor.may(May::Judge) {
                div class="acts" {
                    @if visitor.may(May::Confirm) && !is_own {
                        form method="post" action={ "/console/listings/" (id) "/confirm" } {
                            (csrf_field(visitor))
                            (shown(digest))
                            button { (frame.say("确认", "Confirm")) }
                        }
                    }
                    form method="post" action={ "/console/listings/" (id) "/drop" } {
                        (csrf_field(visitor))
                        button class="second" { (frame.say("放弃提议", "Drop it")) }
                    }
                }
            }
        }
    }
}

pub(super) fn section(frame: &Frame, visitor: &Visitor, seen: &Seen) -> Markup {
    let id = seen.listing.id;
    let grades = [("green", ("绿码", "Green")), ("yellow", ("黄码", "Yellow")), ("red", ("红码", "Red"))];
    let grades = grades.map(|(value, (zh, en))| (value, frame.say(zh, en).to_owned()));
    let hint = ("验收机屏幕上显示；绿码不用填", "kiosks show it; leave it empty for green");
    let [lift, propose] = ["lift", "propose"].map(|act| format!("/console/listings/{id}/{act}"));
    let (lifted, sent) = (visitor.typed(&lift).unwrap_or_default(), visitor.typed(&propose));
    let is_sent = sent.is_some();
    let proposed = sent.unwrap_or_default().begin("grade", "yellow");
    html! {
        h2 id="word" { (frame.say("人工等级", "A person's grade")) }
        div class="card" {
            @match &seen.word {
                None => p class="quiet" { (frame.say("没有人工等级，按规则手册评定。", "No person said a grade; the rulebook decides.")) },
                Some(word) => {
                    p { (frame.say("人工等级：", "A person says: ")) (frame.text(&told::word(word.grade))) }
                    @if visitor.may(May::Judge) && seen.product.is_some() {
                        form class="fields" method="post" action=(lift) {
                            (csrf_field(visitor))
                            (shown(&digest(&seen.word)))
                            (Field::line("lifted", "解除原因", "Why it is lifted").draw(frame, &lifted))
                            div class="acts" { button class="second" { (frame.say("解除", "Lift it")) } }
                        }
                    }
                },
            }
            @if visitor.may(May::Judge) {
                details open[is_sent] {
                    summary { (frame.say("提议另一个等级", "Propose another grade")) }
                    form class="fields" method="post" action=(propose) {
                        (csrf_field(visitor))
                        (choice(frame.say("等级", "Grade"), "grade", &grades, &proposed))
                        (Field::line("zh", "中文原因", "Reason in Chinese").bare().hint(hint.0, hint.1).draw(frame, &proposed))
                        (Field::line("en", "英文原因", "Reason in English").bare().hint(hint.0, hint.1).draw(frame, &proposed))
                        (Field::line("why", "为什么不按规则手册", "Why not as the rulebook says").draw(frame, &proposed))
                        div class="acts" { button { (frame.say("提交复核", "Hand it to a second person")) } }
                    }
                }
            }
        }
    }
}
