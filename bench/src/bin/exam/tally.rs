//! What is counted per suite and direction.

use std::time::Duration;

use stele_evolution::containment::{Proof, Verdict};

/// The counts of one suite in one direction.
#[derive(Default)]
pub struct Tally {
    pub equal: usize,
    pub structural: usize,
    pub canonical: usize,
    pub breaking: usize,
    pub undecided: usize,
    pub wrong: usize,
    pub panics: usize,
    pub unreadable: usize,
    /// Proven pairs for which events were made, those for which as many as were wanted, and all events.
    proven_pairs: usize,
    full_pairs: usize,
    events: usize,
    times: Vec<Duration>,
}

impl Tally {
    /// Counts one verdict.
    pub fn count(&mut self, verdict: &Verdict, took: Duration, wrong: bool) {
        match verdict {
            Verdict::Compatible(Proof::Equal) => self.equal += 1,
            Verdict::Compatible(Proof::Structural) => self.structural += 1,
            Verdict::Compatible(Proof::Canonical) => self.canonical += 1,
            Verdict::Breaking(_) => self.breaking += 1,
            Verdict::Undecided(_) => self.undecided += 1,
        }
        self.wrong += usize::from(wrong);
        self.times.push(took);
    }

    /// Counts the events made for one proven pair.
    pub fn generated(&mut self, events: usize, wanted: usize) {
        self.proven_pairs += usize::from(events > 0);
        self.full_pairs += usize::from(events >= wanted);
        self.events += events;
    }

    /// The counts in one line; times in milliseconds.
    pub fn line(mut self, suite: &str, direction: &str) -> String {
        self.times.sort();
        let at = |share: f64| {
            let last = self.times.len().saturating_sub(1);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a rank among a few thousand"
            )]
            let index = (last as f64 * share).round() as usize;
            self.times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
        };
        let generated = match self.proven_pairs {
            0 => String::new(),
            pairs => format!(
                " generated={} events for {pairs} proven pairs, all that were wanted for {}",
                self.events, self.full_pairs
            ),
        };
        format!(
            "{suite:22} {direction:8} compatible={} (equal {}, structural {}, canonical {}) breaking={} undecided={} wrong={} panics={} unreadable={} p50={:.2}ms p99={:.1}ms max={:.0}ms{generated}",
            self.equal + self.structural + self.canonical,
            self.equal,
            self.structural,
            self.canonical,
            self.breaking,
            self.undecided,
            self.wrong,
            self.panics,
            self.unreadable,
            at(0.5),
            at(0.99),
            at(1.0),
        )
    }
}
