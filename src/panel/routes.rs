//! What can be asked of every panel, and the state that the answers are made from.

use std::future::{Ready, ready};
use std::io;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::sse::Sse;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::Serialize;
use tokio::sync::Semaphore;

use super::feed::{Feed, Health, Live};
use super::guard::{Door, guard};
use super::metrics::{self, Around};
use super::pictures::ScreenPng;
use super::refused::Refused;
use super::{SyncNow, VirtualHandle, virtual_routes};
use crate::rules::hex;
use crate::rules::orders::Tone;

/// Pages that may listen to events at the same time.
const CLIENTS_LIMIT: usize = 16;

const PAGE: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/panel.css");
const SCRIPT: &str = include_str!("page/panel.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// What the routes share.
pub(super) struct Shared {
    pub(super) feed: Feed,
    pub(super) virtual_board: Option<VirtualHandle>,
    sync_now: Option<SyncNow>,
    /// One picture is read at a time; a second one waits for nobody and is refused.
    pub(super) reading: Arc<Semaphore>,
    screen: ScreenPng,
    clients: Arc<Semaphore>,
    /// Serial numbers start again with the kiosk; this tells one run's from another's.
    run: String,
}

/// All routes behind the door.
pub(super) fn router(
    feed: Feed,
    virtual_board: Option<VirtualHandle>,
    sync_now: Option<SyncNow>,
    door: Door,
) -> io::Result<Router> {
    let mut run = [0; 8];
    getrandom::fill(&mut run).map_err(io::Error::other)?;
    let acts = virtual_board.is_some();
    let shared = Arc::new(Shared {
        feed,
        virtual_board,
        sync_now,
        reading: Arc::new(Semaphore::new(1)),
        screen: ScreenPng::default(),
        clients: Arc::new(Semaphore::new(CLIENTS_LIMIT)),
        run: hex::encode(&run),
    });
    let everywhere = Router::new()
        .route("/", get(|| text("text/html; charset=utf-8", PAGE)))
        .route("/panel.css", get(|| text("text/css; charset=utf-8", STYLE)))
        .route("/panel.js", get(|| text("text/javascript; charset=utf-8", SCRIPT)))
        .route("/icon.svg", get(|| text("image/svg+xml", ICON)))
        .route("/tones.json", get(tones))
        .route("/events", get(events))
        .route("/status.json", get(status))
        .route("/screen.png", get(screen))
        .route("/metrics", get(figures))
        .route("/healthz", get(health))
        .route("/sync", post(sync));
    let routes = if acts { everywhere.merge(virtual_routes::router()) } else { everywhere };
    Ok(routes
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .with_state(shared)
        .layer(middleware::from_fn_with_state(Arc::new(door), guard)))
}

fn text(kind: &'static str, body: &'static str) -> Ready<Response> {
    ready(([(header::CONTENT_TYPE, kind)], body).into_response())
}

async fn nothing_here(State(shared): State<Arc<Shared>>, uri: Uri) -> Refused {
    let why = match &shared.virtual_board {
        Some(_) => "open `/` for the page",
        None => "the page is at `/`; labels, pictures and buttons are there on a virtual board only",
    };
    Refused::new(StatusCode::NOT_FOUND, format!("there is no `{}` here; {why}", uri.path()))
}

async fn other_method(method: Method, uri: Uri) -> Refused {
    let other = if matches!(method, Method::GET | Method::HEAD) { "POST" } else { "GET" };
    let error = format!("`{}` does not take {method}; use {other}", uri.path());
    Refused::new(StatusCode::METHOD_NOT_ALLOWED, error)
}

#[derive(Serialize)]
struct BeepJson {
    hz: u32,
    ms: u32,
}

/// What each tone sounds like, so that the page and the box play the same.
async fn tones() -> Response {
    let all = [Tone::Accept, Tone::Hold, Tone::Reject, Tone::Notice, Tone::Fault];
    let tones = all.map(|tone| {
        let beeps: Vec<BeepJson> = tone.beeps().iter().map(|beep| BeepJson { hz: beep.hz, ms: beep.ms }).collect();
        (tone, beeps)
    });
    Json(tones.into_iter().collect::<std::collections::BTreeMap<_, _>>()).into_response()
}

/// The status tells how it went.
async fn sync(State(shared): State<Arc<Shared>>) -> Result<StatusCode, Refused> {
    let none = || Refused::new(StatusCode::NOT_FOUND, "this kiosk follows no feed; its site names none in `[feed]`");
    (shared.sync_now.as_ref().ok_or_else(none)?)();
    Ok(StatusCode::ACCEPTED)
}

async fn events(State(shared): State<Arc<Shared>>) -> Result<Response, Refused> {
    if shared.feed.ended() {
        return Err(Refused::busy("the kiosk's loop has ended; restart the kiosk"));
    }
    let permit = Arc::clone(&shared.clients)
        .try_acquire_owned()
        .map_err(|_| Refused::busy(format!("{CLIENTS_LIMIT} pages listen already; close one of them")))?;
    let stream = shared.feed.events(shared.virtual_board.is_some(), permit);
    Ok(Sse::new(stream).into_response())
}

async fn status(State(shared): State<Arc<Shared>>) -> Json<Live> {
    Json(Live::new(&shared.feed.newest(), shared.virtual_board.is_some()))
}

async fn figures(State(shared): State<Arc<Shared>>) -> Response {
    let newest = shared.feed.newest();
    let clients = CLIENTS_LIMIT - shared.clients.available_permits();
    let around = Around { age: newest.age(), ended: shared.feed.ended(), clients };
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, metrics::text(&newest, &around)).into_response()
}

async fn health(State(shared): State<Arc<Shared>>) -> Response {
    let newest = shared.feed.newest();
    let health = Health::of(&newest.snapshot.status.scene.body, newest.age(), shared.feed.ended());
    let code = if health.ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(health)).into_response()
}

/// The newest screen. A `serial` in the query only keeps one address from meaning two pictures.
async fn screen(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, Refused> {
    let newest = shared.feed.newest();
    let serial = newest.snapshot.screen_serial;
    let tag = format!("\"{}-{serial}\"", shared.run);
    let about = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::HeaderName::from_static("x-screen-serial"), serial.to_string()),
    ];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let png = aside(move || shared.screen.of(&newest.snapshot)).await?;
    Ok((about, [(header::CONTENT_TYPE, "image/png")], png).into_response())
}

/// Does work on pictures beside the server's thread, so that the events of others go on.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let gone = |_| Err(Refused::busy("the work on the picture was broken off; try again"));
    tokio::task::spawn_blocking(work).await.unwrap_or_else(gone)
}
