//! Lenses that are taken.

use serde_json::json;

use super::*;
use crate::{budget::Budget, containment::ContentModel, schema::Schema};

pub(super) fn schema(value: &Value) -> Schema {
    Schema::read(&value.to_string()).parse().unwrap()
}

pub(in crate::lens) fn older() -> Value {
    json!({
        "type": "object",
        "required": ["orderId", "name", "status", "total", "legacyFlag", "lines"],
        "properties": {
            "orderId": {"type": "string", "minLength": 1},
            "name": {"$ref": "#/$defs/name"},
            "status": {"enum": ["NEW", "PAID", "SENT"]},
            "total": {"type": "number", "minimum": 0},
            "legacyFlag": {"type": "boolean"},
            "lines": {
                "type": "array", "minItems": 1,
                "items": {
                    "type": "object", "required": ["qty"],
                    "properties": {"qty": {"type": "integer", "minimum": 1}, "sku": {"type": "string"}}
                }
            }
        },
        "$defs": {"name": {"type": "string", "minLength": 1, "maxLength": 80}}
    })
}

pub(in crate::lens) fn newer() -> Value {
    json!({
        "type": "object",
        "required": ["id", "customer", "status", "total", "currency", "lines"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "customer": {
                "type": "object", "required": ["name"],
                "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 80}}
            },
            "status": {"enum": ["placed", "paid", "shipped"]},
            "total": {"type": "string", "pattern": "^(0|[1-9][0-9]*)(\\.[0-9]+)?$"},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "lines": {
                "type": "array", "minItems": 1,
                "items": {
                    "type": "object", "required": ["quantity"],
                    "properties": {"quantity": {"type": "integer", "minimum": 1}, "sku": {"type": "string"}}
                }
            }
        }
    })
}

pub(super) fn checked(
    lens: &Lens,
    older: &Value,
    newer: &Value,
) -> Result<Assurance, Box<Rejection>> {
    let budget = Budget::steps(1_000_000);
    check(lens, &schema(older), &schema(newer), ContentModel::Event, &budget)
}

#[test]
fn the_worked_example_is_taken() {
    let lens = Lens::parse(WORKED).unwrap();

    let assurance = checked(&lens, &older(), &newer()).unwrap();

    assert_eq!(assurance, Assurance::Proven);
}

#[test]
fn a_spent_budget_still_searches_a_little() {
    let lens = Lens::parse(WORKED).unwrap();
    let (older, newer) = (schema(&older()), schema(&newer()));

    let assurance = check(&lens, &older, &newer, ContentModel::Event, &Budget::steps(0)).unwrap();

    assert_eq!(assurance, Assurance::Tested(200));
}

#[test]
fn the_same_check_gives_the_same_answer() {
    let lens = Lens::parse(WORKED).unwrap();

    let twice = [(); 2].map(|()| checked(&lens, &older(), &newer()).unwrap());

    assert_eq!(twice[0], twice[1]);
}

#[test]
fn a_split_needs_no_substitute_where_the_pattern_has_the_separator() {
    let lens = with(&json!([{"split": {"from": "/n", "into": ["/a", "/b"], "sep": "-"}}]));
    let older = json!({
        "type": "object", "required": ["n"],
        "properties": {"n": {"type": "string", "pattern": "^[a-z]+-[a-z]+$"}}
    });
    let newer = json!({
        "type": "object", "required": ["a", "b"],
        "properties": {
            "a": {"type": "string", "pattern": "^[a-z]+$"},
            "b": {"type": "string", "pattern": "^[a-z]+$"}
        }
    });

    let assurance = checked(&lens, &older, &newer);

    assert!(matches!(assurance, Ok(Assurance::Tested(events)) if events > 4), "{assurance:?}");
}

#[test]
fn a_rename_between_equal_shapes_is_proved() {
    let lens = with(&json!([{"rename": {"from": "/a", "to": "/b"}}]));
    let of = |name: &str| {
        json!({
            "type": "object", "required": [name], "properties": {name: {"type": "string"}}
        })
    };

    assert_eq!(checked(&lens, &of("a"), &of("b")), Ok(Assurance::Proven));
}

#[test]
fn every_operation_is_proved_where_its_schema_says_exactly_what_it_does() {
    let cases = [
        (
            json!({"move": {"from": "/n", "to": "/c/n"}}),
            json!({"properties": {"n": {"type": "string"}, "k": {}}, "required": ["n"]}),
            json!({"properties": {"k": {}, "c": {"type": "object", "properties": {"n": {"type": "string"}}, "required": ["n"]}}, "required": ["c"]}),
        ),
        (
            json!({"map": {"at": "/s", "pairs": {"A": "a", "B": "b"}}}),
            json!({"properties": {"s": {"enum": ["A", "B"]}}}),
            json!({"properties": {"s": {"enum": ["a", "b"]}}}),
        ),
        (
            json!({"each": {"at": "/l", "ops": [{"rename": {"from": "/q", "to": "/r"}}]}}),
            json!({"properties": {"l": {"type": "array", "items": {"type": "object", "properties": {"q": {"type": "integer"}}}}}}),
            json!({"properties": {"l": {"type": "array", "items": {"type": "object", "properties": {"r": {"type": "integer"}}}}}}),
        ),
        (
            json!({"convert": {"at": "/v", "to": "boolean", "from": "integer"}}),
            json!({"properties": {"v": {"enum": [0, 1]}}}),
            json!({"properties": {"v": {"enum": [false, true]}}}),
        ),
    ];
    for (op, mut older, mut newer) in cases {
        older["type"] = json!("object");
        newer["type"] = json!("object");

        let assurance = checked(&with(&json!([op])), &older, &newer);

        assert_eq!(assurance, Ok(Assurance::Proven), "{op}");
    }
}

#[test]
fn branches_are_followed_one_at_a_time() {
    let lens = with(&json!([{"rename": {"from": "/a", "to": "/b"}}]));
    let of = |name: &str| {
        json!({
            "type": "object",
            "oneOf": [
                {"required": [name], "properties": {name: {"type": "string"}}},
                {"required": [name], "properties": {name: {"type": "integer"}}}
            ]
        })
    };

    assert_eq!(checked(&lens, &of("a"), &of("b")), Ok(Assurance::Proven));
}

#[test]
fn a_condition_is_proved_by_its_partition() {
    let lens = with(&json!([{"when": {
        "if": {"at": "/kind", "const": "card"},
        "ops": [{"rename": {"from": "/number", "to": "/pan"}}],
        "otherwise": [{"rename": {"from": "/number", "to": "/iban"}}]
    }}]));
    let kind = json!({"enum": ["card", "transfer"]});
    let older = json!({
        "type": "object", "required": ["kind", "number"],
        "properties": {"kind": kind, "number": {"type": "string"}}
    });
    let newer = json!({
        "type": "object", "required": ["kind"],
        "oneOf": [
            {"properties": {"kind": {"const": "card"}, "pan": {"type": "string"}}, "required": ["pan"]},
            {"properties": {"kind": {"const": "transfer"}, "iban": {"type": "string"}}, "required": ["iban"]}
        ]
    });

    assert_eq!(checked(&lens, &older, &newer), Ok(Assurance::Proven));
}

#[test]
fn what_typing_cannot_follow_is_tested() {
    let lens = with(&json!([
        {"each": {"at": "/l", "ops": [{"rename": {"from": "/a", "to": "/b"}}]}}
    ]));
    let of = |name: &str| {
        let item = json!({"type": "object", "properties": {name: {"type": "string"}}});
        json!({
            "type": "object", "required": ["l"],
            "properties": {"l": {"type": "array", "prefixItems": [item], "items": item}}
        })
    };

    let assurance = checked(&lens, &of("a"), &of("b")).unwrap();

    assert!(matches!(assurance, Assurance::Tested(events) if events > 0), "{assurance:?}");
}

#[test]
fn no_event_at_all_refuses_nothing() {
    let lens = with(&json!([]));

    assert_eq!(checked(&lens, &json!(false), &json!(false)), Ok(Assurance::Tested(0)));
}

#[test]
fn an_empty_lens_between_equal_schemas_is_proved() {
    assert_eq!(checked(&with(&json!([])), &older(), &older()), Ok(Assurance::Proven));
}

#[test]
fn draft_4_schemas_are_followed_too() {
    let lens = with(&json!([
        {"add": {"at": "/c", "value": "x"}}, {"convert": {"at": "/n", "to": "integer", "from": "integer", "scale": 2}}
    ]));
    let mut older = json!({
        "$schema": "http://json-schema.org/draft-04/schema#", "type": "object",
        "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 1, "exclusiveMinimum": true}}
    });
    let mut newer = older.clone();
    newer["properties"]["n"]["minimum"] = json!(100);
    newer["properties"]["n"]["multipleOf"] = json!(100);
    newer["properties"]["c"] = json!({"enum": ["x"]});
    older["additionalProperties"] = json!(false);
    newer["additionalProperties"] = json!(false);
    newer["required"] = json!(["c", "n"]);

    checked(&lens, &older, &newer).unwrap();
}
