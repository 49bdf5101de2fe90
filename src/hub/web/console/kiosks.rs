//! Kiosks: when each was last seen, and how it was then by its own word; of one that does not say it, what its newest row
//! tells of its list and its clock.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use super::parts::{minute, nothing};
use crate::hub::HubFault;
use crate::hub::receiver::{Kiosk, Receiver, span};
use crate::hub::web::Site;
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::account::May;
use crate::rules::clock::{ClockTrust, TOLERANCE_S};
use crate::rules::entry::Entry;
use crate::rules::text::Text;

pub(super) async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let folder = site.home();
    let seen = site.registry(move |registry| {
        let receiver = Receiver::open(&folder)?;
        let row = |kiosk: &Kiosk| if kiosk.said.is_some() { Ok(None) } else { receiver.newest(kiosk) };
        let kiosks = receiver.kiosks()?.into_iter().map(|kiosk| Ok((row(&kiosk)?, kiosk)));
        Ok((kiosks.collect::<Result<Vec<_>, HubFault>>()?, registry.newest_release()?))
    });
    let (kiosks, release) = seen.await?;
    let newest = release.map(|release| release.version);
    let frame = visitor.frame(Text::new("验收机", "Kiosks"));
    Ok(frame.page(html! {
        @if kiosks.is_empty() {
            (nothing(frame.say("还没有验收机；用 greengate-hub kiosk add 得到登记码", "No kiosks yet; `greengate-hub kiosk add` gives the code to enrol one")))
        } @else {
            p { (frame.say("现在的版本：", "Release of now: ")) (newest.map_or_else(|| "–".to_owned(), |newest| newest.to_string())) }
            (table(&frame, &kiosks, newest))
            p class="quiet" {
                (frame.say("各列是验收机最近联系时的情况。旧版本的验收机不报告待传记录和固件；它的名单和时钟取自最近一条上传的记录。",
                    "This is how each kiosk was when it was last seen. One with an older program does not tell its queue and firmware; its list and clock are those of the newest row that it handed up."))
            }
        }
    }))
}

fn table(frame: &Frame, kiosks: &[(Option<Entry>, Kiosk)], newest: Option<u64>) -> Markup {
    let heads = [
        ("验收机", "Kiosk"),
        ("最近联系", "Last seen"),
        ("名单版本", "List"),
        ("名单年龄", "Its age"),
        ("待传", "Queue"),
        ("时钟", "Clock"),
        ("固件", "Firmware"),
        ("登记", "Enrolled"),
        ("记录", "Rows"),
        ("搁置", "Parked"),
        ("日志批次", "Journal"),
    ];
    html! {
        div class="table" tabindex="0" role="region" aria-label=(frame.say("验收机", "Kiosks")) { table {
            thead { tr { @for (zh, en) in heads { th scope="col" { (frame.say(zh, en)) } } } }
            tbody { @for (entry, kiosk) in kiosks { tr {
                th scope="row" { (kiosk.name) }
                td { (moment(kiosk.last_seen.as_deref(), frame.say("未见", "never"))) }
                @for cell in condition(frame, kiosk, entry.as_ref(), newest) { td { (cell) } }
                td { (moment(kiosk.enrolled.as_deref(), frame.say("未登记", "no"))) }
                td class="number" { (kiosk.rows) }
                td class="number" { (kiosk.parked) }
                td { @if let Some(epoch) = &kiosk.epoch { code { (epoch.get(..8).unwrap_or(epoch)) } } }
            } } }
        } }
    }
}

/// List, its age, queue, clock and firmware.
fn condition(frame: &Frame, kiosk: &Kiosk, entry: Option<&Entry>, newest: Option<u64>) -> [Markup; 5] {
    let unknown = || html! { (frame.say("不详", "not known")) };
    let age = |age: Option<i64>| age.map_or_else(unknown, |age| html! { (frame.text(&span(age))) });
    match (&kiosk.said, entry) {
        (Some(said), _) => {
            let is_off = said.clock_off_s.is_some_and(|off_s| off_s.saturating_abs() > TOLERANCE_S);
            let clock = |clock: Text| {
                html! {
                    @if is_off { span class="grade yellow" { (frame.text(&clock)) } } @else { (frame.text(&clock)) }
                }
            };
            [
                version(frame, said.list, newest),
                age(said.list_age_s),
                said.waiting.map_or_else(unknown, |waiting| html! { (waiting) }),
                said.clock().map_or_else(unknown, clock),
                said.program.as_ref().map_or_else(unknown, |program| html! { (program) }),
            ]
        }
        (None, Some(entry)) => [
            version(frame, entry.cache_version, newest),
            age(entry.cache_age_s),
            unknown(),
            trust(frame, entry.trust),
            unknown(),
        ],
        (None, None) => std::array::from_fn(|_| unknown()),
    }
}

fn moment(moment: Option<&str>, none: &str) -> String {
    moment.map_or_else(
        || none.to_owned(),
        |moment| moment.parse::<Timestamp>().map_or_else(|_| moment.to_owned(), minute),
    )
}

fn version(frame: &Frame, version: Option<u64>, newest: Option<u64>) -> Markup {
    html! { @match version {
        None => (frame.say("没有名单", "none")),
        Some(version) => {
            (version)
            @if newest.is_some_and(|newest| version < newest) { " " span class="grade yellow" { (frame.say("落后", "behind")) } }
        },
    } }
}

fn trust(frame: &Frame, trust: ClockTrust) -> Markup {
    html! { @match trust {
        ClockTrust::Trusted => (frame.say("可信", "trusted")),
        ClockTrust::Behind(_) | ClockTrust::Ahead(_) => span class="grade yellow" { (frame.say("不可信", "not trusted")) },
    } }
}
