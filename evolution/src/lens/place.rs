//! Places inside an event: looking, taking out and putting in, parents included.
//!
//! Places lead through objects only; what happens to the items of a list is for `each`.

use super::node::{Node, View};
use crate::{pointer::Pointer, schema::MAX_DEPTH};

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
    /// The event would be nested deeper than [`DEEPEST`].
    TooDeep,
}

/// The deepest an event may be nested on its way: what comes out may be only a third of that, but operations that undo
/// each other's nesting may go beyond it in between.
pub(super) const DEEPEST: usize = 3 * MAX_DEPTH;

/// The value at a place.
pub(super) fn find<'v, 'n: 'v>(event: &'v Node<'n>, at: &Pointer) -> Option<View<'v, 'n>> {
    event.view().find(at.tokens())
}

/// Takes out the value at a place. Parents below the first `floor` steps go with it if they are left empty.
pub(super) fn take<'n>(
    event: &mut Node<'n>,
    at: &Pointer,
    parents: Parents,
    floor: usize,
) -> Option<Node<'n>> {
    fn below<'n>(
        node: &mut Node<'n>,
        tokens: &[String],
        prune: bool,
        floor: usize,
    ) -> Option<Node<'n>> {
        let (token, rest) = tokens.split_first()?;
        let members = node.open()?;
        if rest.is_empty() {
            return members.remove(token);
        }
        let child = members.member_mut(token)?;
        let value = below(child, rest, prune, floor.saturating_sub(1))?;
        if prune && floor == 0 && child.view().len() == 0 {
            members.remove(token);
        }
        Some(value)
    }
    // Nothing is opened for what is not there.
    find(event, at)?;
    below(event, at.tokens(), parents == Parents::Made, floor)
}

/// The topmost object that holds nothing but the way to `at`, or `at` itself: what goes when the value is taken out.
pub(super) fn goes_with(event: &Node<'_>, at: &Pointer) -> Pointer {
    let tokens = at.tokens();
    let mut top = tokens.len();
    let mut object = event.view();
    for (depth, token) in tokens.iter().enumerate() {
        if !object.is_object() {
            break;
        }
        if depth > 0 && object.len() == 1 {
            top = top.min(depth);
        } else {
            top = tokens.len();
        }
        let Some(child) = object.member(token) else { break };
        object = child;
    }
    tokens[..top].iter().cloned().collect()
}

/// Puts a value at a place, making the objects above it.
///
/// Answers which place will not come back as it was when the value is taken out again: an empty object that was there
/// and would be removed, or one that was made and would be kept.
pub(super) fn put<'n>(
    event: &mut Node<'n>,
    at: &'n Pointer,
    value: Node<'n>,
    parents: Parents,
    floor: usize,
) -> Result<Option<Pointer>, Blocked> {
    let Some((leaf, above)) = at.tokens().split_last() else {
        return Err(Blocked::Occupied);
    };
    if above.len() + value.height(MAX_DEPTH) >= DEEPEST {
        return Err(Blocked::TooDeep);
    }
    let lost = match parents {
        _ if above.is_empty() => None,
        Parents::Made => removed_later(event.view(), above, floor),
        Parents::Kept => made_now(event.view(), above),
    };
    let not_an_object =
        |depth: usize| Blocked::NotAnObject(above[..depth].iter().cloned().collect());
    let mut node = event;
    for (depth, token) in above.iter().enumerate() {
        let members = node.open().ok_or_else(|| not_an_object(depth))?;
        node = members.entry(token, Node::empty);
    }
    let members = node.open().ok_or_else(|| not_an_object(above.len()))?;
    if members.member(leaf).is_some() {
        return Err(Blocked::Occupied);
    }
    members.push(leaf.as_str(), value);
    Ok(lost)
}

/// The topmost object on the way that is there already and holds nothing but the way to its empty end.
fn removed_later(event: View<'_, '_>, above: &[String], floor: usize) -> Option<Pointer> {
    let is_empty = |view: View<'_, '_>| view.is_object() && view.len() == 0;
    let mut lost: Option<usize> = None;
    let mut object = event;
    let place = |end: Option<usize>| Some(above[..end?].iter().cloned().collect());
    for (depth, token) in above.iter().enumerate() {
        let Some(child) = object.member(token) else {
            // Everything further down is made now and removed later; what is above it goes too if it is empty.
            return place(lost.filter(|_| is_empty(object)));
        };
        let alone = object.len() == 1;
        if depth < floor || !alone {
            lost = None;
        }
        if depth >= floor && lost.is_none() {
            lost = Some(depth + 1);
        }
        object = child;
    }
    place(lost.filter(|_| is_empty(object)))
}

/// The topmost object on the way that is missing.
fn made_now(event: View<'_, '_>, above: &[String]) -> Option<Pointer> {
    (1..=above.len())
        .find(|end| event.find(&above[..*end]).is_none())
        .map(|end| above[..end].iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(text: &str) -> Pointer {
        text.parse().unwrap()
    }

    #[test]
    fn made_parents_go_again_when_they_are_left_empty() {
        let (mut event, place) = (Node::Made(json!({})), at("/a/b/c"));

        let lost = put(&mut event, &place, json!(1).into(), Parents::Made, 0);

        assert_eq!(lost, Ok(None));
        assert_eq!(event.view().to_value(), json!({"a": {"b": {"c": 1}}}));
        let taken = take(&mut event, &place, Parents::Made, 0).unwrap();
        assert_eq!(taken.into_value(), json!(1));
        assert_eq!(event.into_value(), json!({}));
    }

    #[test]
    fn an_empty_parent_that_was_there_is_a_loss() {
        let place = at("/a/b/c");
        let lost = |event: Value, parents| {
            let lost = put(&mut event.into(), &place, json!(1).into(), parents, 0).unwrap();
            lost.map(|at| at.to_string())
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
        let goes = |event: Value| goes_with(&event.into(), &at("/a/b/c")).to_string();

        assert_eq!(goes(json!({"a": {"b": {"c": 1}}})), "/a");
        assert_eq!(goes(json!({"a": {"x": 1, "b": {"c": 1}}})), "/a/b");
        assert_eq!(goes(json!({"a": {"b": {"x": 1, "c": 1}}})), "/a/b/c");
    }

    #[test]
    fn nothing_is_overwritten() {
        let place = at("/a/b");
        let put = |event: Value| put(&mut event.into(), &place, json!(1).into(), Parents::Made, 0);

        assert_eq!(put(json!({"a": {"b": null}})), Err(Blocked::Occupied));
        assert_eq!(put(json!({"a": []})), Err(Blocked::NotAnObject(at("/a"))));
        assert_eq!(put(json!(3)), Err(Blocked::NotAnObject(Pointer::root())));
    }

    #[test]
    fn nothing_is_nested_without_end() {
        let places: Vec<Pointer> =
            ["/a", "/b"].map(|name| at(&name.repeat(DEEPEST / 2 + 2))).into();
        let mut event = Node::empty();

        let first = put(&mut event, &places[0], json!(1).into(), Parents::Made, 0);
        let deep = take(&mut event, &at("/a"), Parents::Made, 0).unwrap();
        let second = put(&mut event, &places[1], deep, Parents::Made, 0);

        assert_eq!(first, Ok(None));
        assert_eq!(second, Err(Blocked::TooDeep));
    }
}
