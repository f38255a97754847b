//! The pace is how many requests a consumer seems to take at once: one more after each that went well, half as many after
//! each that did not, and a rest where not even one goes well.

use std::time::{Duration, Instant};

use super::job::Outcome;
use crate::{config::Backoff, fault::Code};

/// How much is sent at once.
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
    now: usize,
    /// Failures since anything went well.
    failures: u32,
    rests_until: Option<Instant>,
}

impl Pace {
    /// Begins in full.
    pub fn new(most: usize) -> Self {
        Pace { most, now: most, failures: 0, rests_until: None }
    }

    /// How many requests may be in flight.
    pub fn room(&mut self, clock: Instant) -> usize {
        match self.rests_until {
            Some(until) if until > clock => 0,
            _ => self.now,
        }
    }

    /// Nothing is sent before.
    pub fn rests_until(&self) -> Option<Instant> {
        self.rests_until
    }

    /// Learns from how a delivery ended.
    pub fn learn(&mut self, outcome: &Outcome, clock: Instant, backoff: Backoff) {
        match outcome {
            Outcome::Again { is_consumer_down: true, after, .. } => {
                self.went_badly(*after, clock, backoff);
            }
            Outcome::Done | Outcome::Again { .. } => self.went_well(),
            Outcome::Dead(fault) => match fault.code {
                Code::ConsumerRefused => self.went_well(),
                // Its last attempt; the consumer is no better for that.
                Code::ConsumerFailing | Code::ConsumerUnreachable | Code::ConsumerTimeout => {
                    self.went_badly(None, clock, backoff);
                }
                // The consumer was not asked.
                _ => {}
            },
            Outcome::Held(_) | Outcome::Gone(_) => {}
        }
    }

    fn went_well(&mut self) {
        self.failures = 0;
        self.now = (self.now + 1).min(self.most);
        self.rests_until = None;
    }

    fn went_badly(&mut self, after: Option<Duration>, clock: Instant, backoff: Backoff) {
        self.failures = self.failures.saturating_add(1);
        let was_slow = self.now == 1;
        self.now = (self.now / 2).max(1);
        let own =
            if was_slow { backoff.wait(self.failures, fastrand::f64()) } else { Duration::ZERO };
        let until = clock + own.max(after.unwrap_or_default());
        self.rests_until = self.rests_until.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    const BACKOFF: Backoff =
        Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(10) };

    fn down(after: Option<Duration>) -> Outcome {
        Outcome::Again { wait: Duration::ZERO, after, is_consumer_down: true }
    }

    #[test]
    fn a_consumer_that_is_down_is_tried_by_one_and_one_that_recovers_by_more() {
        let clock = Instant::now();
        let mut pace = Pace::new(8);

        for left in [4, 2, 1] {
            pace.learn(&down(None), clock, BACKOFF);
            assert_eq!(pace.room(clock + Duration::from_mins(1)), left);
        }
        pace.learn(&Outcome::Done, clock, BACKOFF);
        assert_eq!(pace.room(clock), 2);
    }

    #[test]
    fn only_what_a_consumer_was_asked_says_anything_about_it() {
        let clock = Instant::now();
        let dead = |code| Outcome::Dead(Fault::new(code, "it is dead"));
        let mut pace = Pace::new(8);
        pace.learn(&down(Some(Duration::from_secs(7))), clock, BACKOFF);

        for code in [Code::InvalidInput, Code::NoPath, Code::NoConsumer, Code::AttributeInvalid] {
            pace.learn(&dead(code), clock, BACKOFF);
        }
        assert_eq!((pace.now, pace.room(clock)), (4, 0), "it still rests");

        pace.learn(&dead(Code::ConsumerFailing), clock, BACKOFF);
        assert_eq!(pace.now, 2, "a last attempt that fails is one that fails");

        pace.learn(&dead(Code::ConsumerRefused), clock, BACKOFF);
        assert_eq!((pace.now, pace.room(clock)), (3, 3), "who refuses one event takes others");
    }

    #[test]
    fn nothing_is_sent_before_the_consumer_wants_it() {
        let clock = Instant::now();
        let mut pace = Pace::new(8);

        pace.learn(&down(Some(Duration::from_secs(7))), clock, BACKOFF);

        assert_eq!(pace.room(clock + Duration::from_secs(6)), 0);
        assert_eq!(pace.room(clock + Duration::from_secs(8)), 4);
    }
}
