//! `/subjects/{subject}/versions`: register, list, get, delete.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::get,
};
use bytes::Bytes;
use stele_api::{
    dialect::{Register, SubjectVersion},
    id::SchemaId,
    path::dialect as path,
    problem::Problem,
};
use stele_evolution::version::Version;

use super::{
    Answer, Sight, answer, proposal, shown,
    sight::not_a_version,
    subjects::{deletion, versions},
};
use crate::{
    command::{Choice, Chosen},
    failure::Failure,
    http::{
        gate::Asker,
        limits::{Caller, Payload, Unreadable},
        query::Params,
        reply,
    },
    registry::{Registration, Registry},
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::VERSIONS.route(), get(list).post(register))
        .route(path::VERSION.route(), get(version).delete(delete))
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
    let seen = Sight::of(&params).stream(&catalog, &subject)?;
    let negative = params.is("deletedAsNegative");
    let numbers = seen.entries().map(|entry| {
        let number = i64::from(entry.version.number());
        if negative && entry.deleted { -number } else { number }
    });
    Ok(answer(&headers, &params.page(numbers)?))
}

async fn register(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    headers: HeaderMap,
    Caller(origin): Caller,
    asker: Asker,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject = subject.parse()?;
    let body: Register = body?.json()?;
    let (id, version) = (demanded_id(body.id)?, demanded_version(body.version)?);
    let proposal = proposal(body, &params, asker)?;
    let forced = params.is("force");
    let registration = Registration { id, version, forced, ..Registration::new(subject, proposal) };
    let registered = registry.register(registration, origin).await?;
    Ok(answer(&headers, &shown(&registered.entry)))
}

/// Nothing, zero and a negative number demand nothing.
fn demanded_id(id: Option<i32>) -> Result<Option<SchemaId>, Problem> {
    let given = id.and_then(|id| u32::try_from(id).ok()).filter(|id| *id > 0);
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
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let entry = Sight::of(&params).stream(&catalog, &subject)?.entry(&version)?;
    let body = reply::once(&entry.rendered.dialect, || shown(entry))?;
    Ok(reply::bytes(StatusCode::OK, reply::dialect_type(&headers), body))
}

async fn schema(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let entry = Sight::of(&params).stream(&catalog, &subject)?.entry(&version)?;
    let text = Bytes::copy_from_slice(entry.content.text.as_str().as_bytes());
    Ok(reply::bytes(StatusCode::OK, reply::dialect_type(&headers), text))
}

/// Hides a version; with `permanent`, removes one that is hidden. Answers its number.
async fn delete(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
    headers: HeaderMap,
    Caller(origin): Caller,
) -> Answer {
    let versions_chosen = match version.as_str() {
        "latest" | "-1" => Chosen::Newest,
        number => Chosen::One(number.parse().map_err(|_| not_a_version(number))?),
    };
    let choice = Choice { subject: subject.parse()?, versions: versions_chosen };
    let done = registry.execute(deletion(choice, &params), origin).await?;
    let deleted = versions(&done.events);
    Ok(answer(&headers, deleted.first().ok_or(Failure::Broken)?))
}

/// The ids of the schemas that refer to a version, in order.
async fn referenced_by(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let sight = Sight::of(&params);
    let entry = sight.stream(&catalog, &subject)?.entry(&version)?;
    let target = SubjectVersion { subject: entry.subject.clone(), version: entry.version };
    let referrers = catalog.referrers(&target).filter(|referrer| sight.sees(referrer));
    let mut ids: Vec<SchemaId> = referrers.map(|referrer| referrer.content.id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(answer(&headers, &params.page(ids.into_iter())?))
}
