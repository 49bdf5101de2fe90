//! Facts of the firm: whom to ask, and on which platforms it sells under which conditions.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::again;
use crate::hub::filing;
use crate::hub::web::Site;
use crate::hub::web::fields::{Typed, summary, wrong};
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field, done};
use crate::rules::dossier::{Firm, ITEMS_LIMIT};
use crate::rules::text::Text;

type Known = (Option<Text>, Option<Firm>);

async fn known(site: &Arc<Site>, visitor: &Visitor) -> Result<Known, Trouble> {
    let supplier = visitor.supplier()?;
    site.registry(move |registry| Ok((filing::supplier(registry, supplier)?, registry.firm(supplier)?))).await
}

pub(super) async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Result<Response, Trouble> {
    let known = known(&site, &visitor).await?;
    let sent = visitor.typed("/desk/firm");
    let is_sent = sent.is_some();
    let mut typed = sent.unwrap_or_default();
    if let Some(firm) = known.1.as_ref().filter(|_| !is_sent) {
        typed.set("contacts", firm.contacts.join("\n"));
        let lines = firm.partnerships.iter().map(|(platform, terms)| format!("{platform}={terms}"));
        typed.set("partnerships", lines.collect::<Vec<_>>().join("\n"));
    }
    Ok(form(&visitor, &known, &typed))
}

fn form(visitor: &Visitor, (name, firm): &Known, typed: &Typed) -> Response {
    let frame = visitor.frame(Text::new("企业信息", "The firm"));
    let areas = [
        (
            "contacts",
            ("联系人", "Contacts"),
            ("每行一个：姓名、电话或邮箱", "one in each line: a name with a telephone or an address"),
        ),
        (
            "partnerships",
            ("合作平台", "Platforms"),
            ("每行一个：平台=合作条件", "one in each line: platform=conditions"),
        ),
    ];
    frame.page(html! {
        (summary(&frame, typed, ("还没有保存", "Nothing was saved yet")))
        dl class="card" {
            dt { (frame.say("名称", "Name")) } dd { @if let Some(name) = name { (frame.text(name)) } @else { "–" } }
            dt { (frame.say("统一社会信用代码", "Unified social credit code")) }
            dd {
                @if let Some(firm) = firm { code { (firm.code) } " " }
                span class="quiet" { (frame.say("由质量官录入", "entered by the authority")) }
            }
        }
        @if firm.is_none() {
            p class="note" { (frame.say("质量官录入信用代码之后才能填写。", "These can be written once the authority has entered the credit code.")) }
        } @else {
            form class="fields" method="post" action="/desk/firm" {
                (csrf_field(visitor))
                @for (field, label, hint) in areas {
                    div class="field" {
                        label for=(field) { (frame.say(label.0, label.1)) }
                        textarea id=(field) name=(field) rows="4" aria-describedby={ (field) "-about" } { (typed.get(field)) }
                        span class="hint" id={ (field) "-about" } { (frame.say(hint.0, hint.1)) }
                        (wrong(&frame, typed, field))
                    }
                }
                div class="acts" { button { (frame.say("保存", "Save")) } }
            }
        }
    })
}

pub(super) async fn save(State(site): State<Arc<Site>>, Sent { visitor, fields }: Sent) -> Result<Response, Trouble> {
    let mut typed: Typed = fields.into_iter().collect();
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let contacts = lines(typed.get("contacts"));
    let mut partnerships = BTreeMap::new();
    for line in lines(typed.get("partnerships")) {
        match line.split_once(['=', '＝']) {
            Some((platform, terms)) if !platform.trim().is_empty() => {
                partnerships.insert(platform.trim().to_owned(), terms.trim().to_owned());
            }
            Some(_) | None => typed.fault(
                "partnerships",
                format!("“{line}”应写成“平台=合作条件”"),
                format!("write `{line}` as `platform=conditions`"),
            ),
        }
    }
    if contacts.len().max(partnerships.len()) > ITEMS_LIMIT {
        typed.fault("contacts", format!("最多 {ITEMS_LIMIT} 行"), format!("at most {ITEMS_LIMIT} lines"));
    }
    if !typed.is_right() {
        return Ok(again(form(&visitor, &known(&site, &visitor).await?, &typed)));
    }
    let (supplier, author) = (visitor.supplier()?, visitor.author("a supplier changes facts of the firm"));
    site.registry(move |registry| filing::firm(registry, &author, supplier, contacts, partnerships)).await?;
    Ok(done(&visitor, "/desk/firm", &Text::new("已保存", "saved")))
}
