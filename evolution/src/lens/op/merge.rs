//! `merge`: several texts into one.

use serde_json::Value;

use super::{Direction, Fault, Operation, Scene, parts::Parts};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct Merge(Parts);

impl Merge {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Parts::read(fields, "into", "from").map(Merge)
    }
}

impl Operation for Merge {
    fn write(&self) -> Value {
        self.0.write("into", "from")
    }

    fn up(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        self.0.join(scene)
    }

    fn down(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        self.0.tear(scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_join(shape)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_tear(shape)
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        match direction {
            Direction::Up => self.0.origin_joined(pointer),
            Direction::Down => self.0.origin_torn(pointer),
        }
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        match direction {
            Direction::Up => vec![self.0.whole.clone()],
            Direction::Down => self.0.parts.clone(),
        }
    }
}
