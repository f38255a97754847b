//! Poll: a consumer takes events from the queue when it wants, has them on a lease, and acknowledges them.
//!
//! A lease that ends gives its events back, to be given out again. What is acknowledged moves the cursor, though never past
//! an event that is not: the cursor is the checkpoint that a consumer may rewind to.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{Mutex, watch},
    time::{sleep_until, timeout_at},
};
use uuid::Uuid;

use crate::{
    config::{OnExhausted, Subscription},
    envelope::Envelope,
    fault::{Class, Code, Fault},
    letter,
    plans::Plans,
    queue::{
        Original, Queue, QueueError, Settled, now,
        window::{Entry, PerLane, Position, Take, Window},
    },
};

/// The most events that are worked on or known to wait.
const WINDOW: usize = 20_000;
/// How many are looked up at once.
const PAGE: usize = 1000;
/// The most events that consumers hold together.
const MOST_OUT: usize = 10_000;
/// The most that one answer holds.
pub const MAX_EVENTS: usize = 1000;
/// The most bytes that one answer holds, unless a single event is larger.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// How often one pull looks further where all it looked at is held: far enough for everything that is known to wait.
const ROUNDS: usize = WINDOW / MAX_EVENTS + 2;
/// How long a version may be unknown before it is asked for again.
const HELD: Duration = Duration::from_secs(1);

/// How much a consumer wants.
#[derive(Debug, Clone, Copy)]
pub struct Want {
    /// At most so many events.
    pub events: usize,
    /// At most so many bytes.
    pub bytes: u64,
    /// How long to wait for the first.
    pub wait: Duration,
}

/// What a consumer gets.
#[derive(Debug)]
pub struct Pulled {
    /// The events, in order.
    pub events: Vec<Given>,
    /// Everything up to here is settled.
    pub cursor: Position,
    /// What to acknowledge by, where there are events.
    pub lease: Option<Uuid>,
}

/// One event that is given out.
#[derive(Debug)]
pub struct Given {
    /// Its place.
    pub position: Position,
    /// How often it was given out, this time included.
    pub attempt: u32,
    /// The event, in its consumer's version.
    pub envelope: Envelope,
}

/// Why a lease does not do.
#[derive(Debug, thiserror::Error)]
pub enum AckError {
    /// It has ended, or there never was one.
    #[error("there is no such lease any more: its events are given out again")]
    NoLease,
    /// The event is not on it.
    #[error("the event at {0} is not on this lease")]
    NotOnLease(Position),
    /// The queue cannot do it.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Where the events of one subscription are given out.
pub struct Desk {
    subscription: Subscription,
    lease: Duration,
    queue: Queue,
    plans: Arc<Plans>,
    newest: watch::Receiver<Position>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    window: Window,
    scanned: Position,
    /// The newest place that was known when everything up to it was scanned.
    complete_at: Option<Position>,
    cursor: Position,
    leases: HashMap<Uuid, Lease>,
}

struct Lease {
    entries: Vec<Entry>,
    ends: Instant,
}

/// What was made of some events.
struct Prepared {
    given: Vec<Given>,
    /// What is to be recorded; nothing of those that were not come to.
    settled: Vec<Settled>,
    /// The bytes of those that are gone.
    bytes: u64,
}

impl Desk {
    /// Takes up a subscription where it stands.
    pub async fn open(
        subscription: Subscription,
        lease: Duration,
        queue: Queue,
        plans: Arc<Plans>,
    ) -> Result<Self, QueueError> {
        let standing = queue.standing(&subscription.name).await?;
        let cursor = standing.map_or(0, |standing| standing.cursor);
        let newest = queue.newest(&subscription.name)?;
        let state = State { scanned: cursor, cursor, ..State::default() };
        Ok(Desk { subscription, lease, queue, plans, newest, state: Mutex::new(state) })
    }

    /// How long a consumer has its events.
    pub fn lease(&self) -> Duration {
        self.lease
    }

    /// Gives out what waits, or what comes in time.
    pub async fn pull(self: &Arc<Self>, want: Want) -> Result<Pulled, QueueError> {
        let deadline = Instant::now() + want.wait;
        let mut newest = self.newest.clone();
        loop {
            newest.borrow_and_update();
            // By itself, so that a consumer that hangs up cannot leave events given out to nobody.
            let desk = Arc::clone(self);
            let taken = tokio::spawn(async move { desk.take(want).await });
            let (pulled, wake) = taken.await.map_err(|_| QueueError::Closing)??;
            if !pulled.events.is_empty() || Instant::now() >= deadline {
                return Ok(pulled);
            }
            let wake = wake.unwrap_or(deadline).min(deadline);
            // Whichever comes first.
            let _ = timeout_at(wake.into(), newest.changed()).await;
            if newest.has_changed().is_err() {
                sleep_until(deadline.into()).await;
            }
        }
    }

    /// Acknowledges events of a lease: all of it, or those at these places. With `release` the rest is given back at once.
    pub async fn ack(
        self: &Arc<Self>,
        lease: Uuid,
        positions: Option<Vec<Position>>,
        release: bool,
    ) -> Result<Position, AckError> {
        let desk = Arc::clone(self);
        let done = tokio::spawn(async move { desk.acknowledge(lease, positions, release).await });
        done.await.map_err(|_| QueueError::Closing)?
    }

    /// Sets the subscription back to a checkpoint; all leases end.
    pub async fn rewind(self: &Arc<Self>, to: Position) -> Result<Position, QueueError> {
        let desk = Arc::clone(self);
        let rewound = tokio::spawn(async move {
            let mut state = desk.state.lock().await;
            let at = desk.queue.rewind(&desk.subscription.name, to).await?;
            *state = State { scanned: at, cursor: at, ..State::default() };
            Ok(at)
        });
        rewound.await.map_err(|_| QueueError::Closing)?
    }

    /// Gives out what waits at this moment; where there is nothing, when to look again.
    async fn take(&self, want: Want) -> Result<(Pulled, Option<Instant>), QueueError> {
        let mut state = self.state.lock().await;
        // One moment for all rounds: what is held in one of them is not due again in a later one.
        let clock = Instant::now();
        state.end_leases(clock);
        for round in 0..ROUNDS {
            self.fill(&mut state).await?;
            let room = MOST_OUT.saturating_sub(state.window.out());
            let most = want.events.min(MAX_EVENTS).min(room);
            // Where all of the first are held, what can be given out lies behind more of their kind.
            let events = if round == 0 { most } else { MAX_EVENTS.min(room) };
            let bytes = want.bytes.min(MAX_BYTES);
            let entries = state.window.take(clock, Take { events, bytes, lane: PerLane::Run });
            if entries.is_empty() {
                let ends = state.leases.values().map(|lease| lease.ends).min();
                let wake = [state.window.next_due(), ends].into_iter().flatten().min();
                return Ok((state.nothing(), wake));
            }
            let prepared = match self.prepare(&entries, most).await {
                Ok(prepared) => prepared,
                Err(error) => {
                    state.return_all(&entries);
                    return Err(error);
                }
            };
            let Prepared { given, settled, bytes } = prepared;
            match self.queue.settle(&self.subscription.name, settled.clone(), bytes).await {
                Ok(cursor) => state.cursor = cursor,
                Err(error) => {
                    state.return_all(&entries);
                    return Err(error);
                }
            }
            let leased = state.apply(entries, &settled, &given, clock);
            if given.is_empty() {
                continue;
            }
            let (lease, ends) = (Uuid::new_v4(), Instant::now() + self.lease);
            state.leases.insert(lease, Lease { entries: leased, ends });
            let pulled = Pulled { events: given, cursor: state.cursor, lease: Some(lease) };
            return Ok((pulled, None));
        }
        // Others have their turn; then it goes on.
        Ok((state.nothing(), Some(clock)))
    }

    /// Translates events until so many can be given out, and says what is to be recorded of each. After one that is held,
    /// no later one of its key.
    async fn prepare(&self, entries: &[Entry], most: usize) -> Result<Prepared, QueueError> {
        let positions = entries.iter().map(|entry| entry.position).collect();
        let mut originals: HashMap<Position, Original> =
            self.queue.originals(positions).await?.into_iter().collect();
        let (mut given, mut settled, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut waiting: Vec<&str> = Vec::new();
        for entry in entries {
            if given.len() == most {
                break;
            }
            let Entry { position, attempts, stored_at, .. } = *entry;
            let Some(original) = originals.remove(&position) else {
                settled.push(Settled::Done(position));
                continue;
            };
            let held = Settled::Again {
                position,
                attempts,
                due: now().saturating_add(i64::try_from(HELD.as_millis()).unwrap_or_default()),
            };
            if entry.key.as_deref().is_some_and(|key| waiting.contains(&key)) {
                settled.push(held);
                continue;
            }
            match self.translate(entry, &original).await {
                Ok(envelope) => {
                    let attempt = attempts.saturating_add(1);
                    given.push(Given { position, attempt, envelope });
                    settled.push(Settled::Again { position, attempts: attempt, due: 0 });
                }
                Err(fault) if fault.class() == Class::UnknownVersion => {
                    waiting.extend(entry.key.as_deref());
                    settled.push(held);
                }
                Err(fault) => {
                    bytes += entry.bytes;
                    let fault = letter::kept(&fault, attempts.saturating_add(1), stored_at);
                    settled.push(Settled::Dead { position, fault });
                }
            }
        }
        Ok(Prepared { given, settled, bytes })
    }

    async fn translate(&self, entry: &Entry, original: &Original) -> Result<Envelope, Fault> {
        let age = u64::try_from(now().saturating_sub(entry.stored_at)).unwrap_or_default();
        let is_old =
            self.subscription.max_age.is_some_and(|most| Duration::from_millis(age) > most);
        let is_often = self.subscription.max_attempts.is_some_and(|most| entry.attempts >= most);
        let dies = self.subscription.on_exhausted == OnExhausted::DeadLetter;
        if dies && entry.attempts > 0 && (is_old || is_often) {
            let detail = format!("given out {} times and never acknowledged", entry.attempts);
            return Err(Fault::new(Code::NeverAcknowledged, detail));
        }
        let envelope = original.envelope()?;
        Ok(self.plans.translate_stored(&envelope).await?.envelope)
    }

    /// Looks up what waits, as far as there is room for it.
    async fn fill(&self, state: &mut State) -> Result<(), QueueError> {
        loop {
            let newest = *self.newest.borrow();
            if state.complete_at == Some(newest) || state.window.length() >= WINDOW {
                return Ok(());
            }
            let page = self.queue.page(&self.subscription.name, state.scanned, PAGE).await?;
            if page.entries.len() < PAGE {
                state.complete_at = Some(newest);
            }
            state.scanned = page.scanned;
            let (clock, wall) = (Instant::now(), now());
            for (entry, due) in page.entries {
                let after = u64::try_from(due.saturating_sub(wall)).ok().filter(|ms| *ms > 0);
                let due = after.map(|ms| clock + Duration::from_millis(ms).min(HELD));
                state.window.admit(entry, due);
            }
        }
    }

    async fn acknowledge(
        &self,
        id: Uuid,
        positions: Option<Vec<Position>>,
        release: bool,
    ) -> Result<Position, AckError> {
        let mut state = self.state.lock().await;
        state.end_leases(Instant::now());
        let lease = state.leases.get(&id).ok_or(AckError::NoLease)?;
        let all = || lease.entries.iter().map(|entry| entry.position).collect();
        let mut positions: Vec<Position> = positions.unwrap_or_else(all);
        // Said twice is said once.
        positions.sort_unstable();
        positions.dedup();
        let mut bytes = 0;
        for position in &positions {
            let entry = lease.entries.iter().find(|entry| entry.position == *position);
            bytes += entry.ok_or(AckError::NotOnLease(*position))?.bytes;
        }
        let settled = positions.iter().copied().map(Settled::Done).collect();
        let cursor = self.queue.settle(&self.subscription.name, settled, bytes).await?;
        state.cursor = cursor;
        for position in &positions {
            state.window.finish(*position);
        }
        let State { leases, window, .. } = &mut *state;
        if let Some(lease) = leases.get_mut(&id) {
            lease.entries.retain(|entry| !positions.contains(&entry.position));
            if release {
                for entry in lease.entries.drain(..) {
                    window.give_back(entry.position, entry.attempts, None);
                }
            }
            if lease.entries.is_empty() {
                leases.remove(&id);
            }
        }
        for _ in &positions {
            self.plans.metrics().delivery(&self.subscription.name, "acknowledged");
        }
        Ok(cursor)
    }
}

impl State {
    /// Gives back what is on leases that have ended.
    fn end_leases(&mut self, clock: Instant) {
        let window = &mut self.window;
        self.leases.retain(|_, lease| {
            let ends = lease.ends <= clock;
            if ends {
                for entry in &lease.entries {
                    window.give_back(entry.position, entry.attempts, None);
                }
            }
            !ends
        });
    }

    fn nothing(&self) -> Pulled {
        Pulled { events: Vec::new(), cursor: self.cursor, lease: None }
    }

    fn return_all(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.window.give_back(entry.position, entry.attempts, None);
        }
    }

    /// Does in the window what was recorded; the entries that are given out, with this attempt counted.
    fn apply(
        &mut self,
        entries: Vec<Entry>,
        settled: &[Settled],
        given: &[Given],
        clock: Instant,
    ) -> Vec<Entry> {
        let attempts: HashMap<Position, u32> =
            given.iter().map(|given| (given.position, given.attempt)).collect();
        for one in settled {
            match one {
                Settled::Done(position) | Settled::Dead { position, .. } => {
                    self.window.finish(*position);
                }
                Settled::Again { position, attempts: tried, .. }
                    if !attempts.contains_key(position) =>
                {
                    self.window.give_back(*position, *tried, Some(clock + HELD));
                }
                Settled::Again { .. } => {}
            }
        }
        let mut leased = Vec::with_capacity(given.len());
        for entry in entries {
            match attempts.get(&entry.position) {
                Some(attempts) => leased.push(Entry { attempts: *attempts, ..entry }),
                // Nobody came to it; what was recorded is not out any more.
                None => drop(self.window.give_back(entry.position, entry.attempts, None)),
            }
        }
        leased
    }
}
