//! The authority's pages: plain HTML from the server, Chinese and English, that work without a script.
//!
//! | who | rooms |
//! |---|---|
//! | whoever scans a label | `public` |
//! | a supplier | `desk` |
//! | officers and the admin | `console` |
//! | whoever signs in | `enter` |
//! | a platform's programs | `api` |
//!
//! `visitor` says who somebody is and what the role may do, and checks forms; `again` brings one back that is refused. A page is a function from what the registry says to markup; routes read, then call it. [`frame`] is what all of them stand
//! in, [`Trouble`] what is answered instead of one.

mod again;
mod api;
mod console;
mod desk;
mod download;
mod enter;
mod facts;
mod fields;
mod frame;
mod language;
mod pool;
mod public;
mod tagged;
mod trouble;
mod uploads;
mod visitor;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::{from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::accounts::{self, Pauses};
use super::demo::is_demo;
use super::receiver::random_bytes;
use super::{Home, HubFault, Registry};
use crate::rules::hex;

pub use uploads::Pace;

use api::Api;
use facts::Names;
use language::Spoken;
use pool::Pool;
use trouble::Trouble;
use uploads::Uploads;
use visitor::is_loopback;

const STYLE: &str = include_str!("page/hub.css");
/// On every page of an authority to try, whose words a style has so that no page can do without them.
const DEMO_STYLE: &str = "
body::before { content: 'DEMO · 演示：这里的内容都不是真的 · nothing here is true'; display: block; padding: 4px 20px; background: #7a4f00; color: #fff; font-weight: 650; text-align: center; }
";
const ICON: &str = include_str!("../../../assets/icon.svg");

/// Passwords that are hashed at any time: each takes 19 MiB.
const HASHING: usize = 2;

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

type Here = State<Arc<Site>>;

/// What all pages share.
#[derive(Debug)]
pub struct Site {
    home: Home,
    registries: Pool,
    clock: Clock,
    /// The last part of the address at which the first admin is made; none once there is one.
    first: Mutex<Option<String>>,
    pauses: Mutex<Pauses>,
    hashing: Semaphore,
    names: Names,
    api: Api,
    uploads: Uploads,
    /// Where labels lead that suppliers print, and where people find these pages.
    host: Option<String>,
    /// Whether it is an authority to try, which says so on every page.
    demo: bool,
}

/// What tells the time.
struct Clock(Box<dyn Fn() -> Timestamp + Send + Sync>);

impl std::fmt::Debug for Clock {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Clock")
    }
}

impl Site {
    /// The pages of an authority.
    ///
    /// # Errors
    /// There is no authority, or its registry is of a newer program.
    pub fn open(home: impl Into<Home>) -> Result<Self, HubFault> {
        let home = home.into();
        let api = Api::open(home.clone())?;
        let registries = Pool::open(home.clone())?;
        let has_admin = registries.with(|registry| accounts::has_admin(registry.database()))?;
        let first = Mutex::new(if has_admin { None } else { Some(hex::encode(&random_bytes::<16>()?)) });
        let (pauses, hashing) = (Mutex::default(), Semaphore::new(HASHING));
        let uploads = Uploads::new(Pace::default());
        let clock = Clock(Box::new(Timestamp::now));
        let (names, demo) = (Names::default(), registries.with(|registry| is_demo(registry))?);
        Ok(Self { home, registries, clock, first, pauses, hashing, names, api, uploads, host: None, demo })
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Clock(Box::new(clock)), ..self }
    }

    /// The same with the host to which labels lead that suppliers print, like `QR.EXAMPLE.COM`.
    #[must_use]
    pub fn with_host(self, host: Option<String>) -> Self {
        Self { host, ..self }
    }

    /// The same with another patience with files that come in.
    #[must_use]
    pub fn with_pace(self, pace: Pace) -> Self {
        Self { uploads: Uploads::new(pace), ..self }
    }

    /// The path at which the first admin is made, while there is none.
    #[must_use]
    pub fn first_path(&self) -> Option<String> {
        self.first_token().as_ref().map(|token| format!("/enter/first/{token}"))
    }

    fn now(&self) -> Timestamp {
        (self.clock.0)()
    }

    fn is_first(&self, token: &str) -> bool {
        self.first_token().as_deref() == Some(token)
    }

    fn first_token(&self) -> MutexGuard<'_, Option<String>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pauses(&self) -> MutexGuard<'_, Pauses> {
        self.pauses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place among those who hash a password; whoever floods the sign-in page waits there, and nobody else does.
    async fn hashing(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.hashing.acquire().await.ok()
    }

    /// Lets webhooks lead to addresses without TLS and to private ones, as on a machine of one's own.
    #[must_use]
    pub fn with_private_webhooks(mut self) -> Self {
        self.api.to_private = true;
        self
    }

    /// Where labels lead: never to where a request says that it went, but with an authority to try, of which nothing is true.
    fn label_host(&self, headers: &HeaderMap) -> Option<String> {
        let asked = headers.get(header::HOST).filter(|_| self.demo).and_then(|host| host.to_str().ok());
        self.host.as_deref().or(asked).map(str::to_uppercase)
    }

    /// The address at which people find these pages, to be handed to others: that of the host to which labels lead; without
    /// one what the request says, which is whatever its sender wrote.
    fn address(&self, headers: &HeaderMap) -> String {
        if let Some(host) = &self.host {
            return format!("https://{}", host.to_lowercase());
        }
        let right = |host: &&str| {
            host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'[' | b']'))
        };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(right).unwrap_or("localhost");
        format!("{}://{host}", if is_loopback(host) { "http" } else { "https" })
    }

    /// Where the authority is.
    fn home(&self) -> Home {
        self.home.clone()
    }

    /// Works with the registry beside the service's thread.
    async fn registry<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Registry) -> Result<T, HubFault> + Send + 'static,
    ) -> Result<T, Trouble> {
        let site = Arc::clone(self);
        self.blocking(move || site.registries.with(work)).await
    }

    /// Works with files beside the service's thread.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HubFault> + Send + 'static,
    ) -> Result<T, Trouble> {
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|fault| Trouble::later("the work was broken off", &fault))?.map_err(Trouble::from)
    }
}

/// All that the service answers: pages, and what machines ask for.
pub fn router(site: Site, machines: Router) -> Router {
    let site = Arc::new(site);
    let pages = Router::new()
        .route("/hub.css", get(style))
        .route("/icon.svg", get(|| async { asset("image/svg+xml", ICON) }))
        .merge(console::router())
        .merge(desk::router())
        .merge(enter::router())
        .merge(public::routes())
        .merge(api::routes(&site))
        .fallback(public::answer)
        .with_state(site);
    // As a fallback, so that the layer asks for any page, and not only for what one route answers.
    Router::new()
        .fallback_service(pages)
        .layer(from_fn(again::bring_back))
        .layer(map_response(with_headers))
        .merge(machines)
}

async fn style(State(site): Here) -> Response {
    if site.demo {
        let style = format!("{STYLE}{DEMO_STYLE}");
        return ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], style).into_response();
    }
    asset("text/css; charset=utf-8", STYLE)
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], text).into_response()
}

async fn with_headers(spoken: Spoken, response: Response) -> Response {
    // A trouble does not know the language of the request that it answers.
    let trouble = response.extensions().get::<Trouble>().cloned();
    let mut response = trouble.map_or(response, |trouble| trouble.spoken(spoken.language).into_response());
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(header::HeaderValue::from_static(value));
    }
    // What is on a page is for who asked alone, unless the route says otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(header::HeaderValue::from_static("no-store"));
    response
}
