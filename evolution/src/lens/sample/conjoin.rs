//! Two schemas at once, as one node: good enough to make values from, not to reason with.

use serde_json::{Map, Value, json};

use crate::lens::number::Decimal;

/// A node that makes values for both.
pub(super) fn conjoin(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Object(mut left), Value::Object(right)) => {
            for (keyword, theirs) in right {
                let joined = match left.remove(&keyword) {
                    None => theirs,
                    Some(ours) => join(&keyword, ours, theirs),
                };
                left.insert(keyword, joined);
            }
            Value::Object(left)
        }
        (Value::Bool(false), _) | (_, Value::Bool(false)) => Value::Bool(false),
        (Value::Object(node), _) | (_, Value::Object(node)) => Value::Object(node),
        _ => Value::Bool(true),
    }
}

fn join(keyword: &str, ours: Value, theirs: Value) -> Value {
    if ours == theirs {
        return ours;
    }
    match (keyword, ours, theirs) {
        (
            "properties" | "patternProperties" | "$defs" | "definitions",
            Value::Object(ours),
            Value::Object(theirs),
        ) => Value::Object(members(ours, theirs)),
        ("required" | "allOf", Value::Array(ours), Value::Array(theirs)) => {
            ours.into_iter().chain(theirs).collect()
        }
        ("enum", Value::Array(ours), Value::Array(theirs)) => {
            ours.into_iter().filter(|value| theirs.contains(value)).collect()
        }
        ("type", ours, theirs) => types(&ours, &theirs),
        ("items" | "additionalProperties", ours, theirs) => conjoin(ours, theirs),
        ("minimum" | "exclusiveMinimum" | "minLength" | "minItems", ours, theirs) => {
            if less(&ours, &theirs) { theirs } else { ours }
        }
        ("maximum" | "exclusiveMaximum" | "maxLength" | "maxItems", ours, theirs) => {
            if less(&ours, &theirs) { ours } else { theirs }
        }
        (_, _, theirs) => theirs,
    }
}

fn members(mut ours: Map<String, Value>, theirs: Map<String, Value>) -> Map<String, Value> {
    for (name, schema) in theirs {
        let joined = match ours.remove(&name) {
            None => schema,
            Some(other) if other == schema => schema,
            Some(other) => json!({"allOf": [other, schema]}),
        };
        ours.insert(name, joined);
    }
    ours
}

fn types(ours: &Value, theirs: &Value) -> Value {
    let listed = |kinds: &Value| match kinds {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let (ours, theirs) = (listed(ours), listed(theirs));
    let narrower = |kind: &Value| {
        theirs.contains(kind) || kind == "integer" && theirs.contains(&json!("number"))
    };
    let mut both: Vec<Value> = ours.iter().filter(|kind| narrower(kind)).cloned().collect();
    if ours.contains(&json!("number")) && theirs.contains(&json!("integer")) {
        both.push(json!("integer"));
    }
    Value::Array(both)
}

fn less(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Decimal::of(left) < Decimal::of(right),
        _ => false,
    }
}
