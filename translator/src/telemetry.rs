//! What an operator can measure: counters and gauges in the Prometheus text format.

use std::fmt;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use stele_evolution::version::Version;

use crate::fault::Fault;

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    translated: Family<Subject, Counter>,
    seen: Family<Seen, Counter>,
    faults: Family<Faulted, Counter>,
    deliveries: Family<Delivered, Counter>,
    swaps: Family<Swapped, Counter>,
    /// Whether what is known may be old: the registry does not answer.
    pub stale: Gauge,
    in_flight: Gauge,
    waiting: Family<Subscription, Gauge>,
    waiting_bytes: Family<Subscription, Gauge>,
    held: Family<Subscription, Gauge>,
    stopped: Family<Subscription, Gauge>,
    /// Dead letters that nobody has redriven or dropped.
    pub dead_letters: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Subject {
    subject: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Seen {
    subject: String,
    version: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Faulted {
    subject: String,
    class: &'static str,
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivered {
    subscription: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Swapped {
    subject: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Subscription {
    subscription: String,
}

/// How a subscription stands at this moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    /// Events that wait.
    pub waiting: u64,
    /// Their bytes.
    pub waiting_bytes: u64,
    /// Whether nothing is delivered any more.
    pub is_stopped: bool,
}

/// A request that is being answered; it counts until this is dropped, however it ends.
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("translator");
        macro_rules! registered {
            ($name:literal, $help:literal) => {{
                let metric = Default::default();
                registry.register($name, $help, Clone::clone(&metric));
                metric
            }};
        }
        // The types are told by the fields they are for.
        let translated: Family<Subject, Counter> =
            registered!("events_translated", "Events that left in their consumer's version");
        let seen: Family<Seen, Counter> =
            registered!("version_seen", "Events by the version they came in");
        let faults: Family<Faulted, Counter> =
            registered!("faults", "Events that were not translated");
        let deliveries: Family<Delivered, Counter> =
            registered!("deliveries", "Attempts to deliver from the queue, by outcome");
        let swaps: Family<Swapped, Counter> =
            registered!("plan_swaps", "Plans that took the place of others, or were refused");
        let stale: Gauge = registered!("stale", "1 while the registry does not answer");
        let in_flight: Gauge = registered!("in_flight", "Requests that are being answered");
        let waiting: Family<Subscription, Gauge> =
            registered!("queue_events", "Events that wait in a subscription");
        let waiting_bytes: Family<Subscription, Gauge> =
            registered!("queue_bytes", "Bytes that wait in a subscription");
        let held: Family<Subscription, Gauge> =
            registered!("queue_held", "Events held since the registry does not know their version");
        let stopped: Family<Subscription, Gauge> =
            registered!("queue_stopped", "1 where a consumer has said that it is gone");
        let dead_letters: Gauge =
            registered!("dead_letters", "Dead letters that wait for somebody");
        Metrics {
            registry,
            translated,
            seen,
            faults,
            deliveries,
            swaps,
            stale,
            in_flight,
            waiting,
            waiting_bytes,
            held,
            stopped,
            dead_letters,
        }
    }
}

impl Metrics {
    /// A request begins to be answered.
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// An event came in a version and left in its consumer's.
    pub fn translated(&self, subject: &str, from: Version) {
        self.seen(subject, from);
        self.translated.get_or_create(&Subject { subject: subject.to_owned() }).inc();
    }

    /// An event did not.
    pub fn fault(&self, fault: &Fault) {
        let subject = fault.place.subject.clone().unwrap_or_default();
        if let Some(from) = fault.place.from {
            self.seen(&subject, from);
        }
        let (class, code) = (fault.class().as_str(), fault.code.as_str());
        self.faults.get_or_create(&Faulted { subject, class, code }).inc();
    }

    fn seen(&self, subject: &str, version: Version) {
        let labels = Seen { subject: subject.to_owned(), version: version.number() };
        self.seen.get_or_create(&labels).inc();
    }

    /// An attempt to deliver ended.
    pub fn delivery(&self, subscription: &str, outcome: &'static str) {
        let labels = Delivered { subscription: subscription.to_owned(), outcome };
        self.deliveries.get_or_create(&labels).inc();
    }

    /// Plans were swapped, or a new one was refused.
    pub fn swap(&self, subject: &str, outcome: &'static str) {
        self.swaps.get_or_create(&Swapped { subject: subject.to_owned(), outcome }).inc();
    }

    /// How many events of a subscription are held.
    pub fn held(&self, subscription: &str, events: usize) {
        let labels = Subscription { subscription: subscription.to_owned() };
        self.held.get_or_create(&labels).set(i64::try_from(events).unwrap_or(i64::MAX));
    }

    /// How a subscription stands.
    pub fn standing(&self, subscription: &str, standing: Standing) {
        let labels = Subscription { subscription: subscription.to_owned() };
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.waiting.get_or_create(&labels).set(number(standing.waiting));
        self.waiting_bytes.get_or_create(&labels).set(number(standing.waiting_bytes));
        self.stopped.get_or_create(&labels).set(i64::from(standing.is_stopped));
    }

    /// Everything, as text.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_sees_which_versions_are_still_sent() {
        let metrics = Metrics::default();
        metrics.translated("OrderPlaced", "2".parse().unwrap());
        metrics.translated("OrderPlaced", "2".parse().unwrap());

        let text = metrics.render().unwrap();

        assert!(
            text.contains("translator_version_seen_total{subject=\"OrderPlaced\",version=\"2\"} 2"),
            "{text}"
        );
    }
}
