//! `wrap`: one value becomes a list of it.

use super::{Direction, Fault, Operation, Scene, listing::Listing};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct Wrap(Listing);

impl Wrap {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Listing::read(fields).map(Wrap)
    }
}

impl Operation for Wrap {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.0.wrap(scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.0.head(scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_wrap(shape)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_head(shape)
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        match direction {
            Direction::Up => self.0.origin_wrapped(pointer),
            Direction::Down => self.0.origin_headed(pointer),
        }
    }

    fn writes(&self, _: Direction) -> Vec<Pointer> {
        vec![self.0.at.clone()]
    }

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(vec![self.0.at.clone()])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, down, fails, with};

    #[test]
    fn a_value_becomes_a_list_and_back() {
        let lens = with(&json!([{"wrap": {"at": "/tag"}}]));

        back_and_forth(&lens, &json!({"tag": "a"}), &json!({"tag": ["a"]}));
        back_and_forth(&lens, &json!({"tag": null}), &json!({"tag": [null]}));
        back_and_forth(&lens, &json!({}), &json!({}));
    }

    #[test]
    fn the_tail_is_told_lost_on_the_way_down() {
        let lens = with(&json!([{"wrap": {"at": "/tag"}}]));

        assert_eq!(
            down(&lens, &json!({"tag": ["a", "b"]})),
            (json!({"tag": "a"}), vec!["/tag".into()])
        );
    }

    #[test]
    fn an_empty_list_needs_a_substitute() {
        let strict = with(&json!([{"wrap": {"at": "/tag"}}]));
        let lenient = with(&json!([{"wrap": {"at": "/tag", "empty": ""}}]));

        assert_eq!(
            fails(strict.down(&json!({"tag": []}))),
            "op 0 `wrap` at `/tag`: the list is empty, and the lens says no `empty`"
        );
        assert_eq!(down(&lenient, &json!({"tag": []})), (json!({"tag": ""}), vec!["/tag".into()]));
        assert_eq!(
            fails(strict.down(&json!({"tag": "a"}))),
            "op 0 `wrap` at `/tag`: expected a list, found a text"
        );
    }

    #[test]
    fn losses_inside_are_told_where_they_came_from() {
        let lens = with(&json!([
            {"wrap": {"at": "/a"}}, {"each": {"at": "/a", "ops": [{"drop": {"at": "/x"}}]}}
        ]));

        let (_, losses) = crate::lens::tests::up(&lens, &json!({"a": {"x": 1}}));

        assert_eq!(losses, ["/a/x"]);
    }
}
