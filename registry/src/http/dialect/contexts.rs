//! `/contexts`: what contexts there are, and every other path with everything in it meant within one of them.

use std::borrow::Cow;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{any, delete, get},
};
use stele_api::{
    path::{dialect as path, encode},
    problem::{Code, Problem},
    subject::Context,
};
use tower::ServiceExt;

use super::{Answer, answer};
use crate::{
    access::Role,
    command::Command,
    http::{errors::DialectError, gate::Asker, limits::Caller, query::Params},
    registry::Registry,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::CONTEXTS.route(), get(all))
        .route(path::CONTEXT.route(), delete(erase))
}

/// Every other path with everything in it meant within a context: served by `everywhere`, put into its words.
pub fn within_contexts(everywhere: Router) -> Router {
    let within = move |request: Request| within(everywhere.clone(), request);
    Router::new().route(path::IN_CONTEXT.route(), any(within))
}

async fn all(
    State(registry): State<Registry>,
    Asker(principal): Asker,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let contexts = registry.catalog().contexts().into_iter();
    let seen = contexts.filter(|context| principal.may(Role::Reader, context));
    Ok(answer(&headers, &params.page(seen)?))
}

async fn erase(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    Caller(origin): Caller,
) -> Answer {
    registry.execute(Command::EraseContext(named(&name)?), origin).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A context is named as `.orders` or, as in a subject, as `:.orders:`.
fn named(name: &str) -> Result<Context, Problem> {
    let bare = name.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')).unwrap_or(name);
    Ok(bare.parse()?)
}

/// Has a request served as the same one at the root, with its subjects in the context.
async fn within(root: Router, mut request: Request) -> Response {
    match at_the_root(request.uri()) {
        Ok(uri) => {
            *request.uri_mut() = uri;
            // The parts that this path was split into are not those of the other.
            request.extensions_mut().clear();
            match root.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
        Err(problem) => DialectError::from(problem).into_response(),
    }
}

fn at_the_root(uri: &Uri) -> Result<Uri, Problem> {
    let unreadable = || Problem::new(Code::PathInvalid, format!("`{}` cannot be read", uri.path()));
    let mut parts = uri.path().split('/').skip(2);
    let context = named(&decoded(parts.next().unwrap_or_default()).ok_or_else(unreadable)?)?;
    let mut parts: Vec<String> = parts.map(str::to_owned).collect();
    let place = match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["subjects", _, ..] | ["config" | "mode", _] => Some(1),
        ["compatibility", "subjects", _, ..] => Some(2),
        _ => None,
    };
    if let Some(part) = place.and_then(|place| parts.get_mut(place)) {
        let name = decoded(part).ok_or_else(unreadable)?;
        // A name that says its context means it.
        if !name.starts_with(":.") {
            *part = encode(&format!("{}{name}", context.prefix()));
        }
    } else if let ["config" | "mode"] = parts.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        parts.push(encode(&format!(":{context}:")));
    }
    let mut path = format!("/{}", parts.join("/"));
    let member = match parts.first().map(String::as_str) {
        Some("schemas") if parts.len() > 1 => Some(("subject", format!(":{context}:"))),
        Some("subjects" | "schemas") if parts.len() == 1 => {
            Some(("subjectPrefix", format!(":{context}:")))
        }
        _ => None,
    };
    let query = query(uri.query().unwrap_or_default(), member);
    if !query.is_empty() {
        path = format!("{path}?{query}");
    }
    path.parse().map_err(|_| unreadable())
}

/// The query with what a member says put into the context.
fn query(query: &str, member: Option<(&str, String)>) -> String {
    let Some((name, context)) = member else { return query.to_owned() };
    let (mut members, mut said) = (Vec::new(), None);
    for member in query.split('&').filter(|member| !member.is_empty()) {
        let (key, value) = member.split_once('=').unwrap_or((member, ""));
        // As whoever answers reads it: a name in any spelling, the last one counts.
        if decoded(key).as_deref() == Some(name) {
            said = decoded(value).filter(|value| !value.is_empty());
        } else {
            members.push(member.to_owned());
        }
    }
    let value = match said {
        Some(said) if said.starts_with(':') => said,
        Some(said) => format!("{context}{said}"),
        None => context,
    };
    members.push(format!("{name}={}", encode(&value)));
    members.join("&")
}

fn decoded(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_a_path_is_meant_within_its_context() {
        for (asked, meant) in [
            ("/contexts/.c/subjects", "/subjects?subjectPrefix=%3A.c%3A"),
            (
                "/contexts/.c/subjects?subjectPrefix=a&deleted=true",
                "/subjects?deleted=true&subjectPrefix=%3A.c%3Aa",
            ),
            (
                "/contexts/.c/subjects/a%2Fb/versions/1?deleted=true",
                "/subjects/%3A.c%3Aa%2Fb/versions/1?deleted=true",
            ),
            ("/contexts/:.c:/subjects/a/versions", "/subjects/%3A.c%3Aa/versions"),
            ("/contexts/.c/subjects/%3A.d%3Aa/versions", "/subjects/%3A.d%3Aa/versions"),
            ("/contexts/./subjects/a/versions", "/subjects/a/versions"),
            ("/contexts/.c/schemas/ids/1", "/schemas/ids/1?subject=%3A.c%3A"),
            ("/contexts/.c/schemas/ids/1?subject=a", "/schemas/ids/1?subject=%3A.c%3Aa"),
            ("/contexts/.c/schemas/ids/1?%73ubject=a", "/schemas/ids/1?subject=%3A.c%3Aa"),
            ("/contexts/.c/schemas/ids/1?subject", "/schemas/ids/1?subject=%3A.c%3A"),
            ("/contexts/.c/schemas", "/schemas?subjectPrefix=%3A.c%3A"),
            (
                "/contexts/.c/compatibility/subjects/a/versions/latest",
                "/compatibility/subjects/%3A.c%3Aa/versions/latest",
            ),
            ("/contexts/.c/config", "/config/%3A.c%3A"),
            ("/contexts/.c/mode/a", "/mode/%3A.c%3Aa"),
        ] {
            assert_eq!(at_the_root(&asked.parse().unwrap()).unwrap().to_string(), meant, "{asked}");
        }
        assert!(at_the_root(&"/contexts/c/subjects".parse().unwrap()).is_err());
    }
}
