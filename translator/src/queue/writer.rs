//! The writer is the one thread that changes the queue. It takes everything that waits, does it in one transaction, and
//! has it on disk with one flush before anybody is answered.

mod work;

use std::thread;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::mpsc;

use self::work::Work;
use super::{
    error::QueueError,
    layout::Lock,
    task::{Answer, Task},
};

/// The most tasks one flush carries.
const BATCH: usize = 512;

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
        let mut work = Work::within(&transaction);
        let mut failed = None;
        for task in batch {
            match &failed {
                None => failed = done(&mut work, task, held).err(),
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

/// Holds an answer back. What a task refuses by itself is no failure of the disk: the rest of the batch goes on.
fn hold<T: 'static>(
    done: Result<T, QueueError>,
    answer: Answer<T>,
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

/// Does one task, and holds its answer back.
fn done(work: &mut Work<'_>, task: Task, held: &mut Vec<Held>) -> Result<(), QueueError> {
    match task {
        Task::Store(subscription, now, events, room, answer) => {
            let stored = work.store(subscription, now, &events);
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
            hold(work.settle(subscription, now, &settled), answer, held)
        }
        Task::Stop(subscription, why, answer) => {
            hold(work.stop(subscription, why.as_deref()), answer, held)
        }
        Task::Rewind(subscription, to, answer) => hold(work.rewind(subscription, to), answer, held),
        Task::Sweep(subscription, now, retention, answer) => {
            hold(work.sweep(subscription, now, retention), answer, held)
        }
        Task::Redrive(id, now, answer) => hold(work.redrive(id, now), answer, held),
        Task::Drop(id, answer) => hold(work.drop_letter(id), answer, held),
    }
}

/// A number as `SQLite` counts: it has no unsigned ones, and no queue is that long.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
