//! The writer is the one thread that changes the queue. It takes everything that waits, does it in one transaction, and
//! has it on disk with one flush before anybody is answered.

use std::{collections::HashMap, thread};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use tokio::sync::mpsc;

use super::{
    error::QueueError,
    layout::Lock,
    task::{Incoming, Retention, Settled, SubscriptionId, Task},
    window::Position,
};

/// The most tasks one flush carries.
const BATCH: usize = 512;

/// The most events one sweep removes, so that nobody waits long for it.
const SWEPT: i64 = 2000;

/// The most tasks that wait.
const WAITING: usize = 1024;

/// Starts the writer. It ends once the last sender is gone and everything is done.
pub fn start(
    connection: Connection,
    lock: Lock,
) -> std::io::Result<(mpsc::Sender<Task>, thread::JoinHandle<()>)> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let thread = thread::Builder::new().name("stele-queue".to_owned()).spawn(move || {
        Desk { connection, _lock: lock }.run(receiver);
    })?;
    Ok((sender, thread))
}

struct Desk {
    connection: Connection,
    _lock: Lock,
}

/// An answer that is held back until the transaction is on disk.
type Held = Box<dyn FnOnce(Option<QueueError>)>;

impl Desk {
    fn run(mut self, mut receiver: mpsc::Receiver<Task>) {
        while let Some(first) = receiver.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < BATCH
                && let Ok(next) = receiver.try_recv()
            {
                batch.push(next);
            }
            self.write(batch);
        }
    }

    fn write(&mut self, batch: Vec<Task>) {
        let mut held: Vec<Held> = Vec::with_capacity(batch.len());
        let failed = match self.attempt(batch, &mut held) {
            Ok(()) => None,
            Err(error) => {
                tracing::error!(error = stele_client::chain(&error), "the queue cannot be written");
                Some(error)
            }
        };
        for answer in held {
            answer(failed.clone());
        }
    }

    fn attempt(&mut self, batch: Vec<Task>, held: &mut Vec<Held>) -> Result<(), QueueError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = match transaction {
            Ok(transaction) => transaction,
            Err(error) => {
                let error = QueueError::from(error);
                for task in batch {
                    refuse(task, &error);
                }
                return Err(error);
            }
        };
        let mut work = Work { transaction: &transaction, changes: HashMap::new() };
        let mut failed = None;
        for task in batch {
            match &failed {
                None => failed = work.task(task, held).err(),
                Some(error) => refuse(task, error),
            }
        }
        // Not committed is rolled back.
        if let Some(error) = failed {
            return Err(error);
        }
        work.account()?;
        Ok(transaction.commit()?)
    }
}

/// One transaction, and by how much it changes what waits.
struct Work<'t> {
    transaction: &'t Transaction<'t>,
    changes: HashMap<SubscriptionId, Change>,
}

#[derive(Default)]
struct Change {
    waiting: i64,
    waiting_bytes: i64,
    kept_bytes: i64,
}

/// Holds an answer back. What a task refuses by itself is no failure of the disk: the rest of the batch goes on.
fn hold<T: 'static>(
    done: Result<T, QueueError>,
    answer: super::task::Answer<T>,
    held: &mut Vec<Held>,
) -> Result<(), QueueError> {
    let failure = match &done {
        Err(error @ QueueError::Disk(_)) => Some(error.clone()),
        _ => None,
    };
    held.push(Box::new(move |failed| {
        // Whoever asked may be gone; then it interests nobody.
        let _ = answer.send(failed.map_or(done, Err));
    }));
    failure.map_or(Ok(()), Err)
}

fn refuse(task: Task, error: &QueueError) {
    let error = error.clone();
    match task {
        Task::Store(_, _, _, _, answer) => drop(answer.send(Err(error))),
        Task::Settle(_, _, _, answer) | Task::Rewind(_, _, answer) => {
            drop(answer.send(Err(error)));
        }
        Task::Stop(_, _, answer) | Task::Drop(_, answer) => drop(answer.send(Err(error))),
        Task::Sweep(_, _, _, answer) => drop(answer.send(Err(error))),
        Task::Redrive(_, _, answer) => drop(answer.send(Err(error))),
    }
}

impl Work<'_> {
    fn task(&mut self, task: Task, held: &mut Vec<Held>) -> Result<(), QueueError> {
        match task {
            Task::Store(subscription, now, events, room, answer) => {
                let stored = self.store(subscription, now, &events);
                let last = stored.as_ref().ok().and_then(|positions| positions.last().copied());
                hold(stored, answer, held)?;
                // Only once it is on disk, and also where nobody waits for the answer any more.
                held.push(Box::new(move |failed| {
                    if let (None, Some(last)) = (failed, last) {
                        room.take(last);
                    }
                }));
                Ok(())
            }
            Task::Settle(subscription, now, settled, answer) => {
                hold(self.settle(subscription, now, &settled), answer, held)
            }
            Task::Stop(subscription, why, answer) => {
                hold(self.stop(subscription, why.as_deref()), answer, held)
            }
            Task::Rewind(subscription, to, answer) => {
                hold(self.rewind(subscription, to), answer, held)
            }
            Task::Sweep(subscription, now, retention, answer) => {
                hold(self.sweep(subscription, now, retention), answer, held)
            }
            Task::Redrive(id, now, answer) => hold(self.redrive(id, now), answer, held),
            Task::Drop(id, answer) => hold(self.drop_letter(id), answer, held),
        }
    }

    fn change(&mut self, subscription: SubscriptionId) -> &mut Change {
        self.changes.entry(subscription).or_default()
    }

    fn store(
        &mut self,
        subscription: SubscriptionId,
        now: i64,
        events: &[Incoming],
    ) -> Result<Vec<Position>, QueueError> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO event (subscription, stored_at, bytes, lane, head, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let mut positions = Vec::with_capacity(events.len());
        for Incoming { lane, head, body, bytes } in events {
            let bytes = signed(*bytes);
            let row = params![subscription.0, now, bytes, lane, head.text(), body.as_ref()];
            positions.push(insert.insert(row)?.unsigned_abs());
            let change = self.changes.entry(subscription).or_default();
            change.waiting += 1;
            change.waiting_bytes += bytes;
        }
        Ok(positions)
    }

    fn settle(
        &mut self,
        subscription: SubscriptionId,
        now: i64,
        settled: &[Settled],
    ) -> Result<Position, QueueError> {
        let mut mark = self.transaction.prepare_cached(
            "INSERT INTO progress (position, attempts, due, settled) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (position) DO UPDATE SET attempts = ?2, due = ?3, settled = ?4",
        )?;
        let mut can_advance = false;
        for one in settled {
            match one {
                Settled::Again { position, attempts, due } => {
                    mark.execute(params![signed(*position), attempts, due, 0])?;
                }
                Settled::Done(position) => {
                    mark.execute(params![signed(*position), 0, 0, 1])?;
                    can_advance = true;
                }
                Settled::Dead { position, fault } => {
                    self.bury(subscription, now, signed(*position), fault)?;
                    can_advance = true;
                }
            }
        }
        if can_advance { self.advance(subscription) } else { self.cursor(subscription) }
    }

    /// Moves an event to the dead letters.
    fn bury(
        &mut self,
        subscription: SubscriptionId,
        now: i64,
        position: i64,
        fault: &str,
    ) -> Result<(), QueueError> {
        let moved = self.transaction.prepare_cached(
            "INSERT INTO dead_letter (subscription, position, stored_at, died_at, bytes, lane, head, body, fault)
             SELECT s.name, e.position, e.stored_at, ?2, e.bytes, e.lane, e.head, e.body, ?3
             FROM event e JOIN subscription s ON s.id = e.subscription WHERE e.position = ?1",
        )?.execute(params![position, now, fault])?;
        if moved == 0 {
            return Ok(());
        }
        let bytes: i64 = self
            .transaction
            .prepare_cached("DELETE FROM event WHERE position = ?1 RETURNING bytes")?
            .query_one([position], |row| row.get(0))?;
        self.transaction
            .prepare_cached("DELETE FROM progress WHERE position = ?1")?
            .execute([position])?;
        let change = self.change(subscription);
        change.waiting -= 1;
        change.waiting_bytes -= bytes;
        Ok(())
    }

    fn cursor(&self, subscription: SubscriptionId) -> Result<Position, QueueError> {
        let cursor: i64 = self
            .transaction
            .prepare_cached("SELECT cursor FROM subscription WHERE id = ?1")?
            .query_one([subscription.0], |row| row.get(0))?;
        Ok(cursor.unsigned_abs())
    }

    /// Moves the cursor up to the first event that is not settled.
    fn advance(&mut self, subscription: SubscriptionId) -> Result<Position, QueueError> {
        let before = signed(self.cursor(subscription)?);
        let (mut cursor, mut passed, mut bytes) = (before, 0, 0);
        {
            let mut beyond = self.transaction.prepare_cached(
                "SELECT e.position, e.subscription, e.bytes, COALESCE(p.settled, 0)
                 FROM event e LEFT JOIN progress p ON p.position = e.position
                 WHERE e.position > ?1 ORDER BY e.position",
            )?;
            let mut rows = beyond.query([before])?;
            let mut end = None;
            while let Some(row) = rows.next()? {
                let position: i64 = row.get(0)?;
                let is_own = row.get::<_, i64>(1)? == subscription.0;
                if is_own && row.get::<_, i64>(3)? == 0 {
                    end = Some(position - 1);
                    break;
                }
                if is_own {
                    passed += 1;
                    bytes += row.get::<_, i64>(2)?;
                }
                cursor = position;
            }
            cursor = end.unwrap_or(cursor);
        }
        if cursor == before {
            return Ok(cursor.unsigned_abs());
        }
        if passed > 0 {
            self.transaction
                .prepare_cached(
                    "DELETE FROM progress WHERE position > ?1 AND position <= ?2 AND settled = 1
                 AND position IN (SELECT position FROM event
                     WHERE position > ?1 AND position <= ?2 AND subscription = ?3)",
                )?
                .execute([before, cursor, subscription.0])?;
        }
        self.transaction
            .prepare_cached("UPDATE subscription SET cursor = ?2 WHERE id = ?1")?
            .execute([subscription.0, cursor])?;
        let change = self.change(subscription);
        change.waiting -= passed;
        change.waiting_bytes -= bytes;
        change.kept_bytes += bytes;
        Ok(cursor.unsigned_abs())
    }

    fn stop(&self, subscription: SubscriptionId, why: Option<&str>) -> Result<(), QueueError> {
        self.transaction
            .prepare_cached("UPDATE subscription SET stopped = ?2 WHERE id = ?1")?
            .execute(params![subscription.0, why])?;
        Ok(())
    }

    /// Sets the cursor back; what is settled beyond it is not settled any more.
    fn rewind(
        &mut self,
        subscription: SubscriptionId,
        to: Position,
    ) -> Result<Position, QueueError> {
        let (cursor, oldest): (i64, i64) = self
            .transaction
            .prepare_cached("SELECT cursor, oldest FROM subscription WHERE id = ?1")?
            .query_one([subscription.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let target = signed(to);
        if target < oldest {
            return Err(QueueError::NotKept { to, oldest: oldest.unsigned_abs() });
        }
        self.transaction
            .prepare_cached(
                "DELETE FROM progress WHERE position > ?1 AND position IN
                 (SELECT position FROM event WHERE position > ?1 AND subscription = ?2)",
            )?
            .execute([target, subscription.0])?;
        if target >= cursor {
            return Ok(cursor.unsigned_abs());
        }
        let (events, bytes): (i64, i64) = self
            .transaction
            .prepare_cached(
                "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM event
                 WHERE position > ?1 AND position <= ?2 AND subscription = ?3",
            )?
            .query_one([target, cursor, subscription.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.transaction
            .prepare_cached("UPDATE subscription SET cursor = ?2 WHERE id = ?1")?
            .execute([subscription.0, target])?;
        let change = self.change(subscription);
        change.waiting += events;
        change.waiting_bytes += bytes;
        change.kept_bytes -= bytes;
        Ok(to)
    }

    /// Removes settled events that nobody will ask for again: a part of them, the oldest first.
    fn sweep(
        &mut self,
        subscription: SubscriptionId,
        now: i64,
        retention: Retention,
    ) -> Result<u64, QueueError> {
        let (cursor, oldest, mut kept): (i64, i64, i64) = self
            .transaction
            .prepare_cached("SELECT cursor, oldest, kept_bytes FROM subscription WHERE id = ?1")?
            .query_one([subscription.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        kept += self.change(subscription).kept_bytes;
        let (bound, young) = (signed(retention.bytes), now.saturating_sub(retention.age_ms));
        let mut gone = Vec::new();
        let mut swept = oldest;
        let mut bytes = 0;
        {
            let mut settled = self.transaction.prepare_cached(
                "SELECT position, subscription, bytes, stored_at FROM event
                 WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3",
            )?;
            let mut rows = settled.query([oldest, cursor, SWEPT])?;
            while let Some(row) = rows.next()? {
                let position: i64 = row.get(0)?;
                if row.get::<_, i64>(1)? == subscription.0 {
                    let is_young = retention.age_ms > 0 && row.get::<_, i64>(3)? > young;
                    if is_young && kept - bytes <= bound {
                        break;
                    }
                    gone.push(position);
                    bytes += row.get::<_, i64>(2)?;
                }
                swept = position;
            }
        }
        if swept == oldest {
            return Ok(0);
        }
        let mut delete =
            self.transaction.prepare_cached("DELETE FROM event WHERE position = ?1")?;
        for position in &gone {
            delete.execute([position])?;
        }
        self.transaction
            .prepare_cached("UPDATE subscription SET oldest = ?2 WHERE id = ?1")?
            .execute([subscription.0, swept])?;
        self.change(subscription).kept_bytes -= bytes;
        Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
    }

    /// Puts a dead letter back, at the end of its subscription.
    fn redrive(&mut self, id: u64, now: i64) -> Result<(SubscriptionId, Position), QueueError> {
        let name: Option<String> = self
            .transaction
            .prepare_cached("SELECT subscription FROM dead_letter WHERE id = ?1")?
            .query_one([signed(id)], |row| row.get(0))
            .optional()?;
        let name = name.ok_or(QueueError::NoDeadLetter(id))?;
        let subscription: Option<i64> = self
            .transaction
            .prepare_cached("SELECT id FROM subscription WHERE name = ?1")?
            .query_one([&name], |row| row.get(0))
            .optional()?;
        let subscription =
            subscription.map(SubscriptionId).ok_or(QueueError::NoSubscription(name))?;
        let (position, bytes): (i64, i64) = self
            .transaction
            .prepare_cached(
                "INSERT INTO event (subscription, stored_at, bytes, lane, head, body)
                 SELECT ?2, ?3, bytes, lane, head, body
                 FROM dead_letter WHERE id = ?1 RETURNING position, bytes",
            )?
            .query_one(params![signed(id), subscription.0, now], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        self.drop_letter(id)?;
        let change = self.change(subscription);
        change.waiting += 1;
        change.waiting_bytes += bytes;
        Ok((subscription, position.unsigned_abs()))
    }

    fn drop_letter(&self, id: u64) -> Result<(), QueueError> {
        let gone = self
            .transaction
            .prepare_cached("DELETE FROM dead_letter WHERE id = ?1")?
            .execute([signed(id)])?;
        if gone == 0 { Err(QueueError::NoDeadLetter(id)) } else { Ok(()) }
    }

    /// Writes down what waits now.
    fn account(self) -> Result<(), QueueError> {
        let mut update = self.transaction.prepare_cached(
            "UPDATE subscription SET waiting = MAX(0, waiting + ?2),
                 waiting_bytes = MAX(0, waiting_bytes + ?3), kept_bytes = MAX(0, kept_bytes + ?4)
             WHERE id = ?1",
        )?;
        for (subscription, change) in self.changes {
            let Change { waiting, waiting_bytes, kept_bytes } = change;
            update.execute([subscription.0, waiting, waiting_bytes, kept_bytes])?;
        }
        Ok(())
    }
}

/// A number as `SQLite` counts: it has no unsigned ones, and no queue is that long.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
