//! Dead letters: listed, shown, redriven, dropped.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Sidecar, problem::Refused};
use crate::{letter, queue::QueueError};

/// The most dead letters in one answer.
const PAGE: usize = 100;

#[derive(Deserialize)]
pub(super) struct Listed {
    subscription: Option<String>,
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

/// `GET /dead-letters`: oldest first, `next` to go on with.
pub(super) async fn list(
    State(sidecar): State<Arc<Sidecar>>,
    query: Result<Query<Listed>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Value>, Refused> {
    let Query(Listed { subscription, after, limit }) =
        query.map_err(|error| Refused::Question(error.to_string()))?;
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE);
    let letters = sidecar.stored()?.queue.dead_letters(subscription, after, limit).await?;
    let next = letters.last().filter(|_| letters.len() == limit).map(|letter| letter.id);
    let lines: Vec<Value> = letters.iter().map(letter::line).collect();
    Ok(Json(json!({"dead_letters": lines, "next": next})))
}

/// `GET /dead-letters/{id}`: with the event as it came.
pub(super) async fn show(
    State(sidecar): State<Arc<Sidecar>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refused> {
    let letter = sidecar.stored()?.queue.dead_letter(number(&id)?).await?;
    Ok(Json(letter::whole(&letter)))
}

/// `POST /dead-letters/{id}/redrive`: back into its queue, to be translated again with the plan of then.
pub(super) async fn redrive(
    State(sidecar): State<Arc<Sidecar>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refused> {
    let (queue, id) = (sidecar.stored()?.queue.clone(), number(&id)?);
    // By itself, so that whoever asks and hangs up leaves nothing half done.
    let redriven = tokio::spawn(async move { queue.redrive(id).await }).await;
    let position = redriven.map_err(|_| QueueError::Closing)??;
    Ok(Json(json!({"position": position})))
}

/// `DELETE /dead-letters/{id}`.
pub(super) async fn drop_one(
    State(sidecar): State<Arc<Sidecar>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    sidecar.stored()?.queue.drop_dead_letter(number(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn number(id: &str) -> Result<u64, Refused> {
    id.parse().map_err(|_| Refused::Question(format!("`{id}` is no number of a dead letter")))
}
