//! `split`: one text into several.

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
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.0.tear(scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
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
            Direction::Up => self.0.pieces.clone(),
            Direction::Down => vec![self.0.whole.clone()],
        }
    }

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(self.0.places())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, down, fails, up, with};

    #[test]
    fn a_text_becomes_its_parts_and_back() {
        let lens =
            with(&json!([{"split": {"from": "/name", "into": ["/first", "/last"], "sep": " "}}]));

        back_and_forth(&lens, &json!({"name": "Ada L"}), &json!({"first": "Ada", "last": "L"}));
        back_and_forth(&lens, &json!({"name": "A B C"}), &json!({"first": "A", "last": "B C"}));
        back_and_forth(&lens, &json!({}), &json!({}));
    }

    #[test]
    fn a_moved_boundary_is_told_lost() {
        let lens =
            with(&json!([{"split": {"from": "/name", "into": ["/first", "/last"], "sep": " "}}]));

        let (event, losses) = down(&lens, &json!({"first": "Mary Ann", "last": "X"}));

        assert_eq!(event, json!({"name": "Mary Ann X"}));
        assert_eq!(losses, ["/first", "/last"]);
    }

    #[test]
    fn too_few_parts_need_a_substitute() {
        let strict = with(&json!([{"split": {"from": "/n", "into": ["/a", "/b"], "sep": "-"}}]));
        let lenient = with(
            &json!([{"split": {"from": "/n", "into": ["/a", "/b"], "sep": "-", "missing": ""}}]),
        );

        assert_eq!(
            fails(strict.up(&json!({"n": "x"}))),
            "op 0 `split` at `/n`: the text has fewer than 2 parts between `-`, and the lens says no `missing`"
        );
        back_and_forth(&lenient, &json!({"n": "x"}), &json!({"a": "x", "b": ""}));
        assert_eq!(up(&lenient, &json!({"n": "x-"})).1, ["/n"]);
        assert!(lenient.up(&json!({"n": 1})).is_err());
    }
}
