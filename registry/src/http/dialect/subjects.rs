//! `/subjects`: what there is, whether it has a schema, and its end.

use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    routing::{get, post},
};
use stele_api::{
    path::dialect as path,
    problem::{Code, Problem},
};

use super::{Answer, Sight, answer, proposal, shown};
use crate::{
    access::Principal,
    candidate::Proposal,
    catalog::{Catalog, Entry, Stream},
    command::{Choice, Chosen, Command},
    event::Event,
    http::{
        gate::Asker,
        limits::{Caller, Payload, Unreadable},
        query::Params,
    },
    own,
    registry::Registry,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::SUBJECTS.route(), get(list))
        .route(path::SUBJECT.route(), post(look_up).delete(delete))
        .route(path::SUBJECT_METADATA.route(), get(with_metadata))
}

async fn list(
    State(registry): State<Registry>,
    Asker(principal): Asker,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let sight = Sight::of(&params);
    let names = named(&catalog, &params, &principal)
        .filter(|stream| sight.sees_subject(stream))
        .map(|stream| stream.subject().to_string());
    Ok(answer(&headers, &params.page(names)?))
}

/// The subjects that `subjectPrefix` names and that may be seen. Those of the registry itself are listed for whoever asks
/// for them.
pub(super) fn named<'c>(
    catalog: &'c Catalog,
    params: &Params,
    principal: &'c Principal,
) -> impl Iterator<Item = &'c Stream> + use<'c> {
    // `:*:` stands for all contexts.
    let prefix = params.text("subjectPrefix").unwrap_or(":*:");
    let prefix = prefix.strip_prefix(":*:").unwrap_or(prefix).to_owned();
    let asked_for_own = prefix.starts_with(&format!(":{}:", own::CONTEXT));
    catalog
        .all_streams()
        .map(AsRef::as_ref)
        .filter(move |stream| asked_for_own || stream.subject().context().as_str() != own::CONTEXT)
        .filter(move |stream| stream.subject().to_string().starts_with(&prefix))
        .filter(|stream| principal.sees(stream.subject()))
}

async fn look_up(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    headers: HeaderMap,
    asker: Asker,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let sight = Sight::of(&params);
    let proposal = proposal(body?.json()?, &params, asker)?;
    sight.stream(&registry.catalog(), &subject)?;
    let subject = subject.parse()?;
    let found = find(&registry, &subject, proposal, sight).await?;
    Ok(answer(&headers, &shown(&found)))
}

async fn find(
    registry: &Registry,
    subject: &stele_api::subject::Subject,
    proposal: Proposal,
    sight: Sight,
) -> Result<std::sync::Arc<Entry>, Problem> {
    let proposal = Proposal { context: subject.context().clone(), ..proposal };
    let candidate = registry.read(proposal).await?;
    let found = registry.catalog().find(subject, &candidate.key).cloned();
    found
        .filter(|entry| sight.sees(entry))
        .ok_or_else(|| Problem::new(Code::SchemaNotFound, "Schema not found"))
}

/// Hides every version; with `permanent`, removes those that are hidden. Answers their numbers.
async fn delete(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    headers: HeaderMap,
    Caller(origin): Caller,
) -> Answer {
    let choice = Choice { subject: subject.parse()?, versions: Chosen::All };
    let done = registry.execute(deletion(choice, &params), origin).await?;
    Ok(answer(&headers, &versions(&done.events)))
}

pub(super) fn deletion(choice: Choice, params: &Params) -> Command {
    if params.is("permanent") { Command::Erase(choice) } else { Command::Delete(choice) }
}

/// The versions that were deleted.
pub(super) fn versions(events: &[Event]) -> Vec<stele_evolution::version::Version> {
    let chosen = events.iter().filter_map(|event| match event {
        Event::VersionsDeleted(chosen) | Event::VersionsErased(chosen) => Some(&chosen.versions),
        _ => None,
    });
    chosen.flatten().copied().collect()
}

/// The newest version whose metadata have every `key` with the `value` that stands at the same place in the query.
async fn with_metadata(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let seen = Sight::of(&params).stream(&catalog, &subject)?;
    let wanted: Vec<(&str, &str)> = params.all("key").zip(params.all("value")).collect();
    let has_all = |entry: &&Entry| {
        let properties = entry.content.key.metadata().map(|metadata| &metadata.properties);
        wanted.iter().all(|(key, value)| {
            properties.and_then(|all| all.get(*key)).is_some_and(|found| found == value)
        })
    };
    let found = seen.entries().rev().find(has_all);
    let found = found.ok_or_else(|| Problem::new(Code::SchemaNotFound, "Schema not found"))?;
    Ok(answer(&headers, &shown(found)))
}
