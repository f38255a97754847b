//! A version as Stele's own API shows it, and the request that makes one.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stele_evolution::{
    schema::Fingerprint,
    version::{Release, Version},
};

use crate::{
    day::Day,
    dialect::{Metadata, Reference},
    id::SchemaId,
    kind::Kind,
    rules::RuleSet,
    subject::Subject,
    text::JsonText,
};

/// Registers a version, together with the lens of its edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterRequest {
    /// The format; JSON where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_type: Option<String>,
    /// The schema.
    pub schema: JsonText,
    /// What it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<Vec<Reference>>,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// How an event crosses from the newest version to this one: a lens as JSON, or as a string of YAML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lens: Option<Value>,
    /// The release it declares; worked out where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// What the messages of the subject are; recorded with the first version, or when it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
}

impl RegisterRequest {
    /// Registers a schema, everything else as by default.
    pub fn new(schema: JsonText) -> Self {
        RegisterRequest {
            schema_type: None,
            schema,
            references: None,
            metadata: None,
            lens: None,
            release: None,
            kind: None,
        }
    }
}

/// How an event gets to a version from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// By an addition: nothing needs to be written.
    Addition,
    /// By a written lens.
    Lens,
}

/// One version of a subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionResource {
    /// The subject.
    pub subject: Subject,
    /// Its number.
    pub version: Version,
    /// Its semantic version.
    pub release: Release,
    /// The id that travels with every message.
    pub global_id: SchemaId,
    /// The hash of the canonical text and of all it refers to.
    pub fingerprint: Fingerprint,
    /// The format.
    pub schema_type: String,
    /// What the schema refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// What is said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// How it is reached from the version before; absent for the first, and where there is no way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edge: Option<EdgeKind>,
    /// Whether it is soft-deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The rules that clients run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<RuleSet>,
    /// The schema's canonical text, as JSON.
    pub schema: JsonText,
}

/// One line of a subject's list of versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionSummary {
    /// Its number.
    pub version: Version,
    /// Its semantic version.
    pub release: Release,
    /// The id that travels with every message.
    pub global_id: SchemaId,
    /// The hash of the canonical text and of all it refers to.
    pub fingerprint: Fingerprint,
    /// How it is reached from the version before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edge: Option<EdgeKind>,
    /// Whether it is soft-deleted: hidden, still on the way of events, and to be restored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The last day on which it is to be used, where one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sunset: Option<Day>,
}
