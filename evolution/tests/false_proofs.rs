//! Places where a proof would have been false: each once was, or nearly.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use stele_evolution::{
    budget::Budget,
    containment::{ContentModel, Verdict, contains},
    policy::{Level, judge},
    schema::Schema,
};

fn schema(value: &Value) -> Schema {
    Schema::read(&value.to_string()).parse().unwrap()
}

fn verdict(writer: &Value, reader: &Value, model: ContentModel) -> Verdict {
    contains(&schema(writer), &schema(reader), model, &Budget::steps(200_000))
}

#[test]
fn a_name_that_is_spelled_like_an_annotation_is_no_annotation() {
    let writer = json!({"dependentRequired": {"title": []}});
    let reader = json!({"dependentRequired": {"title": ["a"]}});

    assert!(verdict(&writer, &reader, ContentModel::Strict).is_breaking());
}

#[test]
fn names_behind_a_dynamic_reference_may_be_sent() {
    // What the reference leads to declares `b`, so a producer may send it; nobody followed it.
    let writer = json!({
        "properties": {"a": {}}, "$dynamicRef": "#more",
        "$defs": {
            "more": {"$dynamicAnchor": "more", "properties": {"b": {}}},
            "other": {"$id": "https://example.com/o", "$dynamicAnchor": "more", "properties": {"c": {}}}
        }
    });
    let reader = json!({"properties": {"a": {}, "b": {"type": "string"}}});

    assert!(!verdict(&writer, &reader, ContentModel::Event).is_compatible());
    assert!(!verdict(&reader, &writer, ContentModel::Event).is_breaking());
}

#[test]
fn a_part_in_another_dialect_is_not_read_in_this_one() {
    // In draft 4 there is no `const`, so the part says nothing.
    let part = |keyword: &str| {
        json!({
            "properties": {"a": {"$id": "https://example.org/a", "$schema": "http://json-schema.org/draft-04/schema#", keyword: 1}}
        })
    };
    let reader = json!({"properties": {"a": {"const": 1}}});

    assert!(!verdict(&part("const"), &reader, ContentModel::Strict).is_compatible());
}

#[test]
fn what_dependencies_evaluate_depends_on_the_event() {
    let writer = json!({
        "properties": {"a": {}}, "dependencies": {"a": {"properties": {"b": {}}}}, "unevaluatedProperties": false
    });
    let reader = json!({"properties": {"a": {}}, "additionalProperties": false});
    let event = json!({"a": 1, "b": 1});

    let verdict = verdict(&writer, &reader, ContentModel::Strict);

    assert!(!(verdict.is_compatible() && schema(&writer).is_valid(&event)), "{verdict:?}");
}

#[test]
fn a_removal_behind_a_dependent_schema_is_no_addition() {
    let with = |part: Value| {
        json!({
            "properties": {"a": {}, "b": {}}, "dependentSchemas": {"a": {"$ref": "#/$defs/part"}}, "$defs": {"part": part}
        })
    };
    let old = with(json!({"properties": {"b": {}, "c": {}}}));
    let new = with(json!({"properties": {"b": {}}}));

    let judgement = judge(
        &schema(&old),
        &schema(&new),
        Level::AdditionsOnly,
        ContentModel::Event,
        &Budget::steps(200_000),
    );

    assert!(
        judgement.refusals.iter().any(|refused| refused.rule == "property_removed"),
        "{:?}",
        judgement.refusals
    );
}

#[test]
fn a_removal_among_thousands_of_additions_is_seen() {
    let properties = |from: usize, to: usize| -> Value {
        (from..to)
            .map(|number| (format!("p{number:05}"), json!({})))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let old = json!({"properties": {"z": {}}});
    let new = json!({"properties": properties(0, 3_000)});

    let judgement = judge(
        &schema(&old),
        &schema(&new),
        Level::AdditionsOnly,
        ContentModel::Event,
        &Budget::steps(200_000),
    );

    assert!(!judgement.accepted());
}

#[test]
fn what_a_part_in_another_dialect_evaluates_is_left_open() {
    // Up to draft 7 nothing beside a `$ref` counts, so `b` is not evaluated; validators see it otherwise.
    let draft7 = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {
            "x": {"$ref": "#/definitions/y", "properties": {"b": {}}},
            "y": {"properties": {"a": {}}}
        }
    });
    let references = std::collections::BTreeMap::from([("seven.json".to_owned(), schema(&draft7))]);
    let reader = json!({"$ref": "seven.json#/definitions/x", "unevaluatedProperties": false});
    let reader = Schema::read(&reader.to_string()).references(references).parse().unwrap();
    let writer = schema(&json!({"properties": {"a": {}, "b": {}}, "additionalProperties": false}));

    let verdict = contains(&writer, &reader, ContentModel::Strict, &Budget::steps(200_000));
    assert!(!verdict.is_compatible(), "{verdict:?}");
}
