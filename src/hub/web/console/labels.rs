//! Labels of a listing as a sheet to print, by the rules of `greengate-hub issue`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use maud::{Markup, html};

use super::parts::gone;
use crate::hub::keys::{Kept, Keys};
use crate::hub::registry::Changes;
use crate::hub::sheet::{LabelFace, Paper, Sheet, Size, draw, pdf};
use crate::hub::web::Site;
use crate::hub::web::fields::{Field, Fields, choice};
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field};
use crate::hub::{
    Batch, HubFault, LabelKey, LabelOrder, Resolution, Serials, assess, issue, label_key, newest_label_key,
};
use crate::rules::account::May;
use crate::rules::code::Grade;
use crate::rules::record::Listing;
use crate::rules::text::Text;

/// Most labels of one sheet file that is made while a browser waits.
const MOST: u32 = 1000;
/// A sheet's labels.
const COLUMNS: u16 = 3;
const ROWS: u16 = 8;
const MARGIN_MM: f32 = 10.0;

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let folder = site.home();
    let seen = site.registry(move |registry| {
        let Some(listing) = registry.papers().listing(id)? else { return Ok(None) };
        Ok(Some((listing, newest_label_key(registry, &Keys::plain(&folder))?)))
    });
    let (listing, key) = seen.await?.ok_or_else(|| gone(&format!("商品 {id}"), &format!("listing {id}")))?;
    let host = site.label_host(&headers).unwrap_or_default();
    let frame = visitor.frame(Text::new("打印标签", "Print labels"));
    let body = html! {
        p { a href={ "/console/listings/" (id) } { (frame.text(&listing.name)) } " " (frame.grade(listing.grade)) }
        @match (listing.grade, key) {
            (Grade::Red, _) => p class="trouble" { (frame.say("红码商品不能发标签。", "A red product gets no labels.")) },
            (Grade::Green | Grade::Yellow, Some(Kept::Plain)) => (form(&frame, &visitor, &listing, &host)),
            (Grade::Green | Grade::Yellow, Some(Kept::Sealed | Kept::Away) | None) => (by_command(&frame, id)),
        }
    };
    Ok(frame.page(body))
}

/// The key is not here, or nobody but a person can open it.
fn by_command(frame: &Frame, id: u32) -> Markup {
    html! {
        div class="card" {
            p { (frame.say("标签密钥有口令保护，或不在本机，请在保管密钥的机器上运行：", "The label key is sealed with a passphrase or is not on this machine. Where it is kept, run:")) }
            pre { code { "greengate-hub issue " (id) " --host QR.EXAMPLE.COM --count 24 --paper a4 --output labels.pdf" } }
        }
    }
}

fn form(frame: &Frame, visitor: &Visitor, listing: &Listing, host: &str) -> Markup {
    let papers = [("a4", "A4, 3 × 8"), ("letter", "Letter, 3 × 8"), ("50x30", "50 × 30 mm")]
        .map(|(value, shown)| (value, shown.to_owned()));
    let scopes = [
        ("items", ("每件一个", "one for each item")),
        ("lot", ("每批一个", "one for the lot")),
        ("product", ("整个商品一个", "one for the product")),
    ];
    let scopes = scopes.map(|(value, (zh, en))| (value, frame.say(zh, en).to_owned()));
    let path = format!("/console/listings/{}/labels", listing.id);
    let typed = visitor.typed(&path).unwrap_or_default().begin("count", "24").begin("host", host);
    html! {
        form class="fields card" method="post" action=(path) {
            (csrf_field(visitor))
            (choice(frame.say("用于", "For"), "scope", &scopes, &typed))
            (Field::line("count", "件数", "How many items").bare().number(1, MOST)
                .hint("每件一个时填，最多 1000", "for one label each, at most 1000").draw(frame, &typed))
            (Field::line("lot", "批号", "Lot").bare()
                .hint("1 到 20 个大写字母、数字、- 或 .；每批一个时必填", "1 to 20 of A-Z, 0-9, - and .; needed for one label of the lot").draw(frame, &typed))
            (Field::line("expiry", "商品有效期至", "Goods good until").bare().kind("date").draw(frame, &typed))
            (Field::line("until", "标签有效期至", "Labels valid until").bare().kind("date").hint("不填为长期", "empty: no end").draw(frame, &typed))
            (Field::line("host", "标签指向的主机", "Host that labels lead to").hint("如 QR.EXAMPLE.COM", "like QR.EXAMPLE.COM").draw(frame, &typed))
            (choice(frame.say("纸张", "Paper"), "paper", &papers, &typed))
            div class="acts" { button { (frame.say("签发并下载 PDF", "Issue them and take the PDF")) } }
        }
        p class="quiet" { (frame.say("签发不能收回；丢了的单子用命令行重印。", "What is issued cannot be called back; a sheet that is lost is printed again on the command line.")) }
    }
}

pub(super) async fn print(
    State(site): State<Arc<Site>>,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let order = order(id, &fields)?;
    let (author, folder) = (visitor.author(format!("issue labels of listing {id}")), site.home());
    let paper = fields.get("paper").to_owned();
    let today = assess::today(&author);
    let bytes = site.registry(move |registry| {
        let key = label_key(registry, &mut Keys::plain(&folder), None)?;
        // The labels are drawn before the change is kept, so that none is issued that nobody gets.
        registry.change(&author, |changes| sheet(changes, &key, &order, today, &paper))
    });
    let mut response = ([(header::CONTENT_TYPE, "application/pdf")], bytes.await?).into_response();
    let name = format!("attachment; filename=\"labels-{id}.pdf\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn sheet(
    changes: &mut Changes<'_>,
    key: &LabelKey,
    order: &LabelOrder,
    today: Date,
    paper: &str,
) -> Result<Vec<u8>, HubFault> {
    let batch: Batch = issue(changes, key, order, today)?;
    let of = |paper| Some(Sheet { paper, columns: COLUMNS, rows: ROWS, margin_mm: MARGIN_MM });
    let sheet = match paper {
        "letter" => of(Paper::Letter),
        "50x30" => None,
        _ => of(Paper::A4),
    };
    let size = sheet.map_or(Size { width_mm: 50.0, height_mm: 30.0 }, |sheet| sheet.label_size());
    let drawn = batch.labels.iter().map(|label| draw(&LabelFace::new(&batch, label), size, Resolution::Dpi300));
    let drawn = drawn.collect::<Result<Vec<_>, _>>()?;
    Ok(pdf(&sheet.map_or_else(|| drawn.clone(), |sheet| sheet.sheets(&drawn))))
}

fn order(listing: u32, fields: &Fields) -> Result<LabelOrder, Trouble> {
    let date = |name: &'static str| match fields.get(name) {
        "" => Ok(None),
        text => text.parse::<Date>().map(Some).map_err(|_| {
            Trouble::wrong(Text::new(
                format!("“{text}”不是日期，请写成 2026-12-31"),
                format!("`{text}` is no date; write it as 2026-12-31"),
            ))
            .at(name)
        }),
    };
    let count = fields.number::<u32>("count").filter(|count| (1..=MOST).contains(count));
    let few =
        || Trouble::wrong(Text::new(format!("件数请填 1 到 {MOST}"), format!("write 1 to {MOST} items"))).at("count");
    let serials = match fields.get("scope") {
        "items" => Serials::Next { prefix: "S-".to_owned(), count: count.ok_or_else(few)? },
        _ => Serials::None,
    };
    let lot = Some(fields.get("lot")).filter(|lot| !lot.is_empty()).map(str::to_owned);
    if fields.get("scope") == "lot" && lot.is_none() {
        fields.needed("lot", ("批号", "lot"))?;
    }
    let lot = if fields.get("scope") == "product" { None } else { lot };
    let host = fields.needed("host", ("标签指向的主机", "host"))?.to_owned();
    Ok(LabelOrder { listing, lot, expiry: date("expiry")?, valid_until: date("until")?, serials, host })
}
