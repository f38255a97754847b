//! `/v1/metadata`: which registry this is, for clients that ask before they trust it.

use axum::{Router, http::HeaderMap, response::Response, routing::get};
use serde_json::json;
use stele_api::path::dialect as path;

use super::answer;
use crate::registry::Registry;

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::METADATA_ID.route(), get(id))
        .route(path::METADATA_VERSION.route(), get(version))
}

/// There is one cluster: this process and its log.
async fn id(headers: HeaderMap) -> Response {
    let clusters = json!({"kafka-cluster": "stele", "schema-registry-cluster": "stele"});
    answer(&headers, &json!({"scope": {"path": [], "clusters": clusters}, "id": "stele"}))
}

async fn version(headers: HeaderMap) -> Response {
    let commit = option_env!("STELE_COMMIT").unwrap_or("unknown");
    answer(&headers, &json!({"version": env!("CARGO_PKG_VERSION"), "commitId": commit}))
}
