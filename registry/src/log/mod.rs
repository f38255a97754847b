//! The log is where events are kept: appended to, read from any place, never changed.
//!
//! The trait is as narrow as the need, so that another store is one file that passes [`contract`].

pub mod contract;
mod sealed;
mod sqlite;

use std::{fmt, path::PathBuf, sync::Arc};

use jiff::Timestamp;

pub use self::{
    sealed::{Sealed, open},
    sqlite::SqliteLog,
};
use crate::event::Event;

/// A place in the log: how many events are at or before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// Before the first event.
    pub const START: Position = Position(0);

    /// The place of the next event.
    #[must_use]
    pub fn next(self) -> Position {
        Position(self.0 + 1)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What stands beside an event: on whose word it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who asked.
    pub who: String,
    /// In which request.
    pub request: String,
    /// Why, in their own words, where they said so.
    pub why: Option<String>,
}

/// An event with its place, its time and its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its place: 1 for the first, no gaps.
    pub sequence: Position,
    /// When it was appended.
    pub time: Timestamp,
    /// On whose word.
    pub origin: Origin,
    /// What happened.
    pub event: Event,
}

/// Where events are kept. Synchronous: what `append` has answered is on disk.
pub trait Log: Send {
    /// The events after a place, in order, at most so many. Fewer where they are large; none only where the log ends.
    fn read(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, LogError>;

    /// Appends all of `events` or none, if the log ends at `expected`; answers where it ends now. Their sequence numbers
    /// must go on from there.
    fn append(&mut self, expected: Position, events: &[Recorded]) -> Result<Position, LogError>;

    /// Why it is only read from, where it is.
    fn seal(&self) -> Option<Arc<LogError>> {
        None
    }
}

/// Why the log could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The directory, or the lock in it, cannot be had.
    #[error("cannot open the log in `{}`", path.display())]
    Open {
        /// The directory.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// Another process writes here.
    #[error("the log in `{}` is in use by another registry", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// It was written by a newer Stele, or by something else.
    #[error("the log has format {found}; this Stele reads format {expected}")]
    Format {
        /// What it says.
        found: i64,
        /// What is read.
        expected: i64,
    },
    /// The store said no.
    #[error("the log's store failed")]
    Store(#[from] rusqlite::Error),
    /// What is there can be read up to a place, and nothing is written to it.
    #[error("the log is damaged after event {after}")]
    Damaged {
        /// The last event that could be read.
        after: Position,
        /// What is wrong with the next.
        #[source]
        cause: Box<LogError>,
    },
    /// The file, or the directory around it, may not be written.
    #[error("the log in `{}` cannot be written", path.display())]
    ReadOnly {
        /// The directory.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: Box<LogError>,
    },
    /// It is only read from, since it was opened.
    #[error(transparent)]
    Sealed(Arc<LogError>),
    /// Events are missing: what comes after cannot be told without them.
    #[error("event {expected} is missing: the next is {found}")]
    Gap {
        /// The event that should come.
        expected: Position,
        /// The one that does.
        found: Position,
    },
    /// Somebody appended in between.
    #[error("the log ends at {actual}, not at {expected}")]
    Moved {
        /// Where the appender thought it ends.
        expected: Position,
        /// Where it ends.
        actual: Position,
    },
    /// An event that cannot be read back, or not be written.
    #[error("event {sequence} of kind `{kind}` cannot be read or written")]
    Event {
        /// Its place.
        sequence: Position,
        /// What it says it is.
        kind: String,
        /// Why not.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}
