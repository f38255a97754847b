//! An envelope in an HTTP message: the content type tells the mode.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use bytes::Bytes;

use super::{
    Attributes, Envelope, Mode, binary,
    media_type::{CLOUDEVENT, essence, is_json, is_utf8},
    structured,
};
use crate::fault::{Code, Fault};

/// The header that says on which stream an event came, or leaves: a topic, a path, the name of a file.
pub const STREAM: &str = "stele-stream";

/// Headers that belong to one connection or one message, not to the event (RFC 9110, section 7.6.1).
const NOT_FORWARDED: [&str; 15] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Reads the envelope of a request.
pub fn read_http(headers: &HeaderMap, body: Bytes) -> Result<Envelope, Fault> {
    let content_type = content_type(headers)?;
    let said = content_type.as_deref().map(essence).unwrap_or_default();
    let unsupported = |why: &str| {
        let name = content_type.as_deref().unwrap_or("no content type");
        Fault::new(Code::UnsupportedMediaType, format!("`{name}` {why}"))
    };
    if content_type.as_deref().is_some_and(|content_type| !is_utf8(content_type)) {
        return Err(unsupported("is not UTF-8"));
    }
    if headers.contains_key("content-encoding") {
        return Err(unsupported("came with a Content-Encoding, which is not decoded here"));
    }
    let envelope = match said.as_str() {
        "application/cloudevents+json" => Envelope {
            metadata: metadata(headers),
            stream: stream(headers),
            ..structured::read(&body)?
        },
        batch if batch.starts_with("application/cloudevents-batch") => {
            return Err(unsupported("holds a batch where one event is meant"));
        }
        other if other.starts_with("application/cloudevents") => {
            return Err(unsupported("is an event format that is not read here"));
        }
        _ => {
            let attributes = binary::read(headers)?;
            let mode = if attributes.text("specversion").is_some() {
                Mode::Binary
            } else if !attributes.is_empty() {
                let detail = "there are `ce-` headers, but no `ce-specversion`";
                return Err(Fault::new(Code::NotACloudEvent, detail));
            } else if said.is_empty() || said == "application/octet-stream" || is_json(&said) {
                Mode::Plain
            } else {
                return Err(unsupported("is not JSON"));
            };
            let (metadata, stream) = (metadata(headers), stream(headers));
            Envelope { mode, attributes, metadata, content_type, data: body, stream }
        }
    };
    envelope.complete()
}

/// Writes the envelope as the headers and the body of a message.
pub fn write_http(envelope: &Envelope) -> Result<(HeaderMap, Bytes), Fault> {
    let mut headers = HeaderMap::new();
    for (name, attribute) in envelope.metadata.iter() {
        let header = HeaderName::try_from(name);
        let value = HeaderValue::from_str(attribute.as_str());
        if let (Ok(header), Ok(value)) = (header, value) {
            headers.append(header, value);
        }
    }
    if let Some(stream) = &envelope.stream {
        let value = HeaderValue::from_str(&binary::encode(stream)).map_err(|_| {
            Fault::new(Code::AttributeInvalid, "the name of the stream cannot stand in a header")
        })?;
        headers.insert(HeaderName::from_static(STREAM), value);
    }
    let (content_type, body) = match envelope.mode {
        Mode::Structured => (Some(CLOUDEVENT), structured::write(envelope)),
        Mode::Binary | Mode::Plain => {
            binary::write(&envelope.attributes, &mut headers)?;
            (envelope.content_type.as_deref(), envelope.data.clone())
        }
    };
    if let Some(content_type) = content_type {
        let value = HeaderValue::from_str(content_type).map_err(|_| {
            Fault::new(Code::AttributeInvalid, "`datacontenttype` cannot stand in a header")
        })?;
        headers.insert(CONTENT_TYPE, value);
    }
    Ok((headers, body))
}

/// Whether a header concerns the event, so that it travels on with it.
pub(crate) fn is_forwarded(name: &str) -> bool {
    !NOT_FORWARDED.contains(&name) && !name.starts_with(binary::PREFIX) && name != STREAM
}

/// Whether a header is kept with an original: what concerns the event, and what says how to read it.
pub(crate) fn is_kept(name: &str) -> bool {
    is_forwarded(name)
        || name.starts_with(binary::PREFIX)
        || name == CONTENT_TYPE.as_str()
        || name == "content-encoding"
        || name == STREAM
}

fn stream(headers: &HeaderMap) -> Option<String> {
    binary::decode(headers.get(STREAM)?.to_str().ok()?)
}

fn content_type(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let unsupported = |why: &str| Fault::new(Code::UnsupportedMediaType, why);
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(unsupported("there is more than one content type"));
    }
    let text = value.to_str().map_err(|_| unsupported("the content type is not visible ASCII"))?;
    Ok(Some(text.to_owned()))
}

fn metadata(headers: &HeaderMap) -> Attributes {
    let mut metadata = Attributes::default();
    for (name, value) in headers.iter().filter(|(name, _)| is_forwarded(name.as_str())) {
        let Ok(text) = value.to_str() else { continue };
        // A header that stands several times is one list (RFC 9110, section 5.3).
        let text = match metadata.text(name.as_str()) {
            Some(before) => format!("{before}, {text}"),
            None => text.to_owned(),
        };
        metadata.set(name.as_str(), text);
    }
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    const BINARY: [(&str, &str); 7] = [
        ("ce-specversion", "1.0"),
        ("ce-id", "A234-1234-1234"),
        ("ce-source", "/shop/%E2%82%AC"),
        ("ce-type", "OrderPlaced.v2"),
        ("ce-time", "2026-11-24T13:45:00.123456789Z"),
        ("content-type", "application/json"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01"),
    ];

    #[test]
    fn binary_mode_survives_unchanged() {
        let body = Bytes::from_static(br#"{"total": 1.10}"#);

        let envelope = read_http(&headers(&BINARY), body.clone()).unwrap();
        let (written, data) = write_http(&envelope).unwrap();

        assert_eq!(envelope.attributes.text("source"), Some("/shop/€"));
        assert_eq!(written, headers(&BINARY));
        assert_eq!(data, body);
    }

    #[test]
    fn structured_mode_is_read_with_and_without_a_charset() {
        let body = Bytes::from_static(
            br#"{"specversion":"1.0","id":"1","source":"/s","type":"OrderPlaced.v2","data":{}}"#,
        );

        for content_type in
            ["application/cloudevents+json", "application/cloudevents+json; charset=utf-8"]
        {
            let headers = headers(&[("content-type", content_type)]);
            let envelope = read_http(&headers, body.clone()).unwrap();

            assert_eq!(envelope.mode, Mode::Structured);
            assert_eq!(write_http(&envelope).unwrap().1, body);
        }
    }

    #[test]
    fn what_is_not_read_here_is_told_apart() {
        let code = |pairs: &[(&'static str, &'static str)]| {
            read_http(&headers(pairs), Bytes::from_static(b"{}")).unwrap_err().code
        };

        assert_eq!(code(&[("content-type", "text/xml")]), Code::UnsupportedMediaType);
        assert_eq!(
            code(&[("content-type", "application/cloudevents-batch+json")]),
            Code::UnsupportedMediaType
        );
        assert_eq!(
            code(&[("content-type", "application/json; charset=utf-16")]),
            Code::UnsupportedMediaType
        );
        assert_eq!(code(&[("ce-id", "1")]), Code::NotACloudEvent);
        assert_eq!(code(&[("ce-specversion", "0.3"), ("ce-id", "1")]), Code::NotACloudEvent);
        assert_eq!(code(&[("content-type", "application/cloudevents+json")]), Code::NotACloudEvent);
    }

    #[test]
    fn plain_json_is_an_event_too() {
        let headers = headers(&[("content-type", "application/json"), ("__value_schema_id", "7")]);

        let envelope = read_http(&headers, Bytes::from_static(b"{}")).unwrap();

        assert_eq!(envelope.mode, Mode::Plain);
        assert_eq!(envelope.metadata.text("__value_schema_id"), Some("7"));
    }
}
