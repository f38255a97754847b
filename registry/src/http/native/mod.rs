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

use axum::{Router, response::Response, routing::get};
use stele_api::{
    path::native as path,
    problem::{Code, Problem},
    selector::Selector,
    subject::Subject,
};

use super::{errors::NativeError, feed, observe, reply};
use crate::{
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
        .route(path::METRICS.route(), get(observe::metrics))
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

/// The address is bound once the log is replayed, so whoever gets here is served.
async fn ready() -> Response {
    reply::native(&serde_json::json!({"status": "ready"}))
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
