//! `add`: a value that the newer version has and the older has not.

use serde_json::{Value, json};

use super::{Direction, Fault, Operation, Scene};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        place::{self, Parents},
        same,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct Add {
    at: Pointer,
    value: Value,
    parents: Parents,
}

impl Add {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Ok(Add {
            at: super::inner_pointer(fields, "at")?,
            value: fields.required("value")?.clone(),
            parents: super::parents(fields)?,
        })
    }
}

impl Operation for Add {
    fn write(&self) -> Value {
        match self.parents {
            Parents::Made => json!({"at": self.at, "value": self.value}),
            Parents::Kept => json!({"at": self.at, "value": self.value, "keep_parents": true}),
        }
    }

    /// Set only where nothing is. What is there already will be gone after the way back.
    fn up(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        if scene.find(&self.at).is_some() {
            scene.lose(&self.at);
            return Ok(());
        }
        if self.parents == Parents::Kept && !has_parent(scene, &self.at) {
            return Ok(());
        }
        scene.put(&self.at, self.value.clone(), self.parents, 0)
    }

    fn down(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        let taken = place::take(scene.event, &self.at, self.parents, 0);
        if taken.is_some_and(|taken| !same(&taken, &self.value)) {
            scene.lose(&self.at);
        }
        Ok(())
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.set(&self.at, &self.value, self.parents)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.take(&self.at, self.parents, 0).map(|_| ())
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        match direction {
            Direction::Up => vec![self.at.clone()],
            Direction::Down => Vec::new(),
        }
    }
}

/// Whether the object that `at` would be in is there.
pub(super) fn has_parent(scene: &Scene<'_>, at: &Pointer) -> bool {
    at.split_last().is_some_and(|(parent, _)| scene.find(&parent).is_some_and(Value::is_object))
}
