//! `drop`: a value that the older version has and the newer has not.

use serde_json::Value;

use super::{Direction, Fault, Operation, Scene, View, add::has_parent};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        place::Parents,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct Drop {
    at: Pointer,
    restore: Option<Value>,
}

impl Drop {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Ok(Drop {
            at: super::inner_pointer(fields, "at")?,
            restore: fields.optional("restore").cloned(),
        })
    }
}

impl Operation for Drop {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let taken = scene.take(&self.at, Parents::Kept, 0);
        let comes_back =
            |taken: View<'_, '_>| self.restore.as_ref().is_some_and(|to| taken.same(to));
        if taken.is_some_and(|taken| !comes_back(taken.view())) {
            scene.lose(&self.at);
        }
        Ok(())
    }

    /// Restored only into an object that is there, and only where nothing is.
    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let Some(restore) = &self.restore else { return Ok(()) };
        if scene.find(&self.at).is_some() {
            scene.lose(&self.at);
            return Ok(());
        }
        if !has_parent(scene, &self.at) {
            return Ok(());
        }
        scene.put(&self.at, restore, Parents::Kept, 0)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.take(&self.at, Parents::Kept, 0).map(|_| ())
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        match &self.restore {
            Some(restore) => shape.set(&self.at, restore, Parents::Kept),
            None => Ok(()),
        }
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        match direction {
            Direction::Up => Vec::new(),
            Direction::Down => vec![self.at.clone()],
        }
    }

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(vec![self.at.clone()])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, down, up, with};

    #[test]
    fn a_value_goes_and_its_substitute_comes_back() {
        let lens = with(&json!([{"drop": {"at": "/old", "restore": false}}]));

        assert_eq!(up(&lens, &json!({"old": true})), (json!({}), vec!["/old".into()]));
        back_and_forth(&lens, &json!({"old": false}), &json!({}));
    }

    #[test]
    fn without_a_substitute_nothing_comes_back() {
        let lens = with(&json!([{"drop": {"at": "/a/old"}}]));

        assert_eq!(up(&lens, &json!({"a": {"old": 1}})), (json!({"a": {}}), vec!["/a/old".into()]));
        assert_eq!(down(&lens, &json!({"a": {}})), (json!({"a": {}}), vec![]));
    }

    #[test]
    fn a_substitute_never_makes_its_parent() {
        let lens = with(&json!([{"drop": {"at": "/a/old", "restore": 1}}]));

        assert_eq!(down(&lens, &json!({})), (json!({}), vec![]));
    }
}
