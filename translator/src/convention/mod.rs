//! A convention is how an event says which version of its subject it is: one file each, all read and written.

mod data_schema;
mod name;
mod nothing;
mod payload;
mod schema_id;
mod stream;

use std::fmt;

use serde::Deserialize;
use stele_api::{id::SchemaId, selector::Selector, subject::Subject};
use stele_client::{History, history::Known};
use stele_evolution::{
    pointer::Pointer,
    version::{Release, Version},
};
use uuid::Uuid;

pub use self::{
    name::{Name, NameError, NamePattern},
    stream::{StreamError, StreamPattern},
};
pub(crate) use self::{payload::write as write_payload, schema_id::Frame};
use crate::{arrival::Arrival, envelope::Envelope, fault::Fault};

/// One way of saying the version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    /// In the event's name: `OrderPlaced.v2`.
    Name,
    /// At a place in the event itself: a number, a release, or a URI of the registry.
    Payload(Pointer),
    /// In the CloudEvents attribute `dataschema`: a URI of the registry.
    DataSchema,
    /// By the id of the schema: before the data, in a header, or in the attribute `schemaid`.
    SchemaId,
    /// In the name of the stream it comes on: a topic, a path, the name of a file.
    Stream(StreamPattern),
    /// Not at all: every version only added, so the newest reads them all.
    Nothing,
}

impl Convention {
    /// What most events use: the name, the dataschema or a schema id.
    pub fn usual() -> Vec<Convention> {
        vec![Convention::Name, Convention::DataSchema, Convention::SchemaId]
    }

    /// What the event says by this convention; `None` if it does not use it.
    pub(crate) fn read(&self, arrival: &Arrival<'_>, name: &Name) -> Result<Option<Claim>, Fault> {
        match self {
            Convention::Name => Ok(name::read(arrival.envelope(), name)),
            Convention::Payload(pointer) => payload::read(arrival.body()?, pointer),
            Convention::DataSchema => data_schema::read(arrival.envelope()),
            Convention::SchemaId => schema_id::read(arrival),
            Convention::Stream(pattern) => {
                Ok(stream::read(arrival.envelope(), pattern, name.subject()))
            }
            Convention::Nothing => Ok(Some(nothing::read())),
        }
    }
}

/// What an event says of itself by one convention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The subject, where the convention names it.
    pub subject: Option<Subject>,
    /// The version, in the convention's own words.
    pub said: Said,
}

/// A version, in the words of a convention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// Its number.
    Number(Version),
    /// Its release.
    Release(Release),
    /// The id of its schema.
    Schema(SchemaId),
    /// The same as a GUID.
    Guid(Uuid),
    /// Nothing: the newest is assumed.
    Newest,
}

impl Said {
    /// Reads a number or a release as people write it: no sign, no leading zero.
    fn parse(text: &str) -> Option<Said> {
        if text.starts_with('0') && !text.contains('.') {
            return None;
        }
        match text.parse().ok()? {
            Selector::Number(version) => Some(Said::Number(version)),
            Selector::Release(release) => Some(Said::Release(release)),
            Selector::Latest | Selector::Range(_) => None,
        }
    }

    /// The versions that fit: none if the registry does not know it, several where one schema came back.
    pub fn resolve(&self, history: &History) -> Vec<Version> {
        let known: Vec<&Known> = match self {
            Said::Number(version) => history.find(*version).into_iter().collect(),
            Said::Release(release) => {
                history.versions().iter().filter(|known| known.release == *release).collect()
            }
            Said::Schema(id) => history.with_id(*id).collect(),
            Said::Guid(guid) => {
                let guid = guid.as_u128();
                history.versions().iter().filter(|known| known.guid() == guid).collect()
            }
            Said::Newest => history.newest().into_iter().collect(),
        };
        known.into_iter().map(|known| known.version).collect()
    }

    /// Another version in the same words: a release stays a release.
    fn spell(&self, known: &Known) -> String {
        match self {
            Said::Release(_) => known.release.to_string(),
            Said::Schema(_) => known.id.to_string(),
            Said::Guid(_) => Uuid::from_u128(known.guid()).to_string(),
            Said::Number(_) | Said::Newest => known.version.to_string(),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Number(version) => write!(f, "version {version}"),
            Said::Release(release) => write!(f, "release {release}"),
            Said::Schema(id) => write!(f, "schema id {id}"),
            Said::Guid(guid) => write!(f, "schema {guid}"),
            Said::Newest => f.write_str("the newest version"),
        }
    }
}

/// The version an event is to say when it leaves.
pub(crate) struct Target<'a> {
    /// The subject.
    pub subject: &'a Subject,
    /// The version.
    pub known: &'a Known,
    /// How the subject's events are named.
    pub name: &'a Name,
    /// The registry's address, for a `dataschema` where there was none of its own.
    pub registry: &'a str,
}

/// Whether a convention is written where the event did not use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Only where the event says something by it already.
    IfPresent,
    /// In any case: the consumer reads it.
    Always,
}

/// Makes everything beside the body say the target's version: what the event said before, and what the consumer reads.
pub(crate) fn write(
    envelope: &mut Envelope,
    frame: Option<Frame>,
    target: &Target<'_>,
    conventions: &[Convention],
    consumer_reads: Option<&Convention>,
) {
    let used = |convention: &Convention| match consumer_reads {
        Some(chosen) if chosen == convention => Use::Always,
        _ => Use::IfPresent,
    };
    name::write(envelope, target, used(&Convention::Name));
    data_schema::write(envelope, target, used(&Convention::DataSchema));
    schema_id::write(envelope, frame, target, used(&Convention::SchemaId));
    for convention in conventions.iter().chain(consumer_reads) {
        if let Convention::Stream(pattern) = convention {
            stream::write(envelope, pattern, target, used(convention));
        }
    }
}

/// What the `dataschema` of an event says, whether or not its subject reads that convention.
pub(crate) fn data_schema_claim(envelope: &Envelope) -> Result<Option<Claim>, Fault> {
    data_schema::read(envelope)
}
