//! `each`: operations on every item of a list.

use super::{Direction, Fault, Op, Operation, Scene, View, inside};
use crate::{
    lens::{
        LensError,
        fields::Fields,
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

    fn run<'n>(&'n self, direction: Direction, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let kind = scene.find(&self.at).map(View::kind_name);
        let Some(part) = scene.inner(&self.at) else { return Ok(()) };
        let Some(items) = part.open_list() else {
            let message = format!("expected a list, found {}", kind.unwrap_or_default());
            return Err(scene.fault(&self.at, message));
        };
        let mut lost = Vec::new();
        let ran = items.iter_mut().enumerate().try_for_each(|(index, item)| {
            let base = || self.at.child(index.to_string());
            inside::run(&self.ops, direction, item, base, &mut lost)
        });
        scene.losses.append(&mut lost);
        ran
    }
}

impl Operation for Each {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Up, scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
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

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(vec![self.at.clone()])
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
