//! Null and nothing: what the operations of the null policy share.

use serde_json::Value;

use super::{Fault, Scene, View, add::has_parent};
use crate::{lens::place::Parents, pointer::Pointer, raw::Kind};

/// What stands at a place, as far as the null policy tells it apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    Null,
    Nothing,
    Value,
}

pub(super) fn stands(scene: &Scene<'_, '_>, at: &Pointer) -> Stands {
    match scene.find(at).map(View::kind) {
        None => Stands::Nothing,
        Some(Kind::Null) => Stands::Null,
        Some(_) => Stands::Value,
    }
}

/// Null goes. Nothing, which null becomes too, does not come back as nothing.
pub(super) fn to_absent(scene: &mut Scene<'_, '_>, at: &Pointer) {
    match stands(scene, at) {
        Stands::Null => {
            scene.take(at, Parents::Kept, 0);
        }
        Stands::Nothing if has_parent(scene, at) => scene.lose(at),
        Stands::Value | Stands::Nothing => {}
    }
}

/// Null comes where nothing is, in an object that is there. Null that is there already does not come back.
pub(super) fn to_null<'n>(scene: &mut Scene<'_, 'n>, at: &'n Pointer) -> Result<(), Fault> {
    match stands(scene, at) {
        Stands::Null => {
            scene.lose(at);
            Ok(())
        }
        Stands::Nothing if has_parent(scene, at) => scene.put(at, Value::Null, Parents::Kept, 0),
        Stands::Value | Stands::Nothing => Ok(()),
    }
}
