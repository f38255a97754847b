//! A shelf is what is known of one subscription without asking the disk: how full it is, and what came last.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use tokio::sync::watch;

use super::{
    error::QueueError,
    reader::Standing,
    task::{Incoming, SubscriptionId},
    window::Position,
};

/// The most that may wait in one subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Events.
    pub events: u64,
    /// Bytes.
    pub bytes: u64,
}

/// How full a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Events that wait.
    pub events: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// One subscription, in memory.
pub(super) struct Shelf {
    pub id: SubscriptionId,
    name: String,
    bound: Bound,
    waiting: AtomicU64,
    waiting_bytes: AtomicU64,
    /// The place of the newest event; whoever reads is woken by it.
    newest: watch::Sender<Position>,
}

/// Room for events that are about to be stored; given back unless they are.
pub(super) struct Room {
    shelf: Arc<Shelf>,
    events: u64,
    bytes: u64,
}

impl Shelf {
    pub fn new(name: &str, standing: &Standing, bound: Bound) -> Self {
        Shelf {
            id: standing.id,
            name: name.to_owned(),
            bound,
            waiting: AtomicU64::new(standing.waiting),
            waiting_bytes: AtomicU64::new(standing.waiting_bytes),
            newest: watch::Sender::new(0),
        }
    }

    /// Makes room before anything is stored, so that the bound holds whoever comes at once.
    pub fn reserve(self: &Arc<Self>, incoming: &[Incoming]) -> Result<Room, QueueError> {
        let events = u64::try_from(incoming.len()).unwrap_or(u64::MAX);
        let bytes = incoming.iter().map(|event| event.bytes).sum();
        let fill = self.add(events, bytes);
        let room = Room { shelf: Arc::clone(self), events, bytes };
        if fill.events <= self.bound.events && fill.bytes <= self.bound.bytes {
            return Ok(room);
        }
        Err(QueueError::Full {
            subscription: self.name.clone(),
            events: fill.events - events,
            bytes: fill.bytes - bytes,
        })
    }

    /// Counts events that came.
    pub fn add(&self, events: u64, bytes: u64) -> Fill {
        Fill {
            events: self.waiting.fetch_add(events, Relaxed) + events,
            bytes: self.waiting_bytes.fetch_add(bytes, Relaxed) + bytes,
        }
    }

    /// Counts events that are gone.
    pub fn release(&self, events: u64, bytes: u64) {
        let less = |from: &AtomicU64, by: u64| {
            // Always answers: the closure never says no.
            let _ = from.fetch_update(Relaxed, Relaxed, |value| Some(value.saturating_sub(by)));
        };
        less(&self.waiting, events);
        less(&self.waiting_bytes, bytes);
    }

    /// Counts anew, as the disk says.
    pub fn set(&self, standing: &Standing) {
        self.waiting.store(standing.waiting, Relaxed);
        self.waiting_bytes.store(standing.waiting_bytes, Relaxed);
    }

    pub fn fill(&self) -> Fill {
        Fill { events: self.waiting.load(Relaxed), bytes: self.waiting_bytes.load(Relaxed) }
    }

    pub fn newest(&self) -> watch::Receiver<Position> {
        self.newest.subscribe()
    }

    /// Wakes whoever reads.
    pub fn has(&self, position: Position) {
        self.newest.send_if_modified(|newest| {
            let is_newer = position > *newest;
            *newest = position.max(*newest);
            is_newer
        });
    }
}

impl Room {
    /// The events are stored, the last at this place.
    pub fn take(mut self, last: Position) {
        (self.events, self.bytes) = (0, 0);
        self.shelf.has(last);
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.shelf.release(self.events, self.bytes);
    }
}
