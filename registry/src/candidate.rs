//! A candidate is a schema as somebody proposes it: read, its references resolved and pinned.

use std::{collections::BTreeMap, sync::Arc};

use stele_api::{
    dialect::{JSON, Metadata, Reference},
    rules::RuleSet,
    subject::Context,
    text::JsonText,
};
use stele_evolution::schema::{self, Schema, SchemaError, TextError};

use crate::{
    access::Principal,
    catalog::{Catalog, ContentKey, Entry},
};

/// What somebody proposes, as it came.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    /// The text.
    pub text: String,
    /// The format.
    pub schema_type: Option<String>,
    /// What it refers to.
    pub references: Vec<Reference>,
    /// What is said about it.
    pub metadata: Metadata,
    /// The rules that clients run.
    pub rule_set: RuleSet,
    /// Whether the keys are to be sorted.
    pub normalize: bool,
    /// The context it is proposed in: a reference that names none means this one.
    pub context: Context,
    /// Who proposes it: references lead only to what they may see. Nobody is anybody who sees everything.
    pub asker: Option<Arc<Principal>>,
}

/// A schema that could be registered.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The schema.
    pub schema: Schema,
    /// Its canonical text, as JSON.
    pub text: JsonText,
    /// What makes it the same as another.
    pub key: ContentKey,
}

/// Why a proposal is no candidate.
#[derive(Debug, thiserror::Error)]
pub enum CandidateError {
    /// Another format.
    #[error("schemas of type `{0}` are not served; this registry serves JSON")]
    Type(String),
    /// The schema is none.
    #[error("the schema cannot be taken")]
    Schema(#[from] SchemaError),
    /// A reference leads to nothing that is registered.
    #[error("the reference `{name}` leads to version {version} of `{subject}`, which is not there")]
    Reference {
        /// The text of the `$ref`.
        name: String,
        /// The subject it names.
        subject: String,
        /// The version it names.
        version: i32,
    },
    /// Two references of one name: which is meant would depend on who reads them.
    #[error("the reference `{0}` is listed twice")]
    ReferenceTwice(String),
    /// References that lead to references that lead to references.
    #[error("{0} references follow one another; at most {MAX_DEPTH} are followed")]
    Depth(usize),
}

/// The most references that follow one another.
pub(crate) const MAX_DEPTH: usize = 16;

/// The longest text that is read where it stands, in bytes.
const QUICK: usize = 4 * 1024;

impl Proposal {
    /// Whether to read it takes no longer than to hand it to another thread, whoever wrote it: it is small, and nothing in
    /// it has to be followed or made into an automaton.
    pub fn is_quick(&self) -> bool {
        let takes_time = ["\\", "pattern", "ef\"", "Contains", "depend", "unevaluated"];
        self.text.len() <= QUICK
            && self.references.is_empty()
            && !takes_time.iter().any(|part| self.text.contains(part))
    }

    /// Reads it against what is registered.
    pub fn read(&self, catalog: &Catalog) -> Result<Candidate, CandidateError> {
        // An absent type means AVRO in this dialect, whose first clients knew no other.
        let schema_type = self.schema_type.as_deref().unwrap_or("AVRO");
        if schema_type != JSON {
            return Err(CandidateError::Type(schema_type.to_owned()));
        }
        let mut pinned = Vec::with_capacity(self.references.len());
        let mut schemas = BTreeMap::new();
        for reference in &self.references {
            let (reference, schema) = self.lead(catalog, reference)?;
            if schemas.insert(reference.name.clone(), schema).is_some() {
                return Err(CandidateError::ReferenceTwice(reference.name));
            }
            pinned.push(reference);
        }
        let depth = catalog.depth(&pinned);
        if depth > MAX_DEPTH {
            return Err(CandidateError::Depth(depth));
        }
        if self.normalize {
            pinned.sort();
        }
        let schema = if self.normalize {
            let sorted = schema::normalize(&self.text).map_err(text_error)?;
            Schema::read(&sorted).references(schemas).parse()?
        } else {
            Schema::read(&self.text).references(schemas).parse()?
        };
        let (metadata, rule_set) = (self.metadata.clone(), self.rule_set.clone());
        let key = ContentKey::new(schema.fingerprint(), pinned, metadata, rule_set);
        let text = JsonText::new(schema.canonical()).map_err(|error| text_error(error.into()))?;
        Ok(Candidate { schema, text, key })
    }

    /// A reference, pinned, and the schema it leads to. What is deleted is not to be referred to any more, and what may
    /// not be seen is not there.
    fn lead(
        &self,
        catalog: &Catalog,
        reference: &Reference,
    ) -> Result<(Reference, Schema), CandidateError> {
        let subject = reference.subject.seen_from(&self.context);
        let here = Reference { subject, ..reference.clone() };
        let is_seen =
            |entry: &Entry| self.asker.as_ref().is_none_or(|asker| asker.sees(&entry.subject));
        let found = [&here, reference].into_iter().find_map(|reference| {
            let entry = catalog.lead(reference).filter(|entry| !entry.deleted && is_seen(entry))?;
            let version = i32::try_from(entry.version.number()).ok()?;
            Some((Reference { version, ..reference.clone() }, entry))
        });
        let (pinned, entry) = found.ok_or_else(|| CandidateError::Reference {
            name: reference.name.clone(),
            subject: here.subject.to_string(),
            version: reference.version,
        })?;
        Ok((pinned, catalog.schema(&entry.content)?))
    }
}

fn text_error(error: TextError) -> CandidateError {
    CandidateError::Schema(error.into())
}
