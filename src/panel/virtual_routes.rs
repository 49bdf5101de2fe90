//! What can be done to a virtual board: labels held up, photographs shown, buttons pressed, the plug pulled.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::VirtualHandle;
use super::pictures::{self, PICTURE_BYTES};
use super::refused::Refused;
use super::routes::{Shared, aside};
use crate::rules::board::Button;
use crate::rules::image::GreyImage;
use crate::rules::virtual_board::{Pose, VirtualAct};

/// A request without a picture, in bytes.
const SMALL_BYTES: usize = 64 * 1024;
/// A body that takes longer than this is given up.
const BODY_LIMIT: Duration = Duration::from_secs(30);
/// Labels held up at once.
const LABELS_LIMIT: usize = 6;
/// A QR code holds no longer text: version 40-L in byte mode.
const TEXT_BYTES: usize = 2953;
/// A picture stays this long at most, in milliseconds.
const SHOWN_LIMIT_MS: u32 = 3_600_000;
/// The clock goes this far off at most, in seconds: fifty years.
const OFFSET_LIMIT_S: i64 = 50 * 366 * 86_400;

/// The routes of a virtual board.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/rack.json", get(rack))
        .route("/camera.png", get(camera))
        .route("/hold-up", post(hold_up))
        .route("/picture", post(picture))
        .route("/press/{button}", post(press))
        .route("/camera/{plug}", post(plug))
        .route("/clock", post(clock))
}

/// The virtual board; its routes exist only where there is one.
fn board(shared: &Shared) -> Result<&VirtualHandle, Refused> {
    shared.virtual_board.as_ref().ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "this board is not a virtual one"))
}

#[derive(Serialize)]
struct Done {
    ok: bool,
}

fn act(shared: &Shared, what: VirtualAct) -> Result<Json<Done>, Refused> {
    (board(shared)?.act)(what);
    Ok(Json(Done { ok: true }))
}

async fn rack(State(shared): State<Arc<Shared>>) -> Result<Response, Refused> {
    Ok(Json(&board(&shared)?.rack).into_response())
}

async fn camera(State(shared): State<Arc<Shared>>) -> Result<Response, Refused> {
    let png = aside(move || pictures::grey_png(&(board(&shared)?.preview)())).await?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

/// Labels by their names in the rack, or any texts; neither takes everything away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldUp {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    texts: Vec<String>,
    #[serde(default)]
    pose: Pose,
}

async fn hold_up(State(shared): State<Arc<Shared>>, request: Request) -> Result<Json<Done>, Refused> {
    let bytes = body(request.into_body(), SMALL_BYTES).await?;
    let asked: HoldUp = serde_json::from_slice(&bytes)
        .map_err(|fault| Refused::bad(format!("the labels could not be read: {fault}; send {HOLD_UP_EXAMPLE}")))?;
    let texts = texts_of(board(&shared)?, &asked)?;
    act(&shared, VirtualAct::HoldUp(texts, asked.pose.clamped()))
}

const HOLD_UP_EXAMPLE: &str = r#"`{"ids": ["…"], "pose": {"distance_cm": 22}}`"#;

fn texts_of(board: &VirtualHandle, asked: &HoldUp) -> Result<Vec<String>, Refused> {
    if asked.ids.len() + asked.texts.len() > LABELS_LIMIT {
        return Err(Refused::bad(format!("more than {LABELS_LIMIT} labels do not fit in view; hold up fewer")));
    }
    if let Some(long) = asked.texts.iter().find(|text| text.len() > TEXT_BYTES || text.is_empty()) {
        let error = format!("a text of {} bytes fits in no QR code; use 1 to {TEXT_BYTES}", long.len());
        return Err(Refused::bad(error));
    }
    let of_rack = asked.ids.iter().map(|id| {
        let label = board.rack.iter().find(|label| label.id == *id);
        let unknown = || Refused::bad(format!("there is no label `{id}` in the rack; `/rack.json` has their names"));
        label.map(|label| label.text.clone()).ok_or_else(unknown)
    });
    of_rack.chain(asked.texts.iter().cloned().map(Ok)).collect()
}

/// How long a picture stays, and the size of a frame that has no header of its own.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct PictureQuery {
    #[serde(default)]
    ms: u32,
    width: Option<u32>,
    height: Option<u32>,
}

async fn picture(State(shared): State<Arc<Shared>>, request: Request) -> Result<Json<Done>, Refused> {
    let query: PictureQuery = query_of(&request, "`?ms=1500`, and `width` and `height` for grey frames")?;
    if query.ms > SHOWN_LIMIT_MS {
        return Err(Refused::bad(format!("a picture stays {SHOWN_LIMIT_MS} ms at most; `0` is until the next act")));
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_raw = kind.is_some_and(|kind| kind.as_bytes() == b"application/octet-stream");
    let Ok(reading) = Arc::clone(&shared.reading).try_acquire_owned() else {
        return Err(Refused::busy("another picture is being read; try again in a moment"));
    };
    let bytes = body(request.into_body(), PICTURE_BYTES).await?;
    let grey = aside(move || {
        let _reading = reading;
        if is_raw { raw_frame(query, &bytes) } else { pictures::decode(&bytes) }
    });
    act(&shared, VirtualAct::Picture(grey.await?, query.ms))
}

fn raw_frame(query: PictureQuery, bytes: &[u8]) -> Result<GreyImage, Refused> {
    let (Some(width), Some(height)) = (query.width, query.height) else {
        return Err(Refused::bad("a grey frame needs its size; add `?width=…&height=…`"));
    };
    pictures::raw(width, height, bytes)
}

async fn press(State(shared): State<Arc<Shared>>, Path(button): Path<String>) -> Result<Json<Done>, Refused> {
    let button = match &*button {
        "delivery" => Button::Delivery,
        "lamp-test" => Button::LampTest,
        "sync" => Button::Sync,
        "review-passed" => Button::ReviewPassed,
        "review-failed" => Button::ReviewFailed,
        other => {
            let known = "`delivery`, `lamp-test`, `sync`, `review-passed` or `review-failed`";
            return Err(unknown("button", other, known));
        }
    };
    act(&shared, VirtualAct::Press(button))
}

async fn plug(State(shared): State<Arc<Shared>>, Path(plug): Path<String>) -> Result<Json<Done>, Refused> {
    let plugged = match &*plug {
        "plug" => true,
        "unplug" => false,
        other => return Err(unknown("state of the camera", other, "`plug` or `unplug`")),
    };
    act(&shared, VirtualAct::CameraPlugged(plugged))
}

fn unknown(what: &str, name: &str, known: &str) -> Refused {
    Refused::new(StatusCode::NOT_FOUND, format!("there is no {what} `{name}`; use {known}"))
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockQuery {
    offset_s: i64,
}

async fn clock(State(shared): State<Arc<Shared>>, request: Request) -> Result<Json<Done>, Refused> {
    let ClockQuery { offset_s } = query_of(&request, "`?offset_s=-3600`")?;
    if !(-OFFSET_LIMIT_S..=OFFSET_LIMIT_S).contains(&offset_s) {
        return Err(Refused::bad(format!("`{offset_s}` s is more than fifty years; use at most `{OFFSET_LIMIT_S}`")));
    }
    act(&shared, VirtualAct::ClockOffset(offset_s))
}

fn query_of<T: serde::de::DeserializeOwned>(request: &Request, example: &str) -> Result<T, Refused> {
    let read = Query::try_from_uri(request.uri());
    let refused = |fault| Refused::bad(format!("the query could not be read: {fault}; use {example}"));
    read.map(|Query(read)| read).map_err(refused)
}

/// The whole body, if it comes in time and is small enough.
async fn body(body: Body, limit: usize) -> Result<Bytes, Refused> {
    let too_long = Refused::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the request has more than {limit} bytes, or broke off; send a smaller one"),
    );
    let too_slow = |_| {
        let error = format!("the request took longer than {} s; try again", BODY_LIMIT.as_secs());
        Refused::new(StatusCode::REQUEST_TIMEOUT, error)
    };
    timeout(BODY_LIMIT, to_bytes(body, limit)).await.map_err(too_slow)?.map_err(|_| too_long)
}
