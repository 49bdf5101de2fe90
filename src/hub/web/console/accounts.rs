//! Who can sign in: the admin makes accounts, hands their one-time links over, and disables them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::parts::minute;
use super::told;
use crate::hub::accounts::{self, Link};
use crate::hub::registry::Of;
use crate::hub::web::Site;
use crate::hub::web::enter::role;
use crate::hub::web::fields::{Field, choice};
use crate::hub::web::frame::Frame;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::{Sent, Visitor, csrf_field, done};
use crate::rules::account::{Account, May, Role, plain_name};
use crate::rules::text::Text;

pub(super) async fn page(State(site): State<Arc<Site>>, visitor: Visitor) -> Result<Response, Trouble> {
    visitor.require(May::Manage)?;
    let seen = site.registry(|registry| Ok((accounts::all(registry)?, registry.recent(Of::Accounts, told::SHOWN)?)));
    let (accounts, history) = seen.await?;
    let frame = visitor.frame(Text::new("账号", "Accounts"));
    Ok(frame.page(html! {
        (table(&frame, &visitor, &accounts))
        (form(&frame, &visitor))
        h2 { (frame.say("变更记录", "History")) }
        (told::table(&frame, &<_>::default(), &history, &<_>::default()))
    }))
}

fn table(frame: &Frame, visitor: &Visitor, accounts: &[Account]) -> Markup {
    let since = |moment: Option<jiff::Timestamp>| moment.map_or_else(|| frame.say("未设置", "none").to_owned(), minute);
    html! {
        div class="table" tabindex="0" role="region" aria-label=(frame.say("账号", "Accounts")) { table {
            thead { tr {
                th scope="col" { (frame.say("账号", "Account")) }
                th scope="col" { (frame.say("角色", "Role")) }
                th scope="col" { (frame.say("密码始于", "Password since")) }
                th scope="col" { (frame.say("第二步验证始于", "Second factor since")) }
                th scope="col" { (frame.say("操作", "What to do")) }
            } }
            tbody { @for account in accounts { tr {
                th scope="row" { (account.name) @if account.disabled { " " span class="chip" { (frame.say("已停用", "disabled")) } } }
                td { (frame.text(&role(account.role))) }
                td { (since(account.password)) }
                td { (since(account.second)) }
                td { @if account.id != visitor.account.id { (acts(frame, visitor, account)) } }
            } } }
        } }
    }
}

fn acts(frame: &Frame, visitor: &Visitor, account: &Account) -> Markup {
    let name = &account.name;
    html! { div class="acts" {
        form method="post" action={ "/console/accounts/" (name) "/disable" } {
            (csrf_field(visitor))
            input type="hidden" name="disabled" value=(if account.disabled { "no" } else { "yes" });
            button class="second" aria-label={ (name) ": " (if account.disabled { frame.say("启用", "enable") } else { frame.say("停用", "disable") }) } {
                @if account.disabled { (frame.say("启用", "Enable")) } @else { (frame.say("停用", "Disable")) }
            }
        }
        form method="post" action={ "/console/accounts/" (name) "/reset" } {
            (csrf_field(visitor))
            button class="second" aria-label={ (name) ": " (frame.say("重设密码", "new link")) } { (frame.say("重设密码", "New link")) }
        }
    } }
}

fn form(frame: &Frame, visitor: &Visitor) -> Markup {
    let roles = [
        ("supplier", ("供应商", "supplier")),
        ("officer", ("质量官", "officer")),
        ("second", ("复核质量官", "second officer")),
        ("platform", ("平台", "platform")),
        ("admin", ("管理员", "admin")),
    ];
    let roles = roles.map(|(value, (zh, en))| (value, frame.say(zh, en).to_owned()));
    let typed = visitor.typed("/console/accounts").unwrap_or_default().begin("role", "officer");
    html! {
        form class="fields card" method="post" action="/console/accounts" {
            h2 { (frame.say("新账号", "A new account")) }
            (csrf_field(visitor))
            (Field::line("name", "账号", "Name")
                .hint("小写字母、数字和 . - _ @；可以是电子邮箱", "small letters, digits and . - _ @; an e-mail address will do").draw(frame, &typed))
            (choice(frame.say("角色", "Role"), "role", &roles, &typed))
            (Field::line("supplier", "供应商编号", "Supplier's number").bare().kind("number")
                .hint("角色是供应商时填写", "for the role of a supplier").draw(frame, &typed))
            div class="acts" { button { (frame.say("建立", "Make it")) } }
        }
    }
}

pub(super) async fn add(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Manage)?;
    let name = fields.needed("name", ("账号", "name"))?.to_owned();
    let of_none = || {
        let says =
            Text::new("供应商的账号要填供应商编号", "an account of a supplier needs the supplier's number; write it");
        Trouble::wrong(says).at("supplier")
    };
    let role = match fields.get("role") {
        "supplier" => Role::Supplier(fields.number("supplier").ok_or_else(of_none)?),
        role => Role::named(role).ok_or_else(|| Trouble::wrong(Text::new("请选择角色", "choose a role")))?,
    };
    let author = visitor.author(format!("an account for {name}"));
    let (account, link) = site.registry(move |registry| accounts::add(registry, &author, &name, role)).await?;
    Ok(handed(&visitor, &site.address(&headers), &account, &link))
}

/// The link stands on this page and nowhere else.
fn handed(visitor: &Visitor, address: &str, account: &Account, link: &Link) -> Response {
    let frame = visitor.frame(Text::new("一次性链接", "One-time link"));
    frame.page(html! {
        p { (frame.say("请把链接交给", "Give this link to ")) strong { (account.name) } (frame.say("；打开的人设置密码，只能用一次，到 ", "; whoever opens it sets the password, once, until ")) (minute(link.until)) (frame.say("。", ".")) }
        p class="card" { code class="long" { (address) (link.path()) } }
        p class="acts" { a class="button" href="/console/accounts" { (frame.say("返回账号列表", "Back to the accounts")) } }
    })
}

pub(super) async fn disable(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Manage)?;
    refuse_own(&visitor, &name)?;
    let disabled = fields.get("disabled") == "yes";
    let why = if disabled { "the account is not needed any more" } else { "the account is needed again" };
    let author = visitor.author(why);
    site.registry(move |registry| accounts::disable(registry, &author, &name, disabled)).await?;
    let notice = if disabled {
        Text::new("账号已停用", "the account is disabled")
    } else {
        Text::new("账号已启用", "the account is enabled")
    };
    Ok(done(&visitor, "/console/accounts", &notice))
}

/// An authority whose only admin is gone is opened on the machine itself.
fn refuse_own(visitor: &Visitor, name: &str) -> Result<(), Trouble> {
    if visitor.account.name != plain_name(name) {
        return Ok(());
    }
    Err(Trouble::wrong(Text::new(
        "不能停用或重设自己的账号，请另一位管理员操作",
        "this is your own account; another admin does that",
    )))
}

pub(super) async fn reset(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Sent { visitor, .. }: Sent,
) -> Result<Response, Trouble> {
    visitor.require(May::Manage)?;
    refuse_own(&visitor, &name)?;
    let author = visitor.author("password and second factor were taken away");
    let (account, link) = site.registry(move |registry| accounts::reset(registry, &author, &name)).await?;
    Ok(handed(&visitor, &site.address(&headers), &account, &link))
}
