//! `/v1/subjects/{subject}/plans/{from}/{to}` and `translate`: the way between two versions, and one event on it.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    routing::{get, post},
};
use stele_api::problem::{Code, Problem};
use stele_api::{path::native as path, subject::Subject, translate::Translated};
use stele_evolution::schema::{TextError, read_value};

use super::{Answer, required, selected, stream};
use crate::{
    http::{
        limits::{Payload, Unreadable},
        query::Params,
        reply,
    },
    registry::Registry,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::PLAN.route(), get(plan))
        .route(path::TRANSLATE.route(), post(translate))
}

async fn plan(
    State(registry): State<Registry>,
    Path((subject, from, to)): Path<(String, String, String)>,
) -> Answer {
    let subject: Subject = subject.parse()?;
    let catalog = registry.catalog();
    let known = stream(&catalog, &subject)?;
    let (from, to) = (selected(known, &from)?.version, selected(known, &to)?.version);
    let way = registry.way(catalog, subject, from, to).await?;
    Ok(reply::native(&way.shown()))
}

async fn translate(
    State(registry): State<Registry>,
    Path(subject): Path<String>,
    params: Params,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let subject: Subject = subject.parse()?;
    let catalog = registry.catalog();
    let known = stream(&catalog, &subject)?;
    let from = selected(known, required(&params, "from")?)?.version;
    let to = selected(known, params.text("to").unwrap_or("latest"))?.version;
    let event = read_value(body?.text()?).map_err(|error| not_json(&error))?;
    let way = registry.way(Arc::clone(&catalog), subject, from, to).await?;
    let crossed = registry.judges().run(move |_| {
        let crossing = way.carry(&event)?;
        let plan = way.plan().id().to_owned();
        Ok::<_, Problem>(Translated { event: crossing.event, plan, loss: crossing.losses })
    });
    let translated = crossed.await??;
    Ok(reply::native(&translated))
}

fn not_json(error: &TextError) -> Problem {
    Problem::new(Code::BodyInvalid, format!("the event cannot be read: {error}"))
}
