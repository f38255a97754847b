//! The API described: for machines at `/openapi.json` (`OpenAPI` 3.1), for people at `/docs`, both made from one table of
//! operations. A test holds the table to what the router takes.

mod operations;
mod page;
mod schemas;

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use stele_api::{path::native as path, problem};

use self::operations::{Answer, Body, OPERATIONS, Operation, Parameter, Place};
use super::reply;
use crate::registry::Registry;

/// Where the description and the page are served.
pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::OPENAPI.route(), get(description))
        .route(path::DOCS.route(), get(page))
}

async fn description() -> Response {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());
    reply::bytes(StatusCode::OK, reply::JSON, TEXT.clone())
}

async fn page() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| page::render(&document()));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (
            header::CONTENT_SECURITY_POLICY,
            // Nothing is loaded and nothing is run.
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
        ),
    ];
    (headers, TEXT.as_str()).into_response()
}

/// The whole description.
pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let at = paths.entry(operation.path.route().to_owned()).or_insert_with(|| json!({}));
        at[operation.method.to_ascii_lowercase()] = described(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Stele registry",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "The registry's own API. The Confluent dialect at the other paths is that of existing clients.",
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "schemas": schemas::all(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
    })
}

fn described(operation: &Operation) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "responses": responses(operation),
    });
    let parameters: Vec<Value> = holes(operation.path.route())
        .map(|name| parameter(&schemas::hole(name)))
        .chain(operation.parameters.iter().map(parameter))
        .collect();
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(Body { media_types, schema, required }) = &operation.body {
        let content: Map<String, Value> = media_types
            .iter()
            .map(|kind| ((*kind).to_owned(), json!({"schema": schemas::reference(schema)})))
            .collect();
        described["requestBody"] = json!({"required": required, "content": content});
    }
    described
}

/// The names in the braces of a path.
fn holes(route: &'static str) -> impl Iterator<Item = &'static str> {
    route.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

fn parameter(parameter: &Parameter) -> Value {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    json!({
        "name": parameter.name,
        "in": place,
        "required": parameter.required,
        "description": parameter.summary,
        "schema": schemas::parameter(parameter.schema),
    })
}

/// What may be answered: what is good, and every status of a problem that can come of it.
fn responses(operation: &Operation) -> Value {
    let mut responses = Map::new();
    for Answer { status, schema, media_types, summary } in operation.answers {
        let mut answer = json!({"description": summary});
        if !media_types.is_empty() {
            let content: Map<String, Value> = media_types
                .iter()
                .map(|kind| ((*kind).to_owned(), json!({"schema": schemas::reference(schema)})))
                .collect();
            answer["content"] = content.into();
        }
        responses.insert(status.to_string(), answer);
    }
    let mut refused = vec![400, 401, 403, 404, 409, 422, 429, 500, 503];
    if operation.body.is_some() {
        refused.extend([408, 413, 415]);
    }
    for status in refused {
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let problem = json!({"schema": schemas::reference("Problem")});
        let answer = json!({
            "description": reason.unwrap_or("A problem"),
            "content": {problem::MEDIA_TYPE: problem},
        });
        responses.insert(status.to_string(), answer);
    }
    responses.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_path_is_described_and_nothing_else() {
        let described: BTreeSet<&str> =
            OPERATIONS.iter().map(|operation| operation.path.route()).collect();
        let known: BTreeSet<&str> = path::ALL.iter().map(|path| path.route()).collect();

        assert_eq!(described, known);
    }

    #[test]
    fn every_reference_leads_to_a_schema_and_every_schema_is_used() {
        let document = document();
        let text = document.to_string();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let referred: BTreeSet<&str> = text
            .split("#/components/schemas/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();

        assert_eq!(referred, schemas.keys().map(String::as_str).collect());
    }

    #[test]
    fn the_description_in_the_docs_is_this_one() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
        let text = serde_json::to_string_pretty(&document()).unwrap() + "\n";
        if std::env::var_os("STELE_UPDATE").is_some() {
            std::fs::write(file, &text).unwrap();
        }

        let kept = std::fs::read_to_string(file).unwrap_or_default();

        assert!(kept == text, "run this test with STELE_UPDATE=1 and look at what changed");
    }
}
