//! An event through a lens one operation at a time, with what each of them changed.

use serde::Serialize;
use serde_json::Value;

use super::{Direction, Lens, OpError, flow::flow};
use crate::pointer::Pointer;

/// An event on its way, operation by operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Walk {
    /// The operations that ran, in the order they ran.
    pub effects: Vec<Effect>,
    /// The event at the end; nothing where an operation could not take it.
    pub event: Option<Value>,
    /// The operation that could not take the event.
    pub error: Option<OpError>,
}

/// What one operation did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// Its place in `ops`, from 0.
    pub op: usize,
    /// The operation as the document says it, on one line.
    pub says: String,
    /// What it changed; nothing where there was nothing to do.
    pub changes: Vec<Change>,
    /// What is gone for good, as places in the event that came in.
    pub losses: Vec<Pointer>,
}

/// One place before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Where.
    pub at: Pointer,
    /// What was there.
    pub before: Option<Value>,
    /// What is there now.
    pub after: Option<Value>,
}

impl Lens {
    /// Carries an event like [`Lens::cross`], telling what every operation does on the way.
    ///
    /// ```
    /// use serde_json::json;
    /// use stele_evolution::lens::{Direction, Lens};
    ///
    /// let lens = Lens::parse("{lens: 1, subject: S, from: 1, to: 2, ops: [rename: {from: /a, to: /b}]}")?;
    ///
    /// let walk = lens.walk(Direction::Up, &json!({"a": 1}));
    ///
    /// assert_eq!(walk.effects[0].says, "rename: { from: /a, to: /b }");
    /// assert_eq!(walk.effects[0].changes.len(), 2);
    /// assert_eq!(walk.event, Some(json!({"b": 1})));
    /// # Ok::<(), stele_evolution::lens::LensError>(())
    /// ```
    pub fn walk(&self, direction: Direction, event: &Value) -> Walk {
        let mut walk = Walk { effects: Vec::new(), event: None, error: None };
        let mut now = event.clone();
        let count = self.steps(direction).len();
        for taken in 1..=count {
            match self.first(direction, taken, event) {
                Err(error) => return Walk { error: Some(error), ..walk },
                Ok((after, losses)) => {
                    let op = self.steps(direction)[taken - 1].0;
                    let mut changes = Vec::new();
                    changed(&now, &after, &Pointer::root(), &mut changes);
                    let losses = losses.into_iter().filter(|(by, _)| *by == op);
                    let losses = losses.map(|(_, place)| place).collect();
                    walk.effects.push(Effect { op, says: self.says(op), changes, losses });
                    now = after;
                }
            }
        }
        walk.event = Some(now);
        walk
    }

    /// An operation as the document says it, on one line.
    fn says(&self, op: usize) -> String {
        let said = self.0.value["ops"].get(op).and_then(Value::as_object);
        said.and_then(|said| said.iter().next())
            .map_or_else(String::new, |(name, body)| format!("{name}: {}", flow(body)))
    }
}

/// Every place where the events differ, a value that only one has as a whole.
fn changed(before: &Value, after: &Value, here: &Pointer, changes: &mut Vec<Change>) {
    let mut note = |at: Pointer, before: Option<&Value>, after: Option<&Value>| {
        changes.push(Change { at, before: before.cloned(), after: after.cloned() });
    };
    match (before, after) {
        (Value::Object(left), Value::Object(right)) => {
            let gained = right.keys().filter(|name| !left.contains_key(*name));
            for name in left.keys().chain(gained) {
                let at = here.child(name);
                match (left.get(name), right.get(name)) {
                    (Some(before), Some(after)) => changed(before, after, &at, changes),
                    (before, after) => {
                        let (before, after) = (before.cloned(), after.cloned());
                        changes.push(Change { at, before, after });
                    }
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                changed(left, right, &here.child(index.to_string()), changes);
            }
        }
        (left, right) if left == right => {}
        (left, right) => note(here.clone(), Some(left), Some(right)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lens::tests::with;

    #[test]
    fn every_operation_tells_what_it_did() {
        let lens = with(&json!([
            {"rename": {"from": "/a", "to": "/b"}}, {"drop": {"at": "/x"}}, {"add": {"at": "/c", "value": 1}}
        ]));

        let walk = lens.walk(Direction::Up, &json!({"a": [1.10]}));

        let told: Vec<(String, usize)> =
            walk.effects.iter().map(|it| (it.says.clone(), it.changes.len())).collect();
        assert_eq!(told[0], ("rename: { from: /a, to: /b }".to_owned(), 2));
        assert_eq!(told[1], ("drop: { at: /x }".to_owned(), 0));
        assert_eq!(walk.event, Some(json!({"b": [1.10], "c": 1})));
    }

    #[test]
    fn the_way_ends_where_an_operation_cannot_go_on() {
        let lens = with(&json!([
            {"drop": {"at": "/x"}}, {"map": {"at": "/s", "pairs": {"A": "a"}}}, {"drop": {"at": "/y"}}
        ]));

        let walk = lens.walk(Direction::Up, &json!({"s": "B", "x": 1}));

        assert_eq!((walk.effects.len(), walk.event), (1, None));
        assert_eq!(walk.effects[0].losses, ["/x".parse().unwrap()]);
        assert_eq!(walk.error.map(|error| error.op), Some(1));
    }
}
