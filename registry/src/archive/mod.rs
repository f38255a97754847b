//! The archive: the whole log as lines that another registry takes, and as a file while the registry runs.

mod import;
mod lines;

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, backup::Backup};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task,
};

pub use self::{
    import::{Import, ImportError, Imported},
    lines::{failed, head, line, tail},
};
use crate::{failure::Failure, log::LogError};

/// How many pages of the file are copied at a time; the writer may write in between.
const PAGES: i32 = 256;

/// Where the log's file is. Cheap to clone.
#[derive(Clone)]
pub struct Archive {
    directory: PathBuf,
    /// One backup at a time: each takes as much of the disk as the log.
    turn: Arc<Semaphore>,
    /// One import at a time: each takes as much memory as the log.
    taking: Arc<Semaphore>,
    /// The largest log taken in, in bytes.
    most: u64,
}

impl Archive {
    /// The archive of the log in a directory, which takes in at most so many MiB.
    pub fn new(directory: PathBuf, most: u64) -> Self {
        let one = || Arc::new(Semaphore::new(1));
        Archive { directory, turn: one(), taking: one(), most: most.saturating_mul(1024 * 1024) }
    }

    /// The largest log taken in, in bytes.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// The turn to take a log in, for as long as what it answers is held.
    pub fn takes(&self) -> Result<OwnedSemaphorePermit, Failure> {
        Arc::clone(&self.taking).try_acquire_owned().map_err(|_| Failure::Overloaded)
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
