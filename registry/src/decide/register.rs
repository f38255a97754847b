//! Deciding on a version: the same content again changes nothing, anything else is held to the policy.

use stele_api::{id::SchemaId, mode::Mode, stream::SubjectUpdate};
use stele_evolution::{
    policy::{Bump, Level, Outcome},
    version::{Release, Version},
};

use super::{add_lens, describe, permitted_for};
use crate::{
    catalog::{Catalog, Entry},
    command::{Describe, Register},
    event::{Event, LensAdded, SchemaRegistered},
    findings::{Basis, Findings},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &Register) -> Result<Vec<Event>, Refusal> {
    if let Some(entry) = is_there(catalog, command) {
        is_the_same(entry, command)?;
        return declared_kind(catalog, command);
    }
    permitted_for(catalog, &command.subject)?;
    let mut events = declared_kind(catalog, command)?;
    let findings = command.findings.as_ref().ok_or(Refusal::Moved)?;
    if findings.basis != Basis::of(catalog, &command.subject) {
        return Err(Refusal::Moved);
    }

    // What a reference leads to may have been deleted since it was read.
    let refers = command.candidate.key.references.iter();
    if !refers.clone().all(|to| catalog.lead(to).is_some_and(|entry| !entry.deleted)) {
        return Err(Refusal::Moved);
    }

    let trace = catalog.trace(&command.subject);
    let last = trace.and_then(|stream| stream.last());
    let id = id(catalog, command, findings.basis.mode)?;
    let version = version(command, findings.basis.mode, last.map(|(version, _)| *version))?;
    let before = trace.and_then(|stream| stream.entries().last()).map(|entry| entry.version);
    let lens = lens(command, findings, before, version)?;
    let within = holds_to_the_policy(findings, lens.is_some());
    let let_through = command.forced || (command.allow_undecided && findings.is_only_undecided());
    let forced = let_through && within.is_err();
    if !forced {
        within?;
    }
    let (bump, addition) = match &findings.step {
        Some((_, judgement)) if judgement.accepted() => (judgement.bump, true),
        _ => (Bump::Major, false),
    };
    let release = release(command, findings, last.map(|(_, release)| release), bump)?;

    let candidate = &command.candidate;
    events.push(Event::SchemaRegistered(Box::new(SchemaRegistered {
        subject: command.subject.clone(),
        version,
        release,
        id,
        fingerprint: candidate.key.fingerprint,
        schema_type: stele_api::dialect::JSON.to_owned(),
        schema: candidate.text.clone(),
        references: candidate.key.references.to_vec(),
        metadata: candidate.key.metadata().cloned().unwrap_or_default(),
        rule_set: candidate.key.rule_set().cloned().unwrap_or_default(),
        addition,
        forced,
    })));
    events.extend(lens.map(Event::LensAdded));
    Ok(events)
}

/// The version that has the content already. Whoever imports a history may import one content as several versions.
pub(crate) fn is_there<'c>(catalog: &'c Catalog, command: &Register) -> Option<&'c Entry> {
    let entry = catalog.find(&command.subject, &command.candidate.key)?;
    let imports = catalog.mode_of(&command.subject) == Mode::Import;
    let another = imports && command.version.is_some_and(|version| version > entry.version);
    (!entry.deleted && !another).then_some(entry.as_ref())
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

/// The id it gets. One from outside is taken in IMPORT only, and never where it would mean two things.
fn id(catalog: &Catalog, command: &Register, mode: Mode) -> Result<SchemaId, Refusal> {
    let (context, key) = (command.subject.context(), &command.candidate.key);
    let subject = || command.subject.clone();
    match (command.id, mode) {
        (None, Mode::Import) => Err(Refusal::IdMissing(subject())),
        (None, _) => {
            let exhausted = || Refusal::Exhausted { subject: subject(), what: "ids" };
            catalog.id_for(context, key).ok_or_else(exhausted)
        }
        (Some(id), Mode::Import) if catalog.is_free(context, id, key) => Ok(id),
        (Some(id), Mode::Import) => {
            let known = catalog.known_id(context, key);
            Err(Refusal::IdTaken { subject: subject(), id, known })
        }
        (Some(id), _) if catalog.known_id(context, key) == Some(id) => Ok(id),
        (Some(id), _) => Err(Refusal::IdDemanded { subject: subject(), id }),
    }
}

/// The number it gets: the one after the last there ever was; in IMPORT any after that.
fn version(command: &Register, mode: Mode, last: Option<Version>) -> Result<Version, Refusal> {
    let next = last.map_or(Version::FIRST, Version::next);
    if last == Some(next) {
        return Err(Refusal::Exhausted { subject: command.subject.clone(), what: "versions" });
    }
    match command.version {
        None => Ok(next),
        Some(demanded) if demanded == next => Ok(next),
        Some(demanded) if mode == Mode::Import && demanded > next => Ok(demanded),
        Some(demanded) => {
            Err(Refusal::VersionDemanded { subject: command.subject.clone(), demanded, next, mode })
        }
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

/// The largest part that a release may declare: steps after it have room for ever.
const LARGEST_PART: u64 = i32::MAX as u64;

/// Holds a release to what leaves room for those after it.
pub(super) fn fits(release: &Release) -> Result<(), Refusal> {
    let parts = [release.major, release.minor, release.patch];
    if parts.iter().any(|part| *part > LARGEST_PART) {
        return Err(Refusal::ReleaseTooLarge(release.clone()));
    }
    Ok(())
}

/// The release it gets: the one declared, if that says at least what happened.
fn release(
    command: &Register,
    findings: &Findings,
    newest: Option<&Release>,
    bump: Bump,
) -> Result<Release, Refusal> {
    let Some(declared) = command.release.clone() else { return Ok(bump.after(newest)) };
    fits(&declared)?;
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
