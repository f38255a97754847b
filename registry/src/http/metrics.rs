//! `/metrics`: what is measured.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use stele_api::problem::{Code, Problem};

use super::errors::NativeError;
use crate::{registry::Registry, telemetry::MEDIA_TYPE};

/// Everything that is measured, as it is scraped.
pub async fn metrics(State(registry): State<Registry>) -> Result<Response, NativeError> {
    let told =
        registry.measured().map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
    let media_type = HeaderValue::from_static(MEDIA_TYPE);
    Ok(([(header::CONTENT_TYPE, media_type)], told).into_response())
}
