//! The history of a subject: its versions with their schemas and edges, ready to plan with.

mod load;
mod texts;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use stele_api::{id::SchemaId, selector::Selector, subject::Subject};
use stele_evolution::{
    containment::{ContentModel, project, undeclared},
    lens::Lens,
    plan::{Edge, NoPath, Plan, Step},
    schema::{Fingerprint, Invalid, Widening},
    version::{Release, Version},
};

pub use self::load::HistoryError;
pub(crate) use self::texts::{SchemaText, Texts};
use crate::cache::{Cache, KeptEdge, KeptHistory, KeptVersion};

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
///
/// Which versions there are, and of which kind the way is, is known at once. The schemas and lenses themselves are read on
/// first need where the history came from a cache, or was put [at rest](History::at_rest).
pub struct History {
    subject: Subject,
    model: ContentModel,
    /// Where lists may grow.
    widening: Widening,
    known: Vec<Known>,
    /// How each version is reached from the one before.
    edges: Vec<Option<KeptEdge>>,
    /// Soft-deleted: nobody is sent there who does not ask for that very number, but events of it are still about.
    hidden: BTreeSet<Version>,
    /// What the steps are read from.
    texts: Option<Texts>,
    /// The steps, once they were read; `None` where they cannot be.
    steps: OnceLock<Option<Vec<Step>>>,
}

impl History {
    /// A history made of what is known already: the versions, oldest first, each with its step.
    pub fn of(subject: Subject, model: ContentModel, versions: Vec<(Known, Step)>) -> Self {
        let (known, steps): (_, Vec<Step>) = versions.into_iter().unzip();
        let edges = steps.iter().map(|step| step.edge.as_ref().map(KeptEdge::of)).collect();
        let (hidden, steps) = (BTreeSet::new(), OnceLock::from(Some(steps)));
        let widening = Widening::Marked;
        History { subject, model, widening, known, edges, hidden, texts: None, steps }
    }

    /// The same of what nobody has read yet.
    fn resting(
        subject: Subject,
        model: ContentModel,
        versions: Vec<(Known, Option<Edge>)>,
        mut texts: Texts,
    ) -> Self {
        let (mut known, mut edges) = (Vec::new(), Vec::new());
        for (one, edge) in versions {
            known.push(one);
            edges.push(edge.as_ref().map(KeptEdge::of));
            texts.take_edge(edge.as_ref());
        }
        let (hidden, texts, steps) = (BTreeSet::new(), Some(texts), OnceLock::new());
        let widening = Widening::Marked;
        History { subject, model, widening, known, edges, hidden, texts, steps }
    }

    /// The history of a subject as it was when it was last loaded from this registry; `None` where not all of it is kept.
    pub fn cached(registry: &str, subject: &Subject, cache: &Cache) -> Option<Self> {
        let kept = cache.history(registry, subject)?;
        let texts = Some(cache.texts(&kept)?);
        let KeptHistory { subject, content_model: model, widen, hidden, versions } = kept;
        let widening = if widen { Widening::Everywhere } else { Widening::Marked };
        let (known, edges) = versions
            .into_iter()
            .map(|KeptVersion { version, release, id, fingerprint, edge }| {
                (Known { version, release, id, fingerprint }, edge)
            })
            .unzip();
        let steps = OnceLock::new();
        Some(History { subject, model, widening, known, edges, hidden, texts, steps })
    }

    /// The same history with its schemas and lenses as texts only, to be read when they are needed.
    #[must_use]
    pub fn at_rest(mut self) -> Self {
        if self.texts.is_none() {
            let texts = Texts::of(self.steps());
            // What is not the schema that the registry says it is could not be found again.
            if !self.known.iter().all(|known| texts.has(known.fingerprint)) {
                return self;
            }
            self.texts = Some(texts);
        }
        self.steps = OnceLock::new();
        self
    }

    /// Whether its schemas and lenses can be read. Reads them, if nobody did.
    ///
    /// They could be when they were kept; a later program may see that in another way.
    pub fn is_readable(&self) -> bool {
        self.read().is_some()
    }

    fn read(&self) -> Option<&[Step]> {
        let read = || {
            let texts = self.texts.as_ref()?;
            let mut schemas = BTreeMap::new();
            let steps = self.known.iter().zip(&self.edges).map(|(known, edge)| {
                let schema = texts.read(known.fingerprint, &mut schemas)?;
                let edge = match edge {
                    None => None,
                    Some(edge) => Some(texts.edge(edge)?),
                };
                Some(Step { version: known.version, schema, edge })
            });
            steps.collect()
        };
        self.steps.get_or_init(read).as_deref()
    }

    fn steps(&self) -> &[Step] {
        self.read().unwrap_or_default()
    }

    fn step(&self, version: Version) -> Option<&Step> {
        self.steps().iter().find(|step| step.version == version)
    }

    /// What is kept of it.
    fn kept(&self) -> KeptHistory {
        let versions = self.known.iter().zip(&self.edges).map(|(known, edge)| KeptVersion {
            version: known.version,
            release: known.release.clone(),
            id: known.id,
            fingerprint: known.fingerprint,
            edge: edge.clone(),
        });
        KeptHistory {
            subject: self.subject.clone(),
            content_model: self.model,
            widen: self.widening == Widening::Everywhere,
            hidden: self.hidden.clone(),
            versions: versions.collect(),
        }
    }

    /// Whether another history says the same: the same versions, reached in the same ways. One that turned out to be
    /// unreadable says nothing.
    pub fn is_same(&self, other: &History) -> bool {
        !matches!(self.steps.get(), Some(None))
            && self.subject == other.subject
            && self.model == other.model
            && self.widening == other.widening
            && self.hidden == other.hidden
            && self.known == other.known
            && self.edges == other.edges
    }

    /// The lenses that were written, with the version each leads up to.
    pub fn lenses(&self) -> impl Iterator<Item = (Version, &Lens)> {
        self.steps().iter().filter_map(|step| match &step.edge {
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
        self.step(version)?.edge.as_ref()
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
        self.edges.iter().skip(1).all(|edge| matches!(edge, Some(KeptEdge::Addition)))
    }

    /// Validates an event as a reader of `version` sees it: in the event model, without undeclared names. `None` if the
    /// version is not known, or its schema cannot be read.
    pub fn validate(
        &self,
        version: Version,
        event: &serde_json::Value,
    ) -> Option<Result<(), Invalid>> {
        let schema = &self.step(version)?.schema;
        Some(match self.model {
            ContentModel::Strict => schema.validate(event),
            ContentModel::Event => schema.validate(&project(schema, event)),
        })
    }

    /// A place in the event that its schema does not declare, which no producer of the event model sends.
    pub fn undeclared(&self, version: Version, event: &serde_json::Value) -> Option<String> {
        undeclared(&self.step(version)?.schema, event)
    }

    /// The event without the names that its schema does not declare.
    pub fn strip(&self, version: Version, event: &serde_json::Value) -> serde_json::Value {
        let step = self.step(version);
        step.map_or_else(|| event.clone(), |step| project(&step.schema, event))
    }

    /// The plan from one version to another.
    pub fn plan(&self, from: Version, to: Version) -> Result<Plan, NoPath> {
        let terms = (self.model, self.widening);
        Plan::compose_widening(&self.subject.to_string(), self.steps(), from, to, terms)
    }
}

#[cfg(test)]
mod tests {
    use stele_evolution::{lens::Assurance, schema::Schema};

    use super::*;

    fn history() -> History {
        let versions = [r#"{"required":["a"]}"#, r#"{"required":["b"]}"#].iter().zip(1_u32..);
        let versions = versions.map(|(text, number)| {
            let version = Version::try_from(number).unwrap();
            let schema = Schema::read(text).parse().unwrap();
            let lens =
                "{lens: 1, subject: Order, from: 1, to: 2, ops: [{rename: {from: /a, to: /b}}]}";
            let lens = Lens::parse(lens).unwrap();
            let edge = Edge::Written { lens, assurance: Assurance::Proven };
            let known = Known {
                version,
                release: format!("{number}.0.0").parse().unwrap(),
                id: number.to_string().parse().unwrap(),
                fingerprint: schema.fingerprint(),
            };
            (known, Step { version, schema, edge: (number > 1).then_some(edge) })
        });
        History::of("Order".parse().unwrap(), ContentModel::Event, versions.collect())
    }

    #[test]
    fn a_history_at_rest_is_read_on_need_and_is_the_same() {
        let (one, two) = (Version::FIRST, Version::FIRST.next());

        let resting = history().at_rest();

        assert!(resting.is_same(&history()) && !resting.is_additions_only());
        assert_eq!(resting.newest(), history().newest());
        assert!(resting.steps.get().is_none(), "nothing of that needs a schema");
        let plan = resting.plan(one, two).unwrap();
        assert_eq!(plan.id(), history().plan(one, two).unwrap().id());
        assert!(resting.validate(two, &serde_json::json!({"a": 1})).unwrap().is_err());
        assert!(resting.steps.get().is_some());
    }
}
