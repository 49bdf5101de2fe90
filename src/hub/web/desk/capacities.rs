//! What a supplier can do for a product: declared with what shows it, and assessed by an officer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::{again, with_own};
use crate::hub::filing::Declared;
use crate::hub::web::Site;
use crate::hub::web::fields::{Field, NOT_FILED, Typed, summary};
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field, done};
use crate::hub::{assess, checklist, filing};
use crate::rules::assessment::{Asks, Rulebook};
use crate::rules::dossier::{CapacityKind, Product};
use crate::rules::text::Text;

/// A capacity in words, and what an answer might be.
fn words(kind: CapacityKind) -> (&'static str, &'static str, (&'static str, &'static str)) {
    match kind {
        CapacityKind::Production => {
            ("生产能力", "Production", ("如：日产 2 万件，自有生产线", "like: 20,000 pieces a day, own line"))
        }
        CapacityKind::QualityControl => (
            "质量控制能力",
            "Quality control",
            ("如：自有实验室，每批出厂检验", "like: own laboratory, every lot is tested"),
        ),
        CapacityKind::Shipment => {
            ("发货能力", "Shipment", ("如：两天发到全国各省", "like: two days to every province"))
        }
        CapacityKind::Operation => {
            ("运营能力", "Operation", ("如：客服 12 人，开店三年", "like: 12 people, a shop for three years"))
        }
    }
}

fn names(kind: CapacityKind) -> [String; 2] {
    ["declared", "evidence"].map(|part| format!("{part}-{}", kind.name()))
}

/// The capacities that are asked of a product, as fields.
pub(super) fn fieldset(
    frame: &Frame,
    rulebook: &Rulebook,
    category: &str,
    tags: &BTreeSet<String>,
    typed: &Typed,
) -> Markup {
    let kinds = checklist::asked(rulebook, category, tags).filter_map(|rule| match rule.asks {
        Asks::Capacity(asks) => Some(asks.capacity),
        Asks::Document(_) | Asks::Item(_) => None,
    });
    html! {
        @for kind in kinds {
            @let (zh, en, hint) = words(kind);
            @let [declared, evidence] = names(kind);
            fieldset {
                legend { (frame.say(zh, en)) }
                (Field::line(&declared, "我们能做到", "What we can do").optional().hint(hint.0, hint.1).draw(frame, typed))
                (Field::line(&evidence, "凭什么", "What shows it").optional()
                    .hint("如：现场可查、合同编号、照片", "like: a visit, the number of a contract, photographs").draw(frame, typed))
            }
        }
    }
}

/// What was typed; nothing is said of a capacity whose fields are empty.
pub(super) fn read(typed: &mut Typed) -> BTreeMap<CapacityKind, Declared> {
    let mut said = BTreeMap::new();
    for kind in CapacityKind::ALL {
        let [declared, evidence] = names(kind);
        let now = Declared { declared: typed.get(&declared).to_owned(), evidence: typed.get(&evidence).to_owned() };
        if now.declared.is_empty() && !now.evidence.is_empty() {
            typed.fault(&declared, "请填写能做到什么", "write what you can do");
        }
        if !now.declared.is_empty() {
            said.insert(kind, now);
        }
    }
    said
}

fn typed_of(product: &Product) -> Typed {
    let mut typed = Typed::default();
    for (kind, capacity) in &product.capacities {
        let [declared, evidence] = names(*kind);
        typed.set(declared, &capacity.declared);
        typed.set(evidence, &capacity.evidence);
    }
    typed
}

async fn asked(site: &Arc<Site>, visitor: &Visitor, id: u32) -> Result<(Text, Product, Rulebook), Trouble> {
    let found = with_own(site, visitor, id, move |registry, listing| {
        let rulebook = assess::in_force(registry.papers())?.map(|(_, rulebook)| rulebook);
        Ok((listing.name, registry.product(id)?, rulebook))
    });
    let (name, product, rulebook) = found.await?;
    product.zip(rulebook).map(|(product, rulebook)| (name, product, rulebook)).ok_or_else(super::nothing)
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
) -> Result<Response, Trouble> {
    let (name, product, rulebook) = asked(&site, &visitor, id).await?;
    let typed = visitor.typed(&format!("/desk/listing/{id}/capacities"));
    Ok(form(&visitor, &name, &product, &rulebook, &typed.unwrap_or_else(|| typed_of(&product))))
}

fn form(visitor: &Visitor, name: &Text, product: &Product, rulebook: &Rulebook, typed: &Typed) -> Response {
    let frame = visitor.frame(Text::new("能力申报", "Capacities"));
    let (id, Product { category, tags, .. }) = (product.listing, product);
    frame.page(html! {
        p { a href={ "/desk/listing/" (id) } { (frame.text(name)) } }
        (summary(&frame, typed, NOT_FILED))
        p class="note" { (frame.say("改动过的能力会重新评审；没有改动的保持原评分。", "What you change is assessed anew; what stays as it is keeps its score.")) }
        form class="fields" method="post" action={ "/desk/listing/" (id) "/capacities" } {
            (csrf_field(visitor))
            (fieldset(&frame, rulebook, category, tags, typed))
            div class="acts" { button { (frame.say("提交", "File it")) } }
        }
    })
}

pub(super) async fn save(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    let (name, product, rulebook) = asked(&site, &visitor, id).await?;
    let mut typed: Typed = fields.into_iter().collect();
    let said = read(&mut typed);
    if !typed.is_right() {
        return Ok(again(form(&visitor, &name, &product, &rulebook, &typed)));
    }
    let (supplier, author) = (visitor.supplier()?, visitor.author("a supplier declares capacities"));
    site.registry(move |registry| filing::capacities(registry, &author, supplier, id, said)).await?;
    let notice = Text::new("已提交，等待评审", "filed; an officer assesses it");
    Ok(done(&visitor, &format!("/desk/listing/{id}"), &notice))
}
