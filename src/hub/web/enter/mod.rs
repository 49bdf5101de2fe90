//! The way in and out: signing in, passwords by a one-time link, the first admin, and what everybody changes of the own
//! account.

mod account;
mod first;
mod link;
mod parts;
mod second;
mod sign_in;
mod tries;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};

pub(super) use account::role;

use super::Site;
use super::trouble::Trouble;
use super::visitor::{Visitor, give_session, to};
use crate::hub::accounts::Signed;
use crate::rules::text::Text;

/// The routes.
pub(super) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/enter", get(sign_in::page).post(sign_in::enter))
        .route("/leave", post(sign_in::leave))
        .route("/enter/first/{token}", get(first::page).post(first::make))
        .route("/enter/link/{token}", get(link::page).post(link::set))
        .route("/account", get(account::page))
        .route("/account/password", post(account::password))
        .route("/account/second", get(second::page).post(second::send))
}

/// Signed in, and on the way to a page.
fn signed_in(signed: &Signed, headers: &HeaderMap, page: &str) -> Response {
    let mut response = to(page);
    give_session(&mut response, headers, &signed.token);
    response
}

/// A form without a session that another site sent.
fn elsewhere() -> Trouble {
    let en = "this form came from another page; open the page here and send it again";
    Trouble::new(StatusCode::FORBIDDEN, Text::new("表单来自其他网站，请在本站打开页面后重新提交", en))
}

/// Who may sign in with a second factor and has none yet begins with that.
fn first_page(signed: &Signed) -> &'static str {
    let account = &signed.account;
    if account.role.needs_second() && account.second.is_none() {
        "/account/second"
    } else {
        super::visitor::first_page(account.role)
    }
}

impl Visitor {
    /// Whether the visitor has to set a second factor up before anything else.
    fn is_half(&self) -> bool {
        self.account.role.needs_second() && self.account.second.is_none()
    }
}
