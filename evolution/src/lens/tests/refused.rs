//! Wrong lenses, as people write them: each is refused with the operation, the place and an event that shows it.

use std::fmt::Write;

use serde_json::json;

use super::{
    checked::{checked, newer, older},
    *,
};

/// The lens of the specification with one thing changed.
fn worked(changes: &[(&str, Value)]) -> (Value, Value, Value) {
    let mut lens = Lens::parse(WORKED).unwrap().to_value();
    lens.as_object_mut().unwrap().remove("examples");
    for (at, value) in changes {
        *lens.pointer_mut(at).unwrap() = value.clone();
    }
    (lens, older(), newer())
}

/// The lens of the specification without the value at a place.
fn without(at: &str) -> (Value, Value, Value) {
    let (mut lens, older, newer) = worked(&[]);
    let at: Pointer = at.parse().unwrap();
    let (parent, leaf) = at.split_last().unwrap();
    match lens.pointer_mut(&parent.to_string()).unwrap() {
        Value::Array(items) => {
            items.remove(leaf.parse().unwrap());
        }
        Value::Object(members) => {
            members.remove(leaf).unwrap();
        }
        _ => unreachable!(),
    }
    (lens, older, newer)
}

/// The same lens, accepting that its only value is lost.
fn accepting((mut lens, older, newer): (Value, Value, Value)) -> (Value, Value, Value) {
    lens["accept_loss"] = json!({"up": ["/v"], "down": ["/v"]});
    (lens, older, newer)
}

/// A lens of one operation between objects with these properties, all of them required.
fn one(op: &Value, older: &Value, newer: &Value) -> (Value, Value, Value) {
    let of = |properties: &Value| {
        let required: Vec<&String> = properties.as_object().unwrap().keys().collect();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let lens = json!({"lens": 1, "subject": "Test", "from": 1, "to": 2, "ops": [op]});
    (lens, of(older), of(newer))
}

#[expect(clippy::too_many_lines, reason = "one case after the other")]
fn cases() -> Vec<(&'static str, (Value, Value, Value))> {
    let text = json!({"type": "string"});
    let integer = json!({"type": "integer"});
    let number = json!({"type": "number"});
    let list = json!({"type": "array", "items": {"type": "string"}});
    let maybe = json!({"type": ["string", "null"]});
    let kind = json!({"enum": ["a", "b"]});
    vec![
        ("a misspelt source", worked(&[("/ops/0/rename/from", json!("/orderID"))])),
        ("a misspelt target", worked(&[("/ops/1/move/to", json!("/customer/fullName"))])),
        ("a misspelt map", worked(&[("/ops/2/map/at", json!("/state"))])),
        ("a misspelt conversion", worked(&[("/ops/3/convert/at", json!("/totals"))])),
        ("a misspelt drop", worked(&[("/ops/4/drop/at", json!("/legacyflag"))])),
        ("a misspelt list", worked(&[("/ops/6/each/at", json!("/line"))])),
        (
            "a misspelt name in every item",
            worked(&[("/ops/6/each/ops/0/rename/from", json!("/qtty"))]),
        ),
        (
            "a misspelt target in every item",
            worked(&[("/ops/6/each/ops/0/rename/to", json!("/quantities"))]),
        ),
        ("an occupied target", worked(&[("/ops/0/rename/to", json!("/status"))])),
        ("an occupied target of a move", worked(&[("/ops/1/move/to", json!("/total"))])),
        ("an enum value without an image", without("/ops/2/map/pairs/SENT")),
        ("an image nobody knows", worked(&[("/ops/2/map/pairs/SENT", json!("sent"))])),
        ("an image of another type", worked(&[("/ops/2/map/pairs/SENT", json!(3))])),
        (
            "keys that are no values",
            worked(&[(
                "/ops/2/map/pairs",
                json!({"new": "placed", "paid": "paid", "sent": "shipped"}),
            )]),
        ),
        ("a default against a pattern", worked(&[("/ops/5/add/value", json!("euro"))])),
        ("a default of the wrong type", worked(&[("/ops/5/add/value", json!(978))])),
        ("a substitute of the wrong type", worked(&[("/ops/4/drop/restore", json!("no"))])),
        (
            "a conversion to the wrong type",
            worked(&[(
                "/ops/3/convert",
                json!({"at": "/total", "from": "number", "to": "integer"}),
            )]),
        ),
        (
            "a conversion from the wrong type",
            worked(&[("/ops/3/convert", json!({"at": "/total", "to": "integer"}))]),
        ),
        ("a conversion that was forgotten", without("/ops/3")),
        ("an addition that was forgotten", without("/ops/5")),
        ("a rename that was forgotten", without("/ops/0")),
        ("a table that was forgotten", without("/ops/2")),
        ("a list that was forgotten", without("/ops/6")),
        ("a drop that was forgotten, downwards", without("/ops/4")),
        ("a substitute that was forgotten", without("/ops/4/drop/restore")),
        ("an undeclared loss upwards", without("/accept_loss/up/0")),
        ("an undeclared loss downwards", without("/accept_loss/down/0")),
        ("a loss declared at another place", worked(&[("/accept_loss/up/0", json!("/legacy"))])),
        (
            "a list taken for an object",
            worked(&[(
                "/ops/6",
                json!({"rename": {"from": "/lines/qty", "to": "/lines/quantity"}}),
            )]),
        ),
        ("an object taken for a list", worked(&[("/ops/6/each/at", json!("/customer"))])),
        (
            "a scale of the wrong sign",
            one(
                &json!({"convert": {"at": "/v", "from": "integer", "to": "integer", "scale": -2}}),
                &json!({"v": integer}),
                &json!({"v": {"type": "integer", "multipleOf": 100}}),
            ),
        ),
        (
            "a separator that need not be there",
            one(
                &json!({"split": {"from": "/n", "into": ["/a", "/b"], "sep": " "}}),
                &json!({"n": text}),
                &json!({"a": text, "b": text}),
            ),
        ),
        (
            "a merge of what is no text",
            one(
                &json!({"merge": {"from": ["/a", "/b"], "into": "/n", "sep": "-"}}),
                &json!({"a": text, "b": integer}),
                &json!({"n": text}),
            ),
        ),
        (
            "a head of a list that may be empty",
            accepting(one(
                &json!({"head": {"at": "/v"}}),
                &json!({"v": list}),
                &json!({"v": text}),
            )),
        ),
        (
            "a substitute for an empty list of the wrong type",
            accepting(one(
                &json!({"head": {"at": "/v", "empty": 0}}),
                &json!({"v": list}),
                &json!({"v": text}),
            )),
        ),
        (
            "a head of what is no list",
            one(&json!({"head": {"at": "/v"}}), &json!({"v": text}), &json!({"v": text})),
        ),
        (
            "a wrap into a longer list",
            one(
                &json!({"wrap": {"at": "/v"}}),
                &json!({"v": text}),
                &json!({"v": {"type": "array", "minItems": 2, "items": {"type": "string"}}}),
            ),
        ),
        (
            "a condition that does not cover",
            one(
                &json!({"when": {"if": {"at": "/k", "const": "a"}, "ops": []}}),
                &json!({"k": kind}),
                &json!({"k": kind}),
            ),
        ),
        (
            "a condition that never holds",
            one(
                &json!({"when": {"if": {"at": "/k", "const": "c"}, "ops": [], "otherwise": []}}),
                &json!({"k": kind}),
                &json!({"k": kind}),
            ),
        ),
        (
            "a condition on a misspelt place",
            one(
                &json!({"when": {"if": {"at": "/q", "const": "a"}, "ops": [], "otherwise": []}}),
                &json!({"k": kind}),
                &json!({"k": kind}),
            ),
        ),
        (
            "a branch that does the wrong thing",
            one(
                &json!({"when": {"if": {"at": "/k", "const": "a"}, "ops": [{"wrap": {"at": "/v"}}], "otherwise": []}}),
                &json!({"k": kind, "v": text}),
                &json!({"k": kind, "v": text}),
            ),
        ),
        (
            "branches that the way down cannot tell apart",
            one(
                &json!({"when": {
                    "if": {"at": "/k", "const": "a"}, "if_down": {"at": "/k", "const": "c"},
                    "ops": [{"map": {"at": "/k", "pairs": {"a": "b", "b": "a"}}}], "otherwise": []
                }}),
                &json!({"k": kind}),
                &json!({"k": kind}),
            ),
        ),
        (
            "null that goes where it is required",
            one(
                &json!({"null_to_absent": {"at": "/v"}}),
                &json!({"v": maybe}),
                &json!({"v": text}),
            ),
        ),
        (
            "null that never was",
            one(&json!({"null_to_absent": {"at": "/v"}}), &json!({"v": text}), &json!({"v": text})),
        ),
        (
            "null that is not accepted as lost",
            one(
                &json!({"nullable": {"at": "/v", "restore": "-"}}),
                &json!({"v": text}),
                &json!({"v": maybe}),
            ),
        ),
        (
            "a substitute for null of the wrong type",
            one(
                &json!({"nullable": {"at": "/v", "restore": 0}}),
                &json!({"v": text}),
                &json!({"v": maybe}),
            ),
        ),
        (
            "an undeclared one-way",
            one(
                &json!({"expr": {"at": "/v", "inputs": {"v": "/v"}, "up": "string(v)", "type": "string", "on_error": "?"}}),
                &json!({"v": integer}),
                &json!({"v": text}),
            ),
        ),
        (
            "an expression of another type than it says",
            one(
                &json!({"expr": {"at": "/v", "inputs": {"v": "/v"}, "up": "v + 1", "down": "v", "type": {"up": "string", "down": "integer"}}}),
                &json!({"v": integer}),
                &json!({"v": text}),
            ),
        ),
        (
            "an expression that is not exact",
            one(
                &json!({"expr": {"at": "/v", "inputs": {"v": "/v"}, "up": "v * 2", "down": "v / 2", "type": "integer"}}),
                &json!({"v": number}),
                &json!({"v": integer}),
            ),
        ),
        (
            "an expression that does not come back",
            one(
                &json!({"expr": {"at": "/v", "inputs": {"v": "/v"}, "up": "v * 2", "down": "v / 3", "type": "integer"}}),
                &json!({"v": {"type": "integer", "maximum": 1000, "minimum": 1}}),
                &json!({"v": integer}),
            ),
        ),
        (
            "an expression over a misspelt input",
            one(
                &json!({"expr": {"at": "/w", "inputs": {"v": "/q"}, "up": "v", "down": "drop", "type": "string"}}),
                &json!({"v": text}),
                &json!({"v": text, "w": text}),
            ),
        ),
    ]
}

#[test]
fn every_wrong_lens_is_refused_with_an_event_that_shows_it() {
    let cases = cases();
    let mut said = String::new();
    for (name, (lens, older, newer)) in &cases {
        let lens = Lens::from_value(lens).unwrap_or_else(|error| panic!("{name}: {error}"));

        let refused = checked(&lens, older, newer).expect_err(name);

        // What is not there cannot be named.
        let names_it = refused.op.is_some() && !refused.pointer.tokens().is_empty();
        assert!(names_it || name.contains("forgotten"), "{name}: {refused}");
        assert!(!refused.hint.is_empty(), "{name}: {refused}");
        let input = refused.input.as_ref().unwrap_or_else(|| panic!("{name}: {refused}"));
        let (older, newer) = (checked::schema(older), checked::schema(newer));
        assert!(older.is_valid(input) || newer.is_valid(input), "{name}: {input}");
        writeln!(said, "{name}\n  {refused}\n  {}", refused.hint).unwrap();
    }

    assert!(cases.iter().filter(|(name, _)| !name.contains("forgotten")).count() >= 40);
    insta::assert_snapshot!(said);
}
