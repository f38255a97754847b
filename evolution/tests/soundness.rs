//! Soundness as a property: a proof is never met by an event that breaks, a witness always verifies.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stele_evolution::{
    budget::Budget,
    containment::{ContentModel, Verdict, contains, refutes},
    schema::{Dialect, Schema},
};

/// One is spelled like a keyword.
const NAMES: [&str; 5] = ["a", "b", "ab", "c1", "title"];
const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];
const PATTERNS: [&str; 6] = ["^a", "b$", "^[a-c]+$", "[0-9]", "^$", "^a?b?$"];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-3_i64..6).prop_map(Value::from),
        prop_oneof![
            Just(json!(0.5)),
            Just(json!(-1.5)),
            Just(serde_json::from_str("2.0").unwrap())
        ],
        prop_oneof![Just(""), Just("a"), Just("b"), Just("ab"), Just("c1"), Just("abc"), Just("é")]
            .prop_map(Value::from),
    ]
}

/// Events over few names and values, so that they meet the schemas often.
fn event() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(proptest::sample::select(&NAMES[..]), inner, 0..4)
                .prop_map(|members| members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()),
        ]
    })
}

fn keyword(inner: &BoxedStrategy<Value>) -> BoxedStrategy<(String, Value)> {
    let named = |keyword: &'static str, value: BoxedStrategy<Value>| {
        value.prop_map(move |value| (keyword.to_owned(), value)).boxed()
    };
    let small = || (0_u64..4).prop_map(Value::from).boxed();
    let number = || (-2_i64..5).prop_map(Value::from).boxed();
    let list = |inner: &BoxedStrategy<Value>| {
        proptest::collection::vec(inner.clone(), 1..4).prop_map(Value::from).boxed()
    };
    let members = |names: Vec<&'static str>, inner: &BoxedStrategy<Value>| {
        proptest::collection::btree_map(proptest::sample::select(names), inner.clone(), 1..3)
            .prop_map(|all| {
                all.into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<Map<_, _>>()
                    .into()
            })
            .boxed()
    };
    let some_names = || {
        proptest::collection::btree_set(proptest::sample::select(&NAMES[..]), 1..3)
            .prop_map(|all| Value::from(all.into_iter().collect::<Vec<_>>()))
            .boxed()
    };
    prop_oneof![
        4 => named("type", proptest::sample::select(&TYPES[..]).prop_map(Value::from).boxed()),
        1 => named("type", proptest::sample::subsequence(TYPES.to_vec(), 1..4).prop_map(Value::from).boxed()),
        2 => named("enum", proptest::collection::vec(scalar(), 1..4).prop_map(|mut all| {
            let mut seen = std::collections::BTreeSet::new();
            all.retain(|value| seen.insert(value.to_string()));
            Value::from(all)
        }).boxed()),
        1 => named("const", event().boxed()),
        1 => named("minimum", number()),
        1 => named("maximum", number()),
        1 => named("exclusiveMinimum", number()),
        1 => named("exclusiveMaximum", number()),
        1 => named("multipleOf", (1_u64..4).prop_map(Value::from).boxed()),
        1 => named("minLength", small()),
        1 => named("maxLength", small()),
        1 => named("pattern", proptest::sample::select(&PATTERNS[..]).prop_map(Value::from).boxed()),
        4 => named("properties", members(NAMES.to_vec(), inner)),
        2 => named("patternProperties", members(PATTERNS.to_vec(), inner)),
        3 => named("additionalProperties", inner.clone()),
        2 => named("propertyNames", inner.clone()),
        3 => named("required", some_names()),
        1 => named("minProperties", small()),
        1 => named("maxProperties", small()),
        1 => named("dependentRequired", some_names().prop_map(|all| json!({"a": all, "title": all})).boxed()),
        1 => named("dependentSchemas", inner.clone().prop_map(|schema| json!({"b": schema})).boxed()),
        2 => named("items", inner.clone()),
        1 => named("prefixItems", list(inner)),
        1 => named("contains", inner.clone()),
        1 => named("minContains", small()),
        1 => named("maxContains", small()),
        1 => named("minItems", small()),
        1 => named("maxItems", small()),
        1 => named("uniqueItems", Just(Value::Bool(true)).boxed()),
        2 => named("allOf", list(inner)),
        2 => named("anyOf", list(inner)),
        2 => named("oneOf", list(inner)),
        1 => named("not", inner.clone()),
        1 => named("if", inner.clone()),
        1 => named("then", inner.clone()),
        1 => named("else", inner.clone()),
        2 => named("unevaluatedProperties", inner.clone()),
        2 => named("unevaluatedItems", inner.clone()),
        1 => named("dependencies", inner.clone().prop_map(|schema| json!({"b": schema, "c1": ["a"]})).boxed()),
        1 => Just(("$ref".to_owned(), json!("#"))),
        2 => Just(("$ref".to_owned(), json!("#/$defs/d"))),
        1 => Just(("$dynamicRef".to_owned(), json!("#m"))),
        1 => Just(("$recursiveRef".to_owned(), json!("#"))),
    ]
    .boxed()
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(true)), Just(json!(false)), Just(json!({}))].boxed();
    leaf.prop_recursive(3, 20, 4, |inner| {
        proptest::collection::vec(keyword(&inner.boxed()), 1..4)
            .prop_map(|keywords| keywords.into_iter().collect::<Map<_, _>>().into())
            .boxed()
    })
}

/// The first schema and one that differs from it in a little: most random pairs have nothing in common.
fn pair() -> impl Strategy<Value = (Value, Value)> {
    let changed = (schema(), keyword(&schema().boxed()), any::<bool>()).prop_map(
        |(old, (keyword, value), removed)| {
            let mut new = old.clone();
            if let Value::Object(members) = &mut new {
                if removed && !members.is_empty() {
                    let first = members.keys().next().unwrap().clone();
                    members.remove(&first);
                } else {
                    members.insert(keyword, value);
                }
            }
            (old, new)
        },
    );
    let plain = prop_oneof![3 => changed, 1 => (schema(), schema())];
    // What the references lead to, the same for both most of the time.
    let definitions = || (schema(), schema(), any::<bool>());
    (plain, definitions(), proptest::option::weighted(0.3, definitions())).prop_map(
        |((old, new), before, after)| {
            let after = after.unwrap_or_else(|| before.clone());
            (defining(old, before), defining(new, after))
        },
    )
}

/// The schema with `$defs` that its references lead to: one by a pointer, one or two by an anchor.
fn defining(schema: Value, (pointed, anchored, twice): (Value, Value, bool)) -> Value {
    let Value::Object(mut members) = schema else { return schema };
    let anchored = |id: Option<&str>| {
        let mut definition = anchored.as_object().cloned().unwrap_or_default();
        definition.insert("$dynamicAnchor".into(), json!("m"));
        if let Some(id) = id {
            definition.insert("$id".into(), json!(id));
            definition.remove("$ref");
        }
        Value::Object(definition)
    };
    let mut definitions = json!({"d": pointed, "m": anchored(None)});
    if twice {
        definitions["n"] = anchored(Some("https://example.com/n"));
    }
    members.insert("$defs".into(), definitions);
    Value::Object(members)
}

fn read(value: &Value, dialect: Dialect) -> Option<Schema> {
    Schema::read(&value.to_string()).default_dialect(dialect).parse().ok()
}

/// How many events are held against every proof.
#[expect(clippy::disallowed_methods, reason = "the long count is asked for from outside")]
fn events() -> usize {
    std::env::var("STELE_EVENTS").ok().and_then(|events| events.parse().ok()).unwrap_or(150)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(600), ..ProptestConfig::default() })]

    #[test]
    fn a_proof_is_never_refuted_and_a_witness_always_verifies(
        (old, new) in pair(),
        events in proptest::collection::vec(event(), events()),
        draft in prop_oneof![4 => Just(Dialect::Draft202012), 1 => Just(Dialect::Draft4), 1 => Just(Dialect::Draft7), 1 => Just(Dialect::Draft201909)],
    ) {
        let (Some(old), Some(new)) = (read(&old, draft), read(&new, draft)) else { return Ok(()) };
        for (writer, reader) in [(&old, &new), (&new, &old)] {
            for model in [ContentModel::Strict, ContentModel::Event] {
                match contains(writer, reader, model, &Budget::steps(20_000)) {
                    Verdict::Compatible(proof) => {
                        let shown = events.iter().find(|event| refutes(event, writer, reader, model));
                        prop_assert!(shown.is_none(), "{proof:?} in {model:?}, yet {} breaks {writer:?} -> {reader:?}", shown.unwrap());
                    }
                    Verdict::Breaking(witness) => {
                        prop_assert!(refutes(&witness.event, writer, reader, model), "{:?}", witness);
                    }
                    Verdict::Undecided(_) => {}
                }
            }
        }
    }
}
