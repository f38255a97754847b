//! Following the registry: what it says in its feed is taken up beside the hot path, each subject once a burst.

use std::{collections::BTreeSet, sync::atomic::Ordering::Relaxed, time::Duration};

use stele_api::subject::Subject;
use stele_client::Follower;
use tokio::time::{Instant, sleep, timeout};

use super::{Plans, Source};

/// How long it is quiet before a burst is over: a folder is registered version by version.
const QUIET: Duration = Duration::from_millis(50);
/// How long a burst is waited for at most.
const BURST: Duration = Duration::from_secs(1);
/// How often it is looked whether the registry still answers.
const LOOK: Duration = Duration::from_millis(500);
/// How long to wait after what could not be loaded.
const AGAIN: Duration = Duration::from_secs(1);

/// What is to be loaded again.
#[derive(Debug, Default)]
struct Due {
    all: bool,
    subjects: BTreeSet<Subject>,
}

impl Plans {
    /// Keeps the plans as new as the registry. Never ends by itself.
    pub async fn follow(&self) {
        let Some(source) = &self.source else { return std::future::pending().await };
        let registry = source.client.base().as_str();
        let mut follower =
            source.client.follow(source.cache.position(registry).unwrap_or_default());
        // What was read from the cache, or not at all, is asked for once in any case.
        let mut due = Due { all: self.is_stale(), ..Due::default() };
        loop {
            if self.is_due(&due) && self.take_up(&mut due, source).await {
                source.cache.keep_position(registry, follower.position());
            }
            self.hear(&mut follower, &mut due, source).await;
        }
    }

    fn is_due(&self, due: &Due) -> bool {
        due.all
            || (self.takes_all && !due.subjects.is_empty())
            || self.routes.load().iter().any(|route| due.subjects.contains(&route.subject))
    }

    /// Loads what is due; whether all of it could be.
    async fn take_up(&self, due: &mut Due, source: &Source) -> bool {
        let mut left = Due::default();
        if self.takes_all
            && let Err(error) = self.route_all(source).await
        {
            tracing::warn!(error = error.chain(), "cannot list the subjects of the registry");
            self.is_stale.store(true, Relaxed);
            sleep(AGAIN).await;
            return false;
        }
        for route in self.routes.load_full().iter() {
            if !due.all && !due.subjects.contains(&route.subject) {
                continue;
            }
            match self.fetch(route, source).await {
                Ok(()) => {}
                // Once it is registered, the feed says so.
                Err(error) if error.is_unknown() => {}
                Err(error) => {
                    left.subjects.insert(route.subject.clone());
                    if error.is_unreachable() {
                        left.all |= due.all;
                        left.subjects.append(&mut due.subjects);
                        break;
                    }
                }
            }
        }
        *due = left;
        let is_done = !self.is_due(due);
        if is_done {
            self.is_stale.store(false, Relaxed);
        } else {
            self.is_stale.store(true, Relaxed);
            sleep(AGAIN).await;
        }
        is_done
    }

    /// Waits for what the registry says, to the end of a burst.
    async fn hear(&self, follower: &mut Follower, due: &mut Due, source: &Source) {
        let until = Instant::now() + BURST;
        let mut patience = if self.is_due(due) { Duration::ZERO } else { LOOK };
        while Instant::now() < until {
            match timeout(patience, follower.next()).await {
                Ok(Ok(change)) => {
                    match change.subject {
                        Some(subject) => drop(due.subjects.insert(subject)),
                        // The server's own settings concern every subject.
                        None => due.all = true,
                    }
                    patience = QUIET;
                }
                Ok(Err(error)) => {
                    tracing::warn!(error = error.chain(), "the registry's feed cannot be followed");
                    // Another registry, or one that was set back: everything is asked for anew.
                    *follower = source.client.follow(0);
                    due.all = true;
                    self.is_stale.store(true, Relaxed);
                    sleep(AGAIN).await;
                    return;
                }
                Err(_) => break,
            }
        }
        if !self.is_due(due) {
            // Heard, and nothing of it concerns anybody here.
            due.subjects.clear();
            self.is_stale.store(follower.is_cut_off(), Relaxed);
        }
    }
}
