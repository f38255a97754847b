//! The table of `ADDITIONS_ONLY`, row by row.

use serde_json::{Value, json};

use super::*;

fn schema(value: &Value) -> Schema {
    Schema::read(&value.to_string()).parse().unwrap()
}

fn judged(old: &Value, new: &Value) -> Judgement {
    judge(
        &schema(old),
        &schema(new),
        Level::AdditionsOnly,
        ContentModel::Event,
        &Budget::steps(200_000),
    )
}

fn rules(old: &Value, new: &Value) -> Vec<String> {
    judged(old, new).refusals.into_iter().map(|refused| refused.rule).collect()
}

fn order() -> Value {
    json!({
        "type": "object", "required": ["id"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "status": {"enum": ["new", "paid"]},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}
        }
    })
}

fn changed(change: impl Fn(&mut Value)) -> Value {
    let mut new = order();
    change(&mut new);
    new
}

#[test]
fn a_new_optional_property_is_an_addition_though_strict_backward_breaks() {
    let new = changed(|new| new["properties"]["note"] = json!({"type": "string"}));

    let judgement = judged(&order(), &new);

    assert!(judgement.accepted(), "{:?}", judgement.refusals);
    assert_eq!(judgement.bump, Bump::Minor);
    assert!(judgement.other_model.backward.is_breaking());
}

#[test]
fn an_addition_deep_inside_is_one_too() {
    let new = changed(|new| {
        new["properties"]["lines"]["items"]["properties"]["colour"] =
            json!({"type": "string", "minLength": 3});
    });

    assert_eq!(rules(&order(), &new), [""; 0]);
}

#[test]
fn what_means_the_same_is_neutral() {
    let old = json!({"properties": {"a": {"const": 1}, "b": {"type": "string"}}});
    let new = json!({"properties": {"a": {"enum": [1]}, "b": {"type": "string", "minLength": 0}}});

    let judgement = judged(&old, &new);

    assert!(judgement.accepted(), "{:?}", judgement.refusals);
    assert_eq!(judgement.bump, Bump::Patch);
}

#[test]
fn annotations_are_free() {
    let new = changed(|new| new["title"] = json!("An order"));

    let judgement = judged(&order(), &new);

    assert!(judgement.accepted());
    assert_eq!(judgement.bump, Bump::Patch);
}

#[test]
fn every_other_change_is_refused_by_its_rule() {
    let cases: Vec<(&str, Value)> = vec![
        (
            "property_removed",
            changed(|new| drop(new["properties"].as_object_mut().unwrap().remove("status"))),
        ),
        (
            "required_property_added",
            changed(|new| {
                new["properties"]["vat"] = json!({"type": "string", "default": "0"});
                new["required"] = json!(["id", "vat"]);
            }),
        ),
        ("required_added", changed(|new| new["required"] = json!(["id", "status"]))),
        ("required_removed", changed(|new| new["required"] = json!([]))),
        ("type_changed", changed(|new| new["properties"]["id"]["type"] = json!("integer"))),
        (
            "type_widened",
            changed(|new| new["properties"]["id"]["type"] = json!(["string", "null"])),
        ),
        ("constraint_tightened", changed(|new| new["properties"]["id"]["minLength"] = json!(2))),
        ("constraint_loosened", changed(|new| new["properties"]["id"]["minLength"] = json!(0))),
        ("constraint_added", changed(|new| new["properties"]["id"]["pattern"] = json!("^[0-9]+$"))),
        (
            "enum_value_added",
            changed(|new| new["properties"]["status"]["enum"] = json!(["new", "paid", "sent"])),
        ),
        ("enum_value_removed", changed(|new| new["properties"]["status"]["enum"] = json!(["new"]))),
        ("content_closed", changed(|new| new["additionalProperties"] = json!(false))),
        (
            "open_enum_added",
            changed(|new| new["properties"]["status"]["x-open-enum"] = json!(true)),
        ),
        ("default_added", changed(|new| new["properties"]["id"]["default"] = json!("x"))),
    ];
    for (rule, new) in cases {
        assert!(
            rules(&order(), &new).contains(&rule.to_owned()),
            "{rule}: {:?}",
            rules(&order(), &new)
        );
    }
}

#[test]
fn a_name_on_an_opaque_node_may_have_been_used() {
    let old = json!({"type": "object"});
    let new = json!({"type": "object", "properties": {"a": {"type": "string"}}});

    assert!(rules(&old, &new).contains(&"property_added_to_opaque".to_owned()));
}

#[test]
fn the_rule_alone_is_not_enough() {
    // `{"new": 1}` is one property to its writer and none to an older reader.
    let old = json!({"properties": {"a": {}}, "minProperties": 1});
    let new = json!({"properties": {"a": {}, "new": {}}, "minProperties": 1});

    let judgement = judged(&old, &new);

    assert_eq!(judgement.refusals.len(), 1, "{:?}", judgement.refusals);
    assert_eq!(judgement.refusals[0].rule, "forward_breaking");
    let Verdict::Breaking(witness) = &judgement.directions.forward else { panic!() };
    assert_eq!(witness.event.as_object().unwrap().keys().collect::<Vec<_>>(), ["new"]);
}

#[test]
fn the_usual_levels_ask_for_their_own_directions() {
    let old = json!({"properties": {"n": {"type": "integer"}}});
    let new = json!({"properties": {"n": {"type": "number"}}});
    let at = |level| {
        judge(&schema(&old), &schema(&new), level, ContentModel::Strict, &Budget::steps(100_000))
    };

    assert!(at(Level::Backward).accepted());
    assert!(!at(Level::Forward).accepted());
    assert!(!at(Level::Full).accepted());
    assert!(at(Level::None).accepted());
}

#[test]
fn what_a_reader_sees_may_be_less_than_what_was_written() {
    // The older reader forbids `{"a": 1}`, and sees just that of `{"a": 1, "b": 2}`.
    let old = json!({"properties": {"a": {"enum": [1, 2]}}, "not": {"const": {"a": 1}}});
    let new = json!({"properties": {"a": {"enum": [1, 2]}, "b": {}}, "required": ["a", "b"], "not": {"const": {"a": 1}}});
    let at =
        |model| judge(&schema(&old), &schema(&new), Level::Forward, model, &Budget::steps(200_000));

    let Verdict::Breaking(witness) = at(ContentModel::Event).directions.forward else { panic!() };

    assert_eq!(witness.event["a"], json!(1));
    assert!(at(ContentModel::Strict).accepted());
}

#[test]
fn an_open_list_may_grow_and_a_closed_one_only_where_the_subject_allows_it() {
    let listing = |values: Value, open: bool| {
        json!({
            "properties": {"status": {"type": "string", "enum": values, "x-open-enum": open}},
            "if": {"properties": {"status": {"const": "PAID"}}, "required": ["status"]},
            "then": {"required": ["paidAt"]}
        })
    };
    let step = |open: bool, widening: Widening| {
        let (old, new) =
            (listing(json!(["NEW", "PAID"]), open), listing(json!(["NEW", "PAID", "SENT"]), open));
        judge_widening(
            &schema(&old),
            &schema(&new),
            Level::AdditionsOnly,
            ContentModel::Event,
            widening,
            &Budget::steps(200_000),
        )
    };

    let marked = step(true, Widening::Marked);
    assert!(marked.accepted(), "{:?}", marked.refusals);
    assert_eq!(marked.bump, Bump::Minor);
    assert_eq!(marked.widened, ["/properties/status/enum".parse().unwrap()]);
    assert!(marked.directions.forward.is_breaking(), "as written an old reader cannot take it");

    assert!(!step(false, Widening::Marked).accepted());
    assert!(step(false, Widening::Everywhere).accepted());
}

#[test]
fn an_open_list_hides_no_other_change() {
    let old =
        json!({"properties": {"status": {"enum": ["NEW"], "x-open-enum": true, "maxLength": 9}}});
    let longer = json!({"properties": {"status": {"enum": ["NEW", "A LONG WAY OFF"], "x-open-enum": true, "maxLength": 9}}});
    let fewer =
        json!({"properties": {"status": {"enum": ["OLD"], "x-open-enum": true, "maxLength": 9}}});
    let wider =
        json!({"properties": {"status": {"enum": ["NEW", "A LONG WAY OFF"], "x-open-enum": true}}});

    // The value can never be sent: `maxLength` forbids it, and so nothing breaks.
    assert_eq!(rules(&old, &longer), [""; 0]);
    assert_eq!(rules(&old, &fewer), ["enum_value_removed", "backward_breaking"]);
    assert_eq!(rules(&old, &wider), ["constraint_removed", "forward_breaking"]);
}

#[test]
fn a_disjoint_branch_of_an_open_choice_may_be_added() {
    let branch = |kind: &str| json!({"properties": {"kind": {"const": kind}, "card": {}, "iban": {}, "phone": {}}, "required": ["kind"]});
    let choice = |branches: Vec<Value>| json!({"properties": {"kind": {}, "card": {}, "iban": {}, "phone": {}}, "x-open-enum": true, "oneOf": branches});
    let old = choice(vec![branch("card"), branch("iban")]);
    let more = choice(vec![branch("card"), branch("iban"), branch("phone")]);
    let overlapping = choice(vec![branch("card"), branch("iban"), json!({"required": ["kind"]})]);

    assert_eq!(rules(&old, &more), [""; 0]);
    assert_eq!(rules(&old, &overlapping), ["backward_breaking"]);
}

#[test]
fn a_removal_behind_a_dynamic_reference_is_seen() {
    let tree = |members: Value| {
        json!({
            "properties": {"root": {"$dynamicRef": "#node"}},
            "$defs": {"node": {"$dynamicAnchor": "node", "properties": members}}
        })
    };
    let old = tree(json!({"a": {}, "b": {}}));
    let new = tree(json!({"a": {}}));

    assert_eq!(rules(&old, &new), ["property_removed"]);
}

#[test]
fn an_addition_must_not_disturb_a_value_that_comes_later() {
    // With `LATE` there must be three properties; an older reader would see two of `{"status": "LATE", "x": 1, "p": 1}`.
    let listing = |extra: Value| {
        let mut schema = json!({
            "properties": {"status": {"enum": ["NEW"], "x-open-enum": true}, "x": {}},
            "if": {"properties": {"status": {"const": "LATE"}}, "required": ["status"]},
            "then": {"minProperties": 3}
        });
        for (name, property) in extra.as_object().unwrap() {
            schema["properties"][name] = property.clone();
        }
        schema
    };
    let (old, new) = (listing(json!({})), listing(json!({"p": {}})));

    // As written nothing breaks: nobody can send `LATE` yet.
    assert!(judged(&old, &new).directions.forward.is_compatible());
    assert_eq!(rules(&old, &new), ["forward_breaking"]);
}
