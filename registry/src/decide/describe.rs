//! Deciding on what a subject is: a subject may be described before it has a version.

use stele_api::kind::Kind;

use super::permitted_for;
use crate::{
    catalog::{Catalog, Stream},
    command::Describe,
    event::{Event, SubjectDescribed},
    refusal::Refusal,
};

pub(super) fn decide(catalog: &Catalog, command: &Describe) -> Result<Vec<Event>, Refusal> {
    let stream = catalog.stream(&command.subject).map(AsRef::as_ref);
    let text = |value: Option<&str>| value.map(str::to_owned);
    let owner = text(stream.and_then(Stream::owner));
    let description = text(stream.and_then(Stream::description));
    let described = SubjectDescribed {
        subject: command.subject.clone(),
        kind: command.update.kind.unwrap_or_else(|| kind(stream)),
        owner: command.update.owner.clone().over(owner.clone()),
        description: command.update.description.clone().over(description.clone()),
    };
    let unchanged = stream.is_some()
        && described.kind == kind(stream)
        && described.owner == owner
        && described.description == description;
    if unchanged {
        return Ok(Vec::new());
    }
    permitted_for(catalog, &command.subject)?;
    Ok(vec![Event::SubjectDescribed(described)])
}

fn kind(stream: Option<&Stream>) -> Kind {
    stream.map(Stream::kind).unwrap_or_default()
}
