//! A registry as a source: the versions it holds of the subjects somebody asks about.

use std::collections::BTreeMap;

use stele_api::{
    dialect::Reference, problem::Code, selector::Selector, subject::Subject as Name,
    version::VersionResource,
};
use stele_client::{Client, ClientError, HistoryError};
use stele_evolution::{
    schema::{Dialect, Schema, SchemaError},
    version::Version,
};
use tokio::task::JoinSet;

use super::{Document, Lent, Referred, Settings, Source, SourceError, Subject};
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    pretty,
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

/// How many requests are under way at a time.
const AT_ONCE: usize = 16;

/// Reads the counterparts of `subjects` from a registry. A subject it does not have is left out.
pub async fn read(client: &Client, subjects: &[Subject]) -> Result<Source, Failure> {
    let mut known = Vec::with_capacity(subjects.len());
    for some in subjects.chunks(AT_ONCE) {
        let mut asked = JoinSet::new();
        for (index, subject) in some.iter().enumerate() {
            let (client, subject) = (client.clone(), subject.clone());
            asked.spawn(async move { (index, counterpart(&client, &subject).await) });
        }
        let mut found: Vec<(usize, Option<Subject>)> = Vec::with_capacity(some.len());
        while let Some(answer) = asked.join_next().await {
            let (index, answer) = answer.map_err(Interrupted)?;
            found.push((index, answer?));
        }
        found.sort_by_key(|(index, _)| *index);
        known.extend(found.into_iter().filter_map(|(_, found)| found));
    }
    Ok(Source { name: source_name(client), subjects: known, ..Source::default() })
}

/// The registry as a source is called.
pub fn source_name(client: &Client) -> String {
    format!("registry at {}", client.base())
}

/// Reads every subject that a registry has.
pub async fn all(client: &Client) -> Result<Source, Failure> {
    let subjects = client.subjects().await?;
    let subjects: Vec<Subject> = subjects
        .into_iter()
        .map(|known| {
            let name = known.subject.to_string();
            Subject::new(name.clone(), name, None, Vec::new())
        })
        .collect();
    read(client, &subjects).await
}

/// Reads one subject, or one version of it. One that is not there is an error.
pub async fn one(
    client: &Client,
    subject: &str,
    selector: Option<&Selector>,
) -> Result<Source, Failure> {
    let named = name(subject)?;
    let source = source_name(client);
    let blank = Subject::new(subject.to_owned(), subject.to_owned(), None, Vec::new());
    let Some(selector) = selector else {
        client.subject(&named).await?;
        let subjects = counterpart(client, &blank).await?.into_iter().collect();
        return Ok(Source { name: source, subjects, ..Source::default() });
    };
    let version = client.version(&named, selector).await?.version;
    let subject = Subject { documents: vec![document(client, &named, version).await?], ..blank };
    Ok(Source::one(format!("{named}@{version}"), subject))
}

/// Lends a source the registered versions that its schemas refer to and that it does not hold itself.
pub async fn lend(client: &Client, source: &mut Source) -> Result<(), Failure> {
    let Some(shelf) = &source.shelf else { return Ok(()) };
    let mut unmet = Vec::new();
    for wish in source.unmet.drain(..) {
        let name = name(&wish.wanted.subject)?;
        let Some(fetched) = found(fetch(client, &name, wish.wanted.version, DEEPEST).await)? else {
            unmet.push(wish);
            continue;
        };
        let lent = Lent {
            subject: wish.wanted.subject,
            version: wish.wanted.version,
            schema: fetched
                .schema
                .map_err(|(origin, cause)| SourceError::Schema { origin, cause })?,
        };
        shelf.pin(&wish.folder, &wish.name, Referred::Lent(lent));
    }
    source.unmet = unmet;
    Ok(())
}

async fn counterpart(client: &Client, subject: &Subject) -> Result<Option<Subject>, Failure> {
    let name = name(&subject.name)?;
    let Some(resource) = found(client.subject(&name).await)? else { return Ok(None) };
    let mut documents = Vec::with_capacity(resource.versions.len());
    for summary in &resource.versions {
        documents.push(document(client, &name, summary.version).await?);
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

/// One registered version as a document, laid out for people.
pub async fn document(client: &Client, name: &Name, version: Version) -> Result<Document, Failure> {
    let fetched = fetch(client, name, version, DEEPEST).await?;
    let text = pretty::render(fetched.resource.schema.as_str());
    let schema = fetched.schema.map_err(|(origin, cause)| SourceError::Schema { origin, cause })?;
    let mut document = Document::read(&text, schema, origin(name, version));
    document.version = Some(version);
    document.release = Some(fetched.resource.release);
    Ok(document)
}

fn origin(name: &Name, version: Version) -> String {
    format!("{name}@{version}")
}

/// How deep references may refer to references; a registry follows fewer.
const DEEPEST: usize = 64;

/// A version as the registry has it, and as a schema if it is one here.
struct Fetched {
    resource: VersionResource,
    schema: Result<Schema, (String, SchemaError)>,
}

/// Fetches one version and everything it refers to.
async fn fetch(
    client: &Client,
    name: &Name,
    version: Version,
    depth: usize,
) -> Result<Fetched, ClientError> {
    let resource = client.version(name, &Selector::Number(version)).await?;
    let mut references = BTreeMap::new();
    if let Some(depth) = depth.checked_sub(1) {
        for Reference { name, subject, version } in &resource.references {
            let version = u32::try_from(*version).ok().and_then(|n| Version::try_from(n).ok());
            let Some(version) = version else { continue };
            let referred = Box::pin(fetch(client, subject, version, depth)).await?;
            if let Ok(schema) = referred.schema {
                references.insert(name.clone(), schema);
            }
        }
    }
    let schema = Schema::read(resource.schema.as_str())
        .default_dialect(Dialect::default())
        .references(references)
        .parse()
        .map_err(|cause| (origin(name, version), cause));
    Ok(Fetched { resource, schema })
}

/// A request that did not come to its end.
#[derive(Debug, thiserror::Error)]
#[error("a request to the registry was interrupted")]
struct Interrupted(#[source] tokio::task::JoinError);

impl Explain for Interrupted {
    fn exit(&self) -> Exit {
        Exit::Unreachable
    }
}

/// An answer, or nothing where the registry says that there is no such subject.
pub fn found<T>(answer: Result<T, ClientError>) -> Result<Option<T>, ClientError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error)
            if [Code::SubjectNotFound, Code::VersionNotFound]
                .iter()
                .any(|code| error.code() == Some(code.as_str())) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
