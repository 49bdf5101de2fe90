//! The pages of a label and of a product: the grade first and large, then why, then what it rests on.

use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};

use crate::hub::document::{date_at, local};
use crate::hub::web::facts::{DocumentFacts, Genuine, LISTINGS_LIMIT, ListingFacts};
use crate::hub::web::frame::Frame;
use crate::hub::web::language::Spoken;
use crate::hub::{HubFault, Registry, Release};
use crate::rules::code::{Expiry, Grade, Product, Refusal};
use crate::rules::text::Text;

/// When a page is made, and which list is out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub at: Timestamp,
    pub release: Option<Release>,
}

impl Now {
    pub fn of(registry: &Registry) -> Result<Self, HubFault> {
        Ok(Self { at: Timestamp::now(), release: registry.newest_release()? })
    }
}

/// What a page says first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Headline {
    pub colour: Grade,
    pub says: Text,
    /// Why, or what to do.
    pub more: Option<Text>,
}

impl Headline {
    fn new(colour: Grade, zh: &str, en: &str, more: Option<Text>) -> Self {
        Self { colour, says: Text::new(zh, en), more }
    }

    /// What holds of a genuine label on a day, the gravest first, in the kiosk's order.
    pub fn of(genuine: &Genuine, listing: &ListingFacts, today: Date) -> Self {
        let until = |day: Date, zh: &str, en: &str| Some(Text::new(format!("{zh} {day}"), format!("{en} {day}")));
        if listing.grade == Grade::Red {
            return Self::of_grade(listing);
        }
        let last_good = genuine.label.product().expiry.map(Expiry::last_day);
        if let Some(day) = last_good.filter(|day| today > *day) {
            let more = until(day, "请勿出售或使用。有效期至", "Do not sell or use. They were good until");
            return Self::new(Grade::Red, "商品已过期", "The goods are past their expiry", more);
        }
        let last_valid = genuine.label.header().valid_until;
        if let Some(day) = last_valid.filter(|day| today > *day) {
            let more =
                until(day, "请向供应商索要新标签。标签有效至", "Ask the supplier for a new label. It was valid until");
            return Self::new(Grade::Yellow, "标签已过期", "The label has expired", more);
        }
        Self::of_grade(listing)
    }

    fn of_grade(listing: &ListingFacts) -> Self {
        let reason = listing.reason.clone();
        match listing.grade {
            Grade::Green => Self::new(Grade::Green, "绿码：要求都已满足", "Green: everything asked for is met", reason),
            Grade::Yellow if listing.missing.is_empty() => {
                Self::new(Grade::Yellow, "黄码：还有事项待办", "Yellow: something is still to be done", reason)
            }
            Grade::Yellow => Self::new(Grade::Yellow, "黄码：文件不齐", "Yellow: documents are missing", reason),
            Grade::Red => {
                Self::new(Grade::Red, "红码：不要接收、出售或使用", "Red: do not take in, sell or use", reason)
            }
        }
    }

    fn markup(&self, frame: &Frame) -> Markup {
        let (class, sign) = match self.colour {
            Grade::Green => ("verdict green", "✓"),
            Grade::Yellow => ("verdict yellow", "▲"),
            Grade::Red => ("verdict red", "✕"),
        };
        html! {
            div class=(class) {
                span class="sign" aria-hidden="true" { (sign) }
                div {
                    p class="says" { (frame.text(&self.says)) }
                    @if let Some(more) = &self.more { p { (frame.text(more)) } }
                }
            }
        }
    }
}

/// The page of a genuine label.
pub(super) fn label(
    spoken: &Spoken,
    genuine: &Genuine,
    listing: &ListingFacts,
    documents: &[DocumentFacts],
    now: &Now,
) -> Response {
    let frame = Frame::new(spoken, listing.name.clone());
    let headline = Headline::of(genuine, listing, date_at(now.at));
    frame.page(html! {
        (headline.markup(&frame))
        @if genuine.demo { (demo(&frame)) }
        (missing(&frame, listing))
        section class="card" {
            h2 { (frame.say("商品与标签", "Product and label")) }
            dl {
                dt { (frame.say("签名", "Signature")) }
                dd { (frame.say("真实：由主管机构签发", "genuine: the authority signed it")) }
                dt { (frame.say("供应商", "Supplier")) } dd { (frame.text(&listing.supplier_name)) }
                (product_facts(&frame, genuine.label.product()))
                (label_facts(&frame, genuine, listing))
                (when(&frame, listing, now))
            }
        }
        (documents_told(&frame, documents, date_at(now.at)))
    })
}

/// The page of a product code that nobody signed.
pub(super) fn product(spoken: &Spoken, product: &Product, listings: &[ListingFacts], now: &Now) -> Response {
    let frame = Frame::new(spoken, Text::new("商品条码（未签名）", "A product code without a signature"));
    frame.page(html! {
        div class="verdict yellow" {
            span class="sign" aria-hidden="true" { "▲" }
            div {
                p class="says" { (frame.say("这个码没有签名", "This code is not signed")) }
                p { (frame.say(
                    "任何人都能印这样的码，它不能说明手上的商品由谁供应。请扫描带签名的质量码标签。",
                    "Anybody can print it, so it does not tell whose goods these are. Scan the label with the quality code.",
                )) }
            }
        }
        section class="card" { dl { (product_facts(&frame, product)) } }
        h2 id="grounds" { (frame.say("这个商品的登记", "Listings of this product")) }
        @for listing in listings {
            section class="card" {
                h3 { (frame.text(&listing.name)) }
                p { (frame.grade(listing.grade)) }
                (reason(&frame, listing))
                (missing(&frame, listing))
                dl {
                    dt { (frame.say("供应商", "Supplier")) } dd { (frame.text(&listing.supplier_name)) }
                    (when(&frame, listing, now))
                }
            }
        }
        @if listings.len() == LISTINGS_LIMIT {
            p class="quiet" { (frame.say("登记很多，这里只列出一部分。", "There are more listings than are shown here.")) }
        }
    })
}

/// The page of what claims to be a label and is none.
pub(super) fn forged(spoken: &Spoken, refusal: Refusal) -> Response {
    let frame = Frame::new(spoken, Text::new("不是真标签", "Not a genuine label"));
    let more = Text::new(
        "主管机构没有签发过这样的标签。不要接收、出售或使用，并告知供应商或主管机构。",
        "The authority issued no such label. Do not take in, sell or use the goods, and tell the supplier or the authority.",
    );
    let headline = Headline::new(Grade::Red, "伪造或损坏的标签", "Forged or damaged label", Some(more));
    frame.page(html! {
        (headline.markup(&frame))
        section class="card" {
            dl { dt { (frame.say("原因", "Why")) } dd { (frame.text(&refusal.text())) } }
            p class="quiet" { (frame.say("如果标签有破损，请再扫描一次，或扫描另一件。", "If the label is damaged, scan it once more, or another one.")) }
        }
    })
}

/// The same for programs.
pub(super) fn forged_says(refusal: Refusal) -> Text {
    let Text { zh, en } = refusal.text();
    let en = en.replacen("The", "the", 1).replacen("Label", "label", 1);
    Text::new(format!("{zh}；不要接收这件商品"), format!("{en}; do not take the goods in"))
}

/// The page of a genuine label that the registry does not have.
pub(super) fn unknown(spoken: &Spoken, genuine: &Genuine) -> Response {
    let frame = Frame::new(spoken, Text::new("标签没有登记", "A label that is not in the registry"));
    let headline = Headline::new(
        Grade::Yellow,
        "签名真实，但登记中没有这张标签",
        "The signature is genuine, and the registry does not have this label",
        Some(ask()),
    );
    frame.page(html! {
        (headline.markup(&frame))
        @if genuine.demo { (demo(&frame)) }
        section class="card" { dl { (product_facts(&frame, genuine.label.product())) } }
    })
}

/// The same for programs.
pub(super) fn unknown_says() -> Text {
    Text::new(
        "签名真实，但登记中没有这张标签；请询问主管机构",
        "the signature is genuine and the registry does not have this label; ask the authority",
    )
}

fn ask() -> Text {
    Text::new("暂不接收，请询问主管机构。", "Do not take the goods in before the authority has answered for them.")
}

fn demo(frame: &Frame) -> Markup {
    let says = frame
        .say("演示：这里的供应商、商品和签名都是虚构的。", "Demo: suppliers, products and signatures are invented.");
    html! { p class="note" { strong { (says) } } }
}

fn reason(frame: &Frame, listing: &ListingFacts) -> Markup {
    html! { @if let Some(reason) = &listing.reason { p { (frame.text(reason)) } } }
}

fn missing(frame: &Frame, listing: &ListingFacts) -> Markup {
    html! {
        @if !listing.missing.is_empty() {
            section class="card" {
                h2 { (frame.say("还缺什么", "What is missing")) }
                ul { @for document in &listing.missing { li { (frame.text(document)) } } }
            }
        }
    }
}

fn product_facts(frame: &Frame, product: &Product) -> Markup {
    let Product { gtin, lot, serial, expiry } = product;
    html! {
        dt { (frame.say("商品条码", "GTIN")) } dd { (gtin) }
        @if let Some(lot) = lot { dt { (frame.say("批号", "Lot")) } dd { (lot) } }
        @if let Some(serial) = serial { dt { (frame.say("序列号", "Serial")) } dd { (serial) } }
        @if let Some(expiry) = expiry { dt { (frame.say("有效期至", "Good until")) } dd { (expiry.last_day()) } }
    }
}

fn label_facts(frame: &Frame, genuine: &Genuine, listing: &ListingFacts) -> Markup {
    let header = genuine.label.header();
    html! {
        @if let Some(day) = header.valid_until { dt { (frame.say("标签有效至", "Label valid until")) } dd { (day) } }
        dt { (frame.say("标签编号", "Label number")) } dd { (header.index) }
        @if header.grade != listing.grade {
            dt { (frame.say("签发时", "When it was issued")) } dd { (frame.grade(header.grade)) }
        }
    }
}

/// When the authority said so, and with which list it went out.
fn when(frame: &Frame, listing: &ListingFacts, now: &Now) -> Markup {
    html! {
        @if let Some(said) = listing.said { dt { (frame.say("评定时间", "Graded")) } dd { (moment(frame, said)) } }
        dt { (frame.say("最近发布", "Last published")) }
        dd {
            @if let Some(release) = now.release {
                (moment(frame, release.issued)) " " (frame.say("（第 ", "(release ")) (release.version) (frame.say(" 版）", ")"))
            } @else { (frame.say("尚未发布", "not yet")) }
        }
    }
}

/// Moments are told in China's time, as documents are dated.
fn moment(frame: &Frame, at: Timestamp) -> String {
    let told = local(at).strftime("%Y-%m-%d %H:%M").to_string();
    format!("{told} {}", frame.say("北京时间", "(Beijing)"))
}

fn documents_told(frame: &Frame, documents: &[DocumentFacts], today: Date) -> Markup {
    html! {
        h2 id="grounds" { (frame.say("已核验的文件", "Documents that were checked")) }
        @if documents.is_empty() {
            p { (frame.say("没有可显示的文件。", "There is none to show.")) }
        } @else {
            div class="table" {
                table {
                    thead { tr {
                        th scope="col" { (frame.say("文件", "Document")) }
                        th scope="col" { (frame.say("签发", "Issued")) }
                        th scope="col" { (frame.say("有效至", "Valid until")) }
                    } }
                    tbody { @for document in documents { tr {
                        th scope="row" { (frame.text(&document.name)) }
                        td { (document.issued) }
                        td { (validity(frame, document, today)) }
                    } } }
                }
            }
        }
    }
}

fn validity(frame: &Frame, document: &DocumentFacts, today: Date) -> Markup {
    html! {
        @if document.revoked {
            strong { "✕ " (frame.say("已被吊销", "revoked")) }
        } @else if let Some(day) = document.expires {
            (day)
            @if day < today { br; strong { "▲ " (frame.say("已过期", "expired")) } }
        } @else { (frame.say("长期", "no end")) }
    }
}
