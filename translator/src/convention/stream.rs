//! The version in the name of the stream: a topic `orders.v2`, an HTTP path, the name of a file.

use std::str::FromStr;

use serde::Deserialize;

use super::{Claim, Said, Target, Use};
use crate::envelope::Envelope;

const SUBJECT: &str = "{subject}";
const VERSION: &str = "{version}";

/// How versions stand in the names of streams.
///
/// ```
/// use stele_translator::convention::StreamPattern;
///
/// let pattern: StreamPattern = "orders.v{version}".parse()?;
/// assert!(pattern.covers("orders.v2", "OrderPlaced"));
/// assert!(!pattern.covers("orders.dead", "OrderPlaced"));
/// # Ok::<(), stele_translator::convention::StreamError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct StreamPattern {
    before: String,
    after: String,
}

/// Why a text is no pattern of streams.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a pattern of streams: expected `{{version}}` once, such as `orders.v{{version}}`"
)]
pub struct StreamError(pub String);

impl FromStr for StreamPattern {
    type Err = StreamError;

    fn from_str(text: &str) -> Result<Self, StreamError> {
        let refused = || StreamError(text.to_owned());
        let (before, after) = text.split_once(VERSION).ok_or_else(refused)?;
        if after.contains(VERSION) || text.matches(SUBJECT).count() > 1 {
            return Err(refused());
        }
        Ok(StreamPattern { before: before.to_owned(), after: after.to_owned() })
    }
}

impl TryFrom<String> for StreamPattern {
    type Error = StreamError;

    fn try_from(text: String) -> Result<Self, StreamError> {
        text.parse()
    }
}

impl StreamPattern {
    /// Whether a stream of this name carries events of the subject.
    pub fn covers(&self, stream: &str, subject: &str) -> bool {
        self.said(stream, subject).is_some()
    }

    fn said(&self, stream: &str, subject: &str) -> Option<Said> {
        let [before, after] = self.sides(subject);
        Said::parse(stream.strip_prefix(&before)?.strip_suffix(&after)?)
    }

    fn sides(&self, subject: &str) -> [String; 2] {
        [&self.before, &self.after].map(|side| side.replace(SUBJECT, subject))
    }
}

/// The version in the name of the stream that the event came on.
pub fn read(envelope: &Envelope, pattern: &StreamPattern, subject: &str) -> Option<Claim> {
    let said = pattern.said(envelope.stream.as_deref()?, subject)?;
    Some(Claim { subject: None, said })
}

/// Names the stream of the target's version.
pub fn write(envelope: &mut Envelope, pattern: &StreamPattern, target: &Target<'_>, used: Use) {
    let subject = target.name.subject();
    let said = envelope.stream.as_deref().and_then(|stream| pattern.said(stream, subject));
    let version = match (said, used) {
        (Some(said), _) => said.spell(target.known),
        (None, Use::Always) => target.known.version.to_string(),
        (None, Use::IfPresent) => return,
    };
    let [before, after] = pattern.sides(subject);
    envelope.stream = Some(format!("{before}{version}{after}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_in_its_own_place_is_read() {
        let pattern: StreamPattern = "shop/{subject}.v{version}.ndjson".parse().unwrap();
        let said = |stream: &str| pattern.said(stream, "Order").map(|said| said.to_string());

        assert_eq!(said("shop/Order.v2.ndjson"), Some("version 2".into()));
        assert_eq!(said("shop/Order.v1.4.2.ndjson"), Some("release 1.4.2".into()));
        for stream in ["shop/Other.v2.ndjson", "shop/Order.v.ndjson", "Order.v2.ndjson", ""] {
            assert_eq!(said(stream), None, "{stream}");
        }
    }

    #[test]
    fn a_pattern_without_a_version_is_refused() {
        for text in ["", "orders", "{version}{version}", "{subject}{subject}{version}"] {
            assert_eq!(text.parse::<StreamPattern>(), Err(StreamError(text.into())));
        }
    }
}
