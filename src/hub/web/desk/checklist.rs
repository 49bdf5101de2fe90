//! A product's page: its grade, what would make it green, each document with what it must contain and until when it holds,
//! capacities, and how long an answer takes.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::{told, with_own};
use crate::hub::checklist::{AskedCapacity, AskedPaper, Checklist, checklist};
use crate::hub::document::date;
use crate::hub::inbox;
use crate::hub::web::Site;
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::assessment::{Finding, Lack, Reason, State as Found};
use crate::rules::code::Grade;
use crate::rules::dossier::{Document, DocumentState};
use crate::rules::record::{Listing, Record, RecordKey};
use crate::rules::text::Text;

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
) -> Result<Response, Trouble> {
    let today = date(&visitor.author(""));
    let found = with_own(&site, &visitor, id, move |registry, listing| {
        let clock = inbox::clock(registry, id)?;
        let checklist = registry.product(id)?.is_some().then(|| checklist(registry, id, today)).transpose()?;
        let reasons = listing.reason.iter().chain(&listing.missing);
        let reasons = reasons.filter_map(|id| registry.record(Some(RecordKey::Reason(*id))).transpose());
        let reasons = reasons.collect::<Result<Vec<Record>, _>>()?;
        Ok((listing, clock, checklist, reasons))
    });
    let (listing, clock, checklist, reasons) = found.await?;
    let frame = visitor.frame(listing.name.clone());
    Ok(frame.page(html! {
        p class="quiet" {
            "GTIN " (listing.gtin)
            @if let Some(list) = &checklist { " · " (frame.text(&list.category))
                @for tag in &list.product.tags { " · " (frame.text(&super::product::tag_name(tag))) } }
        }
        p { (frame.grade(listing.grade)) " " (told(&frame, &clock, site.now())) }
        @match &checklist {
            Some(list) => { (head(&frame, list, &reasons)) (body(&frame, list, today)) }
            None => {
                p class="note" { (frame.say("监管方没有给这个商品登记类目，因此没有清单。", "The authority has given this product no category, so there is no checklist.")) }
                ul { @for reason in &reasons { @if let Record::Reason(reason) = reason { li { (frame.text(&reason.text)) } } } }
            }
        }
    }))
}

/// What would make it green, or what may be done as it is.
fn head(frame: &Frame, list: &Checklist, reasons: &[Record]) -> Markup {
    let Checklist { listing, standing, .. } = list;
    html! {
        @if standing.grade == Grade::Green {
            div class="note" {
                p { strong { (frame.say("材料齐全，可以打印标签。", "Everything is met: labels can be printed.")) } }
                @if let Some(day) = list.drops {
                    p { (frame.say("注意：如果不补交，", "Mind: if nothing is filed, it is green no longer on ")) (day) (frame.say(" 起不再是绿码。", ".")) }
                }
            }
            p class="acts" { a class="button" href={ "/desk/listing/" (listing.id) "/labels" } { (frame.say("打印标签", "Print labels")) } }
        } @else {
            div class="card" {
                h2 { @if standing.grade == Grade::Red { (frame.say("为什么是红码", "Why it is red")) } @else { (frame.say("怎样变绿", "What makes it green")) } }
                ul { @for reason in standing.reason.iter().chain(&standing.missing) {
                    @if let Some(text) = words(reason, reasons) { li { (frame.text(text)) } }
                } }
                @if standing.by_person { p class="quiet" { (frame.say("这个等级由质量官决定。", "An officer decided this grade.")) } }
            }
        }
    }
}

/// A reason in words; one that a person gave by its number has those of the registry.
fn words<'a>(reason: &'a Reason, reasons: &'a [Record]) -> Option<&'a Text> {
    let id = match reason {
        Reason::InWords(text) => return Some(text),
        Reason::Numbered(id) => *id,
    };
    reasons.iter().find_map(|record| {
        let Record::Reason(known) = record else { return None };
        (known.id == id).then_some(&known.text)
    })
}

fn body(frame: &Frame, list: &Checklist, today: Date) -> Markup {
    let id = list.listing.id;
    html! {
        h2 { (frame.say("文件", "Documents")) }
        @for paper in &list.papers { (self::paper(frame, &list.listing, paper, today)) }
        @if !list.capacities.is_empty() {
            h2 { (frame.say("能力", "Capacities")) }
            div class="table" tabindex="0" role="region" aria-label=(frame.say("能力", "Capacities")) { table {
                thead { tr {
                    th scope="col" { (frame.say("能力", "Capacity")) } th scope="col" { (frame.say("申报", "Declared")) }
                    th scope="col" { (frame.say("评分", "Score")) } th scope="col" { (frame.say("状态", "State")) }
                } }
                tbody { @for asked in &list.capacities { (capacity(frame, asked)) } }
            } }
            p class="acts" { a class="button second" href={ "/desk/listing/" (id) "/capacities" } { (frame.say("修改能力申报", "Change what is declared")) } }
        }
        @if !list.others.is_empty() {
            h2 { (frame.say("其他", "Besides")) }
            ul { @for finding in &list.others { li { (state(frame, finding)) } } }
        }
        @if !list.besides.is_empty() {
            h2 { (frame.say("不再需要或已被替换的文件", "Documents that are replaced or not asked for")) }
            ul { @for document in &list.besides { li { (filed(frame, document, None, today)) } } }
        }
        p class="quiet" { (frame.say("依据规则第 ", "by rulebook ")) (list.rulebook) (frame.say(" 版", "")) }
    }
}

fn paper(frame: &Frame, listing: &Listing, paper: &AskedPaper, today: Date) -> Markup {
    let AskedPaper { finding, kinds, age_days, confirmed, items, filed: documents, .. } = paper;
    let waits = documents.iter().any(|(document, _)| document.waits());
    let first = kinds.first().map(|(kind, _)| kind.as_str()).unwrap_or_default();
    html! {
        section class="card" {
            h3 { (sign(paper.is_met())) " " (frame.text(&finding.what)) }
            @if let Some(lack) = &finding.lacks { p { (says(frame, finding, lack)) } }
            ul class="quiet" {
                @if kinds.len() > 1 { li { (frame.say("以下任一种：", "one of these: ")) @for (at, (_, name)) in kinds.iter().enumerate() { @if at > 0 { (frame.say("、", ", ")) } (frame.text(name)) } } }
                @if let Some(days) = age_days { li { (frame.say("签发不超过 ", "issued no more than ")) (days) (frame.say(" 天", " days ago")) } }
                @if *confirmed { li { (frame.say("由公共登记系统核实", "confirmed by the public registry")) } }
            }
            @if !items.is_empty() {
                div class="table" tabindex="0" role="region" aria-label=(frame.say("检验项目", "Inspection items")) { table {
                    caption { (frame.say("报告必须包含这些项目", "The report has to contain these items")) }
                    thead { tr { th scope="col" { (frame.say("项目", "Item")) } th scope="col" { (frame.say("限值", "Limit")) } th scope="col" { (frame.say("状态", "State")) } } }
                    tbody { @for (rule, found) in items { tr {
                        th scope="row" { (frame.text(&rule.name)) } td { (rule.limit()) }
                        td { (state(frame, found)) }
                    } } }
                } }
            }
            @if !documents.is_empty() { ul { @for (document, until) in documents { li {
                (filed(frame, document, *until, today))
                @if may_replace(document) {
                    " " a href={ "/desk/listing/" (listing.id) "/file?kind=" (document.kind) "&replaces=" (document.id) } {
                        (frame.say("替换", "Replace")) span class="unseen" { " " (document.number) }
                    }
                }
            } } } }
            p class="acts" {
                a class=(if paper.is_met() || waits { "button second" } else { "button" }) href={ "/desk/listing/" (listing.id) "/file?kind=" (first) } {
                    @if documents.is_empty() { (frame.say("提交", "File ")) } @else { (frame.say("再提交一份", "File another ")) }
                    (frame.text(&finding.what))
                }
            }
        }
    }
}

fn may_replace(document: &Document) -> bool {
    match document.state {
        DocumentState::Filed | DocumentState::Accepted | DocumentState::Refused(_) => true,
        DocumentState::Revoked(_) | DocumentState::Settled(_) | DocumentState::Replaced(_) => false,
    }
}

fn sign(met: bool) -> &'static str {
    if met { "✓" } else { "○" }
}

/// What is not met; where an officer or a registry said why, that too.
fn says(frame: &Frame, finding: &Finding, lack: &Lack) -> Markup {
    let red = lack.grade == Grade::Red;
    html! {
        strong { @if red { "✕ " } (frame.text(&lack.says)) }
        @let detail = frame.text(&finding.detail);
        @if !detail.is_empty() && !is_nothing(lack.state) { " " span class="quiet" { (detail) } }
    }
}

/// Whether there is nothing yet of which figures could be told.
const fn is_nothing(state: Found) -> bool {
    matches!(state, Found::DocumentMissing | Found::ItemMissing | Found::CapacityUnassessed)
}

fn state(frame: &Frame, finding: &Finding) -> Markup {
    html! {
        @match &finding.lacks {
            Some(lack) => { "○ " (says(frame, finding, lack)) }
            None => { "✓ " span class="quiet" { (frame.text(&finding.detail)) } }
        }
    }
}

/// A document in one line: number, dates, what became of it and why.
fn filed(frame: &Frame, document: &Document, until: Option<Date>, today: Date) -> Markup {
    let word = match &document.state {
        DocumentState::Filed => Text::new("待审核", "being examined"),
        DocumentState::Accepted => Text::new("已通过", "accepted"),
        DocumentState::Refused(why) => Text::new(format!("未通过：{why}"), format!("refused: {why}")),
        DocumentState::Revoked(why) => Text::new(format!("已被吊销：{why}"), format!("revoked: {why}")),
        DocumentState::Settled(why) => Text::new(format!("吊销已了结：{why}"), format!("revoked and settled: {why}")),
        DocumentState::Replaced(by) => Text::new(format!("已由文件 {by} 替换"), format!("replaced by document {by}")),
    };
    let comma = frame.say("，", ", ");
    html! {
        @if document.file.is_some() { a href={ "/desk/document/" (document.id) } { (document.number) } } @else { (document.number) }
        (comma) (document.issuer) (comma) (document.issued)
        @if let Some(last) = until {
            (frame.say("，有效至 ", ", counts until ")) (last)
            @if last < today { strong { (frame.say("（已过期）", " (over)")) } }
        }
        " · " strong { (frame.text(&word)) }
    }
}

fn capacity(frame: &Frame, asked: &AskedCapacity) -> Markup {
    let declared = asked.declared.as_ref();
    let score = declared.and_then(|capacity| capacity.assessed);
    html! { tr {
        th scope="row" { (frame.text(&asked.finding.what)) div class="quiet" { "≥ " (asked.rule.min) } }
        td {
            @match declared {
                Some(capacity) => { (capacity.declared) @if !capacity.evidence.is_empty() { div class="quiet" { (capacity.evidence) } } }
                None => { "–" }
            }
        }
        td class="number" { @if let Some(score) = score { (score) } @else { "–" } }
        td {
            (state(frame, &asked.finding))
            @if let Some(capacity) = declared.filter(|capacity| !capacity.note.is_empty()) { div class="quiet" { (capacity.note) } }
        }
    } }
}
