//! `/v1/subjects`: what there is, and what is known of it.

use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post},
};
use stele_api::{
    kind::Kind,
    path::native as path,
    problem::Problem,
    stream::{RestoreRequest, SubjectResource, SubjectSummary, SubjectUpdate},
    subject::{Context, Subject},
};

use super::{Answer, may_say_kind, stream, versions::summary};
use crate::{
    access::Role,
    catalog::{Catalog, Stream},
    command::{Choice, Chosen, Command, Describe},
    http::{
        gate::Asker,
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

async fn list(State(registry): State<Registry>, Asker(principal): Asker, params: Params) -> Answer {
    let catalog = registry.catalog();
    let filter = Filter::read(&params)?;
    let matching =
        catalog.streams().filter(|stream| principal.sees(stream.subject()) && filter.takes(stream));
    let summaries = matching.map(|stream| SubjectSummary {
        subject: stream.subject().clone(),
        kind: stream.kind(),
        owner: stream.owner().map(str::to_owned),
        tags: stream.tags().to_vec(),
        latest: stream.newest().map(|entry| summary(stream, entry)),
    });
    Ok(reply::native(&params.page(summaries)?))
}

/// Which subjects are listed: those that have everything that is asked.
struct Filter<'p> {
    prefix: Option<&'p str>,
    context: Option<Context>,
    kind: Option<Kind>,
    tag: Option<&'p str>,
    owner: Option<&'p str>,
}

impl<'p> Filter<'p> {
    fn read(params: &'p Params) -> Result<Self, Problem> {
        Ok(Filter {
            prefix: params.text("prefix"),
            context: params.text("context").map(str::parse).transpose()?,
            kind: params.read("kind")?,
            tag: params.text("tag"),
            owner: params.text("owner"),
        })
    }

    fn takes(&self, stream: &Stream) -> bool {
        let subject = stream.subject();
        self.prefix.is_none_or(|prefix| subject.to_string().starts_with(prefix))
            && self.context.as_ref().is_none_or(|context| context == subject.context())
            && self.kind.is_none_or(|kind| kind == stream.kind())
            && self.tag.is_none_or(|tag| stream.tags().iter().any(|one| one == tag))
            && self.owner.is_none_or(|owner| stream.owner() == Some(owner))
    }
}

async fn one(State(registry): State<Registry>, Path(subject): Path<String>) -> Answer {
    let subject: Subject = subject.parse()?;
    let catalog = registry.catalog();
    Ok(reply::native(&shown(&catalog, stream(&catalog, &subject)?)))
}

async fn describe(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    asker: Asker,
    Caller(origin): Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject: Subject = subject.parse()?;
    let update: SubjectUpdate = body?.json()?;
    if !update.policy.is_keep() {
        // Whoever may loosen the policy of a subject may do anything with it.
        asker.requires(Role::Admin, subject.context())?;
    }
    may_say_kind(&registry, &asker, &subject, update.kind)?;
    let command = Command::Describe(Describe { subject: subject.clone(), update });
    let done = registry.execute(command, origin).await?;
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
        tags: stream.tags().to_vec(),
        policy: catalog.policy_of(stream.subject()),
        versions: stream.entries().iter().map(|entry| summary(stream, entry)).collect(),
    }
}
