//! Lenses that must not count as proven: each once did, and an event of a producer came out invalid.

use serde_json::{Value, json};

use crate::{
    budget::Budget,
    containment::ContentModel,
    lens::{Lens, check},
    schema::Schema,
};

fn schema(value: &Value) -> Schema {
    Schema::read(&value.to_string()).parse().unwrap()
}

fn is_proven(older: &Value, newer: &Value, ops: &Value) -> bool {
    let document =
        json!({"lens": 1, "subject": "Test", "from": 1, "to": 2, "one_way": true, "ops": ops});
    let lens = Lens::from_value(&document).or_else(|_| {
        let mut document = document;
        document.as_object_mut().unwrap().remove("one_way");
        Lens::from_value(&document)
    });
    let (older, newer) = (schema(older), schema(newer));
    let budget = Budget::steps(200_000);
    match check(&lens.unwrap(), &older, &newer, ContentModel::Event, &budget) {
        Ok(assurance) => assurance.is_proven(),
        // What an event shows to be wrong is not proved either; a lens that is not understood would test nothing.
        Err(rejection) => {
            assert!(rejection.input.is_some(), "{rejection:?}");
            false
        }
    }
}

/// The schema and the operations some objects deeper than events are sampled.
fn deep(schema: &Value, ops: &Value) -> (Value, Value) {
    let names: Vec<String> = (0..13).map(|depth| format!("d{depth}")).collect();
    let wrapped = names.iter().rev().fold(
        schema.clone(),
        |inner, name| json!({"type": "object", "properties": {name: inner}, "required": [name]}),
    );
    (wrapped, json!([{"in": {"at": format!("/{}", names.join("/")), "ops": ops}}]))
}

fn is_proven_deep(older: &Value, newer: &Value, ops: &Value) -> bool {
    let ((older, inner), (newer, _)) = (deep(older, ops), deep(newer, ops));
    is_proven(&older, &newer, &inner)
}

fn object(properties: &Value) -> Value {
    let names: Vec<&String> = properties.as_object().unwrap().keys().collect();
    json!({"type": "object", "properties": properties, "required": names})
}

#[test]
fn a_listed_number_that_may_be_spelled_otherwise() {
    let ops = json!([{"convert": {"at": "/v", "to": "string", "format": "decimal"}}]);

    let text = is_proven(
        &object(&json!({"v": {"const": 100}})),
        &object(&json!({"v": {"const": "100"}})),
        &ops,
    );

    assert!(!text, "100.0 becomes \"100.0\"");
}

#[test]
fn an_object_that_may_be_something_else() {
    let older = json!({"type": "object", "properties": {"a": {"type": ["object", "string"], "properties": {"b": {"type": "integer"}}, "required": ["b"], "additionalProperties": false}}});
    let newer = json!({"type": "object", "properties": {"a": {"type": "integer"}, "c": {"type": "integer"}}});

    assert!(!is_proven_deep(&older, &newer, &json!([{"move": {"from": "/a/b", "to": "/c"}}])));
}

#[test]
fn a_constant_whose_names_another_schema_does_not_declare() {
    let older = object(
        &json!({"p": {"type": "array", "items": {"type": "object", "properties": {"a": {}}}}}),
    );
    let newer =
        object(&json!({"p": {"type": "object", "properties": {"a": {}, "x": {"type": "string"}}}}));

    assert!(!is_proven_deep(&older, &newer, &json!([{"head": {"at": "/p", "empty": {"x": 1}}}])));
}

#[test]
fn ways_of_which_one_names_what_another_leaves_open() {
    let older = json!({"type": "object", "required": ["kind", "p", "q"], "properties": {
        "kind": {"enum": ["A", "B"]}, "p": {"type": "object"},
        "q": {"type": "object", "properties": {"a": {}}}
    }});
    let newer = json!({"type": "object", "required": ["kind", "p"], "properties": {
        "kind": {"enum": ["A", "B"]},
        "p": {"type": "object", "properties": {"a": {}, "x": {"type": "string"}}}
    }});
    let ops = json!([{"when": {
        "if": {"at": "/kind", "const": "A"}, "ops": [{"drop": {"at": "/q"}}],
        "otherwise": [{"drop": {"at": "/p"}}, {"move": {"from": "/q", "to": "/p"}}]
    }}]);

    assert!(!is_proven_deep(&older, &newer, &ops));
}

#[test]
fn a_list_of_any_length_is_more_than_is_copied() {
    let older = object(&json!({"a": {"type": "array", "items": {"type": "integer"}}}));
    let newer = object(&json!({"a": {"type": "array"}, "b": {"type": "array"}}));

    assert!(!is_proven(&older, &newer, &json!([{"copy": {"from": "/a", "to": "/b"}}])));
}
