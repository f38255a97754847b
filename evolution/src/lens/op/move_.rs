//! `move`: the same value at another place, whose parents are made if need be.

use serde_json::{Value, json};

use super::{Direction, Fault, Operation, Scene, relocation::Relocation};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        place::Parents,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct Move(Relocation);

impl Move {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Relocation::read(fields, super::parents(fields)?).map(Move)
    }
}

impl Operation for Move {
    fn write(&self) -> Value {
        match self.0.parents {
            Parents::Made => json!({"from": self.0.from, "to": self.0.to}),
            Parents::Kept => json!({"from": self.0.from, "to": self.0.to, "keep_parents": true}),
        }
    }

    fn up(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        self.0.run(Direction::Up, scene)
    }

    fn down(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        self.0.run(Direction::Down, scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape(Direction::Up, shape)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape(Direction::Down, shape)
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        self.0.origin(direction, pointer)
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        self.0.writes(direction)
    }
}
