//! The sign-in page. Whatever was wrong, the answer is the same.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::parts::{code, field, wrong};
use super::tries::too_many;
use super::{elsewhere, first_page, signed_in};
use crate::hub::accounts::{self, Tried, Whose, counted};
use crate::hub::web::Site;
use crate::hub::web::fields::Fields;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Guest, Sent, fields, is_here, is_ours, to};
use crate::rules::account::plain_name;
use crate::rules::text::Text;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// The page that somebody was on the way to.
    #[serde(default)]
    to: String,
}

pub(super) async fn page(guest: Guest, Query(asked): Query<Asked>) -> Response {
    match guest.visitor.as_ref().filter(|visitor| !visitor.is_half()) {
        Some(visitor) => to(super::super::visitor::first_page(visitor.account.role)),
        None => form(&guest, "", &asked.to, None),
    }
}

fn form(guest: &Guest, name: &str, page: &str, fault: Option<&Text>) -> Response {
    let frame = guest.frame(Text::new("登录", "Sign in"));
    let hint = frame.say(
        "没有设置第二步验证的账号留空；手机不在身边时填恢复码",
        "leave it empty if your account has no second factor; a recovery code does too",
    );
    frame.page(html! {
        (wrong(&frame, fault))
        form class="fields card" method="post" action="/enter" {
            input type="hidden" name="to" value=(page);
            (field(frame.say("账号", "Account"), ("name", "text", "username"), name, None))
            (field(frame.say("密码", "Password"), ("password", "password", "current-password"), "", None))
            (code(&frame, ("手机上的六位数字", "Six digits of your app"), Some(hint)))
            div class="acts" { button { (frame.say("登录", "Sign in")) } }
        }
        p class="quiet" { (frame.say("忘记密码或丢了手机：请管理员给您一个一次性链接。", "Password forgotten or telephone lost: ask the admin for a one-time link.")) }
    })
}

pub(super) async fn enter(
    State(site): State<Arc<Site>>,
    guest: Guest,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Trouble> {
    if !is_ours(&headers) {
        return Err(elsewhere());
    }
    let fields = fields(request, &site).await?;
    let whose = whose(&site, &guest, &fields).await?;
    // Before the pauses are asked, so that each try sees how the ones before it ended.
    let _place = site.hashing().await;
    let now = site.now();
    let waits = site.pauses().wait(&whose, now);
    if let Some(wait) = waits {
        let mut response = form(&guest, fields.get("name"), fields.get("to"), Some(&too_many(wait)));
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
        return Ok(response);
    }
    let tried = fields.clone();
    let signed = site.registry(move |registry| {
        let (name, password, code) = (tried.get("name"), tried.raw("password"), tried.get("code"));
        accounts::sign_in(registry, Tried { name, password, code }, now)
    });
    let Some(signed) = signed.await? else {
        site.pauses().failed(&whose, now);
        log::info!("a sign-in from {} failed", guest.address);
        let fault = Text::new(
            "账号、密码或六位数字不对，请再试一次",
            "the name, the password or the six digits are not right; try again",
        );
        let mut response = form(&guest, fields.get("name"), fields.get("to"), Some(&fault));
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    };
    site.pauses().right(&whose);
    let page = fields.get("to");
    let page = if is_here(page) { page } else { first_page(&signed) };
    Ok(signed_in(&signed, &headers, page))
}

/// What a failure counts for: a browser that was signed in to this account before is counted by itself.
async fn whose(site: &Arc<Site>, guest: &Guest, fields: &Fields) -> Result<Vec<Whose>, Trouble> {
    let name = plain_name(fields.get("name"));
    if let Some(token) = guest.token.clone() {
        let name = name.clone();
        let known = site.registry(move |registry| accounts::known(registry.database(), &token, &name)).await?;
        if let Some(digest) = known {
            return Ok(vec![Whose::Browser(digest)]);
        }
    }
    Ok(counted(&name, guest.address))
}

pub(super) async fn leave(State(site): State<Arc<Site>>, guest: Guest, _sent: Sent) -> Result<Response, Trouble> {
    if let Some(token) = guest.token {
        site.registry(move |registry| accounts::end(registry.database(), &token)).await?;
    }
    // The cookie stays: it opens nothing any more, and tells that the browser was here.
    Ok(to("/enter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_host() {
        assert!(is_here("/console/listings?q=a") && is_here("/"));
        for elsewhere in
            ["", "//evil.example", "/\t/evil.example", "https://evil.example", "/\\evil.example", "/a\r\nset-cookie: b"]
        {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }
}
