//! The plans the translator works by: read from the cache at start, loaded from the registry, swapped in one step.
//!
//! Readers take the current table without waiting. A subject is asked for by one at a time; whoever comes meanwhile waits
//! for that answer. An unknown version is asked about at most once a second. New plans are compiled, and the examples of
//! their lenses run, beside the hot path; what does not compile leaves what there was.

mod follow;

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use arc_swap::ArcSwap;
use stele_api::subject::Subject;
use stele_client::{Client, ClientError, History, HistoryError, cache::Cache};
use stele_evolution::version::Version;
use tokio::{
    sync::Mutex as AsyncMutex,
    task::spawn_blocking,
    time::{Instant, timeout},
};

use crate::{
    envelope::Envelope,
    fault::{Class, Code, Fault},
    route::{Route, Routes},
    table::{Table, Track},
    telemetry::Metrics,
    translate::{Translation, translate},
};

/// The shortest time between two questions about one subject.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// How long one subject may take to load: whoever waits for it is a sender.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a start waits for the registry; after that the sidecar serves, and goes on asking.
const START: Duration = Duration::from_secs(5);

/// Where histories come from.
pub struct Source {
    client: Client,
    cache: Cache,
}

/// What became of the last question about a subject.
struct Asked {
    at: Instant,
    /// Why it was not answered.
    refusal: Option<(Code, String)>,
}

/// Why a subject's plans are not taken up.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The registry does not give them, or they do not compile.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A lens does not do what its own examples say.
    #[error("the lens to version {to} of `{subject}` does not do what its example {index} says")]
    Example {
        /// The subject.
        subject: Subject,
        /// The version it leads up to.
        to: Version,
        /// Which example, counted from 0.
        index: usize,
    },
    /// The registry has taken the question and does not answer.
    #[error("the registry does not answer in time about `{0}`")]
    Silent(Subject),
    /// Compiling them failed in a way that nobody thought of.
    #[error("the plans of `{0}` do not compile")]
    Broken(Subject),
}

impl LoadError {
    /// What to do about it, where somebody knows.
    pub fn hint(&self) -> Option<&str> {
        match self {
            LoadError::History(error) => error.hint(),
            LoadError::Example { .. } => {
                Some("compare the versions of the registry and the translator")
            }
            LoadError::Silent(_) | LoadError::Broken(_) => None,
        }
    }

    /// Whether the registry could not be reached, so that trying again may help.
    pub fn is_unreachable(&self) -> bool {
        match self {
            LoadError::History(error) => error.is_unreachable(),
            LoadError::Silent(_) => true,
            LoadError::Example { .. } | LoadError::Broken(_) => false,
        }
    }

    /// Whether the registry has said that there is no such subject.
    fn is_unknown(&self) -> bool {
        matches!(self, LoadError::History(HistoryError::Client(error))
            if error.code() == Some("subject_not_found"))
    }
}

/// Routes, and the plans for them.
pub struct Plans {
    routes: ArcSwap<Routes>,
    table: ArcSwap<Table>,
    source: Option<Source>,
    /// Whether every subject of the registry has a route, to its newest version.
    takes_all: bool,
    asked: Mutex<HashMap<Subject, Arc<AsyncMutex<Option<Asked>>>>>,
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
            asked: Mutex::default(),
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
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(subject).is_some_and(|asked| asked.try_lock().is_err())
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

    /// Loads every subject; why the first that could not be loaded could not. Does not count as a question asked on need.
    pub async fn load(&self) -> Result<(), LoadError> {
        let Some(source) = &self.source else { return Ok(()) };
        if self.takes_all {
            self.route_all(source).await.map_err(HistoryError::from)?;
        }
        let mut first = Ok(());
        for route in self.routes.load_full().iter() {
            match self.fetch(route, source).await {
                Ok(()) => {}
                Err(error) if error.is_unreachable() => return first.and(Err(error)),
                Err(error) => first = first.and(Err(error)),
            }
        }
        if first.is_ok() {
            self.is_stale.store(false, Relaxed);
        }
        first
    }

    /// Compiles what the cache holds. Blocks.
    pub fn take_cached(&self) {
        let Some(source) = &self.source else { return };
        let registry = source.client.base().as_str();
        let routes = self.routes.load_full();
        let routes: Vec<&Arc<Route>> = routes.iter().collect();
        let lay = |route: &&Arc<Route>| {
            let history = History::cached(registry, &route.subject, &source.cache)?;
            Some(Arc::new(Track::lay(history, &route.to)))
        };
        // A start has the machine to itself, and somebody waits for it.
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let tracks: Vec<Arc<Track>> = thread::scope(|scope| {
            let parts = routes.chunks(routes.len().div_ceil(threads).max(1));
            let parts: Vec<_> = parts
                .map(|part| scope.spawn(move || part.iter().filter_map(lay).collect::<Vec<_>>()))
                .collect();
            // A part that fails is as good as not cached.
            parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
        });
        if !tracks.is_empty() {
            tracing::info!(subjects = tracks.len(), "read from the cache");
            self.table.rcu(|table| table.with(tracks.iter().map(Arc::clone)));
        }
    }

    fn attempt(&self, envelope: &Envelope, table: &Table) -> Result<Translation, Fault> {
        let registry = self.source.as_ref().map_or("", |source| source.client.base().as_str());
        translate(envelope, &self.routes.load(), table, registry)
    }

    /// Asks the registry about a subject, unless somebody just did; answers why it was not answered.
    async fn ask(&self, route: &Route) -> Result<(), (Code, String)> {
        let Some(source) = &self.source else { return Ok(()) };
        let asked = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(asked.entry(route.subject.clone()).or_default())
        };
        let mut asked = asked.lock().await;
        if let Some(last) = asked.as_ref().filter(|last| last.at.elapsed() < ASK_AGAIN) {
            return last.refusal.clone().map_or(Ok(()), Err);
        }
        let refusal = match self.fetch(route, source).await {
            Ok(()) => None,
            Err(error) => {
                let code = if error.is_unknown() {
                    Code::UnknownVersion
                } else {
                    Code::RegistryUnavailable
                };
                Some((code, stele_client::chain(&error)))
            }
        };
        *asked = Some(Asked { at: Instant::now(), refusal: refusal.clone() });
        refusal.map_or(Ok(()), Err)
    }

    /// Looks for subjects that have no route yet, unless somebody just did.
    async fn ask_for_all(&self) {
        let Some(source) = &self.source else { return };
        let mut asked = self.asked_all.lock().await;
        if asked.is_some_and(|at| at.elapsed() < ASK_AGAIN / 10) {
            return;
        }
        if let Err(error) = self.route_all(source).await {
            tracing::warn!(error = error.chain(), "cannot list the subjects of the registry");
        }
        *asked = Some(Instant::now());
    }

    /// Gives every subject of the registry a route, once its plans are there. Of two with one name, in two contexts, the
    /// first is taken.
    async fn route_all(&self, source: &Source) -> Result<(), ClientError> {
        for summary in source.client.subjects().await? {
            let route = Route::to_newest(&summary.subject);
            let known = self.routes.load_full();
            let has_room = known.iter().all(|other| other.name != route.name);
            if summary.latest.is_none() || !has_room || self.fetch(&route, source).await.is_err() {
                continue;
            }
            let route = Arc::new(route);
            self.routes.rcu(|routes| routes.with(Arc::clone(&route)));
        }
        Ok(())
    }

    /// Loads a subject and swaps its plans. Where that fails, what there was stays.
    async fn fetch(&self, route: &Route, source: &Source) -> Result<(), LoadError> {
        let fetched = self.try_fetch(route, source).await;
        let subject = &*route.label;
        match &fetched {
            Ok(0) => {}
            Ok(versions) => {
                self.metrics.swap(subject, "taken");
                tracing::info!(subject, versions, "loaded");
            }
            Err(error) => {
                self.metrics.swap(subject, "refused");
                tracing::warn!(
                    subject,
                    error = stele_client::chain(error),
                    "cannot load a subject"
                );
            }
        }
        fetched.map(drop)
    }

    /// How many versions were taken up; none where nothing has changed.
    async fn try_fetch(&self, route: &Route, source: &Source) -> Result<usize, LoadError> {
        let loading = History::load(&source.client, &route.subject, &source.cache);
        let loaded = timeout(PATIENCE, loading).await;
        let history = loaded.map_err(|_| LoadError::Silent(route.subject.clone()))??;
        let before = self.table.load().track(&route.subject).cloned();
        if before.is_some_and(|before| before.history().is_same(&history)) {
            return Ok(0);
        }
        let to = route.to.clone();
        let compiled = spawn_blocking(move || {
            for (version, lens) in history.lenses() {
                if let Some(index) = lens.broken_example() {
                    let subject = history.subject().clone();
                    return Err(LoadError::Example { subject, to: version, index });
                }
            }
            Ok(Arc::new(Track::lay(history, &to)))
        });
        let track = compiled.await.map_err(|_| LoadError::Broken(route.subject.clone()))??;
        self.table.rcu(|table| table.with([Arc::clone(&track)]));
        Ok(track.history().versions().len())
    }
}
