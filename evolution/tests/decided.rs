//! Questions that must have an answer, each a keyword that is hard to follow: a proof where there is one, else an event.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::{Value, json};
use stele_evolution::{
    budget::Budget,
    containment::{ContentModel, Verdict, contains},
    schema::{Dialect, Schema},
};

fn verdict(writer: &Value, reader: &Value, dialect: Dialect) -> Verdict {
    let read =
        |value: &Value| Schema::read(&value.to_string()).default_dialect(dialect).parse().unwrap();
    contains(&read(writer), &read(reader), ContentModel::Strict, &Budget::steps(200_000))
}

fn decided(wide: &Value, narrow: &Value, dialect: Dialect) {
    let kept = verdict(narrow, wide, dialect);
    assert!(kept.is_compatible(), "{kept:?}");
    let broken = verdict(wide, narrow, dialect);
    assert!(broken.is_breaking(), "{broken:?}");
}

#[test]
fn what_is_unevaluated_depends_on_the_branch_that_holds() {
    let kinds = |card: Value| {
        json!({
            "type": "object", "properties": {"id": {"type": "string"}},
            "anyOf": [
                {"required": ["card"], "properties": {"card": card}},
                {"required": ["iban"], "properties": {"iban": {"type": "string"}}}
            ],
            "unevaluatedProperties": false
        })
    };

    decided(&kinds(json!(true)), &kinds(json!({"type": "string"})), Dialect::Draft202012);
    decided(&kinds(json!(true)), &kinds(json!({"type": "string"})), Dialect::Draft201909);
}

#[test]
fn what_is_unevaluated_depends_on_a_condition() {
    let conditional = |number: Value| {
        json!({
            "properties": {"kind": {"type": "string"}},
            "if": {"properties": {"kind": {"const": "card"}}, "required": ["kind"]},
            "then": {"properties": {"number": number}},
            "else": {"dependentSchemas": {"iban": {"properties": {"iban": true, "bic": true}}}},
            "unevaluatedProperties": {"type": "null"}
        })
    };

    decided(
        &conditional(json!(true)),
        &conditional(json!({"type": "string"})),
        Dialect::Draft202012,
    );
}

#[test]
fn items_that_are_contained_are_evaluated() {
    let list = |rest: Value| json!({"contains": {"type": "string"}, "unevaluatedItems": rest});

    decided(&list(json!(true)), &list(json!({"type": "integer"})), Dialect::Draft202012);
}

#[test]
fn a_dynamic_reference_with_one_target_is_followed() {
    let tree = |value: Value| {
        json!({
            "$dynamicAnchor": "node", "type": "object",
            "properties": {"value": value, "kids": {"items": {"$dynamicRef": "#node"}}}
        })
    };

    decided(&tree(json!(true)), &tree(json!({"type": "integer"})), Dialect::Draft202012);
}

#[test]
fn a_recursive_reference_with_one_target_is_followed() {
    let tree = |value: Value| {
        json!({
            "$recursiveAnchor": true, "type": "object",
            "properties": {"value": value, "kids": {"items": {"$recursiveRef": "#"}}}
        })
    };

    decided(&tree(json!(true)), &tree(json!({"type": "integer"})), Dialect::Draft201909);
}

#[test]
fn a_listed_integer_of_draft_4_may_be_spelled_with_a_fraction() {
    let listed = json!({"enum": [{"n": [1]}]});
    let typed = |word: &str| json!({"properties": {"n": {"items": {"type": word}}}});

    assert!(verdict(&listed, &typed("number"), Dialect::Draft4).is_compatible());
    let Verdict::Breaking(witness) = verdict(&listed, &typed("integer"), Dialect::Draft4) else {
        panic!("1.0 is no integer of draft 4");
    };
    assert_eq!(witness.event.to_string(), r#"{"n":[1.0]}"#);
    assert!(verdict(&listed, &typed("integer"), Dialect::Draft6).is_compatible());
}

#[test]
fn an_item_that_breaks_stands_beside_the_one_that_must_be_there() {
    let contained = json!({"contains": {"type": "string"}});
    let typed = json!({"contains": {"type": "string"}, "items": {"type": ["string", "integer"]}});

    decided(&contained, &typed, Dialect::Draft7);
}
