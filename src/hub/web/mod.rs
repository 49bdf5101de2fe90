//! The authority's pages: plain HTML from the server, Chinese and English, that work without a script.
//!
//! | who | rooms |
//! |---|---|
//! | whoever scans a label | `public` |
//! | a supplier | `desk` |
//! | officers and the admin | `console` |
//! | a platform's programs | `api` |
//!
//! A page is a function from what the registry says to markup; routes read, then call it. [`Frame`] is what all of them stand
//! in, [`Trouble`] what is answered instead of one.

mod frame;
mod language;
mod pool;
mod trouble;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::html;

use super::{HubFault, Registry};
use crate::rules::text::Text;

use frame::Frame;
use language::Spoken;
use pool::Pool;
use trouble::Trouble;

const STYLE: &str = include_str!("page/hub.css");
const ICON: &str = include_str!("../../../assets/icon.svg");

/// On every answer. Pages have no inline script or style, and nothing from elsewhere.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];

/// What all pages share.
#[derive(Debug)]
pub struct Site {
    folder: PathBuf,
    registries: Pool,
}

type Here = State<Arc<Site>>;

impl Site {
    /// The pages of the authority in `folder`.
    ///
    /// # Errors
    /// There is no authority, or its registry is of a newer program.
    pub fn open(folder: &Path) -> Result<Self, HubFault> {
        Ok(Self { folder: folder.to_owned(), registries: Pool::open(folder)? })
    }

    /// The authority's folder.
    fn folder(&self) -> &Path {
        &self.folder
    }

    /// Works with the registry beside the service's thread.
    async fn registry<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Registry) -> Result<T, HubFault> + Send + 'static,
    ) -> Result<T, Trouble> {
        let site = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || site.registries.with(work)).await;
        done.map_err(|fault| Trouble::later("the work was broken off", &fault))?.map_err(Trouble::from)
    }
}

/// All that the service answers: pages, and what machines ask for.
#[must_use]
pub fn router(site: Site, machines: Router) -> Router {
    Router::new()
        .route("/", get(start))
        .route("/hub.css", get(|| async { asset("text/css; charset=utf-8", STYLE) }))
        .route("/icon.svg", get(|| async { asset("image/svg+xml", ICON) }))
        .fallback(nothing_here)
        .with_state(Arc::new(site))
        .layer(map_response(with_headers))
        .merge(machines)
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], text).into_response()
}

async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(header::HeaderValue::from_static(value));
    }
    // What is on a page is for who asked alone, unless the route says otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(header::HeaderValue::from_static("no-store"));
    response
}

async fn nothing_here(uri: Uri, headers: HeaderMap, spoken: Spoken) -> Response {
    let trouble = Trouble::nothing(uri.path()).spoken(spoken.language);
    let wanted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wanted.contains("text/html") { trouble.into_response() } else { trouble.as_problem() }
}

async fn start(State(site): Here, spoken: Spoken) -> Result<Response, Trouble> {
    let counts = site.registry(|registry| registry.counts()).await?;
    let frame = Frame::new(&spoken, Text::new("质量绿码", "Quality codes"));
    Ok(frame.page(html! {
        p { (frame.say("本站登记的商品：", "Listings kept here: ")) (counts.listings) }
    }))
}
