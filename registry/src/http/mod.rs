//! The faces of the registry: the Confluent dialect at the root, Stele's own API under `/v1`.
//!
//! A handler parses, asks the registry, shapes the answer. What a request may be is held in [`limits`], how a face says
//! no in [`errors`].

mod dialect;
mod errors;
mod feed;
mod gate;
mod limits;
mod native;
mod observe;
mod openapi;
mod query;
mod reply;
mod ticket;

use axum::{
    Router,
    http::{HeaderName, StatusCode},
    middleware,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{PropagateRequestIdLayer, SetRequestIdLayer},
};

pub use self::gate::Gate;
use crate::registry::Registry;

/// The header that names a request, taken from the caller or given here.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Every path, served by a registry.
pub fn router(registry: Registry, gate: Gate) -> Router {
    let telemetry = registry.telemetry().clone();
    let everywhere = Router::new()
        .merge(dialect::routes())
        .merge(native::routes())
        .merge(openapi::routes())
        // Said here, or the layers around it would be lost where this is merged.
        .fallback(async || StatusCode::NOT_FOUND)
        .with_state(registry)
        .layer(middleware::from_fn_with_state(gate, gate::pass))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(errors::reshape))
        .layer(middleware::from_fn_with_state(telemetry, observe::observe))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, limits::RequestIds));
    // What is said within a context passes the gate as what it means, and so after it was put into other words.
    everywhere.clone().merge(dialect::within_contexts(everywhere))
}
