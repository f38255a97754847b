//! `/schemas`: all of them, by the id that travels with every message, by guid.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use bytes::Bytes;
use stele_api::{
    dialect::{JSON, SchemaById, SubjectVersion},
    id::SchemaId,
    path::dialect as path,
    problem::{Code, Problem},
    subject::{Context, Subject},
};

use super::{Answer, Sight, answer, cached, shown, subjects::named};
use crate::{
    catalog::{Catalog, Content},
    http::{gate::Asker, query::Params},
    registry::Registry,
};

/// The most versions in one list.
const PAGE: usize = 1000;

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::SCHEMAS.route(), get(list))
        .route(path::SCHEMA_TYPES.route(), get(types))
        .route(path::SCHEMA.route(), get(by_id))
        .route(path::SCHEMA_TEXT.route(), get(text))
        .route(path::SCHEMA_SUBJECTS.route(), get(subjects))
        .route(path::SCHEMA_VERSIONS.route(), get(versions))
        .route(path::GUID.route(), get(by_guid))
        .route(path::GUID_IDS.route(), get(ids_of_guid))
}

async fn list(
    State(registry): State<Registry>,
    Asker(principal): Asker,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let sight = Sight::of(&params);
    let most = if params.is("latestOnly") { 1 } else { usize::MAX };
    let entries = named(&catalog, &params, &principal).flat_map(|stream| {
        let count = sight.entries(stream).count();
        sight.entries(stream).skip(count.saturating_sub(most))
    });
    let page = params.page_of_at_most(PAGE, entries)?;
    Ok(answer(&headers, &page.into_iter().map(shown).collect::<Vec<_>>()))
}

async fn types(headers: HeaderMap) -> Response {
    answer(&headers, &[JSON])
}

async fn by_id(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let (around, content) = content(&catalog, &id, &params)?;
    if params.is("fetchMaxId") {
        let shown = SchemaById { max_id: catalog.newest_id(&around), ..whole(content) };
        return Ok(answer(&headers, &shown));
    }
    Ok(schema_by_id(&headers, &catalog, content)?)
}

/// What is answered for a schema by its id.
pub fn schema_by_id(
    headers: &HeaderMap,
    catalog: &Catalog,
    content: &Content,
) -> Result<Response, Problem> {
    let rendition = catalog.rendition(content, || {
        let body = serde_json::to_vec(&whole(content))
            .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
        Ok::<_, Problem>(cached::rendition(&content.guid.to_string(), body.into()))
    });
    Ok(cached::immutable(headers, rendition?))
}

async fn text(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let (_, content) = content(&catalog, &id, &params)?;
    let text = Bytes::copy_from_slice(content.text.as_str().as_bytes());
    Ok(cached::immutable(&headers, cached::rendition(&format!("{}-text", content.guid), text)))
}

async fn subjects(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let places = places(&catalog, &id, &params)?;
    let mut subjects: Vec<&Subject> = places.iter().map(|place| &place.subject).collect();
    subjects.sort();
    subjects.dedup();
    Ok(answer(&headers, &params.page(subjects.into_iter())?))
}

async fn versions(
    State(registry): State<Registry>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let places = places(&catalog, &id, &params)?;
    Ok(answer(&headers, &params.page(places.into_iter())?))
}

async fn by_guid(
    State(registry): State<Registry>,
    Path(guid): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let known = guid.parse().ok().and_then(|guid| catalog.with_guid(guid).first());
    let content = known.and_then(|known| catalog.content(&known.context, known.id));
    let content = content.ok_or_else(|| not_found(&guid))?;
    Ok(schema_by_id(&headers, &catalog, content)?)
}

async fn ids_of_guid(
    State(registry): State<Registry>,
    Path(guid): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let catalog = registry.catalog();
    let known = guid.parse().map(|guid| catalog.with_guid(guid)).unwrap_or_default();
    if known.is_empty() {
        return Err(not_found(&guid).into());
    }
    Ok(answer(&headers, &params.page(known.iter())?))
}

fn whole(content: &Content) -> SchemaById {
    SchemaById {
        schema: content.text.as_str().to_owned(),
        schema_type: content.schema_type.clone(),
        guid: content.guid.to_string(),
        references: content.key.references.to_vec(),
        metadata: content.key.metadata().cloned(),
        rule_set: content.key.rule_set().cloned(),
        max_id: None,
    }
}

/// The schema with an id, in the context that `?subject=` names.
fn content<'c>(
    catalog: &'c Catalog,
    id: &str,
    params: &Params,
) -> Result<(Context, &'c Arc<Content>), Problem> {
    let number: SchemaId = id.parse().map_err(|_| not_found(id))?;
    let around = context(params);
    let content = catalog.content(&around, number).ok_or_else(|| not_found(id))?;
    Ok((around, content))
}

/// Where a schema is used, as far as it is seen: in one subject only, where the query names one.
fn places<'c>(
    catalog: &'c Catalog,
    id: &str,
    params: &Params,
) -> Result<Vec<&'c SubjectVersion>, Problem> {
    let number: SchemaId = id.parse().map_err(|_| not_found(id))?;
    let places = catalog.places(&context(params), number).ok_or_else(|| not_found(id))?;
    let sight = Sight::of(params);
    let wanted: Option<Subject> = params.text("subject").and_then(|text| text.parse().ok());
    let seen = places.iter().filter(|place| {
        wanted.as_ref().is_none_or(|subject| *subject == place.subject)
            && catalog.entry(place).is_some_and(|entry| sight.sees(entry))
    });
    Ok(seen.collect())
}

/// Ids are per context; a subject, or a context written as `:.orders:`, says which.
pub fn context(params: &Params) -> Context {
    let text = params.text("subject").unwrap_or_default();
    let named = text.strip_prefix(':').and_then(|rest| rest.split_once(':'));
    named.and_then(|(context, _)| context.parse().ok()).unwrap_or_default()
}

fn not_found(id: &str) -> Problem {
    Problem::new(Code::SchemaNotFound, format!("Schema {id} not found"))
}
