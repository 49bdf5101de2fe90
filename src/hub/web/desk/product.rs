//! A new product: first its category, then what the rulebook asks of one like it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::{again, capacities, script};
use crate::hub::filing::NewProduct;
use crate::hub::web::Site;
use crate::hub::web::fields::{Field, NOT_FILED, Typed, summary, wrong};
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field, done};
use crate::hub::{HubFault, assess, checklist, filing};
use crate::rules::assessment::{Asks, Rulebook};
use crate::rules::code::Gtin;
use crate::rules::text::Text;

#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    category: String,
}

async fn rulebook(site: &Arc<Site>) -> Result<Rulebook, Trouble> {
    let found = site.registry(|registry| assess::in_force(registry.papers())).await?;
    found.map(|(_, rulebook)| rulebook).ok_or_else(|| {
        let en = "there is no rulebook yet, so nobody can file; ask the authority to adopt one";
        Trouble::wrong(Text::new("目前没有评审规则，还不能申报，请联系监管方", en))
    })
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    visitor.supplier()?;
    let rulebook = rulebook(&site).await?;
    let category = chosen.category;
    Ok(if rulebook.categories.contains_key(&category) {
        form(&visitor, &rulebook, &category, &visitor.typed("/desk/new").unwrap_or_default())
    } else {
        categories(&visitor, &rulebook)
    })
}

fn categories(visitor: &Visitor, rulebook: &Rulebook) -> Response {
    let frame = visitor.frame(Text::new("申报新商品", "File a product"));
    frame.page(html! {
        p { (frame.say("先选类目：它决定要交哪些材料。", "First its category, for that decides what is asked.")) }
        div class="cards" {
            @for (category, name) in &rulebook.categories {
                div class="card" {
                    h2 { a href={ "/desk/new?category=" (category) } { (frame.text(name)) } }
                    ul { @for kind in kinds(rulebook, category) { li { (frame.text(&kind)) } } }
                }
            }
        }
        p class="quiet" { (frame.say("没有合适的类目？请联系质量官。", "No category fits? Ask the quality officer.")) }
    })
}

/// The documents that are asked of every product of a category, or of some.
fn kinds(rulebook: &Rulebook, category: &str) -> Vec<Text> {
    let mut kinds: Vec<Text> = Vec::new();
    for rule in rulebook.rules.iter().filter(|rule| rule.category == category) {
        let Asks::Document(asks) = &rule.asks else { continue };
        let name = asks.kinds.first().map(|kind| rulebook.kind_name(kind));
        kinds.extend(name.filter(|name| !kinds.contains(name)));
    }
    kinds
}

fn form(visitor: &Visitor, rulebook: &Rulebook, category: &str, typed: &Typed) -> Response {
    let frame = visitor.frame(Text::new("申报新商品", "File a product"));
    let name = rulebook.categories.get(category).cloned().unwrap_or_default();
    frame.page(html! {
        (summary(&frame, typed, NOT_FILED))
        form class="fields" method="post" action="/desk/new" {
            (csrf_field(visitor))
            input type="hidden" name="category" value=(category);
            p { (frame.say("类目：", "Category: ")) strong { (frame.text(&name)) } " "
                a href="/desk/new" { (frame.say("换类目", "another one")) } }
            (Field::line("gtin", "商品条码（GTIN）", "Barcode number (GTIN)").kind("text")
                .hint("包装上条码下面的 8、12、13 或 14 位数字，最后一位是校验码", "the 8, 12, 13 or 14 digits below the barcode, with the check digit at the end")
                .draw(&frame, typed))
            p id="gtin-told" role="status" class="hint" data-right-zh="校验码正确" data-right-en="the check digit is right"
                data-wrong-zh="校验码不对，请对照包装再输入" data-wrong-en="the check digit is wrong; compare with the package" {}
            (Field::line("name_zh", "中文名称", "Name in Chinese").optional().hint("和包装一致，含规格，如“洗发水 500 ml”", "as on the package, with its size").draw(&frame, typed))
            (Field::line("name_en", "英文名称", "Name in English").optional().draw(&frame, typed))
            (tags(&frame, rulebook, category, typed))
            (Field::line("brick", "GS1 分类码（Brick）", "GS1 brick").optional().hint("八位数字；没有就留空", "eight digits; leave it empty if you have none").draw(&frame, typed))
            (capacities::fieldset(&frame, rulebook, category, &tags_of(rulebook, category, typed), typed))
            div class="acts" { button { (frame.say("申报", "File it")) } a class="button second" href="/desk" { (frame.say("取消", "Cancel")) } }
        }
        (script())
    })
}

fn tags(frame: &Frame, rulebook: &Rulebook, category: &str, typed: &Typed) -> Markup {
    let tags = checklist::tags(rulebook, category);
    html! {
        @if !tags.is_empty() {
            fieldset {
                legend { (frame.say("符合的请勾选", "Tick what it is")) }
                @for (tag, about) in &tags {
                    @let name = format!("tag-{tag}");
                    div {
                        label {
                            input type="checkbox" name=(name) value="yes" checked[!typed.get(&name).is_empty()];
                            (frame.text(&tag_name(tag)))
                        }
                        @if !about.is_empty() {
                            div class="quiet" {
                                (frame.say("勾选后要求：", "asked for then: "))
                                @for (at, text) in about.iter().enumerate() { @if at > 0 { (frame.say("、", ", ")) } (frame.text(text)) }
                            }
                        }
                    }
                }
            }
        }
        (wrong(frame, typed, "tags"))
    }
}

/// The words for the tags that our sample rulebooks have; another one is told as the rulebook writes it.
pub(in crate::hub::web) fn tag_name(tag: &str) -> Text {
    match tag {
        "special" => {
            Text::new("特殊化妆品（防脱、染发、祛斑、防晒等）", "Special cosmetics (hair loss, dye, whitening, sun)")
        }
        "children" => Text::new("儿童用", "For children"),
        "imported" => Text::new("进口", "Imported"),
        "chilled" => Text::new("需冷藏运输", "Kept cold on its way"),
        "contract" => Text::new("委托生产", "Made by another firm on contract"),
        _ => Text::new(tag, tag),
    }
}

fn tags_of(rulebook: &Rulebook, category: &str, typed: &Typed) -> BTreeSet<String> {
    let tags = checklist::tags(rulebook, category).into_iter().map(|(tag, _)| tag);
    tags.filter(|tag| !typed.get(&format!("tag-{tag}")).is_empty()).collect()
}

pub(super) async fn file(State(site): State<Arc<Site>>, Sent { visitor, fields }: Sent) -> Result<Response, Trouble> {
    let supplier = visitor.supplier()?;
    let rulebook = rulebook(&site).await?;
    let mut typed: Typed = fields.into_iter().collect();
    let category = typed.get("category").to_owned();
    if !rulebook.categories.contains_key(&category) {
        return Ok(categories(&visitor, &rulebook));
    }
    let Some(new) = read(&rulebook, &category, &mut typed) else {
        return Ok(again(form(&visitor, &rulebook, &category, &typed)));
    };
    let author = visitor.author("a supplier files a product");
    let filed = site.registry(move |registry| match filing::product(registry, &author, supplier, new) {
        // What the registry objects to is told in the form; the usual one is a second listing of a product.
        Err(HubFault::Refused(message)) => Ok(Err(message)),
        other => other.map(Ok),
    });
    match filed.await? {
        Ok(listing) => {
            let notice = Text::new("已申报。下面是还缺的材料。", "filed; below is what is still missing");
            Ok(done(&visitor, &format!("/desk/listing/{}", listing.id), &notice))
        }
        Err(message) => {
            typed.fault("gtin", format!("没有申报成功：{message}"), message);
            Ok(again(form(&visitor, &rulebook, &category, &typed)))
        }
    }
}

/// What was typed, if all of it is right.
fn read(rulebook: &Rulebook, category: &str, typed: &mut Typed) -> Option<NewProduct> {
    typed.needed("gtin");
    let how = (
        "条码不对：应为 8、12、13 或 14 位数字，最后一位是校验码",
        "this is no GTIN: it has 8, 12, 13 or 14 digits, and the last one is a check digit",
    );
    let gtin = typed.read("gtin", |text| Gtin::parse(&text.replace([' ', '-'], "")), how);
    let name = Text::new(typed.get("name_zh"), typed.get("name_en"));
    if name.zh.is_empty() && name.en.is_empty() {
        typed.fault("name_zh", "中英文名称至少填写一个", "write the name in at least one language");
    }
    let how = ("应为八位数字", "it has eight digits");
    let brick = typed.read("brick", |text| text.parse().ok().filter(|_| text.len() == 8), how);
    let tags = tags_of(rulebook, category, typed);
    let capacities: BTreeMap<_, _> = capacities::read(typed);
    let category = category.to_owned();
    Some(NewProduct { gtin: gtin?, name, category, tags, brick, capacities }).filter(|_| typed.is_right())
}
