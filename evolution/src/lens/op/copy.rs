//! `copy`: the same value at a second place; on the way back the second goes.

use super::{Direction, Fault, Operation, Scene, relocation::rebase};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        place::Parents,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

/// The most values that one copy makes: without a limit, copies of copies would double an event with every operation.
const MAX_VALUES: usize = 10_000;

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
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let Some(value) = scene.find(&self.from) else { return Ok(()) };
        if value.values() > MAX_VALUES {
            let message = format!("more than {MAX_VALUES} values are not copied");
            return Err(scene.fault(&self.from, message));
        }
        let second = value.to_node();
        scene.put(&self.to, second, self.parents, 0)
    }

    /// The second value is lost where it says something else than the first.
    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let lost = match (scene.find(&self.from), scene.find(&self.to)) {
            (_, None) => return Ok(()),
            (Some(first), Some(second)) if first.agrees(second) => None,
            (None, _) if self.parents == Parents::Made => Some(scene.goes_with(&self.to)),
            _ => Some(self.to.clone()),
        };
        scene.take(&self.to, self.parents, 0);
        if let Some(lost) = lost {
            scene.lose(&lost);
        }
        Ok(())
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        let found = shape.look(&self.from)?;
        shape.expect_scalar(&found.schema);
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

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(vec![self.from.clone(), self.to.clone()])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::lens::tests::{back_and_forth, down, fails, with};

    #[test]
    fn the_second_value_goes_on_the_way_back() {
        let lens = with(&json!([{"copy": {"from": "/id", "to": "/ref/id"}}]));

        back_and_forth(&lens, &json!({"id": 1}), &json!({"id": 1, "ref": {"id": 1}}));
        back_and_forth(&lens, &json!({}), &json!({}));
    }

    #[test]
    fn a_second_value_of_its_own_is_told_lost() {
        let lens = with(&json!([{"copy": {"from": "/id", "to": "/ref"}}]));

        assert_eq!(
            down(&lens, &json!({"id": 1, "ref": 2})),
            (json!({"id": 1}), vec!["/ref".into()])
        );
        assert_eq!(down(&lens, &json!({"id": 1, "ref": 1.0})), (json!({"id": 1}), vec![]));
    }

    #[test]
    fn copies_of_copies_come_to_an_end() {
        let doubling: Vec<Value> = (0..60)
            .flat_map(|step| {
                let (from, to) = (format!("/x{step}"), format!("/x{}", step + 1));
                [
                    json!({"copy": {"from": from, "to": format!("{to}/l")}}),
                    json!({"move": {"from": from, "to": format!("{to}/r")}}),
                ]
            })
            .collect();

        let error = fails(with(&json!(doubling)).up(&json!({"x0": 1})));

        assert!(error.contains("more than 10000 values are not copied"), "{error}");
    }
}
