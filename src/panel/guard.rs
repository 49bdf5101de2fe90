//! Who may come in, and what every answer carries.
//!
//! Three things are checked before any route: the `Host` (a page elsewhere cannot reach the kiosk under its own name,
//! "DNS rebinding"), where the request comes from (no other site can press a button), and, unless the panel listens on
//! loopback, the token. A browser shows the token once in the address and keeps a cookie instead.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::refused::Refused;
use crate::rules::hex;

/// A wrong token is answered this late, so that guessing is slow.
const WRONG_TOKEN_PAUSE: Duration = Duration::from_millis(500);
const COOKIE: &str = "greengate_panel";
const ENTER_PAGE: &str = include_str!("page/enter.html");

/// On every answer. The page has no inline script or style, and nothing from elsewhere.
const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
         manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The panel's front door.
#[derive(Debug)]
pub(super) struct Door {
    loopback: bool,
    /// SHA-256 of the token; `None` asks for none.
    token: Option<[u8; 32]>,
}

impl Door {
    pub(super) fn new(address: SocketAddr, token: Option<&str>) -> Self {
        Self { loopback: address.ip().is_loopback(), token: token.map(|token| digest(token.as_bytes())) }
    }

    /// Whether the panel answers to this name. Loopback answers to loopback names only; elsewhere also to addresses and
    /// to names that the public DNS cannot give to somebody else.
    fn answers_to(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        match (address, host.rsplit('.').next()) {
            (None, Some("localhost")) => true,
            (Some(address), _) => !self.loopback || address.is_loopback(),
            (None, Some("local" | "internal")) => !self.loopback,
            (None, _) => !self.loopback && !host.contains('.'),
        }
    }

    /// Whether the request carries the token or the cookie made from it.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let Some(token) = self.token else { return true };
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
            .is_some_and(|shown| same(&digest(shown), &token));
        bearer || cookies(headers).any(|shown| same(&digest(shown.as_bytes()), &digest(cookie(&token).as_bytes())))
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Compares digests in a time that does not depend on where they differ.
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

/// The cookie's value: it opens the panel, but the token cannot be read from it.
fn cookie(token: &[u8; 32]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"greengate panel cookie");
    hasher.update(token);
    let bytes: [u8; 32] = hasher.finalize().into();
    hex::encode(&bytes)
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// Checks a request, lets it in, and puts [`HEADERS`] on the answer.
pub(super) async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let admitted = admit(&door, &request);
    let mut response = match admitted {
        Ok(Entry::Granted) => next.run(request).await,
        Ok(Entry::Answered(response)) => response,
        Ok(Entry::WrongToken(response)) => {
            tokio::time::sleep(WRONG_TOKEN_PAUSE).await;
            response
        }
        Err(refused) => refused.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What the door says to a request that names this panel and comes from its own page.
enum Entry {
    /// It goes on to its route.
    Granted,
    /// It has its answer: a cookie for its token, or the question for the token.
    Answered(Response),
    /// It showed a token, and a wrong one.
    WrongToken(Response),
}

fn admit(door: &Door, request: &Request) -> Result<Entry, Refused> {
    let host = host_of(request)?;
    if !door.answers_to(host.host()) {
        let error = format!(
            "the panel does not answer to `{}`; use its address, or `localhost` on the kiosk itself",
            host.host()
        );
        return Err(Refused::new(StatusCode::MISDIRECTED_REQUEST, error));
    }
    refuse_other_sites(request, &host)?;
    let path = request.uri().path();
    // The page that asks for the token needs its style before anyone is let in.
    if matches!(path, "/panel.css" | "/icon.svg") || door.knows(request.headers()) {
        return Ok(Entry::Granted);
    }
    Ok(ask_for_token(door, request))
}

fn host_of(request: &Request) -> Result<Authority, Refused> {
    let named = request.headers().get(header::HOST).map(HeaderValue::as_bytes);
    let named = named.or_else(|| request.uri().authority().map(|host| host.as_str().as_bytes()));
    named
        .and_then(|host| Authority::try_from(host).ok())
        .filter(|host| !host.as_str().contains('@'))
        .ok_or_else(|| Refused::bad("the request has no `Host` that can be read; use HTTP/1.1"))
}

/// A page of another site may open the panel, and nothing else.
fn refuse_other_sites(request: &Request, host: &Authority) -> Result<(), Refused> {
    let headers = request.headers();
    let opens = matches!(*request.method(), Method::GET | Method::HEAD);
    let foreign = || {
        let error = "the request comes from another site's page; open the panel itself";
        Err(Refused::new(StatusCode::FORBIDDEN, error))
    };
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let elsewhere = site.is_some_and(|site| site != b"same-origin" && site != b"none");
    if elsewhere && !(opens && request.uri().path() == "/") {
        return foreign();
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let own = origin.to_str().is_ok_and(|origin| {
        let bare = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        bare.is_some_and(|bare| bare.eq_ignore_ascii_case(host.as_str()))
    });
    if own { Ok(()) } else { foreign() }
}

/// Trades the token in the address for a cookie, or asks for it.
fn ask_for_token(door: &Door, request: &Request) -> Entry {
    let (Some(token), uri) = (door.token, request.uri()) else { return Entry::Granted };
    let query = uri.query().unwrap_or_default();
    let shown = query.split('&').find_map(|pair| pair.strip_prefix("token=")).filter(|shown| !shown.is_empty());
    if let Some(shown) = shown.filter(|_| request.method() == Method::GET) {
        let shown: Vec<u8> = percent_decode_str(shown).collect();
        if same(&digest(&shown), &token) {
            return Entry::Answered(welcome(uri.path(), &token));
        }
    }
    let question = question(uri.path());
    let tried = shown.is_some() || request.headers().contains_key(header::AUTHORIZATION);
    if tried { Entry::WrongToken(question) } else { Entry::Answered(question) }
}

/// A person gets a page with a field, a program one sentence.
fn question(path: &str) -> Response {
    if path == "/" {
        let headers = [(header::WWW_AUTHENTICATE, "Bearer realm=\"greengate\"")];
        return (StatusCode::UNAUTHORIZED, headers, Html(ENTER_PAGE)).into_response();
    }
    let error = "the panel asks for its token; send `Authorization: Bearer …`, or open `/?token=…` once in the browser";
    Refused::new(StatusCode::UNAUTHORIZED, error).into_response()
}

fn welcome(path: &str, token: &[u8; 32]) -> Response {
    let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000", cookie(token));
    // Only a path of our own: `//elsewhere` would send the browser away.
    let path = format!("/{}", path.trim_start_matches('/'));
    (StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie), (header::LOCATION, path)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(listen: &str) -> Door {
        Door::new(listen.parse().expect("an address"), None)
    }

    #[test]
    fn loopback_answers_to_loopback_names_only() {
        let door = door("127.0.0.1:8080");
        let names = ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "evil.example", "192.168.1.7", "kiosk"];
        let answered = names.map(|name| door.answers_to(name));
        assert_eq!(answered, [true, true, true, true, false, false, false]);
    }

    #[test]
    fn in_the_network_it_answers_to_addresses_and_private_names() {
        let door = door("0.0.0.0:8080");
        let names = ["localhost", "192.168.1.7", "kiosk", "dock-3.local", "evil.example", "evil.example."];
        assert_eq!(names.map(|name| door.answers_to(name)), [true, true, true, true, false, false]);
    }

    #[test]
    fn the_cookie_does_not_contain_the_token() {
        let token = digest(b"a token of sixteen");
        assert_ne!(cookie(&token), hex::encode(&token));
        assert_eq!(cookie(&token).len(), 64);
    }
}
