//! The edge: what every request passes, in one step. It gets a name, it is let in or not, what goes wrong inside is put
//! into the words of its face, and it is counted, timed and logged; never with what it carries.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use uuid::Uuid;

use super::{errors, gate};
use crate::{
    http::Gate,
    telemetry::{Place, Telemetry},
};

/// The header that names a request, taken from the caller or given here.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request is counted under that leads nowhere.
const NOWHERE: &str = "none";

/// What stands at the edge.
pub struct Edge {
    /// Who is let in.
    pub gate: Gate,
    /// What is counted and timed.
    pub telemetry: Telemetry,
}

/// The name of a request.
#[derive(Debug, Clone)]
pub struct RequestId(pub HeaderValue);

impl RequestId {
    /// The name that a request came with, or a new one: which process it is, and how many came before.
    pub fn of(headers: &HeaderMap) -> Self {
        static PROCESS: LazyLock<String> = LazyLock::new(|| Uuid::new_v4().simple().to_string());
        static NEXT: AtomicU64 = AtomicU64::new(1);
        if let Some(named) = headers.get(REQUEST_ID) {
            return RequestId(named.clone());
        }
        let name = format!("{}-{:x}", &PROCESS[..12], NEXT.fetch_add(1, Ordering::Relaxed));
        // Hexadecimal digits and a dash are a header.
        RequestId(HeaderValue::try_from(name).unwrap_or(HeaderValue::from_static("none")))
    }

    /// It as text; nothing where it is none.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Has a request answered.
pub async fn pass(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let route = request.extensions().get::<MatchedPath>().cloned();

    // What is half done by then is a task of its own, or gone.
    let answered = AssertUnwindSafe(gate::pass(&edge.gate, request, next)).catch_unwind().await;
    let response = answered.unwrap_or_else(|_| {
        edge.telemetry.panicked(Place::Request);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    let mut response = errors::reshaped(&method, uri.path(), response);
    response.headers_mut().entry(REQUEST_ID).or_insert_with(|| id.0.clone());

    let took = start.elapsed();
    let route = route.as_ref().map_or(NOWHERE, MatchedPath::as_str);
    let status = response.status();
    edge.telemetry.answered(known(method.as_str()), route, status.as_u16(), took);
    log(method.as_str(), route, &id, status, took);
    response
}

/// A method as it is counted: callers may make up as many as they like.
fn known(method: &str) -> &str {
    match method {
        "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH" => method,
        _ => "other",
    }
}

/// Logs a request at the level it deserves.
pub fn log(method: &str, route: &str, id: &RequestId, status: StatusCode, took: Duration) {
    let request = id.as_str();
    let (status, duration_ms) = (status.as_u16(), took.as_secs_f64() * 1000.0);
    match status {
        500.. => tracing::warn!(method, route, status, duration_ms, request, "answered"),
        400.. => tracing::info!(method, route, status, duration_ms, request, "answered"),
        _ => tracing::debug!(method, route, status, duration_ms, request, "answered"),
    }
}
