//! The faces of the registry: the Confluent dialect at the root, Stele's own API under `/v1`.
//!
//! A handler parses, asks the registry, shapes the answer. What a request may be is held in [`limits`], how a face says
//! no in [`errors`].

mod dialect;
mod edge;
mod errors;
mod feed;
mod front;
mod gate;
mod limits;
mod metrics;
mod native;
mod openapi;
mod query;
mod reply;
mod ticket;

use std::sync::Arc;

use axum::{Router, http::StatusCode, middleware};

use self::edge::Edge;
pub use self::{front::Front, gate::Gate};
use crate::registry::Registry;

/// Every path, served by a registry.
pub fn front(registry: Registry, gate: Gate) -> Front {
    let edge = Arc::new(Edge { gate: gate.clone(), telemetry: registry.telemetry().clone() });
    let everywhere = Router::new()
        .merge(dialect::routes())
        .merge(native::routes())
        .merge(openapi::routes())
        // Said here, or the layers around it would be lost where this is merged.
        .fallback(async || StatusCode::NOT_FOUND)
        .with_state(registry.clone())
        .layer(middleware::from_fn_with_state(edge, edge::pass));
    // What is said within a context passes the edge as what it means, and so after it was put into other words.
    let router = everywhere.clone().merge(dialect::within_contexts(everywhere));
    Front::new(registry, gate, router)
}
