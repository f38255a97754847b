//! Loading: a subject's history from the cache or the registry, compiled beside the hot path, tried on the examples of its
//! lenses, and swapped in one step.

use std::{
    num::NonZeroUsize,
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
    thread,
    time::Duration,
};

use stele_api::subject::Subject;
use stele_client::{ClientError, History, HistoryError};
use stele_evolution::version::Version;
use tokio::{
    sync::Mutex as AsyncMutex,
    task::spawn_blocking,
    time::{Instant, timeout},
};

use super::{Plans, Source};
use crate::{fault::Code, route::Route, table::Track};

/// The shortest time between two questions about one subject.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// How long one subject may take to load: whoever waits for it is a sender.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whose turn it is with one subject.
#[derive(Default)]
pub(super) struct Turn {
    /// Held by whoever asks on need; what became of the last question.
    pub asked: AsyncMutex<Option<Asked>>,
    /// Held from the question to the swap.
    loading: AsyncMutex<()>,
}

/// What became of the last question about a subject.
pub(super) struct Asked {
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
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, LoadError::History(HistoryError::Client(error))
            if error.code() == Some("subject_not_found"))
    }
}

impl Plans {
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

    /// Asks the registry about a subject, unless somebody just did; answers why it was not answered.
    pub(super) async fn ask(&self, route: &Route) -> Result<(), (Code, String)> {
        let Some(source) = &self.source else { return Ok(()) };
        let turn = self.turn(&route.subject);
        let mut asked = turn.asked.lock().await;
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
    pub(super) async fn ask_for_all(&self) {
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
    pub(super) async fn route_all(&self, source: &Source) -> Result<(), ClientError> {
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
    pub(super) async fn fetch(&self, route: &Route, source: &Source) -> Result<(), LoadError> {
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
        // Of two who load at once, the one who asked first would else swap its older answer in over the newer.
        let turn = self.turn(&route.subject);
        let _turn = turn.loading.lock().await;
        let loading = History::load(&source.client, &route.subject, &source.cache);
        let loaded = timeout(PATIENCE, loading).await;
        let history = loaded.map_err(|_| LoadError::Silent(route.subject.clone()))??;
        let before = self.table.load().track(&route.subject).cloned();
        if before.as_ref().is_some_and(|before| before.history().is_same(&history)) {
            return Ok(0);
        }
        let to = route.to.clone();
        // A subject whose events flow has its plans composed before they are swapped; any other is put at rest.
        let in_use = before.map(|before| before.in_use()).unwrap_or_default();
        let compiled = spawn_blocking(move || {
            if !history.is_readable() {
                return Err(LoadError::Broken(history.subject().clone()));
            }
            for (version, lens) in history.lenses() {
                if let Some(index) = lens.broken_example() {
                    let subject = history.subject().clone();
                    return Err(LoadError::Example { subject, to: version, index });
                }
            }
            if in_use.is_empty() {
                return Ok(Arc::new(Track::lay(history.at_rest(), &to)));
            }
            let newest = history.newest().map(|known| known.version);
            let track = Track::lay(history, &to);
            for version in in_use.into_iter().chain(newest) {
                // One that is missing is a fault of the events that need it.
                let _ = track.plan(version);
            }
            Ok(Arc::new(track))
        });
        let track = compiled.await.map_err(|_| LoadError::Broken(route.subject.clone()))??;
        self.table.rcu(|table| table.with([Arc::clone(&track)]));
        Ok(track.history().versions().len())
    }

    fn turn(&self, subject: &Subject) -> Arc<Turn> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(subject.clone()).or_default())
    }
}
