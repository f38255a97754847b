//! A command is something asked of the registry, with what was found out about it before it is decided.

use stele_api::{id::SchemaId, kind::Kind, patch::Patch, stream::SubjectUpdate, subject::Subject};
use stele_evolution::{
    containment::ContentModel,
    lens::Lens,
    policy::Level,
    version::{Release, Version},
};

use crate::{
    candidate::Candidate,
    event::Scope,
    findings::{Findings, LensFindings},
};

/// What can be asked.
pub enum Command {
    /// A version for a subject.
    Register(Box<Register>),
    /// A lens for an edge that is there.
    AddLens(AddLens),
    /// A level or a content model for a scope.
    SetConfig(SetConfig),
    /// A kind, an owner, tags, a policy or the like for a subject.
    Describe(Describe),
}

/// Asks for a version.
pub struct Register {
    /// The subject.
    pub subject: Subject,
    /// The schema.
    pub candidate: Candidate,
    /// The lens from the newest version.
    pub lens: Option<Lens>,
    /// The release declared.
    pub release: Option<Release>,
    /// The kind declared.
    pub kind: Option<Kind>,
    /// The id demanded.
    pub id: Option<SchemaId>,
    /// The version demanded.
    pub version: Option<Version>,
    /// What was found out about it; nothing where the schema is there already.
    pub findings: Option<Findings>,
}

/// Asks for a lens.
pub struct AddLens {
    /// The subject.
    pub subject: Subject,
    /// The older version.
    pub from: Version,
    /// The newer version.
    pub to: Version,
    /// The lens.
    pub lens: Lens,
    /// What was found out about it.
    pub findings: LensFindings,
}

/// Asks for a policy.
pub struct SetConfig {
    /// Where it shall hold.
    pub scope: Scope,
    /// The level.
    pub compatibility: Patch<Level>,
    /// The content model.
    pub content_model: Patch<ContentModel>,
}

/// Asks for a description.
pub struct Describe {
    /// The subject.
    pub subject: Subject,
    /// What it becomes.
    pub update: SubjectUpdate,
}
