//! The own account: its password, its second factor.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};

use super::parts::{code, field, new_password, told, wrong};
use crate::hub::accounts::{self, Waiting};
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field, first_page, give_session};
use crate::rules::account::{Account, Role};
use crate::rules::symbol;
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
            let mut response = own(&visitor, Some(&told(fault)));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

async fn waiting(site: &Arc<Site>, account: &Account) -> Result<Waiting, Trouble> {
    let account = account.clone();
    site.registry(move |registry| accounts::begin_second(registry.database(), &account)).await
}

pub(super) async fn second(State(site): State<Arc<Site>>, visitor: Visitor) -> Result<Response, Trouble> {
    let waiting = waiting(&site, &visitor.account).await?;
    Ok(offered(&visitor, &waiting, None))
}

fn offered(visitor: &Visitor, waiting: &Waiting, fault: Option<&Text>) -> Response {
    let frame = visitor.frame(Text::new("第二步验证", "Second factor"));
    let groups: Vec<String> =
        waiting.secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    frame.page(html! {
        (wrong(&frame, fault))
        @if visitor.is_half() {
            p class="note" { (frame.say("您的角色必须设置第二步验证，之后才能使用其他页面。", "Your role needs a second factor; the other pages open once it is set up.")) }
        }
        div class="card" {
            ol {
                li { (frame.say("用手机上的验证器应用扫描二维码，或手工输入密钥。", "Scan the code with an authenticator app, or type the key.")) }
                li { (frame.say("输入应用显示的六位数字。", "Type the six digits that the app shows.")) }
            }
            (drawn(&waiting.address, frame.say("验证器密钥的二维码", "QR code of the key")))
            p { (frame.say("密钥：", "Key: ")) code { (groups.join(" ")) } }
            form class="fields" method="post" action="/account/second" {
                (csrf_field(visitor))
                (code(&frame, ("六位数字", "Six digits"), None))
                div class="acts" { button { (frame.say("确认", "Confirm")) } }
            }
        }
    })
}

/// A text as a QR code, with the quiet zone around it.
fn drawn(text: &str, label: &str) -> Markup {
    let Some(symbol) = symbol::encode(text) else { return html! {} };
    let side = symbol.size;
    let rows = symbol.dark.chunks(side).enumerate();
    let dark = rows.flat_map(|(y, row)| row.iter().enumerate().filter(|(_, dark)| **dark).map(move |(x, _)| (x, y)));
    let path: Vec<String> = dark.map(|(x, y)| format!("M{} {}h1v1h-1z", x + 4, y + 4)).collect();
    let side = side + 8;
    html! {
        svg class="code" role="img" aria-label=(label) viewBox={ "0 0 " (side) " " (side) } width="232" height="232" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path.concat()) fill="#000" {}
        }
    }
}

pub(super) async fn confirm(
    State(site): State<Arc<Site>>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    let (now, account, typed) = (site.now(), visitor.account.clone(), fields.get("code").to_owned());
    let codes = site.registry(move |registry| accounts::confirm_second(registry, &account, &typed, now)).await?;
    let Some(codes) = codes else {
        let waiting = waiting(&site, &visitor.account).await?;
        let fault = Text::new(
            "六位数字不对：请看手机时间是否准确，再输一次",
            "these are not the digits of now; look whether the telephone's clock is right, and type them again",
        );
        let mut response = offered(&visitor, &waiting, Some(&fault));
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    };
    let frame = visitor.frame(Text::new("恢复码", "Recovery codes"));
    Ok(frame.page(html! {
        p { (frame.say("第二步验证已设置。手机不在时，下面每个代码可以代替六位数字用一次。请打印或抄写，它们不会再显示。",
            "The second factor is set up. Without the telephone, each of these codes does once in place of six digits. Print them or write them down: they are not shown again.")) }
        ul class="card codes" { @for code in &codes { li { code { (code) } } } }
        p class="acts" { a class="button" href=(first_page(visitor.account.role)) { (frame.say("已保存，继续", "I have them; go on")) } }
    }))
}
