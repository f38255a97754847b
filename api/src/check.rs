//! A check asks what would become of a candidate; nothing is recorded.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stele_evolution::{
    containment::{self, ContentModel, Proof, Reason},
    difference::Difference,
    pointer::Pointer,
    policy::{self, Bump, Judgement, Level, Outcome, Refused},
    version::{Release, Version},
};

use crate::{dialect::Reference, text::JsonText};

/// Compares two schemas, without any subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckRequest {
    /// The schema that is there.
    pub old: JsonText,
    /// The candidate.
    pub new: JsonText,
    /// The format; JSON where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_type: Option<String>,
    /// The level to judge by; `ADDITIONS_ONLY` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility: Option<Level>,
    /// The content model to judge in; `event` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_model: Option<ContentModel>,
    /// Whether `format` is asserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formats: Option<bool>,
    /// The dialect of a schema without `$schema`; 2020-12 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
}

impl CheckRequest {
    /// Compares two texts, everything else as by default.
    pub fn new(old: JsonText, new: JsonText) -> Self {
        CheckRequest {
            old,
            new,
            schema_type: None,
            compatibility: None,
            content_model: None,
            formats: None,
            dialect: None,
        }
    }
}

/// Compares a candidate with the versions of a subject that its level names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectCheckRequest {
    /// The candidate.
    pub schema: JsonText,
    /// The format; JSON where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_type: Option<String>,
    /// What the candidate refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<Vec<Reference>>,
    /// The lens the candidate would ship with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lens: Option<Value>,
    /// The release the candidate would declare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// The level to judge by; the subject's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility: Option<Level>,
    /// The content model to judge in; the subject's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_model: Option<ContentModel>,
}

/// What would become of a candidate, against one older schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckAnswer {
    /// The version compared with, where a subject was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Whether the level lets it in.
    pub accepted: bool,
    /// Why not; empty exactly when it is accepted.
    pub refusals: Vec<Refused>,
    /// Compatible, breaking or undecided, under the level.
    pub verdict: Outcome,
    /// The level judged by.
    pub compatibility: Level,
    /// The content model judged in.
    pub content_model: ContentModel,
    /// What the step is in semver.
    pub release: Bump,
    /// Both directions in that model.
    pub directions: Directions,
    /// Both directions in the other model.
    pub other_model: Directions,
    /// Everything that changed.
    pub differences: Vec<Difference>,
    /// Where an open list has grown: readers of the older schema may see values they do not know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub widened: Vec<Pointer>,
}

/// What would become of a candidate in its subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectCheckAnswer {
    /// Whether it would be registered.
    pub accepted: bool,
    /// Why not, over all versions compared with.
    pub refusals: Vec<Refused>,
    /// Compatible, breaking or undecided, under the level.
    pub verdict: Outcome,
    /// The level judged by.
    pub compatibility: Level,
    /// The content model judged in.
    pub content_model: ContentModel,
    /// What the step is in semver, from the newest version; absent for the first of a subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Bump>,
    /// The directions against the version that decides: the newest that refuses, else the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directions: Option<Directions>,
    /// The same in the other model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_model: Option<Directions>,
    /// Everything that changed since that version.
    pub differences: Vec<Difference>,
    /// The answer for every version compared with, newest first.
    pub against: Vec<CheckAnswer>,
}

/// Both directions in one content model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Directions {
    /// Old events, read by the new schema.
    pub backward: Direction,
    /// New events, read by the old schema.
    pub forward: Direction,
}

/// The verdict in one direction, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Direction {
    /// Compatible, breaking or undecided.
    pub verdict: Outcome,
    /// The stage that proved it, where it is compatible.
    pub proof: Option<Proof>,
    /// The stable code of why it is undecided, where it is.
    pub reason: Option<Reason>,
    /// Where it is undecided, in the reader's schema, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The event that breaks, where one does.
    pub witness: Option<Witness>,
}

/// An event that the writer's schema takes and the reader's refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Witness {
    /// The event.
    pub event: Value,
    /// Where in it the reader stumbles.
    pub instance_path: String,
    /// The keyword that fails.
    pub keyword: String,
    /// The place in the older schema.
    pub old_path: String,
    /// The place in the newer schema.
    pub new_path: String,
    /// What the reader says.
    pub message: String,
}

/// Whose events are read by whom.
#[derive(Clone, Copy)]
enum Way {
    Backward,
    Forward,
}

impl Direction {
    fn new(verdict: &containment::Verdict, way: Way) -> Self {
        let undecided = Direction {
            verdict: Outcome::Undecided,
            proof: None,
            reason: None,
            at: None,
            witness: None,
        };
        match verdict {
            containment::Verdict::Compatible(proof) => {
                Direction { verdict: Outcome::Compatible, proof: Some(*proof), ..undecided }
            }
            containment::Verdict::Undecided(doubt) => {
                Direction { reason: Some(doubt.reason), at: Some(doubt.at.clone()), ..undecided }
            }
            containment::Verdict::Breaking(witness) => Direction {
                verdict: Outcome::Breaking,
                witness: Some(Witness::new(witness, way)),
                ..undecided
            },
        }
    }
}

impl Witness {
    fn new(witness: &containment::Witness, way: Way) -> Self {
        let (old_path, new_path) = match way {
            Way::Backward => (&witness.writer_path, &witness.reader_path),
            Way::Forward => (&witness.reader_path, &witness.writer_path),
        };
        Witness {
            event: witness.event.clone(),
            instance_path: witness.instance_path.clone(),
            keyword: witness.keyword.clone(),
            old_path: old_path.clone(),
            new_path: new_path.clone(),
            message: witness.message.clone(),
        }
    }
}

impl Directions {
    /// The first event that breaks, backward before forward.
    pub fn witness(&self) -> Option<&Witness> {
        self.backward.witness.as_ref().or(self.forward.witness.as_ref())
    }
}

impl From<&policy::Directions> for Directions {
    fn from(directions: &policy::Directions) -> Self {
        Directions {
            backward: Direction::new(&directions.backward, Way::Backward),
            forward: Direction::new(&directions.forward, Way::Forward),
        }
    }
}

impl From<&Judgement> for CheckAnswer {
    fn from(judgement: &Judgement) -> Self {
        CheckAnswer {
            version: None,
            accepted: judgement.accepted(),
            refusals: judgement.refusals.clone(),
            verdict: judgement.outcome,
            compatibility: judgement.level,
            content_model: judgement.model,
            release: judgement.bump,
            directions: (&judgement.directions).into(),
            other_model: (&judgement.other_model).into(),
            differences: judgement.differences.clone(),
            widened: judgement.widened.clone(),
        }
    }
}

impl CheckAnswer {
    /// The same, saying which version it was compared with.
    #[must_use]
    pub fn with(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }
}

impl SubjectCheckAnswer {
    /// The answer over all comparisons, newest first. `step` is the size of the step from the newest version, `None` for
    /// the first of a subject.
    pub fn new(
        level: Level,
        model: ContentModel,
        step: Option<Bump>,
        against: Vec<CheckAnswer>,
    ) -> Self {
        let worst = [Outcome::Breaking, Outcome::Undecided, Outcome::Compatible]
            .into_iter()
            .find(|outcome| against.iter().any(|answer| answer.verdict == *outcome));
        let deciding =
            against.iter().find(|answer| !answer.accepted).or_else(|| against.first()).cloned();
        let refusals: Vec<Refused> =
            against.iter().flat_map(|answer| answer.refusals.iter().cloned()).collect();
        SubjectCheckAnswer {
            accepted: refusals.is_empty(),
            refusals,
            verdict: worst.unwrap_or(Outcome::Compatible),
            compatibility: level,
            content_model: model,
            release: step,
            directions: deciding.as_ref().map(|answer| answer.directions.clone()),
            other_model: deciding.as_ref().map(|answer| answer.other_model.clone()),
            differences: deciding.map(|answer| answer.differences).unwrap_or_default(),
            against,
        }
    }

    /// The event that breaks, where the deciding comparison has one: in the direction that the level names, if one does
    /// there.
    pub fn witness(&self) -> Option<&Witness> {
        let directions = self.directions.as_ref()?;
        let (named, other) = match self.compatibility {
            Level::Forward | Level::ForwardTransitive => {
                (&directions.forward, &directions.backward)
            }
            _ => (&directions.backward, &directions.forward),
        };
        named.witness.as_ref().or(other.witness.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stele_evolution::containment::Verdict;

    use super::*;

    #[test]
    fn a_witness_names_old_and_new_whoever_writes() {
        let witness = containment::Witness {
            event: json!({"a": 1}),
            instance_path: "/a".into(),
            keyword: "type".into(),
            writer_path: "/writer".into(),
            reader_path: "/reader".into(),
            message: "1 is not a string".into(),
        };
        let breaking = Verdict::Breaking(Box::new(witness));

        let both =
            Directions::from(&policy::Directions { backward: breaking.clone(), forward: breaking });

        let backward = both.backward.witness.unwrap();
        assert_eq!((&*backward.old_path, &*backward.new_path), ("/writer", "/reader"));
        let forward = both.forward.witness.unwrap();
        assert_eq!((&*forward.old_path, &*forward.new_path), ("/reader", "/writer"));
    }

    #[test]
    fn the_schemas_of_a_request_keep_their_text() {
        let text =
            r#"{"old":{"type":"object","a":1.10},"new":{"b":1,"a":2},"contentModel":"strict"}"#;

        let request: CheckRequest = serde_json::from_str(text).unwrap();

        assert_eq!(serde_json::to_string(&request).unwrap(), text);
    }
}
