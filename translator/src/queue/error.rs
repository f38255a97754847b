//! Why the queue cannot do what it is asked.

use std::{io, path::PathBuf, sync::Arc};

use super::window::Position;

/// Why the queue cannot do what it is asked. Cheap to clone: one failure of the disk answers all that waited for it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum QueueError {
    /// The directory cannot be used.
    #[error("cannot keep a queue at `{}`", directory.display())]
    Directory {
        /// Which.
        directory: PathBuf,
        /// Why not.
        #[source]
        cause: Arc<io::Error>,
    },
    /// Another process has it open.
    #[error("another process keeps its queue at `{}`", directory.display())]
    InUse {
        /// Which.
        directory: PathBuf,
    },
    /// The file is of another layout.
    #[error("the queue has format {found}, and this version reads {expected}")]
    Format {
        /// The one found.
        found: i64,
        /// The one understood.
        expected: i64,
    },
    /// The disk or the file refuses.
    #[error("the queue cannot be read or written")]
    Disk(#[from] Arc<rusqlite::Error>),
    /// What is stored cannot be read back.
    #[error("what is stored at place {position} cannot be read")]
    Stored {
        /// Where.
        position: Position,
        /// Why not.
        #[source]
        cause: Arc<serde_json::Error>,
    },
    /// As much waits as may.
    #[error("`{subscription}` holds as much as it may: {events} events, {bytes} bytes")]
    Full {
        /// The subscription.
        subscription: String,
        /// How many events wait.
        events: u64,
        /// How many bytes they have.
        bytes: u64,
    },
    /// The events after a checkpoint are not all kept any more.
    #[error("events are kept from place {oldest} on, and {to} lies before")]
    NotKept {
        /// The checkpoint asked for.
        to: Position,
        /// The earliest that can be had.
        oldest: Position,
    },
    /// There is no such dead letter.
    #[error("there is no dead letter {0}")]
    NoDeadLetter(u64),
    /// The dead letter's subscription is not configured any more.
    #[error("the subscription `{0}` is not configured any more")]
    NoSubscription(String),
    /// The queue is closing.
    #[error("the queue is closing")]
    Closing,
}

impl From<rusqlite::Error> for QueueError {
    fn from(error: rusqlite::Error) -> Self {
        QueueError::Disk(Arc::new(error))
    }
}
