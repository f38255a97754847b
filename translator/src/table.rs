//! The table is what the translator knows of the registry at one moment: for every subject its history and its plans.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use stele_api::{selector::Selector, subject::Subject};
use stele_client::{History, history::Known};
use stele_evolution::{plan::Plan, version::Version};

/// What is known of all subjects. Never changes: another takes its place.
#[derive(Clone, Default)]
pub struct Table {
    tracks: HashMap<Subject, Arc<Track>>,
}

/// The history of one subject, with the plans from every version to the consumer's.
///
/// A plan is composed when the first event takes it: most subjects of a large configuration are quiet, and a compiled plan
/// takes far more memory than the texts it is made of.
pub struct Track {
    history: History,
    target: Option<Known>,
    plans: Vec<(Version, OnceLock<Result<Plan, Missing>>)>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Nothing leads from the one version to the other.
    Path(String),
    /// What is kept of the subject cannot be read any more.
    Text,
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
    /// The plans from every version to the one that `to` selects now; none is composed yet.
    pub fn lay(history: History, to: &Selector) -> Self {
        let target = history.select(to).cloned();
        let others = history.versions().iter().map(|known| known.version);
        let others = others
            .filter(|version| target.as_ref().is_some_and(|target| target.version != *version));
        let plans = others.map(|version| (version, OnceLock::new())).collect();
        Track { history, target, plans }
    }

    /// The versions whose events have come, so that their plans are composed.
    pub fn in_use(&self) -> Vec<Version> {
        let composed = self.plans.iter().filter(|(_, plan)| plan.get().is_some());
        composed.map(|(version, _)| *version).collect()
    }

    /// The history.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The consumer's version, if it is registered.
    pub fn target(&self) -> Option<&Known> {
        self.target.as_ref()
    }

    /// The plan from a version to the consumer's, or why there is none; `None` for the consumer's own. Composes it, if
    /// nobody did.
    pub fn plan(&self, from: Version) -> Option<Result<&Plan, &Missing>> {
        let target = self.target.as_ref()?.version;
        let (_, plan) = self.plans.iter().find(|(version, _)| *version == from)?;
        let compose = || {
            if !self.history.is_readable() {
                return Err(Missing::Text);
            }
            let composed = self.history.plan(from, target);
            composed.map_err(|no_path| Missing::Path(no_path.to_string()))
        };
        Some(plan.get_or_init(compose).as_ref())
    }
}
