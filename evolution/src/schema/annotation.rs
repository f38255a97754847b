//! Which keywords say something about events, and which only about the schema.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Keywords of the standard vocabularies that never make an event invalid.
pub(crate) const ANNOTATIONS: [&str; 9] = [
    "title",
    "description",
    "$comment",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentSchema",
];

/// Whether a keyword can make an event invalid in some dialect. Unknown keywords cannot (2020-12 core, section 6.5).
pub(crate) fn asserts(keyword: &str) -> bool {
    matches!(
        keyword,
        "$ref"
            | "$dynamicRef"
            | "$recursiveRef"
            | "type"
            | "enum"
            | "const"
            | "multipleOf"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "minLength"
            | "maxLength"
            | "pattern"
            | "format"
            | "contentEncoding"
            | "contentMediaType"
            | "items"
            | "prefixItems"
            | "additionalItems"
            | "unevaluatedItems"
            | "minItems"
            | "maxItems"
            | "uniqueItems"
            | "contains"
            | "minContains"
            | "maxContains"
            | "properties"
            | "patternProperties"
            | "additionalProperties"
            | "unevaluatedProperties"
            | "required"
            | "propertyNames"
            | "minProperties"
            | "maxProperties"
            | "dependencies"
            | "dependentRequired"
            | "dependentSchemas"
            | "allOf"
            | "anyOf"
            | "oneOf"
            | "not"
            | "if"
            | "then"
            | "else"
    )
}

/// Whether two schema values are equal once their annotations are stripped.
pub(crate) fn equal_apart_from_annotations(left: &Value, right: &Value) -> bool {
    left == right || strip(left, Place::Schema) == strip(right, Place::Schema)
}

/// A digest that two schema values share exactly when they are equal once their annotations are stripped.
pub(super) fn bare_digest(value: &Value) -> [u8; 32] {
    Sha256::digest(strip(value, Place::Schema).to_string()).into()
}

/// What the value at a place is: a schema, a map of schemas, or plain data.
#[derive(Clone, Copy)]
enum Place {
    Schema,
    Schemas,
    Data,
}

fn strip(value: &Value, place: Place) -> Value {
    match (value, place) {
        (Value::Object(members), Place::Schema) => members
            .iter()
            .filter(|(keyword, _)| !ANNOTATIONS.contains(&keyword.as_str()))
            .map(|(keyword, value)| (keyword.clone(), strip(value, below(keyword))))
            .collect(),
        (Value::Object(members), Place::Schemas) => members
            .iter()
            .map(|(name, value)| (name.clone(), strip(value, Place::Schema)))
            .collect(),
        (Value::Array(items), Place::Schema) => {
            items.iter().map(|item| strip(item, Place::Schema)).collect()
        }
        (other, _) => other.clone(),
    }
}

fn below(keyword: &str) -> Place {
    match keyword {
        // The keys of `dependentRequired` are names, whatever they are spelled like.
        "const" | "enum" | "dependentRequired" => Place::Data,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
        | "dependencies" => Place::Schemas,
        _ => Place::Schema,
    }
}

/// Whether some `$ref` leads into an annotation, which then is none.
pub(crate) fn refers_to_annotation(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| match value {
            Value::String(reference) if key.ends_with("ef") => {
                reference.split('/').any(|token| ANNOTATIONS.contains(&token))
            }
            other => refers_to_annotation(other),
        }),
        Value::Array(items) => items.iter().any(refers_to_annotation),
        _ => false,
    }
}
