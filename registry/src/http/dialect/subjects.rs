//! `/subjects` and `/contexts`: what there is, and whether it has a schema.

use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use stele_api::{
    path::dialect as path,
    problem::{Code, Problem},
};

use super::{Answer, answer, proposal, shown, stream};
use crate::{
    http::{
        limits::{Payload, Unreadable},
        query::Params,
    },
    registry::Registry,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::SUBJECTS.route(), get(list))
        .route(path::SUBJECT.route(), post(look_up))
        .route(path::CONTEXTS.route(), get(contexts))
}

async fn list(State(registry): State<Registry>, params: Params, headers: HeaderMap) -> Answer {
    let catalog = registry.catalog();
    // `:*:` stands for all contexts.
    let prefix = params.text("subjectPrefix").unwrap_or(":*:");
    let prefix = prefix.strip_prefix(":*:").unwrap_or(prefix);
    let names = catalog
        .streams()
        .filter(|stream| stream.newest().is_some())
        .map(|stream| stream.subject().to_string())
        .filter(|name| name.starts_with(prefix));
    Ok(answer(&headers, &params.page(names)?))
}

async fn look_up(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    headers: HeaderMap,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let proposal = proposal(body?.json()?, &params)?;
    stream(&registry.catalog(), &subject)?;
    let candidate = registry.read(proposal).await?;
    let catalog = registry.catalog();
    let found = stream(&catalog, &subject)?
        .find(&candidate.key)
        .ok_or_else(|| Problem::new(Code::SchemaNotFound, "Schema not found"))?;
    Ok(answer(&headers, &shown(found)))
}

async fn contexts(State(registry): State<Registry>, headers: HeaderMap) -> Response {
    answer(&headers, &registry.catalog().contexts())
}
