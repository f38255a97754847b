//! An envelope is an event with its attributes, whatever carries it: HTTP headers, one JSON document, or a bare line.
//!
//! Attributes are copied verbatim, as the text they came as: a `time` with nanoseconds keeps them. The data are bytes
//! until somebody has a reason to parse them.

mod attributes;
mod binary;
mod http;
mod media_type;
mod structured;

use bytes::Bytes;

use self::media_type::is_json;
pub use self::{
    attributes::{Attribute, Attributes},
    http::{STREAM, read_http, write_http},
    media_type::{BATCH, CLOUDEVENT},
    structured::{read_line, write_line},
};
pub(crate) use self::{
    binary::encode,
    http::{is_forwarded, is_kept},
    media_type::{essence, is_batch},
    structured::{base64, split_batch, write as write_structured, write_batch},
};
use crate::fault::{Code, Fault};

/// How an envelope is laid out on the wire (CloudEvents HTTP binding, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A CloudEvent whose attributes are headers and whose data are the body.
    Binary,
    /// A CloudEvent as one JSON document.
    Structured,
    /// Not a CloudEvent: a JSON body, and whatever headers came with it.
    Plain,
}

/// An event with its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// How it came, and how it will leave.
    pub mode: Mode,
    /// The context attributes, without `datacontenttype`; none for a plain event.
    pub attributes: Attributes,
    /// What the transport carries beside them: HTTP headers that concern the event, by lower-case name.
    pub metadata: Attributes,
    /// The media type of the data, verbatim.
    pub content_type: Option<String>,
    /// The event itself.
    pub data: Bytes,
    /// The stream it came on, where that is known: a topic, an HTTP path, the name of a file.
    pub stream: Option<String>,
}

impl Envelope {
    /// A plain event: only data.
    pub fn plain(data: impl Into<Bytes>) -> Self {
        Envelope {
            mode: Mode::Plain,
            attributes: Attributes::default(),
            metadata: Attributes::default(),
            content_type: None,
            data: data.into(),
            stream: None,
        }
    }

    /// The CloudEvents `type`.
    pub fn event_type(&self) -> Option<&str> {
        self.attributes.text("type")
    }

    /// Writes what only a CloudEvent has a place for; beside a plain event it stands in the metadata.
    pub fn annotate(&mut self, name: &str, text: String) {
        match self.mode {
            Mode::Plain => self.metadata.set(name, text),
            Mode::Binary | Mode::Structured => self.attributes.set(name, text),
        }
    }

    /// Whether the data are said to be JSON: so is everything that says nothing.
    fn says_json(&self) -> bool {
        self.content_type.as_deref().is_none_or(is_json)
    }

    /// The envelope, once it has what every CloudEvent has (CloudEvents, section "Required Attributes").
    fn complete(self) -> Result<Self, Fault> {
        if self.mode == Mode::Plain {
            return Ok(self);
        }
        let incomplete = |detail: String| Err(Fault::new(Code::NotACloudEvent, detail));
        match self.attributes.text("specversion") {
            Some("1.0") => {}
            Some(other) => return incomplete(format!("specversion `{other}` is not read here")),
            None => return incomplete("the event has no `specversion`".into()),
        }
        for name in ["id", "source", "type"] {
            if self.attributes.text(name).is_none_or(str::is_empty) {
                return incomplete(format!("the event has no `{name}`"));
            }
        }
        Ok(self)
    }
}
