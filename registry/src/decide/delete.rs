//! Deciding on hiding versions. What is hidden can still be read by id, still carries events, and can come back.

use stele_api::{dialect::SubjectVersion, subject::Subject};
use stele_evolution::version::Version;

use super::permitted_for;
use crate::{
    catalog::{Catalog, Entry, Stream},
    command::{Choice, Chosen},
    event::{Event, VersionsChosen},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &Choice) -> Result<Vec<Event>, Refusal> {
    let subject = &command.subject;
    let stream = kept(catalog, subject)?;
    let versions = match command.versions {
        Chosen::All => {
            let live: Vec<Version> = stream.live().map(|entry| entry.version).collect();
            if live.is_empty() {
                return Err(Refusal::SubjectDeleted(subject.clone()));
            }
            live
        }
        Chosen::Newest => {
            let newest =
                stream.newest().ok_or_else(|| Refusal::SubjectNotFound(subject.clone()))?;
            vec![newest.version]
        }
        Chosen::One(version) => {
            if one(stream, version)?.deleted {
                return Err(Refusal::VersionDeleted { subject: subject.clone(), version });
            }
            vec![version]
        }
    };
    permitted_for(catalog, subject)?;
    unreferenced(catalog, subject, &versions, |referrer| !referrer.deleted)?;
    Ok(vec![Event::VersionsDeleted(VersionsChosen { subject: subject.clone(), versions })])
}

/// A subject of which at least one version was not erased.
pub(super) fn kept<'c>(catalog: &'c Catalog, subject: &Subject) -> Result<&'c Stream, Refusal> {
    let stream = catalog.stream(subject).filter(|stream| !stream.entries().is_empty());
    stream.map(AsRef::as_ref).ok_or_else(|| Refusal::SubjectNotFound(subject.clone()))
}

/// A version that was not erased.
pub(super) fn one(stream: &Stream, version: Version) -> Result<&Entry, Refusal> {
    stream.entry(version).map(AsRef::as_ref).ok_or_else(|| Refusal::VersionNotFound {
        subject: stream.subject().clone(),
        version: version.to_string(),
    })
}

/// Refuses where something else refers to one of the versions. They may refer to each other, as they go together.
pub(super) fn unreferenced(
    catalog: &Catalog,
    subject: &Subject,
    versions: &[Version],
    counts: impl Fn(&Entry) -> bool,
) -> Result<(), Refusal> {
    for version in versions {
        let target = SubjectVersion { subject: subject.clone(), version: *version };
        let referrer = catalog.referrers(&target).find(|referrer| {
            let goes_too = referrer.subject == *subject && versions.contains(&referrer.version);
            counts(referrer) && !goes_too
        });
        if let Some(referrer) = referrer {
            let by =
                SubjectVersion { subject: referrer.subject.clone(), version: referrer.version };
            return Err(Refusal::Referenced { target, by });
        }
    }
    Ok(())
}
