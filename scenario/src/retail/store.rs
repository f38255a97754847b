//! The append-only store of one bounded context: the bytes of its events, each in the version it was written in.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::message::Message;

/// One stored event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The event, bytes and version as written.
    pub message: Message,
    /// The id of the message that led to it.
    pub cause: String,
}

/// The events of one context, in the order in which they happened. A handle: clones speak of the same store.
#[derive(Debug, Clone)]
pub struct Store {
    events: Arc<Mutex<Vec<Stored>>>,
    length: watch::Sender<usize>,
}

impl Store {
    /// A store that holds `events` already.
    pub fn holding(events: Vec<Stored>) -> Store {
        let length = watch::Sender::new(events.len());
        Store { events: Arc::new(Mutex::new(events)), length }
    }

    /// Adds `events` at the end, all at once.
    pub fn append(&self, events: Vec<Stored>) {
        let mut stored = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        stored.extend(events);
        self.length.send_replace(stored.len());
    }

    /// Everything from position `from` on.
    pub fn read(&self, from: usize) -> Vec<Stored> {
        let stored = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        stored.get(from..).unwrap_or_default().to_vec()
    }

    /// How many events there are, and from now on will be.
    pub fn length(&self) -> watch::Receiver<usize> {
        self.length.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;
    use stele_evolution::version::Version;

    use super::*;

    fn stored(body: &'static str) -> Stored {
        let message = Message {
            id: "1".into(),
            subject: "OrderPlaced".into(),
            version: Version::FIRST,
            order: "7".into(),
            time: Timestamp::UNIX_EPOCH,
            body: Bytes::from_static(body.as_bytes()),
        };
        Stored { message, cause: "0".into() }
    }

    #[test]
    fn what_is_appended_is_read_byte_for_byte() {
        let store = Store::holding(vec![stored("{ }")]);

        store.append(vec![stored(r#"{"total": "1.10"}"#), stored("[1]")]);

        assert_eq!(store.read(1), [stored(r#"{"total": "1.10"}"#), stored("[1]")]);
        assert_eq!(store.read(4), []);
        assert_eq!(*store.length().borrow(), 3);
    }
}
