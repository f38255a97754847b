//! What the members of an object must be: `properties`, `patternProperties`, `required`, and all others.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Comparison, Side, strings};
use crate::{
    difference::{Place, Step},
    pointer::Pointer,
};

impl Comparison {
    pub(super) fn properties<'o, 'n>(
        &mut self,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        new_members: &Map<String, Value>,
        at: &Pointer,
        place: &Place,
    ) {
        let empty = Map::new();
        let (before, after) = (members(pair.0), members(pair.1));
        let required = strings(new_members.get("required"));
        let names: BTreeSet<&String> =
            before.unwrap_or(&empty).keys().chain(after.unwrap_or(&empty).keys()).collect();
        for name in names {
            let here = at.child("properties").child(name);
            match (before.and_then(|all| all.get(name)), after.and_then(|all| all.get(name))) {
                (Some(before), Some(after)) => {
                    self.schemas(
                        &old.at(before),
                        &new.at(after),
                        &here,
                        &place.then(Step::Member(name.clone())),
                    );
                }
                (Some(before), None) => {
                    let why = format!("the property `{name}` was removed");
                    self.note("property_removed", here, place, Some(before), None, why);
                }
                (None, Some(after)) if required.contains(name.as_str()) => {
                    let why = format!(
                        "the new property `{name}` is required, and older events do not have it"
                    );
                    self.note("required_property_added", here, place, None, Some(after), why);
                }
                (None, Some(after)) => {
                    let why = format!("the optional property `{name}` was added");
                    self.note("property_added", here, place, None, Some(after), why);
                }
                (None, None) => {}
            }
        }
    }

    pub(super) fn patterns<'o, 'n>(
        &mut self,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        let empty = Map::new();
        let (before, after) = (members(pair.0), members(pair.1));
        let patterns: BTreeSet<&String> =
            before.unwrap_or(&empty).keys().chain(after.unwrap_or(&empty).keys()).collect();
        for pattern in patterns {
            let here = at.child(pattern);
            match (before.and_then(|all| all.get(pattern)), after.and_then(|all| all.get(pattern)))
            {
                (Some(before), Some(after)) => {
                    self.schemas(&old.at(before), &new.at(after), &here, &place.then(Step::Some));
                }
                (before, after) => {
                    let (kind, verb) = if before.is_some() {
                        ("pattern_removed", "removed")
                    } else {
                        ("pattern_added", "added")
                    };
                    let why = format!("the rule for properties matching `{pattern}` was {verb}");
                    self.note(kind, here, place, before, after, why);
                }
            }
        }
    }

    pub(super) fn required(
        &mut self,
        pair: (Option<&Value>, Option<&Value>),
        old_members: &Map<String, Value>,
        new_members: &Map<String, Value>,
        at: &Pointer,
        place: &Place,
    ) {
        let (before, after) = (strings(pair.0), strings(pair.1));
        let has = |all: &Map<String, Value>, name: &str| {
            members(all.get("properties")).is_some_and(|all| all.contains_key(name))
        };
        for name in after.difference(&before) {
            // Told as `required_property_added` where the property is new as well.
            if !has(new_members, name) || has(old_members, name) {
                let why = format!("`{name}` became required, and older events may lack it");
                self.note(
                    "required_added",
                    at.clone(),
                    place,
                    None,
                    Some(&Value::from(*name)),
                    why,
                );
            }
        }
        for name in before.difference(&after) {
            let why = format!("`{name}` is no longer required, and older readers expect it");
            self.note("required_removed", at.clone(), place, Some(&Value::from(*name)), None, why);
        }
    }

    pub(super) fn rest<'o, 'n>(
        &mut self,
        keyword: &str,
        old: &Side<'o>,
        new: &Side<'n>,
        pair: (Option<&'o Value>, Option<&'n Value>),
        at: &Pointer,
        place: &Place,
    ) {
        let closed = |value: Option<&Value>| value == Some(&Value::Bool(false));
        match pair {
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                self.schemas(&old.at(before), &new.at(after), at, &place.then(Step::Some));
            }
            (before, after) if before == after => {}
            (None | Some(Value::Bool(true)), None | Some(Value::Bool(true))) => {}
            (before, after) => {
                let (kind, why) = match (closed(before), closed(after)) {
                    (true, _) => {
                        ("content_opened", "undeclared properties are allowed now".to_owned())
                    }
                    (_, true) => {
                        ("content_closed", "undeclared properties are forbidden now".to_owned())
                    }
                    _ => ("rest_changed", format!("`{keyword}` changed")),
                };
                self.note(kind, at.clone(), place, before, after, why);
            }
        }
    }
}

fn members(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object)
}
