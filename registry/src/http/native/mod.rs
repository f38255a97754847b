//! Stele's own API, under `/v1`, and the two probes.

mod archive;
mod check;
mod lenses;
mod plans;
mod search;
mod subjects;
mod versions;
mod webhooks;

use std::sync::Arc;

use axum::{Router, extract::State, response::Response, routing::get};
use stele_api::{
    kind::Kind,
    path::native as path,
    problem::{Code, Problem},
    selector::Selector,
    subject::Subject,
};

use super::{errors::NativeError, feed, gate::Asker, metrics, reply};
use crate::{
    access::Role,
    catalog::{Catalog, Entry, Stream},
    refusal::Refusal,
    registry::Registry,
};

type Answer = Result<Response, NativeError>;

/// Every path of the API.
pub fn routes() -> Router<Registry> {
    Router::new()
        .route(path::LIVE.route(), get(live))
        .route(path::READY.route(), get(ready))
        .route(path::METRICS.route(), get(metrics::metrics))
        .route(path::CHANGES.route(), get(feed::changes))
        .merge(check::routes())
        .merge(subjects::routes())
        .merge(versions::routes())
        .merge(lenses::routes())
        .merge(plans::routes())
        .merge(search::routes())
        .merge(webhooks::routes())
        .merge(archive::routes())
}

async fn live() -> Response {
    reply::native(&serde_json::json!({"status": "live"}))
}

/// The address is bound once the log is replayed, so whoever gets here is served; whether what they say can be recorded is
/// another question.
async fn ready(State(registry): State<Registry>) -> Answer {
    registry.ready()?;
    Ok(reply::native(&serde_json::json!({"status": "ready"})))
}

/// The kind chooses the policy where none was set, so to change it under versions that are there loosens a rule.
fn may_say_kind(
    registry: &Registry,
    asker: &Asker,
    subject: &Subject,
    kind: Option<Kind>,
) -> Result<(), Problem> {
    let catalog = registry.catalog();
    let known = catalog.trace(subject).filter(|stream| stream.last().is_some());
    match (known, kind) {
        (Some(stream), Some(kind)) if stream.kind() != kind => {
            asker.requires(Role::Admin, subject.context())
        }
        _ => Ok(()),
    }
}

/// A subject that is known.
fn stream<'c>(catalog: &'c Catalog, subject: &Subject) -> Result<&'c Arc<Stream>, Problem> {
    catalog.stream(subject).ok_or_else(|| Refusal::SubjectNotFound(subject.clone()).into())
}

/// The version that a text selects.
fn selected<'s>(stream: &'s Stream, text: &str) -> Result<&'s Arc<Entry>, Problem> {
    let selector: Selector = text.parse()?;
    stream.select(&selector).ok_or_else(|| {
        let subject = stream.subject().clone();
        Refusal::VersionNotFound { subject, version: text.to_owned() }.into()
    })
}

/// A member of the query that must be there.
fn required<'p>(params: &'p super::query::Params, name: &str) -> Result<&'p str, Problem> {
    params.text(name).ok_or_else(|| {
        Problem::new(Code::QueryInvalid, format!("`{name}` is missing in the query"))
    })
}
