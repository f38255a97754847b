//! Work is what one transaction does to the queue: events in, settled, moved, removed; and by how much that changes what
//! waits.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::signed;
use crate::queue::{
    error::QueueError,
    task::{Incoming, Retention, Settled, SubscriptionId, Swept},
    window::Position,
};

/// The most events one sweep looks at, so that nobody waits long for it.
const LOOKED_AT: i64 = 2000;

/// One transaction, and by how much it changes what waits.
pub struct Work<'t> {
    transaction: &'t Transaction<'t>,
    changes: HashMap<SubscriptionId, Change>,
}

#[derive(Default)]
struct Change {
    waiting: i64,
    waiting_bytes: i64,
    kept_bytes: i64,
}

impl<'t> Work<'t> {
    /// Begins, within a transaction.
    pub fn within(transaction: &'t Transaction<'t>) -> Self {
        Work { transaction, changes: HashMap::new() }
    }

    fn change(&mut self, subscription: SubscriptionId) -> &mut Change {
        self.changes.entry(subscription).or_default()
    }

    pub fn store(
        &mut self,
        subscription: SubscriptionId,
        now: i64,
        events: &[Incoming],
    ) -> Result<Vec<Position>, QueueError> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO event (subscription, stored_at, bytes, lane, head, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let mut positions = Vec::with_capacity(events.len());
        for Incoming { lane, head, body, bytes } in events {
            let bytes = signed(*bytes);
            let row = params![subscription.0, now, bytes, lane, head.text(), body.as_ref()];
            positions.push(insert.insert(row)?.unsigned_abs());
            let change = self.changes.entry(subscription).or_default();
            change.waiting += 1;
            change.waiting_bytes += bytes;
        }
        Ok(positions)
    }

    pub fn settle(
        &mut self,
        subscription: SubscriptionId,
        now: i64,
        settled: &[Settled],
    ) -> Result<Position, QueueError> {
        let mut mark = self.transaction.prepare_cached(
            "INSERT INTO progress (position, attempts, due, settled) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (position) DO UPDATE SET attempts = ?2, due = ?3, settled = ?4",
        )?;
        let mut can_advance = false;
        for one in settled {
            match one {
                Settled::Again { position, attempts, due } => {
                    mark.execute(params![signed(*position), attempts, due, 0])?;
                }
                Settled::Done(position) => {
                    mark.execute(params![signed(*position), 0, 0, 1])?;
                    can_advance = true;
                }
                Settled::Dead { position, fault } => {
                    self.bury(subscription, now, signed(*position), fault)?;
                    can_advance = true;
                }
            }
        }
        if can_advance { self.advance(subscription) } else { self.cursor(subscription) }
    }

    /// Moves an event to the dead letters.
    fn bury(
        &mut self,
        subscription: SubscriptionId,
        now: i64,
        position: i64,
        fault: &str,
    ) -> Result<(), QueueError> {
        let moved = self.transaction.prepare_cached(
            "INSERT INTO dead_letter (subscription, position, stored_at, died_at, bytes, lane, head, body, fault)
             SELECT s.name, e.position, e.stored_at, ?2, e.bytes, e.lane, e.head, e.body, ?3
             FROM event e JOIN subscription s ON s.id = e.subscription WHERE e.position = ?1",
        )?.execute(params![position, now, fault])?;
        if moved == 0 {
            return Ok(());
        }
        let bytes: i64 = self
            .transaction
            .prepare_cached("DELETE FROM event WHERE position = ?1 RETURNING bytes")?
            .query_one([position], |row| row.get(0))?;
        self.transaction
            .prepare_cached("DELETE FROM progress WHERE position = ?1")?
            .execute([position])?;
        let change = self.change(subscription);
        change.waiting -= 1;
        change.waiting_bytes -= bytes;
        Ok(())
    }

    fn cursor(&self, subscription: SubscriptionId) -> Result<Position, QueueError> {
        let cursor: i64 = self
            .transaction
            .prepare_cached("SELECT cursor FROM subscription WHERE id = ?1")?
            .query_one([subscription.0], |row| row.get(0))?;
        Ok(cursor.unsigned_abs())
    }

    /// Moves the cursor up to the first event that is not settled.
    fn advance(&mut self, subscription: SubscriptionId) -> Result<Position, QueueError> {
        let before = signed(self.cursor(subscription)?);
        let (mut cursor, mut passed, mut bytes) = (before, 0, 0);
        {
            let mut beyond = self.transaction.prepare_cached(
                "SELECT e.position, e.subscription, e.bytes, COALESCE(p.settled, 0)
                 FROM event e LEFT JOIN progress p ON p.position = e.position
                 WHERE e.position > ?1 ORDER BY e.position",
            )?;
            let mut rows = beyond.query([before])?;
            let mut end = None;
            while let Some(row) = rows.next()? {
                let position: i64 = row.get(0)?;
                let is_own = row.get::<_, i64>(1)? == subscription.0;
                if is_own && row.get::<_, i64>(3)? == 0 {
                    end = Some(position - 1);
                    break;
                }
                if is_own {
                    passed += 1;
                    bytes += row.get::<_, i64>(2)?;
                }
                cursor = position;
            }
            cursor = end.unwrap_or(cursor);
        }
        if cursor == before {
            return Ok(cursor.unsigned_abs());
        }
        if passed > 0 {
            self.transaction
                .prepare_cached(
                    "DELETE FROM progress WHERE position > ?1 AND position <= ?2 AND settled = 1
                 AND position IN (SELECT position FROM event
                     WHERE position > ?1 AND position <= ?2 AND subscription = ?3)",
                )?
                .execute([before, cursor, subscription.0])?;
        }
        self.transaction
            .prepare_cached("UPDATE subscription SET cursor = ?2 WHERE id = ?1")?
            .execute([subscription.0, cursor])?;
        let change = self.change(subscription);
        change.waiting -= passed;
        change.waiting_bytes -= bytes;
        change.kept_bytes += bytes;
        Ok(cursor.unsigned_abs())
    }

    pub fn stop(&self, subscription: SubscriptionId, why: Option<&str>) -> Result<(), QueueError> {
        self.transaction
            .prepare_cached("UPDATE subscription SET stopped = ?2 WHERE id = ?1")?
            .execute(params![subscription.0, why])?;
        Ok(())
    }

    /// Sets the cursor back; what is settled beyond it is not settled any more.
    pub fn rewind(
        &mut self,
        subscription: SubscriptionId,
        to: Position,
    ) -> Result<Position, QueueError> {
        let (cursor, oldest): (i64, i64) = self
            .transaction
            .prepare_cached("SELECT cursor, oldest FROM subscription WHERE id = ?1")?
            .query_one([subscription.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let target = signed(to);
        if target < oldest {
            return Err(QueueError::NotKept { to, oldest: oldest.unsigned_abs() });
        }
        self.transaction
            .prepare_cached(
                "DELETE FROM progress WHERE position > ?1 AND position IN
                 (SELECT position FROM event WHERE position > ?1 AND subscription = ?2)",
            )?
            .execute([target, subscription.0])?;
        if target >= cursor {
            return Ok(cursor.unsigned_abs());
        }
        let (events, bytes): (i64, i64) = self
            .transaction
            .prepare_cached(
                "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM event
                 WHERE position > ?1 AND position <= ?2 AND subscription = ?3",
            )?
            .query_one([target, cursor, subscription.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.transaction
            .prepare_cached("UPDATE subscription SET cursor = ?2 WHERE id = ?1")?
            .execute([subscription.0, target])?;
        let change = self.change(subscription);
        change.waiting += events;
        change.waiting_bytes += bytes;
        change.kept_bytes -= bytes;
        Ok(to)
    }

    /// Removes settled events that nobody will ask for again: a part of them, the oldest first.
    pub fn sweep(
        &mut self,
        subscription: SubscriptionId,
        now: i64,
        retention: Retention,
    ) -> Result<Swept, QueueError> {
        let (cursor, oldest, mut kept): (i64, i64, i64) = self
            .transaction
            .prepare_cached("SELECT cursor, oldest, kept_bytes FROM subscription WHERE id = ?1")?
            .query_one([subscription.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        kept += self.change(subscription).kept_bytes;
        let (bound, young) = (signed(retention.bytes), now.saturating_sub(retention.age_ms));
        let mut gone = Vec::new();
        let mut swept = oldest;
        let (mut bytes, mut looked_at) = (0, 0);
        {
            let mut settled = self.transaction.prepare_cached(
                "SELECT position, subscription, bytes, stored_at FROM event
                 WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3",
            )?;
            let mut rows = settled.query([oldest, cursor, LOOKED_AT])?;
            while let Some(row) = rows.next()? {
                let position: i64 = row.get(0)?;
                if row.get::<_, i64>(1)? == subscription.0 {
                    let is_young = retention.age_ms > 0 && row.get::<_, i64>(3)? > young;
                    if is_young && kept - bytes <= bound {
                        break;
                    }
                    gone.push(position);
                    bytes += row.get::<_, i64>(2)?;
                }
                swept = position;
                looked_at += 1;
            }
        }
        if swept == oldest {
            return Ok(Swept::default());
        }
        let mut delete =
            self.transaction.prepare_cached("DELETE FROM event WHERE position = ?1")?;
        for position in &gone {
            delete.execute([position])?;
        }
        self.transaction
            .prepare_cached("UPDATE subscription SET oldest = ?2 WHERE id = ?1")?
            .execute([subscription.0, swept])?;
        self.change(subscription).kept_bytes -= bytes;
        let events = u64::try_from(gone.len()).unwrap_or(u64::MAX);
        Ok(Swept { events, has_more: looked_at == LOOKED_AT })
    }

    /// Puts a dead letter back, at the end of its subscription.
    pub fn redrive(&mut self, id: u64, now: i64) -> Result<(SubscriptionId, Position), QueueError> {
        let name: Option<String> = self
            .transaction
            .prepare_cached("SELECT subscription FROM dead_letter WHERE id = ?1")?
            .query_one([signed(id)], |row| row.get(0))
            .optional()?;
        let name = name.ok_or(QueueError::NoDeadLetter(id))?;
        let subscription: Option<i64> = self
            .transaction
            .prepare_cached("SELECT id FROM subscription WHERE name = ?1")?
            .query_one([&name], |row| row.get(0))
            .optional()?;
        let subscription =
            subscription.map(SubscriptionId).ok_or(QueueError::NoSubscription(name))?;
        let (position, bytes): (i64, i64) = self
            .transaction
            .prepare_cached(
                "INSERT INTO event (subscription, stored_at, bytes, lane, head, body)
                 SELECT ?2, ?3, bytes, lane, head, body
                 FROM dead_letter WHERE id = ?1 RETURNING position, bytes",
            )?
            .query_one(params![signed(id), subscription.0, now], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        self.drop_letter(id)?;
        let change = self.change(subscription);
        change.waiting += 1;
        change.waiting_bytes += bytes;
        Ok((subscription, position.unsigned_abs()))
    }

    pub fn drop_letter(&self, id: u64) -> Result<(), QueueError> {
        let gone = self
            .transaction
            .prepare_cached("DELETE FROM dead_letter WHERE id = ?1")?
            .execute([signed(id)])?;
        if gone == 0 { Err(QueueError::NoDeadLetter(id)) } else { Ok(()) }
    }

    /// Writes down what waits now.
    pub fn account(self) -> Result<(), QueueError> {
        let mut update = self.transaction.prepare_cached(
            "UPDATE subscription SET waiting = MAX(0, waiting + ?2),
                 waiting_bytes = MAX(0, waiting_bytes + ?3), kept_bytes = MAX(0, kept_bytes + ?4)
             WHERE id = ?1",
        )?;
        for (subscription, change) in self.changes {
            let Change { waiting, waiting_bytes, kept_bytes } = change;
            update.execute([subscription.0, waiting, waiting_bytes, kept_bytes])?;
        }
        Ok(())
    }
}
