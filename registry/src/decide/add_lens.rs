//! Deciding on a lens for an edge that is there. A later lens for the same edge takes the place of the earlier one.

use stele_api::subject::Subject;
use stele_evolution::lens::Lens;
use stele_evolution::version::Version;

use super::permitted_for;
use crate::{
    catalog::{Catalog, Entry},
    command::AddLens,
    event::{Event, LensAdded},
    findings::Basis,
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &AddLens) -> Result<Vec<Event>, Refusal> {
    let AddLens { subject, from, to, lens, findings } = command;
    let newer = is_an_edge(catalog, subject, *from, *to)?;
    fits(lens, subject, *from, *to)?;
    let document = lens.to_value();
    let written = newer.lens.as_ref();
    if written.is_some_and(|written| written.document == document) {
        return Ok(Vec::new());
    }
    if findings.basis != Basis::of(catalog, subject) {
        return Err(Refusal::Moved);
    }
    permitted_for(catalog, subject)?;
    let assurance = findings.outcome.clone().map_err(Refusal::LensRejected)?;
    Ok(vec![Event::LensAdded(LensAdded {
        subject: subject.clone(),
        from: *from,
        to: *to,
        lens: document,
        assurance: assurance.into(),
    })])
}

/// The newer end of an edge: both versions are there, and next to each other.
pub(super) fn is_an_edge<'c>(
    catalog: &'c Catalog,
    subject: &Subject,
    from: Version,
    to: Version,
) -> Result<&'c Entry, Refusal> {
    let stream =
        catalog.stream(subject).ok_or_else(|| Refusal::SubjectNotFound(subject.clone()))?;
    let entry = |version: Version| {
        stream.entry(version).ok_or_else(|| Refusal::VersionNotFound {
            subject: subject.clone(),
            version: version.to_string(),
        })
    };
    let (_, newer) = (entry(from)?, entry(to)?);
    if from >= to || stream.between(from, to).len() != 2 {
        return Err(Refusal::LensMismatch {
            found: edge(subject, from, to),
            expected: "only a way from one version to the next".to_owned(),
        });
    }
    Ok(newer)
}

/// Holds a lens to the edge it is put on.
pub(super) fn fits(
    lens: &Lens,
    subject: &Subject,
    from: Version,
    to: Version,
) -> Result<(), Refusal> {
    // Inside its context a subject goes by its bare name.
    let same_subject = lens.subject() == subject.to_string() || lens.subject() == subject.name();
    if same_subject && lens.from() == from && lens.to() == to {
        return Ok(());
    }
    let found = format!("`{}` from {} to {}", lens.subject(), lens.from(), lens.to());
    Err(Refusal::LensMismatch { found, expected: edge(subject, from, to) })
}

fn edge(subject: &Subject, from: Version, to: Version) -> String {
    format!("`{subject}` from {from} to {to}")
}
