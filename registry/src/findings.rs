//! Findings are what judging a candidate against a catalog brought up. Slow to come by, and so made off the writer.

use std::sync::Arc;

use stele_api::{
    check::{CheckAnswer, SubjectCheckAnswer},
    stream::Policy,
    subject::Subject,
};
use stele_evolution::{
    budget::Budget,
    lens::{self, Assurance, Lens, Rejection},
    policy::{Judgement, Level, Past, held_against, judge},
    schema::{Schema, SchemaError},
    version::Version,
};

use crate::{
    candidate::Candidate,
    catalog::{Catalog, Entry, Stream},
    log::Position,
};

/// The most steps of reasoning one comparison may take; the deadline comes first.
pub const STEPS: u64 = 50_000_000;

/// What is known of a candidate for a subject.
#[derive(Debug, Clone)]
pub struct Findings {
    /// The catalog it was judged against, as far as it matters.
    pub basis: Basis,
    /// The newest version, and the step from it as `ADDITIONS_ONLY` sees it; nothing for the first version.
    pub step: Option<(Version, Judgement)>,
    /// The judgement against every version that the level names, newest first.
    pub against: Vec<(Version, Judgement)>,
    /// What the check of the lens found.
    pub lens: Option<Result<Assurance, Box<Rejection>>>,
}

/// What is known of a lens for an edge that is there.
#[derive(Debug, Clone)]
pub struct LensFindings {
    /// The catalog it was judged against, as far as it matters.
    pub basis: Basis,
    /// What the check found.
    pub outcome: Result<Assurance, Box<Rejection>>,
}

/// What a judgement rests on. As long as it is the same, so is the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// The last event about the subject.
    pub touched: Position,
    /// The policy that holds for it.
    pub policy: Policy,
}

impl Basis {
    /// What a judgement about `subject` rests on in `catalog`.
    pub fn of(catalog: &Catalog, subject: &Subject) -> Self {
        Basis {
            touched: catalog.stream(subject).map_or(Position::START, |stream| stream.touched()),
            policy: catalog.policy_of(subject),
        }
    }
}

/// Says, for one question, when it has taken too long. Every question asks for a new one.
pub type Deadline<'a> = &'a dyn Fn() -> Box<dyn Fn() -> bool>;

impl Findings {
    /// Judges a candidate, and its lens, against everything its subject's policy names.
    pub fn of(
        catalog: &Catalog,
        subject: &Subject,
        candidate: &Candidate,
        lens: Option<&Lens>,
        deadline: Deadline<'_>,
    ) -> Result<Findings, SchemaError> {
        let basis = Basis::of(catalog, subject);
        let Policy { compatibility: level, content_model: model } = basis.policy;
        let history = match catalog.stream(subject) {
            Some(stream) => history(catalog, stream)?,
            None => Vec::new(),
        };
        let judged = |past: &Past, level| {
            let expired = deadline();
            let budget = Budget::until(STEPS, &*expired);
            (past.version, judge(&past.schema, &candidate.schema, level, model, &budget))
        };
        let step = history.last().map(|newest| judged(newest, Level::AdditionsOnly));
        let against = held_against(level, &history)
            .into_iter()
            .map(|past| match &step {
                Some((newest, judgement))
                    if level == Level::AdditionsOnly && *newest == past.version =>
                {
                    (past.version, judgement.clone())
                }
                _ => judged(past, level),
            })
            .collect();
        let lens = lens.zip(history.last()).map(|(lens, newest)| {
            let expired = deadline();
            let budget = Budget::until(STEPS, &*expired);
            lens::check(lens, &newest.schema, &candidate.schema, model, &budget)
        });
        Ok(Findings { basis, step, against, lens })
    }

    /// The step from the newest version as an answer, whatever the level names.
    pub fn step_answer(&self) -> SubjectCheckAnswer {
        let step = self.step.iter();
        let against =
            step.map(|(version, judgement)| CheckAnswer::from(judgement).with(*version)).collect();
        let bump = self.step.as_ref().map(|(_, judgement)| judgement.bump);
        let Policy { compatibility, content_model } = self.basis.policy;
        SubjectCheckAnswer::new(compatibility, content_model, bump, against)
    }

    /// The answer to "what would become of it".
    pub fn answer(&self) -> SubjectCheckAnswer {
        let against = self
            .against
            .iter()
            .map(|(version, judgement)| CheckAnswer::from(judgement).with(*version))
            .collect();
        let step = self.step.as_ref().map(|(_, judgement)| judgement.bump);
        let Policy { compatibility, content_model } = self.basis.policy;
        SubjectCheckAnswer::new(compatibility, content_model, step, against)
    }
}

impl LensFindings {
    /// Checks a lens for the edge between two versions that are there.
    pub fn of(
        catalog: &Catalog,
        lens: &Lens,
        older: &Entry,
        newer: &Entry,
        deadline: Deadline<'_>,
    ) -> Result<LensFindings, SchemaError> {
        let basis = Basis::of(catalog, &newer.subject);
        let (older, newer) = (catalog.schema(&older.content)?, catalog.schema(&newer.content)?);
        let expired = deadline();
        let budget = Budget::until(STEPS, &*expired);
        let outcome = lens::check(lens, &older, &newer, basis.policy.content_model, &budget);
        Ok(LensFindings { basis, outcome })
    }
}

fn history(catalog: &Catalog, stream: &Stream) -> Result<Vec<Past>, SchemaError> {
    let past = |entry: &Arc<Entry>| -> Result<Past, SchemaError> {
        let schema: Schema = catalog.schema(&entry.content)?;
        Ok(Past {
            version: entry.version,
            release: entry.release.clone(),
            schema,
            chained: entry.addition,
        })
    };
    stream.entries().iter().map(past).collect()
}
