//! An event that is looked at as it came is as valid as the value made of it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{raw::text, *};
use crate::{containment::project, lens::node::View, raw::RawEvent, schema::Formats};

/// Schemas with every keyword that looks at events, many of which the events here meet or miss by little.
fn schemas() -> Vec<Value> {
    let a = |schema: Value| json!({"properties": {"a": schema}});
    let mut schemas: Vec<Value> = [
        json!({"type": "integer"}),
        json!({"type": ["number", "null"]}),
        json!({"type": "string", "minLength": 1, "maxLength": 3}),
        json!({"pattern": "^[a-z]*$"}),
        json!({"minimum": 0, "maximum": 1000}),
        json!({"exclusiveMinimum": -1, "multipleOf": 5}),
        json!({"multipleOf": 0.1}),
        json!({"const": 1}),
        json!({"const": {"a": [1, null]}}),
        json!({"enum": [1, "a", null, true, [], {}, 100]}),
        json!({"items": {"type": ["string", "number"]}, "minItems": 1, "maxItems": 2}),
        json!({"uniqueItems": true}),
        json!({"contains": {"type": "null"}, "maxContains": 1}),
        json!({"prefixItems": [{"type": "null"}], "items": false}),
        json!({"required": ["a", "b"]}),
        json!({"required": ["x"], "minProperties": 2, "maxProperties": 3}),
        json!({"propertyNames": {"maxLength": 1, "pattern": "^[a-m]$"}}),
        json!({"patternProperties": {"^[ab]$": {"type": "number"}}, "additionalProperties": {"type": "string"}}),
        json!({"properties": {"a": {}, "b": {}}, "additionalProperties": false}),
        json!({"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"b": {"required": ["x"]}}}),
        json!({"oneOf": [{"type": "object"}, {"required": ["a"]}, {"type": "null"}]}),
        json!({"not": {"anyOf": [{"type": "array"}, {"const": true}]}}),
        json!({"if": {"type": "object"}, "then": {"required": ["a"]}, "else": {"type": "number"}}),
        json!({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": {"type": "number"}}),
        json!({"contains": {"type": "number"}, "unevaluatedItems": {"type": "string"}}),
    ]
    .into_iter()
    .flat_map(|schema| [schema.clone(), a(schema.clone()), a(a(schema))])
    .collect();
    schemas.push(json!({"properties": {"a": {"$ref": "#"}, "b": {"items": {"$ref": "#"}}}, "type": ["object", "null"]}));
    schemas
}

/// What the end of a plan says of an event, and what the definition says of it.
fn compare(end: &End, event: &RawEvent<'_>) -> [Result<Input, String>; 4] {
    let value = event.to_value();
    let schema = end.schema();
    let defined = |model: ContentModel| {
        let seen = match model {
            ContentModel::Strict => value.clone(),
            ContentModel::Event => project(schema, &value),
        };
        let whole = if seen == value { Input::Emitted } else { Input::Unknown };
        schema.validate(&seen).map(|()| whole).map_err(|invalid| invalid.to_string())
    };
    let said = |model| {
        let said = end.validate(View::Read(event.root()), model);
        said.map_err(|invalid| invalid.to_string())
    };
    [
        said(ContentModel::Event),
        defined(ContentModel::Event),
        said(ContentModel::Strict),
        defined(ContentModel::Strict),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn an_event_is_as_valid_as_its_value(text in text(), pick in any::<prop::sample::Index>()) {
        let schemas = schemas();
        let value = pick.get(&schemas);
        let end = End::of(&schema(value));
        let event = RawEvent::of(&text).unwrap();

        let [said, defined, strictly_said, strictly_defined] = compare(&end, &event);

        prop_assert_eq!(said, defined, "{} {}", value, text);
        prop_assert_eq!(strictly_said, strictly_defined, "{} {}", value, text);
    }
}

#[test]
fn numbers_are_as_valid_as_their_values() {
    let numbers = [
        "0",
        "-0",
        "-0.0",
        "1",
        "1.0",
        "1.5",
        "1e0",
        "1E2",
        "1e400",
        "1e-400",
        "-1e400",
        "100",
        "1000.0000",
        "12345678901234567890123",
        "-12345678901234567890123",
        "9007199254740993",
        "0.1",
        "0.30000000000000004",
        "1e18446744073709551616",
        "5e-1",
        "50e-1",
        "18446744073709551615",
        "9223372036854775808",
    ];
    let long = format!("1{}", "0".repeat(5000));
    for dialect in
        ["https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-04/schema#"]
    {
        for mut value in schemas() {
            if value.is_object() {
                value["$schema"] = json!(dialect);
            }
            let Ok(read) = Schema::read(&value.to_string()).parse() else { continue };
            let end = End::of(&read);
            for number in numbers.iter().copied().chain([long.as_str()]) {
                for text in [
                    number.to_owned(),
                    format!("{{\"a\":{number}}}"),
                    format!("[{number}, {number}]"),
                ] {
                    let event = RawEvent::of(&text).unwrap();

                    let [said, defined, strictly_said, strictly_defined] = compare(&end, &event);

                    assert_eq!(said, defined, "{value} {text}");
                    assert_eq!(strictly_said, strictly_defined, "{value} {text}");
                }
            }
        }
    }
}

#[test]
fn texts_of_a_format_are_as_valid_as_their_values() {
    let texts = [
        r#""2024-01-31""#,
        r#""2024-13-31""#,
        r#""\u0032024-01-31""#,
        r#""1.2.3.4""#,
        r#""2024-01-31T10:00:00Z""#,
        r#""a@b.example""#,
        "7",
        "null",
    ];
    let mut refused = 0;
    for format in ["date", "date-time", "ipv4", "email", "uuid", "uri"] {
        let text = json!({"format": format}).to_string();
        let end = End::of(&Schema::read(&text).formats(Formats::Assert).parse().unwrap());
        for text in texts {
            let event = RawEvent::of(text).unwrap();

            let [said, defined, strictly_said, strictly_defined] = compare(&end, &event);

            assert_eq!(said, defined, "{format} {text}");
            assert_eq!(strictly_said, strictly_defined, "{format} {text}");
            refused += usize::from(said.is_err());
        }
    }
    assert!(refused > 10, "formats are asserted here: {refused}");
}
