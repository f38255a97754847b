//! `split`: one text into several.

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

pub(crate) struct Split(Parts);

impl Split {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Parts::read(fields, "from", "into").map(Split)
    }
}

impl Operation for Split {
    fn write(&self) -> Value {
        self.0.write("from", "into")
    }

    fn up(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        self.0.tear(scene)
    }

    fn down(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        self.0.join(scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_tear(shape)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_join(shape)
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        match direction {
            Direction::Up => self.0.origin_torn(pointer),
            Direction::Down => self.0.origin_joined(pointer),
        }
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        match direction {
            Direction::Up => self.0.parts.clone(),
            Direction::Down => vec![self.0.whole.clone()],
        }
    }
}
