//! `/v1/subjects`: what there is, and what is known of it.

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use stele_api::{
    path::native as path,
    stream::{SubjectResource, SubjectSummary, SubjectUpdate},
    subject::Subject,
};

use super::{Answer, stream, versions::summary};
use crate::{
    catalog::{Catalog, Stream},
    command::{Command, Describe},
    http::{
        limits::{Caller, Payload, Unreadable},
        query::Params,
        reply,
    },
    registry::Registry,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::SUBJECTS.route(), get(list))
        .route(path::SUBJECT.route(), get(one).put(describe))
}

async fn list(State(registry): State<Registry>, params: Params) -> Answer {
    let catalog = registry.catalog();
    let summaries = catalog.streams().map(|stream| SubjectSummary {
        subject: stream.subject().clone(),
        kind: stream.kind(),
        latest: stream.newest().map(|entry| summary(entry)),
    });
    Ok(reply::native(&params.page(summaries)?))
}

async fn one(State(registry): State<Registry>, Path(subject): Path<String>) -> Answer {
    let subject: Subject = subject.parse()?;
    let catalog = registry.catalog();
    Ok(reply::native(&shown(&catalog, stream(&catalog, &subject)?)))
}

async fn describe(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    Caller(origin): Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject: Subject = subject.parse()?;
    let update: SubjectUpdate = body?.json()?;
    let asked = Describe { subject: subject.clone(), update };
    let done = registry.execute(Command::Describe(asked), origin).await?;
    Ok(reply::native(&shown(&done.catalog, stream(&done.catalog, &subject)?)))
}

fn shown(catalog: &Catalog, stream: &Stream) -> SubjectResource {
    SubjectResource {
        subject: stream.subject().clone(),
        kind: stream.kind(),
        owner: stream.owner().map(str::to_owned),
        description: stream.description().map(str::to_owned),
        policy: catalog.policy_of(stream.subject()),
        versions: stream.entries().iter().map(|entry| summary(entry)).collect(),
    }
}
