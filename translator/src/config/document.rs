//! The document as it is written, before anybody has looked whether it contradicts itself.

use std::{fmt, num::NonZeroUsize, path::PathBuf};

use reqwest::Url;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use stele_api::{selector::Selector, subject::Subject};

use super::{Deliver, subscription};
use crate::{
    convention::{Convention, NamePattern},
    route::{Input, Route},
};

/// The whole document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub max_in_flight: Option<NonZeroUsize>,
    pub max_in_flight_bytes: Option<NonZeroUsize>,
    pub max_body: Option<NonZeroUsize>,
    pub consumer_timeout_ms: Option<u64>,
    pub drain_ms: Option<u64>,
    pub queue: Option<PathBuf>,
    #[serde(default)]
    pub deliver: Deliver,
    #[serde(default)]
    pub input: Input,
    #[serde(default)]
    pub subscriptions: Vec<subscription::Entry>,
    pub consumer: Option<ConsumerUrl>,
    pub name_pattern: Option<NamePattern>,
    pub conventions: Option<Vec<Convention>>,
    pub out: Option<Convention>,
    pub subjects: Vec<Entry>,
}

/// One subject.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    subject: Subject,
    #[serde(deserialize_with = "selector")]
    to: Selector,
    name: Option<String>,
    name_pattern: Option<NamePattern>,
    conventions: Option<Vec<Convention>>,
    out: Option<Convention>,
    consumer: Option<ConsumerUrl>,
    input: Option<Input>,
}

impl Entry {
    /// The route; what the entry leaves out is as in the document.
    pub fn route(&self, document: &Document) -> Route {
        let name = self.name.as_deref().unwrap_or(self.subject.name());
        let pattern = self.name_pattern.as_ref().or(document.name_pattern.as_ref());
        let consumer = self.consumer.as_ref().or(document.consumer.as_ref());
        let conventions = self.conventions.as_ref().or(document.conventions.as_ref());
        Route {
            subject: self.subject.clone(),
            label: self.subject.to_string().into(),
            to: self.to.clone(),
            name: pattern.cloned().unwrap_or_default().of(name),
            conventions: conventions.cloned().unwrap_or_else(Convention::usual),
            out: self.out.clone().or_else(|| document.out.clone()),
            input: self.input.unwrap_or(document.input),
            consumer: consumer.map(|ConsumerUrl(url)| url.clone()),
        }
    }
}

/// Where translated events are sent.
pub(super) struct ConsumerUrl(pub Url);

impl<'de> Deserialize<'de> for ConsumerUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(ConsumerUrl(url)),
            _ => Err(D::Error::custom(format!("`{text}` is no http or https address"))),
        }
    }
}

/// A selector, whose plain numbers YAML reads as numbers.
fn selector<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Selector, D::Error> {
    struct Any;

    impl Visitor<'_> for Any {
        type Value = Selector;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a version: `3`, `1.4.2`, `^1.2` or `latest`")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Selector, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Selector, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Selector, E> {
            self.visit_str(&number.to_string())
        }
    }

    deserializer.deserialize_any(Any)
}
