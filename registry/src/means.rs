//! By what means a check came to its verdict: the furthest that any of its directions needed.

use stele_api::check::{CheckAnswer, SubjectCheckAnswer};
use stele_evolution::{
    containment::{Proof, Verdict},
    policy::{Judgement, Outcome},
};

/// What it took, the cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// There was nothing to compare with.
    Nothing,
    /// Equal apart from annotations.
    Equal,
    /// A structural proof.
    Structural,
    /// A proof by the canonical form.
    Canonical,
    /// An event that breaks.
    Witness,
    /// Everything there is, in vain.
    Everything,
}

impl Means {
    /// Its name, as it is counted.
    pub fn name(self) -> &'static str {
        match self {
            Means::Nothing => "none",
            Means::Equal => "equal",
            Means::Structural => "structural",
            Means::Canonical => "canonical",
            Means::Witness => "witness",
            Means::Everything => "everything",
        }
    }

    /// Those of several judgements.
    pub fn of<'j>(judgements: impl IntoIterator<Item = &'j Judgement>) -> Self {
        let all = judgements.into_iter().flat_map(|judgement| {
            let directions = &judgement.directions;
            [&directions.backward, &directions.forward].map(|verdict| match verdict {
                Verdict::Compatible(proof) => Means::from(*proof),
                Verdict::Breaking(_) => Means::Witness,
                Verdict::Undecided(_) => Means::Everything,
            })
        });
        all.max().unwrap_or(Means::Nothing)
    }
}

impl From<Proof> for Means {
    fn from(proof: Proof) -> Self {
        match proof {
            Proof::Equal => Means::Equal,
            Proof::Structural => Means::Structural,
            Proof::Canonical => Means::Canonical,
        }
    }
}

impl From<&CheckAnswer> for Means {
    fn from(answer: &CheckAnswer) -> Self {
        let directions = [&answer.directions.backward, &answer.directions.forward];
        let all = directions.map(|direction| match (direction.proof, direction.verdict) {
            (Some(proof), _) => proof.into(),
            (None, Outcome::Undecided) => Means::Everything,
            (None, _) => Means::Witness,
        });
        all.into_iter().max().unwrap_or(Means::Nothing)
    }
}

impl From<&SubjectCheckAnswer> for Means {
    fn from(answer: &SubjectCheckAnswer) -> Self {
        answer.against.iter().map(Means::from).max().unwrap_or(Means::Nothing)
    }
}
