//! A handle is the way to a pusher: what an operator asks of it while it delivers.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use tokio::sync::{mpsc, oneshot};

use crate::queue::{QueueError, window::Position};

/// A way to a pusher.
#[derive(Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    is_stopped: Arc<AtomicBool>,
}

/// What is asked, and where the answer goes.
pub(super) enum Command {
    /// Set it back to a checkpoint.
    Rewind(Position, oneshot::Sender<Result<Position, QueueError>>),
    /// Let it go on.
    Resume(oneshot::Sender<Result<(), QueueError>>),
}

impl Handle {
    /// A way to the one who receives these commands.
    pub(super) fn new(is_stopped: Arc<AtomicBool>) -> (Self, mpsc::Receiver<Command>) {
        let (commands, received) = mpsc::channel(4);
        (Handle { commands, is_stopped }, received)
    }

    /// Sets the subscription back to a checkpoint, once nothing is in flight.
    pub async fn rewind(&self, to: Position) -> Result<Position, QueueError> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Rewind(to, answer);
        self.commands.send(command).await.map_err(|_| QueueError::Closing)?;
        answered.await.map_err(|_| QueueError::Closing)?
    }

    /// Goes on after the consumer had said that it is gone.
    pub async fn resume(&self) -> Result<(), QueueError> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(Command::Resume(answer)).await.map_err(|_| QueueError::Closing)?;
        answered.await.map_err(|_| QueueError::Closing)?
    }

    /// Whether nothing is delivered any more.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Relaxed)
    }
}
