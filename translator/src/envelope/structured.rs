//! Structured mode: one JSON document holds attributes and data (CloudEvents JSON format, section 3).
//!
//! The data are cut out as they stand in the document, digit by digit, and put back the same way.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::{BufMut, Bytes, BytesMut};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use stele_evolution::schema::compact;

use super::{Attribute, Attributes, Envelope, Mode};
use crate::fault::{Code, Fault};

/// Reads one CloudEvent.
pub fn read(body: &Bytes) -> Result<Envelope, Fault> {
    let text = utf8(body)?;
    assemble(body, members(text)?)
}

/// Reads one line of NDJSON: a CloudEvent if it says so by `specversion`, else a bare event.
pub fn read_line(line: &Bytes) -> Result<Envelope, Fault> {
    let text = utf8(line)?;
    if !text.trim_start().starts_with('{') {
        serde_json::from_str::<&RawValue>(text).map_err(|error| not_json(&error))?;
        return Ok(Envelope::plain(line.clone()));
    }
    let members = members(text)?;
    if members.0.iter().any(|(name, _)| name == "specversion") {
        assemble(line, members)?.complete()
    } else {
        Ok(Envelope::plain(line.clone()))
    }
}

/// Writes one line of NDJSON, without the line feed. What a bare event has no place for is left out.
pub fn write_line(envelope: &Envelope) -> Bytes {
    let line = match envelope.mode {
        Mode::Plain => envelope.data.clone(),
        Mode::Structured | Mode::Binary => write(envelope),
    };
    // Data that came in base64 may hold line feeds between their tokens.
    match std::str::from_utf8(&line).ok().filter(|text| text.contains('\n')).map(compact) {
        Some(Ok(compacted)) => compacted.into(),
        _ => line,
    }
}

/// Cuts a batch of at most so many events into them, each as it stands (CloudEvents JSON format, section 4).
pub fn split_batch(body: &Bytes, most: usize) -> Result<Vec<Bytes>, Fault> {
    let mut deserializer = serde_json::Deserializer::from_str(utf8(body)?);
    let batch = AtMost(most).deserialize(&mut deserializer);
    let (events, count) = batch
        .and_then(|batch| deserializer.end().map(|()| batch))
        .map_err(|error| not_json(&error))?;
    if count > most {
        let detail =
            format!("the batch holds {count} events, and at most {most} are taken at once");
        return Err(Fault::new(Code::TooLarge, detail));
    }
    Ok(events.into_iter().map(|event| body.slice_ref(event.get().as_bytes())).collect())
}

/// Writes several CloudEvents as one batch.
pub fn write_batch<'e>(envelopes: impl Iterator<Item = &'e Envelope>) -> Bytes {
    let mut out = BytesMut::from(&b"["[..]);
    for (index, envelope) in envelopes.enumerate() {
        if index > 0 {
            out.put_u8(b',');
        }
        out.put_slice(&write(envelope));
    }
    out.put_u8(b']');
    out.freeze()
}

/// Bytes that are no text, as text.
pub fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Writes one CloudEvent.
pub fn write(envelope: &Envelope) -> Bytes {
    let mut out = String::with_capacity(envelope.data.len() + 512);
    let mut member = |name: &str, json: &str| {
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&quoted(name));
        out.push(':');
        out.push_str(json);
    };
    for (name, attribute) in envelope.attributes.iter() {
        match attribute {
            Attribute::Text(text) => member(name, &quoted(text)),
            Attribute::Bare(bare) => member(name, bare),
        }
    }
    if let Some(content_type) = &envelope.content_type {
        member("datacontenttype", &quoted(content_type));
    }
    let text = std::str::from_utf8(&envelope.data).ok();
    let json = text.filter(|text| serde_json::from_str::<&RawValue>(text).is_ok());
    match (json, text) {
        _ if envelope.data.is_empty() => {}
        (Some(json), _) if envelope.says_json() => member("data", json),
        (_, Some(text)) if !envelope.says_json() => member("data", &quoted(text)),
        _ => member("data_base64", &quoted(&base64(&envelope.data))),
    }
    out.push_str(if out.is_empty() { "{}" } else { "}" });
    out.into()
}

fn assemble(body: &Bytes, members: Members<'_>) -> Result<Envelope, Fault> {
    let mut attributes = Attributes::default();
    let (mut data, mut base64) = (None, None);
    for (name, raw) in members.0 {
        if raw.get() == "null" && name != "data" {
            continue;
        }
        match name.as_str() {
            "data" => data = Some(raw),
            "data_base64" => base64 = Some(raw),
            _ => {
                let attribute = attribute(raw).ok_or_else(|| {
                    let detail = format!("the attribute `{name}` is an object or an array");
                    Fault::new(Code::AttributeInvalid, detail)
                })?;
                attributes.insert(name, attribute);
            }
        }
    }
    let content_type =
        attributes.remove("datacontenttype").map(|attribute| attribute.as_str().to_owned());
    let mut envelope = Envelope {
        mode: Mode::Structured,
        attributes,
        metadata: Attributes::default(),
        content_type,
        data: Bytes::new(),
        stream: None,
    };
    envelope.data = match (data, base64) {
        (Some(_), Some(_)) => {
            let detail = "the event has both `data` and `data_base64`";
            return Err(Fault::new(Code::NotACloudEvent, detail));
        }
        (None, None) => Bytes::new(),
        (Some(raw), None) => match serde_json::from_str::<String>(raw.get()) {
            Ok(text) if !envelope.says_json() => text.into(),
            _ => body.slice_ref(raw.get().as_bytes()),
        },
        (None, Some(raw)) => decoded(raw)?,
    };
    Ok(envelope)
}

fn decoded(raw: &RawValue) -> Result<Bytes, Fault> {
    serde_json::from_str::<String>(raw.get())
        .ok()
        .and_then(|text| BASE64_STANDARD.decode(text).ok())
        .map(Bytes::from)
        .ok_or_else(|| Fault::new(Code::NotACloudEvent, "`data_base64` is not base64"))
}

fn attribute(raw: &RawValue) -> Option<Attribute> {
    match raw.get().as_bytes().first()? {
        b'"' => serde_json::from_str(raw.get()).ok().map(Attribute::Text),
        b'{' | b'[' => None,
        _ => Some(Attribute::Bare(raw.get().to_owned())),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn utf8(bytes: &Bytes) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|_| Fault::new(Code::NotJson, "the text is not UTF-8"))
}

fn not_json(error: &serde_json::Error) -> Fault {
    Fault::new(Code::NotJson, format!("not JSON: {error}"))
}

/// The members of one object, in order, each value as it stands.
struct Members<'a>(Vec<(String, &'a RawValue)>);

fn members(text: &str) -> Result<Members<'_>, Fault> {
    let members: Members<'_> = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    for (index, (name, _)) in members.0.iter().enumerate() {
        if members.0[..index].iter().any(|(earlier, _)| earlier == name) {
            let detail = format!("the key `{name}` stands twice in one object");
            return Err(Fault::new(Code::DuplicateKey, detail));
        }
    }
    Ok(members)
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// Reads a list, keeps so many of its elements as they stand, and counts the rest.
struct AtMost(usize);

impl<'de> DeserializeSeed<'de> for AtMost {
    type Value = (Vec<&'de RawValue>, usize);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for AtMost {
    type Value = (Vec<&'de RawValue>, usize);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < self.0
            && let Some(element) = list.next_element()?
        {
            kept.push(element);
        }
        let mut count = kept.len();
        while list.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok((kept, count))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(text: &str) -> Envelope {
        read(&Bytes::copy_from_slice(text.as_bytes())).unwrap()
    }

    #[test]
    fn data_are_cut_out_as_they_stand() {
        let text = r#"{"specversion":"1.0","id":"7","sequence":3,"data":{"b": 1.10, "a":12345678901234567890123}}"#;

        let envelope = event(text);

        assert_eq!(envelope.data, r#"{"b": 1.10, "a":12345678901234567890123}"#);
        assert_eq!(envelope.attributes.text("sequence"), Some("3"));
        assert_eq!(write(&envelope), text);
    }

    #[test]
    fn data_in_base64_are_the_same_event() {
        let envelope = event(r#"{"specversion":"1.0","data_base64":"eyJhIjoxfQ=="}"#);

        assert_eq!(envelope.data, r#"{"a":1}"#);
    }

    #[test]
    fn text_that_is_not_json_travels_as_a_string() {
        let text =
            r#"{"specversion":"1.0","datacontenttype":"text/xml","data":"<much wow=\"xml\"/>"}"#;

        let envelope = event(text);

        assert_eq!(envelope.data, r#"<much wow="xml"/>"#);
        assert_eq!(write(&envelope), text);
    }

    #[test]
    fn framed_data_leave_in_base64() {
        let mut envelope = event(r#"{"specversion":"1.0"}"#);
        envelope.data = Bytes::from_static(b"\0\0\0\0\x07{}");

        let again = read(&write(&envelope)).unwrap();

        assert_eq!(again.data, envelope.data);
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let code =
            |text: &'static str| read(&Bytes::from_static(text.as_bytes())).unwrap_err().code;

        assert_eq!(code(r#"{"id":"1","id":"2"}"#), Code::DuplicateKey);
        assert_eq!(code(r#"{"data":1,"data_base64":""}"#), Code::NotACloudEvent);
        assert_eq!(code(r#"{"type":["a"]}"#), Code::AttributeInvalid);
        assert_eq!(code("[]"), Code::NotJson);
        assert_eq!(code("{"), Code::NotJson);
    }

    #[test]
    fn a_batch_is_cut_up_to_a_bound_and_counted_beyond_it() {
        let cut = |text: &'static str| split_batch(&Bytes::from_static(text.as_bytes()), 2);

        assert_eq!(cut(r#"[{"id":1.10}, 2]"#).unwrap(), [r#"{"id":1.10}"#, "2"]);
        assert_eq!(cut("[]").unwrap(), Vec::<Bytes>::new());
        let refused = cut("[1,2,3,4]").unwrap_err();
        assert_eq!(refused.code, Code::TooLarge);
        assert_eq!(refused.detail, "the batch holds 4 events, and at most 2 are taken at once");
        assert_eq!(cut("[1,2,3").unwrap_err().code, Code::NotJson);
        assert_eq!(cut("[1] 2").unwrap_err().code, Code::NotJson);
        assert_eq!(cut("{}").unwrap_err().code, Code::NotJson);
    }

    #[test]
    fn a_line_is_a_cloudevent_only_if_it_says_so() {
        let mode = |text: &'static str| {
            read_line(&Bytes::from_static(text.as_bytes())).map(|read| read.mode)
        };

        let event = r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{}}"#;
        assert_eq!(mode(event), Ok(Mode::Structured));
        assert_eq!(
            mode(r#"{"specversion":"1.0","data":{}}"#).unwrap_err().code,
            Code::NotACloudEvent
        );
        assert_eq!(mode(r#"{"id":"7","type":"card"}"#), Ok(Mode::Plain));
        assert_eq!(mode("[1]"), Ok(Mode::Plain));
        assert_eq!(mode("[1").unwrap_err().code, Code::NotJson);
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(id in ".*", kind in ".*", text in ".*", number in any::<i32>()) {
            let mut envelope = event(r#"{"specversion":"1.0"}"#);
            envelope.attributes.set("id", id);
            envelope.attributes.set("type", kind);
            envelope.attributes.insert("sequence".into(), Attribute::Bare(number.to_string()));
            envelope.content_type = Some("application/json".into());
            envelope.data = serde_json::json!({"text": text}).to_string().into();

            prop_assert_eq!(read(&write(&envelope)).unwrap(), envelope);
        }
    }
}
