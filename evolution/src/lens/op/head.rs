//! `head`: a list becomes its first item.

use super::{Direction, Fault, Operation, Scene, listing::Listing};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct Head(Listing);

impl Head {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Listing::read(fields).map(Head)
    }
}

impl Operation for Head {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.0.head(scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.0.wrap(scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_head(shape)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_wrap(shape)
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        match direction {
            Direction::Up => self.0.origin_headed(pointer),
            Direction::Down => self.0.origin_wrapped(pointer),
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

    use crate::lens::tests::{back_and_forth, fails, up, with};

    #[test]
    fn a_list_of_one_becomes_its_item_and_back() {
        let lens = with(&json!([{"head": {"at": "/mail"}}]));

        back_and_forth(&lens, &json!({"mail": [{"a": 1.10}]}), &json!({"mail": {"a": 1.10}}));
        back_and_forth(&lens, &json!({}), &json!({}));
    }

    #[test]
    fn a_list_of_any_other_length_is_told_lost() {
        let lens = with(&json!([{"head": {"at": "/mail", "empty": "?"}}]));

        assert_eq!(
            up(&lens, &json!({"mail": ["a", "b"]})),
            (json!({"mail": "a"}), vec!["/mail".into()])
        );
        assert_eq!(up(&lens, &json!({"mail": []})), (json!({"mail": "?"}), vec!["/mail".into()]));
        assert!(fails(lens.up(&json!({"mail": {}}))).contains("expected a list, found an object"));
    }
}
