//! A one-time link: whoever has it sets the password of an account.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::html;

use super::parts::{new_password, told, wrong};
use super::{elsewhere, first_page, signed_in};
use crate::hub::accounts::{self, LinkFault};
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Guest, fields, is_ours};
use crate::rules::account::Account;
use crate::rules::text::Text;

fn gone() -> Trouble {
    Trouble::new(StatusCode::NOT_FOUND, told(LinkFault::Gone))
}

async fn of(site: &Arc<Site>, token: String) -> Result<Account, Trouble> {
    let now = site.now();
    let account = site.registry(move |registry| accounts::with_link(registry.database(), &token, now)).await?;
    account.ok_or_else(gone)
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    guest: Guest,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    let account = of(&site, token).await?;
    Ok(form(&guest, &account, None))
}

fn form(guest: &Guest, account: &Account, fault: Option<&Text>) -> Response {
    let frame = guest.frame(Text::new("设置密码", "Set your password"));
    frame.page(html! {
        (wrong(&frame, fault))
        // Without an action the form goes to the address that it came from.
        form class="fields card" method="post" {
            p { (frame.say("账号：", "Account: ")) strong { (account.name) } }
            input type="hidden" name="name" autocomplete="username" value=(account.name);
            (new_password(&frame))
            div class="acts" { button { (frame.say("设置并登录", "Set it and sign in")) } }
        }
    })
}

pub(super) async fn set(
    State(site): State<Arc<Site>>,
    guest: Guest,
    Path(token): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Trouble> {
    if !is_ours(&headers) {
        return Err(elsewhere());
    }
    let account = of(&site, token.clone()).await?;
    let password = fields(request, &site).await?.raw("new").to_owned();
    let (now, _place) = (site.now(), site.hashing().await);
    let signed = site.registry(move |registry| match accounts::set_password(registry, &token, &password, now)? {
        Ok(account) => accounts::start(registry.database(), account, now).map(Ok),
        Err(fault) => Ok(Err(fault)),
    });
    match signed.await? {
        Ok(signed) => Ok(signed_in(&signed, &headers, first_page(&signed))),
        Err(LinkFault::Gone) => Err(gone()),
        Err(fault @ (LinkFault::Wrong | LinkFault::Weak(_))) => {
            let mut response = form(&guest, &account, Some(&told(fault)));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
