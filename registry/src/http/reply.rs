//! Answers: JSON under the media type of the face.

use std::sync::OnceLock;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Serialize;
use stele_api::{
    dialect::{MEDIA_TYPE, MEDIA_TYPES},
    problem::{Code, Problem},
};

/// The media type of Stele's own answers.
pub const JSON: &str = "application/json";

/// A value as JSON.
pub fn json(status: StatusCode, media_type: &'static str, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => bytes(status, media_type, body.into()),
        // Shaped on the way out.
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an answer cannot be written"
            );
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An answer that is rendered already.
pub fn bytes(status: StatusCode, media_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// The JSON of a value, rendered the first time only.
pub fn once<T: Serialize>(
    cell: &OnceLock<Bytes>,
    value: impl FnOnce() -> T,
) -> Result<Bytes, Problem> {
    if let Some(body) = cell.get() {
        return Ok(body.clone());
    }
    let body = serde_json::to_vec(&value())
        .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
    Ok(cell.get_or_init(|| body.into()).clone())
}

/// Stele's own answer.
pub fn native(value: &impl Serialize) -> Response {
    json(StatusCode::OK, JSON, value)
}

/// The media type of the dialect that a client asks for; the first that it names of those served, else the usual.
pub fn dialect_type(headers: &HeaderMap) -> &'static str {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .filter_map(|one| one.split(';').next())
        .find_map(|one| MEDIA_TYPES.into_iter().find(|served| one.trim() == *served))
        .unwrap_or(MEDIA_TYPE)
}
