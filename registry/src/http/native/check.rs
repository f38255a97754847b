//! `/v1/check` and `/v1/subjects/{subject}/check`: what would become of a candidate.

use axum::{
    Router,
    extract::{Path, State},
    routing::post,
};
use stele_api::{
    check::{CheckAnswer, CheckRequest, SubjectCheckRequest},
    dialect::JSON,
    path::native as path,
    problem::{Code, Problem},
    text::JsonText,
};
use stele_evolution::{
    budget::Budget,
    policy::judge,
    schema::{Dialect, Formats, Schema},
};

use super::Answer;
use crate::{
    candidate::Proposal,
    findings::STEPS,
    http::{
        gate::Asker,
        limits::{Payload, Unreadable},
        reply,
    },
    registry::{Registration, Registry},
    telemetry::Verdict,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::CHECK.route(), post(two))
        .route(path::SUBJECT_CHECK.route(), post(candidate))
}

/// Two schemas, and nothing else.
async fn two(State(registry): State<Registry>, body: Result<Payload, Unreadable>) -> Answer {
    let request: CheckRequest = body?.json()?;
    let judged = registry.judged(
        move |deadline| {
            let old = read(&request, "old", &request.old)?;
            let new = read(&request, "new", &request.new)?;
            let level = request.compatibility.unwrap_or_default();
            let model = request.content_model.unwrap_or_default();
            let expired = deadline();
            let budget = Budget::until(STEPS, &*expired);
            Ok::<_, Problem>(CheckAnswer::from(&judge(&old, &new, level, model, &budget)))
        },
        |answer: &CheckAnswer| Verdict::Judged(answer.verdict, answer.into()),
    );
    let answer = judged.await?;
    Ok(reply::native(&answer))
}

fn read(request: &CheckRequest, name: &str, text: &JsonText) -> Result<Schema, Problem> {
    let schema_type = request.schema_type.as_deref().unwrap_or(JSON);
    if schema_type != JSON {
        let detail = format!("schemas of type `{schema_type}` are not served");
        return Err(Problem::new(Code::SchemaTypeUnsupported, detail));
    }
    let mut reading = Schema::read(text.as_str());
    if let Some(name) = &request.dialect {
        let dialect = Dialect::from_name(name).ok_or_else(|| {
            let detail = format!("`{name}` is not a known dialect of JSON Schema");
            Problem::new(Code::DialectUnknown, detail)
        })?;
        reading = reading.default_dialect(dialect);
    }
    if request.formats == Some(true) {
        reading = reading.formats(Formats::Assert);
    }
    reading.parse().map_err(|error| {
        let mut problem = Problem::from(error);
        problem.detail = format!("`{name}`: {}", problem.detail);
        problem
    })
}

/// A candidate, against every version that the policy of its subject names.
async fn candidate(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    Asker(asker): Asker,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject = subject.parse()?;
    let body: SubjectCheckRequest = body?.json()?;
    let proposal = Proposal {
        text: body.schema.as_str().to_owned(),
        schema_type: Some(body.schema_type.unwrap_or_else(|| JSON.to_owned())),
        references: body.references.unwrap_or_default(),
        asker: Some(asker),
        ..Proposal::default()
    };
    let registration = Registration {
        lens: body.lens,
        release: body.release,
        ..Registration::new(subject, proposal)
    };
    let (compatibility, content_model) = (body.compatibility, body.content_model);
    let answer = registry.check(registration, move |mut policy| {
        policy.compatibility = compatibility.unwrap_or(policy.compatibility);
        policy.content_model = content_model.unwrap_or(policy.content_model);
        policy
    });
    Ok(reply::native(&answer.await?))
}
