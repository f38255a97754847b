//! The feed: what happened in the registry, in order.

use serde::{Deserialize, Serialize};
use stele_evolution::version::Version;

use crate::{subject::Subject, text::JsonText};

/// The media type of the feed as a stream of server-sent events: one for each change, its sequence number as the id.
pub const STREAM: &str = "text/event-stream";

/// The header by which a client says which change it saw last.
pub const LAST_EVENT_ID: &str = "last-event-id";

/// The name of the event in a stream that says why it ends; a change comes without a name.
pub const PROBLEM: &str = "problem";

/// One thing that happened. It stays true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its place in the order, from 1, without a gap.
    pub sequence: u64,
    /// When, in RFC 3339.
    pub time: String,
    /// What kind of thing, such as `schema_registered`, `lens_added`, `config_set` or `subject_described`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The version of the schema that `data` is written in: `:.stele:<type>` has it.
    #[serde(default = "first")]
    pub version: Version,
    /// The subject it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Who asked for it; only told to those who administer the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Why, in their own words; told to the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The event itself.
    pub data: JsonText,
}

/// A registry that says no version knows only one.
fn first() -> Version {
    Version::FIRST
}

/// What happened after a place in the order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// In order; empty where nothing happened while the request waited.
    pub changes: Vec<Change>,
    /// Where to go on: the `after` of the next request.
    pub next: u64,
}
