//! `null_to_absent`: the older version says null where the newer says nothing.

use super::{Direction, Fault, Operation, Scene, absence};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct NullToAbsent {
    at: Pointer,
}

impl NullToAbsent {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Ok(NullToAbsent { at: super::inner_pointer(fields, "at")? })
    }
}

impl Operation for NullToAbsent {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        absence::to_absent(scene, &self.at);
        Ok(())
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        absence::to_null(scene, &self.at)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.null_to_absent(&self.at)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.absent_to_null(&self.at)
    }

    fn writes(&self, _: Direction) -> Vec<Pointer> {
        vec![self.at.clone()]
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
    fn null_goes_and_comes_back() {
        let lens = with(&json!([{"null_to_absent": {"at": "/a/b"}}]));

        back_and_forth(&lens, &json!({"a": {"b": null}}), &json!({"a": {}}));
        back_and_forth(&lens, &json!({"a": {"b": 1}}), &json!({"a": {"b": 1}}));
        back_and_forth(&lens, &json!({}), &json!({}));
    }

    #[test]
    fn what_the_other_version_could_not_say_is_told_lost() {
        let lens = with(&json!([{"null_to_absent": {"at": "/b"}}]));

        assert_eq!(up(&lens, &json!({})), (json!({}), vec!["/b".into()]));
        assert_eq!(down(&lens, &json!({"b": null})), (json!({"b": null}), vec!["/b".into()]));
    }
}
