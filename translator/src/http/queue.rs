//! Stored push: an event is on disk before the sender hears 202. It is translated when it is delivered.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    Sidecar,
    load::{Brought, Load},
    problem::Refused,
};
use crate::{
    fault::{Code, Fault},
    queue::{Incoming, QueueError, original::lane},
};

/// `POST /queue/{subscription}`.
pub(super) async fn store(
    State(sidecar): State<Arc<Sidecar>>,
    Path(subscription): Path<String>,
    request: Request,
) -> Response {
    sidecar.store(&subscription, None, request).await
}

/// `POST /queue/{subscription}/{stream}`.
pub(super) async fn store_stream(
    State(sidecar): State<Arc<Sidecar>>,
    Path((subscription, stream)): Path<(String, String)>,
    request: Request,
) -> Response {
    sidecar.store(&subscription, Some(&stream), request).await
}

impl Sidecar {
    async fn store(&self, subscription: &str, stream: Option<&str>, request: Request) -> Response {
        let queue = match self.stored() {
            Ok(stored) if stored.queue.has(subscription) => &stored.queue,
            Ok(_) => return Refused::NoSubscription(subscription.to_owned()).into_response(),
            Err(refused) => return refused.into_response(),
        };
        let incoming = match self.incoming(request, stream).await {
            Ok(incoming) => incoming,
            Err(fault) => return self.counted(fault).into_response(),
        };
        match queue.store(subscription, incoming).await {
            Ok(positions) => {
                let body = format!(r#"{{"positions":{positions:?}}}"#);
                let json = [(header::CONTENT_TYPE, "application/json")];
                (StatusCode::ACCEPTED, json, body).into_response()
            }
            Err(error @ QueueError::Full { .. }) => {
                self.counted(Fault::new(Code::QueueFull, error.to_string())).into_response()
            }
            Err(error) => {
                let fault = Fault::new(Code::QueueUnavailable, stele_client::chain(&error));
                self.counted(fault).into_response()
            }
        }
    }

    async fn incoming(
        &self,
        request: Request,
        stream: Option<&str>,
    ) -> Result<Vec<Incoming>, Fault> {
        // What cannot even be read is turned away at the door; everything else is kept.
        match self.load(request, stream).await? {
            Load::One(brought) => {
                let envelope = brought.envelope()?;
                Ok(vec![Incoming::of(lane(&envelope), brought.head(), brought.body)])
            }
            Load::Batch(events, _room) => {
                let Some(head) = events.first().map(Brought::head) else { return Ok(Vec::new()) };
                let incoming = events.into_iter().map(|brought| {
                    let envelope = brought.envelope()?;
                    Ok(Incoming::of(lane(&envelope), head.clone(), brought.body))
                });
                incoming.collect()
            }
        }
    }
}
