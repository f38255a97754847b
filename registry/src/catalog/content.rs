//! A content is a schema with what it refers to and what is said about it: that which has an id.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use stele_api::{
    dialect::{Metadata, Reference},
    id::SchemaId,
    text::JsonText,
};
use stele_evolution::schema::{Fingerprint, Schema, SchemaError};

use crate::event::SchemaRegistered;

/// What makes two contents the same, and so have one id within a context.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentKey {
    /// The canonical text, and what the references lead to.
    pub fingerprint: Fingerprint,
    /// The references as they are written, in order of name.
    pub references: Arc<[Reference]>,
    /// What is said about it.
    pub metadata: Metadata,
}

/// A schema under its id.
#[derive(Debug)]
pub struct Content {
    /// Its id.
    pub id: SchemaId,
    /// What makes it the same as another.
    pub key: ContentKey,
    /// The format.
    pub schema_type: String,
    /// The canonical text.
    pub text: JsonText,
    /// How many references follow one another from here: 0 where there are none.
    pub depth: usize,
    read: OnceLock<Schema>,
}

impl Content {
    /// The content of a version as it was registered.
    pub(super) fn new(event: &SchemaRegistered, depth: usize) -> Self {
        Content {
            id: event.id,
            key: ContentKey {
                fingerprint: event.fingerprint,
                references: event.references.clone().into(),
                metadata: event.metadata.clone(),
            },
            schema_type: event.schema_type.clone(),
            text: event.schema.clone(),
            depth,
            read: OnceLock::new(),
        }
    }

    /// The schema, read at most once. `lead` follows a reference; it answers `None` where there is nothing.
    pub(super) fn schema(
        &self,
        lead: impl Fn(&Reference) -> Option<Result<Schema, SchemaError>>,
    ) -> Result<Schema, SchemaError> {
        if let Some(schema) = self.read.get() {
            return Ok(schema.clone());
        }
        let mut references = BTreeMap::new();
        for reference in self.key.references.iter() {
            let schema = lead(reference)
                .ok_or_else(|| SchemaError::UnresolvedReference(reference.name.clone()))??;
            references.insert(reference.name.clone(), schema);
        }
        let schema = Schema::read(self.text.as_str()).references(references).parse()?;
        Ok(self.read.get_or_init(|| schema).clone())
    }
}
