//! What is known of a subject beside its versions: its kind, its owner, the policy that holds for it.

use serde::{Deserialize, Serialize};
use stele_evolution::{containment::ContentModel, policy::Level, version::Version};

use crate::{kind::Kind, patch::Patch, subject::Subject, version::VersionSummary};

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
    /// Its newest version; absent where only its kind or policy was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<VersionSummary>,
}

/// What is to be known of a subject; what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
}
