//! The durable queue: an event that was taken is on disk, in its original form, until its consumer has it or it has become
//! a dead letter.
//!
//! One `SQLite` file holds one log of events for all subscriptions. [`writer`] is the only thread that changes it, with
//! one flush for all that wait; readers go beside it. Nothing is held in memory but the [`window`] that is worked on.

mod error;
mod layout;
pub mod original;
mod reader;
mod shelf;
mod task;
pub mod window;
mod writer;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

pub use self::{
    error::QueueError,
    original::{Head, Original},
    reader::{DeadLetter, Page, Standing},
    shelf::{Bound, Fill},
    task::{Incoming, Retention, Settled, SubscriptionId, Swept},
};
use self::{
    layout::Lock,
    reader::Reader,
    shelf::Shelf,
    task::{Answer, Task},
    window::Position,
};

/// The queue of one directory. Cheap to clone; it closes when [`Queue::close`] is called and all clones are gone.
#[derive(Clone)]
pub struct Queue(Arc<Inner>);

struct Inner {
    tasks: Mutex<Option<mpsc::Sender<Task>>>,
    reader: Arc<Mutex<Reader>>,
    shelves: BTreeMap<String, Arc<Shelf>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Queue {
    /// Opens the queue of a directory with these subscriptions. Blocks; one that is not named keeps what it holds.
    pub fn open(directory: &Path, subscriptions: &[(String, Bound)]) -> Result<Self, QueueError> {
        Queue::with(layout::open(directory)?, directory, subscriptions)
    }

    fn with(
        (connection, lock): (Connection, Lock),
        directory: &Path,
        subscriptions: &[(String, Bound)],
    ) -> Result<Self, QueueError> {
        for (name, _) in subscriptions {
            connection.execute(
                "INSERT INTO subscription (name, cursor, oldest, waiting, waiting_bytes, kept_bytes)
                 SELECT ?1, end, end, 0, 0, 0 FROM (SELECT COALESCE(MAX(position), 0) AS end FROM event)
                 WHERE NOT EXISTS (SELECT 1 FROM subscription WHERE name = ?1)",
                [name],
            )?;
        }
        let reader = Reader::open(directory)?;
        let mut shelves = BTreeMap::new();
        for (name, bound) in subscriptions {
            let Some(standing) = reader.standing(name)? else { continue };
            shelves.insert(name.clone(), Arc::new(Shelf::new(name, &standing, *bound)));
        }
        let refused = |cause| QueueError::Directory {
            directory: directory.to_owned(),
            cause: Arc::new(cause),
        };
        let (tasks, thread) = writer::start(connection, lock).map_err(refused)?;
        Ok(Queue(Arc::new(Inner {
            tasks: Mutex::new(Some(tasks)),
            reader: Arc::new(Mutex::new(reader)),
            shelves,
            thread: Mutex::new(Some(thread)),
        })))
    }

    /// Stores events of one subscription, all or none. Once this answers `Ok`, they are on disk.
    pub async fn store(
        &self,
        subscription: &str,
        events: Vec<Incoming>,
    ) -> Result<Vec<Position>, QueueError> {
        let known = self.shelf(subscription)?;
        let room = known.reserve(&events)?;
        self.ask(|answer| Task::Store(known.id, now(), events, room, answer)).await
    }

    /// Records what became of events; answers the cursor.
    pub async fn settle(
        &self,
        subscription: &str,
        settled: Vec<Settled>,
        bytes: u64,
    ) -> Result<Position, QueueError> {
        let known = self.shelf(subscription)?;
        let gone = settled.iter().filter(|one| !matches!(one, Settled::Again { .. })).count();
        let cursor = self.ask(|answer| Task::Settle(known.id, now(), settled, answer)).await?;
        known.release(u64::try_from(gone).unwrap_or(u64::MAX), bytes);
        Ok(cursor)
    }

    /// Stops a subscription for a reason, or lets it go on.
    pub async fn stop(&self, subscription: &str, why: Option<String>) -> Result<(), QueueError> {
        let id = self.shelf(subscription)?.id;
        self.ask(|answer| Task::Stop(id, why, answer)).await
    }

    /// Sets a subscription back to a checkpoint; answers where it stands then.
    pub async fn rewind(&self, subscription: &str, to: Position) -> Result<Position, QueueError> {
        let known = self.shelf(subscription)?;
        let at = self.ask(|answer| Task::Rewind(known.id, to, answer)).await?;
        if let Some(standing) = self.standing(subscription).await? {
            known.set(&standing);
        }
        Ok(at)
    }

    /// Removes settled events that are kept no longer: a part of them, so that nobody waits long.
    pub async fn sweep(&self, subscription: &str, keep: Retention) -> Result<Swept, QueueError> {
        let id = self.shelf(subscription)?.id;
        self.ask(|answer| Task::Sweep(id, now(), keep, answer)).await
    }

    /// Puts a dead letter back into its queue, as its newest event.
    pub async fn redrive(&self, id: u64) -> Result<Position, QueueError> {
        let letter = self.dead_letter(id).await?;
        // Where nobody would deliver it, it stays where it can be seen.
        let known = self.shelf(&letter.subscription)?;
        let (_, position) = self.ask(|answer| Task::Redrive(id, now(), answer)).await?;
        known.add(1, letter.original.length());
        known.has(position);
        Ok(position)
    }

    /// Forgets a dead letter.
    pub async fn drop_dead_letter(&self, id: u64) -> Result<(), QueueError> {
        self.ask(|answer| Task::Drop(id, answer)).await
    }

    /// How a subscription stands on disk.
    pub async fn standing(&self, subscription: &str) -> Result<Option<Standing>, QueueError> {
        let name = subscription.to_owned();
        self.read(move |reader| reader.standing(&name)).await
    }

    /// What of a subscription is not settled after a place.
    pub async fn page(
        &self,
        subscription: &str,
        after: Position,
        limit: usize,
    ) -> Result<Page, QueueError> {
        let id = self.shelf(subscription)?.id;
        self.read(move |reader| reader.page(id, after, limit)).await
    }

    /// The events at these places.
    pub async fn originals(
        &self,
        positions: Vec<Position>,
    ) -> Result<Vec<(Position, Original)>, QueueError> {
        self.read(move |reader| reader.originals(&positions)).await
    }

    /// Dead letters after a number, oldest first.
    pub async fn dead_letters(
        &self,
        subscription: Option<String>,
        after: u64,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, QueueError> {
        self.read(move |reader| reader.dead_letters(subscription.as_deref(), after, limit)).await
    }

    /// One dead letter.
    pub async fn dead_letter(&self, id: u64) -> Result<DeadLetter, QueueError> {
        self.read(move |reader| reader.dead_letter(id)).await
    }

    /// How many dead letters there are.
    pub async fn count_dead_letters(&self) -> Result<u64, QueueError> {
        self.read(Reader::count_dead_letters).await
    }

    /// Tells the place of the newest event whenever one is stored.
    pub fn newest(&self, subscription: &str) -> Result<watch::Receiver<Position>, QueueError> {
        Ok(self.shelf(subscription)?.newest())
    }

    /// How full a subscription is.
    pub fn fill(&self, subscription: &str) -> Option<Fill> {
        Some(self.0.shelves.get(subscription)?.fill())
    }

    /// Whether nothing waits in any subscription.
    pub fn is_empty(&self) -> bool {
        self.0.shelves.values().all(|known| known.fill().events == 0)
    }

    /// Whether there is such a subscription.
    pub fn has(&self, subscription: &str) -> bool {
        self.0.shelves.contains_key(subscription)
    }

    /// Has everything that was asked for on disk, then closes. Blocks.
    pub fn close(&self) {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer of the queue has failed");
        }
    }

    fn shelf(&self, subscription: &str) -> Result<&Arc<Shelf>, QueueError> {
        let missing = || QueueError::NoSubscription(subscription.to_owned());
        self.0.shelves.get(subscription).ok_or_else(missing)
    }

    async fn ask<T>(&self, task: impl FnOnce(Answer<T>) -> Task) -> Result<T, QueueError> {
        let tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let tasks = tasks.ok_or(QueueError::Closing)?;
        let (answer, answered) = oneshot::channel();
        tasks.send(task(answer)).await.map_err(|_| QueueError::Closing)?;
        drop(tasks);
        answered.await.map_err(|_| QueueError::Closing)?
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, QueueError> + Send + 'static,
    ) -> Result<T, QueueError> {
        let reader = Arc::clone(&self.0.reader);
        let read = tokio::task::spawn_blocking(move || {
            question(&reader.lock().unwrap_or_else(PoisonError::into_inner))
        });
        read.await.map_err(|_| QueueError::Closing)?
    }
}

/// The time, in milliseconds since 1970.
pub fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests;
