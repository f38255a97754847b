//! Two schemas of one value as one node, never smaller than both together.
//!
//! What both say is kept where one node can say it; where two bounds meet, one of them goes. Names are never lost: in
//! the event model it matters which names a schema mentions, not only which events it takes.

use serde_json::{Map, Value, json};

use super::{Stop, node::is_empty};
use crate::lens::same;

/// Keywords whose loss could lose a name.
const NAMING: [&str; 18] = [
    "items",
    "prefixItems",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependentRequired",
    "dependencies",
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
    "allOf",
];

/// Keywords of which some say nothing without the others.
const TOGETHER: [&[&str]; 3] = [
    &["if", "then", "else"],
    &["contains", "minContains", "maxContains"],
    &["additionalItems", "items", "prefixItems"],
];

/// Adds what `other` says to `members`.
pub(super) fn merge(members: &mut Map<String, Value>, other: Value) -> Result<(), Stop> {
    let other = match other {
        Value::Bool(true) => return Ok(()),
        Value::Object(other) => other,
        _ => return Err(Stop::Beyond),
    };
    // Items of both, where that is all they say of lists.
    let plain = |members: &Map<String, Value>| {
        !members.contains_key("prefixItems") && !members.contains_key("additionalItems")
    };
    let mut other = other;
    if plain(members)
        && plain(&other)
        && let Some(ours @ Value::Object(_)) = members.get_mut("items")
        && let Some(theirs @ Value::Object(_)) = other.get("items")
    {
        if *ours != *theirs {
            *ours = json!({"allOf": [ours.take(), theirs]});
        }
        other.remove("items");
    }
    // These mean something only together.
    for together in TOGETHER {
        let has =
            |members: &Map<String, Value>| together.iter().any(|it| members.contains_key(*it));
        if has(members) && has(&other) {
            return Err(Stop::Beyond);
        }
    }
    for (bound, flag) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        let is_flag =
            |members: &Map<String, Value>| members.get(flag).is_some_and(Value::is_boolean);
        // In draft 4 the flag is about the bound beside it.
        if (is_flag(members) || is_flag(&other)) && members.contains_key(bound) {
            other.remove(bound);
            other.remove(flag);
        }
    }
    for (keyword, theirs) in other {
        let Some(ours) = members.get_mut(&keyword) else {
            members.insert(keyword, theirs);
            continue;
        };
        if *ours == theirs {
            continue;
        }
        match (keyword.as_str(), ours, theirs) {
            ("properties" | "patternProperties", Value::Object(ours), Value::Object(theirs)) => {
                union(ours, theirs);
            }
            ("required", Value::Array(ours), Value::Array(theirs)) => {
                for name in theirs {
                    if !ours.contains(&name) {
                        ours.push(name);
                    }
                }
            }
            ("type", ours, theirs) => {
                if let Some(both) = types(ours, &theirs) {
                    *ours = both;
                }
            }
            ("enum", Value::Array(ours), Value::Array(theirs)) => {
                ours.retain(|value| theirs.iter().any(|other| same(value, other)));
            }
            ("additionalProperties" | "unevaluatedProperties", ours, theirs) => {
                // What speaks of every name must go on doing so.
                match (speaks(ours), speaks(&theirs)) {
                    (true, true) => return Err(Stop::Beyond),
                    (false, true) => *ours = theirs,
                    _ => {}
                }
            }
            (keyword, ..) if NAMING.contains(&keyword) => return Err(Stop::Beyond),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a schema for all other names declares them.
fn speaks(rest: &Value) -> bool {
    rest.is_object() && !is_empty(rest)
}

fn union(ours: &mut Map<String, Value>, theirs: Map<String, Value>) {
    for (name, schema) in theirs {
        match ours.get_mut(&name) {
            None => {
                ours.insert(name, schema);
            }
            Some(same) if *same == schema => {}
            Some(both) => *both = json!({"allOf": [both.take(), schema]}),
        }
    }
}

/// The types that both allow; nothing where that cannot be told, or none is left.
fn types(ours: &Value, theirs: &Value) -> Option<Value> {
    let listed = |kinds: &Value| match kinds {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let (ours, theirs) = (listed(ours), listed(theirs));
    let (integer, number) = (json!("integer"), json!("number"));
    let mut both: Vec<Value> = ours
        .iter()
        .filter(|kind| theirs.contains(kind) || **kind == integer && theirs.contains(&number))
        .cloned()
        .collect();
    if ours.contains(&number) && theirs.contains(&integer) && !both.contains(&integer) {
        both.push(integer);
    }
    match both.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(Value::Array(both)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(left: Value, right: Value) -> Option<Value> {
        let Value::Object(mut members) = left else { return None };
        merge(&mut members, right).ok().map(|()| Value::Object(members))
    }

    #[test]
    fn both_are_said_where_one_node_can_say_it() {
        assert_eq!(
            merged(
                json!({"type": ["string", "number"], "required": ["a"], "properties": {"a": {"minimum": 1}}}),
                json!({"type": ["integer", "null"], "required": ["b"], "properties": {"a": {"maximum": 2}}}),
            ),
            Some(json!({
                "type": "integer", "required": ["a", "b"],
                "properties": {"a": {"allOf": [{"minimum": 1}, {"maximum": 2}]}}
            }))
        );
    }

    #[test]
    fn what_means_something_only_together_is_not_mixed() {
        let draft_4 =
            merged(json!({"minimum": 5}), json!({"minimum": 3, "exclusiveMinimum": true}));
        assert_eq!(draft_4, Some(json!({"minimum": 5})));
        assert_eq!(merged(json!({"contains": {}}), json!({"maxContains": 1})), None);
        assert_eq!(merged(json!({"additionalItems": false}), json!({"items": [{}]})), None);
        assert_eq!(
            merged(json!({"items": {"minimum": 1}}), json!({"items": {"maximum": 2}})),
            Some(json!({"items": {"allOf": [{"minimum": 1}, {"maximum": 2}]}}))
        );
    }

    #[test]
    fn a_name_is_never_lost() {
        let rest = json!({"additionalProperties": {"type": "string"}});
        assert_eq!(merged(json!({"additionalProperties": false}), rest.clone()), Some(rest));
        assert_eq!(merged(json!({"anyOf": [{}]}), json!({"anyOf": [{"required": ["a"]}]})), None);
    }
}
