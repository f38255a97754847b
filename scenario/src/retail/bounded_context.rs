//! What every bounded context of the shop is: rules from what is known to what happens next, and no I/O.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use stele_evolution::version::Version;

use super::message::Message;

/// The pure core of one bounded context. Its state is the fold of its own stored events, and nothing else.
pub trait BoundedContext: Default + Clone + Send + 'static {
    /// Its name.
    const NAME: &'static str;
    /// What it reads from others, each in one version.
    const READS: &'static [Shape];
    /// What it stores, each in the version its core understands; older events are lifted before they are read.
    const STORES: &'static [Shape];

    /// What it can be told: commands, and events of others.
    type Command;
    /// What happens in it.
    type Event: Clone + Send + 'static;

    /// Reads a message of one of the shapes in [`BoundedContext::READS`].
    fn command(message: &Message) -> Result<Self::Command, Unreadable>;

    /// Decides what a command changes. Pure: reads the state, returns the events to store.
    fn decide(&self, command: Self::Command, now: Timestamp) -> Result<Vec<Self::Event>, Refusal>;

    /// The state after an event.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;

    /// What the context asks of others once an event is stored, `self` being the state after it.
    fn commands(&self, event: &Self::Event, now: Timestamp) -> Result<Vec<Draft>, Unwritable>;

    /// How an event is stored.
    fn write(event: &Self::Event) -> Result<Writing, Unwritable>;

    /// Reads a stored event of one of the shapes in [`BoundedContext::STORES`].
    fn read(message: &Message) -> Result<Self::Event, Unreadable>;

    /// An event in a few words, for people.
    fn describe(event: &Self::Event) -> String;
}

/// A subject in one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// The name of the subject.
    pub subject: &'static str,
    /// The number of the version.
    pub version: u32,
}

/// A subject in one version, in short.
pub const fn shape(subject: &'static str, version: u32) -> Shape {
    Shape { subject, version }
}

impl Shape {
    /// Whether `message` has it.
    pub fn fits(self, message: &Message) -> bool {
        self.subject == message.subject && self.version == message.version.number()
    }

    /// The version as the engine has it.
    pub fn version(self) -> Version {
        // A shape is a constant of this crate; its number is one that exists.
        Version::try_from(self.version).unwrap_or(Version::FIRST)
    }
}

/// How an event gets into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writing {
    /// It came in a message of another context, and is kept as it came.
    AsReceived,
    /// It is the context's own.
    Own(Draft),
}

/// A message that has no id and no time yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it is.
    pub shape: Shape,
    /// The order it is about.
    pub order: String,
    /// The body, as JSON text.
    pub body: Bytes,
}

impl Draft {
    /// Writes `content` as a message of that shape about `order`.
    pub fn of(shape: Shape, order: &str, content: &impl Serialize) -> Result<Draft, Unwritable> {
        let body = serde_json::to_vec(content)
            .map_err(|cause| Unwritable { subject: shape.subject, cause })?;
        Ok(Draft { shape, order: order.to_owned(), body: body.into() })
    }
}

/// Reads the body of `message`.
pub fn body<T: DeserializeOwned>(message: &Message) -> Result<T, Unreadable> {
    serde_json::from_slice(&message.body).map_err(|cause| Unreadable::Body {
        subject: message.subject.clone(),
        version: message.version,
        cause,
    })
}

/// Why a message is not understood.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The context does not read this subject, or not in this version.
    #[error("`{subject}` in version {version} is not read here")]
    Shape {
        /// The subject of the message.
        subject: String,
        /// Its version.
        version: Version,
    },
    /// The body is not what its version says.
    #[error("cannot read the body of `{subject}` in version {version}")]
    Body {
        /// The subject of the message.
        subject: String,
        /// Its version.
        version: Version,
        /// What is wrong with it.
        #[source]
        cause: serde_json::Error,
    },
}

impl Unreadable {
    /// The context has no place for `message`.
    pub fn shape_of(message: &Message) -> Unreadable {
        Unreadable::Shape { subject: message.subject.clone(), version: message.version }
    }
}

/// Why a message cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the body of `{subject}`")]
pub struct Unwritable {
    /// The subject of the message.
    pub subject: &'static str,
    /// What is wrong with it.
    #[source]
    pub cause: serde_json::Error,
}

/// Why a command changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It changed something before, and need not again.
    #[error("order `{order}` has this behind it")]
    Done {
        /// Which order.
        order: String,
    },
    /// Something that comes first has not come yet; asking again later helps.
    #[error("order `{order}` waits for `{needs}`")]
    TooEarly {
        /// Which order.
        order: String,
        /// The subject that has to come first.
        needs: &'static str,
    },
    /// It is against the rules; asking again does not help.
    #[error("order `{order}` {why}")]
    Against {
        /// Which order.
        order: String,
        /// The rule, as the end of a sentence.
        why: String,
    },
}
