//! A job is one attempt: an event, or a batch of them, translated with the plan of the moment and posted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use jiff::Timestamp;
use reqwest::Url;

use crate::{
    config::{Deliver, OnExhausted, Push, Subscription},
    delivery::{Post, Verdict, drain, judge, lay_out},
    envelope::{Envelope, Mode},
    fault::{Class, Code, Fault},
    plans::Plans,
    queue::{Original, now, window::Entry},
};

/// What became of one event.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The consumer has it.
    Done,
    /// It will never be delivered as it is.
    Dead(Fault),
    /// It is tried again.
    Again {
        /// After that long.
        wait: Duration,
        /// How long the consumer wants to rest, where it says so.
        after: Option<Duration>,
        /// Whether the consumer would take no other event either.
        is_consumer_down: bool,
    },
    /// The registry does not know its version yet: it is tried again, and that counts as no attempt.
    Held(Duration),
    /// The consumer has said that it is gone.
    Gone(Fault),
}

/// What every attempt of one subscription shares.
pub(super) struct Job {
    subscription: Arc<Subscription>,
    push: Push,
    pub(super) plans: Arc<Plans>,
    http: reqwest::Client,
    /// Whether the consumer has refused the mode it was sent: then it gets the other.
    is_switched: AtomicBool,
}

/// An event that is ready to go.
struct Ready {
    entry: Entry,
    url: Url,
    envelope: Envelope,
}

impl Job {
    pub fn new(
        subscription: Arc<Subscription>,
        push: Push,
        plans: Arc<Plans>,
        http: reqwest::Client,
    ) -> Self {
        Job { subscription, push, plans, http, is_switched: AtomicBool::new(false) }
    }

    /// Attempts some events: one by one, or those that can as one batch.
    pub async fn run(&self, letters: Vec<(Entry, Original)>) -> Vec<(Entry, Outcome)> {
        let mut ended = Vec::with_capacity(letters.len());
        let mut ready: Vec<Ready> = Vec::with_capacity(letters.len());
        for (entry, original) in letters {
            match self.translate(&original).await {
                Ok((url, envelope)) => ready.push(Ready { entry, url, envelope }),
                Err(fault) => {
                    let outcome = self.untranslated(&entry, fault);
                    ended.push((entry, outcome));
                }
            }
        }
        if matches!(self.push.deliver, Deliver::Batch(_)) {
            let (mut batch, rest): (Vec<Ready>, Vec<Ready>) =
                ready.into_iter().partition(|one| one.envelope.mode != Mode::Plain);
            ready = rest;
            while let Some(url) = batch.first().map(|one| one.url.clone()) {
                let (same, rest): (Vec<Ready>, Vec<Ready>) =
                    batch.into_iter().partition(|one| one.url == url);
                batch = rest;
                if same.len() == 1 {
                    ready.extend(same);
                } else {
                    ready.extend(self.batch(&url, same, &mut ended).await);
                }
            }
        }
        for one in ready {
            let outcome = self.single(&one).await;
            ended.push((one.entry, outcome));
        }
        for (_, outcome) in &ended {
            self.plans.metrics().delivery(&self.subscription.name, outcome.as_str());
        }
        ended
    }

    async fn translate(&self, original: &Original) -> Result<(Url, Envelope), Fault> {
        let envelope = original.envelope()?;
        let translation = self.plans.translate_stored(&envelope).await?;
        let url = self.push.consumer.as_ref().or(translation.route.consumer.as_ref());
        let url = url.cloned().ok_or_else(|| {
            Fault::new(Code::NoConsumer, "neither the subscription nor the subject has a consumer")
        })?;
        Ok((url, lay_out(translation.envelope, self.push.deliver)))
    }

    fn untranslated(&self, entry: &Entry, fault: Fault) -> Outcome {
        if fault.class() == Class::UnknownVersion && !self.is_too_old(entry) {
            let wait = self.subscription.backoff.wait(u32::MAX, fastrand::f64());
            // Whoever registers a version wants its events to flow within seconds.
            return Outcome::Held(wait.min(Duration::from_secs(5)).max(Duration::from_millis(100)));
        }
        Outcome::Dead(fault)
    }

    /// Posts a batch. Where the consumer refuses it for good, each event is to be sent by itself: one may spoil the rest.
    async fn batch(
        &self,
        url: &Url,
        ready: Vec<Ready>,
        ended: &mut Vec<(Entry, Outcome)>,
    ) -> Vec<Ready> {
        let (entries, envelopes): (Vec<Entry>, Vec<Envelope>) =
            ready.into_iter().map(|one| (one.entry, one.envelope)).unzip();
        let verdict = match self.post(url).batch(&envelopes).await {
            Err(fault) => Err((fault, None, true)),
            Ok(response) => {
                let (status, verdict) = (
                    response.status(),
                    judge(response.status(), response.headers(), Timestamp::now()),
                );
                tokio::spawn(drain(response));
                match verdict {
                    Verdict::Done => {
                        ended.extend(entries.into_iter().map(|entry| (entry, Outcome::Done)));
                        return Vec::new();
                    }
                    Verdict::Never | Verdict::OtherMode => {
                        let again = entries.into_iter().zip(envelopes);
                        let again = again.map(|(entry, envelope)| Ready {
                            entry,
                            url: url.clone(),
                            envelope,
                        });
                        return again.collect();
                    }
                    Verdict::Gone => Ok(Outcome::gone),
                    Verdict::Later { after } => {
                        let status = status.as_u16();
                        Err((failing(status), after, is_down(status)))
                    }
                }
            }
        };
        for entry in entries {
            let outcome = match &verdict {
                Ok(gone) => gone(),
                Err((fault, after, is_down)) => {
                    self.failed(&entry, fault.clone(), *after, *is_down)
                }
            };
            ended.push((entry, outcome));
        }
        Vec::new()
    }

    async fn single(&self, ready: &Ready) -> Outcome {
        let switched = self.is_switched.load(Relaxed);
        let first = if switched { other_mode(&ready.envelope) } else { None };
        let refused = match self.attempt(ready, first.as_ref().unwrap_or(&ready.envelope)).await {
            Ok(outcome) => return outcome,
            Err(refused) => refused,
        };
        // 415: once in the other mode, and where that is taken, from now on.
        let other =
            if switched { Some(ready.envelope.clone()) } else { other_mode(&ready.envelope) };
        let Some(other) = other else { return Outcome::Dead(refused) };
        match self.attempt(ready, &other).await {
            Ok(Outcome::Done) => {
                self.is_switched.store(!switched, Relaxed);
                Outcome::Done
            }
            Ok(outcome) => outcome,
            Err(refused) => Outcome::Dead(refused),
        }
    }

    /// One request; an error where the consumer does not take this content mode.
    async fn attempt(&self, ready: &Ready, envelope: &Envelope) -> Result<Outcome, Fault> {
        let response = match self.post(&ready.url).one(envelope).await {
            Ok(response) => response,
            Err(fault) => return Ok(self.failed(&ready.entry, fault, None, true)),
        };
        let status = response.status().as_u16();
        let verdict = judge(response.status(), response.headers(), Timestamp::now());
        tokio::spawn(drain(response));
        Ok(match verdict {
            Verdict::Done => Outcome::Done,
            Verdict::Later { after } => {
                self.failed(&ready.entry, failing(status), after, is_down(status))
            }
            Verdict::Never => Outcome::Dead(refused(status)),
            Verdict::Gone => Outcome::gone(),
            Verdict::OtherMode => return Err(refused(status)),
        })
    }

    fn post<'c>(&'c self, url: &'c Url) -> Post<'c> {
        Post { http: &self.http, url, timeout: self.push.timeout }
    }

    /// An attempt failed: another one later, unless it was the last.
    fn failed(
        &self,
        entry: &Entry,
        fault: Fault,
        after: Option<Duration>,
        is_consumer_down: bool,
    ) -> Outcome {
        // It was never sent, and never will be.
        if fault.class() != Class::Delivery || fault.code == Code::NoConsumer {
            return Outcome::Dead(fault);
        }
        let attempts = entry.attempts.saturating_add(1);
        let is_exhausted = self.is_too_old(entry)
            || self.subscription.max_attempts.is_some_and(|most| attempts >= most);
        if is_exhausted && self.subscription.on_exhausted == OnExhausted::DeadLetter {
            return Outcome::Dead(fault);
        }
        let own = self.subscription.backoff.wait(attempts, fastrand::f64());
        Outcome::Again { wait: own.max(after.unwrap_or_default()), after, is_consumer_down }
    }

    fn is_too_old(&self, entry: &Entry) -> bool {
        let age = u64::try_from(now().saturating_sub(entry.stored_at)).unwrap_or_default();
        let dies = self.subscription.on_exhausted == OnExhausted::DeadLetter;
        dies && self.subscription.max_age.is_some_and(|most| Duration::from_millis(age) > most)
    }
}

impl Outcome {
    fn gone() -> Outcome {
        Outcome::Gone(Fault::new(Code::ConsumerGone, "the consumer answered 410"))
    }

    fn as_str(&self) -> &'static str {
        match self {
            Outcome::Done => "delivered",
            Outcome::Dead(_) => "dead_letter",
            Outcome::Again { .. } => "retry",
            Outcome::Held(_) => "held",
            Outcome::Gone(_) => "gone",
        }
    }
}

/// Whether a consumer that answers so would take no other event either.
fn is_down(status: u16) -> bool {
    status == 429 || status >= 500
}

fn failing(status: u16) -> Fault {
    Fault::new(Code::ConsumerFailing, format!("the consumer answered {status}"))
}

fn refused(status: u16) -> Fault {
    let redirects =
        if (300..400).contains(&status) { ", and redirects are not followed" } else { "" };
    Fault::new(Code::ConsumerRefused, format!("the consumer answered {status}{redirects}"))
}

/// The same event in the other mode; a plain event has none.
fn other_mode(envelope: &Envelope) -> Option<Envelope> {
    let other = match envelope.mode {
        Mode::Binary => Deliver::Structured,
        Mode::Structured => Deliver::Binary,
        Mode::Plain => return None,
    };
    Some(lay_out(envelope.clone(), other))
}
