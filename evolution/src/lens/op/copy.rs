//! `copy`: the same value at a second place; on the way back the second goes.

use serde_json::{Value, json};

use super::{Direction, Fault, Operation, Scene, relocation::rebase};
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

pub(crate) struct Copy {
    from: Pointer,
    to: Pointer,
    parents: Parents,
}

impl Copy {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        let from = super::inner_pointer(fields, "from")?;
        let to = super::inner_pointer(fields, "to")?;
        if from.contains(&to) || to.contains(&from) {
            let message = format!("`{from}` and `{to}` are not two separate places");
            return Err(fields.wrong(message));
        }
        Ok(Copy { from, to, parents: super::parents(fields)? })
    }
}

impl Operation for Copy {
    fn write(&self) -> Value {
        match self.parents {
            Parents::Made => json!({"from": self.from, "to": self.to}),
            Parents::Kept => json!({"from": self.from, "to": self.to, "keep_parents": true}),
        }
    }

    fn up(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        match scene.find(&self.from).cloned() {
            Some(value) => scene.put(&self.to, value, self.parents, 0),
            None => Ok(()),
        }
    }

    /// The second value is lost where it says something else than the first.
    fn down(&self, scene: &mut Scene<'_>) -> Result<(), Fault> {
        let first = scene.find(&self.from).cloned();
        let Some(second) = place::take(scene.event, &self.to, self.parents, 0) else {
            return Ok(());
        };
        if !first.is_some_and(|first| same(&first, &second)) {
            scene.lose(&self.to);
        }
        Ok(())
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        let found = shape.look(&self.from)?;
        shape.put(&self.to, found)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.look(&self.from)?;
        shape.take(&self.to, self.parents, 0).map(|_| ())
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        match direction {
            Direction::Up => rebase(pointer, &self.to, &self.from),
            Direction::Down => pointer,
        }
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        match direction {
            Direction::Up => vec![self.to.clone()],
            Direction::Down => Vec::new(),
        }
    }
}
