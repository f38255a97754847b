//! `/config` and `/mode`: what a new version may do, and what may be done at all.

use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use stele_api::{
    dialect::{Config, ConfigUpdate, Mode},
    path::dialect as path,
    problem::{Code, Problem},
    subject::Context,
};

use super::{Answer, answer};
use crate::{
    catalog::Setting,
    command::{Command, SetConfig},
    config::content_model,
    event::Scope,
    http::{
        limits::{Caller, Payload, Unreadable},
        query::Params,
    },
    registry::Registry,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::CONFIG.route(), get(global).put(set_global))
        .route(path::SUBJECT_CONFIG.route(), get(one).put(set_one))
        .route(path::MODE.route(), get(mode))
        .route(path::SUBJECT_MODE.route(), get(subject_mode))
}

async fn global(State(registry): State<Registry>, headers: HeaderMap) -> Response {
    answer(&headers, &shown(&registry, &Scope::Global))
}

async fn one(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let scope = scope(&name)?;
    let own = registry.catalog().setting(&scope);
    if own == Setting::default() && !params.is("defaultToGlobal") {
        let detail =
            format!("Subject '{name}' does not have subject-level compatibility configured");
        return Err(Problem::new(Code::ConfigNotFound, detail).into());
    }
    Ok(answer(&headers, &shown(&registry, &scope)))
}

fn shown(registry: &Registry, scope: &Scope) -> Config {
    let policy = registry.catalog().policy(scope);
    Config::new(policy.compatibility, policy.content_model)
}

async fn set_global(
    State(registry): State<Registry>,
    headers: HeaderMap,
    caller: Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    set(registry, Scope::Global, headers, caller, body?).await
}

async fn set_one(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    headers: HeaderMap,
    caller: Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    set(registry, scope(&name)?, headers, caller, body?).await
}

/// The answer repeats what was asked, as the reference does.
async fn set(
    registry: Registry,
    scope: Scope,
    headers: HeaderMap,
    Caller(origin): Caller,
    body: Payload,
) -> Answer {
    let update: ConfigUpdate = body.json()?;
    let asked = SetConfig {
        scope,
        compatibility: update.compatibility.clone().try_map(|level| level.parse())?,
        content_model: update.content_model.clone().try_map(|model| {
            content_model(&model)
                .map_err(|error| Problem::new(Code::ContentModelInvalid, error.to_string()))
        })?,
    };
    registry.execute(Command::SetConfig(asked), origin).await?;
    Ok(answer(&headers, &update))
}

/// A name is a subject's, or a context's as `:.orders:`.
fn scope(name: &str) -> Result<Scope, Problem> {
    let context = name.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
    Ok(match context {
        Some(context) if context.starts_with('.') && !context.contains(':') => {
            Scope::Context(context.parse::<Context>()?)
        }
        _ => Scope::Subject(name.parse()?),
    })
}

/// Everything may be done, as yet.
async fn mode(headers: HeaderMap) -> Response {
    answer(&headers, &Mode { mode: "READWRITE".to_owned() })
}

async fn subject_mode(Path(name): Path<String>, params: Params, headers: HeaderMap) -> Answer {
    scope(&name)?;
    if params.is("defaultToGlobal") {
        return Ok(mode(headers).await);
    }
    let detail = format!("Subject '{name}' does not have subject-level mode configured");
    Err(Problem::new(Code::ModeNotFound, detail).into())
}
