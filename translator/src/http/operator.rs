//! What an operator asks: whether it lives, whether it is ready, how subscriptions stand, what was counted.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Sidecar,
    problem::{Refused, plain_problem},
};
use crate::telemetry::Standing;

/// `GET /livez`.
pub(super) async fn live() -> Json<Value> {
    Json(json!({"live": true}))
}

/// `GET /readyz`: whether every subject has its plans; what is missing is asked for. `stale` says that the registry does
/// not answer and what is known may be old.
pub(super) async fn ready(State(sidecar): State<Arc<Sidecar>>) -> Response {
    let is_stopping = *sidecar.stopping.borrow();
    if !is_stopping {
        sidecar.plans.ask_missing().await;
    }
    let missing = sidecar.plans.missing();
    let missing: Vec<String> = missing.into_iter().map(|route| route.subject.to_string()).collect();
    let is_ready = missing.is_empty() && !is_stopping;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ready": is_ready, "missing": missing, "stale": sidecar.plans.is_stale(),
        "stopping": is_stopping,
    });
    (status, Json(body)).into_response()
}

/// `GET /metrics`.
pub(super) async fn metrics(State(sidecar): State<Arc<Sidecar>>) -> Response {
    let metrics = sidecar.plans.metrics();
    metrics.stale.set(i64::from(sidecar.plans.is_stale()));
    if let Some(stored) = &sidecar.stored {
        for name in stored.pushed.keys().chain(stored.polled.keys()) {
            let fill = stored.queue.fill(name);
            let standing = Standing {
                waiting: fill.map_or(0, |fill| fill.events),
                waiting_bytes: fill.map_or(0, |fill| fill.bytes),
                is_stopped: stored.pushed.get(name).is_some_and(crate::push::Handle::is_stopped),
            };
            metrics.standing(name, standing);
        }
        if let Ok(count) = stored.queue.count_dead_letters().await {
            metrics.dead_letters.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
    match metrics.render() {
        Ok(text) => {
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, content_type)], text).into_response()
        }
        Err(_) => plain_problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", None),
    }
}

/// `GET /subscriptions`.
pub(super) async fn subscriptions(
    State(sidecar): State<Arc<Sidecar>>,
) -> Result<Json<Value>, Refused> {
    let Some(stored) = &sidecar.stored else { return Ok(Json(json!({"subscriptions": []}))) };
    let mut all = Vec::new();
    for name in stored.pushed.keys().chain(stored.polled.keys()) {
        all.push(sidecar.stands(name).await?);
    }
    Ok(Json(json!({"subscriptions": all})))
}

/// `GET /subscriptions/{subscription}`.
pub(super) async fn subscription(
    State(sidecar): State<Arc<Sidecar>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refused> {
    Ok(Json(sidecar.stands(&name).await?))
}

/// `POST /subscriptions/{subscription}/resume`: goes on after the consumer had said that it is gone.
pub(super) async fn resume(
    State(sidecar): State<Arc<Sidecar>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refused> {
    let stored = sidecar.stored()?;
    let Some(pushed) = stored.pushed.get(&name) else {
        return Err(if stored.queue.has(&name) {
            Refused::NotPushed(name)
        } else {
            Refused::NoSubscription(name)
        });
    };
    pushed.resume().await?;
    Ok(Json(sidecar.stands(&name).await?))
}

impl Sidecar {
    async fn stands(&self, name: &str) -> Result<Value, Refused> {
        let stored = self.stored()?;
        let missing = || Refused::NoSubscription(name.to_owned());
        if !stored.queue.has(name) {
            return Err(missing());
        }
        let standing = stored.queue.standing(name).await?.ok_or_else(missing)?;
        let mode = if stored.polled.contains_key(name) { "poll" } else { "push" };
        Ok(json!({
            "name": name, "mode": mode, "waiting": standing.waiting,
            "waiting_bytes": standing.waiting_bytes, "cursor": standing.cursor,
            "oldest": standing.oldest, "stopped": standing.stopped,
        }))
    }
}
