//! The archive: the whole log as lines that another registry takes, and as a file while the registry runs.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, backup::Backup};
use serde::{Deserialize, Serialize};
use stele_api::text::JsonText;
use stele_evolution::version::Version;
use tokio::{sync::Semaphore, task};

use crate::{
    event::Event,
    failure::Failure,
    log::{LogError, Origin, Position, Recorded},
};

/// The format of the lines.
const FORMAT: u32 = 1;

/// How many pages of the file are copied at a time; the writer may write in between.
const PAGES: i32 = 256;

/// The first line: what follows, so that a file that was cut off is not taken for a whole one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The format of the lines.
    #[serde(rename = "steleExport")]
    pub format: u32,
    /// How many follow.
    pub events: u64,
}

/// One event, as a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    sequence: u64,
    time: Timestamp,
    who: String,
    request: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    kind: String,
    version: Version,
    data: JsonText,
}

/// Why lines are not those of a log.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The first line says something else.
    #[error("the first line is not that of an export in format {FORMAT}")]
    Head,
    /// A line that cannot be read.
    #[error("line {line} cannot be read: {why}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// Why not.
        why: String,
    },
    /// There are not as many as the first line says.
    #[error("the first line announces {expected} events, and {found} follow")]
    Incomplete {
        /// How many were announced.
        expected: u64,
        /// How many there are.
        found: u64,
    },
}

/// Where the log's file is. Cheap to clone.
#[derive(Clone)]
pub struct Archive {
    directory: PathBuf,
    /// One backup at a time: each takes as much of the disk as the log.
    turn: Arc<Semaphore>,
}

impl Archive {
    /// The archive of the log in a directory.
    pub fn new(directory: PathBuf) -> Self {
        Archive { directory, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Copies the log, as it is at one moment, into a file that has no name any more.
    pub async fn backup(&self) -> Result<File, Failure> {
        let _turn = self.turn.try_acquire().map_err(|_| Failure::Overloaded)?;
        let directory = self.directory.clone();
        task::spawn_blocking(move || copied(&directory))
            .await
            .map_err(|_| Failure::Broken)?
            .map_err(|error| Failure::Log(Arc::new(error)))
    }
}

fn copied(directory: &Path) -> Result<File, LogError> {
    let refused = |cause| LogError::Open { path: directory.to_owned(), cause };
    let copy =
        tempfile::Builder::new().prefix("backup-").tempfile_in(directory).map_err(refused)?;
    let source = Connection::open_with_flags(
        directory.join("stele.db"),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    source.busy_timeout(Duration::from_secs(2))?;
    let mut target = Connection::open(copy.path())?;
    // One transaction holds the moment, or a busy writer would have the copy begin anew for ever.
    source.execute_batch("BEGIN; SELECT COUNT(*) FROM sqlite_schema;")?;
    Backup::new(&source, &mut target)?.run_to_completion(PAGES, Duration::ZERO, None)?;
    target.close().map_err(|(_, error)| error)?;
    File::open(copy.path()).map_err(refused)
}

/// An event as a line, with its end.
pub fn line(recorded: &Recorded) -> Result<String, LogError> {
    let unwritable = |cause: serde_json::Error| LogError::Event {
        sequence: recorded.sequence,
        kind: recorded.event.kind().to_owned(),
        cause: cause.into(),
    };
    let data = recorded.event.to_json().and_then(JsonText::new).map_err(unwritable)?;
    let line = Line {
        sequence: recorded.sequence.0,
        time: recorded.time,
        who: recorded.origin.who.clone(),
        request: recorded.origin.request.clone(),
        why: recorded.origin.why.clone(),
        kind: recorded.event.kind().to_owned(),
        version: recorded.event.version(),
        data,
    };
    serde_json::to_string(&line).map(|line| line + "\n").map_err(unwritable)
}

/// The first line, with its end.
pub fn head(events: Position) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Head { format: FORMAT, events: events.0 }).map(|line| line + "\n")
}

/// Reads lines as they come.
#[derive(Default)]
pub struct Import {
    head: Option<Head>,
    events: Vec<Recorded>,
    lines: usize,
}

impl Import {
    /// Takes the next line.
    pub fn line(&mut self, text: &[u8]) -> Result<(), ImportError> {
        self.lines += 1;
        if text.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        if self.head.is_none() {
            let head: Head = serde_json::from_slice(text).map_err(|_| ImportError::Head)?;
            if head.format != FORMAT {
                return Err(ImportError::Head);
            }
            self.head = Some(head);
            return Ok(());
        }
        let unread = |why: String| ImportError::Line { line: self.lines, why };
        let line: Line = serde_json::from_slice(text).map_err(|error| unread(error.to_string()))?;
        let sequence = Position(self.events.len() as u64).next();
        if line.sequence != sequence.0 {
            return Err(unread(format!("event {} stands where {sequence} was to", line.sequence)));
        }
        let event = Event::read(&line.kind, line.version, line.data.as_str())
            .map_err(|error| unread(error.to_string()))?;
        let origin = Origin { who: line.who, request: line.request, why: line.why };
        self.events.push(Recorded { sequence, time: line.time, origin, event });
        Ok(())
    }

    /// Everything, if it is whole.
    pub fn finish(self) -> Result<Vec<Recorded>, ImportError> {
        let expected = self.head.ok_or(ImportError::Head)?.events;
        let found = self.events.len() as u64;
        if expected == found {
            Ok(self.events)
        } else {
            Err(ImportError::Incomplete { expected, found })
        }
    }
}
