//! Deciding on a mode. IMPORT wants room: ids and versions from elsewhere must not meet those that are there.

use stele_api::mode::Mode;

use super::belongs_to_people;
use crate::{
    catalog::{Catalog, Stream},
    command::SetMode,
    event::{Event, ModeSet, Scope},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &SetMode) -> Result<Vec<Event>, Refusal> {
    let scope = &command.scope;
    belongs_to_people(scope)?;
    let current = catalog.own_mode(scope);
    if command.mode == Some(Mode::Import) && current != command.mode && !command.forced {
        let in_the_way = catalog.streams().find(|stream| is_within(stream, scope));
        if let Some(stream) = in_the_way {
            let subject = stream.subject().clone();
            return Err(Refusal::ImportOverSchemas { scope: scope.clone(), subject });
        }
    }
    let mut events = Vec::new();
    if command.recursive {
        let within = catalog.modes_within(scope).into_iter().filter(|other| other != scope);
        events.extend(within.map(|scope| Event::ModeSet(ModeSet { scope, mode: None })));
    }
    if command.mode != current {
        events.push(Event::ModeSet(ModeSet { scope: scope.clone(), mode: command.mode }));
    }
    Ok(events)
}

/// Whether a subject lies within a scope and has versions that are not deleted.
fn is_within(stream: &Stream, scope: &Scope) -> bool {
    let subject = Scope::Subject(stream.subject().clone());
    stream.newest().is_some() && subject.outwards().contains(scope)
}
