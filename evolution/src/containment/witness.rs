//! A witness is one event that the writer's schema accepts and the reader's refuses.

use serde_json::Value;

/// The counterexample of a Breaking verdict, verified by the validator on both sides and shrunk.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness {
    /// The event as a producer on the writer's schema may emit it.
    pub event: Value,
    /// Where in the event the reader stumbles, as a JSON pointer.
    pub instance_path: String,
    /// The keyword of the reader's schema that fails.
    pub keyword: String,
    /// The place in the writer's schema that speaks of the instance, as a JSON pointer.
    pub writer_path: String,
    /// The keyword's place in the reader's schema, as a JSON pointer.
    pub reader_path: String,
    /// What the reader says, in a sentence.
    pub message: String,
}
