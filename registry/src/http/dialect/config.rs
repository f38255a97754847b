//! `/config`: what a new version may do.

use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use stele_api::{
    dialect::{Config, ConfigUpdate},
    patch::Patch,
    path::dialect as path,
    problem::{Code, Problem},
};

use super::{Answer, answer, scope};
use crate::{
    catalog::{Catalog, Setting},
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
        .route(path::CONFIG.route(), get(global).put(set_global).delete(clear_global))
        .route(path::SUBJECT_CONFIG.route(), get(one).put(set_one).delete(clear_one))
}

async fn global(State(registry): State<Registry>, headers: HeaderMap) -> Response {
    answer(&headers, &shown(&registry.catalog(), &Scope::Global))
}

async fn one(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let scope = scope(&name)?;
    let catalog = registry.catalog();
    if catalog.setting(&scope) == Setting::default() && !params.is("defaultToGlobal") {
        let detail =
            format!("Subject '{name}' does not have subject-level compatibility configured");
        return Err(Problem::new(Code::ConfigNotFound, detail).into());
    }
    Ok(answer(&headers, &shown(&catalog, &scope)))
}

fn shown(catalog: &Catalog, scope: &Scope) -> Config {
    let policy = catalog.policy(scope);
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
        widen: Patch::Keep,
        strict_lenses: Patch::Keep,
    };
    registry.execute(Command::SetConfig(asked), origin).await?;
    Ok(answer(&headers, &update))
}

async fn clear_global(
    State(registry): State<Registry>,
    headers: HeaderMap,
    caller: Caller,
) -> Answer {
    clear(registry, Scope::Global, headers, caller).await
}

async fn clear_one(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    headers: HeaderMap,
    caller: Caller,
) -> Answer {
    let scope = scope(&name)?;
    if registry.catalog().setting(&scope) == Setting::default() {
        let detail = format!("Subject '{name}' not found.");
        return Err(Problem::new(Code::SubjectNotFound, detail).into());
    }
    clear(registry, scope, headers, caller).await
}

/// Leaves a scope to the one around it. The answer is what held until now.
async fn clear(
    registry: Registry,
    scope: Scope,
    headers: HeaderMap,
    Caller(origin): Caller,
) -> Answer {
    let before = shown(&registry.catalog(), &scope);
    let asked = SetConfig {
        scope,
        compatibility: Patch::Clear,
        content_model: Patch::Clear,
        widen: Patch::Clear,
        strict_lenses: Patch::Clear,
    };
    registry.execute(Command::SetConfig(asked), origin).await?;
    Ok(answer(&headers, &before))
}
