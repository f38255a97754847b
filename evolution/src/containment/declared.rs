//! Declared names: which members of an event a schema speaks of (spec verdicts, section 2).

use serde_json::Value;

use super::site::Site;
use crate::{
    pointer::Pointer,
    schema::{Schema, normal::Normal},
};

/// The event as a tolerant reader on `schema` sees it: undeclared names deleted, at every depth.
///
/// ```
/// use serde_json::json;
/// use stele_evolution::{containment::project, schema::Schema};
///
/// let reader = Schema::read(r#"{"properties": {"id": {}}}"#).parse()?;
///
/// assert_eq!(project(&reader, &json!({"id": 1, "note": "new"})), json!({"id": 1}));
/// # Ok::<(), stele_evolution::schema::SchemaError>(())
/// ```
pub fn project(schema: &Schema, event: &Value) -> Value {
    let normal = schema.normal();
    project_at(normal, &Site::root(normal), event)
}

pub(super) fn project_at(schema: &Normal, site: &Site, event: &Value) -> Value {
    match event {
        Value::Object(members) => {
            let declared = site.declared(schema);
            members
                .iter()
                .filter(|(name, _)| declared.has(name))
                .map(|(name, value)| {
                    (name.clone(), project_at(schema, &site.member(schema, name), value))
                })
                .collect()
        }
        Value::Array(items) => (0..)
            .zip(items)
            .map(|(index, item)| project_at(schema, &site.item(schema, index), item))
            .collect(),
        scalar => scalar.clone(),
    }
}

/// The first place in `event` whose name `schema` does not declare, as a JSON pointer.
pub fn undeclared(schema: &Schema, event: &Value) -> Option<String> {
    let normal = schema.normal();
    undeclared_at(normal, &Site::root(normal), event, &Pointer::root())
        .map(|place| place.to_string())
}

pub(super) fn undeclared_at(
    schema: &Normal,
    site: &Site,
    event: &Value,
    at: &Pointer,
) -> Option<Pointer> {
    match event {
        Value::Object(members) => {
            let declared = site.declared(schema);
            members.iter().find_map(|(name, value)| {
                let here = at.child(name);
                if !declared.has(name) {
                    return Some(here);
                }
                undeclared_at(schema, &site.member(schema, name), value, &here)
            })
        }
        Value::Array(items) => (0..).zip(items).find_map(|(index, item)| {
            undeclared_at(schema, &site.item(schema, index), item, &at.child(index.to_string()))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(value: &Value) -> Schema {
        Schema::read(&value.to_string()).parse().unwrap()
    }

    #[test]
    fn names_are_declared_wherever_they_are_mentioned() {
        let reader = schema(&json!({
            "properties": {"a": true}, "required": ["b"], "patternProperties": {"^x-": true},
            "anyOf": [{"properties": {"c": true}}], "not": {"required": ["d"]},
            "dependentRequired": {"e": ["f"]}, "if": {"properties": {"g": true}}
        }));
        let event =
            json!({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1, "x-y": 1, "z": 1});

        assert_eq!(undeclared(&reader, &event), Some("/z".to_owned()));
        assert_eq!(project(&reader, &event).as_object().unwrap().len(), 8);
    }

    #[test]
    fn a_location_without_names_is_opaque() {
        let reader = schema(
            &json!({"properties": {"meta": {"type": "object"}, "list": {"items": {"required": ["k"]}}}}),
        );
        let event = json!({"meta": {"any": {"thing": 1}}, "list": [{"k": 1, "l": 2}]});

        assert_eq!(
            project(&reader, &event),
            json!({"meta": {"any": {"thing": 1}}, "list": [{"k": 1}]})
        );
    }

    #[test]
    fn a_schema_for_all_others_declares_every_name_but_true_and_false_do_not() {
        let event = json!({"a": 1, "b": 2});
        let with =
            |rest: Value| schema(&json!({"properties": {"a": true}, "additionalProperties": rest}));

        assert_eq!(undeclared(&with(json!({"type": "integer"})), &event), None);
        for rest in [json!(true), json!(false), json!({}), json!({"description": "anything"})] {
            assert_eq!(undeclared(&with(rest), &event), Some("/b".to_owned()));
        }
    }

    #[test]
    fn recursion_is_followed_as_deep_as_the_event() {
        let tree = schema(&json!({"properties": {"kids": {"items": {"$ref": "#"}}}}));
        let event = json!({"kids": [{"kids": [], "x": 1}]});

        assert_eq!(project(&tree, &event), json!({"kids": [{"kids": []}]}));
    }
}
