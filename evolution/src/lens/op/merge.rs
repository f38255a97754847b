//! `merge`: several texts into one.

use super::{Direction, Fault, Operation, Scene, parts::Parts};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct Merge(Parts);

impl Merge {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Parts::read(fields, "into", "from").map(Merge)
    }
}

impl Operation for Merge {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.0.join(scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.0.tear(scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_join(shape)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.0.shape_tear(shape)
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        match direction {
            Direction::Up => self.0.origin_joined(pointer),
            Direction::Down => self.0.origin_torn(pointer),
        }
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        match direction {
            Direction::Up => vec![self.0.whole.clone()],
            Direction::Down => self.0.pieces.clone(),
        }
    }

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(self.0.places())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, fails, with};

    #[test]
    fn parts_become_a_text_and_back() {
        let lens = with(&json!([
            {"merge": {"from": ["/at/date", "/at/time"], "into": "/at/stamp", "sep": "T"}}
        ]));

        back_and_forth(
            &lens,
            &json!({"at": {"date": "2026-01-31", "time": "12:00Z"}}),
            &json!({"at": {"stamp": "2026-01-31T12:00Z"}}),
        );
        back_and_forth(&lens, &json!({"at": {}}), &json!({"at": {}}));
    }

    #[test]
    fn an_absent_part_is_refused() {
        let lens = with(&json!([{"merge": {"from": ["/a", "/b"], "into": "/c", "sep": "-"}}]));

        assert_eq!(
            fails(lens.up(&json!({"a": "x"}))),
            "op 0 `merge` at `/b`: this part is absent, and the lens says no `missing`"
        );
    }
}
