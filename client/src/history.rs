//! The history of a subject: its versions with their schemas and edges, ready to plan with.

use std::collections::{BTreeMap, BTreeSet};

use stele_api::{
    dialect::Reference,
    id::SchemaId,
    selector::Selector,
    subject::Subject,
    version::{EdgeKind, VersionSummary},
};
use stele_evolution::{
    containment::{ContentModel, project, undeclared},
    lens::{Lens, LensError},
    plan::{Edge, NoPath, Plan, Step},
    schema::{Fingerprint, Invalid, Schema, SchemaError, Widening},
    version::{Release, Version},
};

use crate::{
    Client, ClientError,
    cache::{Cache, KeptEdge, KeptHistory, KeptVersion},
};

/// How deep references may refer to references.
const DEEPEST_REFERENCE: usize = 32;

/// What is known of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its number.
    pub version: Version,
    /// Its semantic version.
    pub release: Release,
    /// The id of its schema.
    pub id: SchemaId,
    /// What names its schema by content.
    pub fingerprint: Fingerprint,
}

impl Known {
    /// The same as a GUID, as messages of the Confluent format carry it.
    pub fn guid(&self) -> u128 {
        self.fingerprint.high_bits()
    }
}

/// All versions of one subject, oldest first, with the way from each to the next.
pub struct History {
    subject: Subject,
    model: ContentModel,
    /// Where lists may grow.
    widening: Widening,
    known: Vec<Known>,
    steps: Vec<Step>,
    /// Soft-deleted: nobody is sent there who does not ask for that very number, but events of it are still about.
    hidden: BTreeSet<Version>,
}

/// Why a history could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The registry gave no good answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A schema from the registry cannot be read here.
    #[error("cannot read version {version} of `{subject}`")]
    Schema {
        /// The subject.
        subject: Subject,
        /// The version, or what refers to it.
        version: String,
        /// Why not.
        #[source]
        cause: Box<SchemaError>,
    },
    /// A lens from the registry cannot be read here.
    #[error("cannot read the lens from {from} to {to} of `{subject}`")]
    Lens {
        /// The subject.
        subject: Subject,
        /// The older version.
        from: Version,
        /// The newer version.
        to: Version,
        /// Why not.
        #[source]
        cause: Box<LensError>,
    },
    /// References that refer to each other without end.
    #[error("the references of `{subject}` do not end")]
    EndlessReferences {
        /// The subject.
        subject: Subject,
    },
}

impl HistoryError {
    /// What to do about it, where somebody knows.
    pub fn hint(&self) -> Option<&str> {
        match self {
            HistoryError::Client(error) => error.hint(),
            HistoryError::Schema { cause, .. } => Some(cause.hint()),
            HistoryError::Lens { .. } | HistoryError::EndlessReferences { .. } => None,
        }
    }

    /// Whether the registry could not be reached, so that trying again may help.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, HistoryError::Client(error) if error.is_unreachable())
    }
}

impl History {
    /// A history made of what is known already: the versions, oldest first, each with its step.
    pub fn of(subject: Subject, model: ContentModel, versions: Vec<(Known, Step)>) -> Self {
        let (known, steps) = versions.into_iter().unzip();
        let (widening, hidden) = (Widening::Marked, BTreeSet::new());
        History { subject, model, widening, known, steps, hidden }
    }

    /// Loads all versions of a subject; schemas that are in the cache are not asked for.
    pub async fn load(
        client: &Client,
        subject: &Subject,
        cache: &Cache,
    ) -> Result<Self, HistoryError> {
        let resource = client.subject(subject).await?;
        let (model, widening) = (resource.policy.content_model, resource.policy.widening());
        let hidden = resource.versions.iter().filter(|one| one.deleted).map(|one| one.version);
        let hidden = hidden.collect();
        let mut versions: Vec<(Known, Step)> = Vec::with_capacity(resource.versions.len());
        for summary in resource.versions {
            let before = versions.last().map(|(known, _)| known.version);
            let edge = edge(client, subject, before, &summary).await?;
            let schema = schema(client, subject, &summary, cache).await?;
            let known = Known {
                version: summary.version,
                release: summary.release,
                id: summary.global_id,
                fingerprint: summary.fingerprint,
            };
            versions.push((known, Step { version: summary.version, schema, edge }));
        }
        let history = History::of(subject.clone(), model, versions);
        let history = History { widening, hidden, ..history };
        cache.keep_history(client.base().as_str(), &history.kept(cache));
        Ok(history)
    }

    /// The history of a subject as it was when it was last loaded from this registry; `None` where not all of it is kept.
    pub fn cached(registry: &str, subject: &Subject, cache: &Cache) -> Option<Self> {
        let kept = cache.history(registry, subject)?;
        let mut versions = Vec::with_capacity(kept.versions.len());
        for KeptVersion { version, release, id, fingerprint, edge } in kept.versions {
            let schema = cache.schema(fingerprint)?;
            let edge = match edge {
                None => None,
                Some(KeptEdge::Addition) => Some(Edge::Addition),
                Some(KeptEdge::Lens { hash, assurance }) => {
                    Some(Edge::Written { lens: cache.lens(&hash)?, assurance })
                }
            };
            let known = Known { version, release, id, fingerprint };
            versions.push((known, Step { version, schema, edge }));
        }
        let history = History::of(subject.clone(), kept.content_model, versions);
        let widening = if kept.widen { Widening::Everywhere } else { Widening::Marked };
        Some(History { widening, hidden: kept.hidden, ..history })
    }

    /// What is kept of it; its lenses are put into the cache.
    fn kept(&self, cache: &Cache) -> KeptHistory {
        let versions = self.known.iter().zip(&self.steps).map(|(known, step)| KeptVersion {
            version: known.version,
            release: known.release.clone(),
            id: known.id,
            fingerprint: known.fingerprint,
            edge: match &step.edge {
                None => None,
                Some(Edge::Addition) => Some(KeptEdge::Addition),
                Some(Edge::Written { lens, assurance }) => {
                    let hash = cache.keep_lens(lens);
                    Some(KeptEdge::Lens { hash, assurance: *assurance })
                }
            },
        });
        KeptHistory {
            subject: self.subject.clone(),
            content_model: self.model,
            widen: self.widening == Widening::Everywhere,
            hidden: self.hidden.clone(),
            versions: versions.collect(),
        }
    }

    /// Whether another history says the same: the same versions, reached in the same ways.
    pub fn is_same(&self, other: &History) -> bool {
        let same_edge = |one: &Option<Edge>, two: &Option<Edge>| match (one, two) {
            (None, None) | (Some(Edge::Addition), Some(Edge::Addition)) => true,
            (
                Some(Edge::Written { lens: one, assurance: sure }),
                Some(Edge::Written { lens: two, assurance: as_sure }),
            ) => sure == as_sure && one.to_value() == two.to_value(),
            _ => false,
        };
        self.subject == other.subject
            && self.model == other.model
            && self.widening == other.widening
            && self.hidden == other.hidden
            && self.known == other.known
            && self.steps.iter().zip(&other.steps).all(|(one, two)| same_edge(&one.edge, &two.edge))
    }

    /// The lenses that were written, with the version each leads up to.
    pub fn lenses(&self) -> impl Iterator<Item = (Version, &Lens)> {
        self.steps.iter().filter_map(|step| match &step.edge {
            Some(Edge::Written { lens, .. }) => Some((step.version, lens)),
            _ => None,
        })
    }

    /// The subject.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What its schemas mean.
    pub fn model(&self) -> ContentModel {
        self.model
    }

    /// Every version, soft-deleted ones included, oldest first.
    pub fn versions(&self) -> &[Known] {
        &self.known
    }

    /// The newest version.
    pub fn newest(&self) -> Option<&Known> {
        self.seen().next_back()
    }

    fn seen(&self) -> impl DoubleEndedIterator<Item = &Known> {
        self.known.iter().filter(|known| !self.hidden.contains(&known.version))
    }

    /// What is known of a version.
    pub fn find(&self, version: Version) -> Option<&Known> {
        self.known.iter().find(|known| known.version == version)
    }

    /// What leads to a version from the one before it.
    pub fn edge(&self, version: Version) -> Option<&Edge> {
        self.steps.iter().find(|step| step.version == version)?.edge.as_ref()
    }

    /// The version a selector means.
    pub fn select(&self, selector: &Selector) -> Option<&Known> {
        match selector {
            Selector::Latest => self.newest(),
            Selector::Number(version) => self.find(*version),
            Selector::Release(release) => self.seen().find(|known| known.release == *release),
            Selector::Range(range) => self.seen().rev().find(|known| range.matches(&known.release)),
        }
    }

    /// The versions whose schema has this id; a schema may come back later.
    pub fn with_id(&self, id: SchemaId) -> impl Iterator<Item = &Known> {
        self.known.iter().filter(move |known| known.id == id)
    }

    /// Whether every version was only an addition to the one before.
    pub fn is_additions_only(&self) -> bool {
        self.steps.iter().skip(1).all(|step| matches!(step.edge, Some(Edge::Addition)))
    }

    /// Validates an event as a reader of `version` sees it: in the event model, without undeclared names. `None` if the
    /// version is not known.
    pub fn validate(
        &self,
        version: Version,
        event: &serde_json::Value,
    ) -> Option<Result<(), Invalid>> {
        let schema = &self.steps.iter().find(|step| step.version == version)?.schema;
        Some(match self.model {
            ContentModel::Strict => schema.validate(event),
            ContentModel::Event => schema.validate(&project(schema, event)),
        })
    }

    /// A place in the event that its schema does not declare, which no producer of the event model sends.
    pub fn undeclared(&self, version: Version, event: &serde_json::Value) -> Option<String> {
        let step = self.steps.iter().find(|step| step.version == version)?;
        undeclared(&step.schema, event)
    }

    /// The event without the names that its schema does not declare.
    pub fn strip(&self, version: Version, event: &serde_json::Value) -> serde_json::Value {
        let step = self.steps.iter().find(|step| step.version == version);
        step.map_or_else(|| event.clone(), |step| project(&step.schema, event))
    }

    /// The plan from one version to another.
    pub fn plan(&self, from: Version, to: Version) -> Result<Plan, NoPath> {
        let terms = (self.model, self.widening);
        Plan::compose_widening(&self.subject.to_string(), &self.steps, from, to, terms)
    }
}

async fn edge(
    client: &Client,
    subject: &Subject,
    before: Option<Version>,
    summary: &VersionSummary,
) -> Result<Option<Edge>, HistoryError> {
    let (Some(from), Some(kind)) = (before, summary.edge) else { return Ok(None) };
    let to = summary.version;
    match kind {
        EdgeKind::Addition => Ok(Some(Edge::Addition)),
        EdgeKind::Lens => {
            let resource = client.lens(subject, from, to).await?;
            let lens = Lens::from_value(&resource.lens).map_err(|cause| HistoryError::Lens {
                subject: subject.clone(),
                from,
                to,
                cause: Box::new(cause),
            })?;
            Ok(Some(Edge::Written { lens, assurance: resource.assurance.into() }))
        }
    }
}

async fn schema(
    client: &Client,
    subject: &Subject,
    summary: &VersionSummary,
    cache: &Cache,
) -> Result<Schema, HistoryError> {
    if let Some(schema) = cache.schema(summary.fingerprint) {
        return Ok(schema);
    }
    let schema = fetch(client, subject, &summary.version.into(), DEEPEST_REFERENCE).await?;
    cache.keep(&schema);
    Ok(schema)
}

/// Fetches one version and everything it refers to.
async fn fetch(
    client: &Client,
    subject: &Subject,
    selector: &Selector,
    depth: usize,
) -> Result<Schema, HistoryError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(HistoryError::EndlessReferences { subject: subject.clone() });
    };
    let resource = client.version(subject, selector).await?;
    let mut references = BTreeMap::new();
    for Reference { name, subject, version } in resource.references {
        let selector = match u32::try_from(version).ok().and_then(|n| Version::try_from(n).ok()) {
            Some(version) => Selector::Number(version),
            None => Selector::Latest,
        };
        let schema = Box::pin(fetch(client, &subject, &selector, depth)).await?;
        references.insert(name, schema);
    }
    Schema::read(resource.schema.as_str()).references(references).parse().map_err(|cause| {
        HistoryError::Schema {
            subject: subject.clone(),
            version: selector.to_string(),
            cause: Box::new(cause),
        }
    })
}
