//! A value taken out at one place and put in at another: what `rename` and `move` share.

use super::{Direction, Fault, Operation, Scene};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        place::Parents,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

/// From where to where.
pub(crate) struct Relocation {
    pub(super) from: Pointer,
    pub(super) to: Pointer,
    pub(super) parents: Parents,
    /// How many steps both places share: objects up to there are never made or removed.
    floor: usize,
    /// Both places are in the same object.
    renames: bool,
}

impl Relocation {
    pub(super) fn read(fields: &Fields<'_>, parents: Parents) -> Result<Self, LensError> {
        let from = super::inner_pointer(fields, "from")?;
        let to = super::inner_pointer(fields, "to")?;
        if from.contains(&to) || to.contains(&from) {
            let message = format!("`{from}` and `{to}` are not two separate places");
            return Err(fields.wrong(message));
        }
        let shared = from.tokens().iter().zip(to.tokens()).take_while(|(a, b)| a == b).count();
        let renames = from.tokens().len() == to.tokens().len() && shared + 1 == to.tokens().len();
        Ok(Relocation { from, to, parents, floor: shared, renames })
    }

    fn ends(&self, direction: Direction) -> (&Pointer, &Pointer) {
        match direction {
            Direction::Up => (&self.from, &self.to),
            Direction::Down => (&self.to, &self.from),
        }
    }

    /// A missing source is skipped: what is optional stays so.
    fn run<'n>(&'n self, direction: Direction, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let (from, to) = self.ends(direction);
        if self.renames {
            return scene.rename(from, to);
        }
        match scene.take(from, self.parents, self.floor) {
            Some(value) => scene.put(to, value, self.parents, self.floor),
            None => Ok(()),
        }
    }

    fn shape(&self, direction: Direction, shape: &mut Shape) -> Result<(), Stop> {
        let (from, to) = self.ends(direction);
        let taken = shape.take(from, self.parents, self.floor)?;
        shape.put(to, taken)
    }
}

impl Operation for Relocation {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Up, scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Down, scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.shape(Direction::Up, shape)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.shape(Direction::Down, shape)
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        let (from, to) = self.ends(direction);
        rebase(pointer, to, from)
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        vec![self.ends(direction).1.clone()]
    }

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(vec![self.from.clone(), self.to.clone()])
    }

    fn renaming(&self, direction: Direction) -> Option<(&Pointer, &Pointer)> {
        self.renames.then(|| self.ends(direction))
    }
}

/// A place in `to` as the same place in `from`; any other place as it is.
pub(super) fn rebase(pointer: Pointer, to: &Pointer, from: &Pointer) -> Pointer {
    if to.contains(&pointer) {
        let rest = &pointer.tokens()[to.tokens().len()..];
        from.tokens().iter().chain(rest).cloned().collect()
    } else {
        pointer
    }
}
