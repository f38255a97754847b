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
    mode::Mode,
    plan::Assurance,
    rules::RuleSet,
    subject::{Context, Subject},
    text::JsonText,
    webhook::{Webhook, WebhookName},
};
use stele_evolution::{
    containment::ContentModel,
    policy::Level,
    schema::Fingerprint,
    version::{Release, Version},
};

use crate::own;

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
    /// A mode was set.
    ModeSet(ModeSet),
    /// Versions were hidden.
    VersionsDeleted(VersionsChosen),
    /// Versions that were hidden came back.
    VersionsRestored(VersionsChosen),
    /// Versions are gone for good.
    VersionsErased(VersionsChosen),
    /// A context without subjects is listed no more.
    ContextErased(ContextErased),
    /// Somebody is to be told of what happens.
    WebhookSet(WebhookSet),
    /// Somebody is no longer to be told.
    WebhookRemoved(WebhookRemoved),
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
    /// The rules that clients run.
    #[serde(default, skip_serializing_if = "RuleSet::is_empty")]
    pub rule_set: RuleSet,
    /// Whether it only adds to the version before it, as `ADDITIONS_ONLY` has it.
    pub addition: bool,
    /// Whether it is there in spite of its policy.
    pub forced: bool,
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
    /// Whether any list may grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widen: Option<bool>,
    /// Whether a lens must be proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict_lenses: Option<bool>,
}

impl ConfigSet {
    /// Nothing of its own for a scope.
    pub fn cleared(scope: Scope) -> Self {
        let (compatibility, content_model, widen, strict_lenses) = (None, None, None, None);
        ConfigSet { scope, compatibility, content_model, widen, strict_lenses }
    }
}

/// The mode of a scope from here on; `None` leaves it to the scope around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeSet {
    /// Where it holds.
    pub scope: Scope,
    /// The mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
}

/// Versions of a subject with which something was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionsChosen {
    /// The subject.
    pub subject: Subject,
    /// The versions, oldest first.
    pub versions: Vec<Version>,
}

/// A context that is listed no more. Its ids stay used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextErased {
    /// The context.
    pub context: Context,
}

/// Somebody who is told of what happens, from here on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookSet {
    /// Their name.
    pub name: WebhookName,
    /// What they are told of, and where.
    pub webhook: Webhook,
}

/// Somebody who is told no longer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookRemoved {
    /// Their name.
    pub name: WebhookName,
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

/// Whether a kind of event is about a webhook, and so holds its address.
pub fn is_about_webhooks(kind: &str) -> bool {
    kind.starts_with("webhook_")
}

impl Event {
    /// The stable name of what happened.
    pub fn kind(&self) -> &'static str {
        match self {
            Event::SubjectDescribed(_) => "subject_described",
            Event::SchemaRegistered(_) => "schema_registered",
            Event::LensAdded(_) => "lens_added",
            Event::ConfigSet(_) => "config_set",
            Event::ModeSet(_) => "mode_set",
            Event::VersionsDeleted(_) => "versions_deleted",
            Event::VersionsRestored(_) => "versions_restored",
            Event::VersionsErased(_) => "versions_erased",
            Event::ContextErased(_) => "context_erased",
            Event::SunsetSet(_) => "sunset_set",
            Event::WebhookSet(_) => "webhook_set",
            Event::WebhookRemoved(_) => "webhook_removed",
        }
    }

    /// The version of the schema that it is written in: the newest of its kind in `schemas/stele`.
    pub fn version(&self) -> Version {
        own::newest(self.kind())
    }

    /// The subject it is about, if it is about one.
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Event::SubjectDescribed(event) => Some(&event.subject),
            Event::SchemaRegistered(event) => Some(&event.subject),
            Event::LensAdded(event) => Some(&event.subject),
            Event::ConfigSet(event) => event.scope.subject(),
            Event::ModeSet(event) => event.scope.subject(),
            Event::VersionsDeleted(event)
            | Event::VersionsRestored(event)
            | Event::VersionsErased(event) => Some(&event.subject),
            Event::ContextErased(_) | Event::WebhookSet(_) | Event::WebhookRemoved(_) => None,
            Event::SunsetSet(event) => Some(&event.subject),
        }
    }

    /// The event as JSON, as it is recorded and published.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        match self {
            Event::SubjectDescribed(event) => serde_json::to_string(event),
            Event::SchemaRegistered(event) => serde_json::to_string(event),
            Event::LensAdded(event) => serde_json::to_string(event),
            Event::ConfigSet(event) => serde_json::to_string(event),
            Event::ModeSet(event) => serde_json::to_string(event),
            Event::VersionsDeleted(event)
            | Event::VersionsRestored(event)
            | Event::VersionsErased(event) => serde_json::to_string(event),
            Event::ContextErased(event) => serde_json::to_string(event),
            Event::SunsetSet(event) => serde_json::to_string(event),
            Event::WebhookSet(event) => serde_json::to_string(event),
            Event::WebhookRemoved(event) => serde_json::to_string(event),
        }
    }

    /// Reads an event as it was recorded, in whichever version of its schema: an older one is carried to the newest by
    /// the lenses that the registry keeps for its own events.
    pub fn read(kind: &str, version: Version, json: &str) -> Result<Event, EventError> {
        if !own::is_known(kind) {
            return Err(EventError::Unknown);
        }
        let newest = own::newest(kind);
        if version > newest {
            return Err(EventError::Newer { version, newest });
        }
        if version == newest {
            return Event::from_json(kind, json);
        }
        let carried = own::carried(kind, version, json)?;
        let mut event = Event::from_json(kind, &carried)?;
        if let Event::SchemaRegistered(event) = &mut event {
            // The order of its keys is part of a schema, and a lens does not keep it.
            event.schema = serde_json::from_str::<Text>(json)?.schema;
        }
        Ok(event)
    }

    fn from_json(kind: &str, json: &str) -> Result<Event, EventError> {
        Ok(match kind {
            "subject_described" => Event::SubjectDescribed(serde_json::from_str(json)?),
            "schema_registered" => Event::SchemaRegistered(Box::new(serde_json::from_str(json)?)),
            "lens_added" => Event::LensAdded(serde_json::from_str(json)?),
            "config_set" => Event::ConfigSet(serde_json::from_str(json)?),
            "mode_set" => Event::ModeSet(serde_json::from_str(json)?),
            "versions_deleted" => Event::VersionsDeleted(serde_json::from_str(json)?),
            "versions_restored" => Event::VersionsRestored(serde_json::from_str(json)?),
            "versions_erased" => Event::VersionsErased(serde_json::from_str(json)?),
            "context_erased" => Event::ContextErased(serde_json::from_str(json)?),
            "sunset_set" => Event::SunsetSet(serde_json::from_str(json)?),
            "webhook_set" => Event::WebhookSet(serde_json::from_str(json)?),
            "webhook_removed" => Event::WebhookRemoved(serde_json::from_str(json)?),
            _ => return Err(EventError::Unknown),
        })
    }
}

/// The text of a schema within an event.
#[derive(Deserialize)]
struct Text {
    schema: JsonText,
}

/// Why a recorded event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// A kind that this version of Stele does not know.
    #[error("this kind of event is not known")]
    Unknown,
    /// It was written by a newer Stele.
    #[error("it is of version {version}, and this Stele reads up to version {newest}")]
    Newer {
        /// The version it has.
        version: Version,
        /// The newest that is known.
        newest: Version,
    },
    /// It is not of the shape that its kind has.
    #[error("it has another shape than its kind")]
    Shape(#[from] serde_json::Error),
    /// The lenses do not carry it.
    #[error(transparent)]
    Carried(#[from] own::CarryError),
}

impl Scope {
    /// The subject, where it is one.
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Scope::Subject(subject) => Some(subject),
            Scope::Global | Scope::Context(_) => None,
        }
    }

    /// The scopes that a setting is looked for in, the nearest first.
    pub fn outwards(&self) -> Vec<Scope> {
        match self {
            Scope::Global => vec![Scope::Global],
            Scope::Context(_) => vec![self.clone(), Scope::Global],
            Scope::Subject(subject) => {
                vec![self.clone(), Scope::Context(subject.context().clone()), Scope::Global]
            }
        }
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

        assert_eq!(Event::read(event.kind(), event.version(), &json).unwrap(), event);
        insta::assert_snapshot!(json, @r#"{"subject":":.orders:OrderPlaced","from":1,"to":2,"lens":{"lens":1,"ops":[{"add":{"at":"/a","value":1.0}}]},"assurance":{"tested":12}}"#);
    }

    #[test]
    fn an_event_of_a_newer_stele_is_told_from_a_broken_one() {
        let newer = own::newest("config_set").next();

        let read = |kind, version| Event::read(kind, version, "{}").unwrap_err().to_string();

        insta::assert_snapshot!(read("config_set", newer), @"it is of version 3, and this Stele reads up to version 2");
        insta::assert_snapshot!(read("mode_set", Version::FIRST), @"it has another shape than its kind");
        insta::assert_snapshot!(read("coffee_made", Version::FIRST), @"this kind of event is not known");
    }

    #[test]
    fn the_schema_in_an_older_event_keeps_the_order_of_its_keys() {
        let fingerprint = "086645fe3835764392e958d0fcc618b0b92633142607c107e0f5847083d476ad";
        let json = format!(
            r#"{{"subject":"a","version":1,"release":"1.0.0","id":1,"fingerprint":"{fingerprint}","schemaType":"JSON","schema":{{"type":"object","minimum":1.10}},"addition":false}}"#
        );

        let event = Event::read("schema_registered", Version::FIRST, &json).unwrap();

        let Event::SchemaRegistered(event) = event else { panic!("a registration") };
        assert_eq!(event.schema.as_str(), r#"{"type":"object","minimum":1.10}"#);
        assert!(!event.forced);
    }
}
