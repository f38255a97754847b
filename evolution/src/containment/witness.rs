//! A witness is one event that the writer's schema accepts and the reader's refuses.

use serde_json::Value;

use super::{ContentModel, project, refutes, shrink::shrink, site::Site};
use crate::{budget::Budget, pointer::Pointer, schema::Schema};

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

impl Witness {
    /// The witness an event is, shrunk; `None` where it does not refute after all.
    pub(super) fn of(
        event: Value,
        writer: &Schema,
        reader: &Schema,
        model: ContentModel,
        budget: &Budget<'_>,
    ) -> Option<Witness> {
        let breaks = |event: &Value| refutes(event, writer, reader, model);
        if !breaks(&event) {
            return None;
        }
        let event = shrink(event, &breaks, budget);
        let read = match model {
            ContentModel::Strict => event.clone(),
            ContentModel::Event => project(reader, &event),
        };
        let invalid = reader.validate(&read).err()?;
        let instance_path = invalid.instance_path.parse().unwrap_or_default();
        Some(Witness {
            writer_path: place(writer, &instance_path, &event),
            instance_path: invalid.instance_path,
            keyword: invalid.keyword,
            reader_path: invalid.schema_path,
            message: invalid.message,
            event,
        })
    }
}

/// The JSON pointer of the schema object that speaks of an instance location, or of the nearest one above it.
fn place(schema: &Schema, instance: &Pointer, event: &Value) -> String {
    let normal = schema.normal();
    let mut site = Site::root(normal);
    let mut at = site.at(normal).unwrap_or_default().to_owned();
    let mut value = Some(event);
    for token in instance.tokens() {
        site = match (value, token.parse()) {
            (Some(Value::Array(_)), Ok(index)) => site.item(normal, index),
            _ => site.member(normal, token),
        };
        value = value.and_then(|value| Pointer::from_iter([token.as_str()]).find(value));
        match site.at(normal) {
            Some(pointer) => pointer.clone_into(&mut at),
            None => break,
        }
    }
    at
}
