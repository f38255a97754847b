//! A failure is why a request came to nothing: it was turned down, or something did not work.

use std::sync::Arc;

use stele_api::problem::{Code, Problem};
use stele_evolution::{lens::LensError, schema::SchemaError};

use crate::{
    candidate::CandidateError,
    log::{LogError, Position},
    refusal::Refusal,
};

/// Why a request came to nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The command was decided, against it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was proposed is no schema.
    #[error(transparent)]
    Candidate(#[from] Arc<CandidateError>),
    /// What was proposed is no lens.
    #[error(transparent)]
    Lens(#[from] Arc<LensError>),
    /// A schema that was registered cannot be read any more.
    #[error("a registered schema cannot be read")]
    Registered(#[source] SchemaError),
    /// Nothing was recorded, since the log failed.
    #[error("nothing was recorded, as the log failed")]
    Log(#[source] Arc<LogError>),
    /// A place in the feed that is still to come.
    #[error("the feed ends at {end}, and {place} was asked for")]
    PositionUnknown {
        /// The place.
        place: Position,
        /// Where the feed ends.
        end: Position,
    },
    /// Too many wait.
    #[error("too many requests wait to be judged")]
    Overloaded,
    /// Somebody listens with everything they have.
    #[error("`{who}` listens {most} times already")]
    ListensTooOften {
        /// Who.
        who: String,
        /// How often they may.
        most: usize,
    },
    /// It took too long.
    #[error("it took longer than {0} s and was given up")]
    Timeout(u64),
    /// The registry is going down.
    #[error("the registry is stopping")]
    Stopping,
    /// A bug.
    #[error("a task ended before it answered")]
    Broken,
}

impl From<CandidateError> for Failure {
    fn from(error: CandidateError) -> Self {
        Failure::Candidate(Arc::new(error))
    }
}

impl From<LensError> for Failure {
    fn from(error: LensError) -> Self {
        Failure::Lens(Arc::new(error))
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let detail = failure.to_string();
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Candidate(error) => candidate(&error),
            Failure::Lens(error) => {
                Problem::new(Code::LensInvalid, error.to_string()).hint(error.hint())
            }
            Failure::Registered(_) | Failure::Broken => Problem::new(Code::Internal, detail),
            Failure::Log(error) => {
                let detail = format!("{detail}: {}", error.told());
                Problem::new(Code::LogUnavailable, detail).hint(error.hint())
            }
            Failure::PositionUnknown { .. } => Problem::new(Code::PositionUnknown, detail).hint(
                "this registry is another one, or was set back to a backup: start from 0, or from where it is known to agree",
            ),
            Failure::Overloaded | Failure::Stopping => {
                Problem::new(Code::Overloaded, detail).hint("try again in a moment")
            }
            Failure::ListensTooOften { .. } => Problem::new(Code::RateLimited, detail)
                .hint("end a stream first, or start the registry with a greater --max-listeners-per-token"),
            Failure::Timeout(_) => Problem::new(Code::Timeout, detail),
        }
    }
}

fn candidate(error: &CandidateError) -> Problem {
    let detail = error.to_string();
    match error {
        CandidateError::Type(_) => {
            Problem::new(Code::SchemaTypeUnsupported, detail).hint("say \"schemaType\": \"JSON\"")
        }
        CandidateError::Schema(error) => error.clone().into(),
        CandidateError::Depth(_) => Problem::new(Code::SchemaTooDeep, detail),
        CandidateError::ReferenceTwice(_) => {
            Problem::new(Code::ReferenceUnresolved, detail).hint("say each name once")
        }
        CandidateError::Reference { .. } => Problem::new(Code::ReferenceUnresolved, detail)
            .hint("register what is referred to first"),
    }
}
