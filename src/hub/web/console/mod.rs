//! The console of quality officers and the admin: what waits, every listing with all that is known of it, and what can be
//! done about it.
//!
//! Everything is a plain page and a plain form. A route says what its visitor must be allowed, reads what the page shows in
//! one piece of work beside the service's thread, and calls the page's function.

mod accounts;
mod chart;
mod confirm;
mod files;
mod inbox;
mod kiosks;
mod labels;
mod listing;
mod listings;
mod parts;
mod publish;
mod scans;
mod search;
mod suppliers;
mod told;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::Site;
use super::visitor::to;

/// The routes.
pub(super) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/console", get(|| async { to("/console/inbox") }))
        .route("/console/inbox", get(inbox::page))
        .route("/console/search", get(search::page))
        .route("/console/listings", get(listings::page))
        .route("/console/listings/{id}", get(listing::page))
        .route("/console/listings/{id}/capacity", post(listing::acts::capacity))
        .route("/console/listings/{id}/review", post(listing::acts::review))
        .route("/console/listings/{id}/propose", post(listing::acts::propose))
        .route("/console/listings/{id}/confirm", post(listing::acts::confirm))
        .route("/console/listings/{id}/drop", post(listing::acts::drop_it))
        .route("/console/listings/{id}/lift", post(listing::acts::lift))
        .route("/console/listings/{id}/revoke", get(confirm::page).post(confirm::revoke))
        .route("/console/listings/{id}/labels", get(labels::page).post(labels::print))
        .route("/console/documents/{id}", post(listing::acts::judge))
        .route("/console/documents/{id}/file", get(files::file))
        .route("/console/suppliers", get(suppliers::list))
        .route("/console/suppliers/{id}", get(suppliers::page))
        .route("/console/kiosks", get(kiosks::page))
        .route("/console/scans", get(scans::page))
        .route("/console/publish", get(publish::page).post(publish::publish))
        .route("/console/accounts", get(accounts::page).post(accounts::add))
        .route("/console/accounts/{name}/disable", post(accounts::disable))
        .route("/console/accounts/{name}/reset", post(accounts::reset))
}
