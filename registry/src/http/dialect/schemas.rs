//! `/schemas`: by the id that travels with every message.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use bytes::Bytes;
use stele_api::{
    dialect::{JSON, SchemaById, SubjectVersion},
    id::SchemaId,
    path::dialect as path,
    problem::{Code, Problem},
    subject::{Context, Subject},
};

use super::{Answer, answer, guid};
use crate::{
    catalog::{Catalog, Content},
    http::{query::Params, reply},
    registry::Registry,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::SCHEMA_TYPES.route(), get(types))
        .route(path::SCHEMA.route(), get(by_id))
        .route(path::SCHEMA_TEXT.route(), get(text))
        .route(path::SCHEMA_SUBJECTS.route(), get(subjects))
        .route(path::SCHEMA_VERSIONS.route(), get(versions))
}

async fn types(headers: HeaderMap) -> Response {
    answer(&headers, &[JSON])
}

async fn by_id(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let (around, content) = content(&catalog, &id, &params)?;
    let key = &content.key;
    let shown = SchemaById {
        schema: content.text.as_str().to_owned(),
        schema_type: content.schema_type.clone(),
        guid: guid(key.fingerprint),
        references: key.references.to_vec(),
        metadata: Some(key.metadata.clone()).filter(|metadata| !metadata.is_empty()),
        max_id: params.is("fetchMaxId").then(|| catalog.newest_id(&around)).flatten(),
    };
    Ok(answer(&headers, &shown))
}

async fn text(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let (_, content) = content(&catalog, &id, &params)?;
    let text = Bytes::copy_from_slice(content.text.as_str().as_bytes());
    Ok(reply::bytes(StatusCode::OK, reply::dialect_type(&headers), text))
}

async fn subjects(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let mut subjects: Vec<&Subject> =
        places(&catalog, &id, &params)?.iter().map(|place| &place.subject).collect();
    subjects.sort();
    subjects.dedup();
    Ok(answer(&headers, &params.page(subjects.into_iter())?))
}

async fn versions(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let places = places(&catalog, &id, &params)?;
    let wanted = subject(&params);
    let shown = places.iter().filter(|place| wanted.as_ref().is_none_or(|s| *s == place.subject));
    Ok(answer(&headers, &params.page(shown)?))
}

/// The schema with an id, in the context that `?subject=` names.
fn content<'c>(
    catalog: &'c Catalog,
    id: &str,
    params: &Params,
) -> Result<(Context, &'c Arc<Content>), Problem> {
    let number: SchemaId = id.parse().map_err(|_| not_found(id))?;
    let around = context(params);
    let content = catalog.content(&around, number).ok_or_else(|| not_found(id))?;
    Ok((around, content))
}

fn places<'c>(
    catalog: &'c Catalog,
    id: &str,
    params: &Params,
) -> Result<&'c [SubjectVersion], Problem> {
    let number: SchemaId = id.parse().map_err(|_| not_found(id))?;
    catalog.places(&context(params), number).ok_or_else(|| not_found(id))
}

/// Ids are per context; a subject, or a context written as `:.orders:`, says which.
fn context(params: &Params) -> Context {
    let text = params.text("subject").unwrap_or_default();
    let named = text.strip_prefix(':').and_then(|rest| rest.split_once(':'));
    named.and_then(|(context, _)| context.parse().ok()).unwrap_or_default()
}

fn subject(params: &Params) -> Option<Subject> {
    params.text("subject")?.parse().ok()
}

fn not_found(id: &str) -> Problem {
    Problem::new(Code::SchemaNotFound, format!("Schema {id} not found"))
}
