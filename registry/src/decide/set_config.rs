//! Deciding on a policy: whatever is asked holds, from here on.

use super::permitted;
use crate::{
    catalog::Catalog,
    command::SetConfig,
    event::{ConfigSet, Event},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &SetConfig) -> Result<Vec<Event>, Refusal> {
    permitted(catalog, &command.scope)?;
    let current = catalog.setting(&command.scope);
    let set = ConfigSet {
        scope: command.scope.clone(),
        compatibility: command.compatibility.over(current.compatibility),
        content_model: command.content_model.over(current.content_model),
    };
    if set.compatibility == current.compatibility && set.content_model == current.content_model {
        return Ok(Vec::new());
    }
    Ok(vec![Event::ConfigSet(set)])
}
