//! A policy says what a new version of a subject may do; a judgement says whether one does, and why not.

mod additions;
mod level;
mod release;

use serde::{Deserialize, Serialize};

pub use self::{
    level::{Level, LevelError},
    release::Bump,
};
use crate::{
    budget::Budget,
    containment::{ContentModel, Verdict, contains},
    difference::{Difference, Found, Marked, found},
    pointer::Pointer,
    schema::{Schema, Widening},
    version::{Release, Version},
};

/// Why a candidate is refused, by one rule at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The stable id of the rule, such as `type_changed`, `backward_breaking` or `backward_undecided`.
    pub rule: String,
    /// Where in the candidate (in the older schema for what was removed), as a JSON pointer.
    pub at: String,
    /// The rule in one sentence, for this place.
    pub why: String,
}

/// Both directions between an older and a newer schema, in one content model.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// Every event of the old one can be read by the new one.
    pub backward: Verdict,
    /// Every event of the new one can be read by the old one.
    pub forward: Verdict,
}

/// The three outcomes a pipeline can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Accepted on a proof.
    Compatible,
    /// A rule or a direction the level names is broken.
    Breaking,
    /// A direction the level names could not be decided.
    Undecided,
}

/// What is known about a candidate against one older version.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The level judged by.
    pub level: Level,
    /// The content model judged in.
    pub model: ContentModel,
    /// Compatible, breaking or undecided, under the level.
    pub outcome: Outcome,
    /// Why it is refused; empty exactly when it is accepted.
    pub refusals: Vec<Refused>,
    /// Both directions in `model`.
    pub directions: Directions,
    /// Both directions in the other model.
    pub other_model: Directions,
    /// Everything that changed.
    pub differences: Vec<Difference>,
    /// Where a list of values or branches grew for readers that agreed to it, as JSON pointers into the candidate.
    pub widened: Vec<Pointer>,
    /// What the step is in semver.
    pub bump: Bump,
}

impl Judgement {
    /// Whether the level lets the candidate in.
    pub fn accepted(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// One version that is there already.
#[derive(Debug, Clone)]
pub struct Past {
    /// Its number.
    pub version: Version,
    /// Its semantic version.
    pub release: Release,
    /// Its schema.
    pub schema: Schema,
    /// Whether it was itself accepted under `ADDITIONS_ONLY` against the one before it.
    pub chained: bool,
}

/// What choosing among versions goes by; a version need not be read to be chosen.
pub trait Ancestor {
    /// Its semantic version.
    fn release(&self) -> &Release;

    /// Whether it was itself accepted under `ADDITIONS_ONLY` against the one before it.
    fn is_chained(&self) -> bool;
}

impl Ancestor for Past {
    fn release(&self) -> &Release {
        &self.release
    }

    fn is_chained(&self) -> bool {
        self.chained
    }
}

/// Judges `new` against `old` as a single step.
///
/// Never guesses: a level is satisfied only by proofs, a refusal names its rule and place, and what could not be
/// decided says so.
pub fn judge(
    old: &Schema,
    new: &Schema,
    level: Level,
    model: ContentModel,
    budget: &Budget<'_>,
) -> Judgement {
    judge_widening(old, new, level, model, Widening::Marked, budget)
}

/// [`judge`], for a subject that says where lists may grow under `ADDITIONS_ONLY`.
///
/// A value added to such an `enum`, or a branch to such a `oneOf`, is accepted as widened: a minor step. The forward
/// proof is then made for a reader that skips open lists, as the translator's validation does (spec verdicts, section 3).
pub fn judge_widening(
    old: &Schema,
    new: &Schema,
    level: Level,
    model: ContentModel,
    widening: Widening,
    budget: &Budget<'_>,
) -> Judgement {
    let both = |model| Directions {
        backward: contains(old, new, model, budget),
        forward: contains(new, old, model, budget),
    };
    let (directions, other_model) = (both(model), both(model.other()));
    let found = found(old, new);
    let (event, strict) = match model {
        ContentModel::Event => (&directions, &other_model),
        ContentModel::Strict => (&other_model, &directions),
    };
    let neutral = strict.backward.is_compatible()
        && strict.forward.is_compatible()
        && additions::same_names(old, new)
        // These two say nothing about valid events, but readers and the translator act on them.
        && !found.iter().any(|found| {
            ["default_", "open_enum_"].iter().any(|kind| found.difference.kind.starts_with(kind))
        });
    let is_widened = |found: &&Found| match found.widens {
        Some(Marked::Open) => true,
        Some(Marked::Not) => widening == Widening::Everywhere,
        None => false,
    };
    let widened: Vec<Pointer> = if neutral {
        Vec::new()
    } else {
        found.iter().filter(is_widened).map(|found| found.difference.at.clone()).collect()
    };
    let broken = if neutral {
        Vec::new()
    } else {
        let rest = found.iter().filter(|found| !is_widened(found));
        rest.filter_map(|found| additions::refuse(old, found)).collect()
    };
    let opened = forward_for_open_readers(old, new, widening, !widened.is_empty(), budget);
    let as_written = Some(&event.forward).filter(|_| widened.is_empty());
    let forward: Vec<&Verdict> = as_written.into_iter().chain(&opened).collect();
    let reads_forward = forward.iter().all(|verdict| verdict.is_compatible());
    let mut refusals = Vec::new();
    match level {
        Level::None => {}
        Level::Backward | Level::BackwardTransitive => {
            refusals.extend(direction("backward", &directions.backward));
        }
        Level::Forward | Level::ForwardTransitive => {
            refusals.extend(direction("forward", &directions.forward));
        }
        Level::Full | Level::FullTransitive => {
            refusals.extend(direction("backward", &directions.backward));
            refusals.extend(direction("forward", &directions.forward));
        }
        // The rule says what may be written, the proof that it is harmless; both must hold.
        Level::AdditionsOnly | Level::Translatable => {
            refusals.extend(broken.iter().cloned());
            refusals.extend(direction("backward", &event.backward));
            let failing = forward.iter().find(|verdict| !verdict.is_compatible());
            refusals.extend(failing.and_then(|verdict| direction("forward", verdict)));
        }
    }
    let only_additions = broken.is_empty() && event.backward.is_compatible() && reads_forward;
    let silent = neutral || found.iter().all(|found| found.difference.kind == "annotation_changed");
    let bump = match (silent, only_additions) {
        (true, true) => Bump::Patch,
        (false, true) => Bump::Minor,
        _ => Bump::Major,
    };
    let outcome = match refusals.iter().all(|refused| refused.rule.ends_with("_undecided")) {
        _ if refusals.is_empty() => Outcome::Compatible,
        true => Outcome::Undecided,
        false => Outcome::Breaking,
    };
    let differences = found.into_iter().map(|found| found.difference).collect();
    Judgement {
        level,
        model,
        outcome,
        refusals,
        directions,
        other_model,
        differences,
        widened,
        bump,
    }
}

/// Whether readers that skip open lists can read what comes: the values of the step itself, and any that a later step may
/// add. Without the latter the chain of additions would not be transitive.
fn forward_for_open_readers(
    old: &Schema,
    new: &Schema,
    widening: Widening,
    is_widened: bool,
    budget: &Budget<'_>,
) -> Vec<Verdict> {
    let (reader, writer) = (old.opened(widening), new.opened(widening));
    if reader.fingerprint() == old.fingerprint() && writer.fingerprint() == new.fingerprint() {
        return Vec::new();
    }
    let writers = is_widened.then_some(new).into_iter().chain([&writer]);
    writers.map(|writer| contains(writer, &reader, ContentModel::Event, budget)).collect()
}

/// Why a direction does not satisfy a level that names it.
fn direction(name: &str, verdict: &Verdict) -> Option<Refused> {
    match verdict {
        Verdict::Compatible(_) => None,
        Verdict::Breaking(witness) => Some(Refused {
            rule: format!("{name}_breaking"),
            at: witness.reader_path.clone(),
            why: witness.message.clone(),
        }),
        Verdict::Undecided(doubt) => Some(Refused {
            rule: format!("{name}_undecided"),
            at: doubt.at.clone(),
            why: format!("neither a proof nor an event that breaks was found ({})", doubt.reason),
        }),
    }
}

/// The versions of `history` (oldest first) that `level` holds a candidate against, newest first.
pub fn held_against<A: Ancestor>(level: Level, history: &[A]) -> Vec<&A> {
    let newest_first = || history.iter().rev();
    match level {
        Level::None => Vec::new(),
        Level::BackwardTransitive | Level::ForwardTransitive | Level::FullTransitive => {
            newest_first().collect()
        }
        Level::Backward | Level::Forward | Level::Full => newest_first().take(1).collect(),
        // The chain of additions is transitive; it is walked back only as far as it is not known to be whole.
        Level::AdditionsOnly | Level::Translatable => {
            let Some(newest) = history.last() else { return Vec::new() };
            let major =
                newest_first().take_while(|past| past.release().major == newest.release().major);
            let begins = |release: &Release| *release == Release::new(release.major, 0, 0);
            let whole = major.clone().all(|past| past.is_chained() || begins(past.release()));
            major.take(if whole { 1 } else { usize::MAX }).collect()
        }
    }
}

#[cfg(test)]
mod tests;
