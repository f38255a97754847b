//! What a desk knows between two requests: what waits, what is out on which lease, how far everything is settled.

use std::{collections::HashMap, time::Instant};

use uuid::Uuid;

use super::{Given, HELD, Pulled};
use crate::queue::{
    Settled,
    window::{Entry, Position, Window},
};

/// How one subscription stands with its consumers.
#[derive(Default)]
pub(super) struct State {
    pub window: Window,
    pub scanned: Position,
    /// The newest place that was known when everything up to it was scanned.
    pub complete_at: Option<Position>,
    pub cursor: Position,
    pub leases: HashMap<Uuid, Lease>,
}

/// Events that a consumer has, and until when.
pub(super) struct Lease {
    pub entries: Vec<Entry>,
    pub ends: Instant,
}

impl State {
    /// Gives back what is on leases that have ended.
    pub fn end_leases(&mut self, clock: Instant) {
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

    /// The answer where nothing is given out.
    pub fn nothing(&self) -> Pulled {
        Pulled { events: Vec::new(), cursor: self.cursor, lease: None }
    }

    /// Gives back what was taken and did not leave.
    pub fn return_all(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.window.give_back(entry.position, entry.attempts, None);
        }
    }

    /// Does in the window what was recorded; the entries that are given out, with this attempt counted.
    pub fn apply(
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
