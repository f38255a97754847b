//! A content is a schema with what it refers to and what is said about it: that which has an id.

use std::sync::Arc;

use bytes::Bytes;
use stele_api::{
    dialect::{Metadata, Reference},
    id::SchemaId,
    rules::RuleSet,
    text::JsonText,
};
use stele_evolution::schema::Fingerprint;
use uuid::Uuid;

use crate::event::SchemaRegistered;

/// What makes two contents the same, and so have one id within a context. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentKey {
    /// The canonical text, and what the references lead to.
    pub fingerprint: Fingerprint,
    /// The references as they are written, in order of name.
    pub references: Arc<[Reference]>,
    /// What is said beside the schema; nothing for most.
    pub said: Option<Arc<Said>>,
}

/// What is said beside a schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// About it.
    pub metadata: Metadata,
    /// To the clients that use it.
    pub rule_set: RuleSet,
}

impl ContentKey {
    /// The key of a schema with what it refers to and what is said beside it.
    pub fn new(
        fingerprint: Fingerprint,
        references: Vec<Reference>,
        metadata: Metadata,
        rule_set: RuleSet,
    ) -> Self {
        let said = Said { metadata, rule_set };
        let said = (said != Said::default()).then(|| Arc::new(said));
        ContentKey { fingerprint, references: references.into(), said }
    }

    /// What is said about the schema, if anything is.
    pub fn metadata(&self) -> Option<&Metadata> {
        self.said.as_deref().map(|said| &said.metadata).filter(|metadata| !metadata.is_empty())
    }

    /// The rules that clients run, if there are any.
    pub fn rule_set(&self) -> Option<&RuleSet> {
        self.said.as_deref().map(|said| &said.rule_set).filter(|rules| !rules.is_empty())
    }

    /// The same in every context and every registry.
    fn guid(&self) -> Uuid {
        let schema = Uuid::from_u128(self.fingerprint.high_bits());
        if self.references.is_empty() && self.said.is_none() {
            return schema;
        }
        let beside = (&self.references[..], self.metadata(), self.rule_set());
        // Names, numbers and texts can always be written.
        Uuid::new_v5(&schema, &serde_json::to_vec(&beside).unwrap_or_default())
    }
}

/// A schema under its id.
#[derive(Debug)]
pub struct Content {
    /// Its id.
    pub id: SchemaId,
    /// The same in every context.
    pub guid: Uuid,
    /// What makes it the same as another.
    pub key: ContentKey,
    /// The format.
    pub schema_type: String,
    /// The canonical text.
    pub text: JsonText,
    /// How many references follow one another from here: 0 where there are none.
    pub depth: usize,
}

/// An answer that never changes, as it is sent.
#[derive(Debug, Clone)]
pub struct Rendition {
    /// The body.
    pub body: Bytes,
    /// What names it, as a header has it.
    pub tag: Bytes,
}

impl Content {
    /// The content of a version as it was registered.
    pub(super) fn new(event: &SchemaRegistered, depth: usize) -> Self {
        let key = ContentKey::new(
            event.fingerprint,
            event.references.clone(),
            event.metadata.clone(),
            event.rule_set.clone(),
        );
        Content {
            id: event.id,
            guid: key.guid(),
            key,
            schema_type: event.schema_type.clone(),
            text: event.schema.clone(),
            depth,
        }
    }
}
