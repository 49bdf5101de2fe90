//! Webhooks over the interface: made, listed, removed, and what became of each event.

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::guard::Caller;
use super::{Answer, Problem, body, parameters, platforms, read, told};
use crate::hub::HubFault;
use crate::hub::platform::{Before, DeliveryState, Kept, Scope, WEBHOOKS_LIMIT, create_webhook};
use crate::hub::web::Here;

/// Longest address, and shortest and longest secret, in characters.
const URL_LIMIT: usize = 500;
const SECRET_LEAST: usize = 16;
const SECRET_LIMIT: usize = 128;
/// Longest name of a request.
const NAME_LIMIT: usize = 80;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    url: String,
    secret: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    state: Option<String>,
}

pub(super) async fn list(State(site): Here, Extension(caller): Extension<Caller>, headers: HeaderMap) -> Answer {
    caller.may(Scope::Webhooks)?;
    let hooks = platforms(&site, move |platforms| platforms.webhooks(caller.name())).await?;
    told(&json!({ "webhooks": hooks }), &headers).await
}

pub(super) async fn create(State(site): Here, Extension(caller): Extension<Caller>, request: Request) -> Answer {
    caller.may(Scope::Webhooks)?;
    let name = name_of(request.headers())?;
    let body = body(request).await?;
    let New { url, secret } = read(&body)?;
    check_url(&url, site.api.to_private)?;
    if !(SECRET_LEAST..=SECRET_LIMIT).contains(&secret.len()) || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        let why = format!("`secret` should have {SECRET_LEAST} to {SECRET_LIMIT} characters from `!` to `~`");
        return Err(Problem::bad(&why));
    }
    let now = Timestamp::now();
    let before = platforms(&site, move |platforms| {
        platforms.once(caller.name(), name.as_deref(), &body, now, |inside| {
            let made = create_webhook(inside, caller.name(), &url, &secret, now)?;
            let Some(hook) = made else { return Ok(too_many()) };
            let text = serde_json::to_string(&hook).map_err(|error| HubFault::Refused(error.to_string()))?;
            let place = Some(format!("/api/v1/webhooks/{}", hook.id));
            Ok(Kept { status: StatusCode::CREATED.as_u16(), body: text, place })
        })
    });
    match before.await? {
        Before::Answered(kept) => Ok(again(kept)),
        Before::Another => {
            let en = "another request had this `idempotency-key`; give each request its own";
            Err(Problem::new(StatusCode::CONFLICT, "这个 idempotency-key 已用于另一个请求", en))
        }
    }
}

pub(super) async fn one(
    State(site): Here,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Answer {
    caller.may(Scope::Webhooks)?;
    let Path(id) = id.map_err(|fault| Problem::bad(&fault.body_text()))?;
    let asked = id.clone();
    let hook = platforms(&site, move |platforms| platforms.webhook(caller.name(), &asked)).await?;
    told(&hook.ok_or_else(|| Problem::nothing("webhook", &id))?, &headers).await
}

pub(super) async fn drop(
    State(site): Here,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Answer {
    caller.may(Scope::Webhooks)?;
    let Path(id) = id.map_err(|fault| Problem::bad(&fault.body_text()))?;
    let asked = id.clone();
    let was_there = platforms(&site, move |platforms| platforms.drop_webhook(caller.name(), &asked)).await?;
    if was_there { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(Problem::nothing("webhook", &id)) }
}

pub(super) async fn deliveries(
    State(site): Here,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    caller.may(Scope::Webhooks)?;
    let Path(id) = id.map_err(|fault| Problem::bad(&fault.body_text()))?;
    let Which { state } = parameters(&uri)?;
    let state = state.map(|name| {
        let known = DeliveryState::ALL.into_iter().find(|state| state.name() == name);
        known
            .ok_or_else(|| Problem::bad(&format!("`state` is `{name}` and should be `waiting`, `delivered` or `dead`")))
    });
    let state = state.transpose()?;
    let asked = id.clone();
    let found = platforms(&site, move |platforms| {
        let hook = platforms.webhook(caller.name(), &asked)?;
        hook.map(|hook| platforms.deliveries(&hook.id, state)).transpose()
    });
    let found = found.await?.ok_or_else(|| Problem::nothing("webhook", &id))?;
    told(&json!({ "deliveries": found }), &headers).await
}

/// The name that a client gave its request.
fn name_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(name) = headers.get("idempotency-key") else { return Ok(None) };
    let name = name
        .to_str()
        .ok()
        .filter(|name| (1..=NAME_LIMIT).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic()));
    let wrong = || Problem::bad(&format!("`idempotency-key` should have 1 to {NAME_LIMIT} characters from `!` to `~`"));
    name.map(|name| Some(name.to_owned())).ok_or_else(wrong)
}

/// A name with a point and a last part of letters: no address of a machine, and none of this one's.
fn check_url(url: &str, to_private: bool) -> Result<(), Problem> {
    let wrong = || {
        let form = "`https://HOST/PATH`, in small letters, without port, query or user";
        Problem::bad(&format!("`url` should be {form}, and have no more than {URL_LIMIT} characters"))
    };
    if url.len() > URL_LIMIT {
        return Err(wrong());
    }
    if to_private && url.starts_with("http://") && url.parse::<Uri>().is_ok_and(|uri| uri.host().is_some()) {
        return Ok(());
    }
    let rest = url.strip_prefix("https://").ok_or_else(wrong)?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let labels: Vec<&str> = host.split('.').collect();
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_last = |label: &str| label.len() >= 2 && label.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_host = labels.len() >= 2 && labels.iter().all(is_label) && labels.last().is_some_and(|last| is_last(last));
    let is_path =
        path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/'));
    if is_host && is_path { Ok(()) } else { Err(wrong()) }
}

fn too_many() -> Kept {
    let status = StatusCode::CONFLICT;
    let detail = format!("a platform has {WEBHOOKS_LIMIT} webhooks at most; remove one first");
    let body = json!({ "status": status.as_u16(), "title": "Conflict", "detail": detail }).to_string();
    Kept { status: status.as_u16(), body, place: None }
}

/// An answer as it was given the first time.
fn again(kept: Kept) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    let mut response = (status, [(header::CONTENT_TYPE, kind)], kept.body).into_response();
    if let Some(place) = kept.place.and_then(|place| HeaderValue::from_str(&place).ok()) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}
