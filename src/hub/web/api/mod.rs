//! What platforms' programs ask, under `/api/v1/`. `openapi.json` beside this file is its description; a test compares
//! its paths with [`PATHS`], from which the routes are made, and its examples with real answers.
//!
//! Every request but the one for the description shows a key, has a rate, and is answered as JSON: what is wrong as
//! problem details (RFC 9457). Answers are made from [`super::facts`], so a platform sees what everybody may see; what a
//! supplier keeps for its partners, [`suppliers`] alone tells.

mod guard;
mod listings;
mod lookup;
mod problem;
mod shapes;
mod suppliers;
mod webhooks;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Query, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::Site;
use super::tagged::tagged;
use super::trouble::Trouble;
use crate::hub::Home;
use crate::hub::HubFault;
use crate::hub::platform::Platforms;
use crate::rules::text::Text;
use guard::Rates;
use problem::Problem;

const DESCRIPTION: &str = include_str!("openapi.json");
/// Largest body: a thousand labels, however they are written.
const BODY_BYTES: usize = 4 << 20;
/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(30);
/// Whoever keeps an answer asks whether it still holds.
const KEPT: &str = "private, no-cache";

type Answer = Result<Response, Problem>;
type Route = (&'static str, fn() -> MethodRouter<Arc<Site>>);

/// Every path that wants a key.
const PATHS: [Route; 7] = [
    ("/listings", || get(listings::list)),
    ("/listings/{id}", || get(listings::one)),
    ("/lookup", || get(lookup::one).post(lookup::many)),
    ("/suppliers/{id}", || get(suppliers::one)),
    ("/webhooks", || get(webhooks::list).post(webhooks::create)),
    ("/webhooks/{id}", || get(webhooks::one).delete(webhooks::drop)),
    ("/webhooks/{id}/deliveries", || get(webhooks::deliveries)),
];

/// What the interface keeps between requests.
#[derive(Debug)]
pub(super) struct Api {
    platforms: Mutex<Platforms>,
    rates: Rates,
    /// Whether webhooks may lead to addresses without TLS and to private ones.
    pub to_private: bool,
}

impl Api {
    pub fn open(home: Home) -> Result<Self, HubFault> {
        let platforms = Mutex::new(Platforms::open(home)?);
        Ok(Self { platforms, rates: Rates::default(), to_private: false })
    }
}

pub(super) fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    let guarded =
        PATHS.iter().fold(Router::new(), |router, (path, methods)| router.route(&format!("/api/v1{path}"), methods()));
    guarded
        .method_not_allowed_fallback(not_allowed)
        .route_layer(from_fn_with_state(Arc::clone(site), guard::guard))
        .route("/api/v1/openapi.json", get(description))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

async fn description(headers: HeaderMap) -> Response {
    let description = ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION).into_response();
    tagged(description, &headers, "public, max-age=3600").await
}

async fn not_allowed() -> Problem {
    let says =
        Text::new("此地址不接受这种方法", "this path does not take this method; `allow` names those that it takes");
    Trouble::new(StatusCode::METHOD_NOT_ALLOWED, says).into()
}

/// Works with the platforms' tables beside the service's thread.
async fn platforms<T: Send + 'static>(
    site: &Arc<Site>,
    work: impl FnOnce(&mut Platforms) -> Result<T, HubFault> + Send + 'static,
) -> Result<T, Problem> {
    let site = Arc::clone(site);
    let done = tokio::task::spawn_blocking(move || {
        // After a panic the transaction is rolled back, so the database is sound.
        work(&mut site.api.platforms.lock().unwrap_or_else(PoisonError::into_inner))
    });
    let done = done.await.map_err(|fault| Trouble::later("the work was broken off", &fault))?;
    done.map_err(|fault| Trouble::from(fault).into())
}

/// A JSON answer that may be asked for again by its tag.
async fn told(value: &impl Serialize, headers: &HeaderMap) -> Answer {
    Ok(tagged(axum::Json(value).into_response(), headers, KEPT).await)
}

/// The parameters of a query.
fn parameters<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let Query(parameters) = Query::try_from_uri(uri).map_err(|fault| Problem::bad(&fault.to_string()))?;
    Ok(parameters)
}

/// The whole body, as it came.
async fn body(request: Request) -> Result<Bytes, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let says =
            Text::new("内容类型应为 application/json", "the content type should be `application/json`; send JSON");
        return Err(Trouble::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, says).into());
    }
    match timeout(BODY_TIME, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(fault)) if fault.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let says = Text::new(
                "内容太大，请分批发送",
                format!("the request has more than {BODY_BYTES} bytes; send less at once"),
            );
            Err(Trouble::new(StatusCode::PAYLOAD_TOO_LARGE, says).into())
        }
        Ok(Err(fault)) => Err(Problem::bad(&fault.to_string())),
        Err(_) => {
            let says = Text::new("请求超时，请重试", "the request did not come to its end in time; send it again");
            Err(Trouble::new(StatusCode::REQUEST_TIMEOUT, says).into())
        }
    }
}

/// What a body says.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|fault| Problem::bad(&fault.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn the_description_has_every_path_and_no_other() {
        let description: Value = serde_json::from_str(DESCRIPTION).expect("JSON");
        let described = description["paths"].as_object().expect("paths").keys().map(String::as_str);
        assert_eq!(described.collect::<BTreeSet<_>>(), PATHS.iter().map(|(path, _)| *path).collect());
    }
}
