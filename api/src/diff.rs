//! A diff lists what changed between two versions of a subject: facts, without a judgement.

use serde::{Deserialize, Serialize};
use stele_evolution::{difference::Difference, policy::Bump, version::Version};

use crate::subject::Subject;

/// What changed from one version of a subject to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diff {
    /// The subject.
    pub subject: Subject,
    /// The version compared from.
    pub from: Version,
    /// The version compared to.
    pub to: Version,
    /// What the step is in semver.
    pub release: Bump,
    /// Everything that changed.
    pub differences: Vec<Difference>,
}
