//! A registry as a source: the versions it holds of the subjects somebody asks about.

use stele_api::{problem::Code, selector::Selector, subject::Subject as Name};
use stele_client::{Client, ClientError, HistoryError};
use stele_evolution::schema::{Dialect, Schema};

use super::{Document, Settings, Shape, Source, SourceError, Subject};
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
};

impl Explain for ClientError {
    fn exit(&self) -> Exit {
        let ClientError::Problem(problem) = self else {
            return match self {
                ClientError::Address { .. } => Exit::Usage,
                _ => Exit::Unreachable,
            };
        };
        let is = |code: Code| problem.code == code.as_str();
        let breaking =
            [Code::Incompatible, Code::LensRequired, Code::LensRejected, Code::ReleaseTooSmall];
        match problem.status {
            500.. => Exit::Unreachable,
            _ if is(Code::Undecided) => Exit::Undecided,
            _ if breaking.into_iter().any(is) => Exit::Breaking,
            _ => Exit::Usage,
        }
    }

    fn hint(&self) -> Option<Hint> {
        match self {
            ClientError::Unreachable { .. } => Some(Hint::new(
                "start one with `stele dev`, or say where it is with `--registry URL` or STELE_REGISTRY",
            )),
            other => other.hint().map(|hint| Hint::new(hint.to_owned())),
        }
    }
}

impl Explain for HistoryError {
    fn exit(&self) -> Exit {
        match self {
            HistoryError::Client(error) => error.exit(),
            _ => Exit::Usage,
        }
    }

    fn hint(&self) -> Option<Hint> {
        match self {
            HistoryError::Client(error) => Explain::hint(error),
            other => HistoryError::hint(other).map(|hint| Hint::new(hint.to_owned())),
        }
    }
}

/// Why a name cannot be that of a subject.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` cannot be the name of a subject in a registry")]
pub struct NameError {
    name: String,
    #[source]
    cause: stele_api::subject::SubjectError,
}

impl Explain for NameError {}

/// A text as the name of a subject.
pub fn name(text: &str) -> Result<Name, NameError> {
    text.parse().map_err(|cause| NameError { name: text.to_owned(), cause })
}

/// Reads the counterparts of `subjects` from a registry. A subject it does not have is left out.
pub async fn read(client: &Client, subjects: &[Subject]) -> Result<Source, Failure> {
    let mut known = Vec::new();
    for subject in subjects {
        known.extend(counterpart(client, subject).await?);
    }
    let name = format!("registry at {}", client.base());
    Ok(Source { name, shape: Shape::Part, subjects: known, unread: 0 })
}

async fn counterpart(client: &Client, subject: &Subject) -> Result<Option<Subject>, Failure> {
    let name = name(&subject.name)?;
    let Some(resource) = found(client.subject(&name).await)? else { return Ok(None) };
    let mut documents = Vec::with_capacity(resource.versions.len());
    for summary in &resource.versions {
        let version = client.version(&name, &Selector::Number(summary.version)).await?;
        let origin = format!("{}@{}", subject.name, summary.version);
        let schema = Schema::read(version.schema.as_str())
            .default_dialect(Dialect::default())
            .parse()
            .map_err(|cause| SourceError::Schema { origin: origin.clone(), cause })?;
        documents.push(Document {
            version: Some(summary.version),
            release: Some(summary.release.clone()),
            schema,
            origin,
        });
    }
    if documents.is_empty() {
        return Ok(None);
    }
    let mut known =
        Subject::new(subject.key.clone(), subject.name.clone(), subject.context.clone(), documents);
    known.settings = Settings {
        kind: Some(resource.kind),
        compatibility: Some(resource.policy.compatibility),
        content_model: Some(resource.policy.content_model),
        description: resource.description,
        owner: resource.owner,
        ..Settings::default()
    };
    Ok(Some(known))
}

/// An answer, or nothing where the registry says that there is no such subject.
pub fn found<T>(answer: Result<T, ClientError>) -> Result<Option<T>, ClientError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code() == Some(Code::SubjectNotFound.as_str()) => Ok(None),
        Err(error) => Err(error),
    }
}
