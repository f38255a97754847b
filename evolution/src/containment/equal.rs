//! The first stage: two schemas that are equal once their annotations are stripped.

use serde_json::Value;

use crate::schema::{ANNOTATIONS, Schema};

/// Whether both say the same in the same dialect, apart from annotations.
pub(super) fn equal(left: &Schema, right: &Schema) -> bool {
    left.dialect() == right.dialect()
        && left.formats() == right.formats()
        && left.references().len() == right.references().len()
        && left.references().iter().zip(right.references()).all(
            |((left_name, left), (right_name, right))| {
                left_name == right_name && left.fingerprint() == right.fingerprint()
            },
        )
        && (left.value() == right.value()
            || !refers_to_annotation(left.value())
                && strip(left.value(), Place::Schema) == strip(right.value(), Place::Schema))
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
        "const" | "enum" => Place::Data,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
        | "dependencies" => Place::Schemas,
        _ => Place::Schema,
    }
}

/// Whether some `$ref` leads into an annotation, which then is none.
fn refers_to_annotation(value: &Value) -> bool {
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
