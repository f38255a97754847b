//! A problem is how Stele's own API says no: RFC 9457, with a stable code. The one table of codes is here.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stele_evolution::{
    difference::Difference,
    policy::{LevelError, Refused},
    schema::{SchemaError, TextError},
    version::VersionError,
};

use crate::{
    check::{CheckAnswer, Witness},
    confluent::ErrorCode,
    id::SchemaIdError,
    mode::ModeError,
    rules::RuleSetError,
    selector::SelectorError,
    subject::SubjectError,
};

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $status:literal, $title:literal, $confluent:ident;)+) => {
        /// Every reason to say no. Clients act on the code, people read the rest.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Code] = &[$(Code::$name),+];

            /// The stable text.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)+ }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Code::$name => $status,)+ }
            }

            /// The same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)+ }
            }

            /// What the Confluent dialect says instead.
            pub fn confluent(self) -> ErrorCode {
                match self { $(Code::$name => ErrorCode::$confluent,)+ }
            }
        }
    };
}

codes! {
    /// No such path.
    NotFound = "not_found", 404, "there is nothing at this path", NotFound;
    /// The path is there, the method is not.
    MethodNotAllowed = "method_not_allowed", 405, "this path does not take this method", MethodNotAllowed;
    /// Nobody is named, or somebody who is not known.
    Unauthenticated = "unauthenticated", 401, "the request does not say who asks", Unauthorized;
    /// Somebody who may not.
    Forbidden = "forbidden", 403, "this is not for everybody", Forbidden;
    /// More requests than somebody may make.
    RateLimited = "rate_limited", 429, "too many requests", TooManyRequests;
    /// A body that takes too long to come.
    BodyTimeout = "body_timeout", 408, "the body did not come in time", RequestTimeout;
    /// A body beyond 2 MiB.
    BodyTooLarge = "body_too_large", 413, "the body is too large", TooLargeBody;
    /// A body of another media type.
    MediaTypeUnsupported = "media_type_unsupported", 415, "the body's media type is not taken", UnsupportedMediaType;
    /// A body that is not JSON, or not of the right shape.
    BodyInvalid = "body_invalid", 400, "the body cannot be read", BadRequest;
    /// A query that cannot be read.
    QueryInvalid = "query_invalid", 400, "the query cannot be read", BadRequest;
    /// A place in the feed that this registry has not reached.
    PositionUnknown = "position_unknown", 409, "the feed has not come that far", BadRequest;
    /// A path whose parts cannot be read.
    PathInvalid = "path_invalid", 400, "the path cannot be read", BadRequest;
    /// A member of the body has a value that is not taken.
    FieldInvalid = "field_invalid", 422, "a member of the body has a value that is not taken", UnprocessableEntity;
    /// A subject that is none.
    SubjectInvalid = "subject_invalid", 422, "not a subject", InvalidSubject;
    /// A version, release or range that is none.
    VersionInvalid = "version_invalid", 422, "not a version", InvalidVersion;
    /// A schema id that is none.
    IdInvalid = "id_invalid", 404, "not a schema id", SchemaNotFound;
    /// A level that is none.
    LevelInvalid = "level_invalid", 422, "not a compatibility level", InvalidLevel;
    /// A content model that is none.
    ContentModelInvalid = "content_model_invalid", 422, "not a content model", InvalidLevel;
    /// A mode that is none.
    ModeInvalid = "mode_invalid", 422, "not a mode", InvalidMode;
    /// A format that is not served.
    SchemaTypeUnsupported = "schema_type_unsupported", 422, "this format of schema is not served", InvalidSchema;
    /// No schema in the request.
    SchemaMissing = "schema_missing", 422, "there is no schema", InvalidSchema;
    /// The schema's text is not JSON.
    SchemaNotJson = "schema_not_json", 422, "the schema is not JSON", InvalidSchema;
    /// The schema has one key twice.
    SchemaDuplicateKey = "schema_duplicate_key", 422, "the schema has one key twice", InvalidSchema;
    /// The schema is nested too deep.
    SchemaTooDeep = "schema_too_deep", 422, "the schema is nested too deep", InvalidSchema;
    /// More than 1 MiB of schema.
    SchemaTooLarge = "schema_too_large", 422, "the schema is too large", TooLarge;
    /// `$schema` names an unknown dialect.
    DialectUnknown = "dialect_unknown", 422, "the dialect of the schema is unknown", InvalidSchema;
    /// The meta-schema refuses it.
    SchemaInvalid = "schema_invalid", 422, "not a valid schema", InvalidSchema;
    /// A `$ref` leads nowhere.
    ReferenceUnresolved = "reference_unresolved", 422, "a reference cannot be resolved", InvalidSchema;
    /// Rules that no client could run.
    RuleSetInvalid = "rule_set_invalid", 422, "not a rule set", InvalidRuleSet;
    /// An id or a version demanded that it cannot have.
    IdMismatch = "id_mismatch", 422, "the demanded id or version cannot be given", IdDoesNotMatch;
    /// The subject is not known.
    SubjectNotFound = "subject_not_found", 404, "there is no such subject", SubjectNotFound;
    /// The version is not known.
    VersionNotFound = "version_not_found", 404, "there is no such version", VersionNotFound;
    /// The subject is soft-deleted already.
    SubjectDeleted = "subject_deleted", 404, "the subject is deleted already", SubjectSoftDeleted;
    /// The subject has versions that are not soft-deleted.
    SubjectNotDeleted = "subject_not_deleted", 404, "the subject is not deleted yet", SubjectNotSoftDeleted;
    /// The version is soft-deleted already.
    VersionDeleted = "version_deleted", 404, "the version is deleted already", VersionSoftDeleted;
    /// The version is not soft-deleted.
    VersionNotDeleted = "version_not_deleted", 404, "the version is not deleted yet", VersionNotSoftDeleted;
    /// The context is not known.
    ContextNotFound = "context_not_found", 404, "there is no such context", NotFound;
    /// The context holds subjects.
    ContextNotEmpty = "context_not_empty", 422, "the context is not empty", ContextNotEmpty;
    /// Another schema refers to it.
    Referenced = "referenced", 422, "another schema refers to it", Referenced;
    /// The schema is not known.
    SchemaNotFound = "schema_not_found", 404, "there is no such schema", SchemaNotFound;
    /// No level was set for the subject itself.
    ConfigNotFound = "config_not_found", 404, "the subject has no level of its own", SubjectConfigNotFound;
    /// No mode was set for the subject itself.
    ModeNotFound = "mode_not_found", 404, "the subject has no mode of its own", SubjectModeNotFound;
    /// The webhook is not known.
    WebhookNotFound = "webhook_not_found", 404, "there is no such webhook", NotFound;
    /// Something has happened in a registry that is to take a whole log.
    NotEmpty = "not_empty", 409, "the registry is not empty", BadRequest;
    /// A line of an import that does not follow from those before it.
    ImportInvalid = "import_invalid", 422, "the lines are not those of a log", UnprocessableEntity;
    /// An import that was cut off.
    ImportIncomplete = "import_incomplete", 422, "the log that is imported has no end", UnprocessableEntity;
    /// The edge has no lens.
    LensNotFound = "lens_not_found", 404, "this edge has no written lens", NotFound;
    /// There is no way between two versions.
    PlanNotFound = "plan_not_found", 404, "there is no way between these versions", NotFound;
    /// The policy refuses the candidate.
    Incompatible = "incompatible", 409, "the policy refuses this schema", Incompatible;
    /// Not decided, which blocks.
    Undecided = "undecided", 409, "it could not be decided whether this schema breaks", Incompatible;
    /// A break under TRANSLATABLE that ships without a lens.
    LensRequired = "lens_required", 409, "a breaking version needs a lens", Incompatible;
    /// A declared release smaller than the step.
    ReleaseTooSmall = "release_too_small", 409, "the declared release is too small for what changed", Incompatible;
    /// A declared release that does not come after the newest.
    ReleaseNotNewer = "release_not_newer", 409, "the declared release does not come after the newest", Incompatible;
    /// The document of the lens is none.
    LensInvalid = "lens_invalid", 422, "not a lens", UnprocessableEntity;
    /// The lens is for another subject or edge.
    LensMismatch = "lens_mismatch", 422, "the lens is for another edge", UnprocessableEntity;
    /// The check of the lens found a counterexample.
    LensRejected = "lens_rejected", 422, "the lens does not hold", UnprocessableEntity;
    /// The event is not valid in the version it is said to be of.
    EventInvalid = "event_invalid", 422, "the event is not valid in its version", UnprocessableEntity;
    /// The event cannot cross.
    TranslationFailed = "translation_failed", 422, "the event cannot be translated", UnprocessableEntity;
    /// The mode does not permit it, or the subject is not for everybody.
    NotPermitted = "not_permitted", 422, "this is not permitted here", NotPermitted;
    /// The same schema is there already, with another lens or release than demanded.
    AlreadyRegistered = "already_registered", 409, "this schema is registered already", Incompatible;
    /// Too many requests wait.
    Overloaded = "overloaded", 503, "too many requests wait", Overloaded;
    /// The writer did not answer in time, or is gone.
    Timeout = "timeout", 503, "it took too long", Timeout;
    /// The registry lives, and does not do all that it is for.
    NotReady = "not_ready", 503, "the registry is not ready", Overloaded;
    /// The log cannot be written or read.
    LogUnavailable = "log_unavailable", 500, "the log cannot be reached", Store;
    /// A bug.
    Internal = "internal", 500, "something went wrong inside", Internal;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a request was turned down. As small as a pointer, since most requests are not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Problem(Box<Body>);

/// What a problem says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// A URI that names the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every occurrence of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here, in a sentence.
    pub detail: String,
    /// The stable code.
    pub code: Code,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Which rule refused, where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refused>,
    /// An event that breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
    /// What changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// Every comparison made, newest version first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<CheckAnswer>,
    /// What a lens does wrong: op, pointer, input, output, error, hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Value>,
}

impl Problem {
    /// A problem with this code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem(Box::new(Body {
            kind: format!("urn:stele:problem:{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            hint: None,
            refusals: Vec::new(),
            witness: None,
            differences: Vec::new(),
            against: Vec::new(),
            rejection: None,
        }))
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }
}

impl Deref for Problem {
    type Target = Body;

    fn deref(&self) -> &Body {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut Body {
        &mut self.0
    }
}

impl From<Problem> for Body {
    fn from(problem: Problem) -> Body {
        *problem.0
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.detail)
    }
}

impl std::error::Error for Problem {}

impl From<SubjectError> for Problem {
    fn from(error: SubjectError) -> Self {
        Problem::new(Code::SubjectInvalid, error.to_string())
    }
}

impl From<SelectorError> for Problem {
    fn from(error: SelectorError) -> Self {
        Problem::new(Code::VersionInvalid, error.to_string())
    }
}

impl From<VersionError> for Problem {
    fn from(error: VersionError) -> Self {
        Problem::new(Code::VersionInvalid, error.to_string())
    }
}

impl From<SchemaIdError> for Problem {
    fn from(error: SchemaIdError) -> Self {
        Problem::new(Code::IdInvalid, error.to_string())
    }
}

impl From<LevelError> for Problem {
    fn from(error: LevelError) -> Self {
        Problem::new(Code::LevelInvalid, error.to_string())
    }
}

impl From<ModeError> for Problem {
    fn from(error: ModeError) -> Self {
        Problem::new(Code::ModeInvalid, error.to_string())
    }
}

impl From<RuleSetError> for Problem {
    fn from(error: RuleSetError) -> Self {
        Problem::new(Code::RuleSetInvalid, error.to_string())
    }
}

impl From<SchemaError> for Problem {
    fn from(error: SchemaError) -> Self {
        let code = match &error {
            SchemaError::TooLarge(_) => Code::SchemaTooLarge,
            SchemaError::Text(TextError::NotJson { .. }) => Code::SchemaNotJson,
            SchemaError::Text(TextError::DuplicateKey(_)) => Code::SchemaDuplicateKey,
            SchemaError::Text(TextError::TooDeep) | SchemaError::ReferencesTooDeep => {
                Code::SchemaTooDeep
            }
            SchemaError::UnknownDialect(_) => Code::DialectUnknown,
            SchemaError::NotASchema { .. } => Code::SchemaInvalid,
            SchemaError::UnresolvedReference(_) => Code::ReferenceUnresolved,
        };
        // A problem has one sentence: the cause joins it here, as there is no chain to walk on the wire.
        let detail = match &error {
            SchemaError::Text(cause) => format!("{error}: {cause}"),
            _ => error.to_string(),
        };
        Problem::new(code, detail).hint(error.hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_written_as_it_is_read() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn a_problem_is_that_of_the_rfc() {
        let problem =
            Problem::new(Code::SubjectNotFound, "there is no subject `a`").hint("register");

        insta::assert_snapshot!(
            serde_json::to_string(&problem).unwrap(),
            @r#"{"type":"urn:stele:problem:subject_not_found","title":"there is no such subject","status":404,"detail":"there is no subject `a`","code":"subject_not_found","hint":"register"}"#
        );
    }

    #[test]
    fn both_faces_answer_in_the_same_class_of_status() {
        for code in Code::ALL {
            assert_eq!(code.status() / 100, code.confluent().status() / 100, "{code}");
        }
    }
}
