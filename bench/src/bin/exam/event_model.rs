//! The event model once more, written apart from the engine and as naively as possible, to check it from outside.
//!
//! Works on the schema as JSON: declared names are collected by walking every applicator that can apply at a
//! location (spec verdicts, section 2). References are followed by JSON pointer and `$id`-less names only; a schema
//! with other references is not judged here.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use stele_evolution::schema::{Dialect, Schema};

/// Whether `event` is one that a producer on `writer` can emit and that breaks `reader`.
pub fn refutes(writer: &Schema, reader: &Schema, event: &Value) -> bool {
    is_emitted(writer, event) && !is_read(reader, event)
}

/// Whether a producer on `writer` can emit `event`.
pub fn is_emitted(writer: &Schema, event: &Value) -> bool {
    writer.is_valid(event) && project(writer, &vec![writer.value()], event) == *event
}

/// Whether a tolerant reader on `reader` takes `event`.
pub fn is_read(reader: &Schema, event: &Value) -> bool {
    reader.is_valid(&project(reader, &vec![reader.value()], event))
}

/// Whether every reference of `schema` is one that is followed here, so that no declared name is missed.
pub fn is_followed(schema: &Schema) -> bool {
    fn all(root: &Value, place: &Value, depth: usize) -> bool {
        match place {
            Value::Object(members) => {
                let moved = depth > 0
                    && ["$id", "id"]
                        .iter()
                        .any(|key| members.get(*key).is_some_and(Value::is_string));
                let dynamic =
                    ["$dynamicRef", "$recursiveRef"].iter().any(|key| members.contains_key(*key));
                let led = members.get("$ref").and_then(Value::as_str).is_none_or(|reference| {
                    reference
                        .strip_prefix('#')
                        .is_some_and(|pointer| root.pointer(&pointer.replace("%24", "$")).is_some())
                });
                !moved
                    && !dynamic
                    && led
                    && members.values().all(|below| all(root, below, depth + 1))
            }
            Value::Array(items) => items.iter().all(|item| all(root, item, depth + 1)),
            _ => true,
        }
    }
    schema.references().is_empty() && all(schema.value(), schema.value(), 0)
}

/// The event without undeclared names, where `here` are the schemas that apply to it.
fn project(schema: &Schema, here: &Vec<&Value>, event: &Value) -> Value {
    let here = in_place(schema, here);
    match event {
        Value::Object(members) => {
            let mentioned = here
                .iter()
                .any(|place| !names(place, schema).is_empty() || !patterns(place).is_empty());
            let keep = |name: &str| {
                !mentioned
                    || here.iter().any(|place| {
                        names(place, schema).contains(name)
                            || patterns(place).iter().any(|pattern| matches(pattern, name))
                            || says_something(place.get("additionalProperties"))
                            || newer(schema) && says_something(place.get("unevaluatedProperties"))
                    })
            };
            members
                .iter()
                .filter(|(name, _)| keep(name) || (!mentioned))
                .map(|(name, value)| {
                    let below: Vec<&Value> =
                        here.iter().flat_map(|place| member(place, name, schema)).collect();
                    (name.clone(), project(schema, &below, value))
                })
                .collect::<Map<String, Value>>()
                .into()
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let below: Vec<&Value> =
                    here.iter().flat_map(|place| items_at(place, index)).collect();
                project(schema, &below, item)
            })
            .collect(),
        other => other.clone(),
    }
}

fn newer(schema: &Schema) -> bool {
    schema.dialect() >= Dialect::Draft201909
}

/// The schema objects themselves and all that apply to the same instance.
fn in_place<'s>(schema: &'s Schema, start: &[&'s Value]) -> Vec<&'s Map<String, Value>> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut waiting: Vec<&Value> = start.to_vec();
    while let Some(place) = waiting.pop() {
        let Value::Object(members) = place else { continue };
        if !seen.insert(std::ptr::from_ref(place) as usize) {
            continue;
        }
        if let Some(Value::String(reference)) = members.get("$ref") {
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| schema.value().pointer(&pointer.replace("%24", "$")));
            waiting.extend(target);
            if schema.dialect() <= Dialect::Draft7 {
                continue;
            }
        }
        found.push(members);
        for keyword in ["allOf", "anyOf", "oneOf"] {
            waiting.extend(members.get(keyword).and_then(Value::as_array).into_iter().flatten());
        }
        waiting.extend(["not"].iter().filter_map(|keyword| members.get(*keyword)));
        if schema.dialect() >= Dialect::Draft7 && members.contains_key("if") {
            waiting
                .extend(["if", "then", "else"].iter().filter_map(|keyword| members.get(*keyword)));
        }
        for keyword in ["dependentSchemas", "dependencies"] {
            if keyword == "dependencies" || newer(schema) {
                waiting.extend(
                    members
                        .get(keyword)
                        .and_then(Value::as_object)
                        .into_iter()
                        .flat_map(Map::values),
                );
            }
        }
    }
    found
}

fn names(place: &Map<String, Value>, schema: &Schema) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let keys = |keyword: &str| {
        place.get(keyword).and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned()
    };
    let listed = |value: &Value| -> Vec<String> {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    names.extend(keys("properties"));
    names.extend(place.get("required").map(&listed).unwrap_or_default());
    for keyword in ["dependencies", "dependentRequired", "dependentSchemas"] {
        if keyword == "dependencies" || newer(schema) {
            names.extend(keys(keyword));
            let values =
                place.get(keyword).and_then(Value::as_object).into_iter().flat_map(Map::values);
            names.extend(values.flat_map(&listed));
        }
    }
    names
}

fn patterns(place: &Map<String, Value>) -> Vec<&String> {
    place
        .get("patternProperties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::keys)
        .collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    Schema::read(&json!({"pattern": pattern}).to_string())
        .parse()
        .is_ok_and(|schema| schema.is_valid(&json!(name)))
}

fn says_something(rest: Option<&Value>) -> bool {
    const SILENT: [&str; 12] = [
        "title",
        "description",
        "$comment",
        "examples",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$id",
        "$schema",
        "$defs",
        "definitions",
    ];
    rest.and_then(Value::as_object)
        .is_some_and(|members| members.keys().any(|key| !SILENT.contains(&key.as_str())))
}

fn member<'s>(place: &'s Map<String, Value>, name: &str, schema: &Schema) -> Vec<&'s Value> {
    let named = place.get("properties").and_then(|all| all.get(name));
    let matching = place
        .get("patternProperties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(pattern, _)| matches(pattern, name))
        .map(|(_, value)| value);
    let mut below: Vec<&Value> = named.into_iter().chain(matching).collect();
    if below.is_empty() {
        below.extend(place.get("additionalProperties"));
        if newer(schema) {
            below.extend(place.get("unevaluatedProperties"));
        }
    }
    below
}

fn items_at(place: &Map<String, Value>, index: usize) -> Vec<&Value> {
    let mut below = Vec::new();
    let prefix = place.get("prefixItems").or(place.get("items")).and_then(Value::as_array);
    match prefix.map(|prefix| (prefix.get(index), prefix.len())) {
        Some((Some(item), _)) => below.push(item),
        Some((None, _)) => below.extend(
            place.get("additionalItems").or(place.get("items").filter(|items| !items.is_array())),
        ),
        None => below.extend(place.get("items")),
    }
    below.extend(place.get("contains"));
    below.extend(place.get("unevaluatedItems"));
    below
}
