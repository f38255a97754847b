//! Telemetry: what is counted and measured, and how it is told at `/metrics`.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry as Metrics, Unit},
};
use stele_evolution::policy::Outcome;

use crate::means::Means;

/// The media type of what is told.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The upper ends of what is told apart, in seconds.
const SECONDS: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// What is counted and measured. Cheap to clone.
#[derive(Clone)]
pub struct Telemetry(Arc<Measured>);

struct Measured {
    metrics: Mutex<Metrics>,
    requests: Family<Answered, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    checks: Family<Check, Histogram, fn() -> Histogram>,
    appends: Histogram,
    events: Counter,
    failed_appends: Counter,
    panics: Family<Panicked, Counter>,
    size: Gauges,
    webhook_lag: Family<Hook, Gauge>,
}

/// What is read off when somebody asks.
#[derive(Default)]
struct Gauges {
    subjects: Gauge,
    versions: Gauge,
    contexts: Gauge,
    position: Gauge,
    listeners: Gauge,
    feed_lag: Gauge,
    resident: Gauge,
}

/// How large everything is at a moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Size {
    /// The subjects.
    pub subjects: usize,
    /// Their versions.
    pub versions: usize,
    /// The contexts.
    pub contexts: usize,
    /// The place of the last event.
    pub position: u64,
    /// Those who listen to the feed.
    pub listeners: usize,
    /// How many events the slowest of them is behind.
    pub feed_lag: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Check {
    stage: &'static str,
    verdict: &'static str,
    proof: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Hook {
    webhook: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Panicked {
    place: &'static str,
}

/// Where the program was when it met a mistake of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Judging.
    Judge,
    /// Deciding.
    Decide,
    /// Recording what was decided.
    Record,
    /// Answering.
    Request,
}

/// A part of what a check takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for a seat on the pool.
    Wait,
    /// Reading and judging.
    Judge,
    /// Being decided and recorded.
    Record,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was judged.
    Judged(Outcome, Means),
    /// The schema was there already.
    Known,
    /// It could not be read, or was given up.
    Failed,
}

impl Default for Telemetry {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let measured = Measured {
            metrics: Mutex::new(Metrics::with_prefix("stele")),
            requests: Family::default(),
            durations: Family::new_with_constructor(histogram),
            checks: Family::new_with_constructor(histogram),
            appends: histogram(),
            events: Counter::default(),
            failed_appends: Counter::default(),
            panics: Family::default(),
            size: Gauges::default(),
            webhook_lag: Family::default(),
        };
        measured.register();
        Telemetry(Arc::new(measured))
    }
}

impl Measured {
    fn register(&self) {
        let mut metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        metrics.register("requests", "Requests by route and status", self.requests.clone());
        let mut seconds = |name: &str, help: &str, metric: Seconds| {
            let unit = Unit::Seconds;
            match metric {
                Seconds::Routes(metric) => metrics.register_with_unit(name, help, unit, metric),
                Seconds::Checks(metric) => metrics.register_with_unit(name, help, unit, metric),
                Seconds::One(metric) => metrics.register_with_unit(name, help, unit, metric),
            }
        };
        seconds(
            "request_duration",
            "How long an answer takes",
            Seconds::Routes(self.durations.clone()),
        );
        seconds("check_duration", "How long a check takes", Seconds::Checks(self.checks.clone()));
        seconds(
            "log_append_duration",
            "How long a flush to the log takes",
            Seconds::One(self.appends.clone()),
        );
        metrics.register("log_events", "Events appended to the log", self.events.clone());
        metrics.register("log_append_failures", "Flushes that failed", self.failed_appends.clone());
        metrics.register("panics", "Mistakes in the program, and where", self.panics.clone());
        let size = &self.size;
        for (name, help, gauge) in [
            ("subjects", "Subjects in the catalog", &size.subjects),
            ("versions", "Versions in the catalog", &size.versions),
            ("contexts", "Contexts in the catalog", &size.contexts),
            ("log_position", "The place of the last event", &size.position),
            ("feed_listeners", "Streams of the feed that are open", &size.listeners),
            ("feed_lag_events", "How far behind the slowest of them is", &size.feed_lag),
            ("process_resident_memory_bytes", "Memory held by the process", &size.resident),
        ] {
            metrics.register(name, help, gauge.clone());
        }
        metrics.register(
            "webhook_lag_events",
            "How far behind a webhook is",
            self.webhook_lag.clone(),
        );
    }
}

enum Seconds {
    Routes(Family<Route, Histogram, fn() -> Histogram>),
    Checks(Family<Check, Histogram, fn() -> Histogram>),
    One(Histogram),
}

/// What is counted and timed of the requests of one route that are answered in one way.
#[derive(Clone)]
pub struct Meter {
    requests: Counter,
    durations: Histogram,
}

impl Meter {
    /// A request was answered.
    pub fn answered(&self, took: Duration) {
        self.requests.inc();
        self.durations.observe(took.as_secs_f64());
    }
}

impl Telemetry {
    /// What counts the requests of a route, found once for all of them.
    pub fn meter(&self, method: &str, route: &str, status: u16) -> Meter {
        let labels = Answered { method: method.to_owned(), route: route.to_owned(), status };
        let requests = self.0.requests.get_or_create(&labels).clone();
        let labels = Route { route: route.to_owned() };
        Meter { requests, durations: self.0.durations.get_or_create(&labels).clone() }
    }

    /// A request was answered. `route` is a path with its holes, never what stood in them.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let labels = Answered { method: method.to_owned(), route: route.to_owned(), status };
        self.0.requests.get_or_create(&labels).inc();
        let labels = Route { route: route.to_owned() };
        self.0.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A part of a check was done.
    pub fn checked(&self, stage: Stage, verdict: Verdict, took: Duration) {
        let labels =
            Check { stage: stage.name(), verdict: verdict.name(), proof: verdict.means().name() };
        self.0.checks.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Events were appended, with one flush.
    pub fn appended(&self, events: usize, took: Duration) {
        self.0.appends.observe(took.as_secs_f64());
        self.0.events.inc_by(events as u64);
    }

    /// A flush has failed.
    pub fn append_failed(&self) {
        self.0.failed_appends.inc();
    }

    /// The program has met a mistake of its own, and goes on.
    pub fn panicked(&self, place: Place) {
        let place = match place {
            Place::Judge => "judge",
            Place::Decide => "decide",
            Place::Record => "record",
            Place::Request => "request",
        };
        self.0.panics.get_or_create(&Panicked { place }).inc();
    }

    /// How far behind a webhook is; nothing once it is gone.
    pub fn webhook(&self, id: &str, lag: Option<u64>) {
        let labels = Hook { webhook: id.to_owned() };
        match lag {
            Some(lag) => {
                self.0.webhook_lag.get_or_create(&labels).set(whole(lag));
            }
            None => {
                self.0.webhook_lag.remove(&labels);
            }
        }
    }

    /// Everything, as it is scraped.
    pub fn told(&self, size: Size) -> Result<String, fmt::Error> {
        let gauges = &self.0.size;
        gauges.subjects.set(whole(size.subjects as u64));
        gauges.versions.set(whole(size.versions as u64));
        gauges.contexts.set(whole(size.contexts as u64));
        gauges.position.set(whole(size.position));
        gauges.listeners.set(whole(size.listeners as u64));
        gauges.feed_lag.set(whole(size.feed_lag));
        gauges.resident.set(whole(resident().unwrap_or_default()));
        let mut out = String::new();
        let metrics = self.0.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        text::encode(&mut out, &metrics)?;
        Ok(out)
    }
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Stage::Wait => "wait",
            Stage::Judge => "judge",
            Stage::Record => "record",
        }
    }
}

impl Verdict {
    fn means(self) -> Means {
        match self {
            Verdict::Judged(_, means) => means,
            Verdict::Known | Verdict::Failed => Means::Nothing,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Verdict::Judged(Outcome::Compatible, _) => "compatible",
            Verdict::Judged(Outcome::Breaking, _) => "breaking",
            Verdict::Judged(Outcome::Undecided, _) => "undecided",
            Verdict::Known => "known",
            Verdict::Failed => "failed",
        }
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The memory that the process holds, where the system tells: the second number of `statm`, in pages of 4 KiB.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_told_and_what_is_gone_is_not() {
        let telemetry = Telemetry::default();

        telemetry.answered("GET", "/subjects/{subject}", 404, Duration::from_millis(2));
        let verdict = Verdict::Judged(Outcome::Breaking, Means::Witness);
        telemetry.checked(Stage::Judge, verdict, Duration::from_secs(2));
        telemetry.appended(3, Duration::from_micros(300));
        telemetry.webhook("gone", Some(7));
        telemetry.webhook("gone", None);
        telemetry.webhook("slow", Some(9));
        let told = telemetry.told(Size { versions: 12, ..Size::default() }).unwrap();

        for line in [
            r#"stele_requests_total{method="GET",route="/subjects/{subject}",status="404"} 1"#,
            r#"stele_check_duration_seconds_count{stage="judge",verdict="breaking",proof="witness"} 1"#,
            "stele_log_events_total 3",
            "stele_log_append_duration_seconds_count 1",
            r#"stele_webhook_lag_events{webhook="slow"} 9"#,
            "stele_versions 12",
        ] {
            assert!(told.lines().any(|told| told == line), "{line} in {told}");
        }
        assert!(!told.contains("gone"));
        assert!(told.ends_with("# EOF\n"));
    }
}
