//! `/v1/subjects`: what there is, and what is known of it.

use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post},
};
use stele_api::{
    path::native as path,
    stream::{RestoreRequest, SubjectResource, SubjectSummary, SubjectUpdate},
    subject::Subject,
};

use super::{Answer, stream, versions::summary};
use crate::{
    catalog::{Catalog, Stream},
    command::{Choice, Chosen, Command, Describe},
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
        .route(path::RESTORE.route(), post(restore))
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

/// Brings one soft-deleted version back where the body names one, else all of them.
async fn restore(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    Caller(origin): Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject: Subject = subject.parse()?;
    let body = body?;
    let asked: RestoreRequest =
        if body.is_empty() { RestoreRequest::default() } else { body.json()? };
    let versions = asked.version.map_or(Chosen::All, Chosen::One);
    let choice = Choice { subject: subject.clone(), versions };
    let done = registry.execute(Command::Restore(choice), origin).await?;
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
