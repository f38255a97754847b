//! Deciding on versions that are to be gone for good. Their numbers and ids are never given again.

use stele_evolution::version::Version;

use super::{
    delete::{kept, one, unreferenced},
    permitted_for,
};
use crate::{
    catalog::{Catalog, Setting},
    command::{Choice, Chosen},
    event::{ConfigSet, Event, ModeSet, Scope, VersionsChosen},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &Choice) -> Result<Vec<Event>, Refusal> {
    let subject = &command.subject;
    let stream = kept(catalog, subject)?;
    let versions: Vec<Version> = match command.versions {
        Chosen::All => {
            if stream.live().next().is_some() {
                return Err(Refusal::SubjectNotDeleted(subject.clone()));
            }
            stream.entries().iter().map(|entry| entry.version).collect()
        }
        Chosen::Newest => stream.entries().last().map(|entry| entry.version).into_iter().collect(),
        Chosen::One(version) => vec![version],
    };
    for version in &versions {
        if !one(stream, *version)?.deleted {
            return Err(Refusal::VersionNotDeleted { subject: subject.clone(), version: *version });
        }
    }
    permitted_for(catalog, subject)?;
    // A soft-deleted version can come back, and must find then what it refers to.
    unreferenced(catalog, subject, &versions, |_| true)?;
    let all = versions.len() == stream.entries().len();
    let mut events =
        vec![Event::VersionsErased(VersionsChosen { subject: subject.clone(), versions })];
    if all {
        events.extend(settings_gone(catalog, &Scope::Subject(subject.clone())));
    }
    Ok(events)
}

/// Nothing is left that the settings of a subject could be for; a later one of that name starts afresh.
fn settings_gone(catalog: &Catalog, scope: &Scope) -> Vec<Event> {
    let mut events = Vec::new();
    if catalog.setting(scope) != Setting::default() {
        events.push(Event::ConfigSet(ConfigSet::cleared(scope.clone())));
    }
    if catalog.own_mode(scope).is_some() {
        events.push(Event::ModeSet(ModeSet { scope: scope.clone(), mode: None }));
    }
    events
}
