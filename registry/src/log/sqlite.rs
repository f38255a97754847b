//! The log in one `SQLite` file: write-ahead, flushed at every commit, append-only by trigger.

use std::{
    fs::{File, TryLockError},
    path::Path,
    time::Duration,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior, config::DbConfig, params};
use stele_evolution::version::Version;

use super::{Log, LogError, Origin, Position, Recorded};
use crate::event::Event;

/// The layout of the file. An older one is brought here when it is opened for writing; a newer one is not read.
const FORMAT: i64 = 2;

/// What stands for itself in a URI of a file.
const IN_A_URI: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

/// How much text one read takes into memory before it ends early.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

const LAYOUT: &str = "
    CREATE TABLE log (
        sequence INTEGER PRIMARY KEY,
        time     TEXT NOT NULL,
        who      TEXT NOT NULL,
        request  TEXT NOT NULL,
        kind     TEXT NOT NULL,
        version  INTEGER NOT NULL,
        data     TEXT NOT NULL,
        why      TEXT
    ) STRICT;
    CREATE TRIGGER nothing_is_changed BEFORE UPDATE ON log
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    CREATE TRIGGER nothing_is_removed BEFORE DELETE ON log
        BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    CREATE TRIGGER nothing_is_left_out BEFORE INSERT ON log
        WHEN NEW.sequence IS NOT (SELECT COALESCE(MAX(sequence), 0) + 1 FROM log)
        BEGIN SELECT RAISE(ABORT, 'the log has no gaps'); END;
    PRAGMA user_version = 2;
";

/// Format 1 did not say which version of its schema an event has, as there was one, nor why something was asked.
const FROM_1: &str = "
    ALTER TABLE log ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE log ADD COLUMN why TEXT;
    PRAGMA user_version = 2;
";

/// A log in the file `stele.db` of a directory.
pub struct SqliteLog {
    connection: Connection,
    // Held for as long as the log may be written; the system lets go of it when the process ends, however it ends.
    _lock: Option<File>,
}

impl SqliteLog {
    /// Opens the log in a directory for writing, and makes it if there is none. At most one process holds it.
    pub fn open(directory: &Path) -> Result<Self, LogError> {
        let refused = |cause| LogError::Open { path: directory.to_owned(), cause };
        std::fs::create_dir_all(directory).map_err(refused)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join("stele.lock"))
            .map_err(refused)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LogError::InUse { path: directory.to_owned() });
            }
            Err(TryLockError::Error(cause)) => return Err(refused(cause)),
        }
        let mut connection = Connection::open(directory.join("stele.db"))?;
        configure(&connection)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let format: i64 =
            transaction
                .query_one("SELECT user_version FROM pragma_user_version", [], |row| row.get(0))?;
        match format {
            0 => transaction.execute_batch(LAYOUT)?,
            1 => transaction.execute_batch(FROM_1)?,
            FORMAT => {}
            found => return Err(LogError::Format { found, expected: FORMAT }),
        }
        transaction.commit()?;
        Ok(SqliteLog { connection, _lock: Some(lock) })
    }

    /// Opens the log in a directory that nobody may write, for reading only.
    pub fn open_unwritten(directory: &Path) -> Result<Self, LogError> {
        let log = SqliteLog::open_to_read(directory)?;
        if log.read(Position::START, 1).is_ok() {
            return Ok(log);
        }
        // The store wants to make files of its own even to read, unless nothing ever changes.
        let unwritten = directory.join("stele.db-wal").metadata().is_ok_and(|wal| wal.len() > 0);
        if unwritten {
            return Ok(log);
        }
        let path = directory.join("stele.db");
        let path = utf8_percent_encode(&path.to_string_lossy(), IN_A_URI).to_string();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)?;
        configure(&connection)?;
        let log = SqliteLog { connection, _lock: None };
        log.read(Position::START, 1)?;
        Ok(log)
    }

    /// Opens the log in a directory beside its writer, for reading only.
    pub fn open_to_read(directory: &Path) -> Result<Self, LogError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(directory.join("stele.db"), flags)?;
        configure(&connection)?;
        Ok(SqliteLog { connection, _lock: None })
    }
}

fn configure(connection: &Connection) -> Result<(), LogError> {
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(())
}

/// One event, and how much text it is.
fn recorded(row: &Row<'_>) -> Result<(Recorded, usize), LogError> {
    let sequence = Position(row.get::<_, i64>(0)?.unsigned_abs());
    let time: String = row.get(1)?;
    let kind: String = row.get(4)?;
    let version: u32 = row.get(5)?;
    let data = row.get_ref(6)?.as_str().map_err(rusqlite::Error::from)?;
    let unreadable = |cause| LogError::Event { sequence, kind: kind.clone(), cause };
    let version = Version::try_from(version).map_err(|cause| unreadable(cause.into()))?;
    let event = Event::read(&kind, version, data).map_err(|cause| unreadable(cause.into()))?;
    let recorded = Recorded {
        sequence,
        time: time.parse().map_err(|cause: jiff::Error| unreadable(cause.into()))?,
        origin: Origin { who: row.get(2)?, request: row.get(3)?, why: row.get(7)? },
        event,
    };
    Ok((recorded, data.len()))
}

impl Log for SqliteLog {
    fn read(&self, after: Position, limit: usize) -> Result<Vec<Recorded>, LogError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT sequence, time, who, request, kind, version, data, why FROM log
             WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![number(after), limit])?;
        let mut events = Vec::new();
        let mut bytes = 0;
        while bytes < PAGE_BYTES {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                // What was read is whole; whoever asks for what comes next is told.
                Err(_) if !events.is_empty() => break,
                Err(error) => return Err(error.into()),
            };
            match recorded(row) {
                Ok((recorded, length)) => {
                    bytes += length;
                    events.push(recorded);
                }
                Err(_) if !events.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(events)
    }

    fn append(&mut self, expected: Position, events: &[Recorded]) -> Result<Position, LogError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let end: i64 =
            transaction
                .query_one("SELECT COALESCE(MAX(sequence), 0) FROM log", [], |row| row.get(0))?;
        let actual = Position(end.unsigned_abs());
        if actual != expected {
            return Err(LogError::Moved { expected, actual });
        }
        let mut last = expected;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO log (sequence, time, who, request, kind, version, data, why)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            for recorded in events {
                let kind = recorded.event.kind();
                let data = recorded.event.to_json().map_err(|cause| LogError::Event {
                    sequence: recorded.sequence,
                    kind: kind.to_owned(),
                    cause: cause.into(),
                })?;
                insert.execute(params![
                    number(recorded.sequence),
                    recorded.time.to_string(),
                    recorded.origin.who,
                    recorded.origin.request,
                    kind,
                    recorded.event.version().number(),
                    data,
                    recorded.origin.why
                ])?;
                last = recorded.sequence;
            }
        }
        transaction.commit()?;
        Ok(last)
    }
}

/// A place as `SQLite` counts: it has no unsigned numbers, and no log is that long.
fn number(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{super::contract, *};

    #[test]
    fn it_keeps_the_contract() {
        let directory = tempfile::tempdir().unwrap();

        contract::hold(|| {
            SqliteLog::open(directory.path()).map(|log| Box::new(log) as Box<dyn Log>)
        });
    }

    #[test]
    fn nothing_in_it_can_be_changed_or_removed() {
        let directory = tempfile::tempdir().unwrap();
        let mut log = SqliteLog::open(directory.path()).unwrap();
        log.append(Position::START, &[contract::sample(1)]).unwrap();

        for statement in ["UPDATE log SET data = '{}'", "DELETE FROM log"] {
            let error = log.connection.execute(statement, []).unwrap_err();
            assert_eq!(error.to_string(), "the log is append-only");
        }
    }

    #[test]
    fn two_writers_never_hold_it() {
        let directory = tempfile::tempdir().unwrap();
        let _first = SqliteLog::open(directory.path()).unwrap();

        let second = SqliteLog::open(directory.path()).map(|_| ());

        assert!(matches!(second, Err(LogError::InUse { .. })));
    }

    #[test]
    fn every_commit_is_flushed() {
        let directory = tempfile::tempdir().unwrap();
        let log = SqliteLog::open(directory.path()).unwrap();
        let pragma = |name: &str| {
            log.connection
                .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
        };

        assert_eq!(pragma("synchronous").unwrap(), rusqlite::types::Value::Integer(2));
        assert_eq!(pragma("journal_mode").unwrap(), rusqlite::types::Value::Text("wal".into()));
    }
}
