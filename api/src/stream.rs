//! What is known of a subject beside its versions: its kind, its owner, the policy that holds for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stele_evolution::{
    containment::ContentModel, policy::Level, schema::Widening, version::Version,
};

use crate::{day::Day, kind::Kind, patch::Patch, subject::Subject, version::VersionSummary};

/// A subject as Stele's own API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubjectResource {
    /// The subject.
    pub subject: Subject,
    /// What its messages are.
    pub kind: Kind,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is, in a few sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Words it is found by, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The policy that holds for it, wherever it was set.
    pub policy: Policy,
    /// Its versions, soft-deleted ones included, oldest first.
    pub versions: Vec<VersionSummary>,
}

/// What a new version may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The level.
    pub compatibility: Level,
    /// The content model it is judged in.
    pub content_model: ContentModel,
    /// Whether any list of values or branches may grow, and not only those that say `x-open-enum`.
    #[serde(default, skip_serializing_if = "is_not")]
    pub widen: bool,
    /// Whether a lens must be proved, and not only tested.
    #[serde(default, skip_serializing_if = "is_not")]
    pub strict_lenses: bool,
}

impl Policy {
    /// A level in a content model, with everything else as usual.
    pub fn new(compatibility: Level, content_model: ContentModel) -> Self {
        Policy { compatibility, content_model, widen: false, strict_lenses: false }
    }

    /// Where lists may grow.
    pub fn widening(&self) -> Widening {
        if self.widen { Widening::Everywhere } else { Widening::Marked }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_not(flag: &bool) -> bool {
    !flag
}

/// Brings soft-deleted versions of a subject back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RestoreRequest {
    /// Which one; all of them where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
}

/// One line of the list of subjects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubjectSummary {
    /// The subject.
    pub subject: Subject,
    /// What its messages are.
    pub kind: Kind,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Words it is found by, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Its newest version; absent where only its kind or policy was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<VersionSummary>,
}

/// What is to be known of a subject; what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubjectUpdate {
    /// What its messages are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub owner: Patch<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub description: Patch<String>,
    /// Words it is found by; all of them, as they are to be.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub tags: Patch<Vec<String>>,
    /// What a new version may do.
    #[serde(skip_serializing_if = "PolicyUpdate::is_keep")]
    pub policy: PolicyUpdate,
    /// The last day on which a version is to be used, by its number; `null` takes it back.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sunset: BTreeMap<Version, Option<Day>>,
}

/// What is set for one subject itself; what is cleared is left to its context.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyUpdate {
    /// The level.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub compatibility: Patch<Level>,
    /// The content model it is judged in.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub content_model: Patch<ContentModel>,
    /// Whether any list may grow.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub widen: Patch<bool>,
    /// Whether a lens must be proved.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub strict_lenses: Patch<bool>,
}

impl PolicyUpdate {
    /// Whether nothing changes.
    pub fn is_keep(&self) -> bool {
        *self == PolicyUpdate::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_says_what_stays_what_goes_and_what_comes() {
        let text = r#"{"owner":null,"tags":["a"],"policy":{"contentModel":"strict"},"sunset":{"1":"2027-01-31","2":null}}"#;

        let update: SubjectUpdate = serde_json::from_str(text).unwrap();

        assert_eq!((&update.owner, &update.description), (&Patch::Clear, &Patch::Keep));
        assert_eq!(update.policy.content_model, Patch::Set(ContentModel::Strict));
        assert_eq!(update.sunset.len(), 2);
        assert_eq!(serde_json::to_string(&update).unwrap(), text);
        assert!(serde_json::from_str::<SubjectUpdate>(r#"{"ovner":"ada"}"#).is_err());
    }
}
