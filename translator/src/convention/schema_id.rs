//! The version by the id of its schema: bytes before the data, a header, or the CloudEvents attribute `schemaid`.

use bytes::{BufMut, Bytes, BytesMut};
use stele_api::id::SchemaId;
use stele_client::history::Known;
use uuid::Uuid;

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

/// What stands before data in the Confluent wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// A zero byte and the id: four bytes, big-endian.
    Id(SchemaId),
    /// A one and the GUID: sixteen bytes.
    Guid(Uuid),
}

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
                Ok((Some(Frame::Id(id)), data.slice(5..)))
            }
            Some(1) => {
                let guid = data.get(1..17).and_then(|bytes| Uuid::from_slice(bytes).ok());
                let guid =
                    guid.ok_or_else(|| unreadable("the bytes before the data are no GUID"))?;
                Ok((Some(Frame::Guid(guid)), data.slice(17..)))
            }
            _ => Ok((None, data.clone())),
        }
    }

    /// The data with a frame of the same kind for another schema before them.
    fn join(self, known: &Known, json: &Bytes) -> Bytes {
        let mut framed = BytesMut::with_capacity(17 + json.len());
        match self {
            Frame::Id(_) => {
                framed.put_u8(0);
                framed.put_u32(known.id.number());
            }
            Frame::Guid(_) => {
                framed.put_u8(1);
                framed.put_u128(known.guid());
            }
        }
        framed.put_slice(json);
        framed.freeze()
    }

    fn said(self) -> Said {
        match self {
            Frame::Id(id) => Said::Schema(id),
            Frame::Guid(guid) => Said::Guid(guid),
        }
    }
}

/// An id or a GUID as a header or an attribute carries it.
fn parse(text: &str) -> Option<Said> {
    match text.parse() {
        Ok(id) => Some(Said::Schema(id)),
        Err(_) => text.parse().map(Said::Guid).ok(),
    }
}

/// The schema, wherever it stands; where it stands twice in the same form it must be the same.
pub fn read(arrival: &Arrival<'_>) -> Result<Option<Claim>, Fault> {
    let envelope = arrival.envelope();
    let mut found: Option<Said> = arrival.frame().map(Frame::said);
    let texts = [
        (HEADER, envelope.metadata.text(HEADER)),
        (ATTRIBUTE, envelope.attributes.text(ATTRIBUTE)),
    ];
    for (name, text) in texts {
        let Some(text) = text else { continue };
        let said = parse(text).ok_or_else(|| {
            let detail = format!("`{name}` holds neither a schema id nor a GUID");
            Fault::new(Code::VersionUnreadable, detail)
        })?;
        if let Some(other) = found.as_ref().filter(|other| **other != said) {
            let detail = format!("`{name}` says {said}, but the event also says {other}");
            return Err(Fault::new(Code::ConventionsDisagree, detail));
        }
        found = Some(said);
    }
    Ok(found.map(|said| Claim { subject: None, said }))
}

/// Rewrites the id wherever it stood.
pub fn write(envelope: &mut Envelope, frame: Option<Frame>, target: &Target<'_>, used: Use) {
    let known = target.known;
    let mut written = false;
    if let Some(frame) = frame {
        envelope.data = frame.join(known, &envelope.data);
        written = true;
    }
    for (name, attributes) in
        [(HEADER, &mut envelope.metadata), (ATTRIBUTE, &mut envelope.attributes)]
    {
        // One that cannot be read was a fault, unless nobody here reads this convention: then an id replaces it.
        let said = attributes
            .text(name)
            .map(|text| parse(text).map_or_else(|| known.id.to_string(), |said| said.spell(known)));
        if let Some(said) = said {
            attributes.set(name, said);
            written = true;
        }
    }
    if !written && used == Use::Always {
        match envelope.mode {
            Mode::Plain => envelope.metadata.set(HEADER, known.id.to_string()),
            Mode::Binary | Mode::Structured => {
                envelope.attributes.set(ATTRIBUTE, known.id.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            version: "1".parse().unwrap(),
            release: "1.0.0".parse().unwrap(),
            id: "9".parse().unwrap(),
            fingerprint: "ab".repeat(32).parse().unwrap(),
        }
    }

    #[test]
    fn a_frame_is_told_from_json_and_keeps_its_kind() {
        let by_id = Bytes::from_static(b"\0\0\0\x01\x02{}");
        let by_guid = Bytes::from_static(b"\x010123456789abcdef{}");

        let (id, json) = Frame::split(&by_id).unwrap();
        let (guid, also_json) = Frame::split(&by_guid).unwrap();

        assert_eq!(id.unwrap().said().to_string(), "schema id 258");
        assert_eq!(guid.unwrap().said().to_string(), "schema 30313233-3435-3637-3839-616263646566");
        assert_eq!((&*json, &*also_json), (&b"{}"[..], &b"{}"[..]));
        assert_eq!(&*id.unwrap().join(&known(), &json), b"\0\0\0\0\x09{}");
        let joined = guid.unwrap().join(&known(), &json);
        assert_eq!((joined[0], &joined[1..17], &joined[17..]), (1, &[0xab; 16][..], &b"{}"[..]));
        assert_eq!(Frame::split(&json).unwrap(), (None, json));
    }

    #[test]
    fn a_frame_that_names_no_schema_is_a_fault() {
        for data in [&b"\0"[..], b"\0\0\0\0\0{}", b"\x01abcdefg{}"] {
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
