//! What is proposed for the changes people make.

use super::*;
use crate::{
    budget::Budget,
    lens::{Assurance, check},
};

fn schema(value: &Value) -> Schema {
    Schema::read(&value.to_string()).parse().unwrap()
}

fn proposed(older: &Value, newer: &Value) -> Suggestion {
    let (older, newer) = (schema(older), schema(newer));
    suggest("Test", Version::FIRST, Version::FIRST.next(), &older, &newer, ContentModel::Event)
}

/// The proposal holds as it is, and says this.
fn holds(older: &Value, newer: &Value) -> String {
    let suggestion = proposed(older, newer);
    let lens = suggestion.read().unwrap();
    let budget = Budget::steps(1_000_000);
    let model = ContentModel::Event;
    let checked = check(&lens, &schema(older), &schema(newer), model, &budget);
    let tried = |assurance: &Assurance| *assurance != Assurance::Tested(0);
    assert!(checked.as_ref().is_ok_and(tried), "{checked:?}\n{}", suggestion.to_yaml());
    assert_eq!(Lens::parse(&suggestion.to_yaml()).unwrap(), lens);
    suggestion.to_yaml()
}

fn object(required: &[&str], properties: &Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties})
}

#[test]
fn the_worked_example_is_found_again() {
    let older = crate::lens::tests::older();
    let newer = crate::lens::tests::newer();

    insta::assert_snapshot!(holds(&older, &newer), @r"
    lens: 1
    subject: Test
    from: 1
    to: 2
    ops:
      - rename: { from: /orderId, to: /id }  # guess: `orderId` and `id` are alike (0.9) and of one type
      - move: { from: /name, to: /customer/name }  # guess: `name` and `name` are alike (1.0) and of one type
      - map: { at: /status, pairs: { NEW: placed, PAID: paid, SENT: shipped } }  # guess: 1 paired by how alike they are, 2 by their order
      - convert: { at: /total, from: number, to: string, format: decimal }
      - drop: { at: /legacyFlag, restore: true }  # guess: the older version requires it, and any value that is valid stands here; choose the right one
      - add: { at: /currency, value: AAA }  # guess: the newer version requires it, and any value that is valid stands here; choose the right one
      - each:
          at: /lines
          ops:
            - rename: { from: /qty, to: /quantity }  # guess: `qty` and `quantity` are alike (0.8) and of one type
    accept_loss:  # guess: these values do not survive the way there and back; check that none of them is missed
      up: [ /legacyFlag ]
      down: [ /currency ]
    ");
}

#[test]
fn one_text_is_cut_into_several() {
    let text = json!({"type": "string"});
    let older = object(&["name"], &json!({"name": text}));
    let newer = object(&["lastName", "firstName"], &json!({"firstName": text, "lastName": text}));

    insta::assert_snapshot!(holds(&older, &newer), @r#"
    lens: 1
    subject: Test
    from: 1
    to: 2
    ops:
      - split: { from: /name, into: [ /firstName, /lastName ], missing: "", sep: " " }  # guess: one text whose name is in the names of several; check the order and the separator
    accept_loss:  # guess: these values do not survive the way there and back; check that none of them is missed
      down: [ /firstName, /lastName ]
    "#);
    insta::assert_snapshot!(holds(&newer, &older), @r#"
    lens: 1
    subject: Test
    from: 1
    to: 2
    ops:
      - merge: { from: [ /firstName, /lastName ], into: /name, missing: "", sep: " " }  # guess: one text whose name is in the names of several; check the order and the separator
    accept_loss:  # guess: these values do not survive the way there and back; check that none of them is missed
      up: [ /firstName, /lastName ]
    "#);
}

#[test]
fn an_object_is_renamed_with_what_changed_in_it() {
    let customer = |mail: &str| {
        object(
            &["name", mail],
            &json!({"name": {"type": "string"}, mail: {"type": "string", "format": "email"}}),
        )
    };
    let older = object(&["client"], &json!({"client": customer("mail")}));
    let newer = object(&["customer"], &json!({"customer": customer("email")}));

    insta::assert_snapshot!(holds(&older, &newer), @r"
    lens: 1
    subject: Test
    from: 1
    to: 2
    ops:
      - rename: { from: /client, to: /customer }  # guess: `client` and `customer` are alike (0.5) and of one type
      - rename: { from: /customer/mail, to: /customer/email }  # guess: `mail` and `email` are alike (0.9) and of one type
    ");
}

#[test]
fn types_units_and_times_are_converted() {
    let older = object(
        &["total", "at", "count", "weight"],
        &json!({
            "total": {"type": "number", "multipleOf": 0.01}, "at": {"type": "string", "format": "date-time"},
            "count": {"type": "string", "pattern": "^[0-9]{1,6}$"}, "weight": {"type": "integer"}
        }),
    );
    let newer = object(
        &["totalCents", "at", "count", "weight"],
        &json!({
            "totalCents": {"type": "integer"}, "at": {"type": "integer"},
            "count": {"type": "integer", "minimum": 0}, "weight": {"type": "array", "items": {"type": "integer"}, "minItems": 1}
        }),
    );

    let suggestion = proposed(&older, &newer);

    insta::assert_snapshot!(suggestion.to_yaml(), @r"
    lens: 1
    subject: Test
    from: 1
    to: 2
    ops:
      - rename: { from: /total, to: /totalCents }  # guess: `total` and `totalCents` are alike (0.6) and of another type
      - convert: { at: /at, from: string, to: integer, format: epoch_s }  # guess: seconds since 1970; `epoch_ms` for milliseconds
      - convert: { at: /count, from: string, to: integer, format: decimal }
      - wrap: { at: /weight }
      - convert: { at: /totalCents, from: number, to: integer, scale: 2 }  # guess: the names speak of another unit
    accept_loss:  # guess: these values do not survive the way there and back; check that none of them is missed
      up: [ /at ]
      down: [ /weight ]
    ");
}

#[test]
fn what_nobody_can_know_is_left_open() {
    let older = object(
        &["state", "note", "size"],
        &json!({"state": {"enum": ["A", "B", "C"]}, "note": {"type": "string"}, "size": {"type": "string", "maxLength": 5}}),
    );
    let newer = object(
        &["state", "size"],
        &json!({"state": {"enum": ["A", "X", "Y", "Z"]}, "note": {"type": "string"}, "size": {"type": "string", "maxLength": 3}}),
    );

    let suggestion = proposed(&older, &newer);

    insta::assert_snapshot!(suggestion.to_yaml(), @r"
    lens: 1
    subject: Test
    from: 1
    to: 2
    ops:
      - map: { at: /state, pairs: { A: A } }
    # open: /note: the newer version may leave it out and the older requires it: keep it required, or declare `one_way: true`
    # open: /size: `maxLength` changed: a value that only one version takes needs a `map`, an `expr` or a looser schema
    # open: /state: the newer version has no `B`, `C`: say in `pairs` what it becomes
    # open: /state: the older version has no `X`, `Y`, `Z`: say in the `down` table of a `map` what it becomes
    ");
    assert!(suggestion.read().is_ok());
}

#[test]
fn equal_schemas_need_nothing() {
    let older = crate::lens::tests::older();

    let suggestion = proposed(&older, &older);

    assert_eq!(suggestion.lens["ops"], json!([]));
    assert_eq!((suggestion.guesses.len(), suggestion.open.len()), (0, 0));
}

#[test]
fn what_is_in_a_list_is_proposed_for_every_item() {
    let list =
        |item: Value| object(&["lines"], &json!({"lines": {"type": "array", "items": item}}));
    let older = list(object(&["qty"], &json!({"qty": {"type": "integer"}})));
    let newer = list(object(
        &["quantity", "unit"],
        &json!({"quantity": {"type": "integer"}, "unit": {"type": "string", "default": "piece"}}),
    ));

    insta::assert_snapshot!(holds(&older, &newer), @r#"
    lens: 1
    subject: Test
    from: 1
    to: 2
    ops:
      - each:
          at: /lines
          ops:
            - rename: { from: /qty, to: /quantity }  # guess: `qty` and `quantity` are alike (0.6) and of one type
            - add: { at: /unit, value: piece }
    accept_loss:  # guess: these values do not survive the way there and back; check that none of them is missed
      down: [ "/lines/*/unit" ]
    "#);
}

#[test]
fn what_contains_itself_is_compared_once() {
    let nested = |text: &str| {
        let lists = ["a", "b", "c", "d"].map(|name| {
            (name.to_owned(), json!({"type": "array", "items": {"$ref": "#/$defs/node"}}))
        });
        let mut properties = Value::Object(lists.into_iter().collect());
        properties[text] = json!({"type": "string"});
        let mut node = object(&[text], &properties);
        node["$defs"] = json!({"node": node});
        node
    };

    let suggestion = proposed(&nested("name"), &nested("names"));

    // The root says what its items say, apart from its definitions: they are compared below it, and not again.
    let yaml = suggestion.to_yaml();
    assert_eq!(yaml.matches("rename").count(), 5, "{yaml}");
}

#[test]
fn what_is_nested_very_deep_is_left_open() {
    let chain = |last: &str| {
        let mut definitions: serde_json::Map<String, Value> = (0..100)
            .map(|index| {
                let next = format!("#/$defs/n{}", index + 1);
                let same = json!({"const": index});
                (
                    format!("n{index}"),
                    json!({"type": "array", "items": {"$ref": next}, "not": same}),
                )
            })
            .collect();
        definitions.insert("n100".to_owned(), json!({"type": last}));
        let mut root = object(&["a"], &json!({"a": {"$ref": "#/$defs/n0"}}));
        root["$defs"] = Value::Object(definitions);
        root
    };

    let suggestion = proposed(&chain("string"), &chain("integer"));

    assert_eq!(suggestion.open.len(), 1, "{:?}", suggestion.open);
}
