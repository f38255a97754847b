//! Every request is counted, timed and, at the level it deserves, logged; with its id, and never with what it carries.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::request_id::RequestId;

use super::errors::NativeError;
use crate::{registry::Registry, telemetry::Telemetry};

/// What a request is counted under that leads nowhere.
const NOWHERE: &str = "none";

/// Counts, times and logs a request.
pub async fn observe(State(telemetry): State<Telemetry>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let took = start.elapsed();
    let route = route.as_ref().map_or(NOWHERE, MatchedPath::as_str);
    telemetry.answered(known(method.as_str()), route, response.status().as_u16(), took);
    log(method.as_str(), route, id.as_ref(), response.status(), took);
    response
}

/// A method as it is counted: callers may make up as many as they like.
fn known(method: &str) -> &str {
    match method {
        "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH" => method,
        _ => "other",
    }
}

fn log(method: &str, route: &str, id: Option<&RequestId>, status: StatusCode, took: Duration) {
    let request = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    let (status, duration_ms) = (status.as_u16(), took.as_secs_f64() * 1000.0);
    match status {
        500.. => tracing::warn!(method, route, status, duration_ms, request, "answered"),
        400.. => tracing::info!(method, route, status, duration_ms, request, "answered"),
        _ => tracing::debug!(method, route, status, duration_ms, request, "answered"),
    }
}

/// `/metrics`: what is measured.
pub async fn metrics(State(registry): State<Registry>) -> Result<Response, NativeError> {
    let told = registry.measured().map_err(|error| {
        stele_api::problem::Problem::new(stele_api::problem::Code::Internal, error.to_string())
    })?;
    let media_type = HeaderValue::from_static(crate::telemetry::MEDIA_TYPE);
    Ok(([(header::CONTENT_TYPE, media_type)], told).into_response())
}
