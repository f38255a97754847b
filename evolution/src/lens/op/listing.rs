//! One value and the list of it: what `wrap` and `head` share, each the other's way back.

use serde_json::Value;

use super::{Fault, Scene};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        shape::{Shape, Stop},
    },
    pointer::Pointer,
};

/// Where, and what an empty list becomes.
pub(crate) struct Listing {
    pub(super) at: Pointer,
    /// What stands for the first item of a list that has none.
    empty: Option<Value>,
}

impl Listing {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Ok(Listing { at: fields.pointer("at")?, empty: fields.optional("empty").cloned() })
    }

    /// The value into a list that holds nothing else.
    pub(super) fn wrap(&self, scene: &mut Scene<'_, '_>) -> Result<(), Fault> {
        let Some(node) = scene.inner(&self.at) else { return Ok(()) };
        let value = std::mem::replace(node, Value::Null.into());
        scene.replace(&self.at, vec![value])
    }

    /// The list into its first item. A list of any other length than one does not come back.
    pub(super) fn head<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let Some(view) = scene.find(&self.at) else { return Ok(()) };
        let kind = view.kind_name();
        let Some(items) = scene.inner(&self.at).and_then(|node| node.open_list()) else {
            return Err(scene.fault(&self.at, format!("expected a list, found {kind}")));
        };
        let mut items = std::mem::take(items).into_iter();
        let first = match (items.next(), &self.empty) {
            (Some(first), _) => first,
            (None, Some(empty)) => {
                scene.lose(&self.at);
                return scene.replace(&self.at, empty);
            }
            (None, None) => {
                let message = "the list is empty, and the lens says no `empty`";
                return Err(scene.fault(&self.at, message));
            }
        };
        if items.next().is_some() {
            scene.lose(&self.at);
        }
        scene.replace(&self.at, first)
    }

    pub(super) fn shape_wrap(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.wrap(&self.at)
    }

    pub(super) fn shape_head(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.head(&self.at, self.empty.as_ref())
    }

    /// A place in the list as it was in the value.
    pub(super) fn origin_wrapped(&self, pointer: Pointer) -> Pointer {
        let depth = self.at.tokens().len();
        match pointer.tokens().get(depth) {
            Some(index) if self.at.contains(&pointer) && index == "0" => {
                let (above, below) = pointer.tokens().split_at(depth);
                above.iter().chain(&below[1..]).cloned().collect()
            }
            _ => pointer,
        }
    }

    /// A place in the first item as it was in the list.
    pub(super) fn origin_headed(&self, pointer: Pointer) -> Pointer {
        if !self.at.contains(&pointer) || pointer == self.at {
            return pointer;
        }
        let (above, below) = pointer.tokens().split_at(self.at.tokens().len());
        let first = "0".to_owned();
        above.iter().chain([&first]).chain(below).cloned().collect()
    }
}
