//! An event is something that happened in the registry. It was decided, it is recorded, it stays true.
//!
//! Who asked, when, and in which request stand beside it, in [`crate::log::Recorded`].

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stele_api::{
    day::Day,
    dialect::{Metadata, Reference},
    id::SchemaId,
    kind::Kind,
    plan::Assurance,
    subject::{Context, Subject},
    text::JsonText,
};
use stele_evolution::{
    containment::ContentModel,
    policy::Level,
    schema::Fingerprint,
    version::{Release, Version},
};

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A subject got its kind, owner or description.
    SubjectDescribed(SubjectDescribed),
    /// A subject got a version.
    SchemaRegistered(Box<SchemaRegistered>),
    /// An edge got a lens.
    LensAdded(LensAdded),
    /// A level or a content model was set.
    ConfigSet(ConfigSet),
    /// The last day of a version was set, or taken back.
    SunsetSet(SunsetSet),
}

/// What is known of a subject from here on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectDescribed {
    /// The subject.
    pub subject: Subject,
    /// What its messages are.
    pub kind: Kind,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Words it is found by, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// Until when a version is to be used, from here on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SunsetSet {
    /// The subject.
    pub subject: Subject,
    /// The version.
    pub version: Version,
    /// The last day; nothing where it is to be used for as long as one likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
}

/// A version, as it was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaRegistered {
    /// The subject.
    pub subject: Subject,
    /// Its number: one more than the newest.
    pub version: Version,
    /// Its semantic version.
    pub release: Release,
    /// The id of the schema's content in the subject's context.
    pub id: SchemaId,
    /// The hash of the canonical text and of all it refers to.
    pub fingerprint: Fingerprint,
    /// The format.
    pub schema_type: String,
    /// The canonical text.
    pub schema: JsonText,
    /// What it refers to; versions are pinned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
    /// Whether it only adds to the version before it, as `ADDITIONS_ONLY` has it.
    pub addition: bool,
}

/// A lens, as it was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LensAdded {
    /// The subject.
    pub subject: Subject,
    /// The older version.
    pub from: Version,
    /// The newer version, which owns the edge.
    pub to: Version,
    /// The document.
    pub lens: Value,
    /// What its check found.
    pub assurance: Assurance,
}

/// What is set for a scope from here on; what is `None` is left to the scope around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigSet {
    /// Where it holds.
    pub scope: Scope,
    /// The level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility: Option<Level>,
    /// The content model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_model: Option<ContentModel>,
}

/// Where a setting holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Everywhere.
    Global,
    /// In one context.
    Context(Context),
    /// In one subject.
    Subject(Subject),
}

impl Event {
    /// The stable name of what happened.
    pub fn kind(&self) -> &'static str {
        match self {
            Event::SubjectDescribed(_) => "subject_described",
            Event::SchemaRegistered(_) => "schema_registered",
            Event::LensAdded(_) => "lens_added",
            Event::ConfigSet(_) => "config_set",
            Event::SunsetSet(_) => "sunset_set",
        }
    }

    /// The subject it is about, if it is about one.
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Event::SubjectDescribed(event) => Some(&event.subject),
            Event::SchemaRegistered(event) => Some(&event.subject),
            Event::LensAdded(event) => Some(&event.subject),
            Event::SunsetSet(event) => Some(&event.subject),
            Event::ConfigSet(event) => match &event.scope {
                Scope::Subject(subject) => Some(subject),
                Scope::Global | Scope::Context(_) => None,
            },
        }
    }

    /// The event as JSON, as it is recorded and published.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        match self {
            Event::SubjectDescribed(event) => serde_json::to_string(event),
            Event::SchemaRegistered(event) => serde_json::to_string(event),
            Event::LensAdded(event) => serde_json::to_string(event),
            Event::ConfigSet(event) => serde_json::to_string(event),
            Event::SunsetSet(event) => serde_json::to_string(event),
        }
    }

    /// Reads an event as it was recorded; `None` for a kind this version of Stele does not know.
    pub fn from_json(kind: &str, json: &str) -> Option<Result<Event, serde_json::Error>> {
        Some(match kind {
            "subject_described" => serde_json::from_str(json).map(Event::SubjectDescribed),
            "schema_registered" => {
                serde_json::from_str(json).map(|event| Event::SchemaRegistered(Box::new(event)))
            }
            "lens_added" => serde_json::from_str(json).map(Event::LensAdded),
            "sunset_set" => serde_json::from_str(json).map(Event::SunsetSet),
            "config_set" => serde_json::from_str(json).map(Event::ConfigSet),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_recorded() {
        let event = Event::LensAdded(LensAdded {
            subject: ":.orders:OrderPlaced".parse().unwrap(),
            from: Version::FIRST,
            to: Version::FIRST.next(),
            lens: serde_json::json!({"lens": 1, "ops": [{"add": {"at": "/a", "value": 1.0}}]}),
            assurance: Assurance::Tested(12),
        });

        let json = event.to_json().unwrap();

        assert_eq!(Event::from_json(event.kind(), &json).unwrap().unwrap(), event);
        insta::assert_snapshot!(json, @r#"{"subject":":.orders:OrderPlaced","from":1,"to":2,"lens":{"lens":1,"ops":[{"add":{"at":"/a","value":1.0}}]},"assurance":{"tested":12}}"#);
    }
}
