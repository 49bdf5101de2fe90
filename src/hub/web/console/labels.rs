//! Labels of a listing as a sheet to print, by the rules of `greengate-hub issue`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use maud::{Markup, html};

use super::parts::{choice, gone, input, line};
use crate::hub::keys::{Kept, Keys};
use crate::hub::registry::Changes;
use crate::hub::sheet::{LabelFace, Paper, Sheet, Size, draw, pdf};
use crate::hub::web::Site;
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Fields, Sent, Visitor, csrf_field};
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
    html! {
        form class="fields card" method="post" action={ "/console/listings/" (listing.id) "/labels" } {
            (csrf_field(visitor))
            (choice(frame.say("用于", "For"), "scope", &scopes, "items"))
            (input(frame.say("件数", "How many items"), ("count", "number"), "24", Some(frame.say("每件一个时填，最多 1000", "for one label each, at most 1000"))))
            (line(frame.say("批号", "Lot"), "lot", "", Some("1–20, A–Z 0–9 - .")))
            (input(frame.say("商品有效期至", "Goods good until"), ("expiry", "date"), "", None))
            (input(frame.say("标签有效期至", "Labels valid until"), ("until", "date"), "", Some(frame.say("不填为长期", "empty: no end"))))
            (line(frame.say("标签指向的主机", "Host that labels lead to"), "host", host, Some("QR.EXAMPLE.COM")))
            (choice(frame.say("纸张", "Paper"), "paper", &papers, "a4"))
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
    let date = |name: &str| match fields.get(name) {
        "" => Ok(None),
        text => text.parse::<Date>().map(Some).map_err(|_| {
            Trouble::wrong(Text::new(
                format!("“{text}”不是日期，请写成 2026-12-31"),
                format!("`{text}` is no date; write it as 2026-12-31"),
            ))
        }),
    };
    let count = fields.number::<u32>("count").filter(|count| (1..=MOST).contains(count));
    let few = || Trouble::wrong(Text::new(format!("件数请填 1 到 {MOST}"), format!("write 1 to {MOST} items")));
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
