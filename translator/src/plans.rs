//! The plans the translator works by, loaded from the registry on first need and swapped in one step.
//!
//! Readers take the current table without waiting. A subject is asked for by one at a time; whoever comes meanwhile waits
//! for that answer. An unknown version is asked about at most once a second.

use std::{collections::HashMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use stele_api::subject::Subject;
use stele_client::{Client, History, HistoryError, cache::Cache};
use tokio::{sync::Mutex, time::Instant};

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

/// Routes, and the plans for them.
pub struct Plans {
    routes: Routes,
    table: ArcSwap<Table>,
    source: Option<Source>,
    asked: HashMap<Subject, Mutex<Option<Asked>>>,
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
        Plans { source: Some(source), ..Plans::fixed(routes, Vec::new()) }
    }

    /// Plans made of what is known already; no registry is ever asked.
    pub fn fixed(routes: Routes, histories: Vec<History>) -> Self {
        let mut table = Table::default();
        for history in histories {
            if let Some(route) = routes.iter().find(|route| route.subject == *history.subject()) {
                table = table.with(Arc::new(Track::lay(history, &route.to)));
            }
        }
        let asked = routes.iter().map(|route| (route.subject.clone(), Mutex::default())).collect();
        Plans { routes, table: ArcSwap::from_pointee(table), source: None, asked, metrics: Metrics::default() }
    }

    /// The routes.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What is known at this moment.
    pub fn table(&self) -> Arc<Table> {
        self.table.load_full()
    }

    /// The routes that cannot be served yet: nothing is known of the subject, or its consumer's version is not registered.
    pub fn missing(&self) -> Vec<&Route> {
        let table = self.table.load();
        let known = |route: &&Route| {
            table.track(&route.subject).is_some_and(|track| track.target().is_some())
        };
        self.routes.iter().filter(|route| !known(route)).collect()
    }

    /// Asks for what is missing, as far as nobody just did.
    pub async fn ask_missing(&self) {
        for route in self.missing() {
            // Why it was not answered is logged there.
            let _ = self.ask(route).await;
        }
    }

    /// Translates one event. If the table knows too little, or no way, the registry is asked once, then it is tried again.
    pub async fn translate(&self, envelope: &Envelope) -> Result<Translation<'_>, Fault> {
        let translated = self.try_translate(envelope).await;
        match &translated {
            Ok(translation) => {
                let subject = translation.route.subject.to_string();
                self.metrics.translated(&subject, translation.from);
            }
            Err(fault) => self.metrics.fault(fault),
        }
        translated
    }

    async fn try_translate(&self, envelope: &Envelope) -> Result<Translation<'_>, Fault> {
        let table = self.table.load_full();
        let first = self.attempt(envelope, &table);
        let fault = match first {
            // A lens may have been registered since, as may a version; a route has not been.
            Err(fault) if fault.class() == Class::UnknownVersion || fault.code == Code::NoPath => {
                fault
            }
            other => return other,
        };
        let is_concerned = |route: &&Route| {
            let subject = fault.place.subject.as_deref();
            subject.is_none_or(|subject| subject == route.subject.to_string())
        };
        let mut refusal = None;
        for route in self.routes.iter().filter(is_concerned) {
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

    /// Loads every subject; why the first that could not be loaded could not. Does not count as a question asked on need.
    pub async fn load(&self) -> Result<(), HistoryError> {
        let Some(source) = &self.source else { return Ok(()) };
        let mut first = Ok(());
        for route in self.routes.iter() {
            match self.fetch(route, source).await {
                Ok(()) => {}
                Err(error) if error.is_unreachable() => return first.and(Err(error)),
                Err(error) => first = first.and(Err(error)),
            }
        }
        first
    }

    fn attempt(&self, envelope: &Envelope, table: &Table) -> Result<Translation<'_>, Fault> {
        let registry = self.source.as_ref().map_or("", |source| source.client.base().as_str());
        translate(envelope, &self.routes, table, registry)
    }

    /// Asks the registry about a subject, unless somebody just did; answers why it was not answered.
    async fn ask(&self, route: &Route) -> Result<(), (Code, String)> {
        let (Some(source), Some(asked)) = (&self.source, self.asked.get(&route.subject)) else {
            return Ok(());
        };
        let mut asked = asked.lock().await;
        if let Some(last) = asked.as_ref().filter(|last| last.at.elapsed() < ASK_AGAIN) {
            return last.refusal.clone().map_or(Ok(()), Err);
        }
        let refusal = match self.fetch(route, source).await {
            Ok(()) => None,
            Err(error) => {
                let chain = stele_client::chain(&error);
                tracing::warn!(subject = %route.subject, error = chain, "cannot load a subject");
                let known = matches!(&error, HistoryError::Client(error)
                    if error.code() == Some("subject_not_found"));
                let code = if known { Code::UnknownVersion } else { Code::RegistryUnavailable };
                Some((code, chain))
            }
        };
        *asked = Some(Asked { at: Instant::now(), refusal: refusal.clone() });
        refusal.map_or(Ok(()), Err)
    }

    async fn fetch(&self, route: &Route, source: &Source) -> Result<(), HistoryError> {
        let history = History::load(&source.client, &route.subject, &source.cache).await?;
        let versions = history.versions().len();
        let track = Arc::new(Track::lay(history, &route.to));
        self.table.rcu(|table| table.with(Arc::clone(&track)));
        tracing::info!(subject = %route.subject, versions, "loaded");
        Ok(())
    }
}
