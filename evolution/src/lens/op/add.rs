//! `add`: a value that the newer version has and the older has not.

use serde_json::Value;

use super::{Direction, Fault, Operation, Scene};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        node::View,
        place::Parents,
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
    /// Set only where nothing is. What is there already will be gone after the way back.
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        if scene.find(&self.at).is_some() {
            let lost = match self.parents {
                Parents::Made => scene.goes_with(&self.at),
                Parents::Kept => self.at.clone(),
            };
            scene.lose(&lost);
            return Ok(());
        }
        if self.parents == Parents::Kept && !has_parent(scene, &self.at) {
            return Ok(());
        }
        scene.put(&self.at, &self.value, self.parents, 0)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let taken = scene.take(&self.at, self.parents, 0);
        if taken.is_some_and(|taken| !taken.view().same(&self.value)) {
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

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(vec![self.at.clone()])
    }
}

/// Whether the object that `at` would be in is there.
pub(super) fn has_parent(scene: &Scene<'_, '_>, at: &Pointer) -> bool {
    let parent = at.tokens().split_last().and_then(|(_, above)| scene.event.view().find(above));
    parent.is_some_and(View::is_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, down, up, with};

    #[test]
    fn a_value_is_added_and_dropped_again() {
        let lens = with(&json!([{"add": {"at": "/price/currency", "value": "EUR"}}]));

        back_and_forth(&lens, &json!({}), &json!({"price": {"currency": "EUR"}}));
        back_and_forth(
            &lens,
            &json!({"price": {"total": 1}}),
            &json!({"price": {"total": 1, "currency": "EUR"}}),
        );
    }

    #[test]
    fn only_another_value_is_told_lost() {
        let lens = with(&json!([{"add": {"at": "/currency", "value": "EUR"}}]));

        assert_eq!(down(&lens, &json!({"currency": "USD"})), (json!({}), vec!["/currency".into()]));
        assert_eq!(down(&lens, &json!({"currency": "EUR"})), (json!({}), vec![]));
        assert_eq!(down(&lens, &json!({})), (json!({}), vec![]));
    }

    #[test]
    fn what_is_there_already_stays_and_is_told_lost() {
        let lens = with(&json!([{"add": {"at": "/currency", "value": "EUR"}}]));

        assert_eq!(
            up(&lens, &json!({"currency": "USD"})),
            (json!({"currency": "USD"}), vec!["/currency".into()])
        );
    }

    #[test]
    fn kept_parents_are_not_made() {
        let lens = with(
            &json!([{"add": {"at": "/price/currency", "value": "EUR", "keep_parents": true}}]),
        );

        back_and_forth(&lens, &json!({}), &json!({}));
        back_and_forth(&lens, &json!({"price": {}}), &json!({"price": {"currency": "EUR"}}));
    }
}
