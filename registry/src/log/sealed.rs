//! A log that is read and not written to: its file may not be written, or is damaged. Reading goes on with what is whole.

use std::{error::Error, path::Path, sync::Arc};

use rusqlite::ErrorCode;

use super::{Log, LogError, Position, Recorded, SqliteLog};
use crate::event::EventError;

/// A log that refuses to grow, and says why.
pub struct Sealed {
    log: Box<dyn Log>,
    end: Option<Position>,
    why: Arc<LogError>,
}

impl Sealed {
    /// A log of which what comes after `end` cannot be read.
    pub fn damaged(log: Box<dyn Log>, end: Position, cause: LogError) -> Self {
        let why = LogError::Damaged { after: end, cause: Box::new(cause) };
        Sealed { log, end: Some(end), why: Arc::new(why) }
    }
}

impl Log for Sealed {
    fn read(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, LogError> {
        if self.end.is_some_and(|end| after >= end) {
            Ok(Vec::new())
        } else {
            self.log.read(after, limit)
        }
    }

    fn append(&mut self, _: Position, _: &[Recorded]) -> Result<Position, LogError> {
        Err(LogError::Sealed(Arc::clone(&self.why)))
    }

    fn seal(&self) -> Option<Arc<LogError>> {
        Some(Arc::clone(&self.why))
    }
}

/// Opens the log in a directory: to be written, or only to be read where it may not be written.
pub fn open(directory: &Path) -> Result<Box<dyn Log>, LogError> {
    let refused = match SqliteLog::open(directory) {
        Ok(log) => return Ok(Box::new(log)),
        Err(error) => error,
    };
    if !forbids_writing(&refused) {
        return Err(refused);
    }
    // Where it cannot be read either, the first reason is the better one.
    let Ok(log) = SqliteLog::open_unwritten(directory) else { return Err(refused) };
    let why = LogError::ReadOnly { path: directory.to_owned(), cause: Box::new(refused) };
    Ok(Box::new(Sealed { log: Box::new(log), end: None, why: Arc::new(why) }))
}

fn forbids_writing(error: &LogError) -> bool {
    match error {
        LogError::Open { cause, .. } => matches!(
            cause.kind(),
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem
        ),
        LogError::Store(cause) => matches!(
            cause.sqlite_error_code(),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied)
        ),
        _ => false,
    }
}

impl LogError {
    /// Whether what is there is broken. An event that a newer Stele wrote is whole.
    pub fn is_damage(&self) -> bool {
        match self {
            LogError::Store(cause) => matches!(
                cause.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseCorrupt
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::NotADatabase
                )
            ),
            LogError::Event { cause, .. } => {
                let event = cause.downcast_ref::<EventError>();
                !matches!(event, Some(EventError::Unknown | EventError::Newer { .. }))
            }
            LogError::Gap { .. } => true,
            _ => false,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            LogError::Sealed(why) => why.hint(),
            LogError::ReadOnly { .. } => {
                "let the registry write its data directory, then start it again; reads go on"
            }
            LogError::Damaged { .. } | LogError::Gap { .. } => {
                "keep a copy of the data directory, put a backup in its place, start the registry again; reads go on"
            }
            LogError::Store(cause) => match cause.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => {
                    "free space on the disk that holds the data directory; nothing has to be restarted, reads go on"
                }
                Some(ErrorCode::ReadOnly) => {
                    "let the registry write its data directory again; nothing has to be restarted, reads go on"
                }
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                    "stop the registry and put a backup in the place of its data directory; reads go on until then"
                }
                _ => {
                    "see whether the disk that holds the data directory is full or failing; reads go on"
                }
            },
            LogError::Format { .. } => "start a Stele at least as new as the one that wrote it",
            LogError::InUse { .. } => "stop the other registry, or choose another --data",
            LogError::Open { .. } | LogError::Moved { .. } | LogError::Event { .. } => {
                "see what the registry writes to its standard error"
            }
        }
    }

    /// What happened and why, in one sentence: for those who see no chain of causes.
    pub fn told(&self) -> String {
        let mut told = self.to_string();
        let mut cause = self.source();
        while let Some(next) = cause {
            told = format!("{told}: {next}");
            cause = next.source();
        }
        told
    }
}
