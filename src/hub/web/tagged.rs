//! Answers that may be kept: each has a tag made from its bytes, and whoever has those bytes already gets none again
//! (RFC 9110, sections 8.8.3 and 13.1.2).

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use sha2::{Digest, Sha256};

use crate::rules::hex;

/// Bytes of a digest that tell one answer from the next.
const TAG_BYTES: usize = 12;

/// The answer with its tag, or `304` to who has it. `kept` is what a browser or a proxy may do with it.
pub(super) async fn tagged(response: Response, asked: &HeaderMap, kept: &'static str) -> Response {
    let (mut parts, body) = response.into_parts();
    // The body is in memory as a whole already; nothing of it can fail.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&bytes)[..TAG_BYTES]));
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    if parts.status == StatusCode::OK && known.is_some_and(|known| names(known, &tag)) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Whether a list of tags has this one.
fn names(list: &str, tag: &str) -> bool {
    list.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
