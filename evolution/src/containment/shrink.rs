//! Shrinking: the smallest event that still breaks, so that a person sees at a glance why.

use serde_json::{Map, Value};

use crate::budget::Budget;

/// Rounds of shrinking; each round tries every place once.
const ROUNDS: usize = 8;

/// Makes `event` smaller for as long as `breaks` says so.
pub(super) fn shrink(
    mut event: Value,
    breaks: &dyn Fn(&Value) -> bool,
    budget: &Budget<'_>,
) -> Value {
    for _ in 0..ROUNDS {
        let before = event.clone();
        event = smaller(event, &|candidate| budget.step() && breaks(candidate));
        if event == before {
            break;
        }
    }
    event
}

fn smaller(value: Value, breaks: &dyn Fn(&Value) -> bool) -> Value {
    match value {
        Value::Object(members) => smaller_object(members, breaks),
        Value::Array(items) => smaller_array(items, breaks),
        Value::String(text) => smaller_string(text, breaks),
        Value::Number(number) => {
            let simple = ["0", "1", "-1"]
                .into_iter()
                .filter_map(|text| serde_json::from_str::<Value>(text).ok());
            let mut simple = simple.filter(|_| number.as_str().len() > 2);
            simple.find(|candidate| breaks(candidate)).unwrap_or(Value::Number(number))
        }
        other => other,
    }
}

fn smaller_object(mut members: Map<String, Value>, breaks: &dyn Fn(&Value) -> bool) -> Value {
    let names: Vec<String> = members.keys().cloned().collect();
    for name in &names {
        let mut fewer = members.clone();
        fewer.remove(name);
        if breaks(&Value::Object(fewer.clone())) {
            members = fewer;
        }
    }
    for name in &names {
        let Some(own) = members.get(name).cloned() else { continue };
        let within = |candidate: &Value| {
            let mut changed = members.clone();
            changed.insert(name.clone(), candidate.clone());
            breaks(&Value::Object(changed))
        };
        let own = smaller(own, &within);
        members.insert(name.clone(), own);
    }
    Value::Object(members)
}

fn smaller_array(mut items: Vec<Value>, breaks: &dyn Fn(&Value) -> bool) -> Value {
    for index in (0..items.len()).rev() {
        let mut fewer = items.clone();
        fewer.remove(index);
        if breaks(&Value::Array(fewer.clone())) {
            items = fewer;
        }
    }
    for index in 0..items.len() {
        let within = |candidate: &Value| {
            let mut changed = items.clone();
            changed[index] = candidate.clone();
            breaks(&Value::Array(changed))
        };
        let own = smaller(items[index].clone(), &within);
        items[index] = own;
    }
    Value::Array(items)
}

fn smaller_string(text: String, breaks: &dyn Fn(&Value) -> bool) -> Value {
    for candidate in ["", "a"] {
        let candidate = Value::String(candidate.to_owned());
        if text.chars().count() > 1 && breaks(&candidate) {
            return candidate;
        }
    }
    Value::String(text)
}
