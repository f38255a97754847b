//! Judging turns pairs into findings: the engine is asked, under a deadline, on the terms of the command line.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use stele_api::{
    check::{CheckAnswer, SubjectCheckAnswer},
    problem::Problem,
};
use stele_evolution::{
    budget::Budget,
    containment::ContentModel,
    lens::{self, Rejection},
    policy::{self, Bump, Level, Outcome, Past, Refused},
    schema::Schema,
    version::{Release, Version},
};

use crate::{
    error::Failure,
    pairing::{Change, Pair},
    progress::Progress,
    report::{
        excerpt::{Excerpts, Places},
        model::{Finding, FindingKind, LensUse, Refusal, Side},
        rules,
    },
    source::{Document, Subject},
};

/// How long the engine may think about one pair of schemas.
const DEADLINE: Duration = Duration::from_secs(2);

/// What the command line says about how to judge. What it leaves open is as the subject says, or the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms {
    /// The level.
    pub level: Option<Level>,
    /// The content model.
    pub model: Option<ContentModel>,
}

impl Terms {
    /// The level a subject is held to.
    pub fn level(self, subject: &Subject) -> Level {
        self.level.or_else(|| subject.settings.level()).unwrap_or_default()
    }

    /// The content model a subject is judged in.
    pub fn model(self, subject: &Subject) -> ContentModel {
        self.model.or(subject.settings.content_model).unwrap_or_default()
    }
}

/// Runs `ask` with the budget that one pair may cost.
pub fn within_deadline<T>(ask: impl FnOnce(&Budget<'_>) -> T) -> T {
    let start = Instant::now();
    let expired = || start.elapsed() > DEADLINE;
    ask(&Budget::until(u64::MAX, &expired))
}

/// The judgement of one step, as the registry's own check answers it.
pub fn judge(old: &Schema, new: &Schema, level: Level, model: ContentModel) -> CheckAnswer {
    CheckAnswer::from(&within_deadline(|budget| policy::judge(old, new, level, model, budget)))
}

/// What is found about all pairs, in their order. As many are judged at a time as the machine has processors.
pub fn all(pairs: &[Pair<'_>], terms: Terms, progress: &Progress) -> Result<Vec<Finding>, Failure> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(pairs.len().max(1));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(pair) = pairs.get(index) else { break done };
            done.push((index, judged(pair, terms)));
            progress.step();
        }
    };
    let mut found: Vec<(usize, Result<Vec<Finding>, Failure>)> = thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut found = work();
        for other in others {
            match other.join() {
                Ok(done) => found.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        found
    });
    found.sort_by_key(|(index, _)| *index);
    let mut findings = Vec::with_capacity(found.len());
    for (_, some) in found {
        findings.extend(some?);
    }
    Ok(findings)
}

/// What is found about one pair; a step held against several versions gives as many findings.
pub fn judged(pair: &Pair<'_>, terms: Terms) -> Result<Vec<Finding>, Failure> {
    let subject = pair.subject;
    let level = terms.level(subject);
    let blank = |kind, old, new| blank(subject, kind, old, new);
    let broken = |finding: Finding, rule: &str, why: String| match level {
        Level::None => finding,
        _ => Finding {
            verdict: Outcome::Breaking,
            refusals: vec![refusal(rule, String::new(), why)],
            ..finding
        },
    };
    Ok(match &pair.change {
        Change::First(new) => {
            // Nothing to compare it with, but it has to be a schema.
            new.schema()?;
            let release = Some(Release::new(1, 0, 0));
            vec![Finding { release, ..blank(FindingKind::First, None, Some(new)) }]
        }
        Change::Unchanged(new) => vec![blank(FindingKind::Unchanged, None, Some(new))],
        Change::Rewritten { old, new } => {
            let check = judge(&old.schema()?, &new.schema()?, level, terms.model(subject));
            let why = format!("version {} is there already and says something else", label(new));
            let finding = blank(FindingKind::Rewritten, Some(old), Some(new));
            vec![broken(Finding { check: Some(check), ..finding }, "version_rewritten", why)]
        }
        Change::OutOfOrder { newest, candidate } => {
            let why = format!(
                "version {} is new, but version {} is there already",
                label(candidate),
                label(newest)
            );
            let finding = blank(FindingKind::OutOfOrder, Some(newest), Some(candidate));
            vec![broken(finding, "version_out_of_order", why)]
        }
        Change::Removed(old) => {
            let (rule, why) = match old.version {
                Some(version)
                    if subject.documents.iter().all(|kept| kept.version != Some(version)) =>
                {
                    ("version_removed", format!("version {version} is gone"))
                }
                _ => ("subject_removed", format!("the subject `{}` is gone", subject.name)),
            };
            vec![broken(blank(FindingKind::Removed, Some(old), None), rule, why)]
        }
        Change::Step { history, candidate } => {
            Step { subject, history, candidate, level, model: terms.model(subject) }.findings()?
        }
    })
}

/// What the registry found about a step, as findings: it answers for every version that its policy names, and has the
/// last word.
pub fn answered(
    subject: &Subject,
    history: &[&Document],
    candidate: &Document,
    answer: &SubjectCheckAnswer,
) -> Result<Vec<Finding>, Failure> {
    let (level, model) = (answer.compatibility, answer.content_model);
    let step = Step { subject, history, candidate, level, model };
    let newest = history.last();
    let mut findings: Vec<Finding> = Vec::new();
    for check in &answer.against {
        let old = history.iter().find(|old| old.version.is_some() && old.version == check.version);
        let Some(old) = old else { continue };
        let is_newest = newest.is_some_and(|newest| newest.version == old.version);
        let release = old.release.as_ref().filter(|_| is_newest);
        findings.push(step.finding(old, release, check)?);
        if matches!(findings.last(), Some(Finding { lens: Some(LensUse::Carries(_)), .. })) {
            break;
        }
    }
    // A level that asks for nothing is held against nothing.
    if let (true, Some(newest)) = (findings.is_empty(), newest) {
        findings.push(step.against(newest, newest.release.as_ref())?);
    }
    if answer.accepted {
        for finding in &mut findings {
            finding.verdict = Outcome::Compatible;
            finding.refusals.clear();
        }
    } else if let Some(first) = findings.first_mut() {
        // What it says beyond the comparisons: of the lens, of the release.
        let compared =
            |rule: &Refused| answer.against.iter().any(|check| check.refusals.contains(rule));
        let beyond: Vec<&Refused> = answer.refusals.iter().filter(|it| !compared(it)).collect();
        if first.verdict == Outcome::Compatible {
            first.verdict = Outcome::Breaking;
        }
        first
            .refusals
            .extend(beyond.into_iter().map(|it| refusal(&it.rule, it.at.clone(), it.why.clone())));
    }
    Ok(findings)
}

/// Why the registry turned a version down, as findings: every comparison that refused it, and its lens.
pub fn refused(
    subject: &Subject,
    history: &[&Document],
    candidate: &Document,
    problem: &Problem,
) -> Result<Vec<Finding>, Failure> {
    let newest = history.last().copied();
    let (level, model) = (Terms::default().level(subject), Terms::default().model(subject));
    let step = Step { subject, history, candidate, level, model };
    let mut findings = Vec::new();
    for check in problem.against.iter().filter(|check| !check.accepted) {
        let old = history.iter().find(|old| old.version.is_some() && old.version == check.version);
        if let Some(old) = old.copied().or(newest) {
            findings.push(step.finding(old, None, check)?);
        }
    }
    if let Some(rejection) = problem.rejection.as_ref().and_then(rejection) {
        let lens = Some(LensUse::Refused(Box::new(rejection)));
        findings.push(Finding {
            verdict: Outcome::Breaking,
            lens,
            ..blank(subject, FindingKind::Step, newest, Some(candidate))
        });
    }
    Ok(findings)
}

/// A rejection as it travels: the engine's own, which it writes but does not read.
fn rejection(document: &serde_json::Value) -> Option<Rejection> {
    let text = |name: &str| Some(document.get(name)?.as_str()?.to_owned());
    let value = |name: &str| document.get(name).filter(|value| !value.is_null()).cloned();
    Some(Rejection {
        op: document
            .get("op")
            .and_then(serde_json::Value::as_u64)
            .and_then(|op| op.try_into().ok()),
        pointer: text("pointer")?.parse().ok()?,
        input: value("input"),
        output: value("output"),
        error: text("error")?,
        hint: text("hint")?,
    })
}

fn blank(
    subject: &Subject,
    kind: FindingKind,
    old: Option<&Document>,
    new: Option<&Document>,
) -> Finding {
    Finding {
        subject: subject.name.clone(),
        context: subject.context.clone(),
        kind,
        verdict: Outcome::Compatible,
        old: old.map(side),
        new: new.map(side),
        refusals: Vec::new(),
        waived: Vec::new(),
        widened: Vec::new(),
        notices: Vec::new(),
        check: None,
        release: None,
        lens: None,
    }
}

/// One new version and everything before it.
struct Step<'s> {
    subject: &'s Subject,
    history: &'s [&'s Document],
    candidate: &'s Document,
    level: Level,
    model: ContentModel,
}

impl Step<'_> {
    fn findings(&self) -> Result<Vec<Finding>, Failure> {
        let past = chain(self.history, self.model)?;
        let mut held = policy::held_against(self.level, &past);
        // A level that holds it against nothing still lets the facts be told.
        if held.is_empty() {
            held.extend(past.last());
        }
        let newest = past.last().map(|past| past.version);
        let mut findings: Vec<Finding> = Vec::new();
        for past in held {
            let index = usize::try_from(past.version.number()).unwrap_or(usize::MAX) - 1;
            let Some(old) = self.history.get(index) else { continue };
            let is_newest = Some(past.version) == newest;
            let finding = self.against(old, is_newest.then_some(&past.release))?;
            let carried = matches!(finding.lens, Some(LensUse::Carries(_)));
            findings.push(finding);
            // A translated break starts a major: nothing older is in the way.
            if carried {
                break;
            }
        }
        Ok(findings)
    }

    fn against(&self, old: &Document, release: Option<&Release>) -> Result<Finding, Failure> {
        let check = judge(&old.schema()?, &self.candidate.schema()?, self.level, self.model);
        self.finding(old, release, &check)
    }

    /// A judgement as a finding. `release` is the one of `old`, where that is the newest.
    fn finding(
        &self,
        old: &Document,
        release: Option<&Release>,
        check: &CheckAnswer,
    ) -> Result<Finding, Failure> {
        let mut finding = Finding {
            verdict: check.verdict,
            refusals: refusals(old, self.candidate, check),
            widened: widened(check),
            release: release.map(|release| check.release.after(Some(release))),
            check: Some(check.clone()),
            ..blank(self.subject, FindingKind::Step, Some(old), Some(self.candidate))
        };
        self.carry(old, release, &mut finding)?;
        Ok(finding)
    }

    /// Under TRANSLATABLE a break that ships with a lens is let in, if the lens holds.
    fn carry(
        &self,
        old: &Document,
        release: Option<&Release>,
        finding: &mut Finding,
    ) -> Result<(), Failure> {
        let versions = old.version.zip(self.candidate.version);
        let Some(lens) = versions.and_then(|versions| self.subject.lenses.get(&versions)) else {
            return Ok(());
        };
        if finding.verdict == Outcome::Compatible {
            return Ok(());
        }
        if self.level != Level::Translatable {
            finding.lens = Some(LensUse::Ignored { level: self.level });
            return Ok(());
        }
        let (older, newer) = (old.schema()?, self.candidate.schema()?);
        match within_deadline(|budget| lens::check(lens, &older, &newer, self.model, budget)) {
            Ok(assurance) => {
                finding.verdict = Outcome::Compatible;
                finding.refusals.clear();
                finding.release = release.map(|release| Bump::Major.after(Some(release)));
                finding.lens = Some(LensUse::Carries(assurance));
            }
            Err(rejection) => {
                finding.verdict = Outcome::Breaking;
                finding.lens = Some(LensUse::Refused(rejection));
            }
        }
        Ok(())
    }
}

/// What the level has against a step, each with where it stands in both documents.
fn refusals(old: &Document, new: &Document, check: &CheckAnswer) -> Vec<Refusal> {
    if check.refusals.is_empty() {
        return Vec::new();
    }
    let (old, new) = (Excerpts::of(old), Excerpts::of(new));
    let at = |excerpts: &Option<Excerpts>, at: &str| excerpts.as_ref()?.at(at);
    let shown = |refused: &Refused| {
        let mut refusal = refusal(&refused.rule, refused.at.clone(), refused.why.clone());
        let direction = match &*refused.rule {
            "backward_breaking" | "backward_undecided" => Some(&check.directions.backward),
            "forward_breaking" | "forward_undecided" => Some(&check.directions.forward),
            _ => None,
        };
        let (before, after) = match direction.and_then(|direction| direction.witness.as_ref()) {
            Some(witness) => (&witness.old_path, &witness.new_path),
            None => (&refused.at, &refused.at),
        };
        refusal.places = Places { old: at(&old, before), new: at(&new, after) };
        if direction.is_none() {
            let here = check.differences.iter().filter(|told| told.at.to_string() == refused.at);
            // The rules on where a property may stand have other names than the difference they are about.
            let told = here.clone().find(|told| told.kind == refused.rule);
            let told = told.or_else(|| here.clone().find(|told| told.kind == "property_added"));
            refusal.old = told.and_then(|told| told.old.clone());
            refusal.new = told.and_then(|told| told.new.clone());
        }
        refusal
    };
    check.refusals.iter().map(shown).collect()
}

/// Where a step that is let in lets new values in: readers of the older version may see what they do not know.
fn widened(check: &CheckAnswer) -> Vec<String> {
    if !check.accepted {
        return Vec::new();
    }
    let widens = ["enum_value_added", "branch_added", "type_widened", "constraint_loosened"];
    // ADDITIONS_ONLY says itself where it let an open list grow; the other levels look at events alone.
    let mut places: BTreeSet<String> = check.widened.iter().map(ToString::to_string).collect();
    let differences = check.differences.iter().filter(|told| widens.contains(&&*told.kind));
    places.extend(differences.map(|told| told.at.to_string()));
    places.into_iter().collect()
}

/// The documents of a subject as the policy sees a past: each with its release, worked out step by step.
///
/// The versions are numbered by their place here, since a document need not have a number.
fn chain(history: &[&Document], model: ContentModel) -> Result<Vec<Past>, Failure> {
    let mut past: Vec<Past> = Vec::new();
    let mut version = Version::FIRST;
    for document in history {
        let (release, chained) = match past.last() {
            None => (Release::new(1, 0, 0), true),
            Some(last) => {
                let schema = document.schema()?;
                let step = judge(&last.schema, &schema, Level::AdditionsOnly, model);
                (step.release.after(Some(&last.release)), step.accepted)
            }
        };
        let release = document.release.clone().unwrap_or(release);
        past.push(Past { version, release, schema: document.schema()?, chained });
        version = version.next();
    }
    Ok(past)
}

fn refusal(rule: &str, at: String, why: String) -> Refusal {
    let instead = rules::instead(rule).to_owned();
    let places = Places::default();
    Refusal { rule: rule.to_owned(), at, why, old: None, new: None, instead, places }
}

fn side(document: &Document) -> Side {
    Side { version: document.version, origin: document.origin.clone() }
}

fn label(document: &Document) -> String {
    side(document).label()
}
