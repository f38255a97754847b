//! `/v1/changes`: what happened after a place, now, within a while, or as a stream that goes on.

use std::{convert::Infallible, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response, Sse, sse},
};
use futures_util::{
    StreamExt,
    future::ready,
    stream::{iter, once, select},
};
use stele_api::{
    change::{self, Change},
    problem::{Body, Code, Problem},
};

use super::{errors::NativeError, gate::Asker, query::Params, reply, ticket::Ticket};
use crate::{
    access::{Principal, Role},
    event::is_about_webhooks,
    failure::Failure,
    feed::PAGE,
    log::Position,
    registry::Registry,
};

/// The longest a request waits, in seconds.
const LONGEST: u64 = 60;

/// How often a stream in which nothing happens says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a client is asked to wait before it connects again.
const RETRY: Duration = Duration::from_secs(1);

/// Answers at once where something happened after `after`, else waits `wait` seconds for it. To who accepts
/// `text/event-stream`, it goes on telling.
pub async fn changes(
    State(registry): State<Registry>,
    Asker(asker): Asker,
    ticket: Ticket,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, NativeError> {
    let after = params.read("after")?.unwrap_or(0);
    if accepts_stream(&headers) {
        // A client that connects again asks for what it asked first, and says in the header how far it came.
        let after = last_event(&headers)?.unwrap_or(after);
        return stream(&registry, Position(after), asker, ticket);
    }
    let wait = params.read::<u64>("wait")?.unwrap_or(0).min(LONGEST);
    let limit = params.read::<usize>("limit")?.unwrap_or(PAGE).clamp(1, PAGE);
    let wait = Duration::from_secs(wait);
    let who = ticket.is_somebodys().then(|| asker.name());
    let mut page = registry.feed().after(Position(after), limit, wait, who).await?;
    // What they may see is another question after a while.
    let asker = if wait.is_zero() { asker } else { ticket.again()? };
    page.changes = page.changes.into_iter().filter_map(|change| seen(&asker, change)).collect();
    Ok(reply::native(&page))
}

/// A change as somebody may see it; nothing where they may not.
fn seen(asker: &Principal, mut change: Change) -> Option<Change> {
    let (everywhere, admin) =
        (asker.may_everywhere(Role::Reader), asker.may_everywhere(Role::Admin));
    let seen = match &change.subject {
        Some(subject) => asker.sees(subject),
        // Where a webhook leads is as good as a password with many who take them.
        None if is_about_webhooks(&change.kind) => admin,
        None => everywhere,
    };
    if !admin {
        (change.who, change.why) = (None, None);
    }
    seen.then_some(change)
}

fn accepts_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| {
        one.split(';').next().is_some_and(|one| one.trim().eq_ignore_ascii_case(change::STREAM))
    })
}

fn last_event(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(change::LAST_EVENT_ID) else { return Ok(None) };
    let text = value.to_str().unwrap_or("?").trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let detail = format!("`{text}` cannot be read as `Last-Event-ID`");
        Problem::new(Code::QueryInvalid, detail)
    })
}

fn stream(
    registry: &Registry,
    after: Position,
    asker: Arc<Principal>,
    ticket: Ticket,
) -> Result<Response, NativeError> {
    let who = ticket.is_somebodys().then(|| asker.name());
    let changes = registry.feed().follow(after, who)?;
    // The first bytes tell a client that nothing between it and the registry holds the stream back.
    let hello = sse::Event::default().retry(RETRY).comment("stele");
    let shown = Arc::new(ArcSwap::new(asker));
    let seeing = Arc::clone(&shown);
    let changes = changes.filter_map(move |change| {
        let asker = seeing.load();
        ready(change.map(|change| seen(&asker, change)).transpose().map(event))
    });
    let denied = async move {
        let denied = ticket.until_denied(|principal| shown.store(principal)).await;
        problem(denied.into())
    };
    // Whichever ends first ends the stream.
    let ended = || iter([None]);
    let events = select(
        iter([hello]).chain(changes).map(Some).chain(ended()),
        once(denied).map(Some).chain(ended()),
    );
    let events = events.take_while(|event| ready(event.is_some())).filter_map(ready);
    let alive = sse::KeepAlive::new().interval(HEARTBEAT).text("alive");
    let stream = Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(alive);
    // Asks proxies that would collect the answer first not to.
    Ok(([("x-accel-buffering", "no")], stream).into_response())
}

fn problem(problem: Problem) -> sse::Event {
    written(sse::Event::default().event(change::PROBLEM).json_data(Body::from(problem)))
}

fn event(change: Result<Change, Failure>) -> sse::Event {
    match change {
        Ok(change) => {
            let event = sse::Event::default().id(change.sequence.to_string());
            written(event.json_data(&change))
        }
        Err(failure) => problem(failure.into()),
    }
}

fn written(event: Result<sse::Event, axum::Error>) -> sse::Event {
    event.unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "a change cannot be written");
        // Without an id: the client asks again for what it has not got.
        sse::Event::default().event(change::PROBLEM).data("{}")
    })
}
