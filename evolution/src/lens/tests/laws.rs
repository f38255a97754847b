//! The laws: there and back changes nothing but what was told lost.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        "[ a-z-]{0,6}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(json!("1.10")),
        Just(json!(null)),
    ]
}

/// An event with some of a few names, one level deep or two.
fn event() -> impl Strategy<Value = Value> {
    let flat = || proptest::collection::btree_map("[abcd]", scalar(), 0..4);
    (flat(), proptest::option::of(flat()), proptest::option::of(0usize..3)).prop_map(
        |(top, below, lines)| {
            let mut event: serde_json::Map<String, Value> = top.into_iter().collect();
            if let Some(below) = below {
                event.insert("o".into(), Value::Object(below.into_iter().collect()));
            }
            if let Some(lines) = lines {
                event.insert("l".into(), vec![json!({"a": 1, "x": "y"}); lines].into());
            }
            Value::Object(event)
        },
    )
}

/// Operations that take any such event, or refuse it with an error.
fn op() -> impl Strategy<Value = Value> {
    let place = || {
        prop_oneof![
            Just("/a"),
            Just("/b"),
            Just("/n"),
            Just("/o/a"),
            Just("/o/n"),
            Just("/p/q/r"),
            Just("/p/s")
        ]
    };
    prop_oneof![
        (place(), place(), any::<bool>()).prop_map(|(from, to, keep)| json!({
            "move": {"from": from, "to": to, "keep_parents": keep}
        })),
        (place(), place()).prop_map(|(from, to)| json!({"copy": {"from": from, "to": to}})),
        (place(), scalar()).prop_map(|(at, value)| json!({"add": {"at": at, "value": value}})),
        (place(), proptest::option::of(scalar())).prop_map(|(at, restore)| match restore {
            Some(restore) => json!({"drop": {"at": at, "restore": restore}}),
            None => json!({"drop": {"at": at}}),
        }),
        place().prop_map(|at| json!({"convert": {"at": at, "to": "string"}})),
        place().prop_map(|at| json!({"convert": {"at": at, "to": "integer", "scale": 1}})),
        place().prop_map(
            |at| json!({"split": {"from": at, "into": ["/m", "/o/m"], "sep": "-", "missing": ""}})
        ),
        place().prop_map(|at| json!({"map": {
            "at": at, "pairs": {"a": "b", "b": "c"}, "else": "c", "down": {"c": "z"}
        }})),
        place().prop_map(|at| json!({"wrap": {"at": at, "empty": 1}})),
        Just(json!({"head": {"at": "/l", "empty": {}}})),
        place().prop_map(|at| json!({"null_to_absent": {"at": at}})),
        place().prop_map(|at| json!({"absent_to_null": {"at": at}})),
        (place(), proptest::option::of(scalar())).prop_map(|(at, restore)| match restore {
            Some(restore) => json!({"nullable": {"at": at, "restore": restore}}),
            None => json!({"nullable": {"at": at}}),
        }),
        (prop_oneof![Just("string"), Just("integer"), Just("null")], place()).prop_map(
            |(kind, at)| json!({"when": {
                "if": {"at": "/c", "type": kind},
                "ops": [{"wrap": {"at": at}}],
                "otherwise": [{"map": {"at": at, "pairs": {"a": "b"}, "else": "c", "down": {"c": "z"}}}]
            }})
        ),
        place().prop_map(|at| json!({"when": {
            "if": {"at": at, "present": true}, "if_down": {"at": "/w", "present": true},
            "ops": [{"move": {"from": at, "to": "/w"}}], "otherwise": []
        }})),
        place().prop_map(|at| json!({"expr": {
            "at": at, "inputs": {"v": at, "d": "/d"}, "type": "integer", "up": "v + d", "down": "v - d"
        }})),
        place().prop_map(|at| json!({"expr": {
            "at": at, "inputs": {"v": at}, "type": "string", "on_error": {"up": "?", "down": 0},
            "up": "string(v)", "down": "v.substring(1)"
        }})),
        place().prop_map(|from| json!({"expr": {
            "at": "/e/f", "inputs": {"v": from}, "type": "string", "up": "v + '!'", "down": "drop", "on_error": "!"
        }})),
        Just(
            json!({"each": {"at": "/l", "ops": [{"rename": {"from": "/a", "to": "/b"}}, {"drop": {"at": "/x"}}]}})
        ),
    ]
}

/// Whether none of these places of the operation, which the version the event is of does not have, is taken.
fn belongs(event: &Value, op: &Value, foreign: &[&str]) -> bool {
    foreign.iter().filter_map(|place| op.pointer(place)).all(|places| {
        let places = places.as_array().cloned().unwrap_or_else(|| vec![places.clone()]);
        places.iter().all(|at| event.pointer(at.as_str().unwrap()).is_none())
    })
}

/// Whether everything that differs is at, above or below a place that was told lost.
fn told(left: &Value, right: &Value, losses: &[Pointer], here: &Pointer) -> bool {
    if same(left, right) || losses.iter().any(|loss| loss.contains(here)) {
        return true;
    }
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let names = left.keys().chain(right.keys());
            names.into_iter().all(|name| {
                let at = here.child(name.clone());
                match (left.get(name), right.get(name)) {
                    (Some(left), Some(right)) => told(left, right, losses, &at),
                    _ => losses.iter().any(|loss| loss.contains(&at)),
                }
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            left.iter().zip(right).enumerate().all(|(index, (left, right))| {
                told(left, right, losses, &here.child(index.to_string()))
            })
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::typed::cases(2000)))]

    /// One operation up and down again. The way down may add a default that was absent (`add`, `drop`), which is no
    /// loss, so these are left to the next law.
    #[test]
    fn up_and_down_changes_only_what_was_told_lost(event in event(), op in op()) {
        let Ok(lens) = Lens::from_value(&json!({
            "lens": 1, "subject": "Test", "from": 1, "to": 2, "ops": [op.clone()]
        })) else { return Ok(()) };
        prop_assume!(belongs(&event, &op, &["/move/to", "/copy/to", "/split/into"]));
        let Ok(up) = lens.up(&event) else { return Ok(()) };

        let down = lens.down(&up.event);

        prop_assert!(down.is_ok(), "{op}: {event} goes up to {} and not down", up.event);
        let mut tolerated = up.losses.clone();
        if let Some(at) = op.pointer("/drop/at") {
            tolerated.push(at.as_str().unwrap().parse().unwrap());
        }
        let back = down.unwrap().event;
        prop_assert!(
            told(&event, &back, &tolerated, &Pointer::root()),
            "{op}: {event} up {} back {back} told {:?}", up.event, up.losses
        );
    }

    #[test]
    fn down_and_up_changes_only_what_was_told_lost(event in event(), op in op()) {
        let Ok(lens) = Lens::from_value(&json!({
            "lens": 1, "subject": "Test", "from": 1, "to": 2, "ops": [op.clone()]
        })) else { return Ok(()) };
        let mut event = event;
        if let Some(Value::Array(lines)) = event.get_mut("l") {
            lines.fill(json!({"b": 1}));
        }
        prop_assume!(belongs(&event, &op, &["/move/from", "/split/from", "/drop/at"]));
        let Ok(down) = lens.down(&event) else { return Ok(()) };

        let up = lens.up(&down.event);

        prop_assert!(up.is_ok(), "{op}: {event} goes down to {} and not up", down.event);
        let mut tolerated = down.losses.clone();
        if let Some(at) = op
            .pointer("/add/at")
            .or_else(|| op.pointer("/copy/to"))
            .or_else(|| op.pointer("/expr/at").filter(|at| **at == json!("/e/f")))
        {
            let at: Pointer = at.as_str().unwrap().parse().unwrap();
            tolerated.push(at.tokens()[..1].iter().cloned().collect());
        }
        if op.get("split").is_some() {
            tolerated.extend(["/m", "/o"].map(|at| at.parse().unwrap()));
        }
        let back = up.unwrap().event;
        prop_assert!(
            told(&event, &back, &tolerated, &Pointer::root()),
            "{op}: {event} down {} back {back} told {:?}", down.event, down.losses
        );
    }
}
