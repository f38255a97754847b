//! The validator of a schema's events: `jsonschema`, offline, with the registered references.

use std::collections::BTreeMap;

use jsonschema::{Registry, ValidationError, Validator, json::Json};
use serde_json::Value;

use super::{Dialect, Schema, SchemaError};

/// What `format` means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Formats {
    /// A note for people (the default of 2019-09 and 2020-12, and of Stele for every dialect).
    #[default]
    Annotate,
    /// Checked like any other keyword.
    Assert,
}

/// The first thing wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// Where in the event, as a JSON pointer.
    pub instance_path: String,
    /// Where in the schema, as a JSON pointer through the references taken.
    pub schema_path: String,
    /// The keyword that failed.
    pub keyword: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

impl From<&ValidationError<'_>> for Invalid {
    fn from(error: &ValidationError<'_>) -> Self {
        Invalid {
            instance_path: error.instance_path().to_string(),
            schema_path: error.evaluation_path().to_string(),
            keyword: error.kind().keyword().to_owned(),
            message: error.to_string(),
        }
    }
}

pub(super) fn compile<F: Json>(
    value: &Value,
    dialect: Dialect,
    formats: Formats,
    references: &BTreeMap<String, Schema>,
) -> Result<Validator<F>, SchemaError> {
    let options = jsonschema::options_for::<F>()
        .offline()
        .with_draft(dialect.draft())
        .should_validate_formats(formats == Formats::Assert);
    let built = if references.is_empty() {
        // The crate keeps a registry of the meta-schemas; one of our own takes longer to set up than the rest.
        options.build(value)
    } else {
        options.with_registry(&registry(references, None)?).build(value)
    };
    built.map_err(|error| refusal(&error))
}

/// Where a document without an `$id` stands.
pub(crate) const ROOT: &str = "json-schema:///";

/// Everything the references lead to, theirs included, as resources by name; with `root`, that document at [`ROOT`].
pub(crate) fn registry(
    references: &BTreeMap<String, Schema>,
    root: Option<&Schema>,
) -> Result<Registry<'static>, SchemaError> {
    let mut all = BTreeMap::new();
    let mut waiting: Vec<(String, &Schema)> =
        references.iter().map(|(name, schema)| (absolute(ROOT, name), schema)).collect();
    while let Some((uri, schema)) = waiting.pop() {
        if all.contains_key(&uri) {
            continue;
        }
        // What a reference refers to is relative to where it stands itself.
        let inner = schema.references().iter();
        waiting.extend(inner.map(|(name, schema)| (absolute(&uri, name), schema)));
        all.insert(uri, schema.clone());
    }
    all.extend(root.map(|root| (ROOT.to_owned(), root.clone())));
    let mut builder = Registry::new();
    for (name, schema) in all {
        let resource = schema.dialect().draft().create_resource(schema.value().clone());
        builder = builder
            .add(&name, resource)
            .map_err(|_| SchemaError::UnresolvedReference(name.clone()))?;
    }
    builder.prepare().map_err(|error| SchemaError::UnresolvedReference(error.to_string()))
}

/// A reference's name as the URI it is looked up by: a relative one is relative to the document it stands in.
fn absolute(base: &str, name: &str) -> String {
    let alone = name.split('#').next().unwrap_or(name);
    let base = jsonschema::uri::from_str(base);
    let uri = base.and_then(|base| jsonschema::uri::resolve_against(&base.borrow(), alone));
    match uri {
        Ok(uri) => uri.to_string(),
        Err(_) => format!("{ROOT}{}", alone.trim_start_matches('/')),
    }
}

fn refusal(error: &ValidationError<'_>) -> SchemaError {
    use jsonschema::error::ValidationErrorKind;
    if let ValidationErrorKind::Referencing(cause) = error.kind() {
        let uri = match cause {
            jsonschema::ReferencingError::Unretrievable { uri, .. } => uri.clone(),
            other => other.to_string(),
        };
        return SchemaError::UnresolvedReference(uri);
    }
    SchemaError::NotASchema { at: error.instance_path().to_string(), message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_relative_to_the_document_it_stands_in() {
        let money = absolute(ROOT, "../../common/Money/1.json");

        assert_eq!(money, "json-schema:///common/Money/1.json");
        assert_eq!(
            absolute(&money, "../Currency/1.json#/$defs/code"),
            "json-schema:///common/Currency/1.json"
        );
        assert_eq!(absolute(&money, "https://shop.example/a"), "https://shop.example/a");
        assert_eq!(absolute(ROOT, "/Money.json"), "json-schema:///Money.json");
    }
}
