//! The second prover: the containment engine inside `jsonschema`, behind this one function.

use jsonschema::canonical::{self, Containment};

use crate::{
    budget::Budget,
    schema::{Formats, Schema, registry},
};

/// The largest schemas it is asked about, in bytes of canonical text: it has no time-out of its own.
const LARGEST: usize = 16 * 1024;
/// The stack it gets: it recurses through references as deep as they lead.
const STACK: usize = 32 * 1024 * 1024;

/// Whether `jsonschema::canonical` proves that `reader` takes everything `writer` emits, as written.
///
/// Asked only while there is budget left, and only about schemas of one dialect and at most [`LARGEST`].
pub(super) fn covers(reader: &Schema, writer: &Schema, budget: &Budget<'_>) -> bool {
    let comparable = reader.dialect() == writer.dialect() && reader.formats() == writer.formats();
    let small = [reader, writer].iter().all(|schema| schema.canonical().len() <= LARGEST);
    !budget.is_spent() && comparable && small && stacker::grow(STACK, || proves(reader, writer))
}

fn proves(reader: &Schema, writer: &Schema) -> bool {
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
