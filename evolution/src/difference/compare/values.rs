//! What a value itself must be: types, listed values, bounds.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::{Comparison, Side, strings};
use crate::{
    difference::{Place, Step, constraint::moved},
    pointer::Pointer,
};

impl Comparison {
    pub(super) fn types(
        &mut self,
        pair: (Option<&Value>, Option<&Value>),
        at: &Pointer,
        place: &Place,
    ) {
        let set = |value: Option<&Value>| -> Option<BTreeSet<String>> {
            value.map(|value| match value {
                Value::String(word) => BTreeSet::from([word.clone()]),
                other => strings(Some(other)).into_iter().map(str::to_owned).collect(),
            })
        };
        let (before, after) = (set(pair.0), set(pair.1));
        let wider = |narrow: &BTreeSet<String>, wide: &BTreeSet<String>| {
            narrow
                .iter()
                .all(|word| wide.contains(word) || word == "integer" && wide.contains("number"))
        };
        let (kind, what) = match (&before, &after) {
            (before, after) if before == after => return,
            (Some(_), None) => ("type_widened", "any type is allowed now".to_owned()),
            (None, Some(after)) => {
                ("type_narrowed", format!("only {} is allowed now", listed(after)))
            }
            (Some(before), Some(after)) if wider(before, after) => (
                "type_widened",
                format!("the type was widened from {} to {}", listed(before), listed(after)),
            ),
            (Some(before), Some(after)) if wider(after, before) => (
                "type_narrowed",
                format!("the type was narrowed from {} to {}", listed(before), listed(after)),
            ),
            (Some(before), Some(after)) => (
                "type_changed",
                format!("the type changed from {} to {}", listed(before), listed(after)),
            ),
            (None, None) => return,
        };
        self.note(kind, at.clone(), place, pair.0, pair.1, what);
    }

    pub(super) fn values(
        &mut self,
        keyword: &str,
        pair: (Option<&Value>, Option<&Value>),
        old_members: &Map<String, Value>,
        new_members: &Map<String, Value>,
        at: &Pointer,
        place: &Place,
    ) {
        // `const` and `enum` say the same; whichever is there is compared once.
        let listed = |all: &Map<String, Value>| match (all.get("enum"), all.get("const")) {
            (Some(Value::Array(values)), None) => Some(values.clone()),
            (None, Some(value)) => Some(vec![value.clone()]),
            _ => None,
        };
        let both = (listed(old_members), listed(new_members));
        let told = new_members.contains_key("enum") || old_members.contains_key("enum");
        if keyword == "const" && told {
            return;
        }
        let (Some(before), Some(after)) = both else {
            return self.whole("constraint", keyword, pair, at, place);
        };
        let texts =
            |values: &[Value]| -> HashSet<String> { values.iter().map(Value::to_string).collect() };
        let (known, kept) = (texts(&before), texts(&after));
        for value in after.iter().filter(|value| !known.contains(&value.to_string())) {
            let why = format!("the value {value} was added");
            self.note("enum_value_added", at.clone(), place, None, Some(value), why);
        }
        for value in before.iter().filter(|value| !kept.contains(&value.to_string())) {
            let why = format!("the value {value} was removed");
            self.note("enum_value_removed", at.clone(), place, Some(value), None, why);
        }
    }

    pub(super) fn constraint<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        match pair {
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_)))
                if before == after =>
            {
                // The same text may still refer to something that changed.
                let step =
                    if keyword == "contains" { place.then(Step::Some) } else { place.clone() };
                if matches!(keyword, "dependencies" | "dependentSchemas") {
                    for (name, part) in before.as_object().into_iter().flatten() {
                        let same = after.get(name).unwrap_or(part);
                        self.schemas(&old.at(part), &new.at(same), &at.child(name), &step);
                    }
                } else if keyword != "dependentRequired" {
                    self.schemas(&old.at(before), &new.at(after), at, &step);
                }
            }
            (Some(before), Some(after)) if before != after => {
                let moved = moved(keyword, before, after);
                let why = format!("`{keyword}` changed from {} to {}", short(before), short(after));
                self.note(moved.kind(), at.clone(), place, Some(before), Some(after), why);
            }
            (Some(_), Some(_)) => {}
            _ => self.whole("constraint", keyword, pair, at, place),
        }
    }

    /// A keyword that is there or not, without looking inside.
    pub(super) fn whole(
        &mut self,
        what: &str,
        keyword: &str,
        pair: (Option<&Value>, Option<&Value>),
        at: &Pointer,
        place: &Place,
    ) {
        let (verb, why) = match pair {
            (None, Some(new)) => ("added", format!("`{keyword}` was added: {}", short(new))),
            (Some(old), None) => {
                ("removed", format!("`{keyword}` was removed; it was {}", short(old)))
            }
            (Some(old), Some(new)) if old != new => {
                ("changed", format!("`{keyword}` changed from {} to {}", short(old), short(new)))
            }
            _ => return,
        };
        self.note(&format!("{what}_{verb}"), at.clone(), place, pair.0, pair.1, why);
    }
}

fn listed(words: &BTreeSet<String>) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ")
}

/// A value in a sentence.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}
