//! A document comes in: its form, and its file piece by piece to the disk. How much memory a request takes is bounded, and so
//! are the time, the parts, how many come in at once, and how many of them are one supplier's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use tokio::time::timeout;

use super::draft::Draft;
use super::{again, with_own};
use crate::hub::checklist::{Checklist, checklist};
use crate::hub::document::date;
use crate::hub::files::{self, Intake};
use crate::hub::web::Site;
use crate::hub::web::fields::Typed;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::uploads::{Full, Watch};
use crate::hub::web::visitor::{Visitor, done};
use crate::hub::{HubFault, accounts, filing};
use crate::rules::text::Text;

/// Most parts of a form: 64 items with four fields each, and what every document has.
const PARTS_LIMIT: usize = 300;
/// Longest text of a part, in bytes.
const TEXT_LIMIT: usize = 4 << 10;
/// The rest of a form that is not taken is read for so long, for a browser that still sends hears no answer.
const REST_LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    kind: String,
    replaces: Option<u32>,
}

fn no_such_kind() -> Trouble {
    let en = "nothing of this kind is asked of the product; take what its checklist names";
    Trouble::wrong(Text::new("这个商品不需要这种文件，请从清单中选择", en))
}

async fn asked(site: &Arc<Site>, visitor: &Visitor, id: u32, today: Date) -> Result<Checklist, Trouble> {
    with_own(site, visitor, id, move |registry, _| checklist(registry, id, today)).await
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    visitor: Visitor,
    Path(id): Path<u32>,
    Query(Wanted { kind, replaces }): Query<Wanted>,
) -> Result<Response, Trouble> {
    let checklist = asked(&site, &visitor, id, date(&visitor.author(""))).await?;
    let draft = Draft::of(&checklist, &kind, replaces).ok_or_else(no_such_kind)?;
    Ok(draft.form(&visitor, &draft.begun(&kind)))
}

pub(super) async fn take(
    State(site): State<Arc<Site>>,
    mut visitor: Visitor,
    Path(id): Path<u32>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Result<Response, Trouble> {
    let supplier = visitor.supplier()?;
    let author = visitor.author("a supplier files a document");
    let today = date(&author);
    let checklist = asked(&site, &visitor, id, today).await?;
    let sent = match site.uploads.place(supplier) {
        Ok(_place) => read(&site, &visitor, &headers, &mut form).await,
        Err(full) => Err(busy(full)),
    };
    if sent.as_ref().is_err_and(|trouble| trouble.status != StatusCode::REQUEST_TIMEOUT) {
        // Without a place: nothing of it is kept.
        let _ = timeout(REST_LIMIT, async { while let Ok(Some(_)) = form.next_field().await {} }).await;
    }
    let Sent { mut typed, file } = sent?;
    visitor.is_at(typed.get("page"));
    let replaces = typed.get("replaces").parse().ok();
    let draft = Draft::of(&checklist, typed.get("kind"), replaces).ok_or_else(no_such_kind)?;
    let filing = draft.read(&mut typed, today);
    let file = file.map(|file| file.and_then(whole));
    let intake = match file {
        Some(Ok(intake)) => Some(intake),
        Some(Err(message)) => {
            typed.fault("file", format!("文件没有收下：{message}"), message);
            None
        }
        None => {
            typed.fault("file", "请选择文件", "choose the file");
            None
        }
    };
    let Some((filing, intake)) = filing.zip(intake).filter(|_| typed.is_right()) else {
        return Ok(again(draft.form(&visitor, &typed)));
    };
    let replaces = draft.replaces.map(|old| old.id);
    let (authority, account) = (site.home(), visitor.account.id);
    let filed = site.registry(move |registry| {
        // A file takes its time, and whoever sends it may not be let in any more at its end.
        if accounts::numbered(registry.database(), account)?.is_none_or(|account| account.disabled) {
            return Err(HubFault::Refused("the account was disabled; ask the authority".to_owned()));
        }
        let kept = |whole| filing::file(registry, &author, supplier, filing, (&authority, whole), replaces);
        match intake.finish().and_then(kept) {
            // What the registry objects to is told in the form, at the field that has to be filled in again.
            Err(HubFault::Refused(message)) => Ok(Err(message)),
            other => other.map(Ok),
        }
    });
    if let Err(message) = filed.await? {
        typed.fault("file", format!("没有提交成功：{message}"), message);
        return Ok(again(draft.form(&visitor, &typed)));
    }
    let notice = Text::new("已提交，等待审核", "filed; an officer examines it");
    Ok(done(&visitor, &format!("/desk/listing/{id}"), &notice))
}

/// A file, if it is one from its first byte to its last.
fn whole(intake: Intake) -> Result<Intake, String> {
    let told = |fault| if let HubFault::Refused(message) = fault { message } else { fault.to_string() };
    intake.told().map(|_| intake).map_err(told)
}

fn busy(full: Full) -> Trouble {
    match full {
        Full::OfOne => {
            let en = "two files of your firm are coming in just now; send this one when they are here";
            Trouble::new(StatusCode::TOO_MANY_REQUESTS, Text::new("贵公司已有两个文件正在上传，请等它们传完再提交", en))
        }
        Full::OfAll => {
            let en = "several files are coming in just now; send yours again in a minute";
            Trouble::new(StatusCode::SERVICE_UNAVAILABLE, Text::new("正在接收其他文件，请一分钟后再提交", en))
        }
    }
}

fn slow() -> Trouble {
    let en = "the file came too slowly, and nothing was kept; try a smaller one or a faster line";
    Trouble::new(StatusCode::REQUEST_TIMEOUT, Text::new("文件上传太慢，没有保存；请换小一点的文件或更快的网络", en))
}

/// What was sent: the texts, and the file on its way into the store, or why it is not taken.
struct Sent {
    typed: Typed,
    file: Option<Result<Intake, String>>,
}

/// Reads a form of ours. What proves that it is ours has to come first, before anything is kept.
async fn read(site: &Arc<Site>, visitor: &Visitor, headers: &HeaderMap, form: &mut Multipart) -> Result<Sent, Trouble> {
    let (mut texts, mut file, mut is_ours) = (BTreeMap::new(), None, false);
    let mut watch = site.uploads.watch();
    for part in 0.. {
        let next = watch.next(form.next_field()).await.ok_or_else(slow)?;
        let Some(mut field) = next.map_err(|fault| unread(&fault))? else { break };
        if part == PARTS_LIMIT {
            let en = format!("a form of ours has fewer than {PARTS_LIMIT} parts; reload the page and send it again");
            return Err(Trouble::wrong(Text::new("表单的内容过多，请刷新页面后重新提交", en)));
        }
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() {
            if !is_ours {
                visitor.has_sent(headers, "")?;
            }
            // Its name says nothing that counts, and an empty one is a field in which nothing was chosen.
            let is_chosen = field.file_name().is_some_and(|name| !name.is_empty());
            let taken = take_file(site, &mut watch, &mut field).await?;
            if name == "file" && is_chosen {
                file = Some(taken);
            }
            continue;
        }
        let text = text(&mut watch, &mut field).await?;
        if name == "csrf" && part == 0 {
            visitor.has_sent(headers, &text)?;
            is_ours = true;
        }
        texts.entry(name).or_insert(text);
    }
    if !is_ours {
        visitor.has_sent(headers, "")?;
    }
    Ok(Sent { typed: texts.into_iter().collect(), file })
}

/// The next bytes of a part, if they come in time.
async fn piece(watch: &mut Watch, field: &mut Field<'_>) -> Result<Option<Bytes>, Trouble> {
    let piece = watch.next(field.chunk()).await.ok_or_else(slow)?.map_err(|fault| unread(&fault))?;
    watch.came(piece.as_ref().map_or(0, Bytes::len));
    Ok(piece)
}

async fn text(watch: &mut Watch, field: &mut Field<'_>) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    while let Some(piece) = piece(watch, field).await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > TEXT_LIMIT {
            let en = format!("a field is longer than {TEXT_LIMIT} bytes; shorten it");
            return Err(Trouble::wrong(Text::new("有一栏过长，请缩短", en)));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file, or why it is not taken; the rest of it is read and forgotten then, so that the browser sees the answer.
async fn take_file(
    site: &Arc<Site>,
    watch: &mut Watch,
    field: &mut Field<'_>,
) -> Result<Result<Intake, String>, Trouble> {
    let authority = site.home();
    let mut intake = Ok(site.blocking(move || Intake::begin(&authority)).await?);
    while let Some(piece) = piece(watch, field).await? {
        intake = match intake {
            Ok(mut open) => {
                let taken = site.blocking(move || match open.take(&piece) {
                    Ok(()) => Ok(Ok(open)),
                    Err(HubFault::Refused(message)) => Ok(Err(message)),
                    Err(fault) => Err(fault),
                });
                taken.await?
            }
            Err(message) => Err(message),
        };
    }
    Ok(intake)
}

fn unread(fault: &MultipartError) -> Trouble {
    if fault.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let limit = files::SIZE_LIMIT >> 20;
        let text = Text::new(
            format!("文件超过 {limit} MB，请降低扫描分辨率"),
            format!("the file is larger than {limit} MB; scan it coarser"),
        );
        return Trouble::new(StatusCode::PAYLOAD_TOO_LARGE, text);
    }
    let en = "the form cannot be read; reload the page and send it again";
    Trouble::new(StatusCode::BAD_REQUEST, Text::new("表单无法读取，请刷新页面后重新提交", en))
}
