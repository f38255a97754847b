//! The texts of a history: its schemas and lenses before anybody has read them, each under the hash of its content.
//!
//! Read and compiled, a schema takes some fifty times the memory of its text. A process that knows a thousand subjects and
//! meets events of ten of them holds the others like this.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stele_evolution::{
    lens::Lens,
    plan::{Edge, Step},
    schema::{Dialect, Fingerprint, Schema},
};

use crate::cache::{KeptEdge, hash, lens_hash};

/// One schema: its canonical text, its dialect, and what it refers to by content.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SchemaText {
    schema: String,
    dialect: Dialect,
    #[serde(default)]
    pub references: BTreeMap<String, Fingerprint>,
}

/// All that a history is read from. What is in it has the hash it stands under.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    schemas: BTreeMap<Fingerprint, SchemaText>,
    lenses: BTreeMap<String, String>,
}

impl SchemaText {
    /// The text of a schema.
    pub fn of(schema: &Schema) -> Self {
        let references = schema.references().iter();
        SchemaText {
            schema: schema.canonical().to_owned(),
            dialect: schema.dialect(),
            references: references
                .map(|(name, schema)| (name.clone(), schema.fingerprint()))
                .collect(),
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        let references = self.references.iter();
        let references = references.map(|(name, fingerprint)| (name.as_str(), *fingerprint));
        Fingerprint::of_text(&self.schema, self.dialect, references)
    }
}

impl Texts {
    /// The texts of steps.
    pub fn of(steps: &[Step]) -> Self {
        let mut texts = Texts::default();
        for step in steps {
            texts.take(&step.schema);
            texts.take_edge(step.edge.as_ref());
        }
        texts
    }

    /// Takes in the lens of an edge that has one.
    pub fn take_edge(&mut self, edge: Option<&Edge>) {
        if let Some(Edge::Written { lens, .. }) = edge {
            let document = lens.to_value();
            self.lenses.insert(lens_hash(&document), document.to_string());
        }
    }

    fn take(&mut self, schema: &Schema) {
        if !self.has(schema.fingerprint()) {
            self.schemas.insert(schema.fingerprint(), SchemaText::of(schema));
            schema.references().values().for_each(|referred| self.take(referred));
        }
    }

    /// Whether it has a schema.
    pub fn has(&self, fingerprint: Fingerprint) -> bool {
        self.schemas.contains_key(&fingerprint)
    }

    /// Takes in a text that should be the schema with this fingerprint; `None` where it is not.
    pub fn add(&mut self, fingerprint: Fingerprint, text: SchemaText) -> Option<()> {
        let is_it = text.fingerprint() == fingerprint;
        is_it.then(|| drop(self.schemas.insert(fingerprint, text)))
    }

    /// Takes in a text that should be the lens with this hash; `None` where it is not.
    pub fn add_lens(&mut self, hash_of_it: &str, text: String) -> Option<()> {
        let is_it = hash(text.as_bytes()) == hash_of_it;
        is_it.then(|| drop(self.lenses.insert(hash_of_it.to_owned(), text)))
    }

    /// Reads a schema and everything it refers to.
    pub fn schema(&self, fingerprint: Fingerprint) -> Option<Schema> {
        self.read(fingerprint, &mut BTreeMap::new())
    }

    /// Reads a lens.
    pub fn lens(&self, hash: &str) -> Option<Lens> {
        let document: Value = serde_json::from_str(self.lenses.get(hash)?).ok()?;
        Lens::from_value(&document).ok()
    }

    /// Reads the edge that leads to a version; `None` where it cannot be read.
    pub fn edge(&self, edge: &KeptEdge) -> Option<Edge> {
        Some(match edge {
            KeptEdge::Addition => Edge::Addition,
            KeptEdge::Lens { hash, assurance } => {
                Edge::Written { lens: self.lens(hash)?, assurance: *assurance }
            }
        })
    }

    /// Reads a schema, unless it is among those that were.
    pub fn read(
        &self,
        fingerprint: Fingerprint,
        known: &mut BTreeMap<Fingerprint, Schema>,
    ) -> Option<Schema> {
        if let Some(schema) = known.get(&fingerprint) {
            return Some(schema.clone());
        }
        let text = self.schemas.get(&fingerprint)?;
        let references = text.references.iter();
        let references = references
            .map(|(name, fingerprint)| Some((name.clone(), self.read(*fingerprint, known)?)))
            .collect::<Option<_>>()?;
        let reading = Schema::read(&text.schema).default_dialect(text.dialect);
        let schema = reading.references(references).parse().ok()?;
        // A text may say another dialect than it was kept with.
        if schema.fingerprint() != fingerprint {
            return None;
        }
        known.insert(fingerprint, schema.clone());
        Some(schema)
    }
}
