//! A command is something asked of the registry, with what was found out about it before it is decided.

use stele_api::{
    id::SchemaId,
    kind::Kind,
    mode::Mode,
    patch::Patch,
    stream::SubjectUpdate,
    subject::{Context, Subject},
    webhook::{Webhook, WebhookName},
};
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
    /// A mode for a scope.
    SetMode(SetMode),
    /// A kind, an owner, tags, a policy or the like for a subject.
    Describe(Describe),
    /// Versions to be hidden.
    Delete(Choice),
    /// Hidden versions to be gone for good.
    Erase(Choice),
    /// Hidden versions to come back.
    Restore(Choice),
    /// Somebody to be told of what happens.
    SetWebhook(SetWebhook),
    /// Somebody to be told no longer.
    RemoveWebhook(WebhookName),
    /// A context without subjects to be listed no more.
    EraseContext(Context),
}

/// Asks for somebody to be told.
pub struct SetWebhook {
    /// Their name.
    pub name: WebhookName,
    /// What they are told of, and where.
    pub webhook: Webhook,
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
    /// Whether it is to be there in spite of its policy.
    pub forced: bool,
    /// Whether what could not be decided is let through.
    pub allow_undecided: bool,
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
    /// Whether any list may grow.
    pub widen: Patch<bool>,
    /// Whether a lens must be proved.
    pub strict_lenses: Patch<bool>,
}

/// Asks for a mode.
pub struct SetMode {
    /// Where it shall hold.
    pub scope: Scope,
    /// The mode; nothing leaves it to the scope around it.
    pub mode: Option<Mode>,
    /// Whether it is also set where schemas are in the way.
    pub forced: bool,
    /// Whether every mode within the scope is cleared with it.
    pub recursive: bool,
}

/// Chooses versions of a subject.
pub struct Choice {
    /// The subject.
    pub subject: Subject,
    /// Which of its versions.
    pub versions: Chosen,
}

/// Which versions of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// All of them.
    All,
    /// The newest.
    Newest,
    /// The one with this number.
    One(Version),
}

/// Asks for a description.
pub struct Describe {
    /// The subject.
    pub subject: Subject,
    /// What it becomes.
    pub update: SubjectUpdate,
}
