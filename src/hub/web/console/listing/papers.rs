//! What was filed for a listing, and what an officer makes of it: documents, capacities, review.

use maud::{Markup, html};

use super::{Seen, shown};
use crate::hub::review;
use crate::hub::shown::digest;
use crate::hub::web::console::parts::nothing;
use crate::hub::web::console::told;
use crate::hub::web::fields::{Field, choice};
use crate::hub::web::frame::Frame;
use crate::hub::web::visitor::{Visitor, csrf_field};
use crate::rules::account::May;
use crate::rules::dossier::{Capacity, CapacityKind, Document, DocumentState, FileForm, Item};
use crate::rules::text::Text;

pub(super) fn documents(frame: &Frame, visitor: &Visitor, seen: &Seen) -> Markup {
    html! {
        h2 id="documents" { (frame.say("文件", "Documents")) }
        @if seen.documents.is_empty() { (nothing(frame.say("还没有文件", "No documents yet"))) }
        @for document in &seen.documents { (one(frame, visitor, seen, document)) }
    }
}

fn one(frame: &Frame, visitor: &Visitor, seen: &Seen, (document, name): &(Document, Text)) -> Markup {
    let Document { id, number, issuer, issued, expires, file, items, state, capture, .. } = document;
    let comma = frame.say("，", ", ");
    html! {
        section class="card" id={ "document-" (id) } {
            h3 { (frame.text(name)) " " span class="chip" { (frame.text(&told::state(state))) } }
            dl {
                dt { (frame.say("文号", "Number")) } dd { (number) }
                dt { (frame.say("签发", "Issued")) } dd { (issuer) (comma) (issued) }
                dt { (frame.say("有效期至", "Good until")) }
                dd { @match expires { Some(last) => (last), None => (frame.say("长期", "no end")) } }
                dt { (frame.say("扫描件", "File")) }
                dd { @match file {
                    None => (frame.say("没有上传", "none was filed")),
                    Some(file) => {
                        a href={ "/console/documents/" (id) "/file" } { (frame.say("下载", "Download")) " (" (file.form.ending()) ", " (file.length.div_ceil(1024)) " KiB)" }
                        @if file.form != FileForm::Pdf { " · " a href={ "/console/documents/" (id) "/file?view" } { (frame.say("查看", "View")) } }
                    },
                } }
                @if let Some(capture) = capture {
                    dt { (frame.say("人工查验", "Looked up")) }
                    dd {
                        @if capture.genuine { (frame.say("属实", "genuine")) } @else { (frame.say("查无此证", "not there")) }
                        (comma) (capture.source) (comma) (capture.who) (comma) (capture.at) " – " (capture.until)
                    }
                }
            }
            @if !items.is_empty() { (measured(frame, seen, items)) }
            @if visitor.may(May::Judge) { (judge(frame, visitor, document)) }
        }
    }
}

fn measured(frame: &Frame, seen: &Seen, items: &[Item]) -> Markup {
    html! {
        div class="table" tabindex="0" role="region" aria-label=(frame.say("检验项目", "Inspection items")) { table {
            thead { tr {
                th scope="col" { (frame.say("检验项目", "Item")) }
                th scope="col" { (frame.say("方法", "Method")) }
                th scope="col" { (frame.say("限值", "Limit")) }
                th class="number" scope="col" { (frame.say("结果", "Value")) }
            } }
            tbody { @for item in items { tr {
                th scope="row" { (frame.text(&seen.rulebook.1.item_name(&item.item))) } td { (item.method) } td { (item.limit) } td class="number" { (item.value) " " (item.unit) }
            } } }
        } }
    }
}

fn judge(frame: &Frame, visitor: &Visitor, document: &Document) -> Markup {
    let Document { id, state, .. } = document;
    let (path, reason) = (format!("/console/documents/{id}"), format!("why-{id}"));
    let typed = visitor.typed(&path).unwrap_or_default();
    let is_revoked = matches!(state, DocumentState::Revoked(_));
    if matches!(state, DocumentState::Settled(_) | DocumentState::Replaced(_)) {
        return html! {};
    }
    html! {
        form class="fields" method="post" action=(path) {
            (csrf_field(visitor))
            (shown(&digest(document)))
            (Field::line("why", "意见", "Reason").id(&reason)
                .hint("退回或吊销时必填，供应商会看到", "needed where it is refused or revoked: the supplier reads it").draw(frame, &typed))
            div class="acts" {
                // Whoever ends a reason with Enter presses the first button, and reasons are for this one.
                button class="second" name="state" value="refused" {
                    @if is_revoked { (frame.say("吊销已了结", "It is settled")) } @else { (frame.say("退回", "Refuse")) }
                }
                @if state.may_become(&DocumentState::Accepted) && *state != DocumentState::Accepted {
                    button name="state" value="accepted" formnovalidate { (frame.say("接受", "Accept")) }
                }
                @if !is_revoked { button class="grave" name="state" value="revoked" { (frame.say("已被吊销", "It was revoked")) } }
            }
        }
    }
}

pub(super) fn capacities(frame: &Frame, visitor: &Visitor, seen: &Seen) -> Markup {
    let Some(product) = &seen.product else { return html! {} };
    let none = Capacity::default();
    html! {
        h2 id="capacities" { (frame.say("能力", "Capacities")) }
        div class="cards" { @for kind in CapacityKind::ALL {
            @let capacity = product.capacities.get(&kind).unwrap_or(&none);
            (assessed(frame, visitor, seen.listing.id, kind, capacity))
        } }
    }
}

fn assessed(frame: &Frame, visitor: &Visitor, listing: u32, kind: CapacityKind, capacity: &Capacity) -> Markup {
    let [score, note] = ["score", "note"].map(|field| format!("{field}-{}", kind.name()));
    let path = format!("/console/listings/{listing}/capacity");
    let value = capacity.assessed.map(|score| score.to_string()).unwrap_or_default();
    let typed = visitor.typed(&path).unwrap_or_default().of("kind", kind.name());
    let typed = typed.begin("score", value).begin("note", &capacity.note);
    html! {
        section class="card" {
            h3 { (frame.text(&told::capacity_name(kind))) }
            dl {
                dt { (frame.say("申报", "Declared")) } dd { (capacity.declared) }
                dt { (frame.say("依据", "Evidence")) } dd { (capacity.evidence) }
                dt { (frame.say("评分", "Assessed")) }
                dd { @match capacity.assessed { Some(score) => { (score) " / 100" }, None => (frame.say("未评估", "not yet")) } " " (capacity.note) }
            }
            @if visitor.may(May::Judge) {
                form class="fields" method="post" action=(path) {
                    (csrf_field(visitor))
                    input type="hidden" name="kind" value=(kind.name());
                    (shown(&digest(capacity)))
                    (Field::line("score", "评分 0–100", "Score 0–100").id(&score).number(0, 100).draw(frame, &typed))
                    (Field::line("note", "所见", "What you saw").id(&note).draw(frame, &typed))
                    div class="acts" { button class="second" { (frame.say("保存", "Keep")) } }
                }
            }
        }
    }
}

pub(super) fn review(frame: &Frame, visitor: &Visitor, seen: &Seen) -> Markup {
    let outcomes = [
        ("passed", ("抽检合格", "an item passed")),
        ("failed", ("抽检不合格", "an item failed")),
        ("irregular", ("生产不稳定", "production is irregular")),
        ("resumed", ("原因已消除，恢复", "the cause is gone: resume")),
        ("qualified", ("可以免检", "may skip reviews")),
    ];
    let outcomes = outcomes.map(|(name, (zh, en))| (name, frame.say(zh, en).to_owned()));
    let path = format!("/console/listings/{}/review", seen.listing.id);
    let typed = visitor.typed(&path).unwrap_or_default();
    html! {
        h2 id="review" { (frame.say("抽检", "Review")) }
        div class="card" {
            dl {
                dt { (frame.say("状态", "Level")) } dd { (frame.text(&review::level(seen.listing.review))) }
                @if let Some(review) = &seen.review {
                    dt { (frame.say("本状态下连续合格", "Passed in a row")) } dd { (review.state.passed) }
                    dt { (frame.say("本状态下不合格", "Failed")) } dd { (review.state.failed) }
                }
            }
            @if visitor.may(May::Judge) {
                form class="fields" method="post" action=(path) {
                    (csrf_field(visitor))
                    (choice(frame.say("发现", "What was found"), "outcome", &outcomes, &typed))
                    (Field::line("found", "说明", "In words").draw(frame, &typed))
                    div class="acts" { button class="second" { (frame.say("记录", "Keep")) } }
                }
            }
        }
    }
}
