//! A policy says what a new version of a subject may do; a judgement says whether one does, and why not.

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
    difference::{Difference, differences},
    schema::Schema,
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
    /// Whether it was itself accepted under ADDITIONS_ONLY against the one before it.
    pub chained: bool,
}

/// Judges `new` against `old` as a single step.
pub fn judge(
    old: &Schema,
    new: &Schema,
    level: Level,
    model: ContentModel,
    budget: &Budget<'_>,
) -> Judgement {
    let directions = |model| Directions {
        backward: contains(old, new, model, budget),
        forward: contains(new, old, model, budget),
    };
    Judgement {
        level,
        model,
        outcome: Outcome::Compatible,
        refusals: Vec::new(),
        directions: directions(model),
        other_model: directions(model.other()),
        differences: differences(old, new),
        bump: Bump::Major,
    }
}

/// The versions of `history` (oldest first) that `level` holds a candidate against, newest first.
pub fn held_against(level: Level, history: &[Past]) -> Vec<&Past> {
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
                newest_first().take_while(|past| past.release.major == newest.release.major);
            let whole = major
                .clone()
                .all(|past| past.chained || past.release == Release::new(past.release.major, 0, 0));
            major.take(if whole { 1 } else { usize::MAX }).collect()
        }
    }
}
