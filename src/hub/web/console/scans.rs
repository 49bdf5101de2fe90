//! What kiosks saw in the last two weeks: by day, by kiosk, and why goods were not accepted.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::{SignedDuration, ToSpan};
use maud::{Markup, html};

use super::chart::{bars, columns};
use super::parts::{nothing, zone};
use crate::hub::receiver::{Counted, Receiver, Scans};
use crate::hub::web::Site;
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::account::May;
use crate::rules::text::Text;
use crate::rules::time::date_of;

/// How far back.
const DAYS: i64 = 14;
/// Most rows that are read, of all kiosks together; of each at least so many.
const ROWS: u32 = 50_000;
const ROWS_OF_ONE: u32 = 500;
/// Most reasons and kiosks that are drawn; the table beside has the rest.
const DRAWN: usize = 10;

pub(super) async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let (folder, now) = (site.home(), site.now());
    let since = now.saturating_sub(SignedDuration::from_hours(DAYS * 24)).unwrap_or(now);
    let scans = site.registry(move |_| {
        let receiver = Receiver::open(&folder)?;
        let kiosks = receiver.kiosks()?;
        let each = ROWS / u32::try_from(kiosks.len()).unwrap_or(u32::MAX).max(1);
        receiver.scans(&kiosks, since, &zone(), each.max(ROWS_OF_ONE))
    });
    let scans = scans.await?;
    let frame = visitor.frame(Text::new("扫码统计", "Scans"));
    if scans.kiosks.is_empty() {
        return Ok(
            frame.page(nothing(frame.say("近两周没有收到扫码记录", "No scans were handed up in the last two weeks")))
        );
    }
    let today = date_of(now, &zone());
    let days = (0..DAYS).rev().filter_map(|back| today.checked_sub(back.days()).ok());
    let days: Vec<_> = days
        .map(|day| (day.strftime("%m-%d").to_string(), scans.days.get(&day).copied().unwrap_or_default()))
        .collect();
    Ok(frame.page(html! {
        @if scans.is_cut {
            p class="note" { (frame.say("记录很多，只统计了每台最近的一部分。", "There are many rows; only the newest ones of each kiosk were counted.")) }
        }
        section class="card" {
            h2 { (frame.say("每天", "By day")) }
            (columns(&frame, frame.say("近 14 天每天的结果", "Verdicts of the last 14 days"), &days))
            details { summary { (frame.say("数字", "Figures")) } (figures(&frame, frame.say("日期", "Day"), &days)) }
        }
        (by_kiosk(&frame, &scans))
        (by_reason(&frame, &scans))
    }))
}

fn by_kiosk(frame: &Frame, scans: &Scans) -> Markup {
    let mut kiosks: Vec<_> = scans.kiosks.iter().map(|(name, counted)| (name.clone(), *counted)).collect();
    kiosks.sort_by_key(|(name, counted)| (std::cmp::Reverse(counted.all()), name.clone()));
    let drawn: Vec<_> = kiosks.iter().take(DRAWN).map(|(name, counted)| (name.clone(), counted.all())).collect();
    html! {
        section class="card" {
            h2 { (frame.say("每台验收机", "By kiosk")) }
            (bars(frame.say("扫码次数", "Scans"), &drawn))
            details { summary { (frame.say("数字", "Figures")) } (figures(frame, frame.say("验收机", "Kiosk"), &kiosks)) }
        }
    }
}

fn by_reason(frame: &Frame, scans: &Scans) -> Markup {
    let mut reasons: Vec<_> =
        scans.reasons.iter().map(|(slug, count)| (frame.text(&reason(slug)).to_owned(), *count)).collect();
    reasons.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name.clone()));
    html! {
        section class="card" {
            h2 { (frame.say("没有放行的原因", "Why goods were not accepted")) }
            @if reasons.is_empty() { p { (frame.say("全部放行", "All were accepted")) } }
            @else {
                (bars(frame.say("最多的原因", "Top reasons"), &reasons[..reasons.len().min(DRAWN)]))
                details { summary { (frame.say("数字", "Figures")) }
                    div class="table" { table {
                        thead { tr { th scope="col" { (frame.say("原因", "Reason")) } th class="number" scope="col" { (frame.say("次数", "Scans")) } } }
                        tbody { @for (name, count) in &reasons { tr { th scope="row" { (name) } td class="number" { (count) } } } }
                    } }
                }
            }
        }
    }
}

fn figures(frame: &Frame, head: &str, rows: &[(String, Counted)]) -> Markup {
    html! {
        div class="table" { table {
            thead { tr {
                th scope="col" { (head) }
                th class="number" scope="col" { (frame.say("放行", "Accepted")) }
                th class="number" scope="col" { (frame.say("暂存", "Held")) }
                th class="number" scope="col" { (frame.say("拒收", "Rejected")) }
            } }
            tbody { @for (name, counted) in rows { tr {
                th scope="row" { (name) }
                td class="number" { (counted.accepted) } td class="number" { (counted.held) } td class="number" { (counted.rejected) }
            } } }
        } }
    }
}

/// A row of the verdict table, shortly. What a newer kiosk says keeps its name.
fn reason(slug: &str) -> Text {
    match slug {
        "forged" => Text::new("伪造或损坏", "forged or damaged"),
        "red" => Text::new("红码", "red"),
        "expired-goods" => Text::new("商品过期", "expired goods"),
        "already-taken-in" => Text::new("重复入库", "already taken in"),
        "clock" => Text::new("时钟不可信", "clock not trusted"),
        "label-expired" => Text::new("标签过期", "label expired"),
        "cache-old" => Text::new("名单太旧", "list too old"),
        "missing-documents" => Text::new("缺少文件", "documents missing"),
        "new-yellow" => Text::new("新标签，黄码", "new label, yellow"),
        "new-red" => Text::new("新标签，红码", "new label, red"),
        "unsigned" => Text::new("标签无签名", "label not signed"),
        "not-listed" => Text::new("未登记", "not listed"),
        "review" => Text::new("抽检", "drawn for review"),
        "review-failed" => Text::new("复核不合格", "failed its review"),
        other => Text::new(other, other),
    }
}
