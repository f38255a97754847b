//! The JSON Schema of the lens document says what the reader of it does.

use proptest::prelude::*;
use serde_json::json;

use super::{checked::schema, *};

/// The page about the operations.
const REFERENCE: &str = include_str!("../../../../docs/reference/lens-operations.md");

fn document() -> crate::schema::Schema {
    let text = include_str!("../../../../schemas/stele/lens.schema.json");
    crate::schema::Schema::read(text).parse().unwrap()
}

fn with_op(op: &Value) -> Value {
    json!({"lens": 1, "subject": "Test", "from": 1, "to": 2, "ops": [op]})
}

/// One of each operation, with everything it can say.
fn ops() -> Vec<Value> {
    vec![
        json!({"rename": {"from": "/a", "to": "/b"}}),
        json!({"move": {"from": "/a", "to": "/b/c", "keep_parents": true}}),
        json!({"copy": {"from": "/a~1b", "to": "/b"}}),
        json!({"map": {"at": "/a", "pairs": {"1": 2}, "else": null, "down": {"3": 1}, "keys": "number"}}),
        json!({"convert": {"at": "/a", "from": "integer", "to": "string", "format": "epoch_ms", "on_error": ""}}),
        json!({"convert": {"at": "/a", "to": "integer", "scale": -2, "on_error": {"up": 0, "down": ""}}}),
        json!({"split": {"from": "/a", "into": ["/b", "/c"], "sep": " ", "missing": null}}),
        json!({"merge": {"from": ["/a", "/b"], "into": "/c", "sep": " "}}),
        json!({"add": {"at": "/a", "value": {"b": []}}}),
        json!({"drop": {"at": "/a", "restore": 0}}),
        json!({"each": {"at": "", "ops": [{"in": {"at": "/a", "ops": []}}]}}),
        json!({"wrap": {"at": "/a", "empty": null}}),
        json!({"head": {"at": "/a"}}),
        json!({"when": {"if": {"at": "/a", "const": 1}, "ops": [], "otherwise": []}}),
        json!({"when": {"if": {"at": "/a", "enum": [1, "a"]}, "ops": []}}),
        json!({"when": {"if": {"at": "", "type": "object"}, "ops": [], "if_down": {"at": "/a", "present": true}}}),
        json!({"nullable": {"at": "/a", "restore": 1}}),
        json!({"null_to_absent": {"at": "/a"}}),
        json!({"absent_to_null": {"at": "/a"}}),
        json!({"expr": {"at": "/a", "inputs": {"a": "/a"}, "up": "a + 1", "down": "a - 1", "type": "integer", "on_error": {"down": 0}}}),
        json!({"expr": {"at": "/a", "inputs": {"b": ""}, "up": "b.c", "down": "drop", "type": {"up": "string", "down": "null"}, "keep_parents": true}}),
    ]
}

/// Bodies of operations that are none.
fn wrong_ops() -> Vec<Value> {
    vec![
        json!({"rename": {"from": "/a"}}),
        json!({"rename": {"from": "a", "to": "/b"}}),
        json!({"rename": {"from": "/a", "to": "/b", "keep_parents": true}}),
        json!({"map": {"at": "/a", "pairs": {}}}),
        json!({"drop": {"at": "/a", "restor": 0}}),
        json!({"renam": {}}),
        json!({"split": {"from": "/a", "into": ["/b"], "sep": " "}}),
        json!({"convert": {"at": "/a", "to": "string", "on_error": {"upp": 1}}}),
        json!({"wrap": {"at": "/a", "emtpy": 1}}),
        json!({"head": {}}),
        json!({"when": {"ops": []}}),
        json!({"when": {"if": {"at": "/a"}, "ops": []}}),
        json!({"when": {"if": {"at": "/a", "const": 1, "present": true}, "ops": []}}),
        json!({"when": {"if": {"at": "/a", "enum": []}, "ops": []}}),
        json!({"when": {"if": {"at": "/a", "present": 1}, "ops": []}}),
        json!({"when": {"if": {"at": "/a", "type": "text"}, "ops": []}}),
        json!({"nullable": {"at": ""}}),
        json!({"null_to_absent": {"at": "/a", "restore": 1}}),
        json!({"absent_to_null": {}}),
        json!({"expr": {"at": "/a", "inputs": {}, "up": "1", "type": "integer"}}),
        json!({"expr": {"at": "/a", "inputs": {"a": "/a"}, "up": "a"}}),
        json!({"expr": {"at": "/a", "inputs": {"a-b": "/a"}, "up": "a", "type": "string"}}),
        json!({"expr": {"at": "/a", "inputs": {"in": "/a"}, "up": "a", "type": "string"}}),
        json!({"expr": {"at": "/a", "inputs": {"a": "a"}, "up": "a", "type": "string"}}),
        json!({"expr": {"at": "/a", "inputs": {"a": "/a"}, "up": "a", "type": "text"}}),
        json!({"expr": {"at": "/a", "inputs": {"a": "/a"}, "up": 1, "type": "string"}}),
        json!({"expr": {"at": "/a", "inputs": {"a": "/a"}, "up": "a", "type": {"up": "string"}}}),
    ]
}

#[test]
fn every_lens_is_valid_under_it() {
    let document = document();

    document.validate(&Lens::parse(WORKED).unwrap().to_value()).unwrap();
    for op in ops() {
        let lens = with_op(&op);
        Lens::from_value(&lens).unwrap();
        document.validate(&lens).unwrap();
    }
}

#[test]
fn every_operation_is_in_it() {
    let document = document();
    let known = document.value().pointer("/$defs/op/properties").unwrap().as_object().unwrap();

    let named: Vec<String> = ops()
        .iter()
        .flat_map(|op| op.as_object().unwrap().keys().cloned().collect::<Vec<_>>())
        .collect();

    assert_eq!(known.len(), Op::NAMES.len());
    for name in Op::NAMES {
        assert!(known.contains_key(name), "{name}");
        assert!(
            REFERENCE.contains(&format!("| `{name} {{"))
                || REFERENCE.contains(&format!("| `{name}` / ")),
            "{name}"
        );
        assert!(name == "in" || named.iter().any(|it| it == name), "{name}");
    }
}

#[test]
fn what_is_not_valid_under_it_is_no_lens() {
    let document = document();
    for op in wrong_ops() {
        let lens = with_op(&op);
        assert!(!document.is_valid(&lens), "{lens}");
        assert!(Lens::from_value(&lens).is_err(), "{lens}");
    }
}

/// What no schema can say: whether places are separate, versions adjacent, expressions expressions.
fn beyond_a_schema(message: &str) -> bool {
    [
        "does not come after",
        "overlap",
        "separate places",
        "same object",
        "`inputs",
        "expr",
        "both become",
    ]
    .iter()
    .chain(
        [
            "both sides are",
            "no text on one side",
            "cannot be scaled",
            "is no number",
            "is no boolean",
        ]
        .iter(),
    )
    .chain(["operations change", "no input", "more than", "at most"].iter())
    .any(|known| message.contains(known))
}

#[test]
fn what_is_valid_under_it_is_a_lens() {
    let document = document();
    for lens in super::super::sample::events(&document, crate::containment::ContentModel::Event) {
        if let Err(error) = Lens::from_value(&lens) {
            assert!(beyond_a_schema(&error.to_string()), "{error}: {lens}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::typed::cases(300)))]

    /// A document with one thing changed somewhere is taken by both or by neither.
    #[test]
    fn the_schema_and_the_reader_agree(which in 0usize..48, at in 0usize..40, change in 0usize..9) {
        let all: Vec<Value> = ops().into_iter().chain(wrong_ops()).collect();
        let mut lens = with_op(&all[which % all.len()]);
        let places = places(&lens, &Pointer::root());
        let place = places[at % places.len()].to_string();
        let new = [
            json!(null), json!(true), json!(1), json!(-1), json!("/a"), json!("a"), json!([]), json!({}), json!({"at": "/a"}),
        ][change].clone();
        if let Some(value) = lens.pointer_mut(&place) {
            *value = new;
        }

        let read = Lens::from_value(&lens);

        match (document().is_valid(&lens), read) {
            (true, Err(error)) => {
                prop_assert!(beyond_a_schema(&error.to_string()), "only the schema takes {lens}: {error}");
            }
            (false, Ok(_)) => prop_assert!(false, "only the reader takes {lens}"),
            _ => {}
        }
    }
}

/// Every place in a document.
fn places(value: &Value, here: &Pointer) -> Vec<Pointer> {
    let mut all = vec![here.clone()];
    match value {
        Value::Object(members) => {
            all.extend(members.iter().flat_map(|(name, value)| places(value, &here.child(name))));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            all.extend(
                items.flat_map(|(index, item)| places(item, &here.child(index.to_string()))),
            );
        }
        _ => {}
    }
    all
}

#[test]
fn it_is_a_schema_like_any_other() {
    assert!(schema(document().value()).is_valid(&with_op(&json!({"drop": {"at": "/a"}}))));
}
