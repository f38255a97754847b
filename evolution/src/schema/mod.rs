//! A schema as it was read: its dialect, its canonical text, its fingerprint, and a validator for its events.
//!
//! A `Schema` in hand is well formed: JSON without duplicate keys, a known dialect, valid under its meta-schema, every
//! reference resolved without the network. The only way in is [`Schema::read`].

mod annotation;
mod chain;
mod dialect;
mod fingerprint;
pub(crate) mod normal;
mod open;
mod text;
mod validator;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

use jsonschema::{Validator, json::Json};
use serde_json::Value;

use self::normal::Normal;
pub(crate) use self::{
    annotation::{ANNOTATIONS, asserts, equal_apart_from_annotations, refers_to_annotation},
    open::{OPEN, is_open},
    validator::{ROOT, registry},
};
pub use self::{
    dialect::Dialect,
    fingerprint::Fingerprint,
    open::Widening,
    text::{compact, normalize, read_value},
    validator::{Formats, Invalid},
};
pub use crate::raw::{MAX_DEPTH, TextError};

/// The largest schema read, in bytes of text.
pub const MAX_BYTES: usize = 1024 * 1024;

/// One schema. Cheap to clone; never changes.
#[derive(Clone)]
pub struct Schema(Arc<Inner>);

struct Inner {
    canonical: String,
    value: Value,
    dialect: Dialect,
    formats: Formats,
    references: BTreeMap<String, Schema>,
    fingerprint: Fingerprint,
    validator: Validator,
    normal: OnceLock<Normal>,
    bare: OnceLock<[u8; 32]>,
    opened: [OnceLock<Option<Schema>>; 2],
}

/// Why a text is not a schema that Stele takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// More than [`MAX_BYTES`] of text.
    #[error("the schema has {0} bytes; at most {MAX_BYTES} are taken")]
    TooLarge(usize),
    /// The text is not JSON, or JSON of a kind that two readers could read differently.
    #[error("the schema is not acceptable JSON")]
    Text(#[from] TextError),
    /// `$schema` names no dialect Stele knows.
    #[error("`{0}` is not a known dialect of JSON Schema")]
    UnknownDialect(String),
    /// The meta-schema, or the validator, refuses it.
    #[error("not a valid schema at `{at}`: {message}")]
    NotASchema {
        /// Where in the schema, as a JSON pointer.
        at: String,
        /// What is wrong there.
        message: String,
    },
    /// References lead into each other more than 200 deep.
    #[error("references lead into each other more than {} deep", chain::DEEPEST)]
    ReferencesTooDeep,
    /// A `$ref` leads nowhere among the document and its registered references. It is never fetched.
    #[error("the reference `{0}` cannot be resolved; remote schemas are never fetched")]
    UnresolvedReference(String),
}

impl SchemaError {
    /// What to do about it, in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            SchemaError::TooLarge(_) => {
                "move shared definitions into subjects of their own and refer to them"
            }
            SchemaError::Text(_) => "check the text with any JSON linter",
            SchemaError::UnknownDialect(_) => {
                "use draft 4, 6, 7, 2019-09 or 2020-12, such as https://json-schema.org/draft/2020-12/schema"
            }
            SchemaError::NotASchema { .. } => "compare that place with the dialect's meta-schema",
            SchemaError::ReferencesTooDeep => "refer to the last schema of the chain directly",
            SchemaError::UnresolvedReference(_) => {
                "register the referred schema first and list it under `references`, or move it into `$defs`"
            }
        }
    }
}

/// A schema about to be read; see [`Schema::read`].
pub struct Reading<'t> {
    text: &'t str,
    dialect: Dialect,
    formats: Formats,
    references: BTreeMap<String, Schema>,
}

impl Reading<'_> {
    /// The dialect where the text has no `$schema`; 2020-12 unless said.
    #[must_use]
    pub fn default_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Whether `format` is asserted; an annotation unless said.
    #[must_use]
    pub fn formats(mut self, formats: Formats) -> Self {
        self.formats = formats;
        self
    }

    /// The registered schemas that a `$ref` may lead to, by the text of the `$ref`.
    #[must_use]
    pub fn references(mut self, references: BTreeMap<String, Schema>) -> Self {
        self.references = references;
        self
    }

    /// Reads it. Nothing is fetched, whatever the text says.
    pub fn parse(self) -> Result<Schema, SchemaError> {
        if self.text.len() > MAX_BYTES {
            return Err(SchemaError::TooLarge(self.text.len()));
        }
        let value = text::read_value(self.text)?;
        let dialect = match value.get("$schema") {
            None => self.dialect,
            Some(Value::String(uri)) => {
                Dialect::from_uri(uri).ok_or_else(|| SchemaError::UnknownDialect(uri.clone()))?
            }
            Some(other) => return Err(SchemaError::UnknownDialect(other.to_string())),
        };
        if chain::is_too_deep(&value) {
            return Err(SchemaError::ReferencesTooDeep);
        }
        let validator = validator::compile(&value, dialect, self.formats, &self.references)?;
        let canonical = text::compact(self.text)?;
        let fingerprint = Fingerprint::of(&canonical, dialect, &self.references);
        Ok(Schema(Arc::new(Inner {
            canonical,
            value,
            dialect,
            formats: self.formats,
            references: self.references,
            fingerprint,
            validator,
            normal: OnceLock::new(),
            bare: OnceLock::new(),
            opened: [OnceLock::new(), OnceLock::new()],
        })))
    }
}

impl Schema {
    /// Starts reading a schema from its text.
    ///
    /// ```
    /// use stele_evolution::schema::Schema;
    ///
    /// let schema = Schema::read(r#"{ "type": "string" }"#).parse()?;
    /// assert_eq!(schema.canonical(), r#"{"type":"string"}"#);
    /// # Ok::<(), stele_evolution::schema::SchemaError>(())
    /// ```
    pub fn read(text: &str) -> Reading<'_> {
        Reading {
            text,
            dialect: Dialect::default(),
            formats: Formats::Annotate,
            references: BTreeMap::new(),
        }
    }

    /// The text re-serialised: no white space, keys in the order written.
    pub fn canonical(&self) -> &str {
        &self.0.canonical
    }

    /// The schema as a JSON value.
    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// The dialect it is read in.
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// Whether its `format`s are asserted.
    pub fn formats(&self) -> Formats {
        self.0.formats
    }

    /// The registered schemas its references lead to, by the text of the `$ref`.
    pub fn references(&self) -> &BTreeMap<String, Schema> {
        &self.0.references
    }

    /// The hash of its canonical text and of everything it refers to.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// The normal form, read on first use.
    pub(crate) fn normal(&self) -> &Normal {
        self.0.normal.get_or_init(|| Normal::of(self))
    }

    /// Whether both texts are equal once their annotations are stripped.
    pub(crate) fn is_bare_equal(&self, other: &Schema) -> bool {
        let bare = |schema: &Schema| {
            *schema.0.bare.get_or_init(|| annotation::bare_digest(schema.value()))
        };
        bare(self) == bare(other)
    }

    /// The schema as a reader of translated events validates by it: open lists taken off, declared names kept.
    #[must_use]
    pub fn opened(&self, widening: Widening) -> Schema {
        let index = usize::from(widening == Widening::Everywhere);
        let opened = self.0.opened[index].get_or_init(|| open::opened(self, widening));
        opened.clone().unwrap_or_else(|| self.clone())
    }

    /// Whether `event` is valid under this schema as written.
    pub fn is_valid(&self, event: &Value) -> bool {
        self.0.validator.is_valid(event)
    }

    /// The same validator for events in another form than a parsed value; `None` if it cannot be compiled again.
    pub(crate) fn validator_for<F: Json>(&self) -> Option<Validator<F>> {
        let own = &self.0;
        validator::compile(&own.value, own.dialect, own.formats, &own.references).ok()
    }

    /// Validates `event` under this schema as written; the first thing wrong, if any.
    pub fn validate(&self, event: &Value) -> Result<(), Invalid> {
        self.0.validator.validate(event).map_err(|error| Invalid::from(&error))
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.0.canonical).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> SchemaError {
        Schema::read(text).parse().unwrap_err()
    }

    #[test]
    fn every_bad_text_has_its_own_error() {
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);

        assert!(matches!(refused("nope"), SchemaError::Text(TextError::NotJson { .. })));
        assert!(matches!(
            refused(r#"{"a":1,"a":2}"#),
            SchemaError::Text(TextError::DuplicateKey(_))
        ));
        assert!(matches!(refused(&deep), SchemaError::Text(TextError::TooDeep)));
        assert!(matches!(
            refused(r#"{"$schema":"https://example.com/x"}"#),
            SchemaError::UnknownDialect(_)
        ));
        assert!(matches!(refused("3"), SchemaError::NotASchema { .. }));
        assert!(matches!(refused(r#"{"type":"strin"}"#), SchemaError::NotASchema { .. }));
        assert!(matches!(refused(r#"{"pattern":"("}"#), SchemaError::NotASchema { .. }));
        assert!(matches!(refused(&" ".repeat(MAX_BYTES + 1)), SchemaError::TooLarge(_)));
    }

    #[test]
    fn a_remote_reference_is_never_fetched() {
        let error = refused(r#"{"$ref":"http://127.0.0.1:1/secret.json"}"#);

        assert_eq!(
            error,
            SchemaError::UnresolvedReference("http://127.0.0.1:1/secret.json".into())
        );
    }

    #[test]
    fn a_registered_reference_resolves_by_the_text_of_its_ref() {
        let money = Schema::read(r#"{"type":"string"}"#).parse().unwrap();
        let references = BTreeMap::from([("money.json".to_owned(), money)]);

        let order = Schema::read(r#"{"properties":{"total":{"$ref":"money.json"}}}"#)
            .references(references);

        let order = order.parse().unwrap();
        assert!(order.is_valid(&serde_json::json!({"total": "1.00"})));
        assert!(!order.is_valid(&serde_json::json!({"total": 1})));
    }

    #[test]
    fn format_is_an_annotation_unless_asked() {
        let text = r#"{"$schema":"http://json-schema.org/draft-07/schema#","format":"date"}"#;

        let annotated = Schema::read(text).parse().unwrap();
        let asserted = Schema::read(text).formats(Formats::Assert).parse().unwrap();

        assert!(annotated.is_valid(&serde_json::json!("nope")));
        assert!(!asserted.is_valid(&serde_json::json!("nope")));
    }
}
