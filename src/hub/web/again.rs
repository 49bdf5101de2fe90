//! A form that is refused comes back: the page that it was on, with what was typed, and what is wrong told at its field.
//!
//! It is done here for all forms whose route takes a [`super::visitor::Sent`] and answers a [`Trouble`] that the person can
//! mend. The page is asked for anew, as it is now, and finds what was sent in its request: its frame says what is wrong, and
//! a form is drawn with `visitor.typed(path)`. A form names its page by itself, in a hidden field; one that does not gets the
//! trouble alone.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::fields::{Fields, Typed};
use super::trouble::Trouble;
use super::visitor::is_here;
use crate::rules::text::Text;

/// A form that comes back.
#[derive(Debug)]
pub(super) struct Again {
    path: String,
    fields: Fields,
    trouble: Trouble,
}

impl Again {
    /// Why it was not done.
    pub fn says(&self) -> &Text {
        &self.trouble.says
    }

    /// What was typed, if it is the form that goes to this path.
    pub fn typed(&self, path: &str) -> Option<Typed> {
        if self.path != path {
            return None;
        }
        let mut typed: Typed = self.fields.clone().into_iter().collect();
        if let Some(field) = self.trouble.field {
            typed.fault(field, &self.trouble.says.zh, &self.trouble.says.en);
        }
        Some(typed)
    }
}

/// Where the fields of a form are kept that was checked to be ours, while its route works.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Arc<OnceLock<Fields>>);

impl Kept {
    pub fn keep(&self, fields: &Fields) {
        // A request has one form.
        let _ = self.0.set(fields.clone());
    }
}

/// Answers a form; in place of a trouble that can be mended where it was typed, that page once more.
pub(super) async fn bring_back(mut request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (kept, path) = (Kept::default(), request.uri().path().to_owned());
    let (headers, peer) = (request.headers().clone(), request.extensions().get().copied());
    request.extensions_mut().insert(kept.clone());
    let response = next.clone().run(request).await;
    let can_be_mended =
        |trouble: &&Trouble| matches!(trouble.status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT);
    let trouble = response.extensions().get::<Trouble>().filter(can_be_mended).cloned();
    let Some((trouble, fields)) = trouble.zip(kept.0.get().cloned()) else { return response };
    let status = trouble.status;
    let Some(page) = page(Again { path, fields, trouble }, headers, peer) else { return response };
    let mut page = next.run(page).await;
    if page.status() != StatusCode::OK {
        return response;
    }
    *page.status_mut() = status;
    page
}

/// The request for the page that a form was on.
fn page(again: Again, mut headers: HeaderMap, peer: Option<ConnectInfo<SocketAddr>>) -> Option<Request> {
    let path = Some(again.fields.raw("page")).filter(|page| is_here(page))?;
    let mut request = Request::get(path).body(Body::empty()).ok()?;
    // Those of the form's body.
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        headers.remove(name);
    }
    *request.headers_mut() = headers;
    request.extensions_mut().insert(Arc::new(again));
    if let Some(peer) = peer {
        request.extensions_mut().insert(peer);
    }
    Some(request)
}
