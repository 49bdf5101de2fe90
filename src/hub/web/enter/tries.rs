//! Wrong tries of somebody who is signed in: whoever found a browser signed in does not try passwords without an end.

use axum::http::StatusCode;
use jiff::Timestamp;

use crate::hub::accounts::Whose;
use crate::hub::receiver::digest;
use crate::hub::web::Site;
use crate::hub::web::trouble::Trouble;
use crate::hub::web::visitor::Visitor;
use crate::rules::text::{Text, counted};

/// A session is counted by itself, so that its owner signs in from elsewhere all the same.
fn whose(visitor: &Visitor) -> [Whose; 1] {
    [Whose::Browser(digest(visitor.csrf.as_bytes()))]
}

/// Nothing, if the session has not to wait.
pub(super) fn may(site: &Site, visitor: &Visitor, now: Timestamp) -> Result<(), Trouble> {
    let Some(wait) = site.pauses().wait(&whose(visitor), now) else { return Ok(()) };
    Err(Trouble::new(StatusCode::TOO_MANY_REQUESTS, too_many(wait)))
}

/// For how many seconds nothing is tried.
pub(super) fn too_many(wait: i64) -> Text {
    let en = format!("too many tries failed; wait {} and try again", counted(wait, "second"));
    Text::new(format!("失败次数太多，请等 {wait} 秒再试"), en)
}

pub(super) fn failed(site: &Site, visitor: &Visitor, now: Timestamp) {
    site.pauses().failed(&whose(visitor), now);
}

pub(super) fn right(site: &Site, visitor: &Visitor) {
    site.pauses().right(&whose(visitor));
}
