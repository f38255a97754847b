//! The second prover: the containment engine inside `jsonschema`, behind this one function.

use jsonschema::canonical::{self, Containment};

use crate::{
    budget::Budget,
    schema::{Formats, Schema, registry},
};

/// Whether `jsonschema::canonical` proves that `reader` takes everything `writer` emits, as written.
///
/// It has no time-out of its own, so it is asked only while there is budget left.
pub(super) fn covers(reader: &Schema, writer: &Schema, budget: &Budget<'_>) -> bool {
    if budget.is_spent()
        || reader.dialect() != writer.dialect()
        || reader.formats() != writer.formats()
    {
        return false;
    }
    let form = |schema: &Schema| {
        let registry = registry(schema.references(), None).ok()?;
        canonical::options()
            .offline()
            .with_draft(schema.dialect().draft())
            .should_validate_formats(schema.formats() == Formats::Assert)
            .with_registry(&registry)
            .canonicalize(schema.value())
            .ok()
    };
    match (form(reader), form(writer)) {
        (Some(reader), Some(writer)) => matches!(reader.covers(&writer), Ok(Containment::Yes)),
        _ => false,
    }
}
