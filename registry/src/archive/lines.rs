//! The lines of an export: how many events follow, then each, then that this was all.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stele_api::text::JsonText;
use stele_evolution::version::Version;

use crate::log::{LogError, Position, Recorded};

/// The format of the lines.
pub const FORMAT: u32 = 1;

/// The first line: what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The format of the lines.
    #[serde(rename = "steleExport")]
    pub format: u32,
    /// How many follow.
    pub events: u64,
}

/// The last line: a file without it was cut off, or written from a log that could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    /// How many events came before.
    #[serde(rename = "steleExportEnd")]
    pub events: u64,
    /// The place of the last.
    pub sequence: u64,
}

/// The last line where the log could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Why not.
    #[serde(rename = "steleExportError")]
    pub why: String,
}

/// One event, as a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// Its place.
    pub sequence: u64,
    /// When it was recorded.
    pub time: Timestamp,
    /// Who asked.
    pub who: String,
    /// In which request.
    pub request: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What happened, by its name.
    pub kind: String,
    /// The version of the schema of that.
    pub version: Version,
    /// What happened.
    pub data: JsonText,
}

/// An event as a line, with its end.
pub fn line(recorded: &Recorded) -> Result<String, LogError> {
    let unwritable = |cause: serde_json::Error| LogError::Event {
        sequence: recorded.sequence,
        kind: recorded.event.kind().to_owned(),
        cause: cause.into(),
    };
    let data = recorded.event.to_json().and_then(JsonText::new).map_err(unwritable)?;
    let line = Line {
        sequence: recorded.sequence.0,
        time: recorded.time,
        who: recorded.origin.who.clone(),
        request: recorded.origin.request.clone(),
        why: recorded.origin.why.clone(),
        kind: recorded.event.kind().to_owned(),
        version: recorded.event.version(),
        data,
    };
    serde_json::to_string(&line).map(|line| line + "\n").map_err(unwritable)
}

/// The first line, with its end.
pub fn head(events: Position) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Head { format: FORMAT, events: events.0 }).map(|line| line + "\n")
}

/// The last line, with its end.
pub fn tail(last: Position) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Tail { events: last.0, sequence: last.0 }).map(|line| line + "\n")
}

/// The last line of an export that fails, with its end.
pub fn failed(why: impl Into<String>) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Failed { why: why.into() }).map(|line| line + "\n")
}
