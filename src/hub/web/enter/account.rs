//! The own account, and its password.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::html;

use super::parts::{field, new_password, told, wrong};
use super::tries;
use crate::hub::accounts::{self, LinkFault};
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field, give_session};
use crate::rules::account::Role;
use crate::rules::text::Text;

pub(super) async fn page(visitor: Visitor) -> Response {
    own(&visitor, None)
}

fn own(visitor: &Visitor, fault: Option<&Text>) -> Response {
    let frame = visitor.frame(Text::new("我的账号", "My account"));
    let account = &visitor.account;
    let since = account.second.map_or_else(|| frame.say("未设置", "none").to_owned(), |since| format!("{since:.0}"));
    frame.page(html! {
        (wrong(&frame, fault))
        div class="card" {
            dl {
                dt { (frame.say("账号", "Account")) } dd { (account.name) }
                dt { (frame.say("角色", "Role")) } dd { (frame.text(&role(account.role))) }
                dt { (frame.say("第二步验证始于", "Second factor since")) } dd { (since) }
            }
            p class="acts" { a class="button second" href="/account/second" { (frame.say("设置第二步验证", "Set the second factor up")) } }
        }
        form class="fields card" method="post" action="/account/password" {
            h2 { (frame.say("更改密码", "Change the password")) }
            (csrf_field(visitor))
            input type="hidden" name="name" autocomplete="username" value=(account.name);
            (field(frame.say("现在的密码", "Password of now"), ("before", "password", "current-password"), "", None))
            (new_password(&frame))
            p class="quiet" { (frame.say("其他设备上的登录会结束。", "You are signed out everywhere else.")) }
            div class="acts" { button { (frame.say("更改", "Change it")) } }
        }
    })
}

/// A role in words.
pub(in crate::hub::web) fn role(role: Role) -> Text {
    match role {
        Role::Supplier(supplier) => Text::new(format!("供应商 {supplier}"), format!("supplier {supplier}")),
        Role::Officer => Text::new("质量官", "officer"),
        Role::Second => Text::new("复核质量官", "second officer"),
        Role::Admin => Text::new("管理员", "admin"),
        Role::Platform => Text::new("平台", "platform"),
    }
}

pub(super) async fn password(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    let (now, account, _place) = (site.now(), visitor.account.clone(), site.hashing().await);
    tries::may(&site, &visitor, now)?;
    let signed = site.registry(move |registry| {
        let typed = (fields.raw("before"), fields.raw("new"));
        match accounts::change_password(registry, &account, typed, now)? {
            Ok(account) => accounts::start(registry.database(), account, now).map(Ok),
            Err(fault) => Ok(Err(fault)),
        }
    });
    match signed.await? {
        Ok(signed) => {
            let notice = Text::new("密码已更改", "the password was changed");
            let mut response = crate::hub::web::visitor::done(&visitor, "/account", &notice);
            give_session(&mut response, &headers, &signed.token);
            Ok(response)
        }
        Err(fault) => {
            if fault == LinkFault::Wrong {
                tries::failed(&site, &visitor, now);
            }
            let mut response = own(&visitor, Some(&told(fault)));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}
