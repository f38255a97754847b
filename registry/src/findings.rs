//! Findings are what judging a candidate against a catalog brought up. Slow to come by, and so made off the writer.

use std::sync::{Arc, LazyLock};

use stele_api::{
    check::{CheckAnswer, SubjectCheckAnswer},
    mode::Mode,
    stream::Policy,
    subject::Subject,
};
use stele_evolution::{
    budget::Budget,
    containment::Verdicts,
    lens::{self, Assurance, Lens, Rejection},
    plan::Step,
    policy::{self, Ancestor, Judgement, Level, Outcome, judge_widening},
    version::{Release, Version},
};

use crate::{
    candidate::Candidate,
    catalog::{Catalog, Entry},
    composed,
    failure::Failure,
    log::Position,
};

/// The most steps of reasoning one comparison may take; the deadline comes first.
pub const STEPS: u64 = 50_000_000;

/// Verdicts found in this process: a check before a registration, and a registration judged again, find them here.
pub static VERDICTS: LazyLock<Verdicts> = LazyLock::new(|| Verdicts::keeping(VERDICTS_KEPT));

/// How many verdicts are kept; the largest hold a witness of some kilobytes.
const VERDICTS_KEPT: usize = 4_096;

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
    /// The mode that holds for it.
    pub mode: Mode,
}

impl Basis {
    /// What a judgement about `subject` rests on in `catalog`.
    pub fn of(catalog: &Catalog, subject: &Subject) -> Self {
        Basis {
            touched: catalog.trace(subject).map_or(Position::START, |stream| stream.touched()),
            policy: catalog.policy_of(subject),
            mode: catalog.mode_of(subject),
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
    ) -> Result<Findings, Failure> {
        let basis = Basis::of(catalog, subject);
        let Policy { compatibility, content_model: model, .. } = basis.policy;
        let widening = basis.policy.widening();
        // What comes from another registry was judged there.
        let level = if basis.mode == Mode::Import { Level::None } else { compatibility };
        let kept = catalog.stream(subject).map_or(&[][..], |stream| stream.entries());
        let judged = |entry: &Entry, level| {
            let expired = deadline();
            let budget = Budget::until(STEPS, &*expired).remembering(&VERDICTS);
            let old = catalog.schema(&entry.content).map_err(Failure::Registered)?;
            let judgement =
                judge_widening(&old, &candidate.schema, level, model, widening, &budget);
            Ok::<_, Failure>((entry.version, judgement))
        };
        let newest = kept.last();
        let step = newest.map(|newest| judged(newest, Level::AdditionsOnly)).transpose()?;
        let mut against = Vec::new();
        for entry in held_against(level, kept) {
            against.push(match &step {
                Some((version, judgement))
                    if level == Level::AdditionsOnly && *version == entry.version =>
                {
                    (entry.version, judgement.clone())
                }
                _ => judged(entry, level)?,
            });
        }
        let lens = match lens.zip(newest) {
            Some((lens, newest)) => {
                let expired = deadline();
                let budget = Budget::until(STEPS, &*expired).remembering(&VERDICTS);
                let mut steps = composed::steps(catalog, kept.iter().map(AsRef::as_ref))?;
                let (schema, version) = (candidate.schema.clone(), lens.to());
                let old = &steps.last().ok_or(Failure::Broken)?.schema;
                let outcome = lens::check(lens, old, &schema, model, &budget);
                // A lens to another version is refused when that is decided.
                if version > newest.version {
                    steps.push(Step { version, schema, edge: None });
                }
                Some(outcome.and_then(|assurance| {
                    let lens = (lens, assurance);
                    composed::checked(subject, &mut steps, version, lens, basis.policy, &budget)
                }))
            }
            None => None,
        };
        Ok(Findings { basis, step, against, lens })
    }

    /// Whether nothing speaks against it but that it could not be decided.
    pub fn is_only_undecided(&self) -> bool {
        let mut refusals = self.against.iter().flat_map(|(_, judgement)| &judgement.refusals);
        refusals.all(|refused| refused.rule.ends_with("_undecided"))
    }

    /// The worst of the verdicts.
    pub fn outcome(&self) -> Outcome {
        let has = |outcome| self.against.iter().any(|(_, judgement)| judgement.outcome == outcome);
        [Outcome::Breaking, Outcome::Undecided]
            .into_iter()
            .find(|outcome| has(*outcome))
            .unwrap_or(Outcome::Compatible)
    }

    /// The step from the newest version as an answer, whatever the level names.
    pub fn step_answer(&self) -> SubjectCheckAnswer {
        let step = self.step.iter();
        let against =
            step.map(|(version, judgement)| CheckAnswer::from(judgement).with(*version)).collect();
        let bump = self.step.as_ref().map(|(_, judgement)| judgement.bump);
        let Policy { compatibility, content_model, .. } = self.basis.policy;
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
        let Policy { compatibility, content_model, .. } = self.basis.policy;
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
    ) -> Result<LensFindings, Failure> {
        let (subject, version) = (&newer.subject, newer.version);
        let basis = Basis::of(catalog, subject);
        let model = basis.policy.content_model;
        let kept = catalog.stream(subject).map_or(&[][..], |stream| stream.entries());
        let mut steps = composed::steps(catalog, kept.iter().map(AsRef::as_ref))?;
        let schema = |entry: &Entry| catalog.schema(&entry.content).map_err(Failure::Registered);
        let (older, newer) = (schema(older)?, schema(newer)?);
        let expired = deadline();
        let budget = Budget::until(STEPS, &*expired).remembering(&VERDICTS);
        let outcome = lens::check(lens, &older, &newer, model, &budget).and_then(|assurance| {
            let lens = (lens, assurance);
            composed::checked(subject, &mut steps, version, lens, basis.policy, &budget)
        });
        Ok(LensFindings { basis, outcome })
    }
}

/// The versions that a level holds a candidate against, newest first. Additions count from what was deleted too: its
/// events are still about, and lenses go over it. The other levels know only what everybody sees.
fn held_against(level: Level, kept: &[Arc<Entry>]) -> Vec<&Arc<Entry>> {
    let counts_deleted = matches!(level, Level::AdditionsOnly | Level::Translatable);
    let seen = kept.iter().filter(|entry| counts_deleted || !entry.deleted);
    let seen: Vec<Seen<'_>> = seen.map(Seen).collect();
    policy::held_against(level, &seen).into_iter().map(|seen| seen.0).collect()
}

/// A version to be chosen or not.
struct Seen<'e>(&'e Arc<Entry>);

impl Ancestor for Seen<'_> {
    fn release(&self) -> &Release {
        &self.0.release
    }

    fn is_chained(&self) -> bool {
        self.0.addition
    }
}
