//! What waits for a release, and the release itself.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::parts::{minute, nothing};
use super::told;
use crate::hub::keys::{Kept, KeyName, Keys};
use crate::hub::registry::{Of, Release};
use crate::hub::web::Site;
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field, done};
use crate::hub::{HubFault, Publishing, assess, publish as hub_publish};
use crate::rules::account::May;
use crate::rules::text::{Text, counted};

/// Most waiting records that the page lists.
const SHOWN: u32 = 100;

pub(super) async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Result<Response, Trouble> {
    visitor.require(May::Look)?;
    let folder = site.home();
    let seen = site.registry(move |registry| {
        let is_plain = lie_open(&Keys::plain(&folder))?;
        let release = registry.newest_release()?;
        let since = release.map_or(0, |release| u32::try_from(release.version).unwrap_or(u32::MAX));
        let changes = registry.recent(Of::Since(since), SHOWN)?;
        let names = told::names(registry, &changes)?;
        let rulebook = assess::in_force(registry.papers())?.unwrap_or_default();
        Ok((release, registry.pending()?, changes, names, is_plain, rulebook))
    });
    let (release, pending, changes, names, is_plain, rulebook) = seen.await?;
    let frame = visitor.frame(Text::new("发布", "Publish"));
    Ok(frame.page(html! {
        div class="cards" {
            section class="card" {
                h2 { (frame.say("现在的版本", "Release of now")) }
                (newest(&frame, release.as_ref()))
            }
            section class="card" {
                h2 { (frame.say("等待发布", "Waits for a release")) }
                p class="figure" { (pending) }
                p class="quiet" { (frame.say("条记录有变化；发布时还会按当天日期重新评定。", "records changed; publishing also assesses anew on its day.")) }
            }
        }
        @if visitor.may(May::Judge) {
            @if is_plain {
                form class="card" method="post" action="/console/publish" {
                    (csrf_field(&visitor))
                    p { (frame.say("签名后，验收机下次同步就会收到。", "Once it is signed, kiosks get it with their next sync.")) }
                    div class="acts" { button { (frame.say("发布并签名", "Publish and sign")) } }
                }
            } @else {
                div class="card" {
                    p { (frame.say("签名密钥有口令保护，或不在本机，请在保管密钥的机器上运行：", "The keys of the feed are sealed with a passphrase or are not on this machine. Where they are kept, run:")) }
                    pre { code { "greengate-hub publish" } }
                }
            }
        }
        h2 { (frame.say("有哪些变化", "What changed")) }
        @if changes.is_empty() { (nothing(frame.say("没有变化", "Nothing"))) } @else { (told::table(&frame, &rulebook, &changes, &names)) }
    }))
}

/// Whether the keys that sign a release can be opened without a person.
fn lie_open(keys: &Keys) -> Result<bool, HubFault> {
    let signing = [KeyName::Targets, KeyName::Snapshot, KeyName::Timestamp];
    let mut kept = signing.into_iter().map(|name| keys.kept(name));
    kept.try_fold(true, |open, kept| Ok(open && kept? == Kept::Plain))
}

fn newest(frame: &Frame, release: Option<&Release>) -> Markup {
    html! {
        @match release {
            None => p { (frame.say("还没有发布过", "none yet")) },
            Some(release) => {
                p class="figure" { (release.version) }
                p class="quiet" { (minute(release.issued)) (frame.say("，", ", ")) (frame.say(&format!("{} 条变化", release.changed), &counted(release.changed, "change"))) }
            },
        }
    }
}

pub(super) async fn publish(State(site): State<Arc<Site>>, Sent { visitor, .. }: Sent) -> Result<Response, Trouble> {
    visitor.require(May::Judge)?;
    let (author, folder) = (visitor.author("published from the console"), site.home());
    let published = site.registry(move |_| {
        // First: a release that cannot be signed would wait for whoever can.
        if !lie_open(&Keys::plain(&folder))? {
            let message = "the keys of the feed are sealed or not here; publish with `greengate-hub publish`";
            return Err(HubFault::Refused(message.to_owned()));
        }
        hub_publish(&folder, &mut Keys::plain(&folder), &author, &Publishing::default())
    });
    let published = published.await?;
    let version = published.release.version;
    let mut notice = Text::new(format!("版本 {version} 已发布"), format!("release {version} is published"));
    for warning in &published.warnings {
        notice.zh.extend(["；", warning]);
        notice.en.extend(["; ", warning]);
    }
    Ok(done(&visitor, "/console/publish", &notice))
}
