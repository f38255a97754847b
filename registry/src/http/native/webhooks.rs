//! `/v1/webhooks`: who is told of what happens, and how they are doing.

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
    routing::get,
};
use stele_api::{
    path::native as path,
    problem::{Code, Problem},
    webhook::{WebhookName, WebhookRequest},
};

use super::Answer;
use crate::{
    command::{Command, SetWebhook},
    http::{
        limits::{Caller, Payload, Unreadable},
        reply,
    },
    refusal::Refusal,
    registry::Registry,
    webhook::WebhookError,
};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route(path::WEBHOOKS.route(), get(list))
        .route(path::WEBHOOK.route(), get(one).put(set).delete(remove))
}

async fn list(State(registry): State<Registry>) -> Answer {
    let catalog = registry.catalog();
    let end = catalog.position();
    let shown = catalog.webhooks().map(|(name, hook)| registry.webhooks().shown(name, hook, end));
    Ok(reply::native(&shown.collect::<Result<Vec<_>, _>>()?))
}

async fn one(State(registry): State<Registry>, Path(name): Path<String>) -> Answer {
    let name = named(&name)?;
    let catalog = registry.catalog();
    let hook = catalog.webhook(&name).ok_or_else(|| Refusal::WebhookNotFound(name.clone()))?;
    Ok(reply::native(&registry.webhooks().shown(&name, hook, catalog.position())?))
}

/// 201 where this request made it, 200 where it was there. Setting it again brings a dead one back.
async fn set(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    Caller(origin): Caller,
    body: Result<Payload, Unreadable>,
) -> Answer {
    let name = named(&name)?;
    let request: WebhookRequest = body?.json()?;
    let before = registry.catalog();
    let webhook = registry.webhooks().look(&request, before.position())?;
    let command = SetWebhook { name: name.clone(), webhook: webhook.clone() };
    let done = registry.execute(Command::SetWebhook(command), origin).await?;
    let secret = registry.webhooks().set(&name, &request, before.position())?;
    let mut shown = registry.webhooks().shown(&name, &webhook, done.catalog.position())?;
    shown.secret = secret;
    let is_new = before.webhook(&name).is_none();
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(reply::json(status, reply::JSON, &shown))
}

async fn remove(
    State(registry): State<Registry>,
    Path(name): Path<String>,
    Caller(origin): Caller,
) -> Answer {
    let name = named(&name)?;
    registry.execute(Command::RemoveWebhook(name.clone()), origin).await?;
    registry.webhooks().remove(&name)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn named(text: &str) -> Result<WebhookName, Problem> {
    text.parse().map_err(|error: stele_api::webhook::WebhookNameError| {
        Problem::new(Code::PathInvalid, error.to_string())
    })
}

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        let detail = error.to_string();
        match error {
            WebhookError::Guard(_) => Problem::new(Code::FieldInvalid, detail)
                .hint("the registry tells those nearby only with --webhook-allow-private"),
            WebhookError::Secret | WebhookError::After(_) => {
                Problem::new(Code::FieldInvalid, detail)
            }
            WebhookError::Store(_) => Problem::new(Code::LogUnavailable, detail),
            WebhookError::Client(_) | WebhookError::Randomness => {
                Problem::new(Code::Internal, detail)
            }
        }
    }
}
