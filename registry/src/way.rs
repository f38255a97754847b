//! A way is a plan with where it comes from: the versions it passes and the edges between them.

use std::sync::Arc;

use quick_cache::sync::Cache;
use serde_json::Value;
use stele_api::{
    plan::{Assurance, PlanEdge, PlanResource},
    problem::{Code, Problem},
    subject::Subject,
    version::EdgeKind,
};
use stele_evolution::{
    containment::ContentModel,
    lens::{Crossing, Direction, Lens},
    plan::{NoPath, Plan, TranslateError},
    pointer::Pointer,
    schema::{Schema, Widening},
    version::Version,
};

use crate::{
    catalog::{Catalog, Entry},
    composed,
    failure::Failure,
    log::Position,
    refusal::Refusal,
    registry::read_lens,
};

/// How events of one version of a subject become events of another.
pub struct Way {
    subject: Subject,
    model: ContentModel,
    plan: Plan,
    source: Schema,
    /// The versions from the older end to the newer.
    entries: Vec<Arc<Entry>>,
}

/// Which way is meant, and under what: as long as this is the same, so is the way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Journey {
    subject: Subject,
    touched: Position,
    model: ContentModel,
    widening: Widening,
    from: Version,
    to: Version,
}

impl Journey {
    /// The way between two versions in a catalog.
    pub fn of(catalog: &Catalog, subject: &Subject, from: Version, to: Version) -> Self {
        let policy = catalog.policy_of(subject);
        Journey {
            subject: subject.clone(),
            touched: catalog.trace(subject).map_or(Position::START, |stream| stream.touched()),
            model: policy.content_model,
            widening: policy.widening(),
            from,
            to,
        }
    }
}

/// The ways that were asked for lately.
pub struct Ways(Cache<Journey, Arc<Way>>);

/// How many are kept.
const KEPT: usize = 500;

impl Default for Ways {
    fn default() -> Self {
        Ways(Cache::new(KEPT))
    }
}

impl Ways {
    /// A way that was composed before.
    pub fn find(&self, journey: &Journey) -> Option<Arc<Way>> {
        self.0.get(journey)
    }

    /// Keeps a way for whoever asks next.
    pub fn keep(&self, journey: Journey, way: Arc<Way>) {
        self.0.insert(journey, way);
    }
}

/// Why there is no way.
#[derive(Debug, thiserror::Error)]
pub enum WayError {
    /// Something that was registered cannot be used any more.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The edges do not lead there.
    #[error("there is no way from version {from} to {to} of `{subject}`")]
    NoPath {
        /// The subject.
        subject: Subject,
        /// The one end.
        from: Version,
        /// The other.
        to: Version,
        /// Where it ends.
        #[source]
        cause: NoPath,
        /// Versions that are missing where it ends.
        gap: bool,
    },
}

impl Way {
    /// The way between two versions that are there. Slow: lenses are read and composed.
    pub fn between(
        catalog: &Catalog,
        subject: &Subject,
        from: Version,
        to: Version,
    ) -> Result<Way, WayError> {
        let stream = catalog
            .stream(subject)
            .ok_or_else(|| Failure::from(Refusal::SubjectNotFound(subject.clone())))?;
        let entries = stream.between(from, to).to_vec();
        let policy = catalog.policy_of(subject);
        let model = policy.content_model;
        let steps = composed::steps(catalog, entries.iter().map(AsRef::as_ref))?;
        let source = steps.iter().find(|step| step.version == from);
        let source = source.map(|step| step.schema.clone()).ok_or_else(|| {
            Failure::from(Refusal::VersionNotFound {
                subject: subject.clone(),
                version: from.to_string(),
            })
        })?;
        let plan = Plan::compose_widening(
            &subject.to_string(),
            &steps,
            from,
            to,
            (model, policy.widening()),
        )
        .map_err(|cause| {
            let gap = cause.blocked.is_some_and(|(older, newer)| older.next() != newer);
            WayError::NoPath { subject: subject.clone(), from, to, cause, gap }
        })?;
        Ok(Way { subject: subject.clone(), model, plan, source, entries })
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Carries an event, which must be one of the version it comes from.
    pub fn carry(&self, event: &Value) -> Result<Crossing, Problem> {
        self.source.validate(event).map_err(|invalid| {
            let detail = format!(
                "the event is not valid in version {} at `{}` ({}): {invalid}",
                self.plan.from(),
                invalid.instance_path,
                invalid.keyword
            );
            Problem::new(Code::EventInvalid, detail)
        })?;
        self.plan.translate(event).map_err(|error| untranslated(&error))
    }

    /// The way as it travels.
    pub fn shown(&self) -> PlanResource {
        let (from, to) = (self.plan.from(), self.plan.to());
        let direction = if from <= to { Direction::Up } else { Direction::Down };
        let newer_ends = self.entries.iter().skip(1);
        let crossed: Vec<&Arc<Entry>> = match direction {
            Direction::Up => newer_ends.collect(),
            Direction::Down => newer_ends.rev().collect(),
        };
        let hops = self.plan.hops();
        let edges = hops.into_iter().zip(&crossed).map(|((from, to), newer)| PlanEdge {
            from,
            to,
            kind: newer.edge().unwrap_or(EdgeKind::Addition),
            lens: newer.lens.as_ref().map(|written| written.document.clone()),
        });
        let written = || crossed.iter().filter_map(|newer| newer.lens.as_ref());
        let losses = written()
            .filter_map(|written| read_lens(&written.document).ok())
            .flat_map(|lens: Lens| lens.accepted(direction).to_vec())
            .collect::<Vec<Pointer>>();
        PlanResource {
            id: self.plan.id().to_owned(),
            subject: self.subject.clone(),
            from,
            to,
            class: self.plan.class().into(),
            content_model: self.model,
            edges: edges.collect(),
            losses,
            assurance: written()
                .map(|written| written.assurance)
                .min()
                .unwrap_or(Assurance::Proven),
        }
    }
}

fn untranslated(error: &TranslateError) -> Problem {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    let detail = format!("{error}{}", cause.unwrap_or_default());
    Problem::new(Code::TranslationFailed, detail)
}

impl From<WayError> for Problem {
    fn from(error: WayError) -> Self {
        let detail = error.to_string();
        match error {
            WayError::Failure(failure) => failure.into(),
            WayError::NoPath { cause, gap, .. } => {
                let hint = match cause.blocked {
                    Some((from, to)) if cause.op.is_some() => format!(
                        "read version {to}, or put a lens at lenses/{from}/{to} that has a way down"
                    ),
                    Some((from, to)) if gap => format!(
                        "what was between {from} and {to} is deleted for good: put a lens at lenses/{from}/{to}"
                    ),
                    Some((from, to)) => format!(
                        "version {to} breaks with {from} and has no lens: put one at lenses/{from}/{to}"
                    ),
                    None => "choose two versions that are there".to_owned(),
                };
                Problem::new(Code::PlanNotFound, detail).hint(hint)
            }
        }
    }
}
