//! `/subjects/{subject}/versions`: register, list, get.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::get,
};
use bytes::Bytes;
use stele_api::{dialect::Register, id::SchemaId, path::dialect as path, problem::Problem};
use stele_evolution::version::Version;

use super::{Answer, answer, entry, proposal, shown, stream};
use crate::{
    http::{
        limits::{Caller, Payload, Unreadable},
        query::Params,
        reply,
    },
    registry::{Registration, Registry},
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::VERSIONS.route(), get(list).post(register))
        .route(path::VERSION.route(), get(version))
        .route(path::VERSION_SCHEMA.route(), get(schema))
        .route(path::REFERENCED_BY.route(), get(referenced_by))
}

async fn list(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let versions = stream(&catalog, &subject)?.entries().iter().map(|entry| entry.version);
    Ok(answer(&headers, &params.page(versions)?))
}

async fn register(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    headers: HeaderMap,
    Caller(origin): Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject = subject.parse()?;
    let body: Register = body?.json()?;
    let (id, version) = (demanded_id(body.id)?, demanded_version(body.version)?);
    let proposal = proposal(body, &params)?;
    let asked = Registration { id, version, ..Registration::new(subject, proposal) };
    let registered = registry.register(asked, origin).await?;
    Ok(answer(&headers, &shown(&registered.entry)))
}

/// Nothing and a negative number demand nothing.
fn demanded_id(id: Option<i32>) -> Result<Option<SchemaId>, Problem> {
    let given = id.and_then(|id| u32::try_from(id).ok());
    Ok(given.map(SchemaId::try_from).transpose()?)
}

/// Nothing, zero and a negative number demand nothing.
fn demanded_version(version: Option<i32>) -> Result<Option<Version>, Problem> {
    let given = version.and_then(|version| u32::try_from(version).ok()).filter(|v| *v > 0);
    Ok(given.map(Version::try_from).transpose()?)
}

async fn version(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let entry = entry(stream(&catalog, &subject)?, &version)?;
    let body = reply::once(&entry.rendered.dialect, || shown(entry))?;
    Ok(reply::bytes(StatusCode::OK, reply::dialect_type(&headers), body))
}

async fn schema(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let entry = entry(stream(&catalog, &subject)?, &version)?;
    let text = Bytes::copy_from_slice(entry.content.text.as_str().as_bytes());
    Ok(reply::bytes(StatusCode::OK, reply::dialect_type(&headers), text))
}

async fn referenced_by(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let entry = entry(stream(&catalog, &subject)?, &version)?;
    let number = i64::from(entry.version.number());
    let ids = catalog.contents(entry.subject.context()).filter(|content| {
        content.key.references.iter().any(|reference| {
            reference.subject == entry.subject && i64::from(reference.version) == number
        })
    });
    Ok(answer(&headers, &params.page(ids.map(|content| content.id))?))
}
