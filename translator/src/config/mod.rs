//! What an operator writes in `translator.yaml`, read once into what cannot be wrong.
//!
//! The document is read as what it means, then held against its JSON Schema (`schemas/stele/translator.schema.json`), which
//! editors use as well. Whatever is refused is refused with its line and column.

mod document;
mod located;
mod subscription;

use std::{
    fs, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use stele_evolution::{
    pointer::Pointer,
    schema::{Invalid, Schema},
};

use self::document::{ConsumerUrl, Document};
pub use self::{
    located::Location,
    subscription::{Backoff, Deliver, OnExhausted, Push, Subscription, Way},
};
use crate::route::{Route, Routes};

/// The JSON Schema of the document.
pub const SCHEMA: &str = include_str!("../../../schemas/stele/translator.schema.json");

/// The largest event taken where nothing else is configured, in bytes.
pub const USUAL_MAX_BODY: usize = 1024 * 1024;

/// What the sidecar does.
#[derive(Debug, Clone)]
pub struct Config {
    /// What the events of each subject become; `None` takes every subject of the registry to its newest version.
    pub routes: Option<Routes>,
    /// How much it takes at once.
    pub limits: Limits,
    /// How inline push lays events out.
    pub deliver: Deliver,
    /// The durable queues.
    pub subscriptions: Vec<Subscription>,
    /// Where the durable queues are kept.
    pub queue: Option<PathBuf>,
}

/// How much the sidecar takes at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Events between arrival and answer.
    pub max_in_flight: NonZeroUsize,
    /// Bytes of events between arrival and answer.
    pub max_in_flight_bytes: usize,
    /// Bytes of one event.
    pub max_body: usize,
    /// How long the consumer may take to answer.
    pub consumer_timeout: Duration,
    /// How long events in flight may take to end once the sidecar is told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_in_flight: NonZeroUsize::MIN.saturating_add(255),
            max_in_flight_bytes: 32 * USUAL_MAX_BODY,
            max_body: USUAL_MAX_BODY,
            consumer_timeout: Duration::from_secs(10),
            drain: Duration::from_secs(4),
        }
    }
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
    /// The document is not what its schema says.
    #[error("the configuration is refused: `{pointer}` {what} at {at}")]
    Schema {
        /// Where in the document, as a JSON pointer.
        pointer: String,
        /// What is wrong there.
        what: String,
        /// Where that is in the text.
        at: Location,
    },
    /// What it says contradicts itself.
    #[error("the configuration is refused: {what} at {at}")]
    Contradiction {
        /// What is wrong.
        what: String,
        /// Where.
        at: Location,
    },
}

impl Config {
    /// Every subject of the registry to its newest version, and nowhere to send it: the answer is the event.
    pub fn everything() -> Self {
        Config {
            routes: None,
            limits: Limits::default(),
            deliver: Deliver::default(),
            subscriptions: Vec::new(),
            queue: None,
        }
    }

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
    /// assert_eq!(config.routes.map_or(0, |routes| routes.iter().count()), 2);
    /// # Ok::<(), stele_translator::config::ConfigError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let refused = |error| ConfigError::Document(Box::new(error));
        let options = || serde_saphyr::options! { with_snippet: false };
        let document: Document =
            serde_saphyr::from_str_with_options(text, options()).map_err(refused)?;
        let located: located::Document =
            serde_saphyr::from_str_with_options(text, options()).map_err(refused)?;
        conforms(&located)?;
        let contradiction = |what: String, pointer: String| {
            let at = pointer.parse().map_or_else(
                |_| located.locate(&Pointer::root()),
                |pointer: Pointer| located.locate(&pointer),
            );
            Err(ConfigError::Contradiction { what, at })
        };

        let mut routes: Vec<Arc<Route>> = Vec::with_capacity(document.subjects.len());
        for (index, entry) in document.subjects.iter().enumerate() {
            let route = entry.route(&document);
            let at = format!("/subjects/{index}/subject");
            if routes.iter().any(|other| other.subject == route.subject) {
                return contradiction(format!("`{}` stands twice", route.subject), at);
            }
            if let Some(other) = routes.iter().find(|other| other.name == route.name) {
                let (one, two) = (&other.subject, &route.subject);
                let what = format!("events of `{one}` and of `{two}` would have the same name");
                return contradiction(what, at);
            }
            routes.push(Arc::new(route));
        }
        let usual = Limits::default();
        let timeout = document.consumer_timeout_ms.map(Duration::from_millis);
        let limits = Limits {
            max_in_flight: document.max_in_flight.unwrap_or(usual.max_in_flight),
            max_in_flight_bytes: document
                .max_in_flight_bytes
                .map_or(usual.max_in_flight_bytes, NonZeroUsize::get),
            max_body: document.max_body.map_or(usual.max_body, NonZeroUsize::get),
            consumer_timeout: timeout.unwrap_or(usual.consumer_timeout),
            drain: document.drain_ms.map_or(usual.drain, Duration::from_millis),
        };
        let mut subscriptions: Vec<Subscription> = Vec::new();
        for (index, entry) in document.subscriptions.iter().enumerate() {
            let at = format!("/subscriptions/{index}");
            if subscriptions.iter().any(|other| other.name == entry.name) {
                let what = format!("the subscription `{}` stands twice", entry.name);
                return contradiction(what, format!("{at}/name"));
            }
            match entry.read(limits.consumer_timeout) {
                Ok(subscription) => subscriptions.push(subscription),
                Err(field) => {
                    let what = format!("`{field}` has no meaning in this mode");
                    return contradiction(what, format!("{at}/{field}"));
                }
            }
        }
        Ok(Config {
            routes: Some(Routes::Named(routes)),
            limits,
            deliver: document.deliver,
            subscriptions,
            queue: document.queue,
        })
    }
}

/// Holds a document against its schema.
fn conforms(document: &located::Document) -> Result<(), ConfigError> {
    // The schema is a part of the program, and a test reads it.
    let Ok(schema) = Schema::read(SCHEMA).parse() else { return Ok(()) };
    schema.validate(&document.value()).map_err(|invalid| {
        let Invalid { instance_path, message, .. } = invalid;
        let pointer: Pointer = instance_path.parse().unwrap_or_else(|_| Pointer::root());
        let at = document.locate(&pointer);
        ConfigError::Schema { pointer: instance_path, what: format!("is refused: {message}"), at }
    })
}

#[cfg(test)]
mod tests {
    use stele_api::selector::Selector;

    use super::*;
    use crate::{convention::Convention, route::Input};

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
        let routes = config.routes.unwrap();
        let routes: Vec<&Arc<Route>> = routes.iter().collect();
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
    fn a_subscription_has_usual_values_and_its_own() {
        let config = Config::parse(
            "
            queue: ./queue
            subjects: [{ subject: OrderPlaced, to: 1, input: check }]
            subscriptions:
              - { name: inventory, consumer: http://127.0.0.1:9000/, deliver: { batch: 20 } }
              - { name: audit, mode: poll, lease_ms: 500, keep_s: 60, on_exhausted: block }
            ",
        );

        let Config { subscriptions, queue, routes, .. } = config.unwrap();
        let Way::Push(push) = &subscriptions[0].way else { panic!("{subscriptions:?}") };
        assert_eq!(push.deliver, Deliver::Batch(NonZeroUsize::new(20).unwrap()));
        assert_eq!((push.concurrency.get(), push.timeout), (16, Duration::from_secs(10)));
        assert_eq!(subscriptions[0].max_age, Some(Duration::from_hours(24)));
        assert!(matches!(subscriptions[1].way, Way::Poll { lease } if lease.as_millis() == 500));
        assert_eq!(subscriptions[1].keep.age_ms, 60_000);
        assert_eq!(subscriptions[1].on_exhausted, OnExhausted::Block);
        assert_eq!(queue, Some("./queue".into()));
        assert_eq!(routes.unwrap().iter().next().unwrap().input, Input::Check);
    }

    #[test]
    fn the_schema_of_the_document_is_a_schema() {
        Schema::read(SCHEMA).parse().unwrap();
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
            "subjects: [{ subject: A, to: 1 }]\nsubscriptions: [{ name: a/b }]",
            "subjects: [{ subject: A, to: 1 }]\nsubscriptions:\n  - name: a\n  - name: a",
            "subjects: [{ subject: A, to: 1 }]\nsubscriptions:\n  - { name: a, mode: poll, concurrency: 3 }",
            "subjects: [{ subject: A, to: 1, input: maybe }]",
            "subjects: [{ subject: A, to: 1 }]\ndeliver: { batch: 5000 }",
            "subjects: [{ subject: A, to: 1, conventions: [{ stream: orders }] }]",
            "subjects: [{ subject: A, to: 1 }, { subject: A, to: 2 }]",
            "subjects: [{ subject: A, to: 1 }, { subject: B, to: 1, name: A }]",
        ];

        let refusals = documents.map(refused).join("\n");

        insta::assert_snapshot!(refusals, @r#"
        the configuration is refused: unknown field `cunsumer`, expected one of subject, to, name, name_pattern, conventions, out, consumer, input at line 2, column 26
        the configuration is refused: `newest` selects no version: expected `latest`, a number such as `3`, a release such as `1.4.2`, or a range such as `^1.2` at line 2, column 23
        the configuration is refused: `0` selects no version: expected `latest`, a number such as `3`, a release such as `1.4.2`, or a range such as `^1.2` at line 2, column 23
        the configuration is refused: missing field `to` at line 2, column 7
        the configuration is refused: a subject is empty at line 1, column 23
        the configuration is refused: `nowhere` is no http or https address at line 1, column 11
        the configuration is refused: `x` is not a pattern of names: expected `{subject}` and `{version}`, each once, such as `{subject}.v{version}` at line 1, column 15
        the configuration is refused: unknown variant `nmae`, expected one of name, payload, data_schema, schema_id, stream, nothing at line 1, column 15
        the configuration is refused: invalid value: integer `0`, expected a nonzero usize at line 1, column 1
        the configuration is refused: `/subjects` is refused: [] has less than 1 item at line 1, column 11
        the configuration is refused: `/subscriptions/0/name` is refused: "a/b" does not match "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$" at line 2, column 25
        the configuration is refused: the subscription `a` stands twice at line 4, column 11
        the configuration is refused: `concurrency` has no meaning in this mode at line 3, column 41
        the configuration is refused: unknown variant `maybe`, expected one of trust, valid, check, strip at line 1, column 40
        the configuration is refused: `/deliver` is refused: {"batch":5000} is not valid under any of the schemas listed in the 'oneOf' keyword at line 2, column 10
        the configuration is refused: `orders` is not a pattern of streams: expected `{version}` once, such as `orders.v{version}` at line 1, column 57
        the configuration is refused: `A` stands twice at line 1, column 46
        the configuration is refused: events of `A` and of `B` would have the same name at line 1, column 46
        "#);
    }
}
