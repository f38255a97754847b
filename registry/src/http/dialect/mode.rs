//! `/mode`: what may be done at all.

use axum::{
    Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use stele_api::{
    dialect::{ModeBody, ModeUpdate},
    mode::Mode,
    path::dialect as path,
    problem::{Code, Problem},
};

use super::{Answer, answer, scope};
use crate::{
    command::{Command, SetMode},
    event::Scope,
    http::{
        limits::{Caller, Payload, Unreadable},
        query::Params,
    },
    registry::Registry,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::MODE.route(), get(global).put(set_global).delete(clear_global))
        .route(path::SUBJECT_MODE.route(), get(one).put(set_one).delete(clear_one))
}

async fn global(State(registry): State<Registry>, headers: HeaderMap) -> Response {
    answer(&headers, &ModeBody { mode: registry.catalog().mode(&Scope::Global) })
}

async fn one(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let scope = scope(&name)?;
    let catalog = registry.catalog();
    let own = catalog.own_mode(&scope);
    let around = params.is("defaultToGlobal").then(|| catalog.mode(&scope));
    let mode = own.or(around).ok_or_else(|| none(&name))?;
    Ok(answer(&headers, &ModeBody { mode }))
}

fn none(name: &str) -> Problem {
    let detail = format!("Subject '{name}' does not have subject-level mode configured");
    Problem::new(Code::ModeNotFound, detail)
}

async fn set_global(
    State(registry): State<Registry>,
    params: Params,
    headers: HeaderMap,
    caller: Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let mode = asked(&body?)?;
    set(registry, Scope::Global, Some(mode), &params, caller).await?;
    Ok(answer(&headers, &ModeBody { mode }))
}

async fn set_one(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    params: Params,
    headers: HeaderMap,
    caller: Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let mode = asked(&body?)?;
    set(registry, scope(&name)?, Some(mode), &params, caller).await?;
    Ok(answer(&headers, &ModeBody { mode }))
}

fn asked(body: &Payload) -> Result<Mode, Problem> {
    let update: ModeUpdate = body.json()?;
    let name = update.mode.ok_or_else(|| {
        Problem::new(Code::ModeInvalid, "the request has no mode")
            .hint("say READWRITE, READONLY, READONLY_OVERRIDE or IMPORT")
    })?;
    Ok(name.parse()?)
}

/// The answer to a cleared mode is the one that held until now.
async fn clear_global(
    State(registry): State<Registry>,
    params: Params,
    headers: HeaderMap,
    caller: Caller,
) -> Answer {
    let mode = registry.catalog().mode(&Scope::Global);
    set(registry, Scope::Global, None, &params, caller).await?;
    Ok(answer(&headers, &ModeBody { mode }))
}

async fn clear_one(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    params: Params,
    headers: HeaderMap,
    caller: Caller,
) -> Answer {
    let scope = scope(&name)?;
    let mode = registry.catalog().own_mode(&scope);
    if mode.is_none() && !params.is("recursive") {
        return Err(none(&name).into());
    }
    let mode = mode.unwrap_or_else(|| registry.catalog().mode(&scope));
    set(registry, scope, None, &params, caller).await?;
    Ok(answer(&headers, &ModeBody { mode }))
}

async fn set(
    registry: Registry,
    scope: Scope,
    mode: Option<Mode>,
    params: &Params,
    Caller(origin): Caller,
) -> Result<(), Problem> {
    let (forced, recursive) = (params.is("force"), params.is("recursive"));
    let asked = SetMode { scope, mode, forced, recursive };
    registry.execute(Command::SetMode(asked), origin).await?;
    Ok(())
}
