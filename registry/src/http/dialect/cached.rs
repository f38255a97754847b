//! What never changes may be kept: by its id, a schema is the same for ever.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;

use crate::{catalog::Rendition, http::reply};

/// For a year, which is as long as a cache may keep anything; without asking whether it has changed.
const FOR_EVER: HeaderValue = HeaderValue::from_static("max-age=31536000, immutable");

/// What the answer depends on besides the path, whether it is compressed here or not.
const VARIES: HeaderValue = HeaderValue::from_static("accept, accept-encoding");

/// A body under a name: hexadecimal digits, dashes and a word.
pub fn rendition(name: &str, body: Bytes) -> Rendition {
    Rendition { body, tag: format!("\"{name}\"").into() }
}

/// An answer that never changes; or that the client has it already.
pub fn immutable(headers: &HeaderMap, Rendition { body, tag }: Rendition) -> Response {
    let mut response = if knows(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        reply::bytes(StatusCode::OK, reply::dialect_type(headers), body)
    };
    let answered = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_maybe_shared(tag) {
        answered.insert(header::ETAG, tag);
    }
    answered.insert(header::CACHE_CONTROL, FOR_EVER);
    answered.insert(header::VARY, VARIES);
    response
}

fn knows(headers: &HeaderMap, tag: &[u8]) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    known.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|value| {
        // A compressed answer may have come with a weak tag.
        let value = value.trim();
        value.strip_prefix("W/").unwrap_or(value).as_bytes() == tag || value == "*"
    })
}
