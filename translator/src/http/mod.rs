//! The sidecar's HTTP face: events in, by inline push, request and reply, or into the durable queue; events out by poll;
//! dead letters; and what an operator asks.

mod body;
mod dead_letters;
mod inline;
mod load;
mod operator;
mod poll;
mod problem;
mod queue;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::Response,
    routing::{delete, get, post},
};
use bytes::Bytes;
use tokio::sync::{Semaphore, watch};

use self::problem::{Refused, plain_problem};
use crate::{
    config::{Deliver, Limits},
    fault::{Code, Fault},
    plans::Plans,
    poll::Desk,
    push,
    queue::Queue,
};

/// What every request shares.
pub struct Sidecar {
    /// What translates.
    pub plans: Arc<Plans>,
    /// The client for the consumers.
    pub http: reqwest::Client,
    /// How much is taken at once.
    pub limits: Limits,
    /// How inline push lays events out.
    pub deliver: Deliver,
    /// The durable queue, where there is one.
    pub stored: Option<Stored>,
    /// Whether the sidecar is stopping.
    pub stopping: watch::Receiver<bool>,
    slots: Arc<Semaphore>,
    /// Room for bytes, in kilobytes.
    room: Arc<Semaphore>,
}

/// The durable queue and who delivers from it.
pub struct Stored {
    /// The queue.
    pub queue: Queue,
    /// The subscriptions that are pushed, by name.
    pub pushed: BTreeMap<String, push::Handle>,
    /// The subscriptions that are polled, by name.
    pub polled: BTreeMap<String, Arc<Desk>>,
}

impl Sidecar {
    /// A sidecar that sends on what `plans` translate.
    pub fn new(
        plans: Arc<Plans>,
        http: reqwest::Client,
        limits: Limits,
        deliver: Deliver,
        stored: Option<Stored>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let slots = Arc::new(Semaphore::new(limits.max_in_flight.get()));
        let room = load::room(limits.max_in_flight_bytes, limits.max_body);
        let room = Arc::new(Semaphore::new(room));
        Sidecar { plans, http, limits, deliver, stored, stopping, slots, room }
    }

    /// The HTTP face.
    pub fn router(self) -> Router {
        let sidecar = Arc::new(self);
        let bounded = middleware::from_fn_with_state(Arc::clone(&sidecar), bounded);
        Router::new()
            .route("/", post(inline::forward))
            .route("/streams/{stream}", post(inline::forward_stream))
            .route("/translate", post(inline::reply))
            .route("/translate/{stream}", post(inline::reply_stream))
            .route("/queue/{subscription}", post(queue::store))
            .route("/queue/{subscription}/{stream}", post(queue::store_stream))
            .layer(bounded)
            .route("/subscriptions", get(operator::subscriptions))
            .route("/subscriptions/{subscription}", get(operator::subscription))
            .route("/subscriptions/{subscription}/pull", post(poll::pull))
            .route("/subscriptions/{subscription}/ack", post(poll::ack))
            .route("/subscriptions/{subscription}/rewind", post(poll::rewind))
            .route("/subscriptions/{subscription}/resume", post(operator::resume))
            .route("/dead-letters", get(dead_letters::list))
            .route("/dead-letters/{id}", get(dead_letters::show))
            .route("/dead-letters/{id}", delete(dead_letters::drop_one))
            .route("/dead-letters/{id}/redrive", post(dead_letters::redrive))
            .route("/livez", get(operator::live))
            .route("/readyz", get(operator::ready))
            .route("/metrics", get(operator::metrics))
            .fallback(|| async { plain_problem(StatusCode::NOT_FOUND, "not_found", None) })
            .method_not_allowed_fallback(|| async {
                plain_problem(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", None)
            })
            .with_state(sidecar)
    }

    fn stored(&self) -> Result<&Stored, Refused> {
        self.stored.as_ref().ok_or(Refused::NoQueue)
    }

    fn too_busy(&self) -> Fault {
        let Limits { max_in_flight, max_in_flight_bytes, .. } = self.limits;
        let detail =
            format!("{max_in_flight} events or {max_in_flight_bytes} bytes are in flight already");
        Fault::new(Code::TooBusy, detail)
    }

    /// Says of a fault that it happened, before it is answered.
    fn counted(&self, fault: Fault) -> Fault {
        self.plans.metrics().fault(&fault);
        fault
    }
}

/// Lets a request in only while there is room for it.
async fn bounded(
    State(sidecar): State<Arc<Sidecar>>,
    request: Request,
    next: Next,
) -> Result<Response, Fault> {
    if *sidecar.stopping.borrow() {
        let _ = body::read(request.into_body(), 0).await;
        return Err(Fault::new(Code::Stopping, "the sidecar is stopping"));
    }
    let (slot, room) =
        (sidecar.slots.try_acquire(), sidecar.room.try_acquire_many(sidecar.size(&request)));
    let (Ok(_slot), Ok(_room)) = (slot, room) else {
        // Only to be heard: nothing of it is kept, and what went wrong with it does not matter any more.
        let _ = body::read(request.into_body(), 0).await;
        return Err(sidecar.counted(sidecar.too_busy()));
    };
    let _counted = sidecar.plans.metrics().begin();
    Ok(next.run(request).await)
}

/// The body of a request that is no event: a small JSON document.
async fn question<T: serde::de::DeserializeOwned>(request: Request) -> Result<T, Refused> {
    let body: Bytes = body::read(request.into_body(), 64 * 1024)
        .await
        .map_err(|fault| Refused::Question(fault.detail))?;
    serde_json::from_slice(&body).map_err(|error| Refused::Question(error.to_string()))
}

#[cfg(test)]
mod tests;
