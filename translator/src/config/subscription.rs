//! A subscription, as the configuration describes it: a queue of its own, and how its consumer comes by the events.

use std::{num::NonZeroUsize, time::Duration};

use reqwest::Url;
use serde::Deserialize;

use super::ConsumerUrl;
use crate::queue::{Bound, Retention};

/// One day.
const DAY_S: u64 = 24 * 60 * 60;

/// A queue, and who reads it in which way.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its name, as it stands in paths.
    pub name: String,
    /// How its consumer comes by the events.
    pub way: Way,
    /// How much may wait.
    pub bound: Bound,
    /// How long settled events are kept.
    pub keep: Retention,
    /// After so many attempts an event is exhausted.
    pub max_attempts: Option<u32>,
    /// An event that has waited longer than this is exhausted once another attempt fails.
    pub max_age: Option<Duration>,
    /// What becomes of an exhausted event.
    pub on_exhausted: OnExhausted,
    /// How long to wait after failures.
    pub backoff: Backoff,
}

/// How a consumer comes by its events.
#[derive(Debug, Clone)]
pub enum Way {
    /// They are posted to it.
    Push(Push),
    /// It asks for them, and has them for this long before they are given out again.
    Poll {
        /// How long.
        lease: Duration,
    },
}

/// How events are posted.
#[derive(Debug, Clone)]
pub struct Push {
    /// Where to; each subject's own consumer where absent.
    pub consumer: Option<Url>,
    /// How they are laid out.
    pub deliver: Deliver,
    /// How many requests at once, each of another key.
    pub concurrency: NonZeroUsize,
    /// How long one request may take.
    pub timeout: Duration,
}

/// How events are laid out for their consumer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deliver {
    /// As they came.
    #[default]
    AsReceived,
    /// `CloudEvents` in binary mode.
    Binary,
    /// `CloudEvents` in structured mode.
    Structured,
    /// `CloudEvents` in batches of up to so many: only where the consumer is known to take them.
    Batch(NonZeroUsize),
}

/// What becomes of an event that was tried often enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExhausted {
    /// It becomes a dead letter, and the next of its key goes on.
    #[default]
    DeadLetter,
    /// It is tried on and on, and the others of its key wait.
    Block,
}

/// How long to wait after failures: twice as long after each, up to a bound, and any time up to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// At most this long after the first.
    pub first: Duration,
    /// At most this long after any.
    pub longest: Duration,
}

impl Backoff {
    /// How long to wait after so many failures; `chance` is anywhere from 0 to 1 ("full jitter").
    pub fn wait(self, failures: u32, chance: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1).min(31));
        self.first.saturating_mul(doubled).min(self.longest).mul_f64(chance.clamp(0.0, 1.0))
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Push,
    Poll,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub name: String,
    #[serde(default)]
    mode: Mode,
    consumer: Option<ConsumerUrl>,
    deliver: Option<Deliver>,
    concurrency: Option<NonZeroUsize>,
    timeout_ms: Option<u64>,
    lease_ms: Option<u64>,
    max_events: Option<u64>,
    max_bytes: Option<u64>,
    keep_s: Option<u64>,
    keep_bytes: Option<u64>,
    max_attempts: Option<u32>,
    max_age_s: Option<u64>,
    #[serde(default)]
    on_exhausted: OnExhausted,
    first_wait_ms: Option<u64>,
    longest_wait_ms: Option<u64>,
}

impl Entry {
    /// The subscription; what it leaves out is as usual. The field that has no meaning in its mode, where there is one.
    pub(super) fn read(&self, timeout: Duration) -> Result<Subscription, &'static str> {
        let (way, usual_keep) = match self.mode {
            Mode::Push if self.lease_ms.is_some() => return Err("lease_ms"),
            Mode::Push => (Way::Push(self.push(timeout)), 0),
            Mode::Poll if self.consumer.is_some() => return Err("consumer"),
            Mode::Poll if self.deliver.is_some() => return Err("deliver"),
            Mode::Poll if self.concurrency.is_some() => return Err("concurrency"),
            Mode::Poll if self.timeout_ms.is_some() => return Err("timeout_ms"),
            Mode::Poll => {
                let lease = Duration::from_millis(self.lease_ms.unwrap_or(30_000).max(1));
                (Way::Poll { lease }, DAY_S)
            }
        };
        let age_ms = self.keep_s.unwrap_or(usual_keep).saturating_mul(1000);
        let usual_age = (self.mode == Mode::Push).then_some(DAY_S);
        Ok(Subscription {
            name: self.name.clone(),
            way,
            bound: Bound {
                events: self.max_events.unwrap_or(1_000_000),
                bytes: self.max_bytes.unwrap_or(1024 * 1024 * 1024),
            },
            keep: Retention {
                age_ms: i64::try_from(age_ms).unwrap_or(i64::MAX),
                bytes: self.keep_bytes.unwrap_or(1024 * 1024 * 1024),
            },
            max_attempts: self.max_attempts,
            max_age: self.max_age_s.or(usual_age).map(Duration::from_secs),
            on_exhausted: self.on_exhausted,
            backoff: Backoff {
                first: Duration::from_millis(self.first_wait_ms.unwrap_or(200)),
                longest: Duration::from_millis(self.longest_wait_ms.unwrap_or(60_000)),
            },
        })
    }

    fn push(&self, timeout: Duration) -> Push {
        Push {
            consumer: self.consumer.as_ref().map(|ConsumerUrl(url)| url.clone()),
            deliver: self.deliver.unwrap_or_default(),
            concurrency: self.concurrency.unwrap_or(NonZeroUsize::MIN.saturating_add(15)),
            timeout: self.timeout_ms.map_or(timeout, Duration::from_millis),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_are_anything_below() {
        let backoff =
            Backoff { first: Duration::from_millis(200), longest: Duration::from_mins(1) };
        let longest: Vec<u128> =
            [1, 2, 3, 9, 10, 40].map(|failures| backoff.wait(failures, 1.0).as_millis()).to_vec();

        assert_eq!(longest, [200, 400, 800, 51_200, 60_000, 60_000]);
        assert_eq!(backoff.wait(2, 0.25), Duration::from_millis(100));
        assert_eq!(backoff.wait(7, 0.0), Duration::ZERO);
    }
}
