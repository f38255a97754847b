//! What is kept of webhooks beside the log, in `webhooks.db`: their secrets, which must not be told to who reads the
//! log, and how far each has come, which changes too often to stand there.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, path::Path, sync::Mutex, time::Duration};

use rusqlite::{Connection, OptionalExtension, params};
use stele_api::webhook::WebhookName;

use crate::log::Position;

const LAYOUT: &str = "
    CREATE TABLE IF NOT EXISTS webhook (
        name     TEXT PRIMARY KEY,
        secret   TEXT NOT NULL,
        cursor   INTEGER NOT NULL,
        failures INTEGER NOT NULL DEFAULT 0,
        dead     INTEGER NOT NULL DEFAULT 0,
        reason   TEXT,
        turn     INTEGER NOT NULL
    ) STRICT;
";

/// The file.
pub struct Store(Mutex<Connection>);

/// What is kept of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What signatures are made with.
    pub secret: String,
    /// The place of the last change that it took.
    pub cursor: u64,
    /// How many attempts have failed since.
    pub failures: u32,
    /// Whether it has failed too often.
    pub dead: bool,
    /// Why the last attempt has failed.
    pub reason: Option<String>,
    /// How often it was set again: what was found out before says nothing about what it is now.
    pub turn: i64,
}

impl Store {
    /// Opens the file in a directory, and makes it if there is none.
    pub fn open(directory: &Path) -> Result<Self, rusqlite::Error> {
        let path = directory.join("webhooks.db");
        // It holds secrets: nobody else reads it. Where it cannot be made, opening it says why.
        let _ = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
        Store::over(Connection::open(path)?)
    }

    /// Keeps everything only until the process ends, for where the disk takes nothing.
    pub fn passing() -> Result<Self, rusqlite::Error> {
        Store::over(Connection::open_in_memory()?)
    }

    fn over(connection: Connection) -> Result<Self, rusqlite::Error> {
        connection.busy_timeout(Duration::from_secs(2))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // The last steps may be lost with the power: then a change is told twice, as it may be anyway.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(LAYOUT)?;
        Ok(Store(Mutex::new(connection)))
    }

    /// What is kept of a webhook.
    pub fn find(&self, name: &WebhookName) -> Result<Option<Kept>, rusqlite::Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT secret, cursor, failures, dead, reason, turn FROM webhook WHERE name = ?1",
        )?;
        let kept = statement.query_one([name.to_string()], |row| {
            Ok(Kept {
                secret: row.get(0)?,
                cursor: row.get::<_, i64>(1)?.unsigned_abs(),
                failures: row.get(2)?,
                dead: row.get(3)?,
                reason: row.get(4)?,
                turn: row.get(5)?,
            })
        });
        kept.optional()
    }

    /// Keeps this of a webhook, whatever was kept.
    pub fn keep(&self, name: &WebhookName, kept: &Kept) -> Result<(), rusqlite::Error> {
        self.connection()
            .prepare_cached(
                "INSERT OR REPLACE INTO webhook (name, secret, cursor, failures, dead, reason, turn)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                name.to_string(),
                kept.secret,
                i64::try_from(kept.cursor).unwrap_or(i64::MAX),
                kept.failures,
                kept.dead,
                kept.reason,
                kept.turn
            ])
            .map(drop)
    }

    /// Keeps how far a webhook has come, unless it was set again meanwhile; whether it was kept.
    pub fn progress(&self, name: &WebhookName, kept: &Kept) -> Result<bool, rusqlite::Error> {
        let changed = self
            .connection()
            .prepare_cached(
                "UPDATE webhook SET cursor = ?2, failures = ?3, dead = ?4, reason = ?5
                 WHERE name = ?1 AND turn = ?6",
            )?
            .execute(params![
                name.to_string(),
                i64::try_from(kept.cursor).unwrap_or(i64::MAX),
                kept.failures,
                kept.dead,
                kept.reason,
                kept.turn
            ])?;
        Ok(changed == 1)
    }

    /// Gives up on those that were told more than a log that ends at a place holds; their names, and how far they were told.
    pub fn set_back(&self, end: Position) -> Result<Vec<(String, u64)>, rusqlite::Error> {
        let connection = self.connection();
        let end = i64::try_from(end.0).unwrap_or(i64::MAX);
        let mut statement = connection.prepare(
            "UPDATE webhook SET dead = 1, turn = turn + 1,
                 reason = 'it was told up to ' || cursor || ', and the log ends at ' || ?1 ||
                     ': the log was set back; set the webhook again, with the place to go on after'
             WHERE cursor > ?1 RETURNING name, cursor",
        )?;
        let rows = statement
            .query_map([end], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
        rows.collect()
    }

    /// Forgets a webhook.
    pub fn forget(&self, name: &WebhookName) -> Result<(), rusqlite::Error> {
        let name = name.to_string();
        self.connection().execute("DELETE FROM webhook WHERE name = ?1", [name]).map(drop)
    }

    fn connection(&self) -> std::sync::MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
