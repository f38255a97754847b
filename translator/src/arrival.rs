//! An arrival is an envelope as it came, taken apart as far as somebody asks: frame, JSON text, parsed body.

use std::cell::OnceCell;

use bytes::Bytes;
use serde_json::Value;
use stele_evolution::schema::{TextError, read_value};

use crate::{
    convention::Frame,
    envelope::Envelope,
    fault::{Code, Fault},
};

/// An envelope with its data taken apart on demand, each at most once.
pub(crate) struct Arrival<'e> {
    envelope: &'e Envelope,
    frame: Option<Frame>,
    json: Bytes,
    body: OnceCell<Result<Value, Fault>>,
}

impl<'e> Arrival<'e> {
    /// Takes the frame off the data, if there is one.
    pub fn open(envelope: &'e Envelope) -> Result<Self, Fault> {
        let (frame, json) = Frame::split(&envelope.data)?;
        Ok(Arrival { envelope, frame, json, body: OnceCell::new() })
    }

    /// The same with other data.
    pub fn with_body(&self, body: Value) -> Arrival<'e> {
        Arrival {
            envelope: self.envelope,
            frame: self.frame,
            json: body.to_string().into(),
            body: OnceCell::from(Ok(body)),
        }
    }

    /// The envelope, as it came.
    pub fn envelope(&self) -> &'e Envelope {
        self.envelope
    }

    /// The frame before the data.
    pub fn frame(&self) -> Option<Frame> {
        self.frame
    }

    /// The data without their frame, unparsed.
    pub fn json(&self) -> &Bytes {
        &self.json
    }

    /// The data, parsed strictly: no key twice, not too deep.
    pub fn body(&self) -> Result<&Value, Fault> {
        self.body.get_or_init(|| self.parse()).as_ref().map_err(Clone::clone)
    }

    /// Whether there are data at all, and not only a reference to them.
    pub fn has_data(&self) -> Result<(), Fault> {
        if self.json.is_empty() && self.envelope.attributes.text("dataref").is_some() {
            let detail = "the event holds only a `dataref`, and what it refers to is not fetched";
            return Err(Fault::new(Code::DatarefAlone, detail));
        }
        Ok(())
    }

    fn parse(&self) -> Result<Value, Fault> {
        self.has_data()?;
        let text = std::str::from_utf8(&self.json)
            .map_err(|_| Fault::new(Code::NotJson, "the event is not UTF-8"))?;
        read_value(text).map_err(|error| unreadable(&error))
    }
}

/// Why data cannot be read.
pub(crate) fn unreadable(error: &TextError) -> Fault {
    let code = match error {
        TextError::NotJson { .. } => Code::NotJson,
        TextError::DuplicateKey(_) => Code::DuplicateKey,
        TextError::TooDeep => Code::TooDeep,
    };
    Fault::new(code, error.to_string())
}
