//! A service is a bounded context at work: it receives, decides, stores and tells, one message at a time.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;

use super::{
    bounded_context::{BoundedContext, Draft, Refusal, Unreadable, Unwritable, Writing},
    convention::{Arrived, NotAMessage, Packed, Registered, Unsendable},
    message::{Message, derived_id},
    moves::Moves,
    outbox::Outbox,
    store::{Store, Stored},
    trace::{Step, Tally, What},
    upcasts::{LiftError, Upcasts},
};

/// One bounded context at work.
pub(crate) struct Service<C: BoundedContext> {
    desk: Mutex<Desk<C>>,
    store: Store,
    registered: Arc<Registered>,
    outbox: Outbox,
    moves: Moves,
    tally: Tally,
}

/// What is known, always as of the last stored event.
struct Desk<C> {
    state: C,
    /// The ids of the messages that were acted on.
    seen: HashSet<String>,
}

/// Why a message was not acted on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Declined {
    /// It is no message of the shop.
    #[error(transparent)]
    NotAMessage(#[from] NotAMessage),
    /// It is not understood.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It is against the rules, or too early.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What follows from it cannot be written.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// What follows from it cannot be sent.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
}

/// Why stored events cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecallError {
    /// They cannot be lifted to the version understood now.
    #[error(transparent)]
    Lift(#[from] LiftError),
    /// They are not understood.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// Reads a stored event, in the version understood now.
pub(crate) fn recall<C: BoundedContext>(
    stored: &Stored,
    upcasts: &Upcasts,
) -> Result<C::Event, RecallError> {
    Ok(C::read(&upcasts.lift(&stored.message, C::STORES)?.message)?)
}

/// The stored form of what `context` decided by itself, before it has published anything.
pub(crate) fn opening<C: BoundedContext>(
    events: &[C::Event],
    now: Timestamp,
) -> Result<Vec<Stored>, Unwritable> {
    let mut stored = Vec::new();
    for event in events {
        if let Writing::Own(draft) = C::write(event)? {
            let message = stamped(draft, now);
            stored.push(Stored { cause: message.id.clone(), message });
        }
    }
    Ok(stored)
}

fn stamped(draft: Draft, now: Timestamp) -> Message {
    Message {
        id: derived_id(&draft.order, draft.shape.subject),
        subject: draft.shape.subject.to_owned(),
        version: draft.shape.version(),
        order: draft.order,
        time: now,
        body: draft.body,
    }
}

impl<C: BoundedContext> Service<C> {
    /// Starts from what is stored: the state is the fold of it.
    pub fn start(
        store: Store,
        upcasts: &Upcasts,
        registered: Arc<Registered>,
        outbox: Outbox,
        moves: Moves,
        tally: Tally,
    ) -> Result<Service<C>, RecallError> {
        let mut desk = Desk { state: C::default(), seen: HashSet::new() };
        for stored in store.read(0) {
            let lifted = upcasts.lift(&stored.message, C::STORES)?;
            let event = C::read(&lifted.message)?;
            if lifted.message.version != lifted.written {
                tally.tell(&step::<C>(What::Recalled, &lifted, C::describe(&event)));
            }
            desk.state = desk.state.evolve(&event);
            desk.seen.insert(stored.cause);
        }
        Ok(Service { desk: Mutex::new(desk), store, registered, outbox, moves, tally })
    }

    /// The face of the service: `POST /` takes a CloudEvent in binary mode.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().route("/", post(receive::<C>)).with_state(self)
    }

    /// Acts on a message, once.
    fn receive(&self, arrived: &Arrived, now: Timestamp) -> Result<(), Declined> {
        let message = &arrived.message;
        if !C::READS.iter().any(|shape| shape.fits(message)) {
            return Err(Unreadable::shape_of(message).into());
        }
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        if desk.seen.contains(&message.id) {
            self.tally.tell(&step::<C>(What::Ignored, arrived, String::new()));
            return Ok(());
        }
        let events = match desk.state.decide(C::command(message)?, now) {
            Ok(events) => events,
            Err(done @ Refusal::Done { .. }) => {
                self.tally.tell(&step::<C>(What::Ignored, arrived, done.to_string()));
                desk.seen.insert(message.id.clone());
                return Ok(());
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let turn = self.turn(desk.state.clone(), &events, message, now)?;
        self.store.append(turn.stored);
        desk.state = turn.state;
        desk.seen.insert(message.id.clone());
        self.tally.tell(&step::<C>(What::Received, arrived, turn.note));
        for Letter { message, packed, note } in turn.letters {
            self.outbox.send(&message, &packed, note);
        }
        Ok(())
    }

    /// What follows from `events`, all of it before any of it is done.
    fn turn(
        &self,
        mut state: C,
        events: &[C::Event],
        cause: &Message,
        now: Timestamp,
    ) -> Result<Turn<C>, Declined> {
        let (mut stored, mut letters, mut note) = (Vec::new(), Vec::new(), String::new());
        for event in events {
            let message = match C::write(event)? {
                Writing::AsReceived => {
                    note = C::describe(event);
                    cause.clone()
                }
                Writing::Own(draft) => {
                    let message = stamped(draft, now);
                    letters.push(self.letter(message.clone(), C::describe(event))?);
                    message
                }
            };
            state = state.evolve(event);
            for command in state.commands(event, now)? {
                letters.push(self.letter(stamped(command, now), String::new())?);
            }
            stored.push(Stored { message, cause: cause.id.clone() });
        }
        Ok(Turn { state, stored, letters, note })
    }

    fn letter(&self, message: Message, note: String) -> Result<Letter, Declined> {
        let message = self.moves.published(message)?;
        let packed = self.outbox.address(&message)?;
        Ok(Letter { message, packed, note })
    }
}

/// What follows from one message.
struct Turn<C> {
    state: C,
    stored: Vec<Stored>,
    letters: Vec<Letter>,
    note: String,
}

struct Letter {
    message: Message,
    packed: Packed,
    note: String,
}

fn step<C: BoundedContext>(what: What, arrived: &Arrived, note: String) -> Step {
    let Arrived { message, written, lost } = arrived;
    let lost = match lost {
        0 => None,
        1 => Some("1 value lost".to_owned()),
        values => Some(format!("{values} values lost")),
    };
    let said = Some(note).filter(|note| !note.is_empty());
    Step {
        context: C::NAME,
        what,
        subject: message.subject.clone(),
        written: *written,
        read: Some(message.version),
        order: message.order.clone(),
        to: Vec::new(),
        note: said.into_iter().chain(lost).collect::<Vec<_>>().join("; "),
    }
}

async fn receive<C: BoundedContext>(
    State(service): State<Arc<Service<C>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Declined> {
    service.take(&headers, body).map(|()| StatusCode::NO_CONTENT)
}

impl<C: BoundedContext> Service<C> {
    /// Reads a message and acts on it. What comes too early comes again; everything else that is not acted on is turned
    /// down for good, and said once.
    pub fn take(&self, headers: &HeaderMap, body: Bytes) -> Result<(), Declined> {
        let arrived = self.registered.read(headers, body)?;
        let Err(declined) = self.receive(&arrived, Timestamp::now()) else { return Ok(()) };
        if !declined.is_too_early() {
            self.tally.tell(&step::<C>(What::Refused, &arrived, declined.to_string()));
        }
        Err(declined)
    }
}

impl Declined {
    /// Whether it may be acted on later.
    pub fn is_too_early(&self) -> bool {
        matches!(self, Declined::Refused(Refusal::TooEarly { .. }))
    }

    fn status(&self) -> StatusCode {
        match self {
            Declined::Refused(Refusal::TooEarly { .. }) => StatusCode::CONFLICT,
            Declined::Refused(_) | Declined::Unreadable(_) | Declined::NotAMessage(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Declined::Unwritable(_) | Declined::Unsendable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Declined::NotAMessage(_) => "not_a_message",
            Declined::Unreadable(Unreadable::Shape { .. }) => "not_read_here",
            Declined::Unreadable(Unreadable::Body { .. }) => "unreadable_body",
            Declined::Refused(Refusal::TooEarly { .. }) => "too_early",
            Declined::Refused(_) => "against_the_rules",
            Declined::Unwritable(_) => "cannot_write",
            Declined::Unsendable(_) => "cannot_send",
        }
    }
}

impl IntoResponse for Declined {
    fn into_response(self) -> Response {
        let status = self.status();
        let problem = json!({
            "title": self.code(), "code": self.code(), "status": status.as_u16(),
            "detail": self.to_string(),
        });
        let mut response = (status, Json(problem)).into_response();
        response.headers_mut().insert(
            axum::http::header::CONTENT_TYPE,
            axum::http::HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}
