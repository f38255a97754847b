//! Asking lets the registry judge: what it answers is what it would do.

use stele_api::{check::SubjectCheckRequest, text::JsonText};
use stele_client::Client;
use stele_evolution::{lens::Lens, schema::Schema};

use crate::{
    error::{Explain, Failure},
    judging::{Terms, answered, judged},
    pairing::{Change, Pair},
    report::model::Finding,
    source::{Document, Source, Subject, registry},
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
pub fn text(document: &Document) -> Result<JsonText, Unsendable> {
    JsonText::new(document.schema.canonical())
        .map_err(|cause| Unsendable { origin: document.origin.clone(), cause })
}

/// The question what would become of a document.
pub fn request(
    document: &Document,
    lens: Option<&Lens>,
    terms: Terms,
) -> Result<SubjectCheckRequest, Unsendable> {
    Ok(SubjectCheckRequest {
        schema: text(document)?,
        schema_type: None,
        references: None,
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
    pairs: &[Pair<'_>],
    terms: Terms,
) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    for pair in pairs {
        let known = old.subjects.iter().find(|known| known.name == pair.subject.name);
        match (&pair.change, known) {
            (Change::Step { history, candidate }, Some(known))
                if history.len() == known.documents.len() && reads_alike(&candidate.schema) =>
            {
                findings.extend(ask(client, pair.subject, history, candidate, terms).await?);
            }
            _ => findings.extend(judged(pair, terms)),
        }
    }
    Ok(findings)
}

async fn ask(
    client: &Client,
    subject: &Subject,
    history: &[&Document],
    candidate: &Document,
    terms: Terms,
) -> Result<Vec<Finding>, Failure> {
    let request = request(candidate, lens_beside(subject, history, candidate), terms)?;
    let answer = client.check_subject(&registry::name(&subject.name)?, &request).await?;
    Ok(answered(subject, history, candidate, &answer))
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
    let there = Schema::read(schema.canonical()).parse();
    there.is_ok_and(|there| there.dialect() == schema.dialect())
}
