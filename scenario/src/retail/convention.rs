//! How the messages of the shop say which version they are: every stream has its own way, as real houses have.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use stele_api::{id::SchemaId, path, subject::Subject};
use stele_evolution::version::Version;

use super::message::Message;

/// A way of saying the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// In the event's name: `OrderPlaced.v3`.
    Name,
    /// In the attribute `dataschema`: a URI of the registry.
    DataSchema,
    /// In the attribute `schemaid`: the id of the schema.
    SchemaId,
    /// In five bytes before the data, as serializers of the Confluent dialect write them.
    Frame,
    /// In the event itself, at `/schemaVersion`.
    Payload,
    /// In the name of the stream: `reserve-stock.v2`.
    Stream(&'static str),
}

/// The header that names the stream of a message, on the way to a sidecar and from it.
const STREAM: &str = "stele-stream";

impl Convention {
    /// The way the stream of `subject` says it, both to its sidecars and from them to the consumers.
    pub fn of(subject: &str) -> Convention {
        match subject {
            "StockNotAvailable" | "PaymentConfirmed" => Convention::DataSchema,
            "CreateShipment" => Convention::SchemaId,
            "StockReserved" => Convention::Frame,
            "ShipmentCreated" => Convention::Payload,
            "ReserveStock" => Convention::Stream("reserve-stock"),
            _ => Convention::Name,
        }
    }

    /// How configurations say it.
    pub fn configuration(self) -> String {
        match self {
            Convention::Name => "name".to_owned(),
            Convention::DataSchema => "data_schema".to_owned(),
            Convention::SchemaId | Convention::Frame => "schema_id".to_owned(),
            Convention::Payload => "{ payload: /schemaVersion }".to_owned(),
            Convention::Stream(stream) => format!("{{ stream: '{stream}.v{{version}}' }}"),
        }
    }
}

/// What the registry gave out when the shop's schemas were registered: what messages say their version by.
#[derive(Debug, Clone, Default)]
pub struct Registered {
    registry: String,
    ids: BTreeMap<(String, Version), SchemaId>,
}

/// A message as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The headers of a CloudEvent in binary mode.
    pub headers: HeaderMap,
    /// The data.
    pub body: Bytes,
}

/// A message as it arrived, and the version it was written in if a translator said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The message.
    pub message: Message,
    /// The version its producer wrote.
    pub written: Version,
    /// How many values its translator could not carry over.
    pub lost: u32,
}

/// Why a request is no message of the shop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAMessage {
    /// An attribute is missing.
    #[error("the attribute `{0}` is missing")]
    Missing(&'static str),
    /// An attribute cannot be read.
    #[error("the attribute `{name}` cannot be read: `{text}`")]
    Unreadable {
        /// Its name.
        name: &'static str,
        /// Its text.
        text: String,
    },
    /// A schema id that the registry gave to no version of the subject.
    #[error("no version of `{subject}` has the schema id {id}")]
    UnknownId {
        /// The subject.
        subject: String,
        /// The id.
        id: SchemaId,
    },
}

/// Why a message cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{subject}` in version {version} was not registered or cannot be named in a header")]
pub struct Unsendable {
    /// The subject.
    pub subject: String,
    /// The version.
    pub version: Version,
}

impl Registered {
    /// Nothing yet, at the registry at `url`.
    pub fn at(url: &str) -> Registered {
        Registered { registry: url.trim_end_matches('/').to_owned(), ids: BTreeMap::new() }
    }

    /// Remembers the id of one version.
    pub fn insert(&mut self, subject: &str, version: Version, id: SchemaId) {
        self.ids.insert((subject.to_owned(), version), id);
    }

    /// The id of one version.
    pub fn id(&self, subject: &str, version: Version) -> Option<SchemaId> {
        self.ids.get(&(subject.to_owned(), version)).copied()
    }

    /// `message` from `context` as a CloudEvent in binary mode, saying its version in the way of its stream.
    pub fn write(&self, context: &str, message: &Message) -> Result<Packed, Unsendable> {
        let Message { subject, version, .. } = message;
        let unsendable = || Unsendable { subject: subject.clone(), version: *version };
        let mut attributes = vec![
            ("ce-specversion", "1.0".to_owned()),
            ("ce-id", message.id.clone()),
            ("ce-source", format!("/retail/{context}")),
            ("ce-subject", message.order.clone()),
            ("ce-time", message.time.to_string()),
            ("ce-partitionkey", message.order.clone()),
        ];
        let mut body = message.body.clone();
        let mut content_type = "application/json";
        let id = || self.id(subject, *version).ok_or_else(unsendable);
        let mut name = subject.clone();
        match Convention::of(subject) {
            Convention::Name => name = format!("{subject}.v{version}"),
            Convention::DataSchema => {
                let registered: Subject = subject.parse().map_err(|_| unsendable())?;
                let path = path::dialect::version(&registered, *version);
                attributes.push(("ce-dataschema", format!("{}{path}", self.registry)));
            }
            Convention::SchemaId => attributes.push(("ce-schemaid", id()?.to_string())),
            Convention::Frame => {
                body = [&[0], &id()?.number().to_be_bytes()[..], &body].concat().into();
                content_type = "application/octet-stream";
            }
            // The message says it in its own body.
            Convention::Payload => {}
            Convention::Stream(stream) => attributes.push((STREAM, format!("{stream}.v{version}"))),
        }
        attributes.push(("ce-type", name));
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        for (name, text) in attributes {
            let value = HeaderValue::try_from(text).map_err(|_| unsendable())?;
            headers.insert(name, value);
        }
        Ok(Packed { headers, body })
    }

    /// Reads a CloudEvent in binary mode.
    pub fn read(&self, headers: &HeaderMap, mut body: Bytes) -> Result<Arrived, NotAMessage> {
        let name = required(headers, "ce-type")?;
        let (subject, named) = match name.rsplit_once(".v") {
            Some((subject, version)) => (subject, Some(version)),
            None => (name, None),
        };
        let version = match Convention::of(subject) {
            Convention::Name => {
                version("ce-type", named.ok_or(NotAMessage::Missing("version in ce-type"))?)?
            }
            Convention::DataSchema => {
                let uri = required(headers, "ce-dataschema")?;
                version("ce-dataschema", uri.rsplit('/').next().unwrap_or(uri))?
            }
            Convention::SchemaId => {
                let text = required(headers, "ce-schemaid")?;
                let id = text.parse().map_err(|_| unreadable("ce-schemaid", text))?;
                self.version_of(subject, id)?
            }
            Convention::Frame => {
                let (id, rest) = unframed(&body)?;
                body = rest;
                self.version_of(subject, id)?
            }
            Convention::Payload => version_within(&body)?,
            Convention::Stream(_) => {
                let stream = required(headers, STREAM)?;
                version(STREAM, stream.rsplit_once(".v").map_or(stream, |(_, version)| version))?
            }
        };
        let time = required(headers, "ce-time")?;
        let written = match optional(headers, "ce-schemafrom")? {
            Some(from) => self::version("ce-schemafrom", from)?,
            None => version,
        };
        let lost = match optional(headers, "ce-translationloss")? {
            Some(count) => count.parse().map_err(|_| unreadable("ce-translationloss", count))?,
            None => 0,
        };
        let message = Message {
            id: required(headers, "ce-id")?.to_owned(),
            subject: subject.to_owned(),
            version,
            order: required(headers, "ce-subject")?.to_owned(),
            time: time.parse().map_err(|_| unreadable("ce-time", time))?,
            body,
        };
        Ok(Arrived { message, written, lost })
    }

    fn version_of(&self, subject: &str, id: SchemaId) -> Result<Version, NotAMessage> {
        self.ids
            .iter()
            .find(|((name, _), known)| name == subject && **known == id)
            .map(|((_, version), _)| *version)
            .ok_or_else(|| NotAMessage::UnknownId { subject: subject.to_owned(), id })
    }
}

/// Takes the five bytes before the data off.
fn unframed(body: &Bytes) -> Result<(SchemaId, Bytes), NotAMessage> {
    let bytes = body.get(..5).filter(|bytes| bytes[0] == 0);
    let number = bytes.and_then(|bytes| bytes[1..].try_into().ok()).map(u32::from_be_bytes);
    let id = number.and_then(|number| SchemaId::try_from(number).ok());
    let id = id.ok_or_else(|| unreadable("data", "no schema id stands before them"))?;
    Ok((id, body.slice(5..)))
}

/// The version that an event says itself.
fn version_within(body: &Bytes) -> Result<Version, NotAMessage> {
    let event: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| unreadable("data", &error.to_string()))?;
    let said = event.get("schemaVersion").ok_or(NotAMessage::Missing("schemaVersion"))?;
    version("schemaVersion", &said.to_string())
}

fn required<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h str, NotAMessage> {
    optional(headers, name)?.ok_or(NotAMessage::Missing(name))
}

fn optional<'h>(
    headers: &'h HeaderMap,
    name: &'static str,
) -> Result<Option<&'h str>, NotAMessage> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str();
    text.map(Some).map_err(|_| unreadable(name, &String::from_utf8_lossy(value.as_bytes())))
}

fn version(name: &'static str, text: &str) -> Result<Version, NotAMessage> {
    text.parse().map_err(|_| unreadable(name, text))
}

fn unreadable(name: &'static str, text: &str) -> NotAMessage {
    NotAMessage::Unreadable { name, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn registered() -> Registered {
        let mut registered = Registered::at("http://127.0.0.1:8081/");
        for (version, id) in [(1, "4"), (2, "9")] {
            registered.insert("StockReserved", version.try_into().unwrap(), id.parse().unwrap());
            let id = format!("1{id}").parse().unwrap();
            registered.insert("CreateShipment", version.try_into().unwrap(), id);
        }
        registered
    }

    fn message(subject: &str, version: u32) -> Message {
        Message {
            id: "a".into(),
            subject: subject.into(),
            version: version.try_into().unwrap(),
            order: "7".into(),
            time: Timestamp::UNIX_EPOCH,
            body: format!(r#"{{"schemaVersion":{version}}}"#).into(),
        }
    }

    #[test]
    fn every_convention_comes_back_as_it_was_written() {
        for (subject, header, said) in [
            ("OrderPlaced", "ce-type", "OrderPlaced.v2"),
            (
                "PaymentConfirmed",
                "ce-dataschema",
                "http://127.0.0.1:8081/subjects/PaymentConfirmed/versions/2",
            ),
            ("CreateShipment", "ce-schemaid", "19"),
            ("StockReserved", "content-type", "application/octet-stream"),
            ("ReserveStock", "stele-stream", "reserve-stock.v2"),
            ("ShipmentCreated", "ce-type", "ShipmentCreated"),
        ] {
            let message = message(subject, 2);
            let Packed { headers, body } = registered().write("shop", &message).unwrap();

            let arrived = registered().read(&headers, body).unwrap();

            assert_eq!(headers[header], said);
            assert_eq!(arrived, Arrived { written: message.version, message, lost: 0 });
        }
    }

    #[test]
    fn a_translated_message_says_what_it_was_written_in_and_what_was_lost() {
        let mut headers = registered().write("shop", &message("OrderPlaced", 1)).unwrap().headers;
        headers.insert("ce-schemafrom", HeaderValue::from_static("3"));
        headers.insert("ce-translationloss", HeaderValue::from_static("2"));

        let arrived = registered().read(&headers, Bytes::new()).unwrap();

        assert_eq!((arrived.written.number(), arrived.message.version.number()), (3, 1));
        assert_eq!(arrived.lost, 2);
    }

    #[test]
    fn a_request_that_does_not_say_its_version_is_no_message() {
        let mut headers = registered().write("shop", &message("OrderPlaced", 1)).unwrap().headers;
        headers.insert("ce-type", HeaderValue::from_static("OrderPlaced"));

        let refused = registered().read(&headers, Bytes::new());

        assert_eq!(refused, Err(NotAMessage::Missing("version in ce-type")));
    }

    #[test]
    fn an_id_nobody_gave_out_is_not_sent_and_not_read() {
        let mut packed = registered().write("shop", &message("CreateShipment", 1)).unwrap();
        packed.headers.insert("ce-schemaid", HeaderValue::from_static("77"));

        assert!(registered().write("shop", &message("StockReserved", 3)).is_err());
        assert!(matches!(
            registered().read(&packed.headers, Bytes::new()),
            Err(NotAMessage::UnknownId { .. })
        ));
    }
}
