//! The inline sidecar: an event comes by POST, is translated, is sent on to the consumer, and the consumer's answer goes
//! back. Nothing is stored: the sender's retry is the durability.

mod body;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;
use stele_evolution::version::Version;
use tokio::sync::Semaphore;

use crate::{
    config::Limits,
    envelope::{is_forwarded, read_http, write_http},
    fault::{Class, Code, Fault},
    plans::Plans,
    translate::Translation,
};

/// What every request shares.
pub struct Sidecar {
    plans: Plans,
    http: reqwest::Client,
    limits: Limits,
    slots: Arc<Semaphore>,
}

impl Sidecar {
    /// A sidecar that sends on what `plans` translate.
    pub fn new(plans: Plans, http: reqwest::Client, limits: Limits) -> Self {
        let slots = Arc::new(Semaphore::new(limits.max_in_flight.get()));
        Sidecar { plans, http, limits, slots }
    }

    /// The HTTP face.
    pub fn router(self) -> Router {
        let sidecar = Arc::new(self);
        let bounded = middleware::from_fn_with_state(Arc::clone(&sidecar), bounded);
        Router::new()
            .route("/", post(forward))
            .route("/translate", post(reply))
            .layer(bounded)
            .route("/livez", get(|| async { Json(json!({"live": true})) }))
            .route("/readyz", get(ready))
            .fallback(|| async { plain_problem(StatusCode::NOT_FOUND, "not_found") })
            .method_not_allowed_fallback(|| async {
                plain_problem(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
            })
            .with_state(sidecar)
    }

    async fn translate(&self, request: Request) -> Result<Translation<'_>, Fault> {
        let (parts, body) = request.into_parts();
        let envelope = read_http(&parts.headers, body::read(body, self.limits.max_body).await?)?;
        self.plans.translate(&envelope).await
    }

    /// Sends a translated event to its consumer; the consumer's answer.
    async fn deliver(&self, translation: Translation<'_>) -> Result<Response, Fault> {
        let Translation { route, from, to, envelope } = translation;
        let fault =
            |code, detail: &str| Fault::new(code, detail).of(&route.subject).between(from, to);
        let Some(consumer) = &route.consumer else {
            return Err(fault(Code::NoConsumer, "the subject has no consumer configured"));
        };
        let (headers, body) = write_http(&envelope)?;
        let undelivered = |error: reqwest::Error| {
            let code = if error.is_timeout() && !error.is_connect() {
                Code::ConsumerTimeout
            } else {
                Code::ConsumerUnreachable
            };
            fault(code, &stele_client::chain(&error.without_url()))
        };
        let request = self.http.post(consumer.clone()).headers(headers).body(body);
        let answer =
            request.timeout(self.limits.consumer_timeout).send().await.map_err(undelivered)?;
        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            let kept =
                |name: &HeaderName| *name == header::CONTENT_TYPE || is_forwarded(name.as_str());
            headers.extend(
                answer
                    .headers()
                    .iter()
                    .filter(|(name, _)| kept(name))
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        let body = answer.bytes().await.map_err(undelivered)?;
        response.body(Body::from(body)).map_err(|_| {
            fault(Code::ConsumerUnreachable, "the consumer's answer cannot be passed on")
        })
    }
}

/// `POST /`: translate, send on, answer as the consumer did.
async fn forward(State(sidecar): State<Arc<Sidecar>>, request: Request) -> Result<Response, Fault> {
    let translation = sidecar.translate(request).await?;
    sidecar.deliver(translation).await
}

/// `POST /translate`: the translated event is the answer.
async fn reply(State(sidecar): State<Arc<Sidecar>>, request: Request) -> Result<Response, Fault> {
    let translation = sidecar.translate(request).await?;
    let (headers, body) = write_http(&translation.envelope)?;
    Ok((headers, body).into_response())
}

/// `GET /readyz`: whether every subject is known; what is missing is asked for.
async fn ready(State(sidecar): State<Arc<Sidecar>>) -> Response {
    sidecar.plans.ask_missing().await;
    let missing: Vec<String> =
        sidecar.plans.missing().into_iter().map(|route| route.subject.to_string()).collect();
    let status = if missing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": missing.is_empty(), "missing": missing}))).into_response()
}

/// Lets a request in only while there is room for it.
async fn bounded(
    State(sidecar): State<Arc<Sidecar>>,
    request: Request,
    next: Next,
) -> Result<Response, Fault> {
    let Ok(_slot) = sidecar.slots.try_acquire() else {
        // Only to be heard: nothing of it is kept, and what went wrong with it does not matter any more.
        let _ = body::read(request.into_body(), 0).await;
        let max = sidecar.limits.max_in_flight;
        return Err(Fault::new(Code::TooBusy, format!("{max} events are in flight already")));
    };
    Ok(next.run(request).await)
}

impl IntoResponse for Fault {
    /// The one place where a fault of the sidecar is logged and answered.
    fn into_response(self) -> Response {
        tracing::warn!(
            class = self.class().as_str(),
            code = self.code.as_str(),
            subject = self.place.subject,
            from = self.place.from.map(Version::number),
            to = self.place.to.map(Version::number),
            plan = self.place.plan,
            pointer = self.place.pointer,
            op = self.place.op,
            "an event was not delivered"
        );
        let status =
            StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = problem(status, &self.to_problem().to_string());
        if self.class() == Class::UnknownVersion || self.code == Code::TooBusy {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

fn plain_problem(status: StatusCode, code: &str) -> Response {
    let body = json!({
        "type": "about:blank", "title": status.canonical_reason(), "status": status.as_u16(),
        "code": code, "hint": "the sidecar takes POST / and POST /translate",
    });
    problem(status, &body.to_string())
}

fn problem(status: StatusCode, body: &str) -> Response {
    let content_type = (header::CONTENT_TYPE, stele_api::problem::MEDIA_TYPE);
    (status, [content_type], body.to_owned()).into_response()
}

#[cfg(test)]
mod tests;
