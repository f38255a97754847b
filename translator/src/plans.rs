//! The plans the translator works by: read from the cache at start, loaded from the registry, swapped in one step.
//!
//! Readers take the current table without waiting. A subject is asked for by one at a time; whoever comes meanwhile waits
//! for that answer. An unknown version is asked about at most once a second. New plans are compiled, and the examples of
//! their lenses run, beside the hot path; what does not compile leaves what there was.

mod follow;
mod load;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use stele_api::subject::Subject;
use stele_client::{Client, History, cache::Cache};
use tokio::{
    sync::Mutex as AsyncMutex,
    task::spawn_blocking,
    time::{Instant, timeout},
};

pub use self::load::LoadError;
use self::load::Turn;

use crate::{
    envelope::Envelope,
    fault::{Class, Code, Fault},
    route::{Route, Routes},
    table::{Table, Track},
    telemetry::Metrics,
    translate::{Translation, translate},
};

/// How long a start waits for the registry; after that the sidecar serves, and goes on asking.
const START: Duration = Duration::from_secs(5);

/// Where histories come from.
pub struct Source {
    client: Client,
    cache: Cache,
}

/// Routes, and the plans for them.
pub struct Plans {
    routes: ArcSwap<Routes>,
    table: ArcSwap<Table>,
    source: Option<Source>,
    /// Whether every subject of the registry has a route, to its newest version.
    takes_all: bool,
    /// Whose turn it is to load a subject.
    turns: Mutex<HashMap<Subject, Arc<Turn>>>,
    asked_all: AsyncMutex<Option<Instant>>,
    /// Whether what is known may be older than the registry.
    is_stale: AtomicBool,
    metrics: Metrics,
}

impl Source {
    /// Histories from a registry, by way of a cache.
    pub fn new(client: Client, cache: Cache) -> Self {
        Source { client, cache }
    }
}

impl Plans {
    /// Plans for `routes`; nothing is loaded yet.
    pub fn new(routes: Routes, source: Source) -> Self {
        let plans = Plans { source: Some(source), ..Plans::fixed(routes, Vec::new()) };
        plans.is_stale.store(true, Relaxed);
        plans
    }

    /// Plans for every subject that the registry has, or will have: each to its newest version.
    pub fn of_everything(source: Source) -> Self {
        Plans { takes_all: true, ..Plans::new(Routes::Named(Vec::new()), source) }
    }

    /// Plans made of what is known already; no registry is ever asked.
    pub fn fixed(routes: Routes, histories: Vec<History>) -> Self {
        let mut table = Table::default();
        for history in histories {
            if let Some(route) = routes.iter().find(|route| route.subject == *history.subject()) {
                table = table.with([Arc::new(Track::lay(history, &route.to))]);
            }
        }
        Plans {
            routes: ArcSwap::from_pointee(routes),
            table: ArcSwap::from_pointee(table),
            source: None,
            takes_all: false,
            turns: Mutex::default(),
            asked_all: AsyncMutex::default(),
            is_stale: AtomicBool::new(false),
            metrics: Metrics::default(),
        }
    }

    /// The routes of this moment.
    pub fn routes(&self) -> Arc<Routes> {
        self.routes.load_full()
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Whether what is known may be older than the registry: it does not answer.
    pub fn is_stale(&self) -> bool {
        self.is_stale.load(Relaxed)
    }

    /// What is known at this moment.
    pub fn table(&self) -> Arc<Table> {
        self.table.load_full()
    }

    /// The routes that cannot be served yet: nothing is known of the subject, or its consumer's version is not registered.
    pub fn missing(&self) -> Vec<Arc<Route>> {
        let table = self.table.load();
        let known = |route: &&Arc<Route>| {
            table.track(&route.subject).is_some_and(|track| track.target().is_some())
        };
        self.routes.load().iter().filter(|route| !known(route)).map(Arc::clone).collect()
    }

    /// Asks for what is missing, as far as nobody just did.
    pub async fn ask_missing(&self) {
        for route in self.missing() {
            // Why it was not answered is logged there.
            let _ = self.ask(&route).await;
        }
    }

    /// Translates one event. If the table knows too little, or no way, the registry is asked once, then it is tried again.
    pub async fn translate(&self, envelope: &Envelope) -> Result<Translation, Fault> {
        let translated = self.try_translate(envelope).await;
        self.counted(translated)
    }

    async fn try_translate(&self, envelope: &Envelope) -> Result<Translation, Fault> {
        // One table for the whole event: it is translated by one plan, whatever is swapped meanwhile.
        let table = self.table.load_full();
        let first = self.attempt(envelope, &table);
        let fault = match first {
            // A lens may have been registered since, as may a version; a route has not been.
            Err(fault) if fault.class() == Class::UnknownVersion || fault.code == Code::NoPath => {
                fault
            }
            Err(fault) if fault.code == Code::SubjectNotRouted && self.takes_all => {
                self.ask_for_all().await;
                fault
            }
            other => return other,
        };
        let is_concerned = |route: &&Arc<Route>| {
            let subject = fault.place.subject.as_deref();
            subject.is_none_or(|subject| subject == &*route.label)
        };
        let mut refusal = None;
        let routes = self.routes.load_full();
        let not_routed = fault.code == Code::SubjectNotRouted;
        for route in routes.iter().filter(is_concerned).filter(|_| !not_routed) {
            refusal = self.ask(route).await.err().or(refusal);
        }
        match self.attempt(envelope, &self.table.load()) {
            Err(fault) if fault.class() == Class::UnknownVersion => Err(match refusal {
                Some((code, detail)) => Fault { code, detail, ..fault },
                None => fault,
            }),
            other => other,
        }
    }

    /// The same for an event that can wait: where its version is not known, it is a fault at once, and the registry is
    /// asked beside. Nothing else waits behind a registry that does not answer.
    pub async fn translate_stored(
        self: &Arc<Self>,
        envelope: &Envelope,
    ) -> Result<Translation, Fault> {
        let fault = match self.attempt(envelope, &self.table.load_full()) {
            Err(fault) if fault.class() == Class::UnknownVersion => fault,
            // A way that is missing is asked for before the event is given up.
            Err(fault) if fault.code == Code::NoPath || fault.code == Code::SubjectNotRouted => {
                return self.translate(envelope).await;
            }
            other => return self.counted(other),
        };
        let (plans, subject) = (Arc::clone(self), fault.place.subject.clone());
        tokio::spawn(async move {
            let routes = plans.routes.load_full();
            let concerned = |route: &&Arc<Route>| {
                subject.as_deref().is_none_or(|subject| subject == &*route.label)
            };
            for route in routes.iter().filter(concerned) {
                if !plans.is_being_asked(&route.subject) {
                    // Why it was not answered is logged there.
                    let _ = plans.ask(route).await;
                }
            }
        });
        self.counted(Err(fault))
    }

    fn is_being_asked(&self, subject: &Subject) -> bool {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.get(subject).is_some_and(|turn| turn.asked.try_lock().is_err())
    }

    fn counted(&self, translated: Result<Translation, Fault>) -> Result<Translation, Fault> {
        match &translated {
            Ok(translation) => {
                self.metrics.translated(&translation.route.label, translation.from);
            }
            Err(fault) => self.metrics.fault(fault),
        }
        translated
    }

    /// Takes up what the cache holds; where that is not everything, asks the registry before it goes on, for a while.
    pub async fn begin(self: &Arc<Self>) {
        let plans = Arc::clone(self);
        if spawn_blocking(move || plans.take_cached()).await.is_err() {
            tracing::error!("the cache could not be read");
        }
        if self.missing().is_empty() {
            return;
        }
        match timeout(START, self.load()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let error = stele_client::chain(&error);
                tracing::warn!(error, "not every subject could be loaded");
            }
            Err(_) => tracing::warn!("the registry does not answer in time: serving without it"),
        }
    }

    fn attempt(&self, envelope: &Envelope, table: &Table) -> Result<Translation, Fault> {
        let registry = self.source.as_ref().map_or("", |source| source.client.base().as_str());
        translate(envelope, &self.routes.load(), table, registry)
    }
}

#[cfg(test)]
mod tests;
