//! `absent_to_null`: the older version says nothing where the newer says null.

use super::{Direction, Fault, Operation, Scene, absence};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct AbsentToNull {
    at: Pointer,
}

impl AbsentToNull {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Ok(AbsentToNull { at: super::inner_pointer(fields, "at")? })
    }
}

impl Operation for AbsentToNull {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        absence::to_null(scene, &self.at)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        absence::to_absent(scene, &self.at);
        Ok(())
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.absent_to_null(&self.at)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.null_to_absent(&self.at)
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

    use crate::lens::tests::{back_and_forth, up, with};

    #[test]
    fn nothing_becomes_null_and_back() {
        let lens = with(&json!([{"absent_to_null": {"at": "/a/b"}}]));

        back_and_forth(&lens, &json!({"a": {}}), &json!({"a": {"b": null}}));
        back_and_forth(&lens, &json!({"a": {"b": 1}}), &json!({"a": {"b": 1}}));
        back_and_forth(&lens, &json!({}), &json!({}));
        assert_eq!(up(&lens, &json!({"a": {"b": null}})).1, ["/a/b"]);
    }
}
