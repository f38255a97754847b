//! The Confluent dialect: the paths that existing clients know, word for word.

mod cached;
mod compatibility;
mod config;
mod contexts;
mod metadata;
mod mode;
mod schemas;
mod sight;
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
    rules::RuleSet,
    subject::Context,
};
use tower_http::compression::CompressionLayer;

use self::sight::Sight;
pub use self::{
    contexts::within_contexts,
    schemas::{context as asked_context, schema_by_id},
};
use super::{errors::DialectError, gate::Asker, query::Params, reply};
use crate::{candidate::Proposal, catalog::Entry, event::Scope, registry::Registry};

type Answer = Result<Response, DialectError>;

/// Every path of the dialect, at the root.
pub fn routes() -> Router<Registry> {
    Router::new()
        .route(path::ROOT.route(), get(root))
        .merge(subjects::routes())
        .merge(versions::routes())
        .merge(schemas::routes())
        .merge(compatibility::routes())
        .merge(config::routes())
        .merge(mode::routes())
        .merge(contexts::routes())
        .merge(metadata::routes())
        .layer(CompressionLayer::new())
}

async fn root(headers: HeaderMap) -> Response {
    answer(&headers, &serde_json::json!({}))
}

fn answer(headers: &HeaderMap, value: &impl Serialize) -> Response {
    reply::json(StatusCode::OK, reply::dialect_type(headers), value)
}

/// What a request proposes, if it proposes something that can be read.
fn proposal(body: Register, params: &Params, Asker(asker): Asker) -> Result<Proposal, Problem> {
    let text = body
        .schema
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| Problem::new(Code::SchemaMissing, "the request has no schema"))?;
    let rules = body.rule_set.filter(|rules| !rules.is_null());
    Ok(Proposal {
        text,
        schema_type: body.schema_type,
        references: body.references,
        metadata: body.metadata.unwrap_or_default(),
        rule_set: rules.map(RuleSet::read).transpose()?.unwrap_or_default(),
        normalize: params.is("normalize"),
        context: Context::default(),
        asker: Some(asker),
    })
}

/// A version as the dialect shows it.
fn shown(entry: &Entry) -> SchemaVersion {
    let content = &entry.content;
    SchemaVersion {
        subject: entry.subject.clone(),
        version: entry.version,
        id: content.id,
        guid: content.guid.to_string(),
        schema_type: content.schema_type.clone(),
        references: content.key.references.to_vec(),
        metadata: content.key.metadata().cloned(),
        rule_set: content.key.rule_set().cloned(),
        schema: content.text.as_str().to_owned(),
        deleted: entry.deleted.then_some(true),
    }
}

/// A name is a subject's, or a context's as `:.orders:`.
fn scope(name: &str) -> Result<Scope, Problem> {
    let context = name.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
    Ok(match context {
        Some(context) if context.starts_with('.') && !context.contains(':') => {
            Scope::Context(context.parse::<Context>()?)
        }
        _ => Scope::Subject(name.parse()?),
    })
}
