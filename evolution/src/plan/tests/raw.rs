//! Bytes and values cross alike; what a plan does not touch comes out byte for byte.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::raw::RawEvent;

/// A plan of these operations, in a schema that takes any object.
fn free(ops: &Value, direction: (u32, u32)) -> Option<Plan> {
    let document = json!({"lens": 1, "subject": "S", "from": 1, "to": 2, "ops": ops});
    let lens = Lens::from_value(&document).ok()?;
    let any = schema(&json!({"type": "object"}));
    let steps = [
        Step { version: version(1), schema: any.clone(), edge: None },
        Step {
            version: version(2),
            schema: any,
            edge: Some(Edge::Written { lens, assurance: Assurance::Tested(0) }),
        },
    ];
    let (from, to) = (version(direction.0), version(direction.1));
    Plan::compose("S", &steps, from, to, ContentModel::Event).ok()
}

/// The same event both ways in: they agree on what comes out, on what is lost, on what is wrong.
#[track_caller]
fn alike(plan: &Plan, text: &str) -> Result<String, TranslateError> {
    let raw = RawEvent::of(text).unwrap();
    let value = raw.to_value();
    let as_text = plan.translate_raw(&raw, Input::Unknown);
    let as_value = plan.translate(&value);
    match (&as_text, &as_value) {
        (Ok(text), Ok(value)) => {
            let out = RawEvent::of(&text.event).unwrap();
            assert_eq!(out.to_value(), value.event);
            assert_eq!(text.losses, value.losses);
        }
        (Err(text), Err(value)) => assert_eq!(text, value),
        _ => panic!("{text}: {as_text:?} is not {as_value:?}"),
    }
    let vouched = plan.translate_raw(&raw, Input::Emitted);
    assert_eq!(vouched, as_text, "{text}");
    as_text.map(|crossing| crossing.event.into_owned())
}

#[test]
fn untouched_bytes_are_the_bytes_that_came() {
    let text = r#"{ "total" : 1.10, "big":12345678901234567890123,
  "nested": {"a" :[ 1E5, -0.0,"\u00e9\/" ], "old": 7},	"orderId":"7" }"#;
    let ops = json!([
        {"rename": {"from": "/orderId", "to": "/id"}},
        {"drop": {"at": "/nested/old"}},
        {"add": {"at": "/currency", "value": "EUR"}}
    ]);

    let out = alike(&free(&ops, (1, 2)).unwrap(), text).unwrap();

    assert_eq!(
        out,
        r#"{ "total" : 1.10, "big":12345678901234567890123,
  "nested": {"a" :[ 1E5, -0.0,"\u00e9\/" ]},	"id":"7","currency":"EUR" }"#
    );
}

#[test]
fn nothing_to_do_is_nothing_done() {
    let text = " {\"b\" : 1 , \"a\":2}\n";
    let plan = free(&json!([{"rename": {"from": "/x", "to": "/y"}}]), (1, 2)).unwrap();

    let raw = RawEvent::of(text).unwrap();
    let crossing = plan.translate_raw(&raw, Input::Unknown).unwrap();

    assert!(matches!(crossing.event, std::borrow::Cow::Borrowed(same) if same == text));
}

#[test]
fn a_deletion_takes_only_what_is_not_declared() {
    let text = r#"{"orderId":"7", "note" :"x" , "status":"NEW" }"#;
    let mut closed = steps();
    for step in &mut closed {
        let mut value = step.schema.value().clone();
        value["additionalProperties"] = json!(false);
        step.schema = schema(&value);
    }
    let plan = Plan::compose("S", &closed, version(2), version(1), ContentModel::Event).unwrap();

    assert_eq!(alike(&plan, text).unwrap(), r#"{"orderId":"7", "status":"NEW" }"#);
    let kept = r#"{"status" :"NEW",  "orderId":"7"}"#;
    assert_eq!(alike(&plan, kept).unwrap(), kept);
}

#[test]
fn a_chain_of_renamings_is_exactly_its_renamings() {
    let chained = free(
        &json!([
            {"rename": {"from": "/a", "to": "/b"}}, {"add": {"at": "/x", "value": 0}},
            {"rename": {"from": "/b", "to": "/c"}}, {"rename": {"from": "/c", "to": "/d"}}
        ]),
        (1, 2),
    );
    let chained = chained.unwrap();

    for (event, expected) in [
        (r#"{"a":1}"#, r#"{"d":1,"x":0}"#),
        (r#"{"b":1}"#, r#"{"d":1,"x":0}"#),
        (r#"{"d":1}"#, r#"{"d":1,"x":0}"#),
        (r#"{"x":1}"#, r#"{"x":1}"#),
    ] {
        assert_eq!(alike(&chained, event).unwrap(), expected);
    }
    for (event, op, at) in [
        (r#"{"a":1,"b":2}"#, 0, "/b"),
        (r#"{"c":3,"a":1}"#, 2, "/c"),
        (r#"{"a":1,"d":4}"#, 3, "/d"),
        (r#"{"d":4,"c":1}"#, 3, "/d"),
        (r#"{"d":4,"c":1,"a":0}"#, 2, "/c"),
    ] {
        let Err(TranslateError::Lens(error)) = alike(&chained, event) else { panic!("{event}") };
        assert_eq!((error.op, error.pointer.to_string().as_str()), (op, at), "{event}");
    }
}

#[test]
fn an_event_that_is_not_json_is_refused_wherever_its_flaw_is() {
    let plan = free(&json!([{"rename": {"from": "/a", "to": "/b"}}]), (1, 2)).unwrap();

    for bad in [
        r#"{"a":1,"z":{"y":[01]}}"#,
        r#"{"a":1,"z":"\ud800"}"#,
        "{\"a\":1,\"z\":\"\u{1}\"}",
        r#"{"a":1,"z":{"y":1,"y":2}}"#,
        r#"{"a":1} x"#,
        r#"{"a":1"#,
    ] {
        let error = plan.translate_bytes(bad.as_bytes(), Input::Emitted).unwrap_err();

        assert!(matches!(error, TranslateError::Unreadable(_)), "{bad}");
    }
}

#[test]
fn an_event_with_names_nobody_declared_is_validated_although_the_plan_is_proven() {
    let shape = |name: &str| {
        schema(&json!({"type": "object", "properties": {name: {"type": "string"}, "n": {}}}))
    };
    let lens = "{lens: 1, subject: S, from: 1, to: 2, ops: [rename: {from: /a, to: /b}]}";
    let steps = [
        Step { version: version(1), schema: shape("a"), edge: None },
        Step {
            version: version(2),
            schema: shape("b"),
            edge: Some(Edge::Written {
                lens: Lens::parse(lens).unwrap(),
                assurance: Assurance::Proven,
            }),
        },
    ];
    let plan = Plan::compose("S", &steps, version(1), version(2), ContentModel::Event).unwrap();
    let admitted = |text| plan.admit(&RawEvent::of(text).unwrap());

    assert_eq!(plan.assurance(), Assurance::Proven);
    assert_eq!(admitted(r#"{"a":"x","n":{"z":1}}"#), Ok(Input::Emitted));
    // Version 1 knows nothing of `b`, so it may be anything; under version 2 it may not.
    let stray = r#"{"b":1}"#;
    assert_eq!(admitted(stray), Ok(Input::Unknown));
    assert_eq!(admitted(r#"{"a":1}"#).unwrap_err().keyword, "type");
    let crossed = plan.translate_bytes(stray.as_bytes(), Input::Unknown);
    assert!(matches!(crossed, Err(TranslateError::InvalidOutput(_))));
}

#[test]
fn what_comes_out_is_never_deeper_than_a_reader_takes() {
    let deep = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let plan = free(&json!([{"move": {"from": "/a", "to": "/x/y/z/a"}}]), (1, 2)).unwrap();

    assert!(alike(&plan, &deep(123)).is_ok());
    assert_eq!(alike(&plan, &deep(124)), Err(TranslateError::TooDeep));
    assert_eq!(alike(&plan, &deep(126)), Err(TranslateError::TooDeep));
}

/// Events as texts, white space and odd spellings included.
pub(super) fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?",
        "\"[ a-z-]{0,6}\"",
        Just(r#""\u0061\n""#.to_owned()),
    ];
    let space = || prop_oneof![5 => Just(""), 1 => Just(" "), 1 => Just("\n\t")];
    let below = leaf.clone().prop_recursive(3, 24, 4, move |inner| {
        let member = ("[abnmx]", space(), inner.clone(), space());
        prop_oneof![
            (proptest::collection::vec(inner, 0..4), space()).prop_map(|(items, space)| format!(
                "[{space}{}]",
                items.join(&format!("{space},"))
            )),
            proptest::collection::vec(member, 0..4).prop_map(object),
        ]
    });
    let list = (proptest::collection::vec(below.clone(), 0..4), space())
        .prop_map(|(items, space)| format!("[{}{space}]", items.join(",")));
    let value = prop_oneof![4 => below, 1 => list];
    proptest::collection::vec(("[abcdnopl]", space(), value, space()), 0..8).prop_map(object)
}

/// An object of these members, the first of each name.
fn object(members: Vec<(String, &'static str, String, &'static str)>) -> String {
    let mut names = std::collections::BTreeSet::new();
    let members: Vec<String> = members
        .into_iter()
        .filter(|(name, ..)| names.insert(name.clone()))
        .map(|(name, before, value, after)| {
            format!("{before}\"{name}\"{after}:{before}{value}{after}")
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

fn op() -> impl Strategy<Value = Value> {
    let place = || {
        prop_oneof![
            Just("/a"),
            Just("/b"),
            Just("/c"),
            Just("/n"),
            Just("/o"),
            Just("/o/a"),
            Just("/o/n"),
            Just("/p/q/r"),
            Just("/p/s"),
            Just("/l"),
            Just("/n/m/x")
        ]
    };
    let scalar = || prop_oneof![Just(json!(1)), Just(json!("x\n")), Just(json!({"k": [null]}))];
    let flat = prop_oneof![
        (place(), place(), any::<bool>()).prop_map(
            |(from, to, keep)| json!({"move": {"from": from, "to": to, "keep_parents": keep}})
        ),
        ("[abcdn]", "[abcdn]").prop_map(
            |(from, to)| json!({"rename": {"from": format!("/{from}"), "to": format!("/{to}")}})
        ),
        (place(), place()).prop_map(|(from, to)| json!({"copy": {"from": from, "to": to}})),
        (place(), scalar()).prop_map(|(at, value)| json!({"add": {"at": at, "value": value}})),
        (place(), proptest::option::of(scalar())).prop_map(|(at, restore)| match restore {
            Some(restore) => json!({"drop": {"at": at, "restore": restore}}),
            None => json!({"drop": {"at": at}}),
        }),
        place().prop_map(|at| json!({"convert": {"at": at, "to": "string", "on_error": "?"}})),
        place().prop_map(
            |at| json!({"split": {"from": at, "into": ["/m", "/o/m"], "sep": "-", "missing": ""}})
        ),
        (place(), scalar()).prop_map(|(at, image)| json!({"map": {
            "at": at, "pairs": {"a": "b", "b": image}, "else": "c", "down": {"c": "z"}
        }})),
    ];
    flat.prop_recursive(2, 6, 3, |inner| {
        let ops = || proptest::collection::vec(inner.clone(), 1..3);
        let place = prop_oneof![Just("/a"), Just("/l"), Just("/o"), Just("/n/m")];
        prop_oneof![
            (place.clone(), ops()).prop_map(|(at, ops)| json!({"each": {"at": at, "ops": ops}})),
            (place, ops()).prop_map(|(at, ops)| json!({"in": {"at": at, "ops": ops}})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// One implementation, two ways in: any lens does to bytes what it does to the value, loss for loss, fault for fault.
    #[test]
    fn bytes_and_values_cross_alike(
        text in text(), ops in proptest::collection::vec(op(), 1..8), up in any::<bool>()
    ) {
        let direction = if up { (1, 2) } else { (2, 1) };
        if let Some(plan) = free(&json!(ops), direction) {
            let _ = alike(&plan, &text);
        }
    }

    /// An operation on one member leaves the bytes of every other as they are.
    #[test]
    fn an_operation_leaves_every_other_byte(text in text(), op in op()) {
        let spaced = format!(r#"{{ "first" : [ 1.10 ,{{ }} ] ,"inner":{text},"last":{text} }}"#);
        let ops = json!([{"in": {"at": "/inner", "ops": [op]}}]);
        if let Some(plan) = free(&ops, (1, 2))
            && let Ok(out) = alike(&plan, &spaced)
        {
            prop_assert!(out.starts_with(r#"{ "first" : [ 1.10 ,{ } ] ,"inner":"#), "{}", out);
            let end = format!(",\"last\":{text} }}");
            prop_assert!(out.ends_with(&end), "{}", out);
        }
    }
}
