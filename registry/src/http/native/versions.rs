//! `/v1/subjects/{subject}/versions` and `diff`: register with a lens, list, get by any selector, compare.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode},
    routing::get,
};
use stele_api::{
    dialect::JSON,
    diff::Diff,
    path::native as path,
    problem::{Code, Problem},
    selector::Selector,
    subject::Subject,
    version::{RegisterRequest, VersionResource, VersionSummary},
};
use stele_evolution::{
    budget::Budget,
    policy::{Level, judge_widening},
};

use super::{Answer, may_say_kind, selected, stream};
use crate::{
    candidate::Proposal,
    catalog::{Entry, Stream},
    failure::Failure,
    findings::{STEPS, VERDICTS},
    http::{
        gate::Asker,
        limits::{Caller, Payload, Unreadable},
        query::Params,
        reply,
    },
    refusal::Refusal,
    registry::{Registration, Registry},
};

/// Until when what is answered is to be used (RFC 8594).
const SUNSET: HeaderName = HeaderName::from_static("sunset");

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::VERSIONS.route(), get(list).post(register))
        .route(path::VERSION.route(), get(one))
        .route(path::DIFF.route(), get(diff))
}

async fn list(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
) -> Answer {
    let subject: Subject = subject.parse()?;
    let catalog = registry.catalog();
    let all = params.is("deleted");
    let stream = stream(&catalog, &subject)?;
    let seen = stream.entries().iter().filter(|entry| all || !entry.deleted);
    Ok(reply::native(&params.page(seen.map(|entry| summary(stream, entry)))?))
}

async fn one(
    State(registry): State<Registry>,
    Path((subject, selector)): Path<(String, String)>,
) -> Answer {
    let subject: Subject = subject.parse()?;
    let catalog = registry.catalog();
    let stream = stream(&catalog, &subject)?;
    let entry = selected(stream, &selector)?;
    let body = reply::once(&entry.rendered.native, || shown(entry))?;
    let mut response = reply::bytes(StatusCode::OK, reply::JSON, body);
    let sunset = stream.sunset(entry.version).map(|day| HeaderValue::from_str(&day.http_date()));
    if let Some(Ok(day)) = sunset {
        response.headers_mut().insert(SUNSET, day);
    }
    Ok(response)
}

/// 201 where this request made the version, 200 where it was there.
async fn register(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    Caller(origin): Caller,
    asker: Asker,
    params: Params,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject = subject.parse()?;
    let (forced, allow_undecided) = (params.is("force"), params.is("allowUndecided"));
    if (forced || allow_undecided) && origin.why.is_none() {
        let detail = "`why` is missing: no rule is loosened without a reason";
        return Err(Problem::new(Code::QueryInvalid, detail).into());
    }
    let body: RegisterRequest = body?.json()?;
    may_say_kind(&registry, &asker, &subject, body.kind)?;
    let proposal = Proposal {
        text: body.schema.as_str().to_owned(),
        schema_type: Some(body.schema_type.unwrap_or_else(|| JSON.to_owned())),
        references: body.references.unwrap_or_default(),
        metadata: body.metadata.unwrap_or_default(),
        asker: Some(asker.0),
        ..Proposal::default()
    };
    let registration = Registration {
        lens: body.lens,
        release: body.release,
        kind: body.kind,
        forced,
        allow_undecided,
        ..Registration::new(subject, proposal)
    };
    let registered = registry.register(registration, origin).await?;
    let status = if registered.new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(reply::json(status, reply::JSON, &shown(&registered.entry)))
}

/// What changed; to the newest version where `to` is not said, from the one before where `from` is not.
async fn diff(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
) -> Answer {
    let subject: Subject = subject.parse()?;
    let catalog = registry.catalog();
    let stream = stream(&catalog, &subject)?;
    let to = selected(stream, params.text("to").unwrap_or("latest"))?;
    let from = match params.text("from") {
        Some(text) => selected(stream, text)?,
        None => before(stream, to)?,
    };
    let read = |entry: &Entry| catalog.schema(&entry.content).map_err(Failure::Registered);
    let (old, new) = (read(from)?, read(to)?);
    let policy = catalog.policy_of(&subject);
    let judged = registry.judges().run(move |deadline| {
        let expired = deadline();
        let budget = Budget::until(STEPS, &*expired).remembering(&VERDICTS);
        let (level, model) = (Level::AdditionsOnly, policy.content_model);
        judge_widening(&old, &new, level, model, policy.widening(), &budget)
    });
    let judgement = judged.await?;
    Ok(reply::native(&Diff {
        subject,
        from: from.version,
        to: to.version,
        release: judgement.bump,
        differences: judgement.differences,
    }))
}

fn before<'s>(stream: &'s Stream, entry: &Entry) -> Result<&'s std::sync::Arc<Entry>, Problem> {
    let older = stream.entries().iter().rev().find(|older| older.version < entry.version);
    older.ok_or_else(|| {
        let (subject, selector) = (stream.subject().clone(), Selector::Number(entry.version));
        Refusal::VersionNotFound { subject, version: format!("before {selector}") }.into()
    })
}

/// A version in a line.
pub(super) fn summary(stream: &Stream, entry: &Entry) -> VersionSummary {
    VersionSummary {
        version: entry.version,
        release: entry.release.clone(),
        global_id: entry.content.id,
        fingerprint: entry.content.key.fingerprint,
        edge: entry.edge(),
        deleted: entry.deleted,
        sunset: stream.sunset(entry.version),
    }
}

fn shown(entry: &Entry) -> VersionResource {
    let content = &entry.content;
    VersionResource {
        subject: entry.subject.clone(),
        version: entry.version,
        release: entry.release.clone(),
        global_id: content.id,
        fingerprint: content.key.fingerprint,
        schema_type: content.schema_type.clone(),
        references: content.key.references.to_vec(),
        metadata: content.key.metadata().cloned(),
        edge: entry.edge(),
        deleted: entry.deleted,
        rule_set: content.key.rule_set().cloned(),
        schema: content.text.clone(),
    }
}
