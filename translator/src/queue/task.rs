//! What the writer of the queue is asked to do, each with what it answers.

use bytes::Bytes;
use tokio::sync::oneshot;

use super::{error::QueueError, original::Head, shelf::Room, window::Position};

/// A subscription, by its number in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SubscriptionId(pub(super) i64);

/// How long settled events are kept for somebody who rewinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Milliseconds since they were stored; zero keeps none.
    pub age_ms: i64,
    /// At most so many bytes.
    pub bytes: u64,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many events it removed.
    pub events: u64,
    /// Whether it stopped before it had seen all: between its own lie those of other subscriptions.
    pub has_more: bool,
}

/// An event to store, as it will stand in the file.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub(super) lane: Option<String>,
    pub(super) head: Head,
    pub(super) body: Bytes,
    pub(super) bytes: u64,
}

impl Incoming {
    /// An event with its key.
    pub fn of(lane: Option<&str>, head: Head, body: Bytes) -> Self {
        let bytes = head.length().saturating_add(u64::try_from(body.len()).unwrap_or(u64::MAX));
        Incoming { lane: lane.map(ToOwned::to_owned), head, body, bytes }
    }
}

/// What became of an event.
#[derive(Debug, Clone)]
pub enum Settled {
    /// Its consumer has it.
    Done(Position),
    /// It is to be tried again.
    Again {
        /// Which.
        position: Position,
        /// How often it was tried.
        attempts: u32,
        /// Not before, in milliseconds since 1970.
        due: i64,
    },
    /// It becomes a dead letter.
    Dead {
        /// Which.
        position: Position,
        /// Why: the fault as JSON.
        fault: String,
    },
}

pub(super) type Answer<T> = oneshot::Sender<Result<T, QueueError>>;

/// One thing to do. What is done is on disk before it is answered.
pub(super) enum Task {
    Store(SubscriptionId, i64, Vec<Incoming>, Room, Answer<Vec<Position>>),
    Settle(SubscriptionId, i64, Vec<Settled>, Answer<Position>),
    Stop(SubscriptionId, Option<String>, Answer<()>),
    Rewind(SubscriptionId, Position, Answer<Position>),
    Sweep(SubscriptionId, i64, Retention, Answer<Swept>),
    Redrive(u64, i64, Answer<(SubscriptionId, Position)>),
    Drop(u64, Answer<()>),
}
