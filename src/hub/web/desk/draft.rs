//! The form of a document: what it is, what it says, and its file.

use std::collections::BTreeSet;

use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::script;
use crate::hub::checklist::{AskedPaper, Checklist};
use crate::hub::document::Filing;
use crate::hub::files;
use crate::hub::web::fields::{Field, NOT_FILED, Typed, summary, wrong};
use crate::hub::web::frame::Frame;
use crate::hub::web::visitor::{Visitor, csrf_field};
use crate::rules::amount::Measure;
use crate::rules::assessment::ItemRule;
use crate::rules::dossier::{Document, Item};
use crate::rules::text::Text;

/// A document that is about to be filed.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub checklist: &'a Checklist,
    pub paper: &'a AskedPaper,
    /// The document in whose place it is filed.
    pub replaces: Option<&'a Document>,
}

impl<'a> Draft<'a> {
    /// The draft of a document of this kind; none if the checklist asks for no such.
    pub fn of(checklist: &'a Checklist, kind: &str, replaces: Option<u32>) -> Option<Self> {
        let paper = checklist.papers.iter().find(|paper| paper.kinds.iter().any(|(one, _)| one == kind))?;
        let replaces = replaces.and_then(|id| paper.filed.iter().map(|(document, _)| document).find(|d| d.id == id));
        Some(Self { checklist, paper, replaces })
    }

    /// What stands in the form before anybody typed: what the document of before says and the new one says too, and units
    /// as they are asked for.
    pub fn begun(&self, kind: &str) -> Typed {
        let mut typed = Typed::default();
        typed.set("kind", kind);
        if let Some(old) = self.replaces {
            typed.set("replaces", old.id.to_string());
            typed.set("issuer", &old.issuer);
        }
        for item in self.items() {
            typed.set(name(item, "unit"), &item.unit);
            let before = self.replaces.and_then(|old| old.items.iter().find(|before| before.item == item.item));
            typed.set(name(item, "method"), before.map_or("", |before| before.method.as_str()));
            typed.set(name(item, "limit"), before.map_or("", |before| before.limit.as_str()));
        }
        typed
    }

    /// The items that are asked for, each once.
    fn items(&self) -> Vec<&'a ItemRule> {
        let mut seen = BTreeSet::new();
        let rules = self.paper.items.iter().map(|(rule, _)| rule);
        rules.filter(|rule| seen.insert(rule.item.clone())).collect()
    }

    pub fn form(&self, visitor: &Visitor, typed: &Typed) -> Response {
        let frame = visitor.frame(Text::new("提交文件", "File a document"));
        let (listing, limit) = (&self.checklist.listing, files::SIZE_LIMIT >> 20);
        frame.page(html! {
            p { a href={ "/desk/listing/" (listing.id) } { (frame.text(&listing.name)) } }
            @if let Some(old) = self.replaces {
                p class="note" { (frame.say("替换：", "In place of: ")) (old.number) (frame.say("（", " (")) (old.issued) (frame.say("）", ")")) }
            }
            (summary(&frame, typed, NOT_FILED))
            form class="fields" method="post" enctype="multipart/form-data" action={ "/desk/listing/" (listing.id) "/file" } {
                (csrf_field(visitor))
                @if let Some(old) = self.replaces { input type="hidden" name="replaces" value=(old.id); }
                (self.kinds(&frame, typed))
                (Field::line("number", "编号", "Number").hint("证件或报告上的编号，逐字填写", "as it stands on the document").draw(&frame, typed))
                (Field::line("issuer", "签发机构或检测实验室", "Issuer, or laboratory").draw(&frame, typed))
                (Field::line("issued", "签发日期", "Date of issue").kind("date").draw(&frame, typed))
                (Field::line("expires", "有效期至", "Good until").optional().kind("date").hint("长期有效就留空", "leave it empty if it has no end").draw(&frame, typed))
                @for item in self.items() { (fieldset(&frame, item, typed)) }
                div class="field" {
                    label for="file" { (frame.say("文件", "File")) }
                    input id="file" name="file" type="file" required accept=".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"
                        aria-describedby="file-hint file-told" data-limit=(files::SIZE_LIMIT)
                        data-large-zh={ "文件超过 " (limit) " MB，请降低扫描分辨率" } data-large-en={ "the file is larger than " (limit) " MB; scan it coarser" };
                    (wrong(&frame, typed, "file"))
                    span class="wrong" id="file-told" role="status" {}
                    span class="hint" id="file-hint" { (frame.say("PDF、JPEG 或 PNG，不超过 ", "PDF, JPEG or PNG of at most ")) (limit) " MB" }
                }
                div class="acts" { button { (frame.say("提交", "File it")) } }
            }
            (script())
        })
    }

    fn kinds(&self, frame: &Frame, typed: &Typed) -> Markup {
        let kinds = &self.paper.kinds;
        html! {
            div class="field" {
                label for="kind" { (frame.say("文件种类", "Kind")) }
                select id="kind" name="kind" {
                    @for (kind, name) in kinds {
                        option value=(kind) selected[typed.get("kind") == kind] { (frame.text(name)) }
                    }
                }
                (wrong(frame, typed, "kind"))
            }
        }
    }

    /// What was typed, if all of it is right.
    pub fn read(&self, typed: &mut Typed, today: Date) -> Option<Filing> {
        let kind = typed.get("kind").to_owned();
        if !self.paper.kinds.iter().any(|(one, _)| *one == kind) {
            typed.fault("kind", "请从列表中选择", "take one of the list");
        }
        let (number, issuer) = (typed.needed("number"), typed.needed("issuer"));
        typed.needed("issued");
        let how = ("日期写成 2026-11-24 这样", "write it like 2026-11-24");
        let issued: Option<Date> = typed.read("issued", |text| text.parse().ok(), how);
        let expires: Option<Date> = typed.read("expires", |text| text.parse().ok(), how);
        if issued.is_some_and(|day| day > today) {
            typed.fault("issued", "签发日期还没有到", "this day has not come yet; write the date of the document");
        }
        if expires.zip(issued).is_some_and(|(last, first)| last < first) {
            typed.fault("expires", "早于签发日期", "it ends before it was issued; write its last day");
        }
        let items: Vec<Item> = self.items().into_iter().filter_map(|item| read_item(typed, item)).collect();
        let listing = self.checklist.listing.id;
        Some(Filing { listing, kind, number, issuer, issued: issued?, expires, items }).filter(|_| typed.is_right())
    }
}

fn name(item: &ItemRule, part: &str) -> String {
    format!("{}-{part}", item.item)
}

fn fieldset(frame: &Frame, item: &ItemRule, typed: &Typed) -> Markup {
    let [value, unit, method, limit] = ["value", "unit", "method", "limit"].map(|part| name(item, part));
    html! {
        fieldset {
            legend { (frame.text(&item.name)) " " span class="quiet" { (frame.say("要求 ", "asked for: ")) (item.limit()) } }
            div class="row" {
                (Field::line(&value, "结果", "Result").bare().draw(frame, typed))
                (Field::line(&unit, "单位", "Unit").bare().draw(frame, typed))
                (Field::line(&method, "方法", "Method").bare().draw(frame, typed))
                (Field::line(&limit, "报告限值", "Stated limit").bare().draw(frame, typed))
            }
        }
    }
}

/// An item whose result was typed; one without is none.
fn read_item(typed: &mut Typed, item: &ItemRule) -> Option<Item> {
    let value = name(item, "value");
    let how = (
        "写数字，如 2.1；未检出写 <0.1（检出限）",
        "write a number like 2.1, or <0.1 where nothing was found, with what the method can tell",
    );
    let value: Option<Measure> = typed.read(&value, Measure::parse, how);
    let [unit, method, limit] = ["unit", "method", "limit"].map(|part| typed.get(&name(item, part)).to_owned());
    Some(Item { item: item.item.clone(), method, limit, value: value?, unit })
}
