//! Open enumerations: lists that readers agreed to see grow (spec verdicts, section 3).

use serde_json::{Map, Value, json};

use super::Schema;

/// Marks a node whose `enum` may grow, or whose `oneOf` may gain a branch.
pub(crate) const OPEN: &str = "x-open-enum";

/// Where a reader takes values that its schema does not list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Widening {
    /// Where the schema says `"x-open-enum": true`.
    #[default]
    Marked,
    /// Everywhere: the subject allows it.
    Everywhere,
}

/// Keywords whose values are left alone: data, and schemas where taking less to be true would take more away.
const KEPT: [&str; 7] = ["const", "enum", "default", "examples", "not", "if", "oneOf"];
/// Keywords that hold schemas by name.
const NAMED: [&str; 6] =
    ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];

/// Whether a schema object marks its list as open.
pub(crate) fn is_open(members: &Map<String, Value>) -> bool {
    members.get(OPEN) == Some(&Value::Bool(true))
}

/// The schema as a reader of translated events validates by it: open lists taken off, declared names kept.
///
/// `None` where nothing in it is open, or where a reference leads into a list that would be taken off.
pub(super) fn opened(schema: &Schema, widening: Widening) -> Option<Schema> {
    let (value, changed) = open(schema.value(), widening, true);
    if !changed || refers_into_lists(schema.value()) {
        return None;
    }
    let text = value.to_string();
    let read = Schema::read(&text)
        .default_dialect(schema.dialect())
        .formats(schema.formats())
        .references(schema.references().clone());
    read.parse().ok()
}

/// The value with the lists of open nodes taken off, and whether there was one. `schema`: it is a schema, not a map of
/// schemas by name.
fn open(value: &Value, widening: Widening, schema: bool) -> (Value, bool) {
    match value {
        Value::Object(members) => {
            let mut changed = false;
            let mut kept = Map::new();
            for (key, value) in members {
                let value = if schema && KEPT.contains(&key.as_str()) {
                    value.clone()
                } else {
                    let named = schema && NAMED.contains(&key.as_str());
                    let (value, inner) = open(value, widening, !named);
                    changed |= inner;
                    value
                };
                kept.insert(key.clone(), value);
            }
            if schema && (widening == Widening::Everywhere || is_open(members)) {
                changed |= kept.remove("enum").is_some();
                if let Some(Value::Array(mut branches)) = kept.remove("oneOf") {
                    changed = true;
                    // Any event passes, and every name that the branches declare stays declared.
                    branches.push(json!({}));
                    let all = kept.entry("allOf").or_insert_with(|| json!([]));
                    if let Value::Array(all) = all {
                        all.push(json!({"anyOf": branches}));
                    }
                }
            }
            (Value::Object(kept), changed)
        }
        Value::Array(items) => {
            let opened: Vec<(Value, bool)> =
                items.iter().map(|item| open(item, widening, true)).collect();
            let changed = opened.iter().any(|(_, changed)| *changed);
            (opened.into_iter().map(|(value, _)| value).collect(), changed)
        }
        other => (other.clone(), false),
    }
}

fn refers_into_lists(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| match value {
            Value::String(reference) if key.ends_with("ef") => reference.contains("/oneOf"),
            other => refers_into_lists(other),
        }),
        Value::Array(items) => items.iter().any(refers_into_lists),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containment::project;

    fn schema(value: &Value) -> Schema {
        Schema::read(&value.to_string()).parse().unwrap()
    }

    #[test]
    fn an_open_list_takes_what_it_does_not_name_and_a_closed_one_does_not() {
        let order = schema(&json!({"properties": {
            "status": {"enum": ["NEW"], "x-open-enum": true, "type": "string"}, "kind": {"enum": ["A"]}
        }}));

        let reader = order.opened(Widening::Marked);

        assert!(!order.is_valid(&json!({"status": "PAID"})));
        assert!(reader.is_valid(&json!({"status": "PAID", "kind": "A"})));
        assert!(!reader.is_valid(&json!({"status": 3})));
        assert!(!reader.is_valid(&json!({"kind": "B"})));
        assert!(order.opened(Widening::Everywhere).is_valid(&json!({"kind": "B"})));
    }

    #[test]
    fn the_names_of_open_branches_stay_declared() {
        let payment = schema(&json!({
            "x-open-enum": true, "properties": {"id": {}},
            "oneOf": [{"required": ["card"]}, {"required": ["iban"]}]
        }));

        let reader = payment.opened(Widening::Marked);
        let event = json!({"id": 1, "iban": "x", "wallet": 1});

        assert!(reader.is_valid(&json!({"id": 1})));
        assert_eq!(project(&reader, &event), json!({"id": 1, "iban": "x"}));
    }

    #[test]
    fn properties_named_like_keywords_are_left_alone() {
        let odd = schema(&json!({"properties": {"enum": {"type": "string"}, "x-open-enum": {}}}));

        assert_eq!(odd.opened(Widening::Everywhere).value(), odd.value());
    }
}
