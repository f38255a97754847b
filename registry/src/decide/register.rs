//! Deciding on a version: the same content again changes nothing, anything else is held to the policy.

use stele_api::{id::SchemaId, stream::SubjectUpdate};
use stele_evolution::{
    policy::{Bump, Level, Outcome},
    version::{Release, Version},
};

use super::{add_lens, describe};
use crate::{
    catalog::{Catalog, Entry},
    command::{Describe, Register},
    event::{Event, LensAdded, SchemaRegistered},
    findings::{Basis, Findings},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &Register) -> Result<Vec<Event>, Refusal> {
    let mut events = declared_kind(catalog, command)?;
    let stream = catalog.stream(&command.subject);
    if let Some(entry) = stream.and_then(|stream| stream.find(&command.candidate.key)) {
        is_the_same(entry, command)?;
        return Ok(events);
    }
    let findings = command.findings.as_ref().ok_or(Refusal::Moved)?;
    if findings.basis != Basis::of(catalog, &command.subject) {
        return Err(Refusal::Moved);
    }

    let newest = stream.and_then(|stream| stream.newest());
    let version = newest.map_or(Version::FIRST, |newest| newest.version.next());
    demanded(catalog, command, version)?;
    let lens = lens(command, findings, newest.map(|newest| newest.version), version)?;
    holds_to_the_policy(findings, lens.is_some())?;
    let (bump, addition) = match &findings.step {
        Some((_, judgement)) if judgement.accepted() => (judgement.bump, true),
        _ => (Bump::Major, false),
    };
    let newest_release = newest.map(|newest| &newest.release);
    let release = release(command, findings, newest_release, bump)?;

    let candidate = &command.candidate;
    events.push(Event::SchemaRegistered(Box::new(SchemaRegistered {
        subject: command.subject.clone(),
        version,
        release,
        id: id(catalog, command),
        fingerprint: candidate.key.fingerprint,
        schema_type: stele_api::dialect::JSON.to_owned(),
        schema: candidate.text.clone(),
        references: candidate.key.references.to_vec(),
        metadata: candidate.key.metadata.clone(),
        addition,
    })));
    events.extend(lens.map(Event::LensAdded));
    Ok(events)
}

fn declared_kind(catalog: &Catalog, command: &Register) -> Result<Vec<Event>, Refusal> {
    let Some(kind) = command.kind else { return Ok(Vec::new()) };
    let update = SubjectUpdate { kind: Some(kind), ..SubjectUpdate::default() };
    describe::decide(catalog, &Describe { subject: command.subject.clone(), update })
}

/// The content is there. What else is asked must be there too, or the caller would believe that it was taken.
fn is_the_same(entry: &Entry, command: &Register) -> Result<(), Refusal> {
    let other = |what| Refusal::AlreadyRegistered {
        subject: command.subject.clone(),
        version: entry.version,
        what,
    };
    if let Some(lens) = &command.lens {
        let document = lens.to_value();
        if entry.lens.as_ref().is_none_or(|written| written.document != document) {
            return Err(other("lens"));
        }
    }
    if command.release.as_ref().is_some_and(|release| *release != entry.release) {
        return Err(other("release"));
    }
    if command.id.is_some_and(|id| id != entry.content.id) {
        return Err(other("id"));
    }
    if command.version.is_some_and(|version| version != entry.version) {
        return Err(other("version"));
    }
    Ok(())
}

fn id(catalog: &Catalog, command: &Register) -> SchemaId {
    catalog.id_for(command.subject.context(), &command.candidate.key)
}

fn demanded(catalog: &Catalog, command: &Register, next: Version) -> Result<(), Refusal> {
    if let Some(id) = command.id
        && id != self::id(catalog, command)
    {
        return Err(Refusal::IdDemanded { subject: command.subject.clone(), id });
    }
    match command.version {
        Some(demanded) if demanded != next => {
            Err(Refusal::VersionDemanded { subject: command.subject.clone(), demanded, next })
        }
        _ => Ok(()),
    }
}

/// The lens that ships with the version, checked.
fn lens(
    command: &Register,
    findings: &Findings,
    newest: Option<Version>,
    version: Version,
) -> Result<Option<LensAdded>, Refusal> {
    let Some(lens) = &command.lens else { return Ok(None) };
    let (Some(from), Some(outcome)) = (newest, &findings.lens) else {
        return Err(Refusal::LensMismatch {
            found: format!("`{}` from {} to {}", lens.subject(), lens.from(), lens.to()),
            expected: format!("the first version of `{}`", command.subject),
        });
    };
    add_lens::fits(lens, &command.subject, from, version)?;
    let assurance = outcome.clone().map_err(Refusal::LensRejected)?;
    Ok(Some(LensAdded {
        subject: command.subject.clone(),
        from,
        to: version,
        lens: lens.to_value(),
        assurance: assurance.into(),
    }))
}

fn holds_to_the_policy(findings: &Findings, has_lens: bool) -> Result<(), Refusal> {
    if findings.against.iter().all(|(_, judgement)| judgement.accepted()) {
        return Ok(());
    }
    if findings.basis.policy.compatibility != Level::Translatable {
        return Err(Refusal::Incompatible(Box::new(findings.answer())));
    }
    // A break with a lens starts a major, and what was before is reached through the lens.
    if has_lens {
        return Ok(());
    }
    let answer = Box::new(findings.answer());
    Err(match answer.verdict {
        Outcome::Undecided => Refusal::Incompatible(answer),
        Outcome::Breaking | Outcome::Compatible => Refusal::LensRequired(answer),
    })
}

/// The release it gets: the one declared, if that says at least what happened.
fn release(
    command: &Register,
    findings: &Findings,
    newest: Option<&Release>,
    bump: Bump,
) -> Result<Release, Refusal> {
    let Some(declared) = command.release.clone() else { return Ok(bump.after(newest)) };
    let Some(newest) = newest.cloned() else { return Ok(declared) };
    if declared <= newest {
        return Err(Refusal::ReleaseNotNewer { declared, newest });
    }
    let declared_bump = if declared.major != newest.major {
        Bump::Major
    } else if declared.minor != newest.minor {
        Bump::Minor
    } else {
        Bump::Patch
    };
    if declared_bump < bump {
        return Err(Refusal::ReleaseTooSmall {
            declared,
            declared_step: declared_bump,
            newest,
            step: bump,
            answer: Box::new(findings.step_answer()),
        });
    }
    Ok(declared)
}
