//! Deciding on a policy: whatever is asked holds, from here on.

use super::permitted;
use crate::{
    catalog::{Catalog, Setting},
    command::SetConfig,
    event::{ConfigSet, Event},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &SetConfig) -> Result<Vec<Event>, Refusal> {
    permitted(catalog, &command.scope)?;
    let current = catalog.setting(&command.scope);
    let set = Setting {
        compatibility: command.compatibility.over(current.compatibility),
        content_model: command.content_model.over(current.content_model),
        widen: command.widen.over(current.widen),
        strict_lenses: command.strict_lenses.over(current.strict_lenses),
    };
    if set == current {
        return Ok(Vec::new());
    }
    let Setting { compatibility, content_model, widen, strict_lenses } = set;
    let scope = command.scope.clone();
    let set = ConfigSet { scope, compatibility, content_model, widen, strict_lenses };
    Ok(vec![Event::ConfigSet(set)])
}
