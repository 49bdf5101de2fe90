//! Kiosks: when each was last heard of, and what its newest row tells of its list and its clock.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use super::parts::{minute, nothing};
use crate::hub::HubFault;
use crate::hub::receiver::{Kiosk, Receiver};
use crate::hub::web::Site;
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::account::May;
use crate::rules::clock::ClockTrust;
use crate::rules::entry::Entry;
use crate::rules::text::Text;

pub(super) async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let folder = site.home();
    let seen = site.registry(move |registry| {
        let receiver = Receiver::open(&folder)?;
        let kiosks = receiver.kiosks()?.into_iter().map(|kiosk| Ok((receiver.newest(&kiosk)?, kiosk)));
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
                (frame.say("名单版本、时钟来自最近一条上传的记录。待传队列和固件版本不在记录里，请看验收机自己的状态页。",
                    "The list's version and the clock are those of the newest row that was handed up. Rows tell nothing of the queue or the firmware: the kiosk's own status page has them."))
            }
        }
    }))
}

fn table(frame: &Frame, kiosks: &[(Option<Entry>, Kiosk)], newest: Option<u64>) -> Markup {
    let heads = [
        ("验收机", "Kiosk"),
        ("登记", "Enrolled"),
        ("最近联系", "Last seen"),
        ("名单版本", "List"),
        ("名单年龄", "Its age"),
        ("时钟", "Clock"),
        ("记录", "Rows"),
        ("搁置", "Parked"),
        ("日志批次", "Journal"),
        ("待传", "Queue"),
        ("固件", "Firmware"),
    ];
    let unknown = frame.say("不详", "not known");
    html! {
        div class="table" tabindex="0" role="region" aria-label=(frame.say("验收机", "Kiosks")) { table {
            thead { tr { @for (zh, en) in heads { th scope="col" { (frame.say(zh, en)) } } } }
            tbody { @for (entry, kiosk) in kiosks { tr {
                th scope="row" { (kiosk.name) }
                td { (moment(kiosk.enrolled.as_deref(), frame.say("未登记", "no"))) }
                td { (moment(kiosk.last_seen.as_deref(), frame.say("未见", "never"))) }
                @match entry {
                    None => { td { (unknown) } td { (unknown) } td { (unknown) } },
                    Some(entry) => {
                        td { (version(frame, entry.cache_version, newest)) }
                        td { (entry.cache_age_s.map_or_else(|| unknown.to_owned(), |age| format!("{} h", age / 3600))) }
                        td { (clock(frame, entry.trust)) }
                    },
                }
                td class="number" { (kiosk.rows) }
                td class="number" { (kiosk.parked) }
                td { @if let Some(epoch) = &kiosk.epoch { code { (epoch.get(..8).unwrap_or(epoch)) } } }
                td { (unknown) } td { (unknown) }
            } } }
        } }
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

fn clock(frame: &Frame, trust: ClockTrust) -> Markup {
    html! { @match trust {
        ClockTrust::Trusted => (frame.say("可信", "trusted")),
        ClockTrust::Behind(_) | ClockTrust::Ahead(_) => span class="grade yellow" { (frame.say("不可信", "not trusted")) },
    } }
}
