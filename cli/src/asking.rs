//! Asking lets the registry judge: what it answers is what it would do.

use stele_api::{check::SubjectCheckRequest, dialect::Reference, text::JsonText};
use stele_client::Client;
use stele_evolution::{lens::Lens, schema::Schema};

use crate::{
    error::{Explain, Failure, Hint},
    judging::{Terms, answered, judged},
    pairing::{Change, Pair},
    report::model::Finding,
    source::{Document, Referred, Source, Subject, registry},
};

/// Why a schema cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("cannot send `{origin}` to the registry")]
pub struct Unsendable {
    origin: String,
    #[source]
    cause: serde_json::Error,
}

impl Explain for Unsendable {}

/// A document's schema as it travels.
pub fn text(document: &Document) -> Result<JsonText, Failure> {
    let unsendable = |cause| Unsendable { origin: document.origin.clone(), cause };
    Ok(JsonText::new(document.schema()?.canonical()).map_err(unsendable)?)
}

/// What a document refers to, as the registry is to look it up; nothing where it refers to nothing.
pub fn references(document: &Document, source: &Source) -> Result<Option<Vec<Reference>>, Failure> {
    let mut references = Vec::new();
    for (name, referred) in document.references()? {
        let (subject, version) = match referred {
            Referred::Lent(lent) => (registry::name(&lent.subject)?, Some(lent.version)),
            Referred::Path(path) => source.subject_at(&path).map_or_else(
                || Err(Unnamed { origin: document.origin.clone(), name: name.clone() }.into()),
                |(subject, version)| {
                    registry::name(&subject).map(|it| (it, version)).map_err(Failure::from)
                },
            )?,
        };
        // The newest one, pinned by the registry.
        let version = version.and_then(|it| i32::try_from(it.number()).ok()).unwrap_or(-1);
        references.push(Reference { name, subject, version });
    }
    Ok((!references.is_empty()).then_some(references))
}

/// A reference to a file of which nothing says which version it is.
#[derive(Debug, thiserror::Error)]
#[error("`{origin}` refers to `{name}`, which is a version of no subject")]
struct Unnamed {
    origin: String,
    name: String,
}

impl Explain for Unnamed {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new(
            "register the folder that holds both, so that each file is <context>/<Subject>/<version>.json",
        ))
    }
}

/// The question what would become of a document.
pub fn request(
    document: &Document,
    references: Option<Vec<Reference>>,
    lens: Option<&Lens>,
    terms: Terms,
) -> Result<SubjectCheckRequest, Failure> {
    Ok(SubjectCheckRequest {
        schema: text(document)?,
        schema_type: None,
        references,
        lens: lens.map(Lens::to_value),
        release: None,
        compatibility: terms.level,
        content_model: terms.model,
    })
}

/// What is found about pairs whose old side is `old`, read from the registry.
///
/// The registry answers for the first new version of a subject. It does not know that version yet, so that the ones
/// after it are judged here, by the same engine.
pub async fn findings(
    client: &Client,
    old: &Source,
    new: &Source,
    pairs: &[Pair<'_>],
    terms: Terms,
) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    for pair in pairs {
        let known = old.subjects.iter().find(|known| known.name == pair.subject.name);
        match (&pair.change, known) {
            (Change::Step { history, candidate }, Some(known))
                if history.len() == known.documents.len() && reads_alike(&candidate.schema()?) =>
            {
                let references = references(candidate, new)?;
                let lens = lens_beside(pair.subject, history, candidate);
                let request = request(candidate, references, lens, terms)?;
                let name = registry::name(&pair.subject.name)?;
                let answer = client.check_subject(&name, &request).await?;
                findings.extend(answered(pair.subject, history, candidate, &answer)?);
            }
            _ => findings.extend(judged(pair, terms)?),
        }
    }
    Ok(findings)
}

/// The lens that stands beside a document, from the newest version before it.
pub fn lens_beside<'s>(
    subject: &'s Subject,
    history: &[&Document],
    document: &Document,
) -> Option<&'s Lens> {
    let newest = history.last()?.version?;
    subject.lenses.get(&(newest, document.version?))
}

/// Whether the registry reads the text in the dialect it was read in here.
fn reads_alike(schema: &Schema) -> bool {
    let there = Schema::read(schema.canonical()).references(schema.references().clone()).parse();
    there.is_ok_and(|there| there.dialect() == schema.dialect())
}
