//! Loading a history from a registry, schema by schema; what is in the cache is not asked for.

use std::collections::BTreeMap;

use stele_api::{
    dialect::Reference,
    selector::Selector,
    subject::Subject,
    version::{EdgeKind, VersionSummary},
};
use stele_evolution::{
    lens::{Lens, LensError},
    plan::{Edge, Step},
    schema::{Fingerprint, Schema, SchemaError},
    version::Version,
};

use super::{History, Known, Texts};
use crate::{Client, ClientError, cache::Cache};

/// How deep references may refer to references.
const DEEPEST_REFERENCE: usize = 32;

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
        let mut loading = Loading { client, subject, cache, texts: Texts::default() };
        let mut versions: Vec<(Known, Option<Edge>)> = Vec::with_capacity(resource.versions.len());
        let mut fetched: BTreeMap<Fingerprint, Schema> = BTreeMap::new();
        for summary in resource.versions {
            let before = versions.last().map(|(known, _)| known.version);
            let edge = edge(client, subject, before, &summary).await?;
            if let Some(Edge::Written { lens, .. }) = &edge {
                cache.keep_lens(lens);
            }
            if let Some(schema) = loading.missing(&summary).await? {
                fetched.insert(summary.fingerprint, schema);
            }
            let known = Known {
                version: summary.version,
                release: summary.release,
                id: summary.global_id,
                fingerprint: summary.fingerprint,
            };
            versions.push((known, edge));
        }
        let history = if fetched.is_empty() {
            // Most of the time nothing has changed, and nobody reads it.
            History::resting(subject.clone(), model, versions, loading.texts)
        } else {
            let mut steps = Vec::with_capacity(versions.len());
            for (known, edge) in versions {
                let schema = loading.read(&known, &mut fetched).await?;
                let step = Step { version: known.version, schema, edge };
                steps.push((known, step));
            }
            History::of(subject.clone(), model, steps)
        };
        let history = History { widening, hidden, ..history };
        cache.keep_history(client.base().as_str(), &history.kept());
        Ok(history)
    }
}

/// One subject that is being loaded, with what the cache had of it.
struct Loading<'l> {
    client: &'l Client,
    subject: &'l Subject,
    cache: &'l Cache,
    texts: Texts,
}

impl Loading<'_> {
    /// The schema of a version that the cache does not have, from the registry.
    async fn missing(&mut self, summary: &VersionSummary) -> Result<Option<Schema>, HistoryError> {
        if self.cache.read_schema(summary.fingerprint, &mut self.texts).is_some() {
            return Ok(None);
        }
        self.fetch(summary.version).await.map(Some)
    }

    /// The schema of a version, from wherever it can be had.
    async fn read(
        &self,
        known: &Known,
        fetched: &mut BTreeMap<Fingerprint, Schema>,
    ) -> Result<Schema, HistoryError> {
        match self.texts.read(known.fingerprint, fetched) {
            Some(schema) => Ok(schema),
            None => self.fetch(known.version).await,
        }
    }

    async fn fetch(&self, version: Version) -> Result<Schema, HistoryError> {
        let selector = Selector::Number(version);
        let schema = fetch(self.client, self.subject, &selector, DEEPEST_REFERENCE).await?;
        self.cache.keep(&schema);
        Ok(schema)
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
