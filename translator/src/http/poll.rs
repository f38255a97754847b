//! Poll: `pull` gives events and a lease, `ack` settles them, `rewind` sets back to a checkpoint.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json, value::RawValue};
use uuid::Uuid;

use super::{Sidecar, problem::Refused, question};
use crate::{
    envelope::{Envelope, Mode, base64, write_structured},
    poll::{Desk, Given, MAX_BYTES, Want},
    stopping::told,
};

/// The longest that a pull may wait.
const LONGEST_WAIT: u64 = 60_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PullQuestion {
    #[serde(default = "hundred")]
    max_events: usize,
    #[serde(default = "most_bytes")]
    max_bytes: u64,
    #[serde(default)]
    wait_ms: u64,
}

fn hundred() -> usize {
    100
}

fn most_bytes() -> u64 {
    MAX_BYTES
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AckQuestion {
    lease: Uuid,
    positions: Option<Vec<u64>>,
    #[serde(default)]
    release: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RewindQuestion {
    to: u64,
}

/// What a pull answers.
#[derive(Serialize)]
struct PullAnswer {
    events: Vec<GivenEvent>,
    cursor: u64,
    lease: Option<Uuid>,
    lease_ms: u128,
}

/// One event: a CloudEvent in `event`, anything else in `data`; and the headers that travel with it, such as `traceparent`.
#[derive(Serialize)]
struct GivenEvent {
    position: u64,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_base64: Option<String>,
}

/// `POST /subscriptions/{subscription}/pull`.
pub(super) async fn pull(
    State(sidecar): State<Arc<Sidecar>>,
    Path(subscription): Path<String>,
    request: Request,
) -> Result<Response, Refused> {
    let desk = sidecar.desk(&subscription)?;
    let PullQuestion { max_events, max_bytes, wait_ms } = question(request).await?;
    let want = Want {
        events: max_events.max(1),
        bytes: max_bytes,
        wait: Duration::from_millis(wait_ms.min(LONGEST_WAIT)),
    };
    let pulled = tokio::select! {
        pulled = desk.pull(want) => pulled?,
        // Nobody waits for events of a sidecar that stops.
        () = told(sidecar.stopping.clone()) => desk.pull(Want { wait: Duration::ZERO, ..want }).await?,
    };
    let answer = PullAnswer {
        events: pulled.events.into_iter().map(given).collect(),
        cursor: pulled.cursor,
        lease: pulled.lease,
        lease_ms: desk.lease().as_millis(),
    };
    let body = serde_json::to_vec(&answer).map_err(|error| Refused::Question(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// `POST /subscriptions/{subscription}/ack`.
pub(super) async fn ack(
    State(sidecar): State<Arc<Sidecar>>,
    Path(subscription): Path<String>,
    request: Request,
) -> Result<Json<Value>, Refused> {
    let desk = sidecar.desk(&subscription)?;
    let AckQuestion { lease, positions, release } = question(request).await?;
    let cursor = desk.ack(lease, positions, release).await?;
    Ok(Json(json!({"cursor": cursor})))
}

/// `POST /subscriptions/{subscription}/rewind`.
pub(super) async fn rewind(
    State(sidecar): State<Arc<Sidecar>>,
    Path(subscription): Path<String>,
    request: Request,
) -> Result<Json<Value>, Refused> {
    let stored = sidecar.stored()?;
    let RewindQuestion { to } = question(request).await?;
    let cursor = match (stored.polled.get(&subscription), stored.pushed.get(&subscription)) {
        (Some(desk), _) => desk.rewind(to).await?,
        (None, Some(pushed)) => pushed.rewind(to).await?,
        (None, None) => return Err(Refused::NoSubscription(subscription)),
    };
    Ok(Json(json!({"cursor": cursor})))
}

impl Sidecar {
    fn desk(&self, subscription: &str) -> Result<&Arc<Desk>, Refused> {
        let stored = self.stored()?;
        let name = || subscription.to_owned();
        match stored.polled.get(subscription) {
            Some(desk) => Ok(desk),
            None if stored.queue.has(subscription) => Err(Refused::NotPolled(name())),
            None => Err(Refused::NoSubscription(name())),
        }
    }
}

fn given(Given { position, attempt, envelope }: Given) -> GivenEvent {
    let raw = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok()?;
        RawValue::from_string(text.to_owned()).ok()
    };
    let mut given = GivenEvent {
        position,
        attempt,
        stream: envelope.stream.clone(),
        event: None,
        headers: headers(&envelope),
        data: None,
        data_base64: None,
    };
    match envelope.mode {
        Mode::Binary | Mode::Structured => given.event = raw(&write_structured(&envelope)),
        Mode::Plain => {
            given.data = raw(&envelope.data);
            if given.data.is_none() {
                given.data_base64 = Some(base64(&envelope.data));
            }
        }
    }
    given
}

fn headers(envelope: &Envelope) -> Option<Value> {
    let metadata = envelope.metadata.iter();
    let metadata = metadata.map(|(name, text)| (name.to_owned(), Value::from(text.as_str())));
    let headers: Map<String, Value> = metadata.collect();
    (!headers.is_empty()).then_some(Value::Object(headers))
}
