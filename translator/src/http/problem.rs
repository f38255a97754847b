//! How "no" is answered: `application/problem+json` with a stable code, faults of events and everything else alike.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use stele_evolution::version::Version;

use crate::{
    fault::{Class, Code, Fault},
    poll::AckError,
    queue::QueueError,
};

/// Why something that is not about one event is not done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No subscription is configured.
    #[error("this sidecar has no durable queue")]
    NoQueue,
    /// There is no such subscription.
    #[error("there is no subscription `{0}`")]
    NoSubscription(String),
    /// The subscription is pushed, so nobody pulls from it.
    #[error("`{0}` is pushed, not polled")]
    NotPolled(String),
    /// The subscription is polled, so nothing stops it.
    #[error("`{0}` is polled, not pushed")]
    NotPushed(String),
    /// The question cannot be read.
    #[error("the request cannot be read: {0}")]
    Question(String),
    /// The lease does not do.
    #[error(transparent)]
    Ack(#[from] AckError),
    /// The queue says no.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Refused {
    /// The code, the status and what to do: the one table of them.
    fn table(&self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Refused::NoQueue => (
                "no_queue",
                StatusCode::NOT_FOUND,
                "configure `subscriptions` and a queue directory",
            ),
            Refused::NoSubscription(_) | Refused::Queue(QueueError::NoSubscription(_)) => (
                "subscription_not_found",
                StatusCode::NOT_FOUND,
                "GET /subscriptions lists those there are",
            ),
            Refused::NotPolled(_) => {
                ("not_polled", StatusCode::CONFLICT, "configure it with `mode: poll`")
            }
            Refused::NotPushed(_) => (
                "not_pushed",
                StatusCode::CONFLICT,
                "only what is pushed can be stopped and resumed",
            ),
            Refused::Question(_) => {
                ("request_invalid", StatusCode::BAD_REQUEST, "compare it with the guide")
            }
            Refused::Ack(AckError::NoLease) => (
                "lease_ended",
                StatusCode::CONFLICT,
                "pull again; what was not acknowledged comes again",
            ),
            Refused::Ack(AckError::NotOnLease(_)) => (
                "not_on_lease",
                StatusCode::CONFLICT,
                "acknowledge only places that this lease was given",
            ),
            Refused::Queue(QueueError::NoDeadLetter(_)) => (
                "dead_letter_not_found",
                StatusCode::NOT_FOUND,
                "GET /dead-letters lists those there are",
            ),
            Refused::Queue(QueueError::NotKept { .. }) => (
                "not_kept",
                StatusCode::CONFLICT,
                "rewind to a later checkpoint, or keep events longer (`keep_s`)",
            ),
            Refused::Queue(_) | Refused::Ack(AckError::Queue(_)) => (
                "queue_unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "see that the disk of the queue has room, then try again",
            ),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (code, status, hint) = self.table();
        let detail = stele_client::chain(&self);
        if status.is_server_error() {
            tracing::error!(code, detail, "a request cannot be answered");
        }
        let body = json!({
            "type": "about:blank", "title": status.canonical_reason(), "status": status.as_u16(),
            "code": code, "detail": detail, "hint": hint,
        });
        problem(status, &body)
    }
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
        let mut response = problem(status, &self.to_problem());
        let comes_again = [Code::TooBusy, Code::QueueFull, Code::QueueUnavailable, Code::Stopping];
        if self.class() == Class::UnknownVersion || comes_again.contains(&self.code) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.code == Code::Stopping {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// A problem that needs no more words.
pub fn plain_problem(status: StatusCode, code: &str, hint: Option<&str>) -> Response {
    let usual = "events come by POST to `/`, `/translate` or `/queue/{subscription}`";
    let body = json!({
        "type": "about:blank", "title": status.canonical_reason(), "status": status.as_u16(),
        "code": code, "hint": hint.unwrap_or(usual),
    });
    problem(status, &body)
}

fn problem(status: StatusCode, body: &Value) -> Response {
    let content_type = (header::CONTENT_TYPE, stele_api::problem::MEDIA_TYPE);
    (status, [content_type], body.to_string()).into_response()
}
