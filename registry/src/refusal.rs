//! A refusal is why a command was turned down. It changes nothing, and says what would.

use stele_api::{
    check::SubjectCheckAnswer,
    dialect::{Reference, SubjectVersion},
    id::SchemaId,
    mode::Mode,
    problem::{Code, Problem},
    subject::{Context, Subject},
    webhook::WebhookName,
};
use stele_evolution::{
    lens::Rejection,
    policy::{Bump, Outcome},
    version::{Release, Version},
};

use crate::{event::Scope, log::Position};

/// Why a command was turned down.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// What was found out is out of date: the subject, or its policy, has changed since.
    #[error("the subject has changed in the meantime")]
    Moved,
    /// The policy says no.
    #[error("{}", incompatible(.0))]
    Incompatible(Box<SubjectCheckAnswer>),
    /// A break under TRANSLATABLE without a lens.
    #[error("{} and it ships with no lens", incompatible(.0))]
    LensRequired(Box<SubjectCheckAnswer>),
    /// The check of the lens found something.
    #[error("the lens does not hold: {0}")]
    LensRejected(Box<Rejection>),
    /// The lens is for something else.
    #[error("the lens is for {found}, and this is {expected}")]
    LensMismatch {
        /// What the lens says.
        found: String,
        /// Where it was to go.
        expected: String,
    },
    /// The declared release says less than what happened.
    #[error(
        "release {declared} declares a {} step after {newest}, and what changed is a {} step",
        name(*.declared_step),
        name(*.step)
    )]
    ReleaseTooSmall {
        /// What was declared.
        declared: Release,
        /// The size of step it declares.
        declared_step: Bump,
        /// The newest release.
        newest: Release,
        /// The size of step found.
        step: Bump,
        /// What was found, if it was compared.
        answer: Box<SubjectCheckAnswer>,
    },
    /// The declared release is not after the newest.
    #[error("release {declared} does not come after {newest}, the newest")]
    ReleaseNotNewer {
        /// What was declared.
        declared: Release,
        /// The newest release.
        newest: Release,
    },
    /// The schema is there, and something else was demanded with it.
    #[error("`{subject}` already has this schema as version {version}, with another {what}")]
    AlreadyRegistered {
        /// The subject.
        subject: Subject,
        /// The version it is.
        version: Version,
        /// What is not the same.
        what: &'static str,
    },
    /// An id was demanded where ids are given.
    #[error("the id {id} is demanded for a schema of `{subject}`, which is not in mode IMPORT")]
    IdDemanded {
        /// The subject.
        subject: Subject,
        /// The id.
        id: SchemaId,
    },
    /// No id was demanded where all come from outside.
    #[error("`{0}` is in mode IMPORT, where every schema brings its id")]
    IdMissing(Subject),
    /// The id demanded, or the schema, is in use already.
    #[error("{}", id_taken(subject, *id, *known))]
    IdTaken {
        /// The subject.
        subject: Subject,
        /// The id demanded.
        id: SchemaId,
        /// The id that the schema has already.
        known: Option<SchemaId>,
    },
    /// Every number there is has been given.
    #[error("all {what} for `{subject}` are given: the last is 2147483647")]
    Exhausted {
        /// The subject.
        subject: Subject,
        /// What there is no more of.
        what: &'static str,
    },
    /// The declared release leaves no room for those after it.
    #[error("release {0} is too large: a part is at most 2147483647")]
    ReleaseTooLarge(Release),
    /// The mode permits no change.
    #[error("{} is in mode {mode}", scope_name(scope))]
    ReadOnly {
        /// What was to be changed.
        scope: Scope,
        /// The mode that holds for it.
        mode: Mode,
    },
    /// Mode IMPORT where schemas are.
    #[error("{} holds schemas, such as those of `{subject}`", scope_name(scope))]
    ImportOverSchemas {
        /// Where it was to be set.
        scope: Scope,
        /// A subject with schemas.
        subject: Subject,
    },
    /// The registry's own schemas come with the program.
    #[error("the context `{0}` belongs to the registry itself")]
    OwnContext(Context),
    /// It is soft-deleted already.
    #[error("`{0}` was soft-deleted already")]
    SubjectDeleted(Subject),
    /// It is not soft-deleted.
    #[error("`{0}` was not soft-deleted yet")]
    SubjectNotDeleted(Subject),
    /// It is soft-deleted already.
    #[error("version {version} of `{subject}` was soft-deleted already")]
    VersionDeleted {
        /// The subject.
        subject: Subject,
        /// The version.
        version: Version,
    },
    /// It is not soft-deleted.
    #[error("version {version} of `{subject}` was not soft-deleted yet")]
    VersionNotDeleted {
        /// The subject.
        subject: Subject,
        /// The version.
        version: Version,
    },
    /// Something refers to it.
    #[error(
        "version {} of `{}` is referred to by version {} of `{}`",
        target.version, target.subject, by.version, by.subject
    )]
    Referenced {
        /// What was to be deleted.
        target: SubjectVersion,
        /// What refers to it.
        by: SubjectVersion,
    },
    /// What it refers to is deleted.
    #[error("version {} of `{}`, which it refers to, is deleted", .0.version, .0.subject)]
    ReferenceDeleted(Reference),
    /// There is no such context.
    #[error("there is no context `{0}`")]
    ContextNotFound(Context),
    /// Something is in it.
    #[error("the context `{0}` is not empty")]
    ContextNotEmpty(Context),
    /// A version was demanded that is not the next.
    #[error("version {demanded} is demanded for `{subject}`, and the next is {next}")]
    VersionDemanded {
        /// The subject.
        subject: Subject,
        /// The version demanded.
        demanded: Version,
        /// The version it would be.
        next: Version,
        /// The mode that holds.
        mode: Mode,
    },
    /// A member has a value that is not taken.
    #[error("`{field}` {why}")]
    Field {
        /// The member.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// There is no such subject.
    #[error("there is no subject `{0}`")]
    SubjectNotFound(Subject),
    /// There is no such webhook.
    #[error("there is no webhook `{0}`")]
    WebhookNotFound(WebhookName),
    /// Something has happened in a registry that is to take a whole log.
    #[error("the registry has {0} events already, and takes a log only where nothing has happened")]
    NotEmpty(Position),
    /// There is no such version.
    #[error("`{subject}` has no version {version}")]
    VersionNotFound {
        /// The subject.
        subject: Subject,
        /// The version, as it was asked for.
        version: String,
    },
}

fn incompatible(answer: &SubjectCheckAnswer) -> String {
    let newest = answer.against.iter().find(|answer| !answer.accepted).or(answer.against.first());
    let version = newest
        .and_then(|answer| answer.version)
        .map_or_else(|| "what is there".to_owned(), |version| format!("version {version}"));
    let first = answer.refusals.first();
    let why = first.map_or_else(String::new, |refused| {
        format!(": {} ({} at `{}`)", refused.why, refused.rule, refused.at)
    });
    let what = match answer.verdict {
        Outcome::Undecided => "could not be proved to fit",
        Outcome::Breaking | Outcome::Compatible => "does not fit",
    };
    format!("the schema {what} {version} under {}{why}", answer.compatibility)
}

fn id_taken(subject: &Subject, id: SchemaId, known: Option<SchemaId>) -> String {
    let context = subject.context();
    match known {
        Some(known) => {
            format!("the schema has id {known} in the context `{context}` already, and not {id}")
        }
        None => format!("another schema has or had id {id} in the context `{context}`"),
    }
}

fn scope_name(scope: &Scope) -> String {
    match scope {
        Scope::Global => "the registry".to_owned(),
        Scope::Context(context) => format!("the context `{context}`"),
        Scope::Subject(subject) => format!("the subject `{subject}`"),
    }
}

/// A size of step as people read it.
fn name(bump: Bump) -> &'static str {
    match bump {
        Bump::Patch => "patch",
        Bump::Minor => "minor",
        Bump::Major => "major",
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::Moved => Problem::new(Code::Overloaded, detail).hint("try again"),
            Refusal::Incompatible(answer) => {
                let code = match answer.verdict {
                    Outcome::Undecided => Code::Undecided,
                    Outcome::Breaking | Outcome::Compatible => Code::Incompatible,
                };
                with(Problem::new(code, detail), *answer).hint(
                    "only add optional properties, or set the level TRANSLATABLE and ship a lens",
                )
            }
            Refusal::LensRequired(answer) => {
                with(Problem::new(Code::LensRequired, detail), *answer)
                    .hint("put a lens from the newest version into the request, or only add")
            }
            Refusal::LensRejected(rejection) => {
                let hint = rejection.hint.clone();
                let mut problem = Problem::new(Code::LensRejected, detail).hint(hint);
                problem.rejection = serde_json::to_value(&*rejection).ok();
                problem
            }
            Refusal::LensMismatch { .. } => Problem::new(Code::LensMismatch, detail)
                .hint("a lens goes from one version to the next of the same subject"),
            Refusal::ReleaseTooSmall { answer, .. } => {
                with(Problem::new(Code::ReleaseTooSmall, detail), *answer)
                    .hint("declare a greater release, or none to have it worked out")
            }
            Refusal::ReleaseNotNewer { .. } => Problem::new(Code::ReleaseNotNewer, detail),
            Refusal::AlreadyRegistered { .. } => Problem::new(Code::AlreadyRegistered, detail)
                .hint("a version never changes; a lens can be put on its edge by itself"),
            Refusal::IdDemanded { .. } => Problem::new(Code::NotPermitted, detail)
                .hint("leave the id out, or set the mode IMPORT first"),
            Refusal::IdMissing(_) => Problem::new(Code::NotPermitted, detail)
                .hint("send the id, or set the mode READWRITE"),
            Refusal::Exhausted { .. } => Problem::new(Code::NotPermitted, detail)
                .hint("numbers are never given twice: go on in another context or subject"),
            Refusal::ReleaseTooLarge(_) => Problem::new(Code::ReleaseTooSmall, detail),
            Refusal::IdTaken { .. } => Problem::new(Code::IdMismatch, detail),
            Refusal::VersionDemanded { mode: Mode::Import, .. } => {
                Problem::new(Code::IdMismatch, detail)
                    .hint("import versions in their order; numbers are never given twice")
            }
            Refusal::VersionDemanded { .. } => Problem::new(Code::IdMismatch, detail)
                .hint("leave the version out, or set the mode IMPORT first"),
            Refusal::ReadOnly { .. } => {
                Problem::new(Code::NotPermitted, detail).hint("set the mode READWRITE first")
            }
            Refusal::ImportOverSchemas { .. } => Problem::new(Code::NotPermitted, detail)
                .hint("import into an empty context, or say `force=true`"),
            Refusal::OwnContext(_) => Problem::new(Code::NotPermitted, detail),
            Refusal::SubjectDeleted(_) => Problem::new(Code::SubjectDeleted, detail)
                .hint("say `permanent=true` to have it gone for good"),
            Refusal::VersionDeleted { .. } => Problem::new(Code::VersionDeleted, detail)
                .hint("say `permanent=true` to have it gone for good"),
            Refusal::SubjectNotDeleted(_) => Problem::new(Code::SubjectNotDeleted, detail)
                .hint("delete it without `permanent` first"),
            Refusal::VersionNotDeleted { .. } => Problem::new(Code::VersionNotDeleted, detail)
                .hint("delete it without `permanent` first"),
            Refusal::Referenced { .. } => {
                Problem::new(Code::Referenced, detail).hint("delete what refers to it first")
            }
            Refusal::ReferenceDeleted(_) => {
                Problem::new(Code::ReferenceUnresolved, detail).hint("restore that first")
            }
            Refusal::ContextNotFound(_) => Problem::new(Code::ContextNotFound, detail),
            Refusal::ContextNotEmpty(_) => Problem::new(Code::ContextNotEmpty, detail)
                .hint("delete its subjects for good first"),
            Refusal::Field { .. } => Problem::new(Code::FieldInvalid, detail),
            Refusal::WebhookNotFound(_) => Problem::new(Code::WebhookNotFound, detail),
            Refusal::NotEmpty(_) => Problem::new(Code::NotEmpty, detail)
                .hint("start a registry on an empty --data, and import into that"),
            Refusal::SubjectNotFound(_) => Problem::new(Code::SubjectNotFound, detail),
            Refusal::VersionNotFound { .. } => Problem::new(Code::VersionNotFound, detail),
        }
    }
}

fn with(mut problem: Problem, answer: SubjectCheckAnswer) -> Problem {
    problem.witness = answer.witness().cloned();
    problem.refusals = answer.refusals;
    problem.differences = answer.differences;
    problem.against = answer.against;
    problem
}
