//! The table is what the translator knows of the registry at one moment: for every subject its history and its plans.

use std::{collections::HashMap, sync::Arc};

use stele_api::{selector::Selector, subject::Subject};
use stele_client::{History, history::Known};
use stele_evolution::{plan::Plan, version::Version};

/// What is known of all subjects. Never changes: another takes its place.
#[derive(Clone, Default)]
pub struct Table {
    tracks: HashMap<Subject, Arc<Track>>,
}

/// The history of one subject, with the plans from every version to the consumer's.
pub struct Track {
    history: History,
    target: Option<Known>,
    plans: HashMap<Version, Result<Plan, String>>,
}

impl Table {
    /// The track of a subject, if it is known.
    pub fn track(&self, subject: &Subject) -> Option<&Arc<Track>> {
        self.tracks.get(subject)
    }

    /// The same table with these tracks in the place of those before.
    #[must_use]
    pub fn with(&self, new: impl IntoIterator<Item = Arc<Track>>) -> Self {
        let mut tracks = self.tracks.clone();
        for track in new {
            tracks.insert(track.history.subject().clone(), track);
        }
        Table { tracks }
    }
}

impl Track {
    /// Composes the plans from every version to the one that `to` selects now.
    pub fn lay(history: History, to: &Selector) -> Self {
        let target = history.select(to).cloned();
        let mut plans = HashMap::new();
        if let Some(target) = &target {
            for known in history.versions().iter().filter(|known| known.version != target.version) {
                let plan = history.plan(known.version, target.version);
                plans.insert(known.version, plan.map_err(|no_path| no_path.to_string()));
            }
        }
        Track { history, target, plans }
    }

    /// The history.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The consumer's version, if it is registered.
    pub fn target(&self) -> Option<&Known> {
        self.target.as_ref()
    }

    /// The plan from a version to the consumer's, or why there is none; `None` for the consumer's own.
    pub fn plan(&self, from: Version) -> Option<Result<&Plan, &str>> {
        Some(self.plans.get(&from)?.as_ref().map_err(String::as_str))
    }
}
