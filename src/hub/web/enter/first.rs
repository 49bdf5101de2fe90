//! The first admin: made by whoever read the address that the program printed.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::html;

use super::parts::{field, new_password, told, wrong};
use super::{elsewhere, signed_in};
use crate::hub::Author;
use crate::hub::accounts::{self, LinkFault};
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Guest, fields, is_ours};
use crate::rules::account::{is_account_name, plain_name};
use crate::rules::text::Text;

async fn allowed(site: &Arc<Site>, token: &str) -> Result<(), Trouble> {
    let is_made = site.registry(|registry| accounts::has_admin(registry.database())).await?;
    if site.is_first(token) && !is_made {
        return Ok(());
    }
    let en =
        "this address was used, or the service was started anew; sign in, or read the address that it printed last";
    let zh = "地址已失效：管理员已经有了，或服务重新启动过；请登录，或使用最近一次启动时显示的地址";
    Err(Trouble::new(StatusCode::NOT_FOUND, Text::new(zh, en)))
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    guest: Guest,
    Path(token): Path<String>,
) -> Result<Response, Trouble> {
    allowed(&site, &token).await?;
    Ok(form(&guest, "", None))
}

fn form(guest: &Guest, name: &str, fault: Option<&Text>) -> Response {
    let frame = guest.frame(Text::new("第一位管理员", "The first admin"));
    let hint = frame.say(
        "小写字母、数字和 . - _ @；可以是电子邮箱",
        "small letters, digits and . - _ @; an e-mail address will do",
    );
    frame.page(html! {
        (wrong(&frame, fault))
        p { (frame.say("管理员建立其他账号；审核商品的是质量官，请之后为自己另建一个。", "The admin makes the other accounts. Listings are assessed by officers: make yourself such an account afterwards.")) }
        form class="fields card" method="post" {
            (field(frame.say("账号", "Account"), ("name", "text", "username"), name, Some(hint)))
            (new_password(&frame))
            div class="acts" { button { (frame.say("建立管理员", "Make the admin")) } }
        }
    })
}

pub(super) async fn make(
    State(site): State<Arc<Site>>,
    guest: Guest,
    Path(token): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Trouble> {
    if !is_ours(&headers) {
        return Err(elsewhere());
    }
    allowed(&site, &token).await?;
    let fields = fields(request, &site).await?;
    let (name, password) = (plain_name(fields.get("name")), fields.raw("new").to_owned());
    let fault = if is_account_name(&name) {
        accounts::check(&password, &name).err().map(|weak| told(LinkFault::Weak(weak)))
    } else {
        Some(Text::new(
            "账号只能用小写字母、数字和 . - _ @",
            "an account's name has 1 to 64 of `a-z 0-9 . - _ @`; take another one",
        ))
    };
    if let Some(fault) = fault {
        let mut response = form(&guest, &name, Some(&fault));
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let (now, _place) = (site.now(), site.hashing().await);
    let signed = site.registry(move |registry| {
        let author = Author {
            who: name.clone(),
            why: "the first admin, by the address that `serve` printed".to_owned(),
            at: now,
        };
        let account = accounts::first_admin(registry, &author, &name, &password)?;
        accounts::start(registry.database(), account, now)
    });
    let signed = signed.await?;
    // Once: whoever reads the address later, in a log, makes no admin.
    site.first_token().take();
    Ok(signed_in(&signed, &headers, "/account/second"))
}
