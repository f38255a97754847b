//! Reading the queue beside its writer: what waits, what an event is, what has died.

use std::{path::Path, sync::Arc};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use super::{
    error::QueueError,
    layout,
    original::Original,
    task::SubscriptionId,
    window::{Entry, Position},
    writer::signed,
};

/// The longest key that is held as it is.
const LONGEST_KEY: usize = 64;

/// A key as it is held in memory, where it only tells events of one key from others: a long one by its hash, so that
/// what waits takes little whatever keys producers choose.
fn lane(key: String) -> Arc<str> {
    if key.len() <= LONGEST_KEY {
        return key.into();
    }
    // Longer than any key that is held as it is.
    format!("sha256:{:x}", Sha256::digest(key)).into()
}

/// A connection that only reads.
pub struct Reader(Connection);

/// Some of what waits, in order.
#[derive(Debug, Default)]
pub struct Page {
    /// The events, each with when it may be given out, in milliseconds since 1970; zero is at once.
    pub entries: Vec<(Entry, i64)>,
    /// Everything up to here has been looked at.
    pub scanned: Position,
}

/// How a subscription stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its number.
    pub id: SubscriptionId,
    /// Everything of its own up to here is settled.
    pub cursor: Position,
    /// Events after this place are kept.
    pub oldest: Position,
    /// How many events wait: those that are not settled.
    pub waiting: u64,
    /// How many bytes they have.
    pub waiting_bytes: u64,
    /// Why nothing is delivered any more, where that is so.
    pub stopped: Option<String>,
}

/// An event that was given up, and why.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// Its number.
    pub id: u64,
    /// The subscription it was for.
    pub subscription: String,
    /// When it came, in milliseconds since 1970.
    pub stored_at: i64,
    /// When it was given up.
    pub died_at: i64,
    /// Its key.
    pub lane: Option<String>,
    /// The event as it came.
    pub original: Original,
    /// The fault, as JSON.
    pub fault: String,
}

impl Reader {
    /// Opens the queue of a directory.
    pub fn open(directory: &Path) -> Result<Self, QueueError> {
        layout::open_to_read(directory).map(Reader)
    }

    /// How a subscription stands.
    pub fn standing(&self, name: &str) -> Result<Option<Standing>, QueueError> {
        let mut statement = self.0.prepare_cached(
            "SELECT s.id, s.cursor, s.oldest, s.stopped, s.waiting - COUNT(e.position),
                    s.waiting_bytes - COALESCE(SUM(e.bytes), 0)
             FROM subscription s
             LEFT JOIN (progress p JOIN event e ON e.position = p.position)
                 ON p.settled = 1 AND p.position > s.cursor AND e.subscription = s.id
             WHERE s.name = ?1 GROUP BY s.id",
        )?;
        // What is settled out of turn is counted as waiting in the file until the cursor has passed it.
        let count = |row: &Row<'_>, column| {
            row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or_default())
        };
        let standing = statement.query_one([name], |row| {
            Ok(Standing {
                id: SubscriptionId(row.get(0)?),
                cursor: row.get::<_, i64>(1)?.unsigned_abs(),
                oldest: row.get::<_, i64>(2)?.unsigned_abs(),
                stopped: row.get(3)?,
                waiting: count(row, 4)?,
                waiting_bytes: count(row, 5)?,
            })
        });
        Ok(standing.optional()?)
    }

    /// What of a subscription is not settled after a place.
    pub fn page(
        &self,
        subscription: SubscriptionId,
        after: Position,
        limit: usize,
    ) -> Result<Page, QueueError> {
        let mut statement = self.0.prepare_cached(
            "SELECT e.position, e.subscription, e.lane, e.bytes, e.stored_at,
                    COALESCE(p.attempts, 0), COALESCE(p.due, 0), COALESCE(p.settled, 0)
             FROM event e LEFT JOIN progress p ON p.position = e.position
             WHERE e.position > ?1 ORDER BY e.position",
        )?;
        let mut page = Page { entries: Vec::new(), scanned: after };
        let mut rows = statement.query([signed(after)])?;
        while page.entries.len() < limit
            && let Some(row) = rows.next()?
        {
            let position = row.get::<_, i64>(0)?.unsigned_abs();
            page.scanned = position;
            if row.get::<_, i64>(1)? != subscription.0 || row.get::<_, i64>(7)? != 0 {
                continue;
            }
            let entry = Entry {
                position,
                key: row.get::<_, Option<String>>(2)?.map(lane),
                attempts: row.get(5)?,
                bytes: row.get::<_, i64>(3)?.unsigned_abs(),
                stored_at: row.get(4)?,
            };
            page.entries.push((entry, row.get(6)?));
        }
        Ok(page)
    }

    /// The events at these places; one that is gone is left out.
    pub fn originals(
        &self,
        positions: &[Position],
    ) -> Result<Vec<(Position, Original)>, QueueError> {
        let mut statement =
            self.0.prepare_cached("SELECT head, body FROM event WHERE position = ?1")?;
        let mut originals = Vec::with_capacity(positions.len());
        for position in positions {
            let stored: Option<(String, Vec<u8>)> = statement
                .query_one([signed(*position)], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((head, body)) = stored {
                originals.push((*position, original(*position, &head, body)?));
            }
        }
        Ok(originals)
    }

    /// How many dead letters there are.
    pub fn count_dead_letters(&self) -> Result<u64, QueueError> {
        let mut statement = self.0.prepare_cached("SELECT COUNT(*) FROM dead_letter")?;
        Ok(statement.query_one([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Dead letters after a number, oldest first, of one subscription or of all.
    pub fn dead_letters(
        &self,
        subscription: Option<&str>,
        after: u64,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, QueueError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, subscription, position, stored_at, died_at, lane, head, body, fault
             FROM dead_letter WHERE id > ?1 AND (?2 IS NULL OR subscription = ?2)
             ORDER BY id LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![signed(after), subscription, limit])?;
        let mut letters = Vec::new();
        while let Some(row) = rows.next()? {
            letters.push(letter(row)?);
        }
        Ok(letters)
    }

    /// One dead letter.
    pub fn dead_letter(&self, id: u64) -> Result<DeadLetter, QueueError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, subscription, position, stored_at, died_at, lane, head, body, fault
             FROM dead_letter WHERE id = ?1",
        )?;
        let mut rows = statement.query([signed(id)])?;
        rows.next()?.map(letter).transpose()?.ok_or(QueueError::NoDeadLetter(id))
    }
}

fn letter(row: &Row<'_>) -> Result<DeadLetter, QueueError> {
    let position = row.get::<_, i64>(2)?.unsigned_abs();
    let (head, body): (String, Vec<u8>) = (row.get(6)?, row.get(7)?);
    Ok(DeadLetter {
        id: row.get::<_, i64>(0)?.unsigned_abs(),
        subscription: row.get(1)?,
        stored_at: row.get(3)?,
        died_at: row.get(4)?,
        lane: row.get(5)?,
        original: original(position, &head, body)?,
        fault: row.get(8)?,
    })
}

fn original(position: Position, head: &str, body: Vec<u8>) -> Result<Original, QueueError> {
    Original::stored(head, body)
        .map_err(|cause| QueueError::Stored { position, cause: Arc::new(cause) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_is_held_short_and_stays_another_than_all_others() {
        let long = "k".repeat(900);

        let held = lane(long.clone());

        assert!(held.len() < 80, "{held}");
        assert_eq!(held, lane(long.clone()));
        assert_ne!(held, lane(long + "k"));
        assert_ne!(held, lane(held.to_string()), "its own name as a key is another key");
        assert_eq!(&*lane("short".to_owned()), "short");
    }
}
