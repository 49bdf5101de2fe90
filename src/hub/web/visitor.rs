//! Who is at a page, and whether a form really comes from there.
//!
//! - A route that takes a [`Visitor`] is for people who are signed in; others are led to the sign-in page and back. It
//!   says what they have to be allowed: `visitor.require(May::Judge)?`. [`Guest`] is anybody, perhaps signed in.
//! - A page stands in `visitor.frame(title)`, which has the menu of the role. [`frame_for`] does it for a [`Guest`] too.
//! - Every form has [`csrf_field`], and its route takes a [`Sent`] in place of a [`Visitor`]: the fields of a form that
//!   was checked. A route that reads a body of another kind, as an upload, takes a [`Visitor`] and calls
//!   `visitor.has_sent(&headers, field)` with the form's `csrf` before it does anything.
//!   What makes no sense in a form is a [`Trouble`]: [`super::again`] brings the page back, and `visitor.typed(path)` has what
//!   was typed into the form that goes to `path`.
//! - What is done has an author: `visitor.author(why)`. Then [`done`] leads to the page that shows it, with a notice.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::Site;
use super::again::{Again, Kept};
use super::fields::{Fields, Typed};
use super::frame::Frame;
use super::language::{Spoken, cookie};
use super::trouble::Trouble;
use crate::hub::{Author, accounts};
use crate::rules::account::{Account, May, Role};
use crate::rules::hex;
use crate::rules::text::Text;

/// A form that takes longer is given up.
const FORM_LIMIT: Duration = Duration::from_secs(60);
/// The cookie of a session.
const SESSION: &str = "session";
/// A browser that was signed in before is known for so long, in seconds.
const SESSION_KEPT: u32 = 90 * 24 * 60 * 60;
/// The cookie of a notice, which the next page shows and takes away.
const NOTICE: &str = "notice";
/// Longest notice, in characters.
const NOTICE_LIMIT: usize = 300;
/// The only page for those who have to set their second factor up.
const SECOND: &str = "/account/second";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub account: Account,
    /// What every form has to send back.
    pub csrf: String,
    pub spoken: Spoken,
    /// What the page before has to say.
    notice: Option<String>,
    /// A form of this page that was sent and comes back.
    again: Option<Arc<Again>>,
    at: jiff::Timestamp,
}

/// Anybody.
#[derive(Clone, Debug)]
pub(super) struct Guest {
    pub visitor: Option<Visitor>,
    pub spoken: Spoken,
    /// Where the request came from.
    pub address: IpAddr,
    /// The session that the browser shows, whether it has ended or not.
    pub token: Option<String>,
    notice: Option<String>,
}

/// A form that somebody sent from one of our pages, with its fields.
#[derive(Debug)]
pub(super) struct Sent {
    pub visitor: Visitor,
    pub fields: Fields,
}

impl Visitor {
    /// Whether the visitor may do it.
    pub fn may(&self, what: May) -> bool {
        self.account.role.may(what)
    }

    /// Nothing, if the visitor may do it.
    pub fn require(&self, what: May) -> Result<(), Trouble> {
        if self.may(what) { Ok(()) } else { Err(forbidden()) }
    }

    /// The supplier that the visitor files for.
    pub fn supplier(&self) -> Result<u32, Trouble> {
        if let Role::Supplier(supplier) = self.account.role { Ok(supplier) } else { Err(forbidden()) }
    }

    /// Who does it, why, and when: now.
    pub fn author(&self, why: impl Into<String>) -> Author {
        Author { who: self.account.name.clone(), why: why.into(), at: self.at }
    }

    /// A form was sent from this page: what is answered in its place is that page still, and so is the other language's.
    pub fn is_at(&mut self, page: &str) {
        if is_here(page) {
            page.clone_into(&mut self.spoken.page);
        }
    }

    /// What stands in the form that goes to `path`: what was typed, if it comes back.
    pub fn typed(&self, path: &str) -> Option<Typed> {
        self.again.as_ref().and_then(|again| again.typed(path))
    }

    /// A page with the menu of the visitor's role.
    pub fn frame(&self, title: Text) -> Frame {
        frame_for(&self.spoken, Some(self), title)
    }

    /// Whether a request was sent from one of our pages, of this very session: `field` is its `csrf`.
    pub fn has_sent(&self, headers: &HeaderMap, field: &str) -> Result<(), Trouble> {
        // Digests, so that the time tells nothing of what is compared.
        let same = Sha256::digest(field) == Sha256::digest(&self.csrf);
        if same && is_ours(headers) { Ok(()) } else { Err(elsewhere()) }
    }
}

fn forbidden() -> Trouble {
    let en = "your account may not do this; ask the admin for another role";
    Trouble::new(StatusCode::FORBIDDEN, Text::new("您的账号没有这项权限，请联系管理员", en))
}

fn elsewhere() -> Trouble {
    let en = "this form came from another page or another session; reload the page and send it again";
    Trouble::new(StatusCode::FORBIDDEN, Text::new("表单来源不符或登录已更换，请刷新页面后重新提交", en))
}

/// Whether a browser says that the request comes from one of our own pages. A program that is no browser says nothing.
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    let told = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_same = told("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let host = told("host").unwrap_or_default();
    let origin = told("origin").is_none_or(|origin| origin.split_once("://").is_some_and(|(_, from)| from == host));
    is_same && origin
}

/// The hidden fields of every form: that it is ours, and the page that it is on.
pub(super) fn csrf_field(visitor: &Visitor) -> Markup {
    html! {
        input type="hidden" name="csrf" value=(visitor.csrf);
        input type="hidden" name="page" value=(visitor.spoken.page);
    }
}

/// Whether a page is one of ours: a path, and nothing that a browser takes for another host.
pub(super) fn is_here(page: &str) -> bool {
    page.starts_with('/') && !page.starts_with("//") && !page.contains(|sign: char| sign == '\\' || sign.is_control())
}

/// A page with the menu of whoever is there.
pub(super) fn frame_for(spoken: &Spoken, visitor: Option<&Visitor>, title: Text) -> Frame {
    let mut frame = Frame::new(spoken, title);
    let Some(visitor) = visitor else { return frame };
    frame.ways = ways(visitor.account.role);
    frame.notice.clone_from(&visitor.notice);
    frame.trouble = visitor.again.as_ref().map(|again| again.says().clone());
    let leave = frame.say("退出", "Sign out");
    let who = html! {
        a class="who" href="/account" { (visitor.account.name) }
        form method="post" action="/leave" { (csrf_field(visitor)) button class="second" { (leave) } }
    };
    frame.who = Some(who);
    frame
}

/// What a role has in its menu.
fn ways(role: Role) -> Vec<(&'static str, Text)> {
    let mut ways = Vec::new();
    if role.may(May::Look) {
        ways.extend([
            ("/console/inbox", Text::new("待办", "Inbox")),
            ("/console/listings", Text::new("商品", "Listings")),
            ("/console/suppliers", Text::new("供应商", "Suppliers")),
            ("/console/kiosks", Text::new("验收机", "Kiosks")),
            ("/console/scans", Text::new("扫码统计", "Scans")),
            ("/console/publish", Text::new("发布", "Publish")),
        ]);
    }
    if role.may(May::Manage) {
        ways.push(("/console/accounts", Text::new("账号", "Accounts")));
    }
    if role.may(May::Supply) {
        ways.push(("/desk", Text::new("我的商品", "My products")));
    }
    ways
}

/// Where a role begins.
pub(super) fn first_page(role: Role) -> &'static str {
    match role {
        Role::Officer | Role::Second | Role::Admin => "/console/inbox",
        Role::Supplier(_) => "/desk",
        Role::Platform => "/account",
    }
}

/// To another page, which is asked for anew.
pub(super) fn to(path: &str) -> Response {
    let place = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// To the page that shows what was done, with a notice.
pub(super) fn done(visitor: &Visitor, path: &str, notice: &Text) -> Response {
    let mut response = to(path);
    let notice: String = notice.get(visitor.spoken.language).chars().take(NOTICE_LIMIT).collect();
    let notice = utf8_percent_encode(&notice, NON_ALPHANUMERIC);
    set_cookie(&mut response, &format!("{NOTICE}={notice}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"));
    response
}

/// Takes a notice away that was shown.
pub(super) fn forget_notice(response: &mut Response) {
    set_cookie(response, &format!("{NOTICE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
}

/// Gives the browser its session. Only on this machine it crosses no network, and may do so in the clear.
pub(super) fn give_session(response: &mut Response, headers: &HeaderMap, token: &str) {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let secure = if is_loopback(host) { "" } else { "; Secure" };
    let cookie = format!("{SESSION}={token}; Path=/; Max-Age={SESSION_KEPT}; HttpOnly; SameSite=Lax{secure}");
    set_cookie(response, &cookie);
}

/// Whether a host is this machine, as a browser writes it.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The token that a form of this session has to send back.
pub(super) fn csrf_of(token: &str) -> String {
    hex::encode(&Sha256::digest(format!("csrf {token}")))
}

/// A web server in front of us, on the same machine, tells whom it speaks for.
fn address_of(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let peer = peer.unwrap_or(IpAddr::from([127, 0, 0, 1]));
    let told = parts.headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let told = told.and_then(|told| told.rsplit(',').next()?.trim().parse().ok());
    told.filter(|_| peer.is_loopback()).unwrap_or(peer)
}

impl FromRequestParts<Arc<Site>> for Guest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Response> {
        let spoken = Spoken::from_request_parts(parts, site).await.unwrap_or_else(|never: Infallible| match never {});
        let kept = |name| cookie(&parts.headers, name).filter(|text| !text.is_empty());
        let notice = kept(NOTICE).map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
        let token = kept(SESSION).map(str::to_owned);
        let at = site.now();
        let mut visitor = None;
        if let Some(token) = token.clone() {
            let csrf = csrf_of(&token);
            let account = site.registry(move |registry| accounts::signed(registry.database(), &token, at)).await;
            let account = account.map_err(|trouble| trouble.spoken(spoken.language).into_response())?;
            visitor = account.map(|account| {
                let notice = notice.clone();
                let again = parts.extensions.get().cloned();
                Visitor { account, csrf, spoken: spoken.clone(), notice, again, at }
            });
        }
        Ok(Self { visitor, spoken, address: address_of(parts), token, notice })
    }
}

impl Guest {
    /// A page for whoever is there.
    pub fn frame(&self, title: Text) -> Frame {
        let mut frame = frame_for(&self.spoken, self.visitor.as_ref(), title);
        frame.notice.clone_from(&self.notice);
        frame
    }
}

impl FromRequestParts<Arc<Site>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Response> {
        let guest = Guest::from_request_parts(parts, site).await?;
        let Some(visitor) = guest.visitor else { return Err(to(&way_in(&parts.method, &parts.uri))) };
        let is_half = visitor.account.role.needs_second() && visitor.account.second.is_none();
        if is_half && ![SECOND, "/leave"].contains(&parts.uri.path()) {
            return Err(to(SECOND));
        }
        Ok(visitor)
    }
}

/// The sign-in page, which leads back to a page that was asked for.
fn way_in(method: &Method, uri: &Uri) -> String {
    if method != Method::GET {
        return "/enter".to_owned();
    }
    let page = uri.path_and_query().map_or("/", |page| page.as_str());
    format!("/enter?to={}", utf8_percent_encode(page, NON_ALPHANUMERIC))
}

impl FromRequest<Arc<Site>> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let (spoken, mut head) = (Spoken::from_request_parts(&mut parts, site).await, parts.clone());
        let spoken = spoken.unwrap_or_else(|never: Infallible| match never {});
        let said = |trouble: Trouble| trouble.spoken(spoken.language).into_response();
        let headers = parts.headers.clone();
        let fields = fields(Request::from_parts(parts, body), site).await.map_err(said)?;
        // Only now, for a body takes its time, and whoever sends it may not be let in any more at its end.
        let mut visitor = Visitor::from_request_parts(&mut head, site).await?;
        visitor.has_sent(&headers, fields.raw("csrf")).map_err(said)?;
        visitor.is_at(fields.raw("page"));
        if let Some(kept) = head.extensions.get::<Kept>() {
            kept.keep(&fields);
        }
        Ok(Self { visitor, fields })
    }
}

/// The fields of a form that nobody has checked yet.
pub(super) async fn fields(request: Request, site: &Arc<Site>) -> Result<Fields, Trouble> {
    let form = timeout(FORM_LIMIT, Form::<Vec<(String, String)>>::from_request(request, site)).await;
    let form = form.map_err(|_| {
        let says = Text::new("提交超时，请重新提交", "the form did not come to its end in time; send it again");
        Trouble::new(StatusCode::REQUEST_TIMEOUT, says)
    })?;
    let unread = |_| {
        Trouble::new(
            StatusCode::BAD_REQUEST,
            Text::new(
                "表单无法读取，请刷新页面后重新提交",
                "the form cannot be read; reload the page and send it again",
            ),
        )
    };
    form.map(|Form(fields)| Fields(fields)).map_err(unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_form_of_another_site_is_told_by_what_the_browser_says() {
        for ours in [
            &[("host", "hub.example")][..],
            &[("host", "hub.example"), ("origin", "https://hub.example"), ("sec-fetch-site", "same-origin")],
            &[("host", "127.0.0.1:8470"), ("origin", "http://127.0.0.1:8470")],
        ] {
            assert!(is_ours(&headers(ours)), "{ours:?}");
        }
        for other in [
            &[("host", "hub.example"), ("origin", "https://evil.example")][..],
            &[("host", "hub.example"), ("origin", "null")],
            &[("host", "hub.example"), ("sec-fetch-site", "cross-site")],
            &[("host", "hub.example"), ("sec-fetch-site", "same-site")],
        ] {
            assert!(!is_ours(&headers(other)), "{other:?}");
        }
    }

    #[test]
    fn a_session_crosses_a_network_under_tls_only() {
        for (host, here) in [
            ("127.0.0.1:8470", true),
            ("localhost", true),
            ("[::1]:8470", true),
            ("hub.example", false),
            ("localhost.evil.example:80", false),
        ] {
            assert_eq!(is_loopback(host), here, "{host}");
        }
    }

    #[test]
    fn only_a_web_server_on_this_machine_tells_other_addresses() {
        let address = |peer: &str, told: &'static str| {
            let mut request = axum::http::Request::get("/").header("x-forwarded-for", told);
            let peer: SocketAddr = peer.parse().expect("an address");
            request.extensions_mut().expect("a request").insert(ConnectInfo(peer));
            address_of(&request.body(()).expect("a request").into_parts().0).to_string()
        };
        assert_eq!(address("127.0.0.1:5", "203.0.113.9, 192.0.2.1"), "192.0.2.1");
        // A socket for both versions tells addresses of version 4 in this form.
        assert_eq!(address("[::ffff:127.0.0.1]:5", "192.0.2.1"), "192.0.2.1");
        assert_eq!(address("198.51.100.7:5", "192.0.2.1"), "198.51.100.7");
    }
}
