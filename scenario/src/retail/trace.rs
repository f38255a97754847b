//! A trace tells what happens in the shop, one step at a time, to whoever wants to print it; a tally counts the steps.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use stele_evolution::version::Version;

/// One thing that happened, as a line of the trace shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The bounded context it happened in; `shop` is where customers are.
    pub context: &'static str,
    /// What happened.
    pub what: What,
    /// The subject of the message.
    pub subject: String,
    /// The version its producer wrote.
    pub written: Version,
    /// The version it was read in, where it was read.
    pub read: Option<Version>,
    /// The order it is about.
    pub order: String,
    /// Whose it is to read, where it was sent.
    pub to: Vec<&'static str>,
    /// What it says, in a few words, and how many values did not fit into the version it was read in; empty where the
    /// step says all.
    pub note: String,
}

/// What happened to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// It was in the store and was lifted to the version its context knows now.
    Recalled,
    /// It was given to the outbox.
    Sent,
    /// It arrived and was acted on.
    Received,
    /// It arrived again, and nothing was done.
    Ignored,
    /// It was turned down for good.
    Refused,
    /// A delivery did not work out and is tried again.
    Retried,
    /// It could not be delivered at all.
    Undelivered,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            What::Recalled => "recalled",
            What::Sent => "sent",
            What::Received => "received",
            What::Ignored => "ignored",
            What::Refused => "refused",
            What::Retried => "retried",
            What::Undelivered => "undelivered",
        })
    }
}

/// Somebody who is told every step. Cheap to clone.
#[derive(Clone)]
pub struct Trace(Arc<dyn Fn(&Step) + Send + Sync>);

impl Trace {
    /// Tells every step to `listener`. It is called from several tasks, and should be quick.
    pub fn to(listener: impl Fn(&Step) + Send + Sync + 'static) -> Trace {
        Trace(Arc::new(listener))
    }

    /// Tells nobody.
    pub fn silent() -> Trace {
        Trace::to(|_| {})
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trace")
    }
}

/// How often the same thing happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// The bounded context it happened in.
    pub context: &'static str,
    /// What happened.
    pub what: What,
    /// The subject of the messages.
    pub subject: String,
    /// The version their producer wrote.
    pub written: Version,
    /// The version they were read in, where they were read.
    pub read: Option<Version>,
    /// How often.
    pub times: u32,
}

/// Counts every step and passes it on.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    trace: Trace,
    counts: Arc<Mutex<BTreeMap<Key, u32>>>,
}

type Key = (&'static str, What, String, Version, Option<Version>);

impl Tally {
    /// Passes every step on to `trace`.
    pub fn over(trace: Trace) -> Tally {
        Tally { trace, counts: Arc::default() }
    }

    /// Counts a step and passes it on.
    pub fn tell(&self, step: &Step) {
        let key = (step.context, step.what, step.subject.clone(), step.written, step.read);
        {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.entry(key).or_default() += 1;
        }
        (self.trace.0)(step);
    }

    /// What was counted so far.
    pub fn counts(&self) -> Vec<Count> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|((context, what, subject, written, read), times)| Count {
                context,
                what: *what,
                subject: subject.clone(),
                written: *written,
                read: *read,
                times: *times,
            })
            .collect()
    }
}
