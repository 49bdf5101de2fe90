//! The own second factor. Whoever sets it up, a first or another one, says the password again, so that a browser that was left
//! signed in gives nobody the account; new recovery codes come with it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::parts::{code, field, told, wrong};
use super::tries;
use crate::hub::accounts::{self, LinkFault, Waiting};
use crate::hub::web::Site;
use crate::hub::web::fields::Fields;
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field, first_page};
use crate::rules::symbol;
use crate::rules::text::Text;

pub(super) async fn page(visitor: Visitor) -> Response {
    asked(&visitor, None)
}

fn frame_of(visitor: &Visitor) -> Frame {
    visitor.frame(Text::new("第二步验证", "Second factor"))
}

/// The password is asked for.
fn asked(visitor: &Visitor, fault: Option<&Text>) -> Response {
    let frame = frame_of(visitor);
    let label = frame.say("密码", "Password");
    let hint = frame.say("再输一次，以确认是您本人", "once more, so that nobody else does it");
    frame.page(html! {
        (wrong(&frame, fault))
        @if visitor.is_half() {
            p class="note" { (frame.say("您的角色必须设置第二步验证，之后才能使用其他页面。", "Your role needs a second factor; the other pages open once it is set up.")) }
        }
        form class="fields card" method="post" action="/account/second" {
            (csrf_field(visitor))
            input type="hidden" name="name" autocomplete="username" value=(visitor.account.name);
            (field(label, ("password", "password", "current-password"), "", Some(hint)))
            div class="acts" { button { (frame.say("继续", "Go on")) } }
        }
    })
}

/// A form with a password begins, one with a code ends it.
pub(super) async fn send(State(site): State<Arc<Site>>, Sent { visitor, fields }: Sent) -> Result<Response, Trouble> {
    if fields.raw("password").is_empty() {
        return confirm(&site, &visitor, &fields).await;
    }
    let (now, account, _place) = (site.now(), visitor.account.clone(), site.hashing().await);
    tries::may(&site, &visitor, now)?;
    let typed = fields.raw("password").to_owned();
    let waiting = site.registry(move |registry| accounts::begin_second(registry.database(), &account, &typed)).await?;
    if let Some(waiting) = waiting {
        tries::right(&site, &visitor);
        return Ok(offered(&visitor, &waiting));
    }
    tries::failed(&site, &visitor, now);
    Ok(refused(asked(&visitor, Some(&told(LinkFault::Wrong)))))
}

fn refused(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// The secret, which no other page shows.
fn offered(visitor: &Visitor, waiting: &Waiting) -> Response {
    let frame = frame_of(visitor);
    let groups: Vec<String> =
        waiting.secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    frame.page(html! {
        div class="card" {
            ol {
                li { (frame.say("用手机上的验证器应用扫描二维码，或手工输入密钥。", "Scan the code with an authenticator app, or type the key.")) }
                li { (frame.say("输入应用显示的六位数字。", "Type the six digits that the app shows.")) }
            }
            (drawn(&waiting.address, frame.say("验证器密钥的二维码", "QR code of the key")))
            p { (frame.say("密钥：", "Key: ")) code { (groups.join(" ")) } }
            (digits(&frame, visitor))
        }
    })
}

fn digits(frame: &Frame, visitor: &Visitor) -> Markup {
    html! {
        form class="fields" method="post" action="/account/second" {
            (csrf_field(visitor))
            (code(frame, ("六位数字", "Six digits"), None))
            div class="acts" { button { (frame.say("确认", "Confirm")) } }
        }
    }
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

async fn confirm(site: &Arc<Site>, visitor: &Visitor, fields: &Fields) -> Result<Response, Trouble> {
    let (now, account, typed) = (site.now(), visitor.account.clone(), fields.get("code").to_owned());
    tries::may(site, visitor, now)?;
    let codes = site.registry(move |registry| accounts::confirm_second(registry, &account, &typed, now)).await?;
    let Some(codes) = codes else {
        tries::failed(site, visitor, now);
        return Ok(refused(once_more(visitor)));
    };
    tries::right(site, visitor);
    let frame = visitor.frame(Text::new("恢复码", "Recovery codes"));
    Ok(frame.page(html! {
        p { (frame.say("第二步验证已设置。手机不在时，下面每个代码可以代替六位数字用一次。请打印或抄写，它们不会再显示。",
            "The second factor is set up. Without the telephone, each of these codes does once in place of six digits. Print them or write them down: they are not shown again.")) }
        ul class="card codes" { @for code in &codes { li { code { (code) } } } }
        p class="acts" { a class="button" href=(first_page(visitor.account.role)) { (frame.say("已保存，继续", "I have them; go on")) } }
    }))
}

/// The digits again, without the secret: it was shown to whoever knew the password.
fn once_more(visitor: &Visitor) -> Response {
    let frame = frame_of(visitor);
    let fault = Text::new(
        "六位数字不对：请看手机时间是否准确，再输一次",
        "these are not the digits of now; look whether the telephone's clock is right, and type them again",
    );
    frame.page(html! {
        (wrong(&frame, Some(&fault)))
        div class="card" { (digits(&frame, visitor)) }
        p { a href="/account/second" { (frame.say("重新扫描：从头开始", "Begin anew, with another key")) } }
    })
}
