//! `each`: operations on every item of a list.

use serde_json::Value;

use super::{Direction, Fault, Op, Operation, Scene, inside};
use crate::{
    lens::{
        LensError,
        fields::{Fields, kind},
        place,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct Each {
    at: Pointer,
    ops: Vec<Op>,
}

impl Each {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Ok(Each { at: fields.pointer("at")?, ops: inside::ops(fields)? })
    }

    pub(super) fn inner(&self) -> &[Op] {
        &self.ops
    }

    fn run(&self, direction: Direction, scene: &mut Scene<'_>) -> Result<(), Fault> {
        let list = scene.base.join(&self.at);
        let items = match place::find_mut(scene.event, &self.at) {
            None => return Ok(()),
            Some(Value::Array(items)) => items,
            Some(other) => {
                let message = format!("expected a list, found {}", kind(other));
                return Err(Fault { pointer: list, message });
            }
        };
        for (index, item) in items.iter_mut().enumerate() {
            let base = list.child(index.to_string());
            inside::run(&self.ops, direction, item, &base, scene.losses)?;
        }
        Ok(())
    }
}

impl Operation for Each {
    fn up(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        self.run(Direction::Up, scene)
    }

    fn down(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        self.run(Direction::Down, scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.each(&self.at, |items| inside::shape(&self.ops, Direction::Up, items))
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.each(&self.at, |items| inside::shape(&self.ops, Direction::Down, items))
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        let depth = self.at.tokens().len();
        if !self.at.contains(&pointer) || pointer.tokens().len() <= depth {
            return pointer;
        }
        inside::origin(&self.ops, direction, &pointer, depth + 1)
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        inside::writes(&self.ops, direction, &self.at.child("*"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, fails, up, with};

    #[test]
    fn every_item_crosses() {
        let lens = with(&json!([
            {"each": {"at": "/lines", "ops": [{"rename": {"from": "/qty", "to": "/quantity"}}]}}
        ]));

        back_and_forth(
            &lens,
            &json!({"lines": [{"qty": 1}, {}, {"qty": 3}]}),
            &json!({"lines": [{"quantity": 1}, {}, {"quantity": 3}]}),
        );
        back_and_forth(&lens, &json!({}), &json!({}));
    }

    #[test]
    fn losses_and_errors_name_the_item() {
        let lens = with(&json!([{"each": {"at": "/lines", "ops": [
            {"rename": {"from": "/note", "to": "/remark"}}, {"drop": {"at": "/remark"}},
            {"map": {"at": "/s", "pairs": {"A": "a"}}}
        ]}}]));

        let (_, losses) = up(&lens, &json!({"lines": [{}, {"note": "x"}]}));

        assert_eq!(losses, ["/lines/1/note"]);
        assert_eq!(
            fails(lens.up(&json!({"lines": [{"s": "A"}, {"s": "B"}]}))),
            "op 0 `each` at `/lines/1/s`: `map`: \"B\" has no image in `pairs`, and there is no `else`"
        );
        assert_eq!(
            fails(lens.up(&json!({"lines": {}}))),
            "op 0 `each` at `/lines`: expected a list, found an object"
        );
    }
}
