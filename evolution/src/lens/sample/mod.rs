//! Events of a schema, made from the schema: boundaries, every enum value, every optional on and off, every branch,
//! then seeded variations. Deterministic.
//!
//! Making is generous and judging is strict: only what the validator takes, and in the event model only what a
//! producer may emit, is an event.

mod conjoin;
mod list;
mod object;
mod scalar;
mod seed;

use std::{cell::Cell, collections::HashSet};

use serde_json::{Map, Value};

use self::{conjoin::conjoin, seed::Seed};
use crate::{
    containment::{ContentModel, undeclared},
    pointer::Pointer,
    schema::Schema,
};

/// The most events made of one schema.
const MOST: usize = 800;
/// The most values made for one place below the root.
const MOST_BELOW: usize = 160;
/// How deep values nest; recursion ends there.
const DEPTH: usize = 9;
/// How many nodes are visited before everything else is left out.
const VISITS: u32 = 5_000;
/// How many references and branches lead into one another.
const NESTED: u32 = 48;
/// How much is made in all, in values of ordinary size; half of it is for the root alone.
const CELLS: usize = 300_000;

/// Events valid under `schema` that a producer may emit in the sense of `model`.
pub fn events(schema: &Schema, model: ContentModel) -> Vec<Value> {
    let making = Making::of(schema, model);
    let mut seen = HashSet::new();
    making
        .values(schema.value(), 0)
        .into_iter()
        .filter(|event| seen.insert(event.to_string()))
        .filter(|event| is_emitted(schema, event, model))
        .take(MOST)
        .collect()
}

/// Values that a node of `schema` takes, the most ordinary first.
pub(super) fn values(schema: &Schema, node: &Map<String, Value>) -> Vec<Value> {
    let making = Making::of(schema, ContentModel::Event);
    let node = Value::Object(node.clone());
    let text = definitions(schema, &node).to_string();
    let read = Schema::read(&text).default_dialect(schema.dialect()).formats(schema.formats());
    let own = read.references(schema.references().clone()).parse();
    let valid = |value: &Value| own.as_ref().is_ok_and(|own| own.is_valid(value));
    making.values(&node, 0).into_iter().filter(valid).collect()
}

/// The node as a document of its own, with the definitions it may refer to.
fn definitions(schema: &Schema, node: &Value) -> Value {
    let mut document = node.clone();
    if let Value::Object(members) = &mut document {
        for keyword in ["$schema", "$defs", "definitions"] {
            if let (None, Some(value)) = (members.get(keyword), schema.value().get(keyword)) {
                members.insert(keyword.to_owned(), value.clone());
            }
        }
    }
    document
}

/// Whether a producer on `schema` may emit the event.
pub(super) fn is_emitted(schema: &Schema, event: &Value, model: ContentModel) -> bool {
    schema.is_valid(event) && (model == ContentModel::Strict || undeclared(schema, event).is_none())
}

struct Making<'s> {
    schema: &'s Schema,
    model: ContentModel,
    seed: Seed,
    visits: Cell<u32>,
    nested: Cell<u32>,
    cells: Cell<usize>,
}

impl<'s> Making<'s> {
    fn of(schema: &'s Schema, model: ContentModel) -> Self {
        Making {
            schema,
            model,
            seed: Seed::new(0x5745_4c45),
            visits: Cell::new(VISITS),
            nested: Cell::new(0),
            cells: Cell::new(CELLS),
        }
    }
}

impl Making<'_> {
    /// Values for a node; the first is the most ordinary.
    fn values(&self, node: &Value, depth: usize) -> Vec<Value> {
        let (visits, nested) = (self.visits.get(), self.nested.get());
        if depth > DEPTH || visits == 0 || nested > NESTED {
            return Vec::new();
        }
        self.visits.set(visits - 1);
        self.nested.set(nested + 1);
        let mut values = match node {
            Value::Bool(false) => Vec::new(),
            Value::Object(members) => self.of_members(members, depth),
            _ => self.of_members(&Map::new(), depth),
        };
        self.nested.set(nested);
        let most = if depth == 0 { 2 * MOST } else { MOST_BELOW };
        values.truncate(most);
        values
    }

    fn of_members(&self, members: &Map<String, Value>, depth: usize) -> Vec<Value> {
        if let Some(node) = self.without_reference(members) {
            return self.values(&node, depth);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let Some(Value::Array(branches)) = members.get(keyword) else { continue };
            let mut rest = members.clone();
            rest.remove(keyword);
            let rest = Value::Object(rest);
            if keyword == "allOf" {
                return self.values(&branches.iter().cloned().fold(rest, conjoin), depth);
            }
            let each = branches
                .iter()
                .map(|branch| self.values(&conjoin(rest.clone(), branch.clone()), depth));
            return interleaved(&each.collect::<Vec<_>>());
        }
        if let Some(condition) = members.get("if") {
            let mut rest = members.clone();
            let taken = [rest.remove("if"), rest.remove("then")].into_iter().flatten();
            let taken: Vec<Value> = taken.collect();
            let otherwise = rest.remove("else");
            let _ = condition;
            let rest = Value::Object(rest);
            let yes = self.values(&taken.into_iter().fold(rest.clone(), conjoin), depth);
            let no = otherwise.map_or_else(|| rest.clone(), |no| conjoin(rest.clone(), no));
            return interleaved(&[yes, self.values(&no, depth)]);
        }
        if let Some(constant) = members.get("const") {
            return vec![constant.clone()];
        }
        if let Some(Value::Array(values)) = members.get("enum") {
            return values.clone();
        }
        let mut values: Vec<Vec<Value>> =
            kinds(members).iter().map(|kind| self.of_kind(kind, members, depth)).collect();
        for keyword in ["examples", "default"] {
            match members.get(keyword) {
                Some(Value::Array(examples)) if keyword == "examples" => {
                    values.push(examples.clone());
                }
                Some(default) if keyword == "default" => values.push(vec![default.clone()]),
                _ => {}
            }
        }
        interleaved(&values)
    }

    /// Whether a value of this size may still be made.
    fn afford(&self, size: usize, depth: usize) -> bool {
        let reserve = if depth == 0 { 0 } else { CELLS / 2 };
        match self.cells.get().checked_sub(size).filter(|left| *left >= reserve) {
            Some(left) => {
                self.cells.set(left);
                true
            }
            None => false,
        }
    }

    /// The node with its reference followed once, if it has one.
    fn without_reference(&self, members: &Map<String, Value>) -> Option<Value> {
        let reference = members.get("$ref").or_else(|| members.get("$recursiveRef"))?.as_str()?;
        let target = match reference.strip_prefix('#') {
            Some(fragment) => fragment
                .parse::<Pointer>()
                .ok()
                .and_then(|at| at.find(self.schema.value()).cloned()),
            // References inside it lead into another document: only what stands there itself is used.
            None => self.schema.references().get(reference).map(|other| other.value().clone()),
        };
        let target = target.unwrap_or(Value::Bool(true));
        let mut rest = members.clone();
        rest.remove("$ref");
        rest.remove("$recursiveRef");
        if self.schema.dialect().ref_hides_siblings() {
            return Some(target);
        }
        Some(conjoin(Value::Object(rest), target))
    }

    fn of_kind(&self, kind: &str, members: &Map<String, Value>, depth: usize) -> Vec<Value> {
        match kind {
            "null" => vec![Value::Null],
            "boolean" => vec![Value::Bool(true), Value::Bool(false)],
            "string" => scalar::strings(self.schema, members, &self.seed),
            "integer" | "number" => scalar::numbers(self.schema, members, kind == "integer"),
            "array" => self.lists(members, depth),
            _ => self.objects(members, depth),
        }
    }
}

/// How much there is of a value.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len() / 64,
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// The first of each, then the second of each, and so on.
fn interleaved(lists: &[Vec<Value>]) -> Vec<Value> {
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .flat_map(|index| lists.iter().filter_map(move |list| list.get(index).cloned()))
        .collect()
}

/// The types a node allows; where it does not say, those its keywords speak of, or all.
fn kinds(members: &Map<String, Value>) -> Vec<String> {
    if let Some(kinds) = super::shape::types_of(members) {
        return kinds;
    }
    let speaks: [(&str, &[&str]); 4] = [
        (
            "object",
            &[
                "properties",
                "required",
                "additionalProperties",
                "patternProperties",
                "unevaluatedProperties",
            ],
        ),
        ("array", &["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"]),
        ("string", &["pattern", "minLength", "maxLength", "format"]),
        ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ];
    let spoken: Vec<String> = speaks
        .iter()
        .filter(|(_, keywords)| keywords.iter().any(|keyword| members.contains_key(*keyword)))
        .map(|(kind, _)| (*kind).to_owned())
        .collect();
    if spoken.is_empty() {
        ["string", "integer", "boolean", "null", "array", "object"].map(str::to_owned).to_vec()
    } else {
        spoken
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(schema: &Value) -> Vec<Value> {
        let schema = Schema::read(&schema.to_string()).parse().unwrap();
        events(&schema, ContentModel::Event)
    }

    #[test]
    fn every_enum_value_and_every_optional_is_met() {
        let events = made(&json!({
            "type": "object", "required": ["status"],
            "properties": {
                "status": {"enum": ["a", "b", "c"]}, "note": {"type": "string"},
                "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}}
            },
            "$defs": {"line": {"type": "object", "properties": {"qty": {"type": "integer", "minimum": 1}}}}
        }));

        for status in ["a", "b", "c"] {
            assert!(events.iter().any(|event| event["status"] == status));
        }
        assert!(events.iter().any(|event| event.get("note").is_none()));
        assert!(events.iter().any(|event| event["lines"][0].get("qty").is_none()));
        assert!(events.iter().any(|event| event["lines"][0]["qty"] == json!(1)));
    }

    #[test]
    fn every_branch_is_met() {
        let events = made(&json!({
            "oneOf": [
                {"properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}, "required": ["kind", "x"]},
                {"properties": {"kind": {"const": "b"}}, "required": ["kind"]}
            ]
        }));

        assert!(events.iter().any(|event| event["kind"] == "a"));
        assert!(events.iter().any(|event| event["kind"] == "b"));
    }

    #[test]
    fn a_recursive_schema_ends() {
        let events = made(&json!({
            "type": "object", "required": ["v"],
            "properties": {"v": {"type": "integer"}, "left": {"$ref": "#"}, "right": {"$ref": "#"}}
        }));

        assert!(events.len() > 3);
    }

    #[test]
    fn a_schema_that_would_grow_without_end_does_not() {
        let mut list = json!({"type": "string", "minLength": 4000});
        for _ in 0..8 {
            list = json!({"type": "array", "minItems": 60, "items": list});
        }
        let wide: Map<String, Value> =
            (0..5_000).map(|index| (format!("p{index}"), json!({"type": "integer"}))).collect();
        let branches = json!([{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]);
        let schemas = [
            json!({"properties": {"l": list}}),
            json!({"type": "object", "properties": wide}),
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"x": {"anyOf": branches}, "y": {"anyOf": branches}}}}}),
            json!({"properties": {"c": {"$ref": "#/$defs/c"}}, "$defs": {"c": {"properties": {"d": {"allOf": [{"$ref": "#/$defs/c"}]}}}}}),
        ];
        for schema in schemas {
            let schema = Schema::read(&schema.to_string()).parse().unwrap();
            let events = events(&schema, ContentModel::Event);
            assert!(events.iter().map(size).sum::<usize>() <= 2 * CELLS);
        }
    }

    #[test]
    fn a_reference_to_itself_ends() {
        let schema = json!({
            "properties": {"c": {"$ref": "#/$defs/c"}},
            "$defs": {"c": {"anyOf": [{"$ref": "#/$defs/d"}]}, "d": {"allOf": [{"$ref": "#/$defs/c"}]}}
        });
        // The validator may refuse it; what is made of it must end in any case.
        if let Ok(schema) = Schema::read(&schema.to_string()).parse() {
            let making = Making::of(&schema, ContentModel::Event);
            assert!(making.values(schema.value(), 0).len() < MOST);
        }
    }

    #[test]
    fn the_same_schema_gives_the_same_events() {
        let schema =
            json!({"properties": {"a": {"pattern": "^[a-f]{3}-\\d+$"}}, "required": ["a"]});

        let events = made(&schema);

        assert!(!events.is_empty());
        assert_eq!(events, made(&schema));
    }
}
