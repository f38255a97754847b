//! The Confluent dialect: the paths that existing clients know, word for word.

mod compatibility;
mod config;
mod schemas;
mod subjects;
mod versions;

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use serde::Serialize;
use stele_api::{
    dialect::{Register, SchemaVersion},
    path::dialect as path,
    problem::{Code, Problem},
};
use stele_evolution::schema::Fingerprint;

use super::{errors::DialectError, query::Params, reply};
use crate::{
    candidate::Proposal,
    catalog::{Catalog, Entry, Stream},
    registry::Registry,
};

type Answer = Result<Response, DialectError>;

/// Every path of the dialect.
pub fn routes() -> Router<Registry> {
    Router::new()
        .route(path::ROOT.route(), get(root))
        .merge(subjects::routes())
        .merge(versions::routes())
        .merge(schemas::routes())
        .merge(compatibility::routes())
        .merge(config::routes())
}

async fn root(headers: HeaderMap) -> Response {
    answer(&headers, &serde_json::json!({}))
}

fn answer(headers: &HeaderMap, value: &impl Serialize) -> Response {
    reply::json(StatusCode::OK, reply::dialect_type(headers), value)
}

/// What a request proposes, if it proposes something that can be read.
fn proposal(body: Register, params: &Params) -> Result<Proposal, Problem> {
    let text = body
        .schema
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| Problem::new(Code::SchemaMissing, "the request has no schema"))?;
    if body.rule_set.is_some_and(|rules| !rules.is_null()) {
        return Err(Problem::new(Code::RuleSetUnsupported, "rule sets are not taken yet")
            .hint("leave `ruleSet` out"));
    }
    Ok(Proposal {
        text,
        schema_type: body.schema_type,
        references: body.references,
        metadata: body.metadata.unwrap_or_default(),
        normalize: params.is("normalize"),
    })
}

/// A version as the dialect shows it.
fn shown(entry: &Entry) -> SchemaVersion {
    let content = &entry.content;
    SchemaVersion {
        subject: entry.subject.clone(),
        version: entry.version,
        id: content.id,
        guid: guid(content.key.fingerprint),
        schema_type: content.schema_type.clone(),
        references: content.key.references.to_vec(),
        metadata: Some(content.key.metadata.clone()).filter(|metadata| !metadata.is_empty()),
        schema: content.text.as_str().to_owned(),
    }
}

fn guid(fingerprint: Fingerprint) -> String {
    uuid::Uuid::from_u128(fingerprint.high_bits()).to_string()
}

/// A subject that has a version.
fn stream<'c>(catalog: &'c Catalog, subject: &str) -> Result<&'c Stream, Problem> {
    let subject = subject.parse()?;
    catalog
        .stream(&subject)
        .filter(|stream| stream.newest().is_some())
        .map(AsRef::as_ref)
        .ok_or_else(|| {
            Problem::new(Code::SubjectNotFound, format!("Subject '{subject}' not found."))
        })
}

/// A version as the dialect spells one: a number, `latest`, or -1 for the same.
fn entry<'s>(stream: &'s Stream, version: &str) -> Result<&'s Entry, Problem> {
    let found = match version {
        "latest" | "-1" => stream.newest(),
        number => stream.entry(number.parse().map_err(|_| {
            let detail = format!(
                "The specified version '{number}' is not a valid version id. Allowed values are \
                 between [1, 2^31-1] and the string \"latest\""
            );
            Problem::new(Code::VersionInvalid, detail)
        })?),
    };
    found
        .map(AsRef::as_ref)
        .ok_or_else(|| Problem::new(Code::VersionNotFound, format!("Version {version} not found.")))
}
