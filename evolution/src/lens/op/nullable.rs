//! `nullable`: the newer version takes null where the older does not.

use serde_json::Value;

use super::{
    Direction, Fault, Operation, Scene,
    absence::{Stands, stands},
};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        place::Parents,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

pub(crate) struct Nullable {
    at: Pointer,
    /// What null becomes on the way down; without it, it goes.
    restore: Option<Value>,
}

impl Nullable {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Ok(Nullable {
            at: super::inner_pointer(fields, "at")?,
            restore: fields.optional("restore").cloned(),
        })
    }
}

impl Operation for Nullable {
    /// Nothing changes; null that is there already will not come back.
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        if stands(scene, &self.at) == Stands::Null {
            scene.lose(&self.at);
        }
        Ok(())
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        if stands(scene, &self.at) != Stands::Null {
            return Ok(());
        }
        scene.lose(&self.at);
        if let Some(restore) = &self.restore {
            return scene.replace(&self.at, restore);
        }
        scene.take(&self.at, Parents::Kept, 0);
        Ok(())
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.look(&self.at).map(|_| ())
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        match &self.restore {
            None => shape.null_to_absent(&self.at),
            Some(restore) => shape.null_to(&self.at, restore),
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
    fn null_goes_on_the_way_down() {
        let lens = with(&json!([{"nullable": {"at": "/note"}}]));

        back_and_forth(&lens, &json!({"note": "x"}), &json!({"note": "x"}));
        back_and_forth(&lens, &json!({}), &json!({}));
        assert_eq!(down(&lens, &json!({"note": null})), (json!({}), vec!["/note".into()]));
        assert_eq!(up(&lens, &json!({"note": null})).1, ["/note"]);
    }

    #[test]
    fn null_becomes_its_substitute() {
        let lens = with(&json!([{"nullable": {"at": "/note", "restore": "-"}}]));

        assert_eq!(
            down(&lens, &json!({"note": null})),
            (json!({"note": "-"}), vec!["/note".into()])
        );
        assert_eq!(down(&lens, &json!({})), (json!({}), vec![]));
    }
}
