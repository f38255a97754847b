//! What a request brings: one event, or a batch of them that share its headers; and how much room it takes meanwhile.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
};
use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::{Sidecar, body};
use crate::{
    envelope::{CLOUDEVENT, Envelope, is_batch, read_http, split_batch},
    fault::{Code, Fault},
    queue::Head,
};

/// The most events of one batch.
pub const MAX_BATCH: usize = 1000;

const KILOBYTE: usize = 1024;

/// The most room, in kilobytes: half a terabyte.
const MOST_ROOM: usize = 1 << 29;

/// What a request brings.
pub(super) enum Load {
    /// One event.
    One(Brought),
    /// Several, and the room that their copies of the headers take.
    Batch(Vec<Brought>, OwnedSemaphorePermit),
}

/// One event as a request brings it.
pub(super) struct Brought {
    headers: Arc<HeaderMap>,
    stream: Option<Arc<str>>,
    pub body: Bytes,
}

impl Brought {
    pub fn envelope(&self) -> Result<Envelope, Fault> {
        let mut envelope = read_http(&self.headers, self.body.clone())?;
        if let Some(stream) = &self.stream {
            envelope.stream = Some(stream.to_string());
        }
        Ok(envelope)
    }

    /// The headers as the queue keeps them: the same for all events of a batch.
    pub fn head(&self) -> Head {
        Head::of(&self.headers, self.stream.as_deref())
    }

    /// Cuts a batch into its events; none of them copies the headers.
    fn split(self) -> Result<Vec<Brought>, Fault> {
        let events = split_batch(&self.body, MAX_BATCH)?;
        let mut headers = Arc::unwrap_or_clone(self.headers);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CLOUDEVENT));
        let headers = Arc::new(headers);
        let one =
            |body| Brought { headers: Arc::clone(&headers), stream: self.stream.clone(), body };
        Ok(events.into_iter().map(one).collect())
    }
}

/// How many kilobytes there is room for.
pub(super) fn room(max_in_flight_bytes: usize, max_body: usize) -> usize {
    max_in_flight_bytes.max(max_body).div_ceil(KILOBYTE).min(MOST_ROOM)
}

impl Sidecar {
    /// Reads what a request brings.
    pub(super) async fn load(&self, request: Request, stream: Option<&str>) -> Result<Load, Fault> {
        let taken = self.size(&request);
        let (parts, body) = request.into_parts();
        let body = body::read(body, self.limits.max_body).await?;
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let is_batch = content_type.is_some_and(is_batch);
        let head = length(&parts.headers);
        let brought =
            Brought { headers: Arc::new(parts.headers), stream: stream.map(Arc::from), body };
        if !is_batch {
            return Ok(Load::One(brought));
        }
        let events = brought.split()?;
        // Every event leaves with the headers of its request.
        let copies = kilobytes(head.saturating_mul(events.len()));
        if copies.saturating_add(taken) > kilobytes(self.room_bytes()) {
            let (count, most) = (events.len(), self.room_bytes());
            let detail = format!(
                "{count} events with {head} bytes of headers each are more than the {most} bytes that may be in flight"
            );
            return Err(Fault::new(Code::TooLarge, detail));
        }
        let room = Arc::clone(&self.room).try_acquire_many_owned(copies);
        Ok(Load::Batch(events, room.map_err(|_| self.too_busy())?))
    }

    /// How many kilobytes a request will hold: its headers, and as many as it says, or as it may.
    pub(super) fn size(&self, request: &Request) -> u32 {
        let said = request.headers().get(header::CONTENT_LENGTH);
        let said = said.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let body = said.map_or(self.limits.max_body, |said| said.min(self.limits.max_body));
        kilobytes(body.saturating_add(length(request.headers())).min(self.room_bytes()))
    }

    fn room_bytes(&self) -> usize {
        room(self.limits.max_in_flight_bytes, self.limits.max_body) * KILOBYTE
    }
}

fn kilobytes(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(KILOBYTE)).unwrap_or(u32::MAX)
}

fn length(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
