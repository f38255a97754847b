//! `each`: operations on every item of a list.

use serde_json::{Value, json};

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
    fn write(&self) -> Value {
        json!({"at": self.at, "ops": self.ops.iter().map(Op::write).collect::<Value>()})
    }

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
