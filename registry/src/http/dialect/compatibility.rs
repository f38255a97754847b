//! `/compatibility`: whether a candidate would be taken. With `verbose` it also says what it was compared with.

use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    routing::post,
};
use stele_api::{
    check::{CheckAnswer, SubjectCheckAnswer},
    dialect::Compatibility,
    path::dialect as path,
};
use stele_evolution::{budget::Budget, policy::judge_widening};

use super::{Answer, Sight, answer, proposal};
use crate::{
    candidate::Proposal,
    failure::Failure,
    findings::{STEPS, VERDICTS},
    http::{
        gate::Asker,
        limits::{Payload, Unreadable},
        query::Params,
    },
    registry::{Registration, Registry},
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::COMPATIBILITY.route(), post(whole))
        .route(path::COMPATIBILITY_VERSION.route(), post(one))
}

/// Against everything the level names: what a registration would be told.
async fn whole(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    headers: HeaderMap,
    asker: Asker,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject = subject.parse()?;
    let proposal = proposal(body?.json()?, &params, asker)?;
    let found = registry.check(Registration::new(subject, proposal), |policy| policy).await?;
    Ok(answer(&headers, &shown(&found, params.is("verbose"))))
}

/// Against one version only; `latest` asks the same as a registration would.
async fn one(
    State(registry): State<Registry>,
    Path((subject, version)): Path<(String, String)>,
    params: Params,
    headers: HeaderMap,
    asker: Asker,
    body: Result<Payload, Unreadable>,
) -> Answer {
    if version == "latest" || version == "-1" {
        return whole(State(registry), Path(subject), params, headers, asker, body).await;
    }
    let proposal = proposal(body?.json()?, &params, asker)?;
    let catalog = registry.catalog();
    let entry = Sight::Live.stream(&catalog, &subject)?.entry(&version)?;
    let policy = catalog.policy_of(&entry.subject);
    let older = catalog.schema(&entry.content).map_err(Failure::Registered)?;
    let version = entry.version;
    let proposal = Proposal { context: entry.subject.context().clone(), ..proposal };
    let candidate = registry.read(proposal).await?;
    let judged = registry.judges().run(move |deadline| {
        let expired = deadline();
        let budget = Budget::until(STEPS, &*expired).remembering(&VERDICTS);
        let (level, model) = (policy.compatibility, policy.content_model);
        let (older, newer) = (&older, &candidate.schema);
        let judgement = judge_widening(older, newer, level, model, policy.widening(), &budget);
        let one = CheckAnswer::from(&judgement).with(version);
        SubjectCheckAnswer::new(level, model, None, vec![one])
    });
    let found = judged.await?;
    Ok(answer(&headers, &shown(&found, params.is("verbose"))))
}

fn shown(found: &SubjectCheckAnswer, verbose: bool) -> Compatibility {
    let messages = verbose.then(|| {
        let mut messages = Vec::new();
        for one in &found.against {
            let version = one.version.map(|version| version.to_string()).unwrap_or_default();
            for refused in &one.refusals {
                messages.push(format!(
                    "{{rule:\"{}\", at:\"{}\", version:{version}, why:\"{}\"}}",
                    refused.rule, refused.at, refused.why
                ));
            }
            let witness = one.directions.witness().filter(|_| !one.accepted);
            if let Some(witness) = witness.and_then(|witness| serde_json::to_string(witness).ok()) {
                messages.push(format!("{{version:{version}, witness:{witness}}}"));
            }
        }
        if messages.is_empty() {
            messages.extend(found.refusals.iter().map(|refused| refused.why.clone()));
        }
        messages.push(compared(found));
        messages
    });
    Compatibility { is_compatible: found.accepted, messages }
}

fn compared(found: &SubjectCheckAnswer) -> String {
    let versions: Vec<String> =
        found.against.iter().filter_map(|one| one.version).map(|v| v.to_string()).collect();
    let with = match versions.as_slice() {
        [] => "no version".to_owned(),
        [one] => format!("version {one}"),
        all => format!("versions {}", all.join(", ")),
    };
    format!("compared with {with} under {}", found.compatibility)
}
