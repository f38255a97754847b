//! Deciding on soft-deleted versions that are to come back.

use stele_evolution::version::Version;

use super::{
    delete::{kept, one},
    permitted_for,
};
use crate::{
    catalog::Catalog,
    command::{Choice, Chosen},
    event::{Event, VersionsChosen},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &Choice) -> Result<Vec<Event>, Refusal> {
    let subject = &command.subject;
    let stream = kept(catalog, subject)?;
    let hidden = || stream.entries().iter().filter(|entry| entry.deleted);
    let versions: Vec<Version> = match command.versions {
        Chosen::All => hidden().map(|entry| entry.version).collect(),
        Chosen::Newest => hidden().map(|entry| entry.version).next_back().into_iter().collect(),
        Chosen::One(version) => {
            let entry = one(stream, version)?;
            if entry.deleted { vec![version] } else { Vec::new() }
        }
    };
    // What is there already is not brought back.
    if versions.is_empty() {
        return Ok(Vec::new());
    }
    permitted_for(catalog, subject)?;
    for version in &versions {
        for reference in one(stream, *version)?.content.key.references.iter() {
            let goes_too = reference.subject == *subject
                && versions
                    .iter()
                    .any(|other| i64::from(other.number()) == i64::from(reference.version));
            let leads = catalog.lead(reference).is_some_and(|entry| !entry.deleted);
            if !leads && !goes_too {
                return Err(Refusal::ReferenceDeleted(reference.clone()));
            }
        }
    }
    Ok(vec![Event::VersionsRestored(VersionsChosen { subject: subject.clone(), versions })])
}
