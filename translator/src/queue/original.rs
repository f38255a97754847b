//! An original is an event as it came in: the headers that concern it and its bytes, untouched.
//!
//! It is what the queue and the dead letters keep. Whatever is done to an event is done to a copy, so that another plan
//! can be tried tomorrow.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use bytes::Bytes;

use crate::{
    envelope::{CLOUDEVENT, Envelope, STREAM, encode, is_kept, read_http},
    fault::Fault,
};

/// An event as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The headers that concern the event, by lower-case name, in the order they came.
    pub head: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Original {
    /// The original of a request.
    pub fn of(headers: &HeaderMap, stream: Option<&str>, body: Bytes) -> Self {
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
        Original { head, body }
    }

    /// One event of a batch, with the headers of the whole.
    #[must_use]
    pub fn of_batch(&self, event: Bytes) -> Self {
        let mut head = self.head.clone();
        head.retain(|(name, _)| name != CONTENT_TYPE.as_str());
        head.push((CONTENT_TYPE.as_str().to_owned(), CLOUDEVENT.to_owned()));
        Original { head, body: event }
    }

    /// Reads the envelope.
    pub fn envelope(&self) -> Result<Envelope, Fault> {
        let mut headers = HeaderMap::with_capacity(self.head.len());
        for (name, value) in &self.head {
            let name = HeaderName::try_from(name.as_str());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
        read_http(&headers, self.body.clone())
    }

    /// The headers as one text, as they are stored.
    pub(super) fn head_text(&self) -> String {
        serde_json::to_string(&self.head).unwrap_or_default()
    }

    /// An original as it was stored.
    pub(super) fn stored(head: &str, body: Vec<u8>) -> Result<Self, serde_json::Error> {
        Ok(Original { head: serde_json::from_str(head)?, body: body.into() })
    }

    /// How many bytes it takes.
    pub fn length(&self) -> u64 {
        let head: usize = self.head.iter().map(|(name, value)| name.len() + value.len() + 6).sum();
        u64::try_from(head + self.body.len()).unwrap_or(u64::MAX)
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
            ("content-length", "14"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let body = Bytes::from_static(br#"{"total": 1.10}"#);

        let original = Original::of(&headers, Some("orders.v3"), body.clone());
        let again = Original::stored(&original.head_text(), original.body.to_vec()).unwrap();
        let envelope = again.envelope().unwrap();

        assert_eq!(again, original);
        assert!(original.head.iter().all(|(name, _)| name != "host" && name != "content-length"));
        assert_eq!(envelope.data, body);
        assert_eq!(envelope.stream.as_deref(), Some("orders.v3"));
        assert_eq!(envelope.metadata.text("traceparent"), Some("00-1-2-01"));
        assert_eq!(lane(&envelope), Some("order-1"));
    }
}
