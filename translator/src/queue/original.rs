//! An original is an event as it came in: the headers that concern it and its bytes, untouched.
//!
//! It is what the queue and the dead letters keep. Whatever is done to an event is done to a copy, so that another plan
//! can be tried tomorrow.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use crate::{
    envelope::{Envelope, STREAM, encode, is_kept, read_http},
    fault::Fault,
};

/// Headers that say who the sender is. They are for this request only: nothing keeps them.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// The headers that concern an event, by lower-case name, in the order they came. Cheap to clone: the events of a batch
/// share one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head(Arc<[(String, String)]>);

/// An event as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The headers that concern the event.
    pub head: Head,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Head {
    /// What is kept of the headers of a request.
    pub fn of(headers: &HeaderMap, stream: Option<&str>) -> Self {
        let is_kept = |name: &str| is_kept(name) && !CREDENTIALS.contains(&name);
        let kept = headers.iter().filter(|(name, _)| is_kept(name.as_str()));
        let mut head: Vec<(String, String)> = kept
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect();
        if let Some(stream) = stream {
            head.retain(|(name, _)| name != STREAM);
            head.push((STREAM.to_owned(), encode(stream).into_owned()));
        }
        Head(head.into())
    }

    /// Each with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All as one text, as they are stored.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(&*self.0).unwrap_or_default()
    }

    /// How many bytes they take.
    pub(super) fn length(&self) -> u64 {
        let length: usize = self.0.iter().map(|(name, value)| name.len() + value.len() + 6).sum();
        u64::try_from(length).unwrap_or(u64::MAX)
    }
}

impl From<Vec<(String, String)>> for Head {
    fn from(head: Vec<(String, String)>) -> Self {
        Head(head.into())
    }
}

impl Original {
    /// Reads the envelope.
    pub fn envelope(&self) -> Result<Envelope, Fault> {
        let mut headers = HeaderMap::with_capacity(self.head.0.len());
        for (name, value) in self.head.iter() {
            let name = HeaderName::try_from(name);
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
        read_http(&headers, self.body.clone())
    }

    /// An original as it was stored.
    pub(super) fn stored(head: &str, body: Vec<u8>) -> Result<Self, serde_json::Error> {
        let head: Vec<(String, String)> = serde_json::from_str(head)?;
        Ok(Original { head: head.into(), body: body.into() })
    }

    /// How many bytes it takes.
    pub fn length(&self) -> u64 {
        self.head.length().saturating_add(u64::try_from(self.body.len()).unwrap_or(u64::MAX))
    }
}

/// Which events have to stay in order: those with the same `partitionkey`, else the same `subject`.
pub fn lane(envelope: &Envelope) -> Option<&str> {
    let attributes = &envelope.attributes;
    ["partitionkey", "subject"]
        .into_iter()
        .find_map(|name| attributes.text(name))
        .filter(|lane| !lane.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_original_is_read_as_it_came_and_its_lane_is_its_key() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("ce-specversion", "1.0"),
            ("ce-id", "7"),
            ("ce-source", "/shop/%E2%82%AC"),
            ("ce-type", "OrderPlaced.v3"),
            ("ce-subject", "order-1"),
            ("content-type", "application/json"),
            ("traceparent", "00-1-2-01"),
            ("host", "127.0.0.1"),
            ("authorization", "Bearer secret"),
            ("proxy-authorization", "Basic secret"),
            ("cookie", "session=secret"),
            ("content-length", "14"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let body = Bytes::from_static(br#"{"total": 1.10}"#);

        let head = Head::of(&headers, Some("orders.v3"));
        let original = Original { head, body: body.clone() };
        let again = Original::stored(&original.head.text(), original.body.to_vec()).unwrap();
        let envelope = again.envelope().unwrap();

        assert_eq!(again, original);
        assert!(original.head.iter().all(|(name, _)| !matches!(name, "host" | "content-length")));
        assert!(!original.head.text().contains("secret"), "{}", original.head.text());
        assert_eq!(envelope.data, body);
        assert_eq!(envelope.stream.as_deref(), Some("orders.v3"));
        assert_eq!(envelope.metadata.text("traceparent"), Some("00-1-2-01"));
        assert_eq!(lane(&envelope), Some("order-1"));
    }
}
