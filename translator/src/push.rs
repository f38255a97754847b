//! Push: one task for each subscription takes events from the queue and posts them to the consumer, each key in order.
//!
//! Translation happens here, with the plan of the moment. The next event of a key is sent only once it is on disk that the
//! one before is settled, so that after a crash at most that one comes twice.

mod handle;
mod job;
mod pace;

use std::{
    collections::{HashMap, HashSet},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
    time::sleep_until,
};

pub use self::handle::Handle;
use self::{
    handle::Command,
    job::{Job, Outcome},
    pace::Pace,
};
use crate::{
    config::{Deliver, Push, Subscription},
    delivery::LONGEST_REST,
    letter,
    plans::Plans,
    queue::{
        Queue, QueueError, Settled, now,
        window::{Entry, PerLane, Position, Take, Window},
    },
    stopping::told,
};

/// The most events that are worked on or known to wait.
const WINDOW: usize = 20_000;
/// How many are looked up at once.
const PAGE: usize = 1000;
/// How long to wait before the disk is asked again that refused.
const DISK_REST: Duration = Duration::from_secs(1);
/// The most bytes that are read for delivery at once.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Events with what became of each.
type Ended = Vec<(Entry, Outcome)>;

/// The same, and whether the disk has it.
type Recorded = (Ended, Result<Position, QueueError>);

/// The one who posts the events of one subscription.
pub struct Pusher {
    job: Arc<Job>,
    subscription: Arc<Subscription>,
    push: Push,
    queue: Queue,
    window: Window,
    scanned: Position,
    /// Whether there may be more after what was scanned.
    has_more: bool,
    newest: watch::Receiver<Position>,
    commands: mpsc::Receiver<Command>,
    is_stopped: Arc<AtomicBool>,
    pace: Pace,
    jobs: JoinSet<Ended>,
    in_flight: usize,
    settling: JoinSet<Recorded>,
    /// What the disk did not take.
    unsettled: Ended,
    disk_rests_until: Option<Instant>,
    /// Held, by place, for an unknown version.
    held: HashSet<Position>,
}

impl Pusher {
    /// Takes up a subscription where it stands.
    pub async fn open(
        subscription: Subscription,
        push: Push,
        queue: Queue,
        plans: Arc<Plans>,
        http: reqwest::Client,
    ) -> Result<(Handle, Pusher), QueueError> {
        let subscription = Arc::new(subscription);
        let standing = queue.standing(&subscription.name).await?;
        let (cursor, stopped) =
            standing.map_or((0, None), |standing| (standing.cursor, standing.stopped));
        let is_stopped = Arc::new(AtomicBool::new(stopped.is_some()));
        let (handle, commands) = Handle::new(Arc::clone(&is_stopped));
        let pusher = Pusher {
            job: Arc::new(Job::new(Arc::clone(&subscription), push.clone(), plans, http)),
            newest: queue.newest(&subscription.name)?,
            pace: Pace::new(push.concurrency.get()),
            subscription,
            push,
            queue,
            window: Window::default(),
            scanned: cursor,
            has_more: true,
            commands,
            is_stopped,
            jobs: JoinSet::new(),
            in_flight: 0,
            settling: JoinSet::new(),
            unsettled: Vec::new(),
            disk_rests_until: None,
            held: HashSet::new(),
        };
        Ok((handle, pusher))
    }

    /// Delivers until it is told to stop; what is in flight then ends first.
    pub async fn run(mut self, stopping: watch::Receiver<bool>) {
        let mut stop = pin!(told(stopping));
        loop {
            self.offer_again();
            self.fill().await;
            self.begin().await;
            let wake = self.next_wake();
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(done) = self.jobs.join_next(), if !self.jobs.is_empty() => self.end(done),
                Some(done) = self.settling.join_next(), if !self.settling.is_empty() => {
                    self.settled(done);
                }
                Some(command) = self.commands.recv() => self.obey(command).await,
                Ok(()) = self.newest.changed() => self.has_more = true,
                () = sleep_until(wake.into()) => {}
            }
        }
        self.quiesce().await;
    }

    /// Looks up what waits, as far as there is room for it.
    async fn fill(&mut self) {
        while self.has_more && self.window.length() < WINDOW && self.disk_rests_until.is_none() {
            let page = match self.queue.page(&self.subscription.name, self.scanned, PAGE).await {
                Ok(page) => page,
                Err(error) => return self.disk_refuses(&error),
            };
            self.has_more = page.entries.len() == PAGE;
            self.scanned = page.scanned;
            let (clock, wall) = (Instant::now(), now());
            for (entry, due) in page.entries {
                self.window.admit(entry, self.instant(due, clock, wall));
            }
        }
    }

    /// When something is due; a clock that was set back does not make it wait for longer than it could have.
    fn instant(&self, due: i64, clock: Instant, wall: i64) -> Option<Instant> {
        let after = u64::try_from(due.saturating_sub(wall)).ok().filter(|after| *after > 0)?;
        let longest = self.subscription.backoff.longest.max(LONGEST_REST);
        Some(clock + Duration::from_millis(after).min(longest))
    }

    /// Begins as many deliveries as the consumer seems to take.
    async fn begin(&mut self) {
        let clock = Instant::now();
        let size = match self.push.deliver {
            Deliver::Batch(size) => size.get(),
            _ => 1,
        };
        let room = self.pace.room(clock).saturating_sub(self.in_flight);
        let waits_for_disk = self.disk_rests_until.is_some() || !self.unsettled.is_empty();
        if room == 0 || waits_for_disk || self.is_stopped.load(Relaxed) {
            return;
        }
        let take = Take { events: room * size, bytes: MAX_BYTES, lane: PerLane::One };
        let entries = self.window.take(clock, take);
        if entries.is_empty() {
            return;
        }
        let positions: Vec<Position> = entries.iter().map(|entry| entry.position).collect();
        let originals = match self.queue.originals(positions).await {
            Ok(originals) => originals,
            Err(error) => {
                for entry in entries {
                    self.window.give_back(entry.position, entry.attempts, None);
                }
                return self.disk_refuses(&error);
            }
        };
        let mut originals: HashMap<Position, _> = originals.into_iter().collect();
        let mut letters = Vec::with_capacity(entries.len());
        for entry in entries {
            match originals.remove(&entry.position) {
                Some(original) => letters.push((entry, original)),
                // Gone from the queue: there is nothing to do about it.
                None => drop(self.window.finish(entry.position)),
            }
        }
        let mut letters = letters.into_iter().peekable();
        while letters.peek().is_some() {
            let some: Vec<_> = letters.by_ref().take(size).collect();
            let job = Arc::clone(&self.job);
            self.in_flight += 1;
            self.jobs.spawn(async move { job.run(some).await });
        }
    }

    /// Takes in what has ended, together with whatever else has.
    fn end(&mut self, first: Result<Ended, JoinError>) {
        let mut ended = Vec::new();
        let mut next = Some(first);
        while let Some(done) = next {
            self.in_flight -= 1;
            match done {
                Ok(outcomes) => ended.extend(outcomes),
                // Its events stay given out until the next start, and then come again.
                Err(error) => tracing::error!(%error, "a delivery has failed"),
            }
            next = self.jobs.try_join_next();
        }
        let clock = Instant::now();
        for (entry, outcome) in &ended {
            self.pace.learn(outcome, clock, self.subscription.backoff);
            if matches!(outcome, Outcome::Held(_)) {
                self.held.insert(entry.position);
            } else {
                self.held.remove(&entry.position);
            }
        }
        self.job.plans.metrics().held(&self.subscription.name, self.held.len());
        self.settle(ended);
    }

    /// Has outcomes recorded.
    fn settle(&mut self, ended: Ended) {
        if ended.is_empty() {
            return;
        }
        let wall = now();
        let mut bytes = 0;
        let settled = ended.iter().map(|(entry, outcome)| {
            let Entry { position, attempts, stored_at, .. } = *entry;
            match outcome {
                Outcome::Done => {
                    bytes += entry.bytes;
                    Settled::Done(position)
                }
                Outcome::Dead(fault) => {
                    bytes += entry.bytes;
                    Settled::Dead { position, fault: letter::kept(fault, attempts + 1, stored_at) }
                }
                Outcome::Again { wait, .. } => {
                    let due = wall.saturating_add(millis(*wait));
                    Settled::Again { position, attempts: attempts + 1, due }
                }
                Outcome::Held(wait) => {
                    Settled::Again { position, attempts, due: wall.saturating_add(millis(*wait)) }
                }
                Outcome::Gone(_) => Settled::Again { position, attempts, due: wall },
            }
        });
        let settled: Vec<Settled> = settled.collect();
        let gone = ended.iter().find_map(|(_, outcome)| match outcome {
            Outcome::Gone(fault) => Some(fault.detail.clone()),
            _ => None,
        });
        if let Some(why) = &gone
            && !self.is_stopped.swap(true, Relaxed)
        {
            tracing::error!(subscription = %self.subscription.name, why, "the consumer is gone: nothing is delivered to it any more");
        }
        let (queue, name) = (self.queue.clone(), self.subscription.name.clone());
        self.settling.spawn(async move {
            // Stopped first: both are done again where either fails, and only a stop may be done twice.
            if let Some(why) = gone
                && let Err(error) = queue.stop(&name, Some(why)).await
            {
                return (ended, Err(error));
            }
            let done = queue.settle(&name, settled, bytes).await;
            (ended, done)
        });
    }

    /// Takes in what was recorded: only now does the next of each key go.
    fn settled(&mut self, done: Result<Recorded, JoinError>) {
        let (ended, result) = match done {
            Ok(done) => done,
            Err(error) => return tracing::error!(%error, "what was delivered was not recorded"),
        };
        if let Err(error) = result {
            self.unsettled.extend(ended);
            return self.disk_refuses(&error);
        }
        let clock = Instant::now();
        for (entry, outcome) in ended {
            match outcome {
                Outcome::Done | Outcome::Dead(_) => {
                    self.window.finish(entry.position);
                }
                Outcome::Again { wait, .. } => {
                    self.window.give_back(entry.position, entry.attempts + 1, Some(clock + wait));
                }
                Outcome::Held(wait) => {
                    self.window.give_back(entry.position, entry.attempts, Some(clock + wait));
                }
                Outcome::Gone(_) => {
                    self.window.give_back(entry.position, entry.attempts, None);
                }
            }
        }
    }

    /// The disk does not read or write: nothing new is begun until it does.
    fn disk_refuses(&mut self, error: &QueueError) {
        tracing::error!(
            subscription = %self.subscription.name,
            error = stele_client::chain(error),
            "the queue does not answer: deliveries wait"
        );
        self.disk_rests_until = Some(Instant::now() + DISK_REST);
    }

    /// Offers the disk again what it did not take, once it has rested.
    fn offer_again(&mut self) {
        if self.disk_rests_until.is_some_and(|until| until <= Instant::now()) {
            self.disk_rests_until = None;
            let unsettled = std::mem::take(&mut self.unsettled);
            self.settle(unsettled);
        }
    }

    /// When to look again without being woken.
    fn next_wake(&mut self) -> Instant {
        let clock = Instant::now();
        let idle = clock + Duration::from_mins(1);
        if let Some(until) = self.disk_rests_until {
            return until;
        }
        let can_begin = self.pace.room(clock) > self.in_flight && !self.is_stopped.load(Relaxed);
        let wake = match self.pace.rests_until() {
            Some(until) if until > clock => until,
            _ if can_begin => self.window.next_due().unwrap_or(idle),
            _ => idle,
        };
        wake.clamp(clock + Duration::from_millis(1), idle)
    }

    async fn obey(&mut self, command: Command) {
        // Whoever asked may be gone; then it interests nobody.
        match command {
            Command::Rewind(to, answer) => {
                self.quiesce().await;
                let rewound = self.queue.rewind(&self.subscription.name, to).await;
                if let Ok(at) = rewound {
                    self.window = Window::default();
                    self.held.clear();
                    // All of it comes again; recorded now, it would count for what is yet to be delivered.
                    self.unsettled.clear();
                    (self.scanned, self.has_more) = (at, true);
                }
                let _ = answer.send(rewound);
            }
            Command::Resume(answer) => {
                let resumed = self.queue.stop(&self.subscription.name, None).await;
                if resumed.is_ok() {
                    self.is_stopped.store(false, Relaxed);
                }
                let _ = answer.send(resumed);
            }
        }
    }

    /// Waits until everything in flight has ended and is recorded.
    async fn quiesce(&mut self) {
        while let Some(done) = self.jobs.join_next().await {
            self.end(done);
        }
        while let Some(done) = self.settling.join_next().await {
            self.settled(done);
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
