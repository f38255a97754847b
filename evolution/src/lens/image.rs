//! The image of a schema: the schemas of everything that a series of operations can make of its events.

use super::{
    Direction,
    op::Op,
    shape::{Shape, carry},
};
use crate::{containment::ContentModel, schema::Schema};

/// The image of `source`, if it can be told, and if every event of `source` has one. What comes out is an event of one
/// of the schemas at least.
pub(crate) fn image<'o>(
    ops: impl IntoIterator<Item = (&'o Op, Direction)>,
    source: &Schema,
    model: ContentModel,
) -> Option<Vec<Schema>> {
    let mut shapes = vec![Shape::of(source, model)];
    for (op, direction) in ops {
        shapes = carry(op, direction, shapes).ok()?;
    }
    shapes
        .into_iter()
        .map(|shape| {
            let (schema, total) = shape.finish(source);
            schema.filter(|_| total)
        })
        .collect()
}
