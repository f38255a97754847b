//! The queue's file: one log of events that every subscription reads at its own pace, and what is not simply "not yet".
//!
//! `event` is append-only until retention. A subscription has a `cursor`: everything of its own up to there is settled.
//! `progress` holds what is known beyond it: tried so often, not before then, or settled out of turn.

use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};

use super::error::QueueError;

const FORMAT: i64 = 1;

const LAYOUT: &str = "
    CREATE TABLE subscription (
        id            INTEGER PRIMARY KEY,
        name          TEXT NOT NULL UNIQUE,
        cursor        INTEGER NOT NULL,
        oldest        INTEGER NOT NULL,
        waiting       INTEGER NOT NULL,
        waiting_bytes INTEGER NOT NULL,
        kept_bytes    INTEGER NOT NULL,
        stopped       TEXT
    ) STRICT;
    CREATE TABLE event (
        position     INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription INTEGER NOT NULL,
        stored_at    INTEGER NOT NULL,
        bytes        INTEGER NOT NULL,
        lane         TEXT,
        head         TEXT NOT NULL,
        body         BLOB NOT NULL
    ) STRICT;
    CREATE TABLE progress (
        position INTEGER PRIMARY KEY,
        attempts INTEGER NOT NULL,
        due      INTEGER NOT NULL,
        settled  INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE dead_letter (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        subscription TEXT NOT NULL,
        position     INTEGER NOT NULL,
        stored_at    INTEGER NOT NULL,
        died_at      INTEGER NOT NULL,
        bytes        INTEGER NOT NULL,
        lane         TEXT,
        head         TEXT NOT NULL,
        body         BLOB NOT NULL,
        fault        TEXT NOT NULL
    ) STRICT;
    PRAGMA user_version = 1;
";

/// The right to write the queue of a directory; given back when the process ends, however it ends.
pub struct Lock(#[expect(dead_code, reason = "held, never read")] File);

/// Opens the queue of a directory for writing, and makes it if there is none. At most one process holds it.
pub fn open(directory: &Path) -> Result<(Connection, Lock), QueueError> {
    let refused =
        |cause| QueueError::Directory { directory: directory.to_owned(), cause: Arc::new(cause) };
    fs::create_dir_all(directory).map_err(refused)?;
    // Whoever else is on this machine reads no events.
    let private = |name| {
        let mut options = File::options();
        options.create(true).truncate(false).write(true).mode(0o600).open(directory.join(name))
    };
    let lock = private("queue.lock").map_err(refused)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(QueueError::InUse { directory: directory.to_owned() });
        }
        Err(TryLockError::Error(cause)) => return Err(refused(cause)),
    }
    // SQLite gives the files beside it the same mode.
    drop(private("queue.db").map_err(refused)?);
    let mut connection = Connection::open(directory.join("queue.db"))?;
    configure(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let format: i64 =
        transaction
            .query_one("SELECT user_version FROM pragma_user_version", [], |row| row.get(0))?;
    match format {
        0 => transaction.execute_batch(LAYOUT)?,
        FORMAT => {}
        found => return Err(QueueError::Format { found, expected: FORMAT }),
    }
    transaction.commit()?;
    Ok((connection, Lock(lock)))
}

/// Opens the queue of a directory beside its writer, for reading only.
pub fn open_to_read(directory: &Path) -> Result<Connection, QueueError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(directory.join("queue.db"), flags)?;
    configure(&connection)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> Result<(), QueueError> {
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(())
}
