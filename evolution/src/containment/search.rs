//! The last stage: events at the boundaries of both schemas, tried one by one.
//!
//! Reached where the prover found neither a proof nor an event, so it looks where the prover does not: it takes an
//! event of the writer and puts a boundary value at every place, one at a time.

use serde_json::{Map, Value, json};

use super::{
    ContentModel,
    prover::{Prover, Refutation},
};
use crate::{budget::Budget, schema::Schema};

/// Events tried.
const TRIED: usize = 4_000;

/// An event that `refutes`, if one is found.
pub(super) fn find(
    writer: &Schema,
    reader: &Schema,
    refutes: &dyn Fn(&Value) -> bool,
    budget: &Budget<'_>,
) -> Option<Value> {
    let pool = pool(writer, reader);
    let bases: Vec<Value> = samples(writer, budget).collect();
    let mut tried = 0;
    for base in bases.iter().chain(&pool) {
        let mut places = Vec::new();
        collect(base, &mut Vec::new(), &mut places);
        for candidate in std::iter::once(base.clone()).chain(
            places.iter().flat_map(|place| pool.iter().map(|value| replaced(base, place, value))),
        ) {
            tried += 1;
            if tried > TRIED || !budget.step() {
                return None;
            }
            if refutes(&candidate) {
                return Some(candidate);
            }
        }
    }
    None
}

/// Some events that are valid under `schema`, as far as they come by easily.
pub(super) fn samples<'s>(
    schema: &'s Schema,
    budget: &Budget<'_>,
) -> impl Iterator<Item = Value> + 's {
    let valid = |event: &Value| schema.is_valid(event);
    let normal = schema.normal();
    let own = match Prover::new(normal, normal, ContentModel::Strict, budget).produce(&valid) {
        Refutation::Event(event) => Some(event),
        _ => None,
    };
    own.into_iter().chain(written(schema.value())).filter(move |event| schema.is_valid(event))
}

/// Values that the schema itself shows: `default`, `examples`, `const`, `enum`.
fn written(schema: &Value) -> Vec<Value> {
    let mut values = Vec::new();
    let mut waiting = vec![schema];
    while let Some(place) = waiting.pop() {
        match place {
            Value::Object(members) => {
                for (keyword, value) in members {
                    match (keyword.as_str(), value) {
                        ("const" | "default", value) => values.push(value.clone()),
                        ("enum" | "examples", Value::Array(items)) => {
                            values.extend(items.iter().cloned());
                        }
                        _ => {}
                    }
                    waiting.push(value);
                }
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    values
}

/// Boundary values: one of every type, what the schemas show, and numbers next to those they name.
fn pool(writer: &Schema, reader: &Schema) -> Vec<Value> {
    let mut pool = vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(0.5),
        json!(""),
        json!("a"),
        json!("abcdefghijklmnopqrstuvwxyz"),
        json!([]),
        json!([null]),
        json!([0, 0]),
        json!([1, 2]),
        json!({}),
        json!({"a": null}),
    ];
    for schema in [writer, reader] {
        pool.extend(written(schema.value()));
        let mut waiting = vec![schema.value()];
        while let Some(place) = waiting.pop() {
            match place {
                Value::Number(number) => {
                    let near = number
                        .as_i64()
                        .into_iter()
                        .flat_map(|n| [n.checked_sub(1), Some(n), n.checked_add(1)]);
                    pool.extend(near.flatten().map(Value::from));
                }
                Value::Object(members) => waiting.extend(members.values()),
                Value::Array(items) => waiting.extend(items),
                _ => {}
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    pool.retain(|value| seen.insert(value.to_string()));
    pool.truncate(200);
    pool
}

/// Every place of a value, by its tokens.
fn collect(value: &Value, here: &mut Vec<String>, places: &mut Vec<Vec<String>>) {
    places.push(here.clone());
    let mut into = |token: String, value: &Value| {
        here.push(token);
        collect(value, here, places);
        here.pop();
    };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| into(name.clone(), value));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| into(index.to_string(), value));
        }
        _ => {}
    }
}

/// The value with another one at a place.
fn replaced(value: &Value, place: &[String], with: &Value) -> Value {
    let Some((token, rest)) = place.split_first() else { return with.clone() };
    match value {
        Value::Object(members) => {
            let each = members.iter().map(|(name, value)| {
                (
                    name.clone(),
                    if name == token { replaced(value, rest, with) } else { value.clone() },
                )
            });
            Value::Object(each.collect::<Map<String, Value>>())
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| {
                if index.to_string() == *token {
                    replaced(value, rest, with)
                } else {
                    value.clone()
                }
            })
            .collect(),
        other => other.clone(),
    }
}
