//! Typing is large enough: whatever an operation gives is an event of the schema that typing foretold.

use proptest::prelude::*;
use serde_json::json;

use super::{checked::schema, *};
use crate::{containment::ContentModel, schema::Schema};

/// How many events crossed, each of them foretold.
fn foretold(lens: &Lens, direction: Direction, source: &Schema) -> usize {
    let way = check::Way { lens, direction, source, target: source, model: ContentModel::Event };
    let Ok((Some(images), total)) = way.image() else { return 0 };
    let mut crossed = 0;
    for event in sample::events(source, ContentModel::Event) {
        let Ok(crossing) = lens.cross(direction, &event) else {
            assert!(!total, "{event} does not cross, though typing says all do");
            continue;
        };
        let event = &crossing.event;
        let foretells = |image: &Schema| sample::is_emitted(image, event, ContentModel::Event);
        assert!(images.iter().any(foretells), "{event} is not foretold by {images:?}");
        crossed += 1;
    }
    crossed
}

#[test]
fn the_worked_example_is_foretold() {
    let lens = Lens::parse(WORKED).unwrap();

    assert!(foretold(&lens, Direction::Up, &schema(&checked::older())) > 80);
    assert!(foretold(&lens, Direction::Down, &schema(&checked::newer())) > 80);
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": "string", "pattern": "^[a-z]+-[a-z]+$"})),
        Just(json!({"type": "string", "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]{1,2})?$"})),
        Just(json!({"type": "integer", "minimum": 0})),
        Just(json!({"type": "number", "maximum": 10.5})),
        Just(json!({"type": ["integer", "null"]})),
        Just(json!({"enum": ["a", "b"]})),
        Just(json!({"enum": ["a", null]})),
        Just(json!({"type": "boolean"})),
        Just(json!({"$ref": "#/$defs/text"})),
        Just(
            json!({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}, {"type": "null"}]})
        ),
        Just(json!({"oneOf": [{"enum": ["a"]}, {"$ref": "#/$defs/maybe"}]})),
        Just(json!({"type": "array", "items": {"type": "string"}})),
        Just(json!({"type": "array", "minItems": 1, "items": {"type": ["integer", "null"]}})),
        Just(json!({})),
    ]
}

/// What an object can say beside its properties.
fn beside() -> impl Strategy<Value = Value> {
    prop_oneof![
        12 => Just(json!({})),
        1 => Just(json!({"anyOf": [{"required": ["a"]}, {"properties": {"b": {"type": "string"}, "n": {"type": "integer"}}}]})),
        1 => Just(json!({"oneOf": [
            {"required": ["k"], "properties": {"k": {"const": "x"}, "a": {"type": "string"}}},
            {"required": ["k"], "properties": {"k": {"const": "y"}, "z": {"type": "string"}}}
        ]})),
        1 => Just(json!({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"properties": {"c": {"type": "string"}}}})),
        1 => Just(json!({"not": {"required": ["a", "b"]}})),
        1 => Just(json!({"dependentRequired": {"a": ["b"]}, "minProperties": 1})),
        1 => Just(json!({"dependentSchemas": {"a": {"properties": {"b": {"type": "string"}}}}})),
        1 => Just(json!({"patternProperties": {"^[az]$": {"type": "string"}}})),
        1 => Just(json!({"additionalProperties": {"type": "integer"}})),
        1 => Just(json!({"allOf": [{"properties": {"a": {"maxLength": 4}, "e": {"type": "string"}}}, {"$ref": "#/$defs/o"}]})),
        1 => Just(json!({"properties": {"r": {"$ref": "#"}}})),
    ]
}

/// An object with more beside it.
fn object() -> impl Strategy<Value = Value> {
    (plain(), beside()).prop_map(|(mut object, beside)| {
        for (keyword, value) in beside.as_object().unwrap() {
            match (keyword.as_str(), value) {
                ("properties", Value::Object(all)) => {
                    for (name, schema) in all {
                        object["properties"][name] = schema.clone();
                    }
                }
                _ => object[keyword] = value.clone(),
            }
        }
        object
    })
}

fn plain() -> impl Strategy<Value = Value> {
    let members = proptest::collection::btree_map("[abc]", (leaf(), any::<bool>()), 0..3);
    (members, any::<bool>()).prop_map(|(members, closed)| {
        let required: Vec<&String> =
            members.iter().filter(|(_, (_, required))| *required).map(|(name, _)| name).collect();
        let mut node = json!({"type": "object", "required": required});
        if closed {
            node["additionalProperties"] = json!(false);
        }
        node["properties"] = members
            .iter()
            .map(|(name, (leaf, _))| (name.clone(), leaf.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        node
    })
}

fn whole() -> impl Strategy<Value = Value> {
    (object(), object(), object(), 0u8..8).prop_map(|(mut root, inner, item, needed)| {
        root["properties"]["o"] = inner;
        root["properties"]["l"] = json!({"type": "array", "items": item});
        root["properties"]["d"] = json!({"allOf": [{"$ref": "#/$defs/o"}, {"required": ["x"]}]});
        for (bit, name) in ["o", "l", "d"].iter().enumerate() {
            if needed & (1 << bit) != 0 {
                root["required"].as_array_mut().unwrap().push(json!(name));
            }
        }
        root["$defs"] = json!({
            "text": {"type": "string", "maxLength": 5},
            "maybe": {"type": ["integer", "null"]},
            "o": {"type": "object", "properties": {"x": {"type": "string"}, "y": {"type": "integer"}}}
        });
        root
    })
}

fn simple() -> impl Strategy<Value = Value> {
    let old = || {
        prop_oneof![
            Just("/a"),
            Just("/b"),
            Just("/o/a"),
            Just("/o/b"),
            Just("/d/x"),
            Just("/d/y"),
            Just("/o")
        ]
    };
    let new = || {
        prop_oneof![
            Just("/n"),
            Just("/o/n"),
            Just("/d/n"),
            Just("/p/q"),
            Just("/p/r/s"),
            Just("/o/p/q")
        ]
    };
    prop_oneof![
        (old(), new(), any::<bool>()).prop_map(|(from, to, keep)| json!({
            "move": {"from": from, "to": to, "keep_parents": keep}
        })),
        (old(), new()).prop_map(|(from, to)| json!({"copy": {"from": from, "to": to}})),
        (prop_oneof![old(), new()], any::<bool>()).prop_map(|(at, keep)| json!({
            "add": {"at": at, "value": "v", "keep_parents": keep}
        })),
        (old(), any::<bool>()).prop_map(|(at, restore)| if restore {
            json!({"drop": {"at": at, "restore": 0}})
        } else {
            json!({"drop": {"at": at}})
        }),
        old().prop_map(|at| json!({"map": {"at": at, "pairs": {"a": 1, "b": 2}, "else": 3}})),
        (old(), 0usize..8).prop_map(|(at, which)| {
            let mut body = [
                json!({"to": "string"}),
                json!({"to": "string", "format": "decimal"}),
                json!({"to": "integer", "format": "decimal", "scale": 2}),
                json!({"to": "number"}),
                json!({"to": "integer", "from": "number", "scale": 1}),
                json!({"to": "string", "from": "integer", "scale": -2}),
                json!({"to": "integer", "from": "boolean"}),
                json!({"to": "string", "from": "number", "scale": -3, "on_error": "?"}),
            ][which]
                .clone();
            body["at"] = at.into();
            json!({"convert": body})
        }),
        (old(), any::<bool>()).prop_map(|(from, lenient)| {
            let mut body = json!({"from": from, "into": ["/s", "/p/t"], "sep": "-"});
            if lenient {
                body["missing"] = json!("");
            }
            json!({"split": body})
        }),
        Just(json!({"merge": {"from": ["/a", "/o/b"], "into": "/m", "sep": "-", "missing": ""}})),
        old().prop_map(
            |from| json!({"each": {"at": "/l", "ops": [{"move": {"from": from, "to": "/z"}}]}})
        ),
        old().prop_map(|at| json!({"wrap": {"at": at}})),
        (old(), any::<bool>()).prop_map(|(at, lenient)| if lenient {
            json!({"head": {"at": at, "empty": 0}})
        } else {
            json!({"head": {"at": at}})
        }),
        old().prop_map(|at| json!({"null_to_absent": {"at": at}})),
        old().prop_map(|at| json!({"absent_to_null": {"at": at}})),
        (old(), any::<bool>()).prop_map(|(at, restore)| if restore {
            json!({"nullable": {"at": at, "restore": "-"}})
        } else {
            json!({"nullable": {"at": at}})
        }),
        Just(
            json!({"in": {"at": "/o", "ops": [{"rename": {"from": "/a", "to": "/z"}}, {"drop": {"at": "/b"}}]}})
        ),
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    let at =
        prop_oneof![Just("/a"), Just("/k"), Just("/o/a"), Just("/o"), Just("/d/y"), Just("/n")];
    let asks = prop_oneof![
        Just(json!({"const": "a"})),
        Just(json!({"const": "x"})),
        Just(json!({"enum": ["a", 1, null]})),
        Just(json!({"present": true})),
        Just(json!({"present": false})),
        prop_oneof![Just("integer"), Just("number"), Just("string"), Just("object"), Just("null")]
            .prop_map(|kind| json!({"type": kind})),
    ];
    (at, asks).prop_map(|(at, mut condition)| {
        condition["at"] = at.into();
        condition
    })
}

fn op() -> impl Strategy<Value = Value> {
    let few = || proptest::collection::vec(simple(), 0..3);
    prop_oneof![
        8 => simple(),
        2 => (condition(), few(), proptest::option::of(few()), proptest::option::of(condition())).prop_map(
            |(test, ops, otherwise, down)| {
                let mut when = json!({"if": test, "ops": ops});
                if let Some(otherwise) = otherwise {
                    when["otherwise"] = json!(otherwise);
                }
                if let Some(down) = down {
                    when["if_down"] = down;
                }
                json!({"when": when})
            }
        ),
    ]
}

/// So many cases, or as many as `PROPTEST_CASES` asks for.
pub(super) fn cases(usual: u32) -> u32 {
    let unless_asked = 256;
    match ProptestConfig::default().cases {
        cases if cases == unless_asked => usual,
        asked => asked,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(600), max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_out_is_foretold(root in whole(), ops in proptest::collection::vec(op(), 1..4)) {
        let Ok(lens) = Lens::from_value(&json!({
            "lens": 1, "subject": "Test", "from": 1, "to": 2, "ops": ops
        })) else { return Ok(()) };
        let Ok(source) = crate::schema::Schema::read(&root.to_string()).parse() else { return Ok(()) };

        foretold(&lens, Direction::Up, &source);
        foretold(&lens, Direction::Down, &source);
    }
}
