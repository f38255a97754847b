//! The version by the id of its schema: five bytes before the data, a header, or the CloudEvents attribute `schemaid`.

use bytes::{BufMut, Bytes, BytesMut};
use stele_api::id::SchemaId;

use super::{Claim, Said, Target, Use};
use crate::{
    arrival::Arrival,
    envelope::{Envelope, Mode},
    fault::{Code, Fault},
};

/// The attribute of a CloudEvent.
const ATTRIBUTE: &str = "schemaid";

/// The header beside a message, as serializers of the Confluent dialect write it.
const HEADER: &str = "__value_schema_id";

/// What stands before data in the Confluent wire format: a zero byte and the id, four bytes, big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame(SchemaId);

impl Frame {
    /// Takes data apart into frame and JSON. No JSON starts with one of these bytes, so nothing else is meant.
    pub fn split(data: &Bytes) -> Result<(Option<Frame>, Bytes), Fault> {
        let unreadable = |detail: &str| Fault::new(Code::VersionUnreadable, detail);
        match data.first() {
            Some(0) => {
                let bytes = data.get(1..5).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
                let id = bytes.and_then(|bytes| SchemaId::try_from(u32::from_be_bytes(bytes)).ok());
                let id =
                    id.ok_or_else(|| unreadable("the bytes before the data are no schema id"))?;
                Ok((Some(Frame(id)), data.slice(5..)))
            }
            Some(1) => Err(unreadable("schemas named by GUID are not read here: use ids")),
            _ => Ok((None, data.clone())),
        }
    }

    /// The data with the frame of another schema before them.
    fn join(id: SchemaId, json: &Bytes) -> Bytes {
        let mut framed = BytesMut::with_capacity(5 + json.len());
        framed.put_u8(0);
        framed.put_u32(id.number());
        framed.put_slice(json);
        framed.freeze()
    }
}

/// The schema id, wherever it stands; where it stands twice it must be the same.
pub fn read(arrival: &Arrival<'_>) -> Result<Option<Claim>, Fault> {
    let envelope = arrival.envelope();
    let mut found: Option<SchemaId> = arrival.frame().map(|Frame(id)| id);
    let texts = [
        (HEADER, envelope.metadata.text(HEADER)),
        (ATTRIBUTE, envelope.attributes.text(ATTRIBUTE)),
    ];
    for (name, text) in texts {
        let Some(text) = text else { continue };
        let id: SchemaId = text.parse().map_err(|_| {
            Fault::new(Code::VersionUnreadable, format!("`{name}` holds no schema id"))
        })?;
        if let Some(other) = found.filter(|other| *other != id) {
            let detail = format!("`{name}` says schema id {id}, but the event also says {other}");
            return Err(Fault::new(Code::ConventionsDisagree, detail));
        }
        found = Some(id);
    }
    Ok(found.map(|id| Claim { subject: None, said: Said::Schema(id) }))
}

/// Rewrites the id wherever it stood.
pub fn write(envelope: &mut Envelope, frame: Option<Frame>, target: &Target<'_>, used: Use) {
    let id = target.known.id;
    let mut written = false;
    if frame.is_some() {
        envelope.data = Frame::join(id, &envelope.data);
        written = true;
    }
    if envelope.metadata.text(HEADER).is_some() {
        envelope.metadata.set(HEADER, id.to_string());
        written = true;
    }
    if envelope.attributes.text(ATTRIBUTE).is_some() {
        envelope.attributes.set(ATTRIBUTE, id.to_string());
        written = true;
    }
    if !written && used == Use::Always {
        match envelope.mode {
            Mode::Plain => envelope.metadata.set(HEADER, id.to_string()),
            Mode::Binary | Mode::Structured => envelope.attributes.set(ATTRIBUTE, id.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_told_from_json() {
        let framed = Bytes::from_static(b"\0\0\0\x01\x02{}");

        let (frame, json) = Frame::split(&framed).unwrap();
        let Frame(id) = frame.unwrap();

        assert_eq!((id.number(), &*json), (258, &b"{}"[..]));
        assert_eq!(Frame::join(id, &json), framed);
        assert_eq!(Frame::split(&json).unwrap(), (None, json));
    }

    #[test]
    fn a_frame_that_names_no_schema_is_a_fault() {
        for data in [&b"\0"[..], b"\0\0\0\0\0{}", b"\x01abcdefghijklmnop{}"] {
            let fault = Frame::split(&Bytes::from_static(data)).unwrap_err();

            assert_eq!(fault.code, Code::VersionUnreadable);
        }
    }

    #[test]
    fn two_ids_that_differ_are_a_fault() {
        let mut envelope = Envelope::plain(&b"\0\0\0\0\x07{}"[..]);
        envelope.metadata.set(HEADER, "8");

        let fault = read(&Arrival::open(&envelope).unwrap()).unwrap_err();

        assert_eq!(fault.code, Code::ConventionsDisagree);
    }
}
