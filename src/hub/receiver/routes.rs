//! What kiosks can ask of the service. Every refusal is a status and one sentence as `{"error": "…"}`.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::timeout;

use super::{Receiver, Taken, files};
use crate::hub::HubFault;
use crate::hub::service::Limits;
use crate::rules::condition::Condition;
use crate::rules::hex;
use crate::rules::text::counted;

/// What kiosks are told, and what one client may take.
#[derive(Clone, Debug)]
pub struct Door {
    /// The published feed's folder.
    pub feed: PathBuf,
    /// Where kiosks find the feed: an address, or a reference from this service's own.
    pub feed_url: String,
    /// What one client may take.
    pub limits: Limits,
}

/// What the routes share.
struct Shared {
    receiver: Mutex<Receiver>,
    door: Door,
}

type Hub = State<Arc<Shared>>;

/// A request that is not carried out.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    error: String,
}

impl Refused {
    pub fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into() }
    }

    fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// What waiting or an officer can mend; the officer reads the log, the kiosk tries again.
    pub fn later(what: &str, fault: &dyn std::fmt::Display) -> Self {
        log::error!("{what}: {fault}");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, format!("{what}; try again later"))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(serde_json::json!({ "error": self.error }))).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"greengate-hub\""));
        }
        response
    }
}

/// What kiosks ask for: `/enroll`, `/journal`, `/feed/`, `/healthz`.
pub fn router(receiver: Receiver, door: Door) -> Router {
    let [largest, of_strangers] = [door.limits.body_bytes, door.limits.stranger_bytes].map(DefaultBodyLimit::max);
    let shared = Arc::new(Shared { receiver: Mutex::new(receiver), door });
    Router::new()
        .route("/enroll", post(enroll).layer(of_strangers))
        .route("/journal", post(journal))
        .route("/healthz", get(health))
        .route("/feed/{folder}/{name}", get(feed))
        .route("/feed/audit/{*path}", get(audit))
        .layer(largest)
        .with_state(shared)
}

async fn health(State(hub): Hub) -> Result<&'static str, Refused> {
    aside(&hub, |receiver| receiver.check()).await?;
    Ok("ok\n")
}

async fn feed(
    State(hub): Hub,
    Path((folder, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    files::answer(&hub.door.feed, &folder, &name, &headers).await
}

async fn audit(State(hub): Hub, Path(path): Path<String>, headers: HeaderMap) -> Result<Response, Refused> {
    files::answer(&hub.door.feed, "audit", &path, &headers).await
}

#[derive(Deserialize)]
struct Enroll {
    code: String,
    /// Who the box says it is, so that a code is not spent on another one.
    kiosk: Option<String>,
}

async fn enroll(State(hub): Hub, request: Request) -> Result<Response, Refused> {
    let body = body(&hub, request, hub.door.limits.stranger_bytes).await?;
    let asked: Enroll = serde_json::from_slice(&body)
        .map_err(|error| Refused::bad(format!("the request cannot be read: {error}; send `{{\"code\":\"…\"}}`")))?;
    let folder = hub.door.feed.clone();
    // First, so that no code is spent on an authority that has nothing to trust yet.
    let root = blocking(move || files::newest_root(&folder)).await??;
    let now = Timestamp::now();
    let enrolled = aside(&hub, move |receiver| receiver.enroll(&asked.code, asked.kiosk.as_deref(), now)).await?;
    let enrolled = enrolled.map_err(|fault| Refused::new(StatusCode::FORBIDDEN, fault.to_string()))?;
    log::info!("kiosk `{}` enrolled", enrolled.kiosk);
    let answer = serde_json::json!({
        "kiosk": enrolled.kiosk, "token": enrolled.token, "feed": hub.door.feed_url, "root": root,
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// The first line of what a kiosk hands up.
#[derive(Deserialize)]
struct Head {
    kiosk: String,
    epoch: String,
    /// The last row that the kiosk has no more.
    #[serde(default)]
    pruned: u64,
    /// How the kiosk is; older ones do not say it.
    condition: Option<serde_json::Value>,
}

impl Head {
    /// What the kiosk says of itself. What makes no sense is left out: no row is refused for it.
    fn said(&mut self) -> Option<Condition> {
        let condition = serde_json::from_value(self.condition.take()?).ok().filter(Condition::is_sound);
        if condition.is_none() {
            log::warn!("kiosk `{}`: what it says of itself makes no sense and is not kept", self.kiosk);
        }
        condition
    }
}

async fn journal(State(hub): Hub, request: Request) -> Result<Json<Taken>, Refused> {
    // Before the body: a stranger's is not even read.
    let kiosk = who(&hub, request.headers()).await?;
    // Before the body, which may take long: the kiosk's clock is compared with this.
    let arrived = Timestamp::now();
    let body = body(&hub, request, hub.door.limits.body_bytes).await?;
    let (epoch, mut head, rows) = head(&body, &kiosk)?;
    let lines = rows.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    if lines > hub.door.limits.body_lines {
        let error = format!("the request has more than {} lines; hand up fewer at once", hub.door.limits.body_lines);
        return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, error));
    }
    let rows = body.slice_ref(rows);
    let name = kiosk.clone();
    let taken = aside(&hub, move |receiver| {
        if head.pruned > 0 {
            receiver.skip(&name, &epoch, head.pruned)?;
        }
        let lines = rows.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        receiver.take(&name, &epoch, lines, head.said().as_ref(), arrived)
    })
    .await?;
    if let Some(first) = taken.parked.first() {
        let count = counted(taken.parked.len(), "row");
        log::warn!("kiosk `{kiosk}`: {count} parked; row {}: {}", first.seq, first.why);
    }
    Ok(Json(taken))
}

/// Which journal it is, the first line, and the bytes of its rows.
fn head<'a>(body: &'a [u8], kiosk: &str) -> Result<([u8; 16], Head, &'a [u8]), Refused> {
    let end = body.iter().position(|byte| *byte == b'\n').unwrap_or(body.len());
    let (first, rows) = body.split_at(end);
    let unreadable = |why: &dyn std::fmt::Display| {
        let form = "{\"kiosk\":\"…\",\"epoch\":\"…\"}";
        Refused::bad(format!("the first line cannot be read: {why}; it is `{form}`, and rows follow"))
    };
    let head: Head = serde_json::from_slice(first).map_err(|error| unreadable(&error))?;
    let epoch = hex::decode(&head.epoch).ok_or_else(|| unreadable(&"`epoch` is not 32 hexadecimal digits"))?;
    if head.kiosk != kiosk {
        let error = format!("the token is kiosk `{kiosk}`'s and the journal is `{}`'s; enrol again", head.kiosk);
        return Err(Refused::new(StatusCode::FORBIDDEN, error));
    }
    Ok((epoch, head, rows))
}

/// The kiosk whose token the request shows.
async fn who(hub: &Arc<Shared>, headers: &HeaderMap) -> Result<String, Refused> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    let stranger = || {
        let error = "no kiosk has this token; enrol with a new code: `greengate enroll`";
        Refused::new(StatusCode::UNAUTHORIZED, error)
    };
    let token = shown.ok_or_else(stranger)?.to_vec();
    aside(hub, move |receiver| receiver.kiosk_with(&token)).await?.ok_or_else(stranger)
}

/// The whole body, if it comes in time and has no more than `most` bytes, as its route is told too.
async fn body(hub: &Arc<Shared>, request: Request, most: usize) -> Result<Bytes, Refused> {
    match timeout(hub.door.limits.body, Bytes::from_request(request, &())).await {
        Err(_) => Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "the request did not come to its end in time")),
        Ok(Ok(body)) => Ok(body),
        Ok(Err(fault)) if fault.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let error = format!("the request has more than {most} bytes; hand up less at once");
            Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, error))
        }
        Ok(Err(fault)) => Err(Refused::bad(format!("the request broke off: {fault}"))),
    }
}

/// Works with the database beside the service's thread.
async fn aside<T: Send + 'static>(
    hub: &Arc<Shared>,
    work: impl FnOnce(&mut Receiver) -> Result<T, HubFault> + Send + 'static,
) -> Result<T, Refused> {
    let hub = Arc::clone(hub);
    let done = blocking(move || {
        // After a panic the transaction is rolled back, so the database is sound.
        let mut receiver = hub.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut receiver)
    });
    done.await?.map_err(|fault| Refused::later("the database does not answer", &fault))
}

/// Works beside the service's thread.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refused> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|fault| Refused::later("the work was broken off", &fault))
}
