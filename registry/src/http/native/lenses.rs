//! `/v1/subjects/{subject}/lenses/{from}/{to}`: how an event crosses one edge.

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use serde_json::Value;
use stele_api::{
    path::native as path,
    plan::LensResource,
    problem::{Code, Problem},
    subject::Subject,
    version::EdgeKind,
};
use stele_evolution::version::Version;

use super::{Answer, stream};
use crate::{
    catalog::{Catalog, Stream},
    http::{
        limits::{Caller, Payload, Unreadable},
        reply,
    },
    refusal::Refusal,
    registry::Registry,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new().route(path::LENS.route(), get(one).put(put))
}

async fn one(
    State(registry): State<Registry>,
    Path((subject, from, to)): Path<(String, String, String)>,
) -> Answer {
    let subject: Subject = subject.parse()?;
    shown(&registry.catalog(), &subject, from.parse()?, to.parse()?, StatusCode::OK)
}

/// The body is the document, as JSON or, where it says so, as YAML.
async fn put(
    State(registry): State<Registry>,
    Path((subject, from, to)): Path<(String, String, String)>,
    Caller(origin): Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject: Subject = subject.parse()?;
    let edge: (Version, Version) = (from.parse()?, to.parse()?);
    let body = body?;
    let document =
        if body.is_yaml() { Value::String(body.text()?.to_owned()) } else { body.json()? };
    let done = registry.add_lens(&subject, edge, document, origin).await?;
    let status = if done.changed { StatusCode::CREATED } else { StatusCode::OK };
    shown(&done.catalog, &subject, edge.0, edge.1, status)
}

fn shown(
    catalog: &Catalog,
    subject: &Subject,
    from: Version,
    to: Version,
    status: StatusCode,
) -> Result<Response, super::NativeError> {
    let stream = stream(catalog, subject)?;
    for version in [from, to] {
        if stream.entry(version).is_none() {
            let (subject, version) = (subject.clone(), version.to_string());
            return Err(Refusal::VersionNotFound { subject, version }.into());
        }
    }
    let is_edge = from < to && stream.between(from, to).len() == 2;
    let entry = stream.entry(to).filter(|_| is_edge);
    let Some(written) = entry.and_then(|entry| entry.lens.as_ref()) else {
        return Err(no_lens(stream, from, to).into());
    };
    let resource = LensResource {
        subject: subject.clone(),
        from,
        to,
        lens: written.document.clone(),
        assurance: written.assurance,
    };
    Ok(reply::json(status, reply::JSON, &resource))
}

fn no_lens(stream: &Stream, from: Version, to: Version) -> Problem {
    let subject = stream.subject();
    let detail = format!("`{subject}` has no written lens from {from} to {to}");
    let problem = Problem::new(Code::LensNotFound, detail);
    match stream.entry(to).and_then(|entry| entry.edge()) {
        Some(EdgeKind::Addition) => problem.hint("the newer version only adds, and needs none"),
        _ => problem.hint("lenses go from one version to the next"),
    }
}
