//! Deciding on what a subject is: a subject may be described before it has a version.

use std::collections::BTreeMap;

use stele_api::{day::Day, kind::Kind, patch::Patch, stream::PolicyUpdate};
use stele_evolution::version::Version;

use super::{permitted_for, set_config};
use crate::{
    catalog::{Catalog, Stream},
    command::{Describe, SetConfig},
    event::{Event, Scope, SubjectDescribed, SunsetSet},
    refusal::Refusal,
};

/// The longest owner, in characters.
const OWNER: usize = 256;

/// The longest description, in characters.
const DESCRIPTION: usize = 8192;

/// The most tags.
const TAGS: usize = 64;

/// The longest tag, in characters.
const TAG: usize = 64;

pub(super) fn decide(catalog: &Catalog, command: &Describe) -> Result<Vec<Event>, Refusal> {
    let update = &command.update;
    let stream = catalog.stream(&command.subject).map(AsRef::as_ref);
    let mut events = Vec::new();
    let known = known(command, stream);
    let described = SubjectDescribed {
        subject: command.subject.clone(),
        kind: update.kind.unwrap_or(known.kind),
        owner: text("owner", &update.owner, OWNER)?.over(known.owner.clone()),
        description: text("description", &update.description, DESCRIPTION)?
            .over(known.description.clone()),
        tags: tags(&update.tags)?.over(Some(known.tags.clone())).unwrap_or_default(),
    };
    if stream.is_none() || described != known {
        events.push(Event::SubjectDescribed(described));
    }
    if !update.policy.is_keep() {
        events.extend(policy(catalog, command, update.policy)?);
    }
    events.extend(sunsets(command, stream, &update.sunset)?);
    if !events.is_empty() {
        permitted_for(catalog, &command.subject)?;
    }
    Ok(events)
}

/// What is known of the subject so far.
fn known(command: &Describe, stream: Option<&Stream>) -> SubjectDescribed {
    let text = |value: Option<&str>| value.map(str::to_owned);
    SubjectDescribed {
        subject: command.subject.clone(),
        kind: stream.map_or_else(Kind::default, Stream::kind),
        owner: text(stream.and_then(Stream::owner)),
        description: text(stream.and_then(Stream::description)),
        tags: stream.map(|stream| stream.tags().to_vec()).unwrap_or_default(),
    }
}

fn policy(
    catalog: &Catalog,
    command: &Describe,
    update: PolicyUpdate,
) -> Result<Vec<Event>, Refusal> {
    let asked = SetConfig {
        scope: Scope::Subject(command.subject.clone()),
        compatibility: update.compatibility,
        content_model: update.content_model,
        widen: update.widen,
        strict_lenses: update.strict_lenses,
    };
    set_config::decide(catalog, &asked)
}

fn sunsets(
    command: &Describe,
    stream: Option<&Stream>,
    asked: &BTreeMap<Version, Option<Day>>,
) -> Result<Vec<Event>, Refusal> {
    let mut events = Vec::new();
    for (version, on) in asked {
        let stream = stream.filter(|stream| stream.entry(*version).is_some()).ok_or_else(|| {
            Refusal::VersionNotFound {
                subject: command.subject.clone(),
                version: version.to_string(),
            }
        })?;
        if stream.sunset(*version) != *on {
            let (subject, version) = (command.subject.clone(), *version);
            events.push(Event::SunsetSet(SunsetSet { subject, version, on: *on }));
        }
    }
    Ok(events)
}

fn text(field: &'static str, asked: &Patch<String>, most: usize) -> Result<Patch<String>, Refusal> {
    asked.clone().try_map(|text| {
        fits(field, &text, most)?;
        Ok(text)
    })
}

fn tags(asked: &Patch<Vec<String>>) -> Result<Patch<Vec<String>>, Refusal> {
    asked.clone().try_map(|mut tags| {
        if tags.len() > TAGS {
            let why = format!("has {} entries; at most {TAGS} are taken", tags.len());
            return Err(Refusal::Field { field: "tags", why });
        }
        for tag in &tags {
            fits("tags", tag, TAG)?;
        }
        tags.sort();
        tags.dedup();
        Ok(tags)
    })
}

/// Holds a description that was decided elsewhere to the same limits.
pub(super) fn holds(described: &SubjectDescribed) -> Result<(), Refusal> {
    let said = |text: &Option<String>| text.clone().map_or(Patch::Keep, Patch::Set);
    text("owner", &said(&described.owner), OWNER)?;
    text("description", &said(&described.description), DESCRIPTION)?;
    tags(&Patch::Set(described.tags.clone())).map(drop)
}

fn fits(field: &'static str, text: &str, most: usize) -> Result<(), Refusal> {
    let length = text.chars().count();
    let why = if text.trim().is_empty() {
        "has a text without a letter; say null to clear it".to_owned()
    } else if length > most {
        format!("has a text of {length} characters; at most {most} are taken")
    } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        "has a text with a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(Refusal::Field { field, why })
}
