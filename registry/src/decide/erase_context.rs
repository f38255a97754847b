//! Deciding on a context that is to be listed no more: only where nothing is left in it.

use stele_api::subject::Context;

use super::permitted;
use crate::{
    catalog::{Catalog, Setting},
    event::{ConfigSet, ContextErased, Event, Scope},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, context: &Context) -> Result<Vec<Event>, Refusal> {
    let scope = Scope::Context(context.clone());
    permitted(catalog, &scope)?;
    if catalog.streams_in(context).next().is_some() || context.is_default() {
        return Err(Refusal::ContextNotEmpty(context.clone()));
    }
    if !catalog.contexts().contains(context) {
        return Err(Refusal::ContextNotFound(context.clone()));
    }
    let mut events = vec![Event::ContextErased(ContextErased { context: context.clone() })];
    if catalog.setting(&scope) != Setting::default() {
        events.push(Event::ConfigSet(ConfigSet::cleared(scope)));
    }
    Ok(events)
}
