//! The bodies of the Confluent dialect. Unknown fields are ignored; what is null or empty is left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use stele_evolution::{containment::ContentModel, policy::Level, version::Version};

use crate::{
    id::SchemaId,
    mode::Mode,
    patch::Patch,
    rules::RuleSet,
    subject::{Context, Subject},
};

/// The media type of an answer where the request does not ask for another.
pub const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// Every media type that is answered and taken.
pub const MEDIA_TYPES: [&str; 3] =
    [MEDIA_TYPE, "application/vnd.schemaregistry+json", "application/json"];

/// The one format served.
pub const JSON: &str = "JSON";

/// A version of another subject that a schema refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// The text of the `$ref`.
    pub name: String,
    /// The subject referred to.
    pub subject: Subject,
    /// Its version; -1 is the newest, pinned at registration.
    pub version: i32,
}

/// What is said about a schema beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Tags by path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_empty")]
    pub tags: BTreeMap<String, Vec<String>>,
    /// Named texts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_empty")]
    pub properties: BTreeMap<String, String>,
    /// The names of the properties that are not for everybody.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_empty")]
    pub sensitive: Vec<String>,
}

impl Metadata {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Metadata::default()
    }
}

/// A schema to register, look up or check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Register {
    /// The schema's text.
    pub schema: Option<String>,
    /// `AVRO` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_type: Option<String>,
    /// What it refers to.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_empty")]
    pub references: Vec<Reference>,
    /// What is said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// The rules that clients run, as they came: they are read where a bad one can be refused for its own reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<serde_json::Value>,
    /// The version it must get, or nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// The id it must get, or nothing (mode IMPORT).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i32>,
}

/// A version of a subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaVersion {
    /// The subject.
    pub subject: Subject,
    /// Its version.
    pub version: Version,
    /// The id of the schema.
    pub id: SchemaId,
    /// The same as a GUID, unique over contexts.
    pub guid: String,
    /// The format.
    pub schema_type: String,
    /// What the schema refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// The rules that clients run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<RuleSet>,
    /// The schema's canonical text.
    pub schema: String,
    /// Whether it is soft-deleted; left out where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
}

/// The answer to a registration: the whole of the version, as newer clients read it.
pub type Registered = SchemaVersion;

/// The schema with an id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaById {
    /// The schema's canonical text.
    pub schema: String,
    /// The format.
    pub schema_type: String,
    /// The same id as a GUID.
    pub guid: String,
    /// What the schema refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// The rules that clients run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<RuleSet>,
    /// The newest id, where `fetchMaxId` asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_id: Option<SchemaId>,
}

/// One place where a schema is used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SubjectVersion {
    /// The subject.
    pub subject: Subject,
    /// The version.
    pub version: Version,
}

/// One context's id of a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContextId {
    /// The context.
    pub context: Context,
    /// The id there.
    pub id: SchemaId,
}

/// Whether a candidate would be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compatibility {
    /// Whether it would.
    pub is_compatible: bool,
    /// Why not, and what it was compared with; with `verbose` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<String>>,
}

/// What a configuration becomes; what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigUpdate {
    /// The level, by name.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub compatibility: Patch<String>,
    /// The content model, by name.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub content_model: Patch<String>,
}

/// A configuration that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// The level, in a spelling that every client reads.
    pub compatibility_level: String,
    /// The level as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stele_policy: Option<Level>,
    /// The content model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_model: Option<ContentModel>,
}

impl Config {
    /// The answer for a level and a model. Clients in the field raise at a level they do not know, so the two of Stele's
    /// own stand as the nearest of theirs, and as they are in `stelePolicy`.
    pub fn new(level: Level, model: ContentModel) -> Self {
        let spelled = match level {
            Level::AdditionsOnly => Level::FullTransitive,
            Level::Translatable => Level::None,
            other => other,
        };
        Config {
            compatibility_level: spelled.to_string(),
            stele_policy: Some(level),
            content_model: Some(model),
        }
    }
}

/// What may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeBody {
    /// The mode.
    pub mode: Mode,
}

/// What shall be done from here on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModeUpdate {
    /// The mode, by name.
    pub mode: Option<String>,
}

/// A null list or map says the same as an empty one.
pub(crate) fn or_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_real_clients_send_is_read() {
        let body = r#"{"schema":"{}","schemaType":"JSON","references":null,"metadata":{"tags":null},"x":[1.0]}"#;

        let read: Register = serde_json::from_str(body).unwrap();

        assert_eq!(read.schema.as_deref(), Some("{}"));
        assert!(read.references.is_empty() && read.metadata.unwrap().is_empty());
    }

    #[test]
    fn an_explicit_null_clears() {
        let update: ConfigUpdate = serde_json::from_str(r#"{"compatibility":null}"#).unwrap();

        assert_eq!(
            update,
            ConfigUpdate { compatibility: Patch::Clear, content_model: Patch::Keep }
        );
    }

    #[test]
    fn a_level_of_our_own_is_answered_in_words_every_client_knows() {
        let body = serde_json::to_string(&Config::new(Level::AdditionsOnly, ContentModel::Event));

        insta::assert_snapshot!(
            body.unwrap(),
            @r#"{"compatibilityLevel":"FULL_TRANSITIVE","stelePolicy":"ADDITIONS_ONLY","contentModel":"event"}"#
        );
    }
}
