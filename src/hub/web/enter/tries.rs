//! Wrong tries of somebody who is signed in: whoever found a browser signed in does not try passwords without an end.

use axum::http::StatusCode;
use jiff::Timestamp;

use crate::hub::accounts::Whose;
use crate::hub::receiver::digest;
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::text::Text;

/// A session is counted by itself, so that its owner signs in from elsewhere all the same.
fn whose(visitor: &Visitor) -> [Whose; 1] {
    [Whose::Browser(digest(visitor.csrf.as_bytes()))]
}

/// Nothing, if the session has not to wait.
pub(super) fn may(site: &Site, visitor: &Visitor, now: Timestamp) -> Result<(), Trouble> {
    let Some(wait) = site.pauses().wait(&whose(visitor), now) else { return Ok(()) };
    let zh = format!("失败次数太多，请等 {wait} 秒再试");
    let en = format!("too many tries failed; wait {wait} seconds and try again");
    Err(Trouble::new(StatusCode::TOO_MANY_REQUESTS, Text::new(zh, en)))
}

pub(super) fn failed(site: &Site, visitor: &Visitor, now: Timestamp) {
    site.pauses().failed(&whose(visitor), now);
}

pub(super) fn right(site: &Site, visitor: &Visitor) {
    site.pauses().right(&whose(visitor));
}
