//! What an operator writes in `translator.yaml`, read once into what cannot be wrong.

use std::{
    fmt, fs, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::Url;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use stele_api::{selector::Selector, subject::Subject};

use crate::{
    convention::{Convention, NamePattern},
    route::{Route, Routes},
};

/// The largest event taken where nothing else is configured, in bytes.
pub const USUAL_MAX_BODY: usize = 1024 * 1024;

/// What the sidecar does.
#[derive(Debug, Clone)]
pub struct Config {
    /// What the events of each subject become.
    pub routes: Routes,
    /// How much it takes at once.
    pub limits: Limits,
}

/// How much the sidecar takes at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Events between arrival and answer.
    pub max_in_flight: NonZeroUsize,
    /// Bytes of one event.
    pub max_body: usize,
    /// How long the consumer may take to answer.
    pub consumer_timeout: Duration,
}

/// Why a configuration is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration at `{}`", path.display())]
    Read {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// The document is not what is expected there; the cause says line and column.
    #[error("the configuration is refused")]
    Document(#[source] Box<serde_saphyr::Error>),
    /// There is nothing to do.
    #[error("the configuration has no `subjects`")]
    NoSubjects,
    /// One subject twice: which consumer would be meant?
    #[error("the subject `{0}` stands twice in the configuration")]
    SubjectTwice(Subject),
    /// Two subjects whose events have the same name.
    #[error("events of `{0}` and of `{1}` would have the same name")]
    NameTwice(Subject, Subject),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    max_in_flight: Option<NonZeroUsize>,
    max_body: Option<NonZeroUsize>,
    consumer_timeout_ms: Option<u64>,
    consumer: Option<ConsumerUrl>,
    name_pattern: Option<NamePattern>,
    conventions: Option<Vec<Convention>>,
    out: Option<Convention>,
    subjects: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    subject: Subject,
    #[serde(deserialize_with = "selector")]
    to: Selector,
    name: Option<String>,
    name_pattern: Option<NamePattern>,
    conventions: Option<Vec<Convention>>,
    out: Option<Convention>,
    consumer: Option<ConsumerUrl>,
}

impl Config {
    /// Reads the configuration at `path`.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|cause| ConfigError::Read { path: path.to_owned(), cause })?;
        Config::parse(&text)
    }

    /// Reads a configuration.
    ///
    /// ```
    /// use stele_translator::config::Config;
    ///
    /// let config = Config::parse("
    /// consumer: http://127.0.0.1:9000/events
    /// subjects:
    ///   - { subject: OrderPlaced, to: 1 }
    ///   - { subject: StockReserved, to: ^1.2, conventions: [schema_id, { payload: /meta/version }] }
    /// ")?;
    /// assert_eq!(config.routes.iter().count(), 2);
    /// # Ok::<(), stele_translator::config::ConfigError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let options = serde_saphyr::options! { with_snippet: false };
        let document: Document = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| ConfigError::Document(Box::new(error)))?;
        let limits = Limits {
            max_in_flight: document.max_in_flight.unwrap_or(NonZeroUsize::MIN.saturating_add(255)),
            max_body: document.max_body.map_or(USUAL_MAX_BODY, NonZeroUsize::get),
            consumer_timeout: Duration::from_millis(document.consumer_timeout_ms.unwrap_or(10_000)),
        };
        let mut routes: Vec<Route> = Vec::with_capacity(document.subjects.len());
        for entry in &document.subjects {
            let route = entry.route(&document);
            if routes.iter().any(|other| other.subject == route.subject) {
                return Err(ConfigError::SubjectTwice(route.subject));
            }
            if let Some(other) = routes.iter().find(|other| other.name == route.name) {
                return Err(ConfigError::NameTwice(other.subject.clone(), route.subject));
            }
            routes.push(route);
        }
        if routes.is_empty() {
            return Err(ConfigError::NoSubjects);
        }
        Ok(Config { routes: Routes::Named(routes), limits })
    }
}

impl Entry {
    /// The route; what the entry leaves out is as in the document.
    fn route(&self, document: &Document) -> Route {
        let name = self.name.as_deref().unwrap_or(self.subject.name());
        let pattern = self.name_pattern.as_ref().or(document.name_pattern.as_ref());
        let consumer = self.consumer.as_ref().or(document.consumer.as_ref());
        let conventions = self.conventions.as_ref().or(document.conventions.as_ref());
        Route {
            subject: self.subject.clone(),
            to: self.to.clone(),
            name: pattern.cloned().unwrap_or_default().of(name),
            conventions: conventions.cloned().unwrap_or_else(Convention::usual),
            out: self.out.clone().or_else(|| document.out.clone()),
            consumer: consumer.map(|ConsumerUrl(url)| url.clone()),
        }
    }
}

/// Where translated events are sent.
struct ConsumerUrl(Url);

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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        stele_client::chain(&Config::parse(text).unwrap_err())
    }

    #[test]
    fn an_entry_has_what_the_document_says_unless_it_says_otherwise() {
        let config = Config::parse(
            "
            consumer: http://127.0.0.1:9000/
            conventions: [name]
            subjects:
              - subject: ':.orders:OrderPlaced'
                to: 1
              - subject: StockReserved
                to: latest
                name: stock.reserved
                name_pattern: 'v{version}.{subject}'
                conventions: [schema_id, { payload: /meta/version }, nothing]
                out: data_schema
                consumer: http://127.0.0.1:9001/stock
            ",
        );

        let config = config.unwrap();
        let routes: Vec<&Route> = config.routes.iter().collect();
        let version = "2".parse().unwrap();
        assert_eq!(routes[0].name.of(version), "OrderPlaced.v2");
        assert_eq!(routes[0].conventions, [Convention::Name]);
        assert_eq!(routes[1].name.of(version), "v2.stock.reserved");
        assert_eq!(routes[1].to, Selector::Latest);
        assert_eq!(routes[1].conventions[1], Convention::Payload("/meta/version".parse().unwrap()));
        assert_eq!(routes[1].out, Some(Convention::DataSchema));
        assert_eq!(routes[1].consumer.as_ref().unwrap().path(), "/stock");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let documents = [
            "subjects:\n  - { subject: A, to: 1, cunsumer: x }",
            "subjects:\n  - { subject: A, to: newest }",
            "subjects:\n  - { subject: A, to: 0 }",
            "subjects:\n  - { subject: A }",
            "subjects: [{ subject: '', to: 1 }]",
            "consumer: nowhere\nsubjects: []",
            "name_pattern: x\nsubjects: []",
            "conventions: [nmae]\nsubjects: []",
            "max_in_flight: 0\nsubjects: []",
            "subjects: []",
            "subjects: [{ subject: A, to: 1 }, { subject: A, to: 2 }]",
            "subjects: [{ subject: A, to: 1 }, { subject: B, to: 1, name: A }]",
        ];

        let refusals = documents.map(refused).join("\n");

        insta::assert_snapshot!(refusals, @r"
        the configuration is refused: unknown field `cunsumer`, expected one of subject, to, name, name_pattern, conventions, out, consumer at line 2, column 26
        the configuration is refused: `newest` selects no version: expected `latest`, a number such as `3`, a release such as `1.4.2`, or a range such as `^1.2` at line 2, column 23
        the configuration is refused: `0` selects no version: expected `latest`, a number such as `3`, a release such as `1.4.2`, or a range such as `^1.2` at line 2, column 23
        the configuration is refused: missing field `to` at line 2, column 7
        the configuration is refused: a subject is empty at line 1, column 23
        the configuration is refused: `nowhere` is no http or https address at line 1, column 11
        the configuration is refused: `x` is not a pattern of names: expected `{subject}` and `{version}`, each once, such as `{subject}.v{version}` at line 1, column 15
        the configuration is refused: unknown variant `nmae`, expected one of name, payload, data_schema, schema_id, nothing at line 1, column 15
        the configuration is refused: invalid value: integer `0`, expected a nonzero usize at line 1, column 1
        the configuration has no `subjects`
        the subject `A` stands twice in the configuration
        events of `A` and of `B` would have the same name
        ");
    }
}
