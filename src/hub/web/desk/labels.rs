//! Labels of a green product, as sheets for an office printer.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::{again, printed, with_own};
use crate::hub::filing::{self, LABELS_LIMIT};
use crate::hub::keys::Keys;
use crate::hub::sheet::{LabelFace, Paper, Sheet, draw, pdf};
use crate::hub::web::Site;
use crate::hub::web::fields::{Field, Typed, summary};
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field};
use crate::hub::{Batch, HubFault, LabelOrder, Resolution, Serials, label_key};
use crate::rules::code::Grade;
use crate::rules::label::is_element;
use crate::rules::record::Listing;
use crate::rules::text::Text;

/// Twenty-four labels on a sheet of A4, with marks to cut along.
const SHEET: Sheet = Sheet { paper: Paper::A4, columns: 3, rows: 8, margin_mm: 10.0 };

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let listing = with_own(&site, &visitor, id, |_, listing| Ok(listing)).await?;
    let typed = visitor.typed(&format!("/desk/listing/{id}/labels")).unwrap_or_default().begin("count", "24");
    let frame = visitor.frame(Text::new("打印标签", "Print labels"));
    if site.label_host(&headers).is_none() {
        return Ok(frame.page(nowhere(&frame)));
    }
    Ok(form(&visitor, &listing, &typed))
}

/// The authority did not say where its labels lead.
fn nowhere_says() -> Text {
    let en =
        "the authority has not said to which address labels lead; ask it to start `greengate-hub serve` with `--host`";
    Text::new("管理方尚未设置标签指向的地址，暂时不能打印；请联系管理方用 --host 启动 greengate-hub serve", en)
}

fn nowhere(frame: &Frame) -> Markup {
    html! { p class="trouble" { (frame.text(&nowhere_says())) } }
}

fn form(visitor: &Visitor, listing: &Listing, typed: &Typed) -> Response {
    let frame = visitor.frame(Text::new("打印标签", "Print labels"));
    let id = listing.id;
    frame.page(html! {
        p { a href={ "/desk/listing/" (id) } { (frame.text(&listing.name)) } " " (frame.grade(listing.grade)) }
        @if listing.grade == Grade::Green {
            (summary(&frame, typed, ("还没有生成标签", "No labels were made yet")))
            form class="fields" method="post" action={ "/desk/listing/" (id) "/labels" } {
                (csrf_field(visitor))
                (Field::line("lot", "批号", "Lot").optional().hint("1 到 20 个大写字母、数字、- 或 .", "1 to 20 of A-Z, 0-9, - and .").draw(&frame, typed))
                (Field::line("expiry", "商品保质期至", "Goods are good until").optional().kind("date").draw(&frame, typed))
                (Field::line("count", "标签数", "How many").kind("number")
                    .hint("每张 A4 纸 24 个，每件商品一个，序列号自动编排", "24 on a sheet of A4, one for each item, numbered on").draw(&frame, typed))
                div class="acts" { button { (frame.say("生成 PDF", "Make the PDF")) } }
            }
        } @else {
            p class="note" { (frame.say("只有绿码商品可以打印标签，请先完成清单。", "Labels are for green products; finish the checklist first.")) }
            p class="acts" { a class="button" href={ "/desk/listing/" (id) } { (frame.say("看清单", "To the checklist")) } }
        }
    })
}

pub(super) async fn print(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Path(id): Path<u32>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    let listing = with_own(&site, &visitor, id, |_, listing| Ok(listing)).await?;
    let mut typed: Typed = fields.into_iter().collect();
    let host = site.label_host(&headers).ok_or_else(|| Trouble::wrong(nowhere_says()))?;
    let Some(order) = order(&mut typed, id, host) else {
        return Ok(again(form(&visitor, &listing, &typed)));
    };
    let supplier = visitor.supplier()?;
    let (author, mut keys) =
        (visitor.author(format!("a supplier prints labels of listing {id}")), Keys::plain(&site.home()));
    let made = site.registry(move |registry| {
        let key = label_key(registry, &mut keys, None)?;
        // Drawn before the change is kept: no label is issued that could not be printed.
        let bytes = registry.change(&author, |changes| sheets(&filing::labels(changes, supplier, &key, &order)?));
        match bytes {
            Err(HubFault::Refused(message)) => Ok(Err(message)),
            other => other.map(Ok),
        }
    });
    match made.await? {
        Ok(bytes) => Ok(printed(bytes, &format!("labels-{id}"))),
        Err(message) => {
            typed.fault("count", format!("没有生成：{message}"), message);
            Ok(again(form(&visitor, &listing, &typed)))
        }
    }
}

fn order(typed: &mut Typed, listing: u32, host: String) -> Option<LabelOrder> {
    let how = ("应为 1 到 20 个大写字母、数字、- 或 .", "write 1 to 20 of A-Z, 0-9, - and .");
    let lot = typed.read("lot", |text| is_element(text).then(|| text.to_owned()), how);
    let how = ("日期写成 2026-11-24 这样", "write it like 2026-11-24");
    let expiry: Option<Date> = typed.read("expiry", |text| text.parse().ok(), how);
    let (zh, en) = (format!("应为 1 到 {LABELS_LIMIT}"), format!("write 1 to {LABELS_LIMIT}"));
    typed.needed("count");
    let count =
        typed.read("count", |text| text.parse().ok().filter(|count| (1..=LABELS_LIMIT).contains(count)), (&zh, &en));
    let serials = Serials::Next { prefix: "S-".to_owned(), count: count? };
    Some(LabelOrder { listing, lot, expiry, valid_until: None, serials, host }).filter(|_| typed.is_right())
}

/// The sheets of a batch, as a PDF.
fn sheets(batch: &Batch) -> Result<Vec<u8>, HubFault> {
    let (size, resolution) = (SHEET.label_size(), Resolution::Dpi300);
    let drawn = batch.labels.iter().map(|label| draw(&LabelFace::new(batch, label), size, resolution));
    let drawn = drawn.collect::<Result<Vec<_>, _>>()?;
    Ok(pdf(&SHEET.sheets(&drawn)))
}
