//! Places inside an event: looking, taking out and putting in, parents included.
//!
//! Places lead through objects only; what happens to the items of a list is for `each`.

use serde_json::{Map, Value};

use crate::pointer::Pointer;

/// What becomes of the objects above a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parents {
    /// They are made where missing, and removed where taking something out leaves them empty.
    Made,
    /// They belong to both versions: they are never removed.
    Kept,
}

/// Why nothing can be put at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// Something is there already.
    Occupied,
    /// The object it would be in is no object.
    NotAnObject(Pointer),
}

/// The value at a place.
pub(super) fn find<'v>(event: &'v Value, at: &Pointer) -> Option<&'v Value> {
    at.tokens().iter().try_fold(event, |value, token| value.as_object()?.get(token))
}

/// The value at a place, to be changed.
pub(super) fn find_mut<'v>(event: &'v mut Value, at: &Pointer) -> Option<&'v mut Value> {
    at.tokens().iter().try_fold(event, |value, token| value.as_object_mut()?.get_mut(token))
}

/// Takes out the value at a place. Parents below the first `floor` steps go with it if they are left empty.
pub(super) fn take(
    event: &mut Value,
    at: &Pointer,
    parents: Parents,
    floor: usize,
) -> Option<Value> {
    fn below(value: &mut Value, tokens: &[String], prune: bool, floor: usize) -> Option<Value> {
        let members = value.as_object_mut()?;
        let (token, rest) = tokens.split_first()?;
        if rest.is_empty() {
            return members.remove(token);
        }
        let child = members.get_mut(token)?;
        let value = below(child, rest, prune, floor.saturating_sub(1))?;
        if prune && floor == 0 && child.as_object().is_some_and(Map::is_empty) {
            members.remove(token);
        }
        Some(value)
    }
    below(event, at.tokens(), parents == Parents::Made, floor)
}

/// The topmost object that holds nothing but the way to `at`, or `at` itself: what goes when the value is taken out.
pub(super) fn goes_with(event: &Value, at: &Pointer) -> Pointer {
    let tokens = at.tokens();
    let mut top = tokens.len();
    let mut object = event;
    for (depth, token) in tokens.iter().enumerate() {
        let Some(members) = object.as_object() else { break };
        if depth > 0 && members.len() == 1 {
            top = top.min(depth);
        } else {
            top = tokens.len();
        }
        let Some(child) = members.get(token) else { break };
        object = child;
    }
    tokens[..top].iter().cloned().collect()
}

/// Puts a value at a place, making the objects above it.
///
/// Answers which place will not come back as it was when the value is taken out again: an empty object that was there
/// and would be removed, or one that was made and would be kept.
pub(super) fn put(
    event: &mut Value,
    at: &Pointer,
    value: Value,
    parents: Parents,
    floor: usize,
) -> Result<Option<Pointer>, Blocked> {
    let Some((leaf, above)) = at.tokens().split_last() else {
        return Err(Blocked::Occupied);
    };
    let lost = match parents {
        Parents::Made => removed_later(event, above, floor),
        Parents::Kept => made_now(event, above),
    };
    let mut here = Pointer::root();
    let mut object = event;
    for token in above {
        let Value::Object(members) = object else { return Err(Blocked::NotAnObject(here)) };
        object = members.entry(token.clone()).or_insert_with(|| Value::Object(Map::new()));
        here = here.child(token.clone());
    }
    let Value::Object(members) = object else { return Err(Blocked::NotAnObject(here)) };
    if members.contains_key(leaf) {
        return Err(Blocked::Occupied);
    }
    members.insert(leaf.clone(), value);
    Ok(lost)
}

/// The topmost object on the way that is there already and holds nothing but the way to its empty end.
fn removed_later(event: &Value, above: &[String], floor: usize) -> Option<Pointer> {
    let mut lost = None;
    let mut object = event;
    for (depth, token) in above.iter().enumerate() {
        let Some(child) = object.as_object().and_then(|members| members.get(token)) else {
            // Everything further down is made now and removed later; what is above it goes too if it is empty.
            return lost.filter(|_| object.as_object().is_some_and(Map::is_empty));
        };
        let alone = object.as_object().is_some_and(|members| members.len() == 1);
        if depth < floor || !alone {
            lost = None;
        }
        if depth >= floor && lost.is_none() {
            lost = Some(above[..=depth].iter().cloned().collect());
        }
        object = child;
    }
    lost.filter(|_| object.as_object().is_some_and(Map::is_empty))
}

/// The topmost object on the way that is missing.
fn made_now(event: &Value, above: &[String]) -> Option<Pointer> {
    (1..=above.len())
        .map(|end| above[..end].iter().cloned().collect::<Pointer>())
        .find(|at| find(event, at).is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Pointer {
        text.parse().unwrap()
    }

    #[test]
    fn made_parents_go_again_when_they_are_left_empty() {
        let mut event = json!({});

        let lost = put(&mut event, &at("/a/b/c"), json!(1), Parents::Made, 0);

        assert_eq!(lost, Ok(None));
        assert_eq!(event, json!({"a": {"b": {"c": 1}}}));
        assert_eq!(take(&mut event, &at("/a/b/c"), Parents::Made, 0), Some(json!(1)));
        assert_eq!(event, json!({}));
    }

    #[test]
    fn an_empty_parent_that_was_there_is_a_loss() {
        let lost = |mut event: Value, parents| {
            put(&mut event, &at("/a/b/c"), json!(1), parents, 0).unwrap().map(|at| at.to_string())
        };

        assert_eq!(lost(json!({"a": {}}), Parents::Made).as_deref(), Some("/a"));
        assert_eq!(lost(json!({"a": {"b": {}}}), Parents::Made).as_deref(), Some("/a"));
        assert_eq!(lost(json!({"a": {"b": {}, "x": 1}}), Parents::Made).as_deref(), Some("/a/b"));
        assert_eq!(lost(json!({"a": {"b": {"x": 1}}}), Parents::Made), None);
        assert_eq!(lost(json!({"a": {"x": 1}}), Parents::Made), None);
        assert_eq!(lost(json!({"a": {"x": 1}}), Parents::Kept).as_deref(), Some("/a/b"));
        assert_eq!(lost(json!({"a": {"b": {}}}), Parents::Kept), None);
    }

    #[test]
    fn what_goes_with_a_value_is_told() {
        let goes = |event: Value| goes_with(&event, &at("/a/b/c")).to_string();

        assert_eq!(goes(json!({"a": {"b": {"c": 1}}})), "/a");
        assert_eq!(goes(json!({"a": {"x": 1, "b": {"c": 1}}})), "/a/b");
        assert_eq!(goes(json!({"a": {"b": {"x": 1, "c": 1}}})), "/a/b/c");
    }

    #[test]
    fn nothing_is_overwritten() {
        let put = |mut event: Value| put(&mut event, &at("/a/b"), json!(1), Parents::Made, 0);

        assert_eq!(put(json!({"a": {"b": null}})), Err(Blocked::Occupied));
        assert_eq!(put(json!({"a": []})), Err(Blocked::NotAnObject(at("/a"))));
        assert_eq!(put(json!(3)), Err(Blocked::NotAnObject(Pointer::root())));
    }
}
